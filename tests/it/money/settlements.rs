//! From the end of a hold to arrived money.

use leadbourse::settlements::{
    PayoutFormat, PayoutRail, RunState, SetPayoutProfile, StatementFilter,
};
use leadbourse_core::bank::AccountText;
use leadbourse_core::ledger::{Account, Rail};
use leadbourse_core::settlement::{PayoutState, StatementState};
use leadbourse_core::time::DAY;

use super::scene::{RUB, Scene, code, page};
use crate::each_engine;

/// An account at a Russian bank.
pub fn russian(account: &str) -> AccountText {
    AccountText {
        holder: "ООО «Лиды»".to_owned(),
        country: "RU".to_owned(),
        bik: Some("044525225".to_owned()),
        account: Some(account.to_owned()),
        ..AccountText::default()
    }
}

async fn bank(scene: &Scene) {
    let wish = SetPayoutProfile {
        currency: RUB,
        rail: PayoutRail::BankFile,
        account: Some(russian("40702810500000001234")),
        details: None,
        min_payout: 0,
    };
    let shown = scene.settlements.set_payout_profile(&scene.publisher, wish).await.unwrap();
    assert_eq!(shown.details_masked.as_deref(), Some("•••• 1234"));
}

each_engine! {
    async fn a_lead_becomes_a_paid_statement(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        bank(&scene).await;
        let mut sum = 0;
        for n in 0..5 {
            sum += scene.sold(n).await.legs.earning();
        }
        let operator = scene.operator();
        let early = scene.settlements.plan(&operator, None, None).await.unwrap();
        assert_eq!(early.state, RunState::Closed);
        scene.market.clock.advance(3 * DAY);
        let run = scene.settlements.plan(&operator, None, Some("may")).await.unwrap();
        let again = scene.settlements.plan(&operator, None, Some("may")).await.unwrap();
        assert_eq!(run.id, again.id);
        let drafts = scene.settlements.statements_of_run(&operator, run.id).await.unwrap();
        assert_eq!(drafts.len(), 1);
        let draft = &drafts[0];
        assert_eq!((draft.gross, draft.total, draft.lines), (sum, sum, 5));
        assert_eq!(draft.state, StatementState::Draft);

        let approved = scene.settlements.approve_statement(&operator, draft.id, Some("a")).await.unwrap();
        assert_eq!(approved.number.as_deref(), Some("2026-0001"));
        assert_eq!(approved.state, StatementState::Approved);
        assert_eq!((scene.payable().await, scene.balance(Account::in_payout(scene.publisher.org, RUB)).await), (0, sum));
        let twice = scene.settlements.approve_statement(&operator, draft.id, None).await;
        assert_eq!(code(twice), "INVALID_STATE");

        let file = scene.settlements.export_payouts(&operator, run.id, PayoutFormat::Csv, Some("e")).await.unwrap();
        assert_eq!(file.payouts, 1);
        let lines: Vec<&str> = file.content.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[1].contains("2026-0001") && lines[1].contains("40702810500000001234"));
        assert!(lines[1].contains(",42.50,RUB,"), "{}", lines[1]);
        let same = scene.settlements.export_payouts(&operator, run.id, PayoutFormat::Csv, Some("e")).await.unwrap();
        assert_eq!((same.content, same.file_name), (file.content, file.file_name));
        let more = scene.settlements.export_payouts(&operator, run.id, PayoutFormat::Csv, None).await;
        assert_eq!(code(more), "NOTHING_TO_EXPORT");

        let payout = scene.settlements.payouts_of(&scene.publisher, draft.id).await.unwrap().remove(0);
        assert_eq!((payout.state, payout.amount), (PayoutState::Exported, sum));
        let (payout, paid) = scene.settlements
            .resolve_payout(&operator, payout.id, true, Some("bank 77"), Some("r")).await.unwrap();
        assert_eq!((payout.state, paid.state), (PayoutState::Confirmed, StatementState::Paid));
        assert_eq!(scene.balance(Account::external(Rail::Bank, RUB)).await, -50_000 + sum);
        let earned = scene.ledger.earnings(&scene.publisher).await.unwrap().remove(0);
        assert_eq!((earned.paid, earned.in_payout, earned.payable), (sum, 0, 0));
        let closed = scene.settlements.run(&operator, run.id).await.unwrap();
        assert_eq!(closed.state, RunState::Closed);
        assert_eq!(code(scene.settlements.statement(&scene.buyer, draft.id).await), "NOT_FOUND");
        scene.close().await;
    }

    async fn two_runs_at_once_settle_every_conversion_once(db: TestDb) {
        let scene = Scene::open(&db, 90_000).await;
        for n in 0..20 {
            scene.sold(n).await;
        }
        scene.market.clock.advance(3 * DAY);
        let operator = scene.operator();
        let plan = || scene.settlements.plan(&operator, None, None);
        let (a, b, c) = tokio::join!(plan(), plan(), plan());
        let mut lines = 0;
        let mut statements = Vec::new();
        for run in [a.unwrap(), b.unwrap(), c.unwrap()] {
            for one in scene.settlements.statements_of_run(&operator, run.id).await.unwrap() {
                lines += one.lines;
                statements.push(one);
            }
        }
        assert_eq!(lines, 20);
        assert_eq!(statements.iter().map(|one| one.gross).sum::<i64>(), 20 * 850);
        assert_eq!(scene.market.count("statement_lines").await, 20);
        // And approvals at once pay once.
        let id = statements[0].id;
        let approve = || scene.settlements.approve_statement(&operator, id, None);
        let (a, b) = tokio::join!(approve(), approve());
        assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1);
        assert_eq!(scene.market.count("payouts").await, 1);
        scene.close().await;
    }

    async fn small_sums_are_carried_until_they_are_enough(db: TestDb) {
        let scene = Scene::with(
            &db, 50_000, crate::exchange::market::terms(300, serde_json::json!({})),
            crate::exchange::market::policy(),
        ).await;
        let operator = scene.operator();
        scene.sold(1).await;
        scene.market.clock.advance(3 * DAY);
        let first = scene.settlements.plan(&operator, None, None).await.unwrap();
        let small = scene.settlements.statements_of_run(&operator, first.id).await.unwrap().remove(0);
        assert_eq!(small.total, 255);
        let carried = scene.settlements.approve_statement(&operator, small.id, None).await.unwrap();
        assert_eq!(carried.state, StatementState::Carried);
        assert_eq!(scene.payable().await, 255);
        // Alone it does not make a new statement.
        let idle = scene.settlements.plan(&operator, None, None).await.unwrap();
        assert_eq!(scene.settlements.statements_of_run(&operator, idle.id).await.unwrap(), vec![]);

        scene.sold(2).await;
        scene.market.clock.advance(3 * DAY);
        let second = scene.settlements.plan(&operator, None, None).await.unwrap();
        let draft = scene.settlements.statements_of_run(&operator, second.id).await.unwrap().remove(0);
        assert_eq!((draft.carried_in, draft.gross, draft.total), (255, 255, 510));
        let from = scene.settlements.carried_from(&operator, draft.id).await.unwrap();
        assert_eq!(from, [small.id]);
        // Dropped, it gives back its line and what it carried in.
        let gone = scene.settlements.cancel_statement(&operator, draft.id, None).await.unwrap();
        assert_eq!(gone.state, StatementState::Cancelled);
        let third = scene.settlements.plan(&operator, None, None).await.unwrap();
        let draft = scene.settlements.statements_of_run(&operator, third.id).await.unwrap().remove(0);
        assert_eq!((draft.carried_in, draft.total, draft.lines), (255, 510, 1));
        let paid = scene.settlements.approve_statement(&operator, draft.id, None).await.unwrap();
        assert_eq!((paid.state, paid.number.as_deref()), (StatementState::Approved, Some("2026-0002")));
        assert_eq!(scene.payable().await, 0);
        scene.close().await;
    }

    async fn a_refused_payout_and_one_that_comes_back_are_paid_by_the_next(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        let operator = scene.operator();
        scene.sold(1).await;
        scene.market.clock.advance(3 * DAY);
        let mut amounts = Vec::new();
        for confirmed_first in [false, true, true] {
            let run = scene.settlements.plan(&operator, None, None).await.unwrap();
            let draft = scene.settlements.statements_of_run(&operator, run.id).await.unwrap().remove(0);
            scene.settlements.approve_statement(&operator, draft.id, None).await.unwrap();
            let payout = scene.settlements.payouts_of(&operator, draft.id).await.unwrap().remove(0);
            assert_eq!(payout.rail, PayoutRail::Manual);
            amounts.push(payout.amount);
            let resolve = |ok| scene.settlements.resolve_payout(&operator, payout.id, ok, None, None);
            if confirmed_first {
                resolve(true).await.unwrap();
                assert_eq!(code(resolve(true).await), "INVALID_STATE");
            }
            if amounts.len() < 3 {
                let (_, statement) = resolve(false).await.unwrap();
                assert_eq!(statement.state, StatementState::Carried);
                assert_eq!(code(resolve(false).await), "INVALID_STATE");
                assert_eq!(scene.payable().await, 850);
            }
            scene.check().await;
        }
        assert_eq!(amounts, [850, 850, 850]);
        let earned = scene.ledger.earnings(&scene.publisher).await.unwrap().remove(0);
        assert_eq!((earned.paid, earned.payable), (850, 0));
        let filter = StatementFilter { state: Some(StatementState::Paid), ..Default::default() };
        let paid = scene.settlements.statements(&scene.publisher, filter, &page()).await.unwrap();
        assert_eq!(paid.items.len(), 1);
        scene.close().await;
    }

    async fn everything_that_waits_goes_into_the_next_statement(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        let operator = scene.operator();
        let settlements = &scene.settlements;
        let draft = async || {
            scene.market.clock.advance(3 * DAY);
            let run = settlements.plan(&operator, None, None).await.unwrap();
            settlements.statements_of_run(&operator, run.id).await.unwrap().remove(0)
        };
        // A large one is approved and under way while a small one is carried after it.
        for n in 0..4 {
            scene.sold(n).await;
        }
        let large = draft().await;
        settlements.approve_statement(&operator, large.id, None).await.unwrap();
        let small = scene.sold(4).await;
        let back = scene.open_return(small.id, Some(6_000)).await.unwrap();
        scene.disputes.answer_return(&scene.publisher, back.id, true, None, None).await.unwrap();
        let small = draft().await;
        assert_eq!((large.total, small.total), (3_400, 340));
        let carried = settlements.approve_statement(&operator, small.id, None).await.unwrap();
        assert_eq!(carried.state, StatementState::Carried);
        // Now the bank refuses the large one: both wait, and there is no new line.
        let payout = settlements.payouts_of(&operator, large.id).await.unwrap().remove(0);
        settlements.resolve_payout(&operator, payout.id, false, None, None).await.unwrap();
        assert_eq!(scene.payable().await, 3_740);
        let next = draft().await;
        assert_eq!((next.carried_in, next.gross, next.total, next.lines), (3_740, 0, 3_740, 0));
        let from = settlements.carried_from(&operator, next.id).await.unwrap();
        assert_eq!(from, [large.id, small.id]);
        assert_eq!(code(settlements.carried_from(&scene.buyer, next.id).await), "NOT_FOUND");
        scene.check().await;
        // A draft that is dropped lets both wait again; while it stands nobody else takes them.
        let idle = settlements.plan(&operator, None, None).await.unwrap();
        assert_eq!(settlements.statements_of_run(&operator, idle.id).await.unwrap(), vec![]);
        settlements.cancel_statement(&operator, next.id, None).await.unwrap();
        let again = draft().await;
        assert_eq!((again.carried_in, again.total), (3_740, 3_740));
        let taken = settlements.statement(&operator, large.id).await.unwrap();
        assert_eq!(taken.carried_into, Some(again.id));
        let paid = settlements.approve_statement(&operator, again.id, None).await.unwrap();
        assert_eq!(paid.state, StatementState::Approved);
        assert_eq!(scene.payable().await, 0);
        scene.close().await;
    }

    async fn a_lost_file_is_printed_again_as_it_was(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        bank(&scene).await;
        scene.sold(1).await;
        scene.market.clock.advance(3 * DAY);
        let operator = scene.operator();
        let settlements = &scene.settlements;
        let run = settlements.plan(&operator, None, None).await.unwrap();
        let draft = settlements.statements_of_run(&operator, run.id).await.unwrap().remove(0);
        settlements.approve_statement(&operator, draft.id, None).await.unwrap();
        assert_eq!(code(settlements.print_payouts(&operator, run.id, PayoutFormat::Csv, None).await), "NOTHING_TO_PRINT");
        let file = settlements.export_payouts(&operator, run.id, PayoutFormat::Csv, Some("e")).await.unwrap();
        // The publisher moves to another account meanwhile; this payment stays what it was.
        let wish = SetPayoutProfile {
            currency: RUB, rail: PayoutRail::BankFile,
            account: Some(russian("40702810300000009999")), details: None, min_payout: 0,
        };
        settlements.set_payout_profile(&scene.publisher, wish).await.unwrap();
        scene.later(3_600);
        let again = settlements.print_payouts(&operator, run.id, PayoutFormat::Csv, None).await.unwrap();
        assert_eq!((&again.content, &again.file_name), (&file.content, &file.file_name));
        assert!(again.content.contains("40702810500000001234"));
        let replayed = settlements.export_payouts(&operator, run.id, PayoutFormat::Csv, Some("e")).await.unwrap();
        assert_eq!(replayed.content, file.content);
        assert_eq!(code(settlements.print_payouts(&scene.publisher, run.id, PayoutFormat::Csv, None).await), "NOT_FOUND");
        // What the bank has answered is not printed any more.
        let payout = settlements.payouts_of(&operator, draft.id).await.unwrap().remove(0);
        settlements.resolve_payout(&operator, payout.id, true, None, None).await.unwrap();
        assert_eq!(code(settlements.print_payouts(&operator, run.id, PayoutFormat::Csv, None).await), "NOTHING_TO_PRINT");
        scene.close().await;
    }

    async fn approvals_at_once_end_the_run_and_count_on(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        scene.sold(1).await;
        let other = scene.market.source(1, None).await;
        scene.market.send(&other, crate::exchange::market::person(2)).await.unwrap();
        scene.market.clock.advance(3 * DAY);
        let operator = scene.operator();
        let settlements = &scene.settlements;
        let run = settlements.plan(&operator, None, None).await.unwrap();
        // A statement of the same publisher in another currency, too small to pay.
        let usd = leadbourse_core::ids::StatementId::new(scene.market.clock.now());
        scene.market.run(
            "INSERT INTO statements (id, run_id, publisher_id, currency, period_from, period_to, \
             state, created_at) VALUES ($1, $2, $3, 'USD', 0, 0, 'DRAFT', 0)",
            vec![usd.uuid().into(), run.id.uuid().into(), scene.publisher.org.uuid().into()],
        ).await;
        let drafts = settlements.statements_of_run(&operator, run.id).await.unwrap();
        assert_eq!(drafts.len(), 3);
        let held = scene.hold_run(run.id).await;
        let release = async {
            if let Some(held) = held {
                scene.until_waiting(3).await;
                held.rollback().await.unwrap();
            }
        };
        let approve = |at: usize| settlements.approve_statement(&operator, drafts[at].id, None);
        let (a, b, c, ()) = tokio::join!(approve(0), approve(1), approve(2), release);
        let mut numbers: Vec<_> = [a.unwrap(), b.unwrap(), c.unwrap()]
            .iter()
            .map(|one| (one.publisher_id, one.number.clone().unwrap()))
            .collect();
        numbers.sort();
        numbers.dedup();
        assert_eq!(numbers.len(), 3, "{numbers:?}");
        let own: Vec<_> = numbers.iter().filter(|(org, _)| *org == scene.publisher.org).collect();
        assert_eq!((own[0].1.as_str(), own[1].1.as_str()), ("2026-0001", "2026-0002"));
        let run = settlements.run(&operator, run.id).await.unwrap();
        assert_eq!(run.state, RunState::Approved);
        scene.close().await;
    }

    async fn only_finance_settles(db: TestDb) {
        let scene = Scene::open(&db, 5_000).await;
        for actor in [scene.buyer, scene.publisher] {
            assert_eq!(code(scene.settlements.plan(&actor, None, None).await), "NOT_FOUND");
        }
        let future = scene.market.clock.now().plus(DAY);
        let refused = scene.settlements.plan(&scene.operator(), Some(future), None).await;
        assert_eq!(code(refused), "PERIOD_IN_FUTURE");
        let wish = SetPayoutProfile {
            currency: RUB, rail: PayoutRail::BankFile, account: None, details: None, min_payout: 0,
        };
        let refused = scene.settlements.set_payout_profile(&scene.publisher, wish).await;
        assert_eq!(code(refused), "NO_BANK_DETAILS");
        scene.close().await;
    }
}
