//! A click as it is stored.

use leadbourse_core::click::BotReason;
use leadbourse_core::ids::{
    ClickId, LeadId, NicheId, OfferId, OfferVersionId, OrganizationId, SourceId,
};
use leadbourse_core::time::Timestamp;

/// One click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Click {
    /// Its id.
    pub id: ClickId,
    /// Where it arose.
    pub source_id: SourceId,
    /// Whose traffic it is.
    pub publisher_id: OrganizationId,
    /// The niche.
    pub niche_id: NicheId,
    /// The offer behind the link at that moment.
    pub pin: Option<Pin>,
    /// Why it does not count as a person's.
    pub bot: Option<BotReason>,
    /// Hash of what was received, for the chain of its lead.
    pub evidence_hash: [u8; 32],
    /// When.
    pub created_at: Timestamp,
}

/// The offer version that a click pins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The offer.
    pub offer_id: OfferId,
    /// The version whose terms rule.
    pub offer_version_id: OfferVersionId,
    /// Who pays.
    pub buyer_id: OrganizationId,
    /// The publisher's own price of the LEAD goal, in minor units.
    pub own_price: Option<i64>,
}

impl Click {
    /// The lead that is made of it, if one is; its contact data lies under this id from the
    /// beginning.
    pub fn lead(&self) -> LeadId {
        LeadId(self.id.uuid())
    }
}
