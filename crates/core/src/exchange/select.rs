//! The choice of winners: as many copies as bring most, under everybody's `max_sales`.

use super::bid::EffectiveBid;
use crate::ids::OrganizationId;

/// A bidder that could buy now. Bidders come ranked, best first.
#[derive(Clone, Copy, Debug)]
pub struct Bidder {
    /// Who pays; a buyer buys a lead once.
    pub buyer: OrganizationId,
    /// The effective bid.
    pub bid: EffectiveBid,
    /// To how many buyers in all the lead may go if this bidder is one of them.
    pub max_sales: i32,
}

/// Chooses winners among ranked bidders: for each number of copies `n` up to `most`, the best `n`
/// different buyers that allow `n`; the number with the largest sum wins, the smaller on a tie.
/// Gives indices into `ranked`, best first.
pub fn choose(ranked: &[Bidder], most: i32) -> Vec<usize> {
    let mut best: (EffectiveBid, Vec<usize>) = (EffectiveBid::ZERO, Vec::new());
    let most = most.min(i32::try_from(ranked.len()).unwrap_or(i32::MAX));
    for n in 1..=most {
        let mut chosen: Vec<usize> = Vec::new();
        let mut buyers: Vec<OrganizationId> = Vec::new();
        let mut sum = EffectiveBid::ZERO;
        for (index, bidder) in ranked.iter().enumerate() {
            if chosen.len() >= usize::try_from(n).unwrap_or(0) {
                break;
            }
            if bidder.max_sales >= n && !buyers.contains(&bidder.buyer) {
                chosen.push(index);
                buyers.push(bidder.buyer);
                sum = sum.plus(bidder.bid);
            }
        }
        if best.1.is_empty() || sum > best.0 {
            best = (sum, chosen);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use crate::offer::meters::Meters;
    use serde_json::json;
    use uuid::Uuid;

    fn bidder(buyer: u128, price: i64, max_sales: i32) -> Bidder {
        let terms = serde_json::from_value(json!({
            "goals": [{"kind": "LEAD", "price": price}], "schedule": {"time_zone": "UTC"},
            "max_sales": max_sales, "return_window_s": 0, "hold_s": 0, "lock_s": 0,
            "visibility": "PUBLIC"
        }))
        .unwrap();
        Bidder {
            buyer: OrganizationId(Uuid::from_u128(buyer)),
            bid: EffectiveBid::of(&terms, None, &Meters::default(), 0),
            max_sales,
        }
    }

    #[test]
    fn an_exclusive_bid_wins_only_if_it_beats_the_sum_of_shared_ones() {
        let ranked = [bidder(1, 500, 1), bidder(2, 300, 3), bidder(3, 300, 2), bidder(4, 100, 3)];
        assert_eq!(choose(&ranked, 3), [1, 2]);
        let ranked = [bidder(1, 700, 1), bidder(2, 300, 3), bidder(3, 300, 2)];
        assert_eq!(choose(&ranked, 3), [0]);
        assert_eq!(choose(&ranked[1..], 1), [0]);
    }

    #[test]
    fn every_winner_allows_the_final_count_and_no_buyer_wins_twice() {
        let ranked = [bidder(1, 300, 3), bidder(1, 290, 3), bidder(2, 100, 3), bidder(3, 90, 2)];
        let chosen = choose(&ranked, 3);
        assert_eq!(chosen, [0, 2]);
        assert!(choose(&[], 3).is_empty());
    }

    #[test]
    fn a_free_bid_still_sells() {
        assert_eq!(choose(&[bidder(1, 0, 1)], 1), [0]);
    }
}
