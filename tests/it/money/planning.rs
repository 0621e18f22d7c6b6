//! Plans that are interrupted, and plans of many publishers.

use leadbourse::settlements::{RunState, Settlements};
use leadbourse_core::time::DAY;

use super::scene::{Scene, page};
use crate::each_engine;
use crate::exchange::market::{Src, person};
use crate::harness::cut;

const PUBLISHERS: i64 = 4;
const EACH: i64 = 5;
const EARNING: i64 = 850;

/// Four publishers with five leads each, whose holds are over.
async fn market(scene: &Scene) -> Vec<Src> {
    let mut sources = Vec::new();
    for publisher in 0..PUBLISHERS {
        let source = scene.market.source(1, None).await;
        for n in 0..EACH {
            let fields = person((100 * (publisher + 1) + n).unsigned_abs());
            let sold = scene.market.send(&source, fields).await.unwrap().verdict;
            assert_eq!(sold.awards.len(), 1);
        }
        sources.push(source);
    }
    scene.market.clock.advance(3 * DAY);
    sources
}

/// One publisher per transaction.
fn in_small_portions(scene: &Scene) -> Settlements {
    scene.settlements.clone().in_portions_of(5)
}

/// Every conversion is on one statement, and every statement is whole.
async fn settled(scene: &Scene) {
    let all = PUBLISHERS * EACH;
    assert_eq!(scene.market.count("statement_lines").await, all);
    let gross =
        scene.market.number("SELECT CAST(SUM(gross) AS BIGINT) AS n FROM statements", vec![]);
    assert_eq!(gross.await, all * EARNING);
    let lines =
        scene.market.number("SELECT CAST(SUM(lines) AS BIGINT) AS n FROM statements", vec![]);
    assert_eq!(lines.await, all);
    let planning = "SELECT COUNT(*) AS n FROM settlement_runs WHERE state = 'PLANNING'";
    assert_eq!(scene.market.number(planning, vec![]).await, 0);
}

each_engine! {
    async fn a_plan_that_dies_anywhere_is_finished_later(db: TestDb) {
        let scene = Scene::open(&db, 90_000).await;
        let sources = market(&scene).await;
        let settlements = in_small_portions(&scene);
        let operator = scene.operator();
        // Each try dies one step later than the last; the first that is through ends it.
        let mut steps = 0;
        let mut died = 0;
        loop {
            let key = format!("try {steps}");
            match cut(steps, settlements.plan(&operator, None, Some(&key))).await {
                Some(run) => {
                    assert_ne!(run.unwrap().state, RunState::Planning);
                    break;
                }
                None => died += 1,
            }
            steps += 1;
        }
        assert!(died > 0, "it was through before it could die");
        // What the dead left behind is ended by the job; twice changes nothing.
        settlements.resume_plans().await.unwrap();
        assert_eq!(settlements.resume_plans().await.unwrap(), 0);
        settled(&scene).await;
        for source in sources {
            let own = "SELECT COUNT(*) AS n FROM statements WHERE publisher_id = $1";
            let own = scene.market.number(own, vec![source.publisher.uuid().into()]).await;
            assert_eq!(own, 1, "one statement each, however often it died");
        }
        scene.close().await;
    }

    async fn a_plan_that_takes_long_goes_on_in_the_background(db: TestDb) {
        let scene = Scene::open(&db, 90_000).await;
        market(&scene).await;
        let settlements = in_small_portions(&scene);
        let operator = scene.operator();
        // Dead after the run was stored: the same key answers with the run, and goes on with it.
        let mut stored = 0;
        let mut steps = 0;
        while stored == 0 {
            let half = cut(steps, settlements.plan(&operator, None, Some("may"))).await;
            assert!(half.is_none(), "it was through before it could die");
            steps += 1;
            stored = scene.market.count("settlement_runs").await;
        }
        let open = settlements.runs(&operator, &page()).await.unwrap().items.remove(0);
        assert_eq!(open.state, RunState::Planning);
        let late = scene.market.clock.now();
        let early = late.plus(-1);
        assert_eq!(settlements.go_on(&open, Some(early)).await.unwrap().state, RunState::Planning);
        let run = settlements.plan(&operator, None, Some("may")).await.unwrap();
        assert_eq!((run.id, run.state), (open.id, RunState::Planned));
        let statements = settlements.statements_of_run(&operator, run.id).await.unwrap();
        assert_eq!(statements.len(), 4);
        for one in &statements {
            assert_eq!((one.lines, one.gross), (5, 5 * EARNING));
        }
        settled(&scene).await;
        scene.close().await;
    }
}
