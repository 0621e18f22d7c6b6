//! Lists in which every member has rows of its own: exactly those, by their ids.

use leadbourse::platform::db::Reader;
use leadbourse_core::ids::{AuditId, OrganizationId};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use super::cast::Cast;
use super::member::Member;
use crate::each_engine;
use crate::harness::TestApp;

/// Ids of organizations and of lines of the audit log, each with its owner, newest first.
type Rows = Vec<(String, String)>;

async fn stored(app: &TestApp, sql: &str) -> Vec<(uuid::Uuid, uuid::Uuid)> {
    let tx = app.app.db.begin_read().await.unwrap();
    let statement = Statement::from_string(tx.conn().get_database_backend(), sql);
    let rows = tx.conn().query_all_raw(statement).await.unwrap();
    let column = |row: &sea_orm::QueryResult, name: &str| row.try_get("", name).unwrap();
    rows.iter().map(|row| (column(row, "id"), column(row, "owner"))).collect()
}

async fn organizations(app: &TestApp) -> Rows {
    let sql = "SELECT id, id AS owner FROM organizations ORDER BY id DESC";
    let print = |id| OrganizationId(id).to_string();
    stored(app, sql).await.into_iter().map(|(id, owner)| (print(id), print(owner))).collect()
}

async fn audit_log(app: &TestApp) -> Rows {
    let sql = "SELECT id, organization_id AS owner FROM audit_log ORDER BY id DESC";
    let stored = stored(app, sql).await.into_iter();
    stored.map(|(id, owner)| (AuditId(id).to_string(), OrganizationId(owner).to_string())).collect()
}

/// The ids of all pages of a list, or the code of its refusal.
async fn seen(member: &Member, field: &str) -> Result<Vec<String>, String> {
    let document = format!(
        "query($after: String) {{ {field}(first: 100, after: $after) \
         {{ nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let answer = member.ask(&document, json!({"after": after})).await;
        if let Some(code) = answer["errors"][0]["extensions"]["code"].as_str() {
            return Err(code.to_owned());
        }
        let page = &answer["data"][field];
        let nodes = page["nodes"].as_array().unwrap();
        all.extend(nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] != true {
            return Ok(all);
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

async fn own_organization(member: &Member) -> String {
    let answer = member.ask("{ viewer { organization { id } } }", json!({})).await;
    answer["data"]["viewer"]["organization"]["id"].as_str().unwrap().to_owned()
}

each_engine! {
    async fn members_see_exactly_their_own_rows_and_operators_all(app: TestApp) {
        let cast = Cast::gather(&app).await;
        let (organizations, audit_log) = (organizations(&app).await, audit_log(&app).await);
        assert_eq!(organizations.len(), 5);
        // Each of the five did something, so nobody's list is empty by chance.
        for (organization, _) in &organizations {
            let quiet = organization.as_str() == cast.things["other-buyer"]
                || organization.as_str() == cast.things["other-publisher"];
            let lines = audit_log.iter().filter(|(_, owner)| owner == organization).count();
            assert!(lines > 0 || quiet, "{organization} has no lines");
        }
        for (name, member) in &cast.members {
            if *name == "anonymous" {
                for field in ["organizations", "auditLog"] {
                    assert_eq!(seen(member, field).await, Err("UNAUTHENTICATED".to_owned()));
                }
                continue;
            }
            let operator =
                ["support", "auditor", "finance", "moderator", "admin"].contains(name);
            let own = own_organization(member).await;
            let visible = |rows: &Rows| -> Vec<String> {
                let rows = rows.iter().filter(|(_, owner)| operator || *owner == own);
                rows.map(|(id, _)| id.clone()).collect()
            };
            let found = seen(member, "organizations").await;
            assert_eq!(found, Ok(visible(&organizations)), "{name}: organizations");
            let reads_log = !operator || ["auditor", "admin"].contains(name);
            let expected =
                if reads_log { Ok(visible(&audit_log)) } else { Err("NOT_FOUND".to_owned()) };
            assert_eq!(seen(member, "auditLog").await, expected, "{name}: auditLog");
        }
        drop(cast);
        app.finish().await;
    }
}
