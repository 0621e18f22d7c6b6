//! The one error type of everything above core.
//!
//! A refusal (`Problem`) is an answer; everything else is a fault whose cause is logged once, at
//! the edge, and never sent.

use leadbourse_core::error::{Code, Kind, Problem};
use sea_orm::{DbErr, RuntimeErr, SqlErr};
use std::error::Error as StdError;

/// What a use case fails with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An expected refusal with a stable code; it is the answer.
    #[error("{0}")]
    Problem(Problem),
    /// The database failed, or broke a promise that core should have kept.
    #[error("database: {0}")]
    Db(#[from] DbErr),
    /// Anything else, with a sentence that says what was being done.
    #[error("{0}: {1}")]
    Other(String, #[source] Box<dyn StdError + Send + Sync>),
}

/// The result of everything above core.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::Problem(Problem::new(code))
    }
}

impl Error {
    /// A fault with a sentence and its cause.
    pub fn other(
        doing: impl Into<String>,
        cause: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Other(doing.into(), cause.into())
    }

    /// A fault that has no deeper cause: a broken invariant, stored text that does not parse.
    pub fn broken(what: impl Into<String>) -> Self {
        Self::Other("broken invariant".to_owned(), what.into().into())
    }

    /// The refusal, when it is one.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            Self::Db(_) | Self::Other(..) => None,
        }
    }

    /// The kind of the answer: a refusal's own, `Internal` for every fault.
    pub fn kind(&self) -> Kind {
        self.problem().map_or(Kind::Internal, |problem| problem.code.kind)
    }

    /// Whether a unique or primary key said no. Slices turn it into a refusal of their own.
    pub fn is_unique_violation(&self) -> bool {
        match self {
            Self::Db(cause) => {
                matches!(cause.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
            }
            Self::Problem(_) | Self::Other(..) => false,
        }
    }

    /// Whether the whole transaction may be run again: a deadlock victim, a serialization
    /// failure, a busy SQLite file.
    pub fn is_retryable(&self) -> bool {
        // 40001 serialization_failure, 40P01 deadlock_detected, 5 SQLITE_BUSY, 6 SQLITE_LOCKED,
        // 261 SQLITE_BUSY_RECOVERY, 517 SQLITE_BUSY_SNAPSHOT.
        self.sql_state().is_some_and(|state| {
            matches!(state.as_str(), "40001" | "40P01" | "5" | "6" | "261" | "517")
        })
    }

    /// Whether the database refused a posting that is dated before a close.
    pub fn is_closed_period(&self) -> bool {
        // Raised by the guard on the ledger: LB001 on PostgreSQL, SQLITE_CONSTRAINT_TRIGGER.
        self.sql_state().is_some_and(|state| matches!(state.as_str(), "LB001" | "1811"))
    }

    /// Whether the connection itself was lost, so that nothing can be said about the rows.
    pub fn is_connection_loss(&self) -> bool {
        match self {
            Self::Db(DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) => true,
            Self::Db(DbErr::Exec(RuntimeErr::SqlxError(e)))
            | Self::Db(DbErr::Query(RuntimeErr::SqlxError(e))) => {
                !matches!(e.as_ref(), sea_orm::SqlxError::Database(_))
                    || self.sql_state().is_some_and(|s| s.starts_with("57P") || s.starts_with("08"))
            }
            Self::Db(_) | Self::Problem(_) | Self::Other(..) => false,
        }
    }

    /// The engine's own code: SQLSTATE on PostgreSQL, the extended result code on SQLite.
    pub fn sql_state(&self) -> Option<String> {
        let Self::Db(
            DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause))
            | DbErr::Conn(RuntimeErr::SqlxError(cause)),
        ) = self
        else {
            return None;
        };
        match cause.as_ref() {
            sea_orm::SqlxError::Database(e) => e.code().map(std::borrow::Cow::into_owned),
            _ => None,
        }
    }
}

/// Adds a sentence to a foreign error.
pub trait Context<T> {
    /// Says what was being done when it failed.
    fn context(self, doing: &str) -> Result<T>;
}

impl<T, E: StdError + Send + Sync + 'static> Context<T> for std::result::Result<T, E> {
    fn context(self, doing: &str) -> Result<T> {
        self.map_err(|cause| Error::Other(doing.to_owned(), Box::new(cause)))
    }
}

/// Runs a transaction again when the engine asks for it (deadlock, serialization, busy), up to
/// three times in all, with a short random pause. The closure must open its own transaction.
pub async fn retry<T, F>(mut run: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    for attempt in 1..3u64 {
        match run().await {
            Err(error) if error.is_retryable() => {
                let pause = rand::random_range(1..=10 * attempt);
                tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
            }
            outcome => return outcome,
        }
    }
    run().await
}
