//! Niches: the market's segments, their field schemas and their rules, in versions.

mod error;
mod model;
mod packs;
mod repo;
mod rows;
mod service;

pub use error::*;
pub use model::{Niche, NicheState, NicheVersion};
pub use packs::{find as pack, slugs as pack_slugs};
pub use repo::policy_of;
pub use service::Niches;

use leadbourse_core::ids::NicheId;

use crate::platform::db::{WriteTx, epoch};
use crate::platform::error::Result;

/// Raises the market epochs of these niches. Every change that the offer book must see does it in
/// its own transaction, before it locks anything else.
///
/// # Errors
/// Faults only.
pub async fn raise_epoch(tx: &WriteTx, niches: &[NicheId]) -> Result<()> {
    let ids: Vec<_> = niches.iter().map(|id| id.uuid()).collect();
    epoch::raise(tx, &ids).await
}
