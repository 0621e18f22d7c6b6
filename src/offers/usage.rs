//! How much of its caps an offer has used, and what follows: `exhausted` is never stored.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::ids::OfferId;
use leadbourse_core::money::Bps;
use leadbourse_core::offer::meters::Meters;
use leadbourse_core::offer::schedule::ZoneSchedule;
use leadbourse_core::offer::terms::Terms;
use leadbourse_core::time::Timestamp;
use std::collections::HashMap;

use super::{Offers, repo};
use crate::platform::error::Result;

/// What an offer has bought in its current periods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The meters, rolled to the periods of now.
    pub meters: Meters,
    /// Whether a cap leaves no room for one more lead.
    pub exhausted: bool,
}

impl Usage {
    /// The share of awards that were returned.
    pub fn return_share(&self) -> Bps {
        let awards = self.meters.awards.max(1);
        let share = self.meters.returns.saturating_mul(10_000) / awards;
        Bps(u32::try_from(share).unwrap_or(0).min(Bps::WHOLE.0))
    }

    /// Meters as they stand at an instant under these terms.
    pub(super) fn of(meters: Meters, terms: Option<&Terms>, now: Timestamp) -> Self {
        Self::at_price(meters, terms, None, now)
    }

    /// The same for a publisher whose leads have an own price.
    pub(super) fn at_price(
        meters: Meters,
        terms: Option<&Terms>,
        own_price: Option<i64>,
        now: Timestamp,
    ) -> Self {
        let Some(terms) = terms else { return Self { meters, exhausted: false } };
        let Ok(schedule) = ZoneSchedule::new(&terms.schedule) else {
            return Self { meters, exhausted: false };
        };
        let meters = meters.at(schedule.starts(now));
        Self { meters, exhausted: !meters.allow(&terms.caps, terms.cost_at(own_price)) }
    }
}

impl Offers {
    /// The usage of these offers, for loaders. Numbers are the buyer's: a publisher is shown
    /// only `exhausted`.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right to read.
    pub async fn usage(&self, actor: &Actor, ids: &[OfferId]) -> Result<HashMap<OfferId, Usage>> {
        actor.require(Action::ReadOwn)?;
        let now = self.clock.now();
        let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
        let tx = self.db.begin_read().await?;
        let offers = repo::offers::by_ids(&tx, &ids).await?;
        let current: Vec<_> =
            offers.iter().filter_map(|offer| Some(offer.current_version_id?.uuid())).collect();
        let versions = repo::versions::by_ids(&tx, &current).await?;
        let meters = repo::offers::meters(&tx, &ids).await?;
        Ok(offers
            .iter()
            .map(|offer| {
                let version = versions.iter().find(|version| version.offer_id == offer.id);
                let meters = meters.get(&offer.id).copied().unwrap_or_default();
                (offer.id, Usage::of(meters, version.map(|version| &*version.terms), now))
            })
            .collect())
    }
}
