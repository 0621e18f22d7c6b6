//! Statements on a queue of things to be sent: leased, tried, finished by compare-and-set. Every
//! queue has three tables of the same shape: entries, the targets that they go to, and the tries.

use leadbourse_core::delivery::{DeliveryState, EndpointState};
use leadbourse_core::ids::AttemptId;
use leadbourse_core::time::Timestamp;
use sea_orm::Value;
use uuid::Uuid;

use crate::platform::db::row::time;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::Result;

/// The tables of a queue, and how their columns are called. All are names in our own source.
#[derive(Debug)]
pub struct Queue {
    /// The table of entries.
    pub entries: &'static str,
    /// Its column with the target.
    pub target: &'static str,
    /// Its column with what is told.
    pub subject: &'static str,
    /// Its column with whose it is.
    pub owner: &'static str,
    /// The table of targets.
    pub targets: &'static str,
    /// The table of tries.
    pub tries: &'static str,
    /// Its column with the entry.
    pub tried: &'static str,
}

/// An entry that is ours for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    /// The entry.
    pub id: Uuid,
    /// Where it goes.
    pub target: Uuid,
    /// What is told.
    pub subject: Uuid,
    /// Whose it is.
    pub owner: Uuid,
    /// Tries so far.
    pub attempts: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// Proves that the lease is ours.
    pub token: Uuid,
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What was tried.
    pub of: Uuid,
    /// 1 for the first.
    pub n: i32,
    /// When.
    pub at: Timestamp,
    /// HTTP status, when there was an answer.
    pub status: Option<i32>,
    /// What went wrong.
    pub error: Option<String>,
    /// How long it took, µs.
    pub duration_us: i64,
}

/// Where a leased entry goes after a try.
#[derive(Clone, Debug)]
pub(crate) struct After<'a> {
    pub(crate) state: DeliveryState,
    pub(crate) next_at: Timestamp,
    pub(crate) error: Option<&'a str>,
    pub(crate) delivered_at: Option<Timestamp>,
    /// Whether the try counts.
    pub(crate) counts: bool,
    /// Whether it is nothing that the owner did.
    pub(crate) blameless: bool,
}

impl Queue {
    /// Whether anything is due: a glance that takes no lock.
    pub(crate) async fn any_due(&self, tx: &impl Reader, now: Timestamp) -> Result<bool> {
        let Self { entries, target, targets, .. } = self;
        let text = format!(
            "SELECT 1 AS one FROM {entries} WHERE state = 'PENDING' AND next_at <= $1 \
             AND leased_until <= $1 \
             AND {target} IN (SELECT id FROM {targets} WHERE state = 'ACTIVE') LIMIT 1"
        );
        Ok(sql::one(tx, &text, [now.micros().into()]).await?.is_some())
    }

    /// Leases what is due, at most so many, and at most so many per target: one that is slow does
    /// not take every place. Targets in `busy` are passed over.
    pub(crate) async fn lease(
        &self,
        tx: &WriteTx,
        token: Uuid,
        until: Timestamp,
        (most, per_target): (i64, i64),
        busy: &[Uuid],
    ) -> Result<Vec<Leased>> {
        let Self { entries, target, targets, subject, owner, .. } = self;
        let (marks, busy) = sql::ids(6, busy);
        // The predicate is repeated outside, so that of two leasers only one gets a row.
        let text = format!(
            "UPDATE {entries} SET lease_token = $1, leased_until = $2 WHERE id IN (\
             SELECT q.id FROM (SELECT id, next_at, ROW_NUMBER() OVER (PARTITION BY {target} \
             ORDER BY next_at, id) AS place FROM {entries} WHERE state = 'PENDING' \
             AND next_at <= $3 AND leased_until <= $3 AND {target} NOT IN ({marks}) \
             AND {target} IN (SELECT id FROM {targets} WHERE state = 'ACTIVE')) AS q \
             WHERE q.place <= $5 ORDER BY q.next_at, q.id LIMIT $4) \
             AND state = 'PENDING' AND leased_until <= $3 \
             RETURNING id, {target}, {subject}, {owner}, attempts, created_at"
        );
        let mut values: Vec<Value> = vec![
            token.into(),
            until.micros().into(),
            tx.now().micros().into(),
            most.into(),
            per_target.into(),
        ];
        values.extend(busy);
        let rows = sql::all(tx, &text, values).await?;
        rows.iter()
            .map(|row| {
                Ok(Leased {
                    id: row.try_get("", "id")?,
                    target: row.try_get("", target)?,
                    subject: row.try_get("", subject)?,
                    owner: row.try_get("", owner)?,
                    attempts: row.try_get("", "attempts")?,
                    created_at: time(row, "created_at")?,
                    token,
                })
            })
            .collect()
    }

    /// Ends a lease by compare-and-set; gives the number of the try, or `None` when the lease was
    /// lost.
    pub(crate) async fn finish(
        &self,
        tx: &WriteTx,
        leased: &Leased,
        after: &After<'_>,
    ) -> Result<Option<i32>> {
        let text = format!(
            "UPDATE {} SET state = $1, next_at = $2, last_error = $3, \
             delivered_at = $4, attempts = attempts + $5, lease_token = NULL, leased_until = 0 \
             WHERE id = $6 AND lease_token = $7 RETURNING attempts",
            self.entries
        );
        let values: [Value; 7] = [
            after.state.as_str().into(),
            after.next_at.micros().into(),
            after.error.map(str::to_owned).into(),
            after.delivered_at.map(Timestamp::micros).into(),
            i32::from(after.counts).into(),
            leased.id.into(),
            leased.token.into(),
        ];
        let row = sql::one(tx, &text, values).await?;
        Ok(row.map(|row| row.try_get("", "attempts")).transpose()?)
    }

    /// Writes a try down.
    pub(crate) async fn insert_attempt(&self, tx: &WriteTx, attempt: &Attempt) -> Result<()> {
        let text = format!(
            "INSERT INTO {} (id, {}, n, at, status, error, duration_us) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            self.tries, self.tried
        );
        let values: [Value; 7] = [
            AttemptId::new(attempt.at).uuid().into(),
            attempt.of.into(),
            attempt.n.into(),
            attempt.at.micros().into(),
            attempt.status.into(),
            attempt.error.clone().into(),
            attempt.duration_us.into(),
        ];
        sql::run(tx, &text, values).await.map(drop)
    }

    /// The tries of entries, first one first.
    pub(crate) async fn attempts(&self, tx: &impl Reader, ids: &[Uuid]) -> Result<Vec<Attempt>> {
        let (marks, values) = sql::ids(1, ids);
        let Self { tries, tried, .. } = self;
        let text = format!(
            "SELECT {tried}, n, at, status, error, duration_us FROM {tries} \
             WHERE {tried} IN ({marks}) ORDER BY {tried}, n"
        );
        let rows = sql::all(tx, &text, values).await?;
        rows.iter()
            .map(|row| {
                Ok(Attempt {
                    of: row.try_get("", tried)?,
                    n: row.try_get("", "n")?,
                    at: time(row, "at")?,
                    status: row.try_get("", "status")?,
                    error: row.try_get("", "error")?,
                    duration_us: row.try_get("", "duration_us")?,
                })
            })
            .collect()
    }

    /// Puts an entry back to be tried at once, whatever became of it.
    pub(crate) async fn replay(&self, tx: &WriteTx, id: Uuid) -> Result<()> {
        let text = format!(
            "UPDATE {} SET state = 'PENDING', next_at = $1, delivered_at = NULL, \
             lease_token = NULL, leased_until = 0 WHERE id = $2",
            self.entries
        );
        sql::run(tx, &text, [tx.now().micros().into(), id.into()]).await.map(drop)
    }

    /// Ends entries that wait for longer than that, a bounded number at once; gives what they were
    /// about, each with whether it was tried or its target is failing, so that the owner's own
    /// pause is not the reason.
    pub(crate) async fn give_up(
        &self,
        tx: &WriteTx,
        made_before: Timestamp,
        why: &str,
        most: i64,
    ) -> Result<Vec<(Uuid, bool)>> {
        let Self { entries, target, targets, subject, .. } = self;
        let text = format!(
            "UPDATE {entries} SET state = 'DEAD', last_error = COALESCE(last_error, $1) \
             WHERE id IN (SELECT id FROM {entries} WHERE state = 'PENDING' AND created_at <= $2 \
             AND next_at <= $3 AND leased_until <= $3 LIMIT $4) \
             AND state = 'PENDING' AND leased_until <= $3 RETURNING {subject}, \
             CAST(CASE WHEN attempts > 0 OR EXISTS (SELECT 1 FROM {targets} e \
             WHERE e.id = {entries}.{target} AND e.failing_since IS NOT NULL) \
             THEN 1 ELSE 0 END AS BIGINT) AS tried"
        );
        let values: [Value; 4] =
            [why.into(), made_before.micros().into(), tx.now().micros().into(), most.into()];
        let rows = sql::all(tx, &text, values).await?;
        rows.iter()
            .map(|row| {
                let tried: i64 = row.try_get("", "tried")?;
                Ok((row.try_get("", subject)?, tried == 1))
            })
            .collect()
    }

    /// Moves a target from one state to another; false when it was not in the first. A new start
    /// forgets the failures.
    pub(crate) async fn move_target(
        &self,
        tx: &WriteTx,
        id: Uuid,
        from: EndpointState,
        to: EndpointState,
    ) -> Result<bool> {
        let text = format!(
            "UPDATE {} SET state = $1, \
             failing_since = CASE WHEN $1 = 'ACTIVE' THEN NULL ELSE failing_since END \
             WHERE id = $2 AND state = $3",
            self.targets
        );
        let values = [to.as_str().into(), id.into(), from.as_str().into()];
        Ok(sql::run(tx, &text, values).await? == 1)
    }

    /// What waits for a target that starts again is due at once.
    pub(crate) async fn hurry(&self, tx: &WriteTx, target: Uuid) -> Result<u64> {
        let text = format!(
            "UPDATE {} SET next_at = $1 WHERE {} = $2 AND state = 'PENDING' AND next_at > $1",
            self.entries, self.target
        );
        sql::run(tx, &text, [tx.now().micros().into(), target.into()]).await
    }

    /// What waits for a target that is deleted is dead.
    pub(crate) async fn abandon(&self, tx: &WriteTx, target: Uuid, why: &str) -> Result<u64> {
        let text = format!(
            "UPDATE {} SET state = 'DEAD', last_error = $1, lease_token = NULL, \
             leased_until = 0 WHERE {} = $2 AND state = 'PENDING'",
            self.entries, self.target
        );
        sql::run(tx, &text, [why.into(), target.into()]).await
    }

    /// Notes a success: the target is not failing.
    pub(crate) async fn healthy(&self, tx: &WriteTx, target: Uuid) -> Result<()> {
        let text = format!(
            "UPDATE {} SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL",
            self.targets
        );
        sql::run(tx, &text, [target.into()]).await.map(drop)
    }

    /// Notes a failure; gives since when there have been only failures, or `None` when the target
    /// is not active.
    pub(crate) async fn failing(&self, tx: &WriteTx, target: Uuid) -> Result<Option<Timestamp>> {
        let text = format!(
            "UPDATE {} SET failing_since = COALESCE(failing_since, $1) \
             WHERE id = $2 AND state = 'ACTIVE' RETURNING failing_since",
            self.targets
        );
        let row = sql::one(tx, &text, [tx.now().micros().into(), target.into()]).await?;
        row.as_ref().map(|row| time(row, "failing_since")).transpose()
    }
}
