//! Decisions with idempotency keys: the same answer again, and nothing done twice.

use leadbourse::offers::{Answer, NewSource, Review};
use leadbourse_core::access::OrgKind;
use leadbourse_core::account::state::OrgState;
use leadbourse_core::offer::participation::ParticipationState as S;
use leadbourse_core::offer::source::{SourceInput, SourceKind, SourceState};
use leadbourse_core::offer::state::OfferState;
use serde_json::json;

use crate::each_engine;
use crate::harness::parties::{Parties, code, page, terms};

each_engine! {
    async fn an_offer_is_steered_once_per_key(db: TestDb) {
        let parties = Parties::over(db).await;
        let offers = &parties.offers;
        let niche = parties.mortgage().await;
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let offer = parties.active_offer(&buyer, &niche, terms(|_| {})).await;
        let other = parties.active_offer(&buyer, &niche, terms(|_| {})).await;

        let paused = offers.pause(&buyer, offer.id, Some("p")).await.unwrap();
        let (epoch, lines) = (parties.epoch(&niche).await, parties.audit_lines().await);
        assert_eq!(offers.pause(&buyer, offer.id, Some("p")).await.unwrap(), paused);
        assert_eq!(code(offers.pause(&buyer, other.id, Some("p")).await), "IDEMPOTENCY_MISMATCH");
        assert_eq!(code(offers.resume(&buyer, offer.id, Some("p")).await), "IDEMPOTENCY_MISMATCH");
        assert_eq!(code(offers.pause(&buyer, offer.id, Some("")).await), "BAD_INPUT");
        assert_eq!(parties.epoch(&niche).await, epoch, "nothing was done again");
        assert_eq!(parties.audit_lines().await, lines);
        // A refusal leaves the key free, and other people have keys of their own.
        assert_eq!(code(offers.pause(&buyer, offer.id, Some("q")).await), "INVALID_STATE");
        assert_eq!(code(offers.resume(&buyer, offer.id, Some("q")).await), "OK");
        assert_eq!(code(offers.pause(&parties.admin, other.id, Some("p")).await), "OK");

        let closed = offers.close(&buyer, offer.id, Some("c")).await.unwrap();
        assert_eq!(offers.close(&buyer, offer.id, Some("c")).await.unwrap(), closed);
        assert_eq!(closed.state, OfferState::Closed);
        let late = offers.resume(&buyer, offer.id, Some("q")).await.unwrap();
        assert_eq!(late.state, OfferState::Closed, "the object is shown as it stands");
    }

    async fn operators_decide_once_per_key(db: TestDb) {
        let parties = Parties::over(db).await;
        let (offers, admin) = (&parties.offers, &parties.admin);
        let niche = parties.mortgage().await;
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let offer = offers.create(&buyer, niche.id, "Loans", terms(|_| {})).await.unwrap();
        offers.submit(&buyer, offer.id).await.unwrap();
        let version = offers.in_review(admin, &page()).await.unwrap().items[0].id;
        let yes = Review { approve: true, note: None, effective_at: None };
        let no = Review { approve: false, note: Some("No".to_owned()), effective_at: None };
        let active = offers.review(admin, version, &yes, Some("r")).await.unwrap();
        assert_eq!(active.state, OfferState::Active);
        assert_eq!(offers.review(admin, version, &yes, Some("r")).await.unwrap(), active);
        let other = offers.review(admin, version, &no, Some("r")).await;
        assert_eq!(code(other), "IDEMPOTENCY_MISMATCH");
        assert_eq!(code(offers.review(admin, version, &yes, None).await), "INVALID_STATE");

        let publisher = parties.owner(OrgKind::Publisher, "pub").await;
        let new = NewSource {
            niche_id: niche.id,
            kind: SourceKind::Api,
            input: SourceInput {
                name: "Flow".to_owned(), traffic: "Search".to_owned(), max_sales: 1, min_earning: None,
            },
            target: None,
            fallback: leadbourse_core::offer::source::Fallback::None,
        };
        let (source, _) = offers.create_source(&publisher, new).await.unwrap();
        let decided = offers.decide_source(admin, source.id, true, None, Some("s")).await.unwrap();
        assert_eq!(decided.state, SourceState::Active);
        let again = offers.decide_source(admin, source.id, true, None, Some("s")).await.unwrap();
        assert_eq!(again, decided);
        let other = offers.decide_source(admin, source.id, false, Some("No"), Some("s")).await;
        assert_eq!(code(other), "IDEMPOTENCY_MISMATCH");

        let accounts = &parties.accounts;
        let decide = async |to, key| {
            accounts.decide_organization(admin, buyer.org, to, None, Some(key)).await
        };
        let closed = decide(OrgState::Closed, "o").await.unwrap();
        let lines = parties.audit_lines().await;
        assert_eq!(decide(OrgState::Closed, "o").await.unwrap(), closed);
        assert_eq!(code(decide(OrgState::Suspended, "o").await), "IDEMPOTENCY_MISMATCH");
        assert_eq!(code(decide(OrgState::Closed, "new").await), "INVALID_STATE");
        assert_eq!(parties.audit_lines().await, lines);
    }

    async fn a_buyer_answers_a_publisher_once_per_key(db: TestDb) {
        let parties = Parties::over(db).await;
        let offers = &parties.offers;
        let niche = parties.mortgage().await;
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let publisher = parties.owner(OrgKind::Publisher, "pub").await;
        let asked = terms(|t| t["visibility"] = json!("BY_APPLICATION"));
        let offer = parties.active_offer(&buyer, &niche, asked).await;
        let place = offers.apply(&publisher, offer.id, None).await.unwrap();
        let decide = async |to, key| {
            let answer = Answer { to, note: None, price: None };
            offers.decide_participation(&buyer, place.id, &answer, Some(key)).await
        };
        // The same request twice at once: a retry that overtakes its first try.
        let (one, two) =
            futures::future::join(decide(S::Approved, "k"), decide(S::Approved, "k")).await;
        assert_eq!(one.unwrap(), two.unwrap());
        assert_eq!(code(decide(S::Revoked, "k").await), "IDEMPOTENCY_MISMATCH");
        assert_eq!(code(decide(S::Declined, "l").await), "INVALID_STATE");
        assert_eq!(decide(S::Revoked, "l").await.unwrap().state, S::Revoked);
        assert_eq!(decide(S::Approved, "k").await.unwrap().state, S::Revoked);
        parties.audit_lines().await;
    }
}
