//! Goals that are paid later: shares of a sale, registrations, several sales, refunds.

use leadbourse::conversions::{Place, ReportConversion};
use leadbourse::disputes::{REFUNDED, RefundSale, Sale};
use leadbourse_core::conversion::ConversionState;
use leadbourse_core::dispute::DisputeState;
use leadbourse_core::ids::{AwardId, ConversionId};
use leadbourse_core::ledger::Account;
use leadbourse_core::money::{Bps, Currency, Money};
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::time::DAY;
use serde_json::{Value, json};

use super::scene::{RUB, Scene, code, page};
use crate::each_engine;
use crate::exchange::market::{policy, terms};

/// 2.5 % of a sale, from 100 to 5,000, half of the most reserved; 300 for a registration.
fn later(several: bool) -> Value {
    let sale = json!({"kind": "SALE", "price": {"bps": 250, "min": 100, "max": 5_000},
        "attribution_window_s": 2_592_000, "reserve_bps": 5_000, "several": several});
    let registration = json!({"kind": "REGISTRATION", "price": 300, "reserve_bps": 10_000,
        "attribution_window_s": 604_800});
    terms(1_000, json!({"goals": [registration, sale]}))
}

fn sale(award: AwardId, reference: &str, amount: i64) -> ReportConversion {
    ReportConversion {
        place: award.into(),
        goal: GoalKind::Sale,
        external_id: reference.to_owned(),
        amount: Some(Money::new(amount, RUB)),
        occurred_at: None,
    }
}

fn refund(id: ConversionId, part: Option<i64>) -> RefundSale {
    let refunded = part.map(|minor| Money::new(minor, RUB));
    RefundSale { sale: Sale::Conversion(id), refunded }
}

each_engine! {
    async fn a_share_of_a_sale_is_billed_within_its_bounds(db: TestDb) {
        let scene = Scene::with(&db, 20_000, later(true), policy()).await;
        let award = scene.sell(1).await;
        // 2,500 of the highest sale and the whole registration are promised; the lead is free.
        let reserved = Account::reserved(scene.buyer.org, RUB);
        assert_eq!((scene.available().await, scene.balance(reserved).await), (17_200, 2_800));
        let report = async |input: ReportConversion| {
            scene.conversions.report_conversion(&scene.buyer, input, None).await
        };
        // 2.5 % of 40,060 are 1,001.50: half to even. What was promised and not taken goes back.
        let first = report(sale(award.id, "a", 40_060)).await.unwrap();
        assert_eq!((first.legs.price(), first.legs.earning(), first.legs.fee()), (1_002, 852, 150));
        assert_eq!((first.amount, first.refunded), (Some(40_060), 0));
        assert_eq!((scene.available().await, scene.balance(reserved).await), (18_698, 300));
        assert_eq!(report(sale(award.id, "b", 1)).await.unwrap().legs.price(), 100);
        assert_eq!(report(sale(award.id, "c", 9_999_999)).await.unwrap().legs.price(), 5_000);
        assert_eq!(scene.available().await, 13_598);

        // The same sale again is the same; another amount under its reference is refused.
        let same = sale(award.id, "a", 40_060);
        let again = scene.conversions.report(&scene.buyer, &same, None).await.unwrap();
        assert_eq!((again.conversion.id, again.replayed), (first.id, true));
        let silent = ReportConversion { amount: None, ..sale(award.id, "a", 1) };
        assert_eq!(report(silent.clone()).await.unwrap().id, first.id);
        assert_eq!(code(report(sale(award.id, "a", 40_061)).await), "EVENT_DIFFERS");
        let new = ReportConversion { external_id: "d".into(), ..silent };
        assert_eq!(code(report(new).await), "AMOUNT_NEEDED");
        assert_eq!(code(report(sale(award.id, "d", 0)).await), "AMOUNT_RANGE");
        let dollars = Some(Money::new(5, Currency::USD));
        let foreign = ReportConversion { amount: dollars, ..sale(award.id, "d", 1) };
        assert_eq!(code(report(foreign).await), "AMOUNT_CURRENCY");
        assert_eq!(scene.available().await, 13_598);
        // What the sales cost is what the next bid is reckoned from.
        let sales = "SELECT sale_count * 100000 + sale_money AS n FROM offer_meters";
        assert_eq!(scene.market.number(sales, vec![]).await, 300_000 + 6_102);
        scene.close().await;
    }

    async fn one_award_brings_one_sale_and_one_registration(db: TestDb) {
        let scene = Scene::with(&db, 20_000, later(false), policy()).await;
        let award = scene.sell(1).await;
        let report = async |input: ReportConversion| {
            scene.conversions.report_conversion(&scene.buyer, input, None).await
        };
        // By the lead's id as well.
        let place = Place::Lead(award.lead_id);
        let sold = report(ReportConversion { place, ..sale(award.id, "a", 8_000) }).await.unwrap();
        assert_eq!((sold.award_id, sold.legs.price()), (award.id, 200));
        assert_eq!(code(report(sale(award.id, "b", 8_000)).await), "GOAL_DONE");
        let registered = ReportConversion {
            goal: GoalKind::Registration, amount: None, ..sale(award.id, "user 1", 1)
        };
        let done = report(registered.clone()).await.unwrap();
        assert_eq!((done.legs.price(), done.goal), (300, GoalKind::Registration));
        let other = ReportConversion { external_id: "user 2".into(), ..registered.clone() };
        assert_eq!(code(report(other.clone()).await), "GOAL_DONE");
        assert_eq!(scene.balance(Account::reserved(scene.buyer.org, RUB)).await, 0);
        assert_eq!(scene.available().await, 20_000 - 200 - 300);

        // The registration's window is a week, the sale's thirty days.
        let next = scene.sell(2).await;
        scene.market.clock.advance(8 * DAY);
        let late = ReportConversion { place: next.id.into(), ..other };
        assert_eq!(code(report(late.clone()).await), "OUTSIDE_WINDOW");
        // What happened in time may be told later.
        let told = ReportConversion { occurred_at: Some(next.created_at.plus(7 * DAY)), ..late };
        assert_eq!(report(told).await.unwrap().legs.price(), 300);
        assert_eq!(report(sale(next.id, "z", 8_000)).await.unwrap().legs.price(), 200);
        scene.market.clock.advance(31 * DAY);
        assert_eq!(scene.conversions.release_expired().await.unwrap(), 0);
        scene.close().await;
    }

    async fn promises_of_both_goals_end_by_themselves(db: TestDb) {
        let scene = Scene::with(&db, 20_000, later(false), policy()).await;
        scene.sell(1).await;
        let reserved = Account::reserved(scene.buyer.org, RUB);
        assert_eq!(scene.balance(reserved).await, 2_800);
        scene.market.clock.advance(8 * DAY);
        assert_eq!(scene.conversions.release_expired().await.unwrap(), 1);
        assert_eq!(scene.balance(reserved).await, 2_500);
        scene.market.clock.advance(23 * DAY);
        assert_eq!(scene.conversions.release_expired().await.unwrap(), 1);
        assert_eq!((scene.balance(reserved).await, scene.available().await), (0, 20_000));
        scene.close().await;
    }

    async fn a_refund_gives_its_share_back_and_only_grows(db: TestDb) {
        let scene = Scene::with(&db, 20_000, later(false), policy()).await;
        let award = scene.sell(1).await;
        let input = sale(award.id, "a", 40_060);
        let sold = scene.conversions.report_conversion(&scene.buyer, input, None).await.unwrap();
        let before = scene.available().await;
        let give = async |part: Option<i64>| {
            scene.disputes.refund(&scene.buyer, &refund(sold.id, part), None).await
        };
        assert_eq!(code(give(Some(0)).await), "REFUND_RANGE");
        assert_eq!(code(give(Some(40_061)).await), "REFUND_RANGE");
        // A quarter: 2,500 basis points of 852 and of 150, the fee's half to even.
        let part = give(Some(10_015)).await.unwrap();
        assert_eq!((part.replayed, part.conversion.given.bps), (false, Bps(2_500)));
        assert_eq!((part.conversion.given.earning, part.conversion.given.fee), (213, 38));
        assert_eq!(part.conversion.refunded, 10_015);
        assert_eq!(scene.available().await, before + 251);
        for less in [10_015, 5_000] {
            assert!(give(Some(less)).await.unwrap().replayed, "it is what was given back in all");
        }
        assert_eq!(scene.available().await, before + 251);
        let all = give(None).await.unwrap().conversion;
        assert_eq!((all.state, all.refunded), (ConversionState::Returned, 40_060));
        assert_eq!((all.given.earning, all.given.fee), (852, 150));
        assert_eq!(scene.available().await, before + 1_002);
        assert!(give(None).await.unwrap().replayed);
        assert_eq!(scene.held().await, 0);
        // Both sides find it where returns are, and it does not count as a return.
        let seen = scene.disputes.disputes(&scene.publisher, None, None, &page()).await.unwrap();
        let found: Vec<_> =
            seen.items.iter().map(|one| (one.reason_code.as_str(), one.state)).collect();
        assert_eq!(found, [(REFUNDED, DisputeState::Upheld); 2]);
        let counts = "SELECT returns_count * 100 + sale_count * 10 + sale_money AS n \
                      FROM offer_meters";
        assert_eq!(scene.market.number(counts, vec![]).await, 0);
        // Nothing stands any more, so another sale of this award may follow.
        let next = sale(award.id, "b", 4_000);
        let next = scene.conversions.report_conversion(&scene.buyer, next, None).await.unwrap();
        assert_eq!(next.legs.price(), 100);
        scene.close().await;
    }

    async fn released_money_and_open_returns_are_not_refunded(db: TestDb) {
        let scene = Scene::with(&db, 20_000, later(true), policy()).await;
        let award = scene.sell(1).await;
        let report = async |name: &str, amount: i64| {
            let input = sale(award.id, name, amount);
            scene.conversions.report_conversion(&scene.buyer, input, None).await.unwrap()
        };
        let (a, b) = (report("a", 40_000).await, report("b", 40_000).await);
        let give = async |id| scene.disputes.refund(&scene.buyer, &refund(id, None), None).await;
        let stranger = scene.disputes.refund(&scene.publisher, &refund(a.id, None), None).await;
        assert_eq!(code(stranger), "NOT_FOUND");
        let claimed = scene.open_return(a.id, None).await.unwrap();
        assert_eq!(code(give(a.id).await), "RETURN_OPEN");
        scene.disputes.withdraw_return(&scene.buyer, claimed.id, None).await.unwrap();
        assert_eq!(give(a.id).await.unwrap().conversion.state, ConversionState::Returned);
        scene.market.clock.advance(3 * DAY);
        assert_eq!(scene.settlements.hold_end().await.unwrap(), 1);
        assert_eq!(code(give(b.id).await), "REFUND_TOO_LATE");
        let by_reference = RefundSale {
            sale: Sale::Event {
                place: award.id.into(), goal: GoalKind::Sale, external_id: "a".into(),
            },
            refunded: None,
        };
        let again = scene.disputes.refund(&scene.buyer, &by_reference, None).await.unwrap();
        assert!(again.replayed && again.conversion.id == a.id);
        scene.close().await;
    }

    async fn one_refund_at_once_from_many_gives_back_once(db: TestDb) {
        let scene = Scene::with(&db, 20_000, later(false), policy()).await;
        let award = scene.sell(1).await;
        let input = sale(award.id, "a", 40_000);
        let sold = scene.conversions.report_conversion(&scene.buyer, input, None).await.unwrap();
        let half = refund(sold.id, Some(20_000));
        let all = (0..8).map(|_| scene.disputes.refund(&scene.buyer, &half, None));
        let fresh = futures::future::join_all(all).await;
        let fresh = fresh.into_iter().filter(|done| !done.as_ref().unwrap().replayed).count();
        assert_eq!(fresh, 1);
        let half = scene.conversion(sold.id).await.given;
        assert_eq!((half.bps, half.earning, half.fee), (Bps(5_000), 425, 75));
        scene.close().await;
    }
}
