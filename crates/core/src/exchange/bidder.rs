//! An offer that can buy a lead now, with everything that decides its turn.

use sha2::{Digest, Sha256};
use std::cmp::Ordering;

use super::bid::EffectiveBid;
use crate::ids::{LeadId, OfferId, OrganizationId};
use crate::niche::routing::{Rule, Strategy, TieBreak};
use crate::time::Timestamp;

/// A bidder.
#[derive(Clone, Debug)]
pub struct Bidder {
    /// The offer; its id is the last tie-break.
    pub offer: OfferId,
    /// Who pays; a buyer buys a lead once.
    pub buyer: OrganizationId,
    /// To how many buyers in all the lead may go if this bidder is one of them.
    pub max_sales: i32,
    /// The effective bid: for every number of copies, or for the smallest that it can buy.
    pub bid: EffectiveBid,
    /// By number of copies, from one, where the price depends on it. `None` where the offer can't
    /// buy at that number. Empty where one bid is for all.
    pub by_copies: Vec<Option<EffectiveBid>>,
    /// What decides its turn.
    pub turn: Turn,
}

/// What decides a bidder's turn besides its bid.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// The lower is asked first: fallbacks come after targets, later groups after earlier ones.
    pub stage: u16,
    /// The higher is better.
    pub priority: i32,
    /// The older offer wins a tie.
    pub created_at: Timestamp,
    /// When it was awarded last.
    pub last_award: Timestamp,
    /// Its lot; drawn only where the niche draws lots.
    pub lot: Lot,
}

impl Bidder {
    /// The bid if the lead goes to this many buyers in all; `None` if it may not.
    pub fn bid_for(&self, copies: i32) -> Option<EffectiveBid> {
        if copies < 1 || copies > self.max_sales {
            return None;
        }
        if self.by_copies.is_empty() {
            return Some(self.bid);
        }
        let index = usize::try_from(copies - 1).ok()?;
        self.by_copies.get(index).copied().flatten()
    }

    /// The bid that is shown when the lead went to this many buyers, or would have.
    pub fn shown(&self, copies: i32) -> EffectiveBid {
        self.bid_for(copies).unwrap_or(self.bid)
    }
}

/// The order of two bidders of one stage when the lead goes to this many buyers.
pub fn order(rule: Rule<'_>, copies: i32, a: &Bidder, b: &Bidder) -> Ordering {
    let by = |what: TieBreak| match what {
        TieBreak::Bid => b.shown(copies).cmp(&a.shown(copies)),
        TieBreak::Priority => b.turn.priority.cmp(&a.turn.priority),
        TieBreak::LeastRecent => a.turn.last_award.cmp(&b.turn.last_award),
        TieBreak::Oldest => a.turn.created_at.cmp(&b.turn.created_at),
    };
    let first = match rule.strategy {
        Strategy::Auction | Strategy::Waterfall => by(TieBreak::Bid),
        Strategy::Priority => by(TieBreak::Priority),
        Strategy::RoundRobin => by(TieBreak::LeastRecent),
        Strategy::Weighted => a.turn.lot.cmp(&b.turn.lot),
    };
    first
        .then_with(|| {
            let ties = rule.tie_breaks.iter().map(|what| by(*what));
            ties.fold(Ordering::Equal, Ordering::then)
        })
        .then(a.offer.cmp(&b.offer))
}

/// A lot: the smaller comes first. Among lots of weights `w` each comes first with the chance
/// `w / Σ w`, and so on for the places after it, because `−log(u) / w` of even random numbers `u`
/// are waiting times of the rates `w`. The number `u` is drawn from the lead and the offer, so
/// the same lead always gives the same order, and an offer that leaves moves nobody else.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lot {
    /// `−log₂(u)` in units of 2⁻³².
    wait: u64,
    /// At least 1.
    weight: u32,
}

impl Lot {
    /// The lot of an offer for a lead: `u = (x + 1) / 2⁶⁴`, `x` the first eight bytes of
    /// `SHA-256("lot" ‖ lead ‖ offer)`, big-endian.
    pub fn draw(lead: LeadId, offer: OfferId, weight: i32) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"lot");
        hash.update(lead.uuid().as_bytes());
        hash.update(offer.uuid().as_bytes());
        let digest = hash.finalize();
        let x = digest.iter().take(8).fold(0u64, |x, byte| (x << 8) | u64::from(*byte));
        Self { wait: neg_log2(x), weight: u32::try_from(weight).unwrap_or(1).max(1) }
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let cross = |a: &Self, b: &Self| u128::from(a.wait) * u128::from(b.weight.max(1));
        cross(self, other).cmp(&cross(other, self))
    }
}

/// `−log₂((x + 1) / 2⁶⁴)` in units of 2⁻³², rounded up: whole numbers only, so that every machine
/// agrees. The logarithm's digits come one by one from squaring the mantissa.
fn neg_log2(x: u64) -> u64 {
    let value = u128::from(x) + 1;
    let whole = 127 - value.leading_zeros();
    if whole >= 64 {
        return 0;
    }
    // The mantissa, from 1 up to 2, with 63 binary digits.
    let mut mantissa = value << (63 - whole);
    let mut log = u64::from(whole);
    for _ in 0..32 {
        mantissa = (mantissa * mantissa) >> 63;
        let digit = mantissa >> 64;
        mantissa >>= digit;
        log = (log << 1) | u64::from(digit == 1);
    }
    (64u64 << 32) - log
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::float_arithmetic)]
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    #[test]
    fn logarithms_are_exact_at_powers_of_two() {
        assert_eq!(neg_log2(u64::MAX), 0);
        assert_eq!(neg_log2(0), 64 << 32);
        assert_eq!(neg_log2((1 << 63) - 1), 1 << 32);
        assert_eq!(neg_log2((1 << 40) - 1), 24 << 32);
    }

    #[test]
    fn lots_fall_in_proportion_to_their_weights() {
        let weights = [50, 30, 20];
        let mut wins = [0; 3];
        for lead in 0..4_000u128 {
            let lots: Vec<Lot> = (0..3u128)
                .map(|n| {
                    let (lead, offer) = (Uuid::from_u128(lead), Uuid::from_u128(n + 1));
                    Lot::draw(LeadId(lead), OfferId(offer), weights[n as usize])
                })
                .collect();
            let first = (0..3).min_by(|a, b| lots[*a].cmp(&lots[*b])).unwrap();
            wins[first] += 1;
        }
        // 4 000 draws: four standard deviations are less than 130.
        for (won, wanted) in wins.iter().zip([2_000i32, 1_200, 800]) {
            assert!((won - wanted).abs() < 130, "{wins:?}");
        }
    }

    proptest! {
        #[test]
        fn whole_numbers_agree_with_floats(x in any::<u64>()) {
            let exact = 64.0 - ((x as f64) + 1.0).log2();
            let ours = neg_log2(x) as f64 / 4_294_967_296.0;
            prop_assert!((exact - ours).abs() < 1e-8, "{exact} {ours}");
        }
    }
}
