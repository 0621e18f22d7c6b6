//! Risk, and a moderator's decision.

use leadbourse::platform::audit;
use leadbourse::platform::paging::Page;
use leadbourse_core::access::Scope;
use leadbourse_core::lead::LeadState;
use serde_json::{Value, json};

use super::market::{Market, person, terms};
use crate::each_engine;

/// What the audit log says about decided leads.
async fn logged(market: &Market) -> Vec<(String, Value)> {
    let tx = market.db.begin_read().await.unwrap();
    let page = Page::new(None, None).unwrap();
    let lines = audit::list(&tx, Scope::All, &page).await.unwrap().items.into_iter();
    lines
        .filter(|line| line.action == "lead.decide_quarantine")
        .map(|line| (line.subject, line.detail))
        .collect()
}

each_engine! {
    async fn a_risky_lead_waits_and_is_sold_when_released(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(10_000).await;
        market.offer(buyer, terms(100, json!({}))).await;
        let source = market.source(1, None).await;
        let risky = json!({"fields": person(1), "honeypot": "gotcha"});
        let held = market.exchange.submit(market.request(&source, risky).await).await.unwrap().verdict;
        assert_eq!(held.state, LeadState::Quarantined);
        assert_eq!(held.reasons[0].code, "RISK_TOO_HIGH");
        assert_eq!(market.available(buyer).await, 10_000);

        market.exchange.decide_quarantine(&market.operator, held.lead_id, true, Some("a real person"), None).await.unwrap();
        let lead = market.leads.get(&market.operator, held.lead_id).await.unwrap();
        assert_eq!(lead.state, LeadState::Sold);
        assert_eq!(lead.verdict.awards.len(), 1);
        let chain = market.leads.chains(&market.operator, [&lead]).await.unwrap().remove(&lead.id).unwrap();
        let (events, valid) = (chain.events, chain.valid);
        let codes: Vec<_> = events.iter().map(|e| e.event.code.clone()).collect();
        assert_eq!(codes, ["RECEIVED", "QUARANTINED", "SOLD"]);
        assert!(valid && events[2].evidence.is_some());
        assert_eq!(logged(&market).await, [(held.lead_id.to_string(), json!({"release": true, "note": "a real person"}))]);
        let again = market.exchange.decide_quarantine(&market.operator, held.lead_id, true, None, None).await;
        assert_eq!(again.unwrap_err().problem().unwrap().code.name, "NOT_QUARANTINED");
        market.check().await;
        market.close().await;
    }

    async fn a_released_lead_keeps_what_its_sender_asked_for(db: TestDb) {
        let market = Market::open(&db).await;
        let buyers = [market.buyer(10_000).await, market.buyer(10_000).await];
        for buyer in buyers {
            market.offer(buyer, terms(100, json!({"max_sales": 3}))).await;
        }
        let source = market.source(3, None).await;
        let held = async |fields, more: serde_json::Value| {
            let mut body = json!({"fields": fields, "honeypot": "gotcha"});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            market.exchange.submit(market.request(&source, body).await).await.unwrap().verdict.lead_id
        };
        let one = held(person(1), json!({"max_sales": 1})).await;
        let dear = held(person(2), json!({"min_earning": 5_000})).await;
        let free = held(person(3), json!({})).await;
        for lead in [one, dear, free] {
            market.exchange.decide_quarantine(&market.operator, lead, true, None, None).await.unwrap();
        }
        let copies = async |id| market.leads.get(&market.operator, id).await.unwrap().copies;
        assert_eq!((copies(one).await, copies(dear).await, copies(free).await), (1, 0, 2));
        // Contact data of a sold lead is kept past the lock of its awards.
        let kept = market.number(
            "SELECT keep_until AS n FROM lead_contacts WHERE lead_id = $1", vec![free.uuid().into()]).await;
        let unsold = market.number(
            "SELECT keep_until AS n FROM lead_contacts WHERE lead_id = $1", vec![dear.uuid().into()]).await;
        assert_eq!(kept - unsold, 3 * leadbourse_core::time::DAY);
        market.check().await;
        market.close().await;
    }

    async fn a_risky_lead_is_refused_for_good(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(10_000).await;
        market.offer(buyer, terms(100, json!({}))).await;
        let source = market.source(1, None).await;
        let risky = json!({"fields": person(1), "honeypot": "gotcha"});
        let held = market.exchange.submit(market.request(&source, risky).await).await.unwrap().verdict;
        market.exchange.decide_quarantine(&market.operator, held.lead_id, false, None, None).await.unwrap();
        let lead = market.leads.get(&market.operator, held.lead_id).await.unwrap();
        assert_eq!((lead.state, lead.reason_code.as_deref()), (LeadState::Rejected, Some("RISK_REFUSED")));
        assert_eq!(market.count("awards").await, 0);
        assert_eq!(logged(&market).await, [(held.lead_id.to_string(), json!({"release": false, "note": null}))]);
        market.check().await;
        market.close().await;
    }

    async fn a_decision_that_cannot_be_written_down_is_not_taken(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(10_000).await;
        market.offer(buyer, terms(100, json!({}))).await;
        let source = market.source(1, None).await;
        let risky = json!({"fields": person(1), "honeypot": "gotcha"});
        let held = market.exchange.submit(market.request(&source, risky).await).await.unwrap().verdict;
        market.run("ALTER TABLE audit_log RENAME TO hidden", Vec::new()).await;
        let refused = market.exchange.decide_quarantine(&market.operator, held.lead_id, true, None, None).await;
        assert!(refused.is_err());
        market.run("ALTER TABLE hidden RENAME TO audit_log", Vec::new()).await;
        let lead = market.leads.get(&market.operator, held.lead_id).await.unwrap();
        assert_eq!(lead.state, LeadState::Quarantined);
        assert_eq!((market.count("awards").await, market.available(buyer).await), (0, 10_000));
        assert_eq!(logged(&market).await, []);
        market.check().await;
        market.close().await;
    }

    async fn a_decision_is_taken_once_per_key(db: TestDb) {
        let market = Market::open(&db).await;
        let buyer = market.buyer(10_000).await;
        market.offer(buyer, terms(100, json!({}))).await;
        let source = market.source(1, None).await;
        let held = async |n| {
            let risky = json!({"fields": person(n), "honeypot": "gotcha"});
            market.exchange.submit(market.request(&source, risky).await).await.unwrap().verdict.lead_id
        };
        let (lead, next) = (held(1).await, held(2).await);
        let decide = async |lead, release, key| {
            let outcome =
                market.exchange.decide_quarantine(&market.operator, lead, release, None, key).await;
            outcome.map_or_else(|error| error.problem().unwrap().code.name, |()| "OK")
        };
        let (one, two) =
            futures::future::join(decide(lead, true, Some("k")), decide(lead, true, Some("k"))).await;
        assert_eq!((one, two), ("OK", "OK"), "a retry that overtakes its first try");
        assert_eq!(decide(lead, true, Some("k")).await, "OK");
        assert_eq!(decide(lead, false, Some("k")).await, "IDEMPOTENCY_MISMATCH");
        assert_eq!(decide(next, true, Some("k")).await, "IDEMPOTENCY_MISMATCH");
        assert_eq!(decide(next, true, Some("")).await, "BAD_INPUT");
        assert_eq!(decide(lead, true, Some("other")).await, "NOT_QUARANTINED");
        assert_eq!(decide(lead, true, None).await, "NOT_QUARANTINED");
        assert_eq!((market.count("awards").await, market.available(buyer).await), (1, 9_900));
        assert_eq!(logged(&market).await.len(), 1, "one line of the audit log");
        assert_eq!(decide(next, false, Some("l")).await, "OK");
        assert_eq!(decide(next, false, Some("l")).await, "OK");
        assert_eq!(logged(&market).await.len(), 2);
        market.check().await;
        market.close().await;
    }
}
