//! The log: one row per event and postback, no contact data, a bounded age, and nothing of all this
//! for publishers without postbacks.

use futures::future::join_all;
use leadbourse::conversions::HAPPENED;
use leadbourse::notices::OnHappening;
use leadbourse::platform::db::Reader as _;
use leadbourse::platform::outbox::{Delivered, Handler as _};
use leadbourse_core::ids::OutboxId;
use leadbourse_core::notice::Happening;
use leadbourse_core::time::DAY;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::json;

use super::stage::{ALL, Stage};
use crate::delivery::stage::Stage as Bare;
use crate::each_engine;

/// What every column of a query's rows says, as one text.
async fn stored(stage: &Stage, column: &str, table: &str) -> String {
    let tx = stage.app.app.db.begin_read().await.unwrap();
    let sql = format!("SELECT {column} AS said FROM {table} ORDER BY id");
    let statement = Statement::from_string(tx.conn().get_database_backend(), sql);
    let rows = tx.conn().query_all_raw(statement).await.unwrap();
    let said = |row: &sea_orm::QueryResult| row.try_get::<Option<String>>("", "said").unwrap();
    rows.iter().filter_map(said).collect::<Vec<_>>().join("\n")
}

each_engine! {
    async fn publishers_without_postbacks_cost_no_message(db: TestDb) {
        let stage = Bare::set(&db).await;
        let topic = format!("SELECT COUNT(*) AS n FROM outbox WHERE topic = '{HAPPENED}'");
        stage.sell(1).await;
        assert_eq!(stage.market.number(&topic, vec![]).await, 0);
        stage.market.run("UPDATE organizations SET postbacks = 1", vec![]).await;
        stage.market.raise().await;
        stage.sell(2).await;
        // The lead and what was billed with it.
        assert_eq!(stage.market.number(&topic, vec![]).await, 2);
        stage.market.run("DELETE FROM outbox", vec![]).await;
        stage.market.close().await;
    }

    async fn an_event_that_is_found_twice_is_told_once(app: TestApp) {
        let stage = Stage::open(app).await;
        stage.postback("a", &["SOLD"], json!({})).await;
        stage.postback("b", &["SOLD"], json!({})).await;
        stage.send(1, json!({})).await;
        stage.heard(2).await;
        let log = stage.log_with("DELIVERED", 2).await;
        assert_eq!(log[0]["eventId"], log[1]["eventId"], "one event, two postbacks");
        let facts = stored(&stage, "facts", "notices").await;
        let happening: Happening = serde_json::from_str(facts.lines().next().unwrap()).unwrap();
        let message = Delivered {
            id: OutboxId::new(stage.app.clock.now()),
            topic: HAPPENED.to_owned(),
            key: happening.id().uuid(),
            payload: serde_json::to_value(&happening).unwrap(),
            created_at: stage.app.clock.now(),
            attempts: 2,
        };
        let handler = OnHappening(stage.app.app.notices.clone());
        let messages = [message.clone(), message];
        for done in join_all((0..4).map(|_| handler.handle(&messages))).await {
            done.unwrap();
        }
        stage.heard(2).await;
        assert_eq!(stage.log().await.len(), 2);
        stage.app.finish().await;
    }

    async fn contact_data_is_neither_in_the_log_nor_in_an_error(app: TestApp) {
        let stage = Stage::open(app).await;
        let words = "u={sub1}&x={external_id}&c={click_id}";
        stage.postback(words, ALL, json!({})).await;
        stage.tracker.says(500);
        let secret = json!({"external_id": "tell-nobody", "sub_ids": {"sub1": "tell-nobody"},
            "click_id": "tell-nobody"});
        stage.send(1, secret).await;
        stage.heard(2).await;
        stage.log_with("PENDING", 2).await;
        for (column, table) in [
            ("facts", "notices"),
            ("last_error", "notices"),
            ("error", "notice_attempts"),
            ("url", "publisher_postbacks"),
            ("payload", "outbox"),
            ("payload", "jobs"),
            ("detail", "audit_log"),
        ] {
            let said = stored(&stage, column, table).await;
            assert!(!said.contains("tell-nobody"), "{table}.{column}: {said}");
            assert!(!said.contains("+7916") && !said.contains("@mail"), "{table}.{column}");
        }
        assert!(stage.tracker.got()[0].asked.contains("u=tell-nobody&x=tell-nobody&c=tell-nobody"));
        // Once the lead is erased, what is told holds ids and sums only.
        let now = stage.app.clock.now().micros();
        let tx = stage.app.app.db.begin_write(&stage.app.clock).await.unwrap();
        for sql in [
            format!("UPDATE leads SET erased_at = {now}"),
            format!("UPDATE lead_contacts SET wrapped_key = NULL, ciphertext = NULL, erased_at = {now}"),
        ] {
            tx.conn().execute_unprepared(&sql).await.unwrap();
        }
        tx.commit().await.unwrap();
        stage.tracker.says(200);
        stage.app.clock.advance(leadbourse_core::time::MINUTE);
        let got = stage.heard(4).await;
        assert!(got[2..].iter().all(|call| call.asked.ends_with("?u=&x=&c=")));
        stage.log_with("DELIVERED", 2).await;
        stage.app.finish().await;
    }

    async fn the_log_is_filtered_and_forgets(app: TestApp) {
        let stage = Stage::open(app).await;
        let made = stage.postback("a", &["SOLD"], json!({})).await;
        let other = stage.postback("b", &["SOLD", "CONVERSION_APPROVED"], json!({})).await;
        let first = stage.send(1, json!({})).await;
        stage.app.clock.advance(1_000);
        stage.send(2, json!({})).await;
        stage.heard(4).await;
        stage.log_with("DELIVERED", 4).await;
        let count = async |filter: &str| {
            let field = format!("notices({filter})");
            stage.publisher.client.all(&field, "id").await.unwrap().len()
        };
        assert_eq!(count(&format!("postbackId: \"{}\"", made.id)).await, 2);
        assert_eq!(count(&format!("leadId: \"{}\"", first["lead_id"].as_str().unwrap())).await, 2);
        assert_eq!(count("state: DEAD").await, 0);
        let page = stage.publisher.client.query("{ notices(first: 3) { nodes { leadId } pageInfo { hasNextPage } } }", json!({}));
        let page = page.await.unwrap();
        assert_eq!(page["notices"]["pageInfo"]["hasNextPage"], true);
        assert_eq!(page["notices"]["nodes"][2]["leadId"], first["lead_id"], "newest first");

        stage.app.advance(6 * DAY).await;
        stage.log_with("DELIVERED", 6).await;
        stage.app.advance(25 * DAY).await;
        let left = stage.log_with("DELIVERED", 2).await;
        assert!(left.iter().all(|notice| notice["event"] == "CONVERSION_APPROVED"));
        assert!(left.iter().all(|notice| notice["postbackId"] == other.id.as_str()));
        assert_eq!(stored(&stage, "CAST(n AS TEXT)", "notice_attempts").await.lines().count(), 2);
        stage.app.finish().await;
    }
}
