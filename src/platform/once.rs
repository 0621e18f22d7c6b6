//! Doing a mutation once: idempotency records for services, with typed answers.

use leadbourse_core::access::{Actor, Principal};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::platform::db::WriteTx;
use crate::platform::error::{Context, Result};
use crate::platform::idempotency::{self, Begin};

/// Takes the caller's key, if one was sent. `Some` is the answer that was given before. The
/// operation and the request are hashed: they carry ids and amounts, never contact data.
///
/// # Errors
/// `IDEMPOTENCY_MISMATCH`, `IN_FLIGHT`, or a key that is too long.
pub async fn begin<T: DeserializeOwned>(
    tx: &WriteTx,
    actor: &Actor,
    key: Option<&str>,
    operation: &str,
    request: &impl Serialize,
) -> Result<Option<T>> {
    let Some(key) = key else { return Ok(None) };
    match idempotency::begin(tx, principal(actor), key, hash(operation, request)?).await? {
        Begin::Fresh => Ok(None),
        Begin::Replay(answer) => {
            serde_json::from_value(answer).context("reading a stored answer").map(Some)
        }
    }
}

/// Stores the answer: ids only.
pub async fn finish(
    tx: &WriteTx,
    actor: &Actor,
    key: Option<&str>,
    answer: &impl Serialize,
) -> Result<()> {
    let Some(key) = key else { return Ok(()) };
    let answer = serde_json::to_value(answer).context("printing an answer")?;
    idempotency::finish(tx, principal(actor), key, &answer).await
}

/// The record of a key and the hash of its request, for work that takes its keys in bulk.
///
/// # Errors
/// A key that is empty or too long.
pub fn record(
    actor: &Actor,
    key: &str,
    operation: &str,
    request: &impl Serialize,
) -> Result<(Uuid, [u8; 32])> {
    idempotency::check(key)?;
    Ok((idempotency::record_id(principal(actor), key), hash(operation, request)?))
}

fn hash(operation: &str, request: &impl Serialize) -> Result<[u8; 32]> {
    let body = serde_json::to_vec(request).context("printing a request")?;
    let mut hash = Sha256::new();
    hash.update(operation.as_bytes());
    hash.update([0]);
    hash.update(&body);
    Ok(hash.finalize().into())
}

/// Whose keys these are: the person's or the machine's; the exchange's own belong to its
/// organization.
fn principal(actor: &Actor) -> Uuid {
    match actor.principal {
        Principal::User(id) => id.uuid(),
        Principal::ApiKey(id) => id.uuid(),
        Principal::Postback(id) => id.uuid(),
        Principal::System => actor.org.uuid(),
    }
}
