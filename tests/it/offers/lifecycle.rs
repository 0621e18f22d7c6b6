use leadbourse::offers::{OfferFilter, PauseReason, pause_in};
use leadbourse_core::access::{Actor, OrgKind, Role};
use leadbourse_core::account::state::OrgState;
use leadbourse_core::offer::state::OfferState;

use crate::each_engine;
use crate::harness::parties::{Parties, code, page, terms};

each_engine! {
    async fn each_step_raises_the_epoch_and_wrong_steps_change_nothing(db: TestDb) {
        let parties = Parties::over(db).await;
        let offers = &parties.offers;
        let niche = parties.mortgage().await;
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let offer = parties.active_offer(&buyer, &niche, terms(|_| {})).await;
        let mut epoch = parties.epoch(&niche).await;
        let mut rises = async |by: i64| {
            let now = parties.epoch(&niche).await;
            assert_eq!(now, epoch + by);
            epoch = now;
        };
        assert_eq!(code(offers.resume(&buyer, offer.id, None).await), "INVALID_STATE");
        rises(0).await;
        let paused = offers.pause(&buyer, offer.id, None).await.unwrap();
        assert_eq!((paused.state, paused.pause_reason.as_deref()), (OfferState::Paused, Some("BUYER")));
        rises(1).await;
        assert_eq!(code(offers.pause(&buyer, offer.id, None).await), "INVALID_STATE");
        let active = offers.resume(&buyer, offer.id, None).await.unwrap();
        assert_eq!((active.state, active.pause_reason), (OfferState::Active, None));
        rises(1).await;

        let stopped = offers.pause(&parties.admin, offer.id, None).await.unwrap();
        assert_eq!(stopped.pause_reason.as_deref(), Some("OPERATOR"));
        assert_eq!(code(offers.resume(&buyer, offer.id, None).await), "PAUSED_BY_OPERATOR");
        assert_eq!(code(offers.resume(&parties.admin, offer.id, None).await), "OK");
        rises(2).await;

        let tx = parties.db.db.begin_write(&parties.db.clock).await.unwrap();
        assert!(pause_in(&tx, offer.id, PauseReason::Unfunded).await.unwrap());
        assert!(!pause_in(&tx, offer.id, PauseReason::Unfunded).await.unwrap());
        tx.commit().await.unwrap();
        let held = offers.get(&buyer, offer.id).await.unwrap();
        assert_eq!(held.pause_reason.as_deref(), Some("UNFUNDED"));

        parties.decide(buyer, OrgState::Suspended).await;
        assert_eq!(code(offers.resume(&buyer, offer.id, None).await), "ORGANIZATION_NOT_ACTIVE");
        assert_eq!(code(offers.close(&buyer, offer.id, None).await), "OK");
        assert_eq!(code(offers.close(&buyer, offer.id, None).await), "INVALID_STATE");
        parties.audit_lines().await;
    }

    async fn offers_are_seen_and_steered_by_their_buyer_and_operators_only(db: TestDb) {
        let parties = Parties::over(db).await;
        let offers = &parties.offers;
        let niche = parties.mortgage().await;
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let other = parties.owner(OrgKind::Buyer, "bob").await;
        let publisher = parties.owner(OrgKind::Publisher, "pub").await;
        let offer = parties.active_offer(&buyer, &niche, terms(|_| {})).await;
        let analyst = Actor { role: Role::Analyst, ..buyer };
        assert_eq!(code(offers.get(&analyst, offer.id).await), "OK");
        assert_eq!(code(offers.pause(&analyst, offer.id, None).await), "NOT_FOUND");
        let auditor = Actor { role: Role::Auditor, ..parties.admin };
        assert_eq!(code(offers.get(&auditor, offer.id).await), "OK");
        assert_eq!(code(offers.pause(&auditor, offer.id, None).await), "NOT_FOUND");
        for stranger in [&other, &publisher] {
            assert_eq!(code(offers.get(stranger, offer.id).await), "NOT_FOUND");
            assert_eq!(code(offers.pause(stranger, offer.id, None).await), "NOT_FOUND");
            assert_eq!(code(offers.close(stranger, offer.id, None).await), "NOT_FOUND");
            let version = offer.current_version_id.unwrap();
            assert_eq!(code(offers.version(stranger, version).await), "NOT_FOUND");
            assert_eq!(code(offers.diff(stranger, version).await), "NOT_FOUND");
        }
        let count = async |actor, filter: OfferFilter| {
            offers.list(actor, &filter, &page()).await.unwrap().items.len()
        };
        let all = OfferFilter::default();
        assert_eq!(count(&buyer, all).await, 1);
        assert_eq!(count(&other, all).await, 0);
        assert_eq!(count(&parties.admin, all).await, 1);
        assert_eq!(count(&other, OfferFilter { buyer_id: Some(buyer.org), ..all }).await, 0);
        let drafts = OfferFilter { state: Some(OfferState::Draft), ..all };
        assert_eq!(count(&parties.admin, drafts).await, 0);
        assert!(offers.history(&other, &[offer.id]).await.unwrap().is_empty());
        assert_eq!(code(offers.list(&publisher, &all, &page()).await), "NOT_FOUND");
        assert_eq!(code(offers.in_review(&buyer, &page()).await), "NOT_FOUND");
    }
}
