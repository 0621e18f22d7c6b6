//! Idempotency records of single mutations.

use crate::each_engine;
use leadbourse::platform::idempotency::{self, Begin, KEEP};
use leadbourse_core::error::{IDEMPOTENCY_MISMATCH, IN_FLIGHT};
use serde_json::json;
use uuid::Uuid;

const WHO: Uuid = Uuid::from_u128(1);

each_engine! {
    async fn the_second_request_gets_the_first_answer(t: TestDb) {
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        assert_eq!(idempotency::begin(&tx, WHO, "k", [1; 32]).await.unwrap(), Begin::Fresh);
        idempotency::finish(&tx, WHO, "k", &json!({"id": "x"})).await.unwrap();
        tx.commit().await.unwrap();
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        let again = idempotency::begin(&tx, WHO, "k", [1; 32]).await.unwrap();
        assert_eq!(again, Begin::Replay(json!({"id": "x"})));
        let other = idempotency::begin(&tx, WHO, "k", [2; 32]).await.unwrap_err();
        assert_eq!(other.problem().unwrap().code, IDEMPOTENCY_MISMATCH);
        let somebody = idempotency::begin(&tx, Uuid::from_u128(2), "k", [2; 32]).await.unwrap();
        assert_eq!(somebody, Begin::Fresh);
        let unfinished = idempotency::begin(&tx, Uuid::from_u128(2), "k", [2; 32]).await.unwrap_err();
        assert_eq!(unfinished.problem().unwrap().code, IN_FLIGHT);
        assert!(idempotency::begin(&tx, WHO, "", [2; 32]).await.is_err());
        tx.commit().await.unwrap();
        t.clock.advance(KEEP);
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        assert_eq!(idempotency::begin(&tx, WHO, "k", [3; 32]).await.unwrap(), Begin::Fresh);
        assert_eq!(idempotency::purge(&tx, 10).await.unwrap(), 1);
    }

    async fn only_one_of_many_does_the_work(t: TestDb) {
        let mut tasks = Vec::new();
        for n in 0..12i64 {
            let (db, clock) = (t.db.clone(), t.clock.clone());
            tasks.push(tokio::spawn(async move {
                let tx = db.begin_write(&clock).await.unwrap();
                match idempotency::begin(&tx, WHO, "pay", [1; 32]).await.unwrap() {
                    Begin::Fresh => {
                        idempotency::finish(&tx, WHO, "pay", &json!(n)).await.unwrap();
                        tx.commit().await.unwrap();
                        (true, json!(n))
                    }
                    Begin::Replay(answer) => (false, answer),
                }
            }));
        }
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        assert_eq!(answers.iter().filter(|(did, _)| *did).count(), 1);
        assert!(answers.iter().all(|(_, answer)| *answer == answers[0].1));
    }
}
