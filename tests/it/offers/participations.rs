use leadbourse::offers::{Answer, ParticipationFilter};
use leadbourse::platform::db::sql;
use leadbourse::platform::paging::{Cursor, Page};
use leadbourse_core::access::OrgKind;
use leadbourse_core::account::state::OrgState;
use leadbourse_core::offer::participation::ParticipationState as S;
use serde_json::json;

use crate::each_engine;
use crate::harness::parties::{Parties, code, page, terms};

fn answer(to: S) -> Answer {
    Answer { to, note: Some("note".to_owned()), price: None }
}

each_engine! {
    async fn publishers_ask_and_buyers_answer(db: TestDb) {
        let parties = Parties::over(db).await;
        let offers = &parties.offers;
        let niche = parties.mortgage().await;
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let other = parties.owner(OrgKind::Buyer, "bob").await;
        let publisher = parties.owner(OrgKind::Publisher, "pub").await;
        let asked = terms(|t| t["visibility"] = json!("BY_APPLICATION"));
        let offer = parties.active_offer(&buyer, &niche, asked).await;
        let public = parties.active_offer(&buyer, &niche, terms(|_| {})).await;
        let needless = offers.apply(&publisher, public.id, None).await;
        assert_eq!(code(needless), "PARTICIPATION_NOT_NEEDED");
        let place = offers.apply(&publisher, offer.id, Some(" Search traffic ")).await.unwrap();
        assert_eq!(place.message.as_deref(), Some("Search traffic"));
        assert_eq!(code(offers.apply(&publisher, offer.id, None).await), "ALREADY_APPLIED");
        assert_eq!(code(offers.apply(&buyer, offer.id, None).await), "NOT_FOUND");
        assert_eq!(offers.count_requested(&buyer).await.unwrap(), 1);
        assert_eq!(offers.count_requested(&other).await.unwrap(), 0);

        let decide = async |actor, to| {
            code(offers.decide_participation(actor, place.id, &answer(to), None).await)
        };
        for stranger in [&other, &publisher, &parties.admin] {
            assert_eq!(decide(stranger, S::Approved).await, "NOT_FOUND");
        }
        assert_eq!(decide(&buyer, S::Requested).await, "BAD_INPUT");
        assert_eq!(decide(&buyer, S::Revoked).await, "INVALID_STATE");
        let before = parties.epoch(&niche).await;
        assert_eq!(decide(&buyer, S::Approved).await, "OK");
        assert_eq!(decide(&buyer, S::Revoked).await, "OK");
        assert_eq!(parties.epoch(&niche).await, before + 2);
        assert_eq!(decide(&buyer, S::Approved).await, "INVALID_STATE");

        let seen = async |actor| {
            let all = ParticipationFilter::default();
            offers.participations(actor, &all, &page()).await.unwrap().items.len()
        };
        assert_eq!((seen(&buyer).await, seen(&other).await), (1, 0));
        assert_eq!((seen(&publisher).await, seen(&parties.admin).await), (1, 1));
        assert_eq!(code(offers.participation(&other, place.id).await), "NOT_FOUND");
        let own = offers.own_participations(&publisher, &[offer.id, public.id]).await.unwrap();
        assert_eq!(own.len(), 1);
        parties.audit_lines().await;
    }

    async fn a_private_offer_is_seen_by_whom_the_buyer_invites(db: TestDb) {
        let parties = Parties::over(db).await;
        let offers = &parties.offers;
        let niche = parties.mortgage().await;
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let publisher = parties.owner(OrgKind::Publisher, "pub").await;
        let pending = parties.sign_up(OrgKind::Publisher, "new").await.actor;
        let hidden = terms(|t| t["visibility"] = json!("PRIVATE"));
        let offer = parties.active_offer(&buyer, &niche, hidden).await;
        assert_eq!(code(offers.catalogue_entry(&publisher, offer.id).await.map(drop)), "NOT_FOUND");
        assert_eq!(code(offers.apply(&publisher, offer.id, None).await), "NOT_FOUND");
        for nobody in [pending.org, buyer.org] {
            assert_eq!(code(offers.invite(&buyer, offer.id, nobody, None).await), "NO_SUCH_PUBLISHER");
        }
        assert_eq!(code(offers.invite(&publisher, offer.id, publisher.org, None).await), "NOT_FOUND");
        let place = offers.invite(&buyer, offer.id, publisher.org, None).await.unwrap();
        assert_eq!(place.state, S::Approved);
        assert_eq!(offers.invite(&buyer, offer.id, publisher.org, None).await.unwrap(), place);
        let entry = offers.catalogue_entry(&publisher, offer.id).await.unwrap();
        assert_eq!(entry.participation, Some(place.clone()));
        offers.decide_participation(&buyer, place.id, &answer(S::Revoked), None).await.unwrap();
        assert_eq!(code(offers.catalogue_entry(&publisher, offer.id).await.map(drop)), "NOT_FOUND");
        assert_eq!(code(offers.invite(&buyer, offer.id, publisher.org, None).await), "INVALID_STATE");
    }

    async fn the_catalogue_shows_earnings_and_pages_past_what_is_hidden(db: TestDb) {
        let parties = Parties::over(db).await;
        let offers = &parties.offers;
        let niche = parties.mortgage().await;
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let publisher = parties.owner(OrgKind::Publisher, "pub").await;
        let mut shown = Vec::new();
        for n in 0..6 {
            let hidden = n % 2 == 0;
            let made = parties.active_offer(&buyer, &niche, terms(|t| {
                t["visibility"] = json!(if hidden { "PRIVATE" } else { "PUBLIC" });
            })).await;
            if !hidden {
                shown.push(made.id);
            }
        }
        shown.reverse();
        let mut step = Page::new(Some(2), None).unwrap();
        let first = offers.catalogue(&publisher, None, &step).await.unwrap();
        let ids: Vec<_> = first.items.iter().map(|entry| entry.offer.id).collect();
        assert_eq!((ids.as_slice(), first.has_next), (&shown[..2], true));
        step.after = Some(Cursor(ids[1].uuid()));
        let second = offers.catalogue(&publisher, Some(niche.id), &step).await.unwrap();
        assert_eq!((second.items[0].offer.id, second.has_next), (shown[2], false));
        let entry = &first.items[0];
        assert_eq!(entry.goals[0].earning, 85_000, "the price of 100 000 less 15 %");
        assert!(!entry.exhausted);
        assert_eq!(code(offers.catalogue(&buyer, None, &step).await.map(drop)), "NOT_FOUND");
        assert_eq!(offers.catalogue(&parties.admin, None, &page()).await.unwrap().items.len(), 6);

        parties.decide(buyer, OrgState::Suspended).await;
        assert!(offers.catalogue(&publisher, None, &page()).await.unwrap().items.is_empty());
    }

    async fn an_offer_is_exhausted_while_a_cap_of_its_period_is_full(db: TestDb) {
        let parties = Parties::over(db).await;
        let offers = &parties.offers;
        let niche = parties.mortgage().await;
        let buyer = parties.owner(OrgKind::Buyer, "ann").await;
        let offer = parties.active_offer(&buyer, &niche, terms(|_| {})).await;
        let now = parties.db.clock.now();
        let day = now.micros() - now.micros() % leadbourse_core::time::DAY
            - 3 * leadbourse_core::time::HOUR;
        let tx = parties.db.db.begin_write(&parties.db.clock).await.unwrap();
        let fill = "UPDATE offer_meters SET day_start = $1, day_count = 20, day_money = 2000000, \
                    total_count = 20, awards_count = 20, returns_count = 3 WHERE offer_id = $2";
        sql::run(&tx, fill, [day.into(), offer.id.uuid().into()]).await.unwrap();
        tx.commit().await.unwrap();
        let usage = async || offers.usage(&buyer, &[offer.id]).await.unwrap()[&offer.id];
        let today = usage().await;
        assert!(today.exhausted);
        assert_eq!((today.meters.periods.day.count, today.return_share().0), (20, 1_500));
        parties.db.clock.advance(leadbourse_core::time::DAY);
        let tomorrow = usage().await;
        assert!(!tomorrow.exhausted);
        assert_eq!((tomorrow.meters.periods.day.count, tomorrow.meters.periods.total.count), (0, 20));
    }
}
