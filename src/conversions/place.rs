//! How a report names the award that it is about.

use leadbourse_core::error::{BAD_ID, NOT_FOUND, Problem};
use leadbourse_core::ids::{AwardId, LeadId, OrganizationId};
use serde::Serialize;
use std::str::FromStr;

use super::model::{Award, Seen};
use super::repo;
use crate::platform::db::Reader;
use crate::platform::error::Result;

/// Where an event happened. Another way to name an award is one more variant, with its prefix in
/// [`Place::from_str`] and its arm in [`award_at`]: every surface that takes reports then knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Place {
    /// On this award.
    Award(AwardId),
    /// On the award of this lead to the buyer who reports: a buyer buys a lead once.
    Lead(LeadId),
}

impl Place {
    /// The input field that names it.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Award(_) => "awardId",
            Self::Lead(_) => "leadId",
        }
    }
}

impl From<AwardId> for Place {
    fn from(id: AwardId) -> Self {
        Self::Award(id)
    }
}

impl FromStr for Place {
    type Err = Problem;

    /// By the prefix of the id: `awd_…` or `lead_…`.
    fn from_str(text: &str) -> Result<Self, Problem> {
        let bad = || Problem::new(BAD_ID).detail("Expected an award's or a lead's id.");
        match text.split_once('_') {
            Some((LeadId::PREFIX, _)) => text.parse().map(Self::Lead).map_err(|_| bad()),
            _ => text.parse().map(Self::Award).map_err(|_| bad()),
        }
    }
}

/// The award that a buyer's report is about.
///
/// # Errors
/// `NOT_FOUND` at the field that names it: not there, or another buyer's.
pub async fn award_at(tx: &impl Reader, buyer: OrganizationId, place: Place) -> Result<Award> {
    let own = Seen::Buyer(buyer);
    let found = match place {
        Place::Award(id) => repo::award(tx, own, id).await?,
        Place::Lead(id) => repo::awards_of_leads(tx, own, &[id]).await?.pop(),
    };
    found.ok_or_else(|| Problem::new(NOT_FOUND).field(place.field()).into())
}
