//! The end of the last delivery of an award.

use leadbourse_core::conversion::AwardState;
use leadbourse_core::ids::AwardId;
use serde_json::json;

use super::repo;
use crate::conversions;
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::Result;
use crate::platform::outbox::{self, Message};

/// The topic of an award that no destination took; the key is the award. Whoever listens looks
/// whether the buyer has opened it.
pub const AWARD_UNDELIVERED: &str = "award.undelivered";

/// A delivery of this award is dead. If none of the others took it or still tries, the award is
/// undelivered. `blameless` is false where the buyer itself took the destination away: then the
/// lead waits in the inbox, and nobody is told.
pub(super) async fn dead_letter(tx: &WriteTx, award: AwardId, blameless: bool) -> Result<()> {
    // Of two deliveries that die at once the second sees the first one dead.
    conversions::lock_award(tx, award).await?;
    if has_way(tx, award).await? {
        return Ok(());
    }
    conversions::mark_delivery(tx, award, AwardState::Undelivered).await?;
    if blameless {
        outbox::enqueue(tx, Message::new(AWARD_UNDELIVERED, award.uuid(), json!({}))).await?;
    }
    Ok(())
}

/// Whether a destination took the award or may still take it.
pub async fn has_way(tx: &impl Reader, award: AwardId) -> Result<bool> {
    repo::has_way(tx, award).await
}
