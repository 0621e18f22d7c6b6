//! The audit log's chain.

use crate::each_engine;
use crate::harness::TestDb;
use leadbourse::platform::audit;
use leadbourse::platform::db::sql;
use leadbourse::platform::paging::Page;
use leadbourse_core::access::{Actor, OrgKind, Role, Scope};
use leadbourse_core::ids::{OrganizationId, UserId};
use leadbourse_core::time::DAY;
use serde_json::json;

fn actor(t: &TestDb) -> Actor {
    let (user, org) = (UserId::new(t.clock.now()), OrganizationId::new(t.clock.now()));
    Actor::member(user, org, OrgKind::Buyer, Role::Owner)
}

each_engine! {
    async fn lines_are_chained_and_changes_are_found(t: TestDb) {
        let (buyer, other) = (actor(&t), actor(&t));
        for n in 0..3 {
            let tx = t.db.begin_write(&t.clock).await.unwrap();
            audit::record(&tx, &buyer, "offer.pause", "ofr_1", json!({"n": n})).await.unwrap();
            audit::record(&tx, &other, "offer.close", "ofr_2", json!({})).await.unwrap();
            tx.commit().await.unwrap();
            t.clock.advance(DAY / 2);
        }
        let tx = t.db.begin_read().await.unwrap();
        assert_eq!(audit::verify(&tx).await.unwrap(), (6, vec![]));
        let page = Page { first: 2, after: None };
        let own = audit::list(&tx, Scope::Org(buyer.org), &page).await.unwrap();
        assert!(own.has_next && own.items.len() == 2);
        assert_eq!(own.items[0].detail, json!({"n": 2}), "newest first");
        assert_eq!(own.items[0].actor, audit::actor_text(&buyer));
        assert_eq!(audit::list(&tx, Scope::All, &Page::default()).await.unwrap().items.len(), 6);
        drop(tx);
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        let forge = "UPDATE audit_log SET subject = 'ofr_9' WHERE subject = 'ofr_1' AND seq = 1";
        assert!(sql::run(&tx, forge, []).await.unwrap() > 0);
        let (_, breaks) = audit::verify(&tx).await.unwrap();
        assert!(!breaks.is_empty() && breaks.iter().all(|b| b.organization_id == buyer.org));
        tx.rollback().await.unwrap();
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        sql::run(&tx, "DELETE FROM audit_log WHERE subject = 'ofr_2' AND seq = 2", []).await.unwrap();
        let (_, breaks) = audit::verify(&tx).await.unwrap();
        assert!(breaks.iter().any(|b| b.organization_id == other.org), "a cut tail is found");
    }

    async fn lines_written_at_once_keep_their_order(t: TestDb) {
        let who = actor(&t);
        let mut tasks = Vec::new();
        for n in 0..10 {
            let (db, clock) = (t.db.clone(), t.clock.clone());
            tasks.push(tokio::spawn(async move {
                let tx = db.begin_write(&clock).await.unwrap();
                audit::record(&tx, &who, "x.y", &n.to_string(), json!({})).await.unwrap();
                tx.commit().await.unwrap();
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        let tx = t.db.begin_read().await.unwrap();
        assert_eq!(audit::verify(&tx).await.unwrap(), (10, vec![]));
    }
}
