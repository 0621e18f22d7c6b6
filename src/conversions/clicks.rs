//! What the exchange and the clicks ask about awards and conversions.

use leadbourse_core::ids::{AwardId, LeadId, OrganizationId};
use std::collections::HashMap;

use super::model::{Award, Conversion, Seen};
use super::repo;
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::Result;

/// A buyer's awards of these leads, by lead and copy.
pub async fn awards_of(
    tx: &impl Reader,
    buyer: OrganizationId,
    leads: &[LeadId],
) -> Result<Vec<Award>> {
    if leads.is_empty() {
        return Ok(Vec::new());
    }
    repo::awards_of_leads(tx, Seen::Buyer(buyer), leads).await
}

/// Everything that was billed on an award.
pub async fn of_award(tx: &impl Reader, award: AwardId) -> Result<Vec<Conversion>> {
    repo::conversions_of_awards(tx, Seen::All, &[award]).await
}

/// Notes that a buyer has what it bought, so that nothing is taken back as never delivered.
pub async fn note_seen(tx: &WriteTx, buyer: OrganizationId, award: AwardId) -> Result<()> {
    repo::delivered::note_seen(tx, buyer, &[award]).await
}

/// What was billed on a lead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BilledOfLead {
    /// Conversions that were not returned whole.
    pub count: i64,
    /// What they earn, less what was given back, in minor units.
    pub earning: i64,
}

/// What was billed on each of these leads, as far as it is seen.
pub async fn billed_of_leads(
    tx: &impl Reader,
    seen: Seen,
    leads: &[LeadId],
) -> Result<HashMap<LeadId, BilledOfLead>> {
    repo::clicks::billed(tx, seen, leads).await
}
