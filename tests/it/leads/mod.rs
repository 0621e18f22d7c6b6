//! Leads: who sees what, reveals, and that every forgery is found.

mod batched;

use leadbourse_core::access::{Actor, OrgKind, Principal, Role};
use leadbourse_core::ids::{OrganizationId, UserId};
use serde_json::json;

use crate::each_engine;
use crate::exchange::market::{Market, person, terms};

fn member(org: OrganizationId, kind: OrgKind, role: Role) -> Actor {
    let user = UserId::new(leadbourse_core::time::Timestamp::from_micros(1));
    Actor {
        principal: Principal::User(user),
        org,
        kind,
        role,
        scopes: leadbourse_core::access::Actions::ALL,
    }
}

each_engine! {
    async fn buyers_see_contacts_others_see_masks_and_strangers_nothing(db: TestDb) {
        let market = Market::open(&db).await;
        let (buyer, other) = (market.buyer(10_000).await, market.buyer(10_000).await);
        market.offer(buyer, terms(100, json!({}))).await;
        let source = market.source(1, None).await;
        let id = market.send(&source, person(1)).await.unwrap().verdict.lead_id;
        let schema = market.exchange.niche(market.niche).unwrap().schema.clone();
        let seen = async |actor: Actor| {
            let lead = market.leads.get(&actor, id).await?;
            market.leads.fields(&actor, &lead, &schema).await
        };
        let (fields, masked) = seen(member(buyer, OrgKind::Buyer, Role::Owner)).await.unwrap();
        assert!(!masked && fields["phone"] == "+79160000001");
        let (fields, masked) =
            seen(member(source.publisher, OrgKind::Publisher, Role::Owner)).await.unwrap();
        assert!(masked && fields["phone"] == "+7••••••••01");
        let (_, masked) = seen(market.operator).await.unwrap();
        assert!(masked);
        assert!(seen(member(other, OrgKind::Buyer, Role::Owner)).await.is_err());
        assert!(seen(member(other, OrgKind::Publisher, Role::Owner)).await.is_err());
        market.close().await;
    }

    async fn a_reveal_needs_a_reason_and_leaves_a_trace(db: TestDb) {
        let market = Market::open(&db).await;
        let source = market.source(1, None).await;
        let id = market.send(&source, person(1)).await.unwrap().verdict.lead_id;
        let support = member(market.operator.org, OrgKind::Operator, Role::Support);
        assert!(market.leads.reveal(&support, id, "a good reason").await.is_err());
        assert!(market.leads.reveal(&market.operator, id, " x ").await.is_err());
        let contact = market.leads.reveal(&market.operator, id, "the person asked").await.unwrap();
        assert_eq!(contact.fields["phone"], "+79160000001");
        let lead = market.leads.get(&market.operator, id).await.unwrap();
        let chain = market.leads.chains(&market.operator, [&lead]).await.unwrap().remove(&id).unwrap();
        assert!(chain.valid);
        let events = chain.events;
        assert_eq!(events.last().unwrap().event.code, "REVEALED");
        assert_eq!(events.last().unwrap().evidence, Some(json!({"reason": "the person asked"})));
        assert_eq!(market.count("audit_log").await, 1);
        market.check().await;
        market.close().await;
    }

    async fn every_forgery_is_found_and_erasure_is_none(db: TestDb) {
        let market = Market::open(&db).await;
        let source = market.source(1, None).await;
        for n in 0..4 {
            market.send(&source, person(n)).await.unwrap();
        }
        market.check().await;
        market
            .run("UPDATE lead_contacts SET wrapped_key = NULL, ciphertext = NULL, erased_at = 1 \
                  WHERE lead_id IN (SELECT id FROM leads ORDER BY id LIMIT 1)", vec![])
            .await;
        let report = market.leads.verify().await.unwrap();
        assert_eq!((report.leads, report.erased, report.faults.len()), (4, 1, 0));
        market
            .run("UPDATE leads SET trace = '{\"entries\":[]}' WHERE id IN \
                  (SELECT id FROM leads ORDER BY id DESC LIMIT 1)", vec![])
            .await;
        market.run("UPDATE lead_events SET code = 'SOLD' WHERE seq = 2 AND lead_id IN \
                    (SELECT id FROM leads ORDER BY id LIMIT 1)", vec![]).await;
        let report = market.leads.verify().await.unwrap();
        assert_eq!(report.faults.len(), 2, "{:?}", report.faults);
        market.close().await;
    }
}
