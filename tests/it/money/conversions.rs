//! Reported sales: reservation, free money, debt; dispositions; files of outcomes.

use leadbourse::conversions::ReportConversion;
use leadbourse_core::conversion::{ConversionState, Disposition};
use leadbourse_core::ledger::Account;
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::time::DAY;

use super::scene::{RUB, Scene, code, hybrid};
use crate::each_engine;
use crate::exchange::market::policy;

each_engine! {
    async fn a_sale_takes_its_reservation_then_free_money(db: TestDb) {
        let scene = Scene::with(&db, 10_000, hybrid(), policy()).await;
        let award = scene.sell(1).await;
        // 1,000 for the lead, a quarter of 4,000 promised.
        assert_eq!(scene.available().await, 8_000);
        let reserved = Account::reserved(scene.buyer.org, RUB);
        assert_eq!(scene.balance(reserved).await, 1_000);

        let sale = scene.report(award.id, "contract 7").await.unwrap();
        assert_eq!((sale.legs.price(), sale.legs.earning(), sale.legs.fee()), (4_000, 3_400, 600));
        assert_eq!((sale.unfunded, sale.goal), (0, GoalKind::Sale));
        assert_eq!((scene.available().await, scene.balance(reserved).await), (5_000, 0));
        assert_eq!(scene.held().await, 850 + 3_400);

        // The same reference is the same sale; another one is another.
        assert_eq!(scene.report(award.id, " contract 7 ").await.unwrap(), sale);
        assert_eq!(scene.available().await, 5_000);
        let second = scene.report(award.id, "contract 8").await.unwrap();
        assert_ne!(second.id, sale.id);
        assert_eq!(scene.available().await, 1_000);
        scene.close().await;
    }

    async fn what_is_missing_is_owed_pauses_the_offer_and_waits_for_money(db: TestDb) {
        let scene = Scene::with(&db, 2_500, hybrid(), policy()).await;
        let award = scene.sell(1).await;
        assert_eq!(scene.available().await, 500);
        let sale = scene.report(award.id, "c").await.unwrap();
        assert_eq!(sale.unfunded, 2_500);
        let owed = Account::owed(scene.buyer.org, RUB);
        assert_eq!((scene.available().await, scene.balance(owed).await), (0, -2_500));
        let paused = scene.market.number(
            "SELECT COUNT(*) AS n FROM offers WHERE state = 'PAUSED' AND pause_reason = 'UNFUNDED'",
            vec![],
        ).await;
        assert_eq!(paused, 1);
        scene.check().await;

        // It is not approved while it is owed; a part of the money pays a part.
        scene.market.clock.advance(3 * DAY);
        assert_eq!(scene.settlements.hold_end().await.unwrap(), 1);
        scene.top_up(1_000, "part").await.unwrap();
        assert_eq!(scene.conversion(sale.id).await.unfunded, 1_500);
        assert_eq!(scene.settlements.hold_end().await.unwrap(), 0);
        scene.top_up(2_000, "rest").await.unwrap();
        assert_eq!(scene.conversion(sale.id).await.unfunded, 0);
        assert_eq!((scene.available().await, scene.balance(owed).await), (500, 0));
        assert_eq!(scene.settlements.hold_end().await.unwrap(), 1);
        assert_eq!(scene.conversion(sale.id).await.state, ConversionState::Approved);
        scene.close().await;
    }

    async fn a_promise_that_ends_goes_back_once(db: TestDb) {
        let scene = Scene::with(&db, 10_000, hybrid(), policy()).await;
        let award = scene.sell(1).await;
        scene.sell(2).await;
        assert_eq!(scene.available().await, 6_000);
        scene.report(award.id, "sold").await.unwrap();
        scene.market.clock.advance(31 * DAY);
        let (a, b) = tokio::join!(
            scene.conversions.release_expired(),
            scene.conversions.release_expired()
        );
        assert_eq!(a.unwrap() + b.unwrap(), 1);
        assert_eq!(scene.available().await, 6_000 - 3_000 + 1_000);
        assert_eq!(scene.balance(Account::reserved(scene.buyer.org, RUB)).await, 0);
        scene.close().await;
    }

    async fn a_report_is_checked(db: TestDb) {
        let scene = Scene::with(&db, 10_000, hybrid(), policy()).await;
        let award = scene.sell(1).await;
        let input = ReportConversion {
            place: award.id.into(), goal: GoalKind::Sale, external_id: "x".into(), amount: None,
            occurred_at: None,
        };
        let service = &scene.conversions;
        let stranger = service.report_conversion(&scene.publisher, input.clone(), None).await;
        assert_eq!(code(stranger), "NOT_FOUND");
        let before = Some(award.created_at.plus(-1));
        let after = Some(award.created_at.plus(1));
        for (wrong, want) in [
            (ReportConversion { external_id: "  ".into(), ..input.clone() }, "BAD_EXTERNAL_REF"),
            (ReportConversion { goal: GoalKind::Lead, ..input.clone() }, "NO_SUCH_GOAL"),
            (ReportConversion { occurred_at: before, ..input.clone() }, "OUTSIDE_WINDOW"),
            (ReportConversion { occurred_at: after, ..input.clone() }, "OUTSIDE_WINDOW"),
        ] {
            assert_eq!(code(service.report_conversion(&scene.buyer, wrong, None).await), want);
        }
        scene.market.clock.advance(31 * DAY);
        let late = service.report_conversion(&scene.buyer, input.clone(), None).await;
        assert_eq!(code(late), "OUTSIDE_WINDOW");
        scene.close().await;
    }

    async fn the_same_sale_reported_at_once_is_billed_once(db: TestDb) {
        let scene = Scene::with(&db, 20_000, hybrid(), policy()).await;
        let award = scene.sell(1).await;
        let all = futures::future::join_all((0..8).map(|_| scene.report(award.id, "same"))).await;
        let ids: Vec<_> = all.into_iter().map(|done| done.unwrap().id).collect();
        assert!(ids.iter().all(|id| *id == ids[0]));
        assert_eq!(scene.available().await, 20_000 - 1_000 - 4_000);
        scene.close().await;
    }

    async fn a_file_of_outcomes_is_read_row_by_row_and_twice_is_once(db: TestDb) {
        let scene = Scene::with(&db, 20_000, hybrid(), policy()).await;
        let (a, b) = (scene.sell(1).await, scene.sell(2).await);
        let file = format!(
            "award_id,external_id,disposition\n{},deal-1,WON\n{},,LOST\nawd_nonsense,deal-2,WON\n{},,\n",
            a.id, b.id, b.id
        );
        for _ in 0..2 {
            let rows = scene.conversions.import_conversions(&scene.buyer, &file).await.unwrap();
            let codes: Vec<&str> = rows
                .iter()
                .map(|row| row.error.as_ref().map_or("ok", |problem| problem.code.name))
                .collect();
            assert_eq!(codes, ["ok", "ok", "BAD_ID", "REQUIRED"]);
            assert!(rows[0].conversion_id.is_some() && rows[1].conversion_id.is_none());
        }
        assert_eq!(scene.available().await, 20_000 - 4_000 - 3_000);
        let won = scene.conversions.award(&scene.buyer, a.id).await.unwrap();
        assert_eq!(won.disposition, Disposition::Won);
        let history = scene.conversions.dispositions(&scene.buyer, &[a.id, b.id]).await.unwrap();
        assert_eq!(history.len(), 2);
        let unread = scene.conversions.import_conversions(&scene.buyer, "a,b\n1,2\n").await;
        assert_eq!(code(unread), "CSV_UNREADABLE");
        scene.close().await;
    }
}
