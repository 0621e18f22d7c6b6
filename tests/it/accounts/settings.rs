use leadbourse::accounts::OrganizationPatch;
use leadbourse::platform::db::sql;
use leadbourse_core::access::{Actor, OrgKind, Role};
use leadbourse_core::account::state::OrgState;
use serde_json::{Value, json};

use crate::each_engine;
use crate::harness::parties::{Parties, code};

fn patch(name: &str, country: Option<&str>, zone: &str) -> OrganizationPatch {
    OrganizationPatch {
        name: Some(name.to_owned()),
        country: Some(country.map(str::to_owned)),
        time_zone: Some(zone.to_owned()),
    }
}

/// What the audit log says of changed settings, oldest first.
async fn logged(parties: &Parties) -> Vec<Value> {
    let tx = parties.db.db.begin_read().await.unwrap();
    let text = "SELECT detail FROM audit_log WHERE action = 'organization.update' ORDER BY seq";
    let rows = sql::all(&tx, text, []).await.unwrap();
    rows.iter()
        .map(|row| serde_json::from_str(&row.try_get::<String>("", "detail").unwrap()).unwrap())
        .collect()
}

each_engine! {
    async fn an_owner_changes_the_name_country_and_time_zone(db: TestDb) {
        let parties = Parties::over(db).await;
        let accounts = &parties.accounts;
        let owner = parties.owner(OrgKind::Buyer, "ann").await;
        let other = parties.owner(OrgKind::Buyer, "bob").await;
        let was = accounts.organization(&owner, owner.org).await.unwrap();

        let changed = accounts
            .update_organization(&owner, patch("  Bank of the North ", Some("KZ"), "Asia/Almaty"))
            .await
            .unwrap();
        let seen = accounts.organization(&owner, owner.org).await.unwrap();
        assert_eq!(changed, seen);
        assert_eq!(
            (seen.name.as_str(), seen.country.as_deref(), seen.time_zone.as_str(), seen.state),
            ("Bank of the North", Some("KZ"), "Asia/Almaty", OrgState::Active)
        );
        assert_eq!((seen.decided_at, seen.created_at), (was.decided_at, was.created_at));

        let only_name =
            OrganizationPatch { name: Some("North".to_owned()), ..OrganizationPatch::default() };
        let named = accounts.update_organization(&owner, only_name.clone()).await.unwrap();
        assert_eq!((named.country.as_deref(), named.time_zone.as_str()), (Some("KZ"), "Asia/Almaty"));
        accounts.update_organization(&owner, only_name).await.unwrap();
        let bare = patch("North", None, "Asia/Almaty");
        let bare = accounts.update_organization(&owner, bare).await.unwrap();
        assert_eq!(bare.country, None);

        let said = |name: &str, country: Option<&str>, zone: &str| {
            json!({"name": name, "country": country, "time_zone": zone})
        };
        let first = said(&was.name, was.country.as_deref(), &was.time_zone);
        let second = said("Bank of the North", Some("KZ"), "Asia/Almaty");
        let third = said("North", Some("KZ"), "Asia/Almaty");
        let fourth = said("North", None, "Asia/Almaty");
        assert_eq!(
            logged(&parties).await,
            [
                json!({"from": first, "to": second}),
                json!({"from": second, "to": third}),
                json!({"from": third, "to": fourth}),
            ],
            "what changed is logged; what did not, is not"
        );
        let untouched = accounts.organization(&other, other.org).await.unwrap();
        assert_ne!(untouched.name, "North");
        parties.audit_lines().await;
    }

    async fn settings_are_checked_and_only_the_owner_changes_them(db: TestDb) {
        let parties = Parties::over(db).await;
        let accounts = &parties.accounts;
        let owner = parties.owner(OrgKind::Publisher, "pub").await;
        let was = accounts.organization(&owner, owner.org).await.unwrap();
        for (wrong, expected) in [
            (patch(" ", None, "UTC"), "REQUIRED"),
            (patch(&"x".repeat(121), None, "UTC"), "TOO_LONG"),
            (patch("Site", Some("Russia"), "UTC"), "BAD_COUNTRY"),
            (patch("Site", None, "Mars/Phobos"), "BAD_TIME_ZONE"),
        ] {
            assert_eq!(code(accounts.update_organization(&owner, wrong).await), expected);
        }
        for role in [Role::Manager, Role::Analyst] {
            let actor = Actor { role, ..owner };
            let refused = accounts.update_organization(&actor, patch("Site", None, "UTC")).await;
            assert_eq!(code(refused), "NOT_FOUND");
        }
        assert_eq!(accounts.organization(&owner, owner.org).await.unwrap(), was);

        parties.decide(owner, OrgState::Closed).await;
        let late = accounts.update_organization(&owner, patch("Site", None, "UTC")).await;
        assert_eq!(code(late), "INVALID_STATE");
        assert_eq!(logged(&parties).await, Vec::<Value>::new());
    }
}
