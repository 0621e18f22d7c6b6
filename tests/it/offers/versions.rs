use leadbourse::offers::{Review, VersionDue};
use leadbourse::platform::jobs::Runner;
use leadbourse_core::access::{Actor, OrgKind, Role};
use leadbourse_core::offer::state::{OfferState, VersionState};
use leadbourse_core::time::{DAY, HOUR};
use serde_json::json;
use std::sync::Arc;

use crate::each_engine;
use crate::harness::parties::{Parties, code, page, terms};

async fn states(
    parties: &Parties,
    actor: &Actor,
    offer: leadbourse_core::ids::OfferId,
) -> Vec<VersionState> {
    let history = parties.offers.history(actor, &[offer]).await.unwrap();
    history[&offer].iter().map(|version| version.state).collect()
}

fn runner(parties: &Parties) -> Runner {
    let due = Arc::new(VersionDue(parties.offers.clone()));
    Runner::new(parties.db.db.clone(), parties.db.clock.clone())
        .on(leadbourse::offers::VERSION_DUE, due)
}

each_engine! {
    async fn an_offer_goes_from_draft_through_review_to_active(db: TestDb) {
        let parties = Parties::over(db).await;
        let offers = &parties.offers;
        let niche = parties.mortgage().await;
        let buyer = parties.sign_up(OrgKind::Buyer, "ann").await.actor;
        let cheap = terms(|t| t["goals"][0]["price"] = json!(1));
        assert_eq!(code(offers.create(&buyer, niche.id, "x", cheap.clone()).await), "TERMS_PRICE_FLOOR");
        assert_eq!(offers.problems(&buyer, niche.id, &cheap).await.unwrap().len(), 1);
        let publisher = parties.owner(OrgKind::Publisher, "pub").await;
        let denied = offers.create(&publisher, niche.id, "x", terms(|_| {})).await;
        assert_eq!(code(denied), "NOT_FOUND");

        let offer = offers.create(&buyer, niche.id, " Loans ", terms(|_| {})).await.unwrap();
        assert_eq!((offer.name.as_str(), offer.state), ("Loans", OfferState::Draft));
        assert_eq!(code(offers.submit(&buyer, offer.id).await), "ORGANIZATION_NOT_ACTIVE");
        parties.decide(buyer, leadbourse_core::account::state::OrgState::Active).await;
        let submitted = offers.submit(&buyer, offer.id).await.unwrap();
        assert_eq!(submitted.state, OfferState::InReview);
        assert_eq!(code(offers.submit(&buyer, offer.id).await), "OFFER_NOTHING_TO_SUBMIT");

        let waiting = offers.in_review(&parties.admin, &page()).await.unwrap();
        let version = waiting.items[0].id;
        assert_eq!(offers.count_pending(&parties.admin).await.unwrap(), (1, 0));
        let silent = Review { approve: false, note: None, effective_at: None };
        assert_eq!(code(offers.review(&parties.admin, version, &silent, None).await), "NOTE_REQUIRED");
        let no = Review { note: Some("Too vague".to_owned()), ..silent.clone() };
        assert_eq!(code(offers.review(&buyer, version, &no, None).await), "NOT_FOUND");
        let finance = Actor { role: Role::Finance, ..parties.admin };
        assert_eq!(code(offers.review(&finance, version, &no, None).await), "NOT_FOUND");
        let refused = offers.review(&parties.admin, version, &no, None).await.unwrap();
        assert_eq!(refused.state, OfferState::Draft);
        assert_eq!(states(&parties, &buyer, offer.id).await, [VersionState::Refused]);

        let better = offers.revise(&buyer, offer.id, None, terms(|_| {})).await.unwrap();
        let before = parties.epoch(&niche).await;
        let active = parties.approve(&buyer, &better, None).await;
        assert_eq!(active.state, OfferState::Active);
        assert!(active.current_version_id.is_some());
        assert!(parties.epoch(&niche).await > before);
        let again = Review { approve: true, note: None, effective_at: None };
        let twice = offers.review(&parties.admin, active.current_version_id.unwrap(), &again, None).await;
        assert_eq!(code(twice), "INVALID_STATE");
        assert_eq!(offers.get(&buyer, offer.id).await.unwrap().state, OfferState::Active);
        parties.audit_lines().await;
    }

    async fn the_old_version_rules_until_the_new_one_begins(db: TestDb) {
        let parties = Parties::over(db).await;
        let (offers, runner) = (&parties.offers, runner(&parties));
        let niche = parties.mortgage().await;
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let offer = parties.active_offer(&buyer, &niche, terms(|_| {})).await;
        let first = offer.current_version_id;
        assert_eq!(
            code(offers.revise(&buyer, offer.id, None, terms(|_| {})).await),
            "OFFER_UNCHANGED"
        );
        let dearer = terms(|t| {
            t["goals"][0]["price"] = json!(120_000);
            t["caps"] = json!([]);
        });
        offers.revise(&buyer, offer.id, Some("Loans, dearer"), dearer).await.unwrap();
        let tomorrow = parties.db.clock.now().plus(DAY);
        let waiting = parties.approve(&buyer, &offer, Some(tomorrow)).await;
        assert_eq!((waiting.state, waiting.current_version_id), (OfferState::Active, first));
        assert_eq!(
            states(&parties, &buyer, offer.id).await,
            [VersionState::Effective, VersionState::Effective]
        );
        let history = offers.history(&buyer, &[offer.id]).await.unwrap();
        let second = history[&offer.id][0].id;
        let diff = offers.diff(&buyer, second).await.unwrap();
        let paths: Vec<_> = diff.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(paths, ["goals[LEAD].price", "caps[DAY]"]);
        assert_eq!(diff[0].after, Some(json!(120_000)));
        assert!(offers.diff(&buyer, first.unwrap()).await.unwrap().is_empty());

        runner.drain().await.unwrap();
        assert_eq!(offers.get(&buyer, offer.id).await.unwrap().current_version_id, first);
        let before = parties.epoch(&niche).await;
        parties.db.clock.advance(DAY);
        runner.drain().await.unwrap();
        let now = offers.get(&buyer, offer.id).await.unwrap();
        assert_eq!(now.current_version_id, Some(second));
        assert_eq!(parties.epoch(&niche).await, before + 1, "the books are read again");
        assert_eq!(
            states(&parties, &buyer, offer.id).await,
            [VersionState::Effective, VersionState::Superseded]
        );
    }

    async fn a_newer_version_overtakes_one_that_has_not_begun(db: TestDb) {
        let parties = Parties::over(db).await;
        let (offers, runner) = (&parties.offers, runner(&parties));
        let niche = parties.mortgage().await;
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let offer = parties.active_offer(&buyer, &niche, terms(|_| {})).await;
        let price = |minor: i64| terms(|t| t["goals"][0]["price"] = json!(minor));
        let now = parties.db.clock.now();
        offers.revise(&buyer, offer.id, None, price(200_000)).await.unwrap();
        parties.approve(&buyer, &offer, Some(now.plus(2 * DAY))).await;
        offers.revise(&buyer, offer.id, None, price(300_000)).await.unwrap();
        parties.approve(&buyer, &offer, Some(now.plus(DAY))).await;
        use VersionState::{Effective, Superseded};
        assert_eq!(states(&parties, &buyer, offer.id).await, [Effective, Superseded, Effective]);
        parties.db.clock.advance(3 * DAY);
        runner.drain().await.unwrap();
        assert_eq!(states(&parties, &buyer, offer.id).await, [Effective, Superseded, Superseded]);
        let current = offers.get(&buyer, offer.id).await.unwrap().current_version_id.unwrap();
        assert_eq!(offers.version(&buyer, current).await.unwrap().version, 3);
    }

    async fn a_revision_takes_the_place_of_what_is_not_decided(db: TestDb) {
        let parties = Parties::over(db).await;
        let offers = &parties.offers;
        let niche = parties.mortgage().await;
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let offer = offers.create(&buyer, niche.id, "Loans", terms(|_| {})).await.unwrap();
        offers.submit(&buyer, offer.id).await.unwrap();
        let waiting = offers.in_review(&parties.admin, &page()).await.unwrap().items[0].id;
        let revised = terms(|t| t["min_score"] = json!(50));
        let back = offers.revise(&buyer, offer.id, None, revised.clone()).await.unwrap();
        assert_eq!(back.state, OfferState::Draft, "the review of the old text is off");
        let review = Review { approve: true, note: None, effective_at: None };
        let late = offers.review(&parties.admin, waiting, &review, None).await;
        assert_eq!(code(late), "INVALID_STATE", "an operator cannot approve what was replaced");
        let renamed = offers.revise(&buyer, offer.id, Some("Best loans"), revised).await.unwrap();
        assert_eq!(renamed.name, "Best loans");
        assert_eq!(
            states(&parties, &buyer, offer.id).await,
            [VersionState::Draft, VersionState::Superseded]
        );
        parties.db.clock.advance(HOUR);
        offers.close(&buyer, offer.id, None).await.unwrap();
        let late = offers.revise(&buyer, offer.id, None, terms(|_| {})).await;
        assert_eq!(code(late), "INVALID_STATE");
    }

    async fn two_operators_approve_once(db: TestDb) {
        let parties = Parties::over(db).await;
        let offers = &parties.offers;
        let niche = parties.mortgage().await;
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let offer = offers.create(&buyer, niche.id, "Loans", terms(|_| {})).await.unwrap();
        offers.submit(&buyer, offer.id).await.unwrap();
        let version = offers.in_review(&parties.admin, &page()).await.unwrap().items[0].id;
        let yes = Review { approve: true, note: None, effective_at: None };
        let no = Review { approve: false, note: Some("No".to_owned()), effective_at: None };
        let reviews = [&yes, &no, &yes, &no].map(|review| {
            offers.review(&parties.admin, version, review, None)
        });
        let outcomes = futures::future::join_all(reviews).await;
        let mut codes: Vec<_> = outcomes.into_iter().map(code).collect();
        codes.sort_unstable();
        assert_eq!(codes, ["INVALID_STATE", "INVALID_STATE", "INVALID_STATE", "OK"]);
        parties.audit_lines().await;
    }
}
