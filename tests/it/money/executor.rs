//! Rails that answer at once, over a double of such a rail: it keeps what was paid under each key,
//! and can be silent. The executor is cut off at every point where it can be, and taken up again.

use async_trait::async_trait;
use leadbourse::platform::rails::payout::{Answer, Pace, PayoutOrder, PayoutRail as Rail};
use leadbourse::settlements::{PayoutFormat, PayoutRail, Rails, Settlements};
use leadbourse_core::ledger::Rail as LedgerRail;
use leadbourse_core::settlement::{PayoutState, StatementState};
use leadbourse_core::time::{HOUR, MINUTE};
use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use super::scene::{Scene, code};
use crate::each_engine;

/// What the double says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    /// Pays, and says so.
    Pays,
    /// Refuses, and says so.
    Refuses,
    /// Pays, and says nothing.
    PaysInSilence,
    /// Never gets the request.
    LosesTheRequest,
    /// Pays, and its answer never arrives.
    LosesTheAnswer,
}

#[derive(Debug)]
struct State {
    mood: Mood,
    /// What was paid under each key.
    paid: BTreeMap<String, i64>,
    sends: usize,
    looks: usize,
}

#[derive(Debug)]
struct Double(Mutex<State>);

impl Double {
    fn new(mood: Mood) -> Arc<Self> {
        let paid = BTreeMap::new();
        Arc::new(Self(Mutex::new(State { mood, paid, sends: 0, looks: 0 })))
    }

    fn turns(&self, mood: Mood) {
        self.0.lock().unwrap().mood = mood;
    }

    /// How often it was asked to pay, and what became of a payment.
    fn asked(&self) -> (usize, usize) {
        let state = self.0.lock().unwrap();
        (state.sends, state.looks)
    }

    fn total(&self) -> i64 {
        self.0.lock().unwrap().paid.values().sum()
    }
}

fn confirmed(key: &str) -> Answer {
    Answer::Confirmed { reference: Some(format!("tr {key}")) }
}

fn unknown() -> Answer {
    Answer::Unknown { reason: "NO_ANSWER".to_owned() }
}

#[async_trait]
impl Rail for Double {
    fn pace(&self) -> Pace {
        Pace::AtOnce
    }

    fn remembers_for(&self) -> i64 {
        20 * HOUR
    }

    async fn send(&self, order: &PayoutOrder) -> Answer {
        // Somewhere on the way there.
        tokio::task::yield_now().await;
        let mood = self.0.lock().unwrap().mood;
        if mood == Mood::LosesTheRequest {
            std::future::pending::<()>().await;
        }
        let mood = {
            let mut state = self.0.lock().unwrap();
            state.sends += 1;
            if state.mood != Mood::Refuses {
                let known = state.paid.insert(order.key.clone(), order.amount.minor);
                assert!(known.is_none_or(|known| known == order.amount.minor));
            }
            state.mood
        };
        // And somewhere on the way back.
        tokio::task::yield_now().await;
        if mood == Mood::LosesTheAnswer {
            std::future::pending::<()>().await;
        }
        match mood {
            Mood::Pays => confirmed(&order.key),
            Mood::Refuses => {
                Answer::Refused { reason: "account_closed".to_owned(), reference: None }
            }
            _ => unknown(),
        }
    }

    async fn look_up(&self, order: &PayoutOrder) -> Answer {
        let mut state = self.0.lock().unwrap();
        state.looks += 1;
        let found = state.paid.contains_key(&order.key);
        if found && state.mood == Mood::Pays { confirmed(&order.key) } else { unknown() }
    }
}

/// Polls until the future was suspended more than `n` times, and drops it there: everything that it
/// was doing ends in the middle. `Some` when it came to its end before.
pub async fn cut<F: Future>(future: F, n: usize) -> Option<F::Output> {
    let mut future = Box::pin(future);
    let mut suspended = 0;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if suspended >= n => Poll::Ready(None),
        Poll::Pending => {
            suspended += 1;
            Poll::Pending
        }
    })
    .await
}

/// Lets an executor go until the rail is silent, and ends it there.
async fn until_silent(settlements: &Settlements) {
    let cut_off = tokio::time::timeout(Duration::from_millis(1_500), settlements.pay_due()).await;
    assert!(cut_off.is_err(), "the rail was not silent");
}

fn over(scene: &Scene, rail: &Arc<Double>) -> Settlements {
    let rail: Arc<dyn Rail> = Arc::clone(rail) as Arc<dyn Rail>;
    scene.settlements.clone().with_rails(Rails::default().with(PayoutRail::Manual, rail))
}

each_engine! {
    async fn wherever_the_executor_is_cut_off_everybody_is_paid_once(db: TestDb) {
        let scene = Scene::open(&db, 500_000).await;
        let rail = Double::new(Mood::Pays);
        let settlements = over(&scene, &rail);
        let mut seen = BTreeSet::new();
        let mut paid = 0;
        // First the two places where the rail has the word, then every one where anything waits.
        let lost = [Mood::LosesTheRequest, Mood::LosesTheAnswer];
        for step in 0.. {
            assert!(step < 400, "it never ends");
            let (_, statement, planned) = scene.planned(step).await;
            let before = rail.total();
            let step = usize::try_from(step).unwrap();
            let ended = if let Some(mood) = lost.get(step) {
                rail.turns(*mood);
                until_silent(&settlements).await;
                rail.turns(Mood::Pays);
                None
            } else {
                cut(settlements.pay_due(), step - lost.len()).await
            };
            let there = scene.last_payout(statement.id).await;
            seen.insert((there.state.as_str(), rail.total() - before));
            if let Some(ended) = &ended {
                assert_eq!(*ended.as_ref().unwrap(), 1);
                assert_eq!(there.state, PayoutState::Confirmed);
            } else {
                // Somebody else comes by, at once and when the lease is over.
                settlements.pay_due().await.unwrap();
                scene.market.clock.advance(3 * MINUTE);
                settlements.pay_due().await.unwrap();
            }
            let done = scene.last_payout(statement.id).await;
            paid += planned.amount;
            assert_eq!((done.id, done.state), (planned.id, PayoutState::Confirmed), "step {step}");
            assert_eq!(done.reference.as_deref(), Some(format!("tr payout/{}", done.id).as_str()));
            assert_eq!(rail.total(), paid, "step {step}");
            assert_eq!(scene.moved(LedgerRail::Manual).await, (0, 0, paid), "step {step}");
            assert_eq!(scene.differences().await, [], "step {step}");
            if ended.is_some() {
                break;
            }
        }
        // No step was skipped: nothing done, claimed, paid, written down.
        let all = [("CONFIRMED", 850), ("PLANNED", 0), ("SENT", 0), ("SENT", 850)];
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), all);
        scene.close().await;
    }

    async fn wherever_a_resolution_is_cut_off_it_is_whole_or_not_there(db: TestDb) {
        let scene = Scene::open(&db, 500_000).await;
        let operator = scene.operator();
        let mut paid = 0;
        for step in 0.. {
            assert!(step < 400, "it never ends");
            let (_, statement, planned) = scene.planned(step).await;
            let key = format!("resolve {step}");
            let resolve = || {
                scene.settlements.resolve_payout(&operator, planned.id, true, None, Some(&key))
            };
            let ended = cut(resolve(), usize::try_from(step).unwrap()).await;
            let there = scene.last_payout(statement.id).await.state;
            assert!(matches!(there, PayoutState::Planned | PayoutState::Confirmed));
            assert_eq!(scene.differences().await, [], "step {step}");
            resolve().await.unwrap();
            paid += planned.amount;
            assert_eq!(scene.moved(LedgerRail::Manual).await, (0, 0, paid), "step {step}");
            if ended.is_some() {
                break;
            }
        }
        scene.close().await;
    }

    async fn wherever_an_import_is_cut_off_every_line_is_whole(db: TestDb) {
        let scene = Scene::open(&db, 500_000).await;
        let operator = scene.operator();
        let settlements = scene.with_bank();
        scene.set_account().await;
        let (mut paid, mut sold) = (-500_000, 0);
        for step in 0.. {
            assert!(step < 400, "it never ends");
            // Two statements of one publisher in two files; one arrives, one is refused.
            let mut lines = "payout,status,reason\n".to_owned();
            let mut payouts = Vec::new();
            for status in ["ACSC,", "RJCT,AC04"] {
                let (run, statement, payout) = scene.planned(sold).await;
                sold += 1;
                let format = PayoutFormat::Pain001;
                settlements.export_payouts(&operator, run, format, None).await.unwrap();
                lines.push_str(&format!("{},{status}\n", payout.id));
                payouts.push((statement.id, payout));
            }
            let answer = settlements.check_answer(&operator, lines.as_bytes()).await.unwrap();
            let ended = cut(settlements.apply_answer(&operator, answer.id), step).await;
            assert_eq!(scene.differences().await, [], "step {step}");
            // Read again in the middle, and applied to the end.
            let known = settlements.check_answer(&operator, lines.as_bytes()).await.unwrap();
            assert_eq!(known.id, answer.id);
            let done = settlements.apply_answer(&operator, answer.id).await.unwrap();
            assert!(done.applied_at.is_some());
            let states: Vec<PayoutState> = [
                scene.last_payout(payouts[0].0).await.state,
                scene.last_payout(payouts[1].0).await.state,
            ].to_vec();
            assert_eq!(states, [PayoutState::Confirmed, PayoutState::Refused], "step {step}");
            paid += payouts[0].1.amount;
            // What was refused is payable, and goes into the statement that comes next.
            assert_eq!(scene.moved(LedgerRail::Bank).await, (850, 0, paid), "step {step}");
            let outcomes = settlements.answer_lines(&operator, answer.id, None, (0, 9)).await.unwrap();
            assert!(outcomes.iter().all(|line| line.outcome.as_deref() == Some("OK")));
            if ended.is_some() {
                break;
            }
        }
        scene.close().await;
    }

    async fn silence_is_held_and_asked_about_and_never_sent_again(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        let rail = Double::new(Mood::PaysInSilence);
        let settlements = over(&scene, &rail);
        let (_, statement, _) = scene.planned(1).await;
        settlements.pay_due().await.unwrap();
        let held = scene.last_payout(statement.id).await;
        assert_eq!((held.state, held.reason.as_deref()), (PayoutState::Unknown, Some("NO_ANSWER")));
        assert_eq!(scene.moved(LedgerRail::Manual).await, (0, 850, 0));
        for _ in 0..3 {
            settlements.pay_due().await.unwrap();
            scene.market.clock.advance(11 * MINUTE);
            assert_eq!(settlements.pay_due().await.unwrap(), 1);
        }
        assert_eq!(rail.asked(), (1, 3));
        assert_eq!(scene.last_payout(statement.id).await.state, PayoutState::Unknown);
        scene.check().await;
        rail.turns(Mood::Pays);
        scene.market.clock.advance(11 * MINUTE);
        settlements.pay_due().await.unwrap();
        let done = scene.last_payout(statement.id).await;
        assert_eq!((done.state, done.reason), (PayoutState::Confirmed, None));
        assert_eq!((rail.asked(), rail.total()), ((1, 4), 850));
        assert_eq!(scene.moved(LedgerRail::Manual).await, (0, 0, 850));
        assert_eq!(settlements.pay_due().await.unwrap(), 0);
        scene.close().await;
    }

    async fn a_key_that_the_rail_may_have_forgotten_is_only_asked_about(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        let rail = Double::new(Mood::LosesTheRequest);
        let settlements = over(&scene, &rail);
        let (_, statement, _) = scene.planned(1).await;
        until_silent(&settlements).await;
        rail.turns(Mood::Pays);
        assert_eq!(scene.last_payout(statement.id).await.state, PayoutState::Sent);
        assert_eq!(rail.asked(), (0, 0));
        scene.market.clock.advance(20 * HOUR);
        settlements.pay_due().await.unwrap();
        // An empty list is no refusal: the money stays where it is until somebody knows.
        assert_eq!(rail.asked(), (0, 1));
        assert_eq!(scene.last_payout(statement.id).await.state, PayoutState::Unknown);
        assert_eq!(scene.moved(LedgerRail::Manual).await, (0, 850, 0));
        // A person finds out, and the next generation is another key.
        let operator = scene.operator();
        let held = scene.last_payout(statement.id).await;
        settlements.resolve_payout(&operator, held.id, false, None, None).await.unwrap();
        settlements.repay_statement(&operator, statement.id, None).await.unwrap();
        settlements.pay_due().await.unwrap();
        let done = scene.last_payout(statement.id).await;
        assert_eq!((done.generation, done.state), (2, PayoutState::Confirmed));
        assert_eq!((rail.asked(), rail.total()), ((1, 1), 850));
        scene.close().await;
    }

    async fn a_refusal_makes_the_money_payable_again(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        let rail = Double::new(Mood::Refuses);
        let settlements = over(&scene, &rail);
        let (_, statement, _) = scene.planned(1).await;
        settlements.pay_due().await.unwrap();
        let refused = scene.last_payout(statement.id).await;
        assert_eq!((refused.state, refused.reason.as_deref()), (PayoutState::Refused, Some("account_closed")));
        let operator = scene.operator();
        let carried = settlements.statement(&operator, statement.id).await.unwrap();
        assert_eq!(carried.state, StatementState::Carried);
        assert_eq!(scene.moved(LedgerRail::Manual).await, (850, 0, 0));
        assert_eq!(settlements.pay_due().await.unwrap(), 0);
        let hold = settlements.hold_payout(&operator, refused.id, None, None).await;
        assert_eq!(code(hold), "INVALID_STATE");
        scene.close().await;
    }

    async fn two_executors_at_once_pay_once(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        let rail = Double::new(Mood::Pays);
        let settlements = over(&scene, &rail);
        let (_, statement, _) = scene.planned(1).await;
        let (a, b, c) =
            tokio::join!(settlements.pay_due(), settlements.pay_due(), settlements.pay_due());
        assert_eq!(a.unwrap() + b.unwrap() + c.unwrap(), 1);
        assert_eq!((rail.asked(), rail.total()), ((1, 0), 850));
        assert_eq!(scene.last_payout(statement.id).await.state, PayoutState::Confirmed);
        scene.close().await;
    }
}
