//! Leads that wait for a cap: for a moderator, or for the cap's next period.

use super::allocate::Item;
use super::book::BookOffer;
use super::trace::TraceEntry;
use crate::lead::verdict as v;
use crate::offer::meters::CapHit;
use crate::offer::terms::{CapPeriod, OverCap};
use crate::time::{DAY, Timestamp};

/// The longest wait for a cap's next period, in microseconds: an older lead is worth less than the
/// terms say. No single wait is longer, and after so much since it came in a lead waits no more.
pub const LONGEST_WAIT: i64 = DAY;

/// For what a lead waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// It is offered again at this instant.
    Until(Timestamp),
    /// A moderator lets it out.
    ForModerator,
}

/// Whether a lead that nobody buys waits, and for what: the first instant at which an offer that
/// queues may have room, else a moderator. `None` where no offer would buy it later.
pub(super) fn wait_for(item: &Item, entries: &[TraceEntry], now: Timestamp) -> Option<Wait> {
    let full = |over_cap: OverCap| {
        let offers = item.shortlist.candidates.iter().map(|candidate| &candidate.offer);
        let waiting = offers.filter(move |offer| offer.terms.over_cap == over_cap);
        waiting.filter_map(|offer| {
            let entry = entries.iter().find(|entry| entry.offer == offer.id)?;
            is_full(entry).then_some((offer, entry))
        })
    };
    let room = full(OverCap::Queue).filter_map(|(offer, entry)| room_at(offer, entry, now)).min();
    match room {
        Some(at) if at <= now.plus(LONGEST_WAIT) => Some(Wait::Until(at)),
        _ => full(OverCap::Quarantine).next().map(|_| Wait::ForModerator),
    }
}

fn is_full(entry: &TraceEntry) -> bool {
    let full = [v::OFFER_CAPPED.name, v::PUBLISHER_CAPPED.name];
    entry.code.as_deref().is_some_and(|code| full.contains(&code))
}

/// When a full cap begins anew. The windows of a schedule are looked at by the hour.
fn room_at(offer: &BookOffer, entry: &TraceEntry, now: Timestamp) -> Option<Timestamp> {
    let period = CapHit::period_of(&entry.detail).unwrap_or(CapPeriod::Hour);
    let begins = offer.schedule.next_period(period, now)?;
    offer.schedule.next_open(begins)
}
