//! What is known of orders and claims.

use leadbourse_core::conversion::Legs;
use leadbourse_core::ids::{
    NicheId, OfferId, OfferVersionId, OrderClaimId, OrderId, OrganizationId,
};
use leadbourse_core::money::{Bps, Currency};
use leadbourse_core::order::{self, OnTime};
use leadbourse_core::time::Timestamp;

/// A stored order with its claims. Money in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// The offer.
    pub offer_id: OfferId,
    /// The version whose conditions rule, pinned.
    pub offer_version_id: OfferVersionId,
    /// Who pays.
    pub buyer_id: OrganizationId,
    /// The niche.
    pub niche_id: NicheId,
    /// The exchange's share, pinned.
    pub take_rate: Bps,
    /// The currency.
    pub currency: Currency,
    /// How much of it stands where, with every claim.
    pub book: order::Order,
    /// When each claim was made and ended, in the order of the claims.
    pub times: Vec<(Timestamp, Option<Timestamp>)>,
    /// Who placed it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When nothing of it was awaited any more.
    pub ended_at: Option<Timestamp>,
}

impl Order {
    /// What each lead costs and earns.
    pub fn legs(&self) -> Legs {
        Legs::split(self.book.price, self.take_rate)
    }

    /// Its claims, oldest first.
    pub fn claims(&self) -> impl Iterator<Item = Claim> + '_ {
        self.book.claims.iter().zip(&self.times).map(|(claim, (created_at, ended_at))| Claim {
            order: self.id,
            claim: *claim,
            created_at: *created_at,
            ended_at: *ended_at,
        })
    }

    /// A claim of it.
    pub fn claim(&self, id: OrderClaimId) -> Option<Claim> {
        self.claims().find(|one| one.claim.id == id)
    }
}

/// A publisher's part of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The order.
    pub order: OrderId,
    /// How much of it stands where.
    pub claim: order::Claim,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// How a publisher keeps its promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnTimeShare {
    /// Claims in all.
    pub claims: i64,
    /// Leads that came in time, and of how many.
    pub counted: OnTime,
}

/// A buyer's open orders in one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrdersOf {
    /// How many hold money.
    pub count: i64,
    /// The money that they hold, in minor units.
    pub amount: i64,
}
