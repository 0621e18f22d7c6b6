//! Maker and checker: above a limit two people approve, neither of whom planned the run.

use leadbourse::settlements::Settlements;
use leadbourse_core::access::{Actor, Principal};
use leadbourse_core::ids::{ApiKeyId, UserId};
use leadbourse_core::settlement::StatementState;
use leadbourse_core::time::DAY;

use super::scene::{Scene, code};
use crate::each_engine;

each_engine! {
    async fn a_large_statement_is_approved_by_two_who_did_not_plan_it(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        let mut money = scene.market.config.money.clone();
        (money.min_payout, money.two_person_limit) = (0, Some(1_000));
        let (base, clock) = (scene.market.db.clone(), scene.market.clock.clone());
        let desk = Settlements::new(base, clock.clone(), scene.market.vault.clone(), money);
        let person = || {
            let principal = Principal::User(UserId::new(clock.now()));
            Actor { principal, ..scene.operator() }
        };
        let (maker, anna, boris) = (person(), person(), person());
        let robot = Actor { principal: Principal::ApiKey(ApiKeyId::new(clock.now())), ..maker };
        for n in 0..2 {
            scene.sold(n).await;
        }
        clock.advance(3 * DAY);
        let run = desk.plan(&maker, None, None).await.unwrap();
        let draft = desk.statements_of_run(&maker, run.id).await.unwrap().remove(0);
        assert_eq!((draft.total, desk.approvals_missing(&draft)), (1_700, 2));
        let refused = |who: Actor| {
            let desk = &desk;
            async move { code(desk.approve_statement(&who, draft.id, None).await) }
        };
        assert_eq!(refused(maker).await, "OTHER_PERSON");
        assert_eq!(refused(robot).await, "PERSON_NEEDED");
        let first = desk.approve_statement(&anna, draft.id, Some("a")).await.unwrap();
        assert_eq!((first.state, first.number.as_deref()), (StatementState::Draft, None));
        assert_eq!(first.first_approved_by, Some(anna.name()));
        assert_eq!((desk.approvals_missing(&first), scene.payable().await), (1, 1_700));
        assert_eq!(desk.approve_statement(&anna, draft.id, Some("a")).await.unwrap(), first);
        assert_eq!(refused(anna).await, "OTHER_PERSON");
        assert_eq!(refused(maker).await, "OTHER_PERSON");
        let second = desk.approve_statement(&boris, draft.id, None).await.unwrap();
        assert_eq!((second.state, second.approved_by.clone()), (StatementState::Approved, Some(boris.name())));
        assert_eq!((desk.approvals_missing(&second), scene.payable().await), (0, 0));
        assert_eq!(refused(anna).await, "INVALID_STATE");

        // What is not above the limit needs one, who may have planned it.
        scene.sold(9).await;
        clock.advance(3 * DAY);
        let run = desk.plan(&maker, None, None).await.unwrap();
        let small = desk.statements_of_run(&maker, run.id).await.unwrap().remove(0);
        assert_eq!((small.total, desk.approvals_missing(&small)), (850, 1));
        let done = desk.approve_statement(&maker, small.id, None).await.unwrap();
        assert_eq!(done.state, StatementState::Approved);
        scene.close().await;
    }
}
