//! What an offer can buy at this moment: its schedule, its caps, its pace, its money.

use std::borrow::Cow;

use super::book::BookOffer;
use crate::error::Code;
use crate::lead::verdict as v;
use crate::offer::meters::{CapHit, Meters, Periods};
use crate::offer::schedule::{DayShare, PeriodStarts};
use crate::offer::terms::{CapPeriod, Pacing, Window};
use crate::time::Timestamp;

/// Why an offer can't buy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: Code,
    /// Which cap, which key set and the like; never a lead's value.
    pub detail: Cow<'static, str>,
    /// The number that it would take: money that is missing, an earning that would be paid, a
    /// score that is wanted.
    pub need: Option<i64>,
}

impl Refusal {
    /// Only the code.
    pub const fn new(code: Code) -> Self {
        Self { code, detail: Cow::Borrowed(""), need: None }
    }

    /// With the number.
    pub const fn need(code: Code, need: i64) -> Self {
        Self { code, detail: Cow::Borrowed(""), need: Some(need) }
    }

    fn cap(code: Code, hit: CapHit) -> Self {
        Self { code, detail: Cow::Borrowed(hit.name()), need: None }
    }
}

/// What is the same for an offer during a whole batch.
pub(super) struct Desk {
    /// As they stood when the batch began, periods rolled: bids are reckoned from these.
    pub(super) meters: Meters,
    pub(super) starts: PeriodStarts,
    open: bool,
    window: Option<Window>,
    /// How much of the day has passed, if the offer spends evenly.
    pace: Option<DayShare>,
}

impl Desk {
    pub(super) fn new(offer: &BookOffer, stored: Meters, now: Timestamp) -> Self {
        let starts = offer.schedule.starts(now);
        let capped = |window: &&Window| window.count.is_some() || window.money.is_some();
        Self {
            meters: stored.at(starts),
            starts,
            open: offer.schedule.open_at(now),
            window: offer.schedule.window_at(now).filter(capped).cloned(),
            pace: (offer.terms.pacing == Pacing::Even).then(|| offer.schedule.day_share(now)),
        }
    }

    /// Why the offer does not buy at this hour, if so.
    pub(super) fn closed(&self) -> Option<Refusal> {
        (!self.open).then_some(Refusal::new(v::OFFER_CLOSED_NOW))
    }

    /// Why one more award of `cost` is too much, if so. `seller` are the meters of the publisher
    /// in this offer.
    pub(super) fn full(
        &self,
        offer: &BookOffer,
        meters: &Meters,
        seller: Option<&Periods>,
        cost: i64,
    ) -> Option<Refusal> {
        let terms = &offer.terms;
        let in_window = || self.window.as_ref().and_then(|w| meters.full_window(w, cost));
        if let Some(hit) = meters.periods.full(&terms.caps, cost).or_else(in_window) {
            return Some(Refusal::cap(v::OFFER_CAPPED, hit));
        }
        let fresh = Periods::default();
        let seller = seller.unwrap_or(&fresh);
        if let Some(hit) = seller.full(&terms.publisher_caps, cost) {
            return Some(Refusal::cap(v::PUBLISHER_CAPPED, hit));
        }
        self.ahead(offer, meters).then_some(Refusal::new(v::OFFER_PACED))
    }

    /// Whether the offer has bought more today than an even spending would have. The award that
    /// crosses the line is let through, so a day begins with one.
    fn ahead(&self, offer: &BookOffer, meters: &Meters) -> bool {
        let Some(pace) = self.pace else { return false };
        let day = &meters.periods.day;
        let caps = offer.terms.caps.iter().filter(|cap| cap.period == CapPeriod::Day);
        caps.into_iter().any(|cap| {
            cap.count.is_some_and(|most| day.count > pace.line(most))
                || cap.money.is_some_and(|most| day.money > pace.line(most))
        })
    }
}
