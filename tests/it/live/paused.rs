//! The auction under a clock that stands still: deadlines pass when the test says so, however slow
//! the machine is.

use serde_json::{Value, json};
use std::sync::mpsc;
use std::time::Duration;

use super::buyers::Says;
use super::stage::{LiveBuyer, Stage, app};
use crate::harness::Kind;

/// A stopped clock. The runtime would let a paused clock jump ahead whenever it waits for a
/// database or a socket; work on another thread holds it where it is.
struct Frozen(mpsc::Sender<()>);

impl Frozen {
    fn now() -> Self {
        let (end, ended) = mpsc::channel::<()>();
        tokio::task::spawn_blocking(move || ended.recv());
        tokio::time::pause();
        Self(end)
    }

    /// Waits in true time until this holds. The clock moves by a tenth of a millisecond at a time,
    /// for what pauses between two tries.
    async fn until(&self, mut holds: impl FnMut() -> bool) {
        for _ in 0..2_000 {
            if holds() {
                return;
            }
            let pause = || std::thread::sleep(Duration::from_millis(10));
            tokio::task::spawn_blocking(pause).await.unwrap();
            tokio::time::advance(Duration::from_micros(100)).await;
        }
        panic!("waited in vain");
    }

    fn thaw(self) {
        tokio::time::resume();
        drop(self.0);
    }
}

/// Three hang, two err, one posts less than it bid, one hangs on the post, three more.
async fn ten(stage: &Stage) -> (LiveBuyer, LiveBuyer) {
    for n in 1..=3 {
        stage.buyer(&format!("hangs{n}"), Says::Nothing).await;
    }
    for n in 1..=2 {
        stage.buyer(&format!("errs{n}"), Says::status(500)).await;
    }
    let less = stage.buyer("less", Says::bid("800.00")).await;
    stage.buyers.says("less/post", Says::bid("1.00"));
    let silent = stage.buyer("silent", Says::bid("700.00")).await;
    stage.buyers.says("silent/post", Says::Nothing);
    stage.buyer("third", Says::bid("600.00")).await;
    stage.buyer("plain", Says::yes()).await;
    stage.buyer("picky", Says::no("OUT_OF_AREA")).await;
    (less, silent)
}

/// Sends a lead, lets all who answer answer, and then the deadline pass; the verdict is not awaited.
async fn ask(stage: &Stage, n: u64, frozen: &Frozen) -> tokio::task::JoinHandle<(u16, Value)> {
    use leadbourse::demo::client::Client;
    let (base, key) = (stage.market.base.clone(), stage.source.key.clone());
    let before = stage.buyers.taken("/ask");
    let sent = tokio::spawn(async move {
        let visitor = Client::new(&base).unwrap();
        visitor.post_lead(&key, &crate::harness::market::Lead::body(n)).await.unwrap()
    });
    frozen.until(|| stage.buyers.taken("/ask") == before + 7).await;
    // 200 ms of the clock at most have passed: everybody who hangs has time left.
    tokio::time::advance(Duration::from_millis(1_200)).await;
    assert!(!sent.is_finished() && stage.buyers.asked("/post").len() < usize::try_from(n).unwrap());
    tokio::time::advance(Duration::from_millis(300)).await;
    sent
}

async fn the_true_result_among_the_timely(kind: Kind) {
    let Some(app) = app(kind).await else { return };
    let stage = Stage::open(app).await;
    let (less, silent) = ten(&stage).await;

    let frozen = Frozen::now();
    let sent = ask(&stage, 1, &frozen).await;
    frozen.thaw();
    let (status, sold) = sent.await.unwrap();
    assert_eq!((status, &sold["verdict"]), (200, &json!("SOLD")), "{sold}");
    let (_, mut trace) = stage.lead(&sold["lead_id"]).await;
    trace[4..].sort();
    assert_eq!(
        trace,
        [
            "less: WON LIVE",
            "silent: OUTBID LIVE",
            "third: OUTBID LIVE",
            "plain: OUTBID LIVE",
            "errs1: LIVE_FAILED HTTP 500",
            "errs2: LIVE_FAILED HTTP 500",
            "hangs1: LIVE_LATE",
            "hangs2: LIVE_LATE",
            "hangs3: LIVE_LATE",
            "picky: LIVE_DECLINED OUT_OF_AREA",
        ]
    );
    assert_eq!(stage.inbox(&less.seat).await, ["80000"], "the bid binds, the post said less");
    assert_eq!(stage.wallet(&less.seat).await, [920_000, 0]);

    stage.buyers.says("less/ask", Says::no("CAP"));
    let frozen = Frozen::now();
    let sent = ask(&stage, 2, &frozen).await;
    frozen.until(|| stage.buyers.asked("silent/post").len() == 1).await;
    tokio::time::advance(Duration::from_millis(2_000)).await;
    frozen.thaw();
    let (_, waits) = sent.await.unwrap();
    assert_eq!(waits["reasons"][0]["code"], "LIVE_PENDING", "{waits}");
    assert_eq!(stage.offered(&silent.seat).await, ["UNKNOWN 70000 - -"]);
    assert_eq!(stage.wallet(&silent.seat).await, [930_000, 70_000]);
    assert_eq!(stage.buyers.asked("/post").len(), 2, "nobody else is sent the lead");
    assert_eq!(stage.number("SELECT CAST(COUNT(*) AS BIGINT) AS n FROM awards").await, 1);
    stage.pass(600 * leadbourse_core::time::SECOND).await;
    stage.until(&waits["lead_id"], "UNSOLD").await;
    stage.app.finish().await;
}

// A clock that stands still needs a runtime of one thread.
#[tokio::test]
async fn the_true_result_among_the_timely_sqlite() {
    the_true_result_among_the_timely(Kind::Sqlite).await;
}

#[tokio::test]
async fn the_true_result_among_the_timely_postgres() {
    the_true_result_among_the_timely(Kind::Postgres).await;
}
