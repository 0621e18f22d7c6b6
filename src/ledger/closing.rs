//! The end of a period: nothing is posted before it any more.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::error::{Problem, TOO_LONG};
use leadbourse_core::ids::LedgerCloseId;
use leadbourse_core::time::{HOUR, Timestamp};
use serde_json::json;

use super::repo::desk;
use super::service::Ledger;
use crate::platform::error::Result;
use crate::platform::{audit, once};

leadbourse_core::codes! {
    PERIOD_CLOSED: Conflict = "The period is closed: nothing can be posted before its end.";
    CLOSE_TOO_EARLY: Invalid = "A period has to end at least an hour ago, and after the one that was closed last.";
    LEDGER_DIFFERS: Conflict = "The ledger does not agree with itself; a period is not closed over a difference.";
}

/// What is under way when a period is closed has begun later than this.
const SETTLING: i64 = HOUR;

/// A closed period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerClose {
    /// Its id.
    pub id: LedgerCloseId,
    /// Nothing is posted before this instant.
    pub closed_until: Timestamp,
    /// A note for colleagues.
    pub note: Option<String>,
    /// Who closed it, as printed id.
    pub closed_by: String,
    /// When.
    pub at: Timestamp,
}

impl Ledger {
    /// Closes the books up to an instant, for good. The ledger is verified first; the database
    /// itself refuses earlier postings from then on.
    ///
    /// # Errors
    /// `CLOSE_TOO_EARLY`, `LEDGER_DIFFERS`, `TOO_LONG`, and those of idempotency keys.
    pub async fn close_period(
        &self,
        actor: &Actor,
        until: Timestamp,
        note: Option<&str>,
        key: Option<&str>,
    ) -> Result<LedgerClose> {
        actor.require(Action::Settle)?;
        if note.is_some_and(|note| note.chars().count() > 1_000) {
            return Err(Problem::new(TOO_LONG).field("note").into());
        }
        if !self.verify().await?.is_empty() {
            return Err(LEDGER_DIFFERS.into());
        }
        let tx = self.db.begin_write(&self.clock).await?;
        let request = (until, note);
        let replay: Option<LedgerCloseId> =
            once::begin(&tx, actor, key, "closeLedgerPeriod", &request).await?;
        let known = desk::closes(&tx).await?;
        if let Some(close) = replay.and_then(|id| known.iter().find(|close| close.id == id)) {
            return Ok(close.clone());
        }
        let now = tx.now();
        let last = known.first().map(|close| close.closed_until);
        if until > now.plus(-SETTLING) || last.is_some_and(|last| until <= last) {
            return Err(Problem::new(CLOSE_TOO_EARLY).field("until").into());
        }
        let close = LedgerClose {
            id: LedgerCloseId::new(now),
            closed_until: until,
            note: note.map(str::trim).filter(|note| !note.is_empty()).map(str::to_owned),
            closed_by: actor.name(),
            at: now,
        };
        desk::insert_close(&tx, &close).await?;
        let detail = json!({"until": until.rfc3339()});
        audit::record(&tx, actor, "ledger.close", &close.id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &close.id).await?;
        tx.commit().await?;
        Ok(close)
    }

    /// Every close, newest first.
    pub async fn closes(&self, actor: &Actor) -> Result<Vec<LedgerClose>> {
        actor.require(Action::ReadLedger)?;
        let tx = self.db.begin_read().await?;
        desk::closes(&tx).await
    }
}
