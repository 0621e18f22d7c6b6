//! Jobs: leased, run outside transactions, finished once.

use crate::each_engine;
use crate::harness::TestDb;
use async_trait::async_trait;
use leadbourse::platform::error::{Error, Result};
use leadbourse::platform::jobs::{self, Handler, Job, JobSpec, JobState, Runner};
use leadbourse::platform::paging::Page;
use leadbourse::platform::shutdown::Shutdown;
use leadbourse_core::time::{DAY, HOUR, MINUTE};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Default)]
struct Recording {
    payloads: Mutex<Vec<Value>>,
    fail: AtomicBool,
    running: AtomicUsize,
    most: AtomicUsize,
    pause: Duration,
}

#[async_trait]
impl Handler for Recording {
    async fn run(&self, job: &Job) -> Result<()> {
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(running, Ordering::SeqCst);
        tokio::time::sleep(self.pause).await;
        self.running.fetch_sub(1, Ordering::SeqCst);
        if self.fail.load(Ordering::SeqCst) {
            return Err(Error::broken("not today"));
        }
        self.payloads.lock().unwrap().push(job.payload.clone());
        Ok(())
    }
}

fn runner(t: &TestDb, handler: &Arc<Recording>) -> Runner {
    Runner::new(t.db.clone(), t.clock.clone()).on("t.job", handler.clone())
}

async fn schedule(t: &TestDb, specs: Vec<JobSpec>) {
    let tx = t.db.begin_write(&t.clock).await.unwrap();
    for spec in specs {
        jobs::schedule(&tx, spec).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn in_state(t: &TestDb, state: JobState) -> Vec<jobs::JobView> {
    let tx = t.db.begin_read().await.unwrap();
    let all = jobs::list(&tx, state, &Page { first: 100, after: None }).await.unwrap().items;
    all.into_iter().filter(|job| job.kind == "t.job").collect()
}

each_engine! {
    async fn a_job_runs_when_it_is_due_and_once(t: TestDb) {
        let handler = Arc::new(Recording::default());
        let runner = runner(&t, &handler);
        let later = t.clock.now().plus(HOUR);
        let once = || JobSpec::new("t.job", json!(2)).dedup("one");
        schedule(&t, vec![JobSpec::new("t.job", json!(1)).at(later), once(), once()]).await;
        runner.drain().await.unwrap();
        assert_eq!(*handler.payloads.lock().unwrap(), [json!(2)]);
        schedule(&t, vec![once()]).await;
        t.clock.advance(HOUR);
        runner.drain().await.unwrap();
        assert_eq!(*handler.payloads.lock().unwrap(), [json!(2), json!(1)]);
        assert_eq!(in_state(&t, JobState::Done).await.len(), 2);
    }

    async fn a_failing_job_backs_off_dies_and_can_be_revived(t: TestDb) {
        let handler = Arc::new(Recording::default());
        handler.fail.store(true, Ordering::SeqCst);
        let runner = runner(&t, &handler);
        let spec = JobSpec { max_attempts: 3, ..JobSpec::new("t.job", json!(1)) };
        schedule(&t, vec![spec]).await;
        for _ in 0..5 {
            runner.drain().await.unwrap();
            t.clock.advance(HOUR);
        }
        let dead = in_state(&t, JobState::Dead).await;
        assert_eq!((dead.len(), dead[0].attempts), (1, 3));
        assert!(dead[0].last_error.as_deref().unwrap().contains("not today"));
        handler.fail.store(false, Ordering::SeqCst);
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        jobs::retry_dead(&tx, dead[0].id).await.unwrap();
        tx.commit().await.unwrap();
        runner.drain().await.unwrap();
        assert_eq!(in_state(&t, JobState::Done).await.len(), 1);
        let tx = t.db.begin_write(&t.clock).await.unwrap();
        assert!(jobs::retry_dead(&tx, dead[0].id).await.is_err(), "it is not dead any more");
    }

    async fn a_recurring_job_runs_once_per_tick_whatever_the_instances(t: TestDb) {
        let handler = Arc::new(Recording::default());
        let make = || Runner::new(t.db.clone(), t.clock.clone()).every("t.job", MINUTE, handler.clone());
        let (a, b) = (make(), make());
        for _ in 0..3 {
            a.drain().await.unwrap();
            b.drain().await.unwrap();
            a.drain().await.unwrap();
            t.clock.advance(MINUTE);
        }
        assert_eq!(handler.payloads.lock().unwrap().len(), 3);
        t.clock.advance(10 * DAY);
        a.drain().await.unwrap();
        assert_eq!(handler.payloads.lock().unwrap().len(), 4, "missed ticks are not made up for");
        assert!(in_state(&t, JobState::Done).await.len() < 4, "old jobs are swept out");
    }

    async fn jobs_of_one_queue_run_one_at_a_time_and_in_order(t: TestDb) {
        let pause = Duration::from_millis(5);
        let handler = Arc::new(Recording { pause, ..Recording::default() });
        for n in 0..8 {
            schedule(&t, vec![JobSpec::new("t.job", json!(n)).queue("q")]).await;
            t.clock.advance(1_000);
        }
        let (a, b) = (runner(&t, &handler), runner(&t, &handler));
        for _ in 0..50 {
            let (x, y) = tokio::join!(a.drain(), b.drain());
            x.unwrap();
            y.unwrap();
            if handler.payloads.lock().unwrap().len() == 8 {
                break;
            }
        }
        let expected: Vec<Value> = (0..8).map(|n| json!(n)).collect();
        assert_eq!(*handler.payloads.lock().unwrap(), expected);
        assert_eq!(handler.most.load(Ordering::SeqCst), 1);
    }

    async fn many_runners_never_run_a_job_twice(t: TestDb) {
        let handler = Arc::new(Recording::default());
        schedule(&t, (0..60).map(|n| JobSpec::new("t.job", json!(n))).collect()).await;
        let shutdown = Shutdown::new();
        for _ in 0..3 {
            shutdown.spawn("jobs", Arc::new(runner(&t, &handler)).run(shutdown.clone()));
        }
        for _ in 0..300 {
            if in_state(&t, JobState::Done).await.len() == 60 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(shutdown.finish(Duration::from_secs(5)).await);
        let mut seen: Vec<i64> =
            handler.payloads.lock().unwrap().iter().filter_map(Value::as_i64).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..60).collect::<Vec<i64>>());
    }
}
