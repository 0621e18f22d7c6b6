//! The bid log: how each bidder came out, and why.

use std::borrow::Cow;

use super::bidder::Bidder;
use super::desk::Refusal;
use super::round::Ranked;
use super::select::{Choice, FALLBACKS};
use super::trace::{Standing, TraceEntry};
use crate::error::Code;
use crate::ids::OrganizationId;
use crate::lead::verdict as v;
use crate::niche::routing::{Routing, Strategy};

/// The log of those that could have bought, in the order of their turns. Those that could have
/// bought only a shared copy which nobody shared come last, as excluded.
pub(super) fn log(
    ranked: &[Ranked<'_>],
    bidders: &[Bidder],
    choice: &Choice,
    routing: &Routing,
) -> Vec<TraceEntry> {
    let winners: Vec<OrganizationId> =
        choice.winners.iter().filter_map(|at| bidders.get(*at)).map(|won| won.buyer).collect();
    let copies = choice.copies().max(1);
    let mut entries = Vec::with_capacity(bidders.len());
    let mut out = Vec::new();
    let mut rank = 0;
    for at in &choice.ranking {
        let (Some(bidder), Some(Ranked { candidate, not_alone })) =
            (bidders.get(*at), ranked.get(*at))
        else {
            continue;
        };
        let bid = bidder.shown(copies);
        let (outcome, code) = if choice.winners.contains(at) {
            (Standing::Won, None)
        } else {
            match lost(bidder, not_alone.as_ref(), choice, &winners, routing) {
                Ok(code) => (Standing::Lost, Some(code)),
                Err(refusal) => {
                    out.push(TraceEntry::refused(candidate, bid, refusal.clone()));
                    continue;
                }
            }
        };
        rank += 1;
        entries.push(TraceEntry {
            outcome,
            code: code.map(|code| Cow::Borrowed(code.name)),
            rank: Some(rank),
            bid: Some(bid.minor()),
            price: candidate.legs_for(copies).map(|legs| legs.price()),
            detail: candidate.live.took(),
            ..TraceEntry::out(&candidate.offer, Refusal::new(v::OUTBID))
        });
    }
    entries.append(&mut out);
    entries
}

/// Why a bidder did not win; the refusal if it could not have been the only buyer and there was
/// no second one for it.
fn lost<'r>(
    bidder: &Bidder,
    not_alone: Option<&'r Refusal>,
    choice: &Choice,
    winners: &[OrganizationId],
    routing: &Routing,
) -> Result<Code, &'r Refusal> {
    let copies = choice.copies();
    if let Some(refusal) = not_alone
        && (copies <= 1 || bidder.turn.stage < choice.stage)
    {
        return Err(refusal);
    }
    if bidder.turn.stage > choice.stage {
        return Ok(v::NOT_ITS_TURN);
    }
    if winners.contains(&bidder.buyer) {
        return Ok(v::SAME_BUYER);
    }
    if bidder.bid_for(copies).is_none() {
        return Ok(v::SOLD_SHARED);
    }
    match routing.rule(choice.stage % FALLBACKS).strategy {
        Strategy::Auction => Ok(v::OUTBID),
        _ => Ok(v::OUTRANKED),
    }
}
