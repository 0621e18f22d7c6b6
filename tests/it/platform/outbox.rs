//! The outbox: at least once, never lost.

use crate::each_engine;
use crate::harness::TestDb;
use async_trait::async_trait;
use leadbourse::platform::error::{Error, Result};
use leadbourse::platform::outbox::{self, Delivered, Handler, Message, Runner};
use leadbourse::platform::shutdown::Shutdown;
use leadbourse_core::time::{DAY, HOUR};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;

/// Counts what it got; refuses keys in `bad`.
#[derive(Default)]
struct Counting {
    seen: Mutex<HashMap<Uuid, usize>>,
    bad: Mutex<Vec<Uuid>>,
}

#[async_trait]
impl Handler for Counting {
    async fn handle(&self, messages: &[Delivered]) -> Result<()> {
        let bad = self.bad.lock().unwrap().clone();
        if messages.iter().any(|message| bad.contains(&message.key)) {
            return Err(Error::broken("poison"));
        }
        let mut seen = self.seen.lock().unwrap();
        messages.iter().for_each(|message| *seen.entry(message.key).or_default() += 1);
        Ok(())
    }
}

async fn send(t: &TestDb, keys: impl IntoIterator<Item = u128>) {
    let tx = t.db.begin_write(&t.clock).await.unwrap();
    let messages: Vec<Message> = keys
        .into_iter()
        .map(|n| Message::new("t.x", Uuid::from_u128(n), json!({"n": 1})))
        .collect();
    outbox::enqueue_all(&tx, &messages).await.unwrap();
    tx.commit().await.unwrap();
}

async fn backlog(t: &TestDb) -> (i64, i64) {
    outbox::backlog(&t.db.begin_read().await.unwrap()).await.unwrap()
}

each_engine! {
    async fn what_is_committed_is_handled_and_nothing_else(t: TestDb) {
        let counting = Arc::new(Counting::default());
        let runner = Runner::new(t.db.clone(), t.clock.clone()).on("t.x", counting.clone());
        send(&t, 0..1_200).await;
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        outbox::enqueue(&tx, Message::new("t.x", Uuid::max(), json!({}))).await.unwrap();
        drop(tx);
        assert_eq!(runner.drain().await.unwrap(), 1_200);
        let seen = counting.seen.lock().unwrap().clone();
        assert!(seen.len() == 1_200 && seen.values().all(|n| *n == 1));
        assert_eq!(backlog(&t).await, (0, 0));
    }

    async fn a_poisoned_message_waits_alone(t: TestDb) {
        let counting = Arc::new(Counting::default());
        let poison = Uuid::from_u128(3);
        counting.bad.lock().unwrap().push(poison);
        let runner = Runner::new(t.db.clone(), t.clock.clone()).on("t.x", counting.clone());
        send(&t, 0..10).await;
        assert_eq!(runner.drain().await.unwrap(), 9);
        assert_eq!(backlog(&t).await, (1, 0));
        assert_eq!(runner.drain().await.unwrap(), 0, "not due yet");
        counting.bad.lock().unwrap().clear();
        t.clock.advance(HOUR);
        assert_eq!(runner.drain().await.unwrap(), 1);
        assert_eq!(counting.seen.lock().unwrap()[&poison], 1);
    }

    async fn a_hopeless_message_is_parked_in_sight(t: TestDb) {
        let counting = Arc::new(Counting::default());
        counting.bad.lock().unwrap().push(Uuid::from_u128(0));
        let runner = Runner::new(t.db.clone(), t.clock.clone()).on("t.x", counting);
        send(&t, 0..1).await;
        for _ in 0..30 {
            runner.drain().await.unwrap();
            t.clock.advance(HOUR);
        }
        assert_eq!(backlog(&t).await, (1, 1));
    }

    async fn a_topic_nobody_knows_waits_for_a_day(t: TestDb) {
        let runner = Runner::new(t.db.clone(), t.clock.clone());
        send(&t, 0..2).await;
        assert_eq!(runner.drain().await.unwrap(), 0);
        assert_eq!(backlog(&t).await.0, 2);
        t.clock.advance(DAY + HOUR);
        runner.drain().await.unwrap();
        assert_eq!(backlog(&t).await.0, 0);
    }

    /// Runners side by side share the work; no message is handled by two of them.
    async fn runners_side_by_side_share(t: TestDb) {
        let counting = Arc::new(Counting::default());
        let runner =
            || Runner::new(t.db.clone(), t.clock.clone()).on("t.x", counting.clone());
        send(&t, 0..3_000).await;
        let (a, b, c) = (runner(), runner(), runner());
        let (a, b, c) = tokio::join!(a.drain(), b.drain(), c.drain());
        assert_eq!(a.unwrap() + b.unwrap() + c.unwrap(), 3_000);
        assert!(counting.seen.lock().unwrap().values().all(|n| *n == 1));
    }

    async fn a_running_runner_hears_the_bell_and_ends(t: TestDb) {
        let counting = Arc::new(Counting::default());
        let runner = Arc::new(
            Runner::new(t.db.clone(), t.clock.clone()).on("t.x", counting.clone()),
        );
        let shutdown = Shutdown::new();
        shutdown.spawn("outbox", runner.run(shutdown.clone()));
        send(&t, 0..50).await;
        for _ in 0..200 {
            if backlog(&t).await.0 == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(counting.seen.lock().unwrap().len(), 50);
        assert!(shutdown.finish(Duration::from_secs(5)).await);
    }
}
