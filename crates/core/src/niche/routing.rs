//! How a niche chooses among the offers that want a lead: the strategy, its tie-breaks, the groups
//! of a waterfall, and the place of single offers. Part of the niche's rules, so a change is a new
//! niche version, and intake follows it with the next lead.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::ids::OfferId;

crate::text_enum! {
    /// The rule that orders the offers which can buy a lead.
    pub enum Strategy {
        /// The number of copies and the buyers that bring the largest sum of effective bids.
        Auction = "AUCTION",
        /// The highest priority first.
        Priority = "PRIORITY",
        /// Whoever has waited longest since its last award first.
        RoundRobin = "ROUND_ROBIN",
        /// By lot, in proportion to the weights; the lot is drawn from the lead's id.
        Weighted = "WEIGHTED",
        /// Group after group, each by its own strategy; the first group that can buy, buys.
        Waterfall = "WATERFALL",
    }
}

crate::text_enum! {
    /// What decides between offers that the strategy finds equal.
    pub enum TieBreak {
        /// The higher effective bid.
        Bid = "BID",
        /// The higher priority.
        Priority = "PRIORITY",
        /// The offer that was awarded least recently.
        LeastRecent = "LEAST_RECENT",
        /// The older offer.
        Oldest = "OLDEST",
    }
}

/// The routing of a niche. Nothing said means an auction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routing {
    /// The strategy.
    #[serde(default = "auction")]
    pub strategy: Strategy,
    /// Tie-breaks in order; none takes the strategy's own. The offer's id always comes last.
    #[serde(default)]
    pub tie_breaks: Vec<TieBreak>,
    /// WATERFALL: the groups, by ascending number. Offers without a group come after all of them,
    /// by auction.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// The places of single offers.
    #[serde(default)]
    pub offers: BTreeMap<OfferId, Place>,
}

fn auction() -> Strategy {
    Strategy::Auction
}

impl Default for Routing {
    fn default() -> Self {
        Self {
            strategy: Strategy::Auction,
            tie_breaks: Vec::new(),
            groups: Vec::new(),
            offers: BTreeMap::new(),
        }
    }
}

/// One group of a waterfall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its number; the lower is asked first.
    pub number: i32,
    /// How it chooses; not WATERFALL.
    #[serde(default = "auction")]
    pub strategy: Strategy,
    /// Its tie-breaks; none takes the strategy's own.
    #[serde(default)]
    pub tie_breaks: Vec<TieBreak>,
}

/// Where an offer stands in the routing. What is not given is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// WATERFALL: the number of its group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<i32>,
    /// WEIGHTED: its weight; [`DEFAULT_WEIGHT`] if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<i32>,
    /// The operator's priority in place of that of the terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i32>,
}

/// The weight of an offer that the routing does not name.
pub const DEFAULT_WEIGHT: i32 = 100;

/// A place with every default filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Which group, by position, is asked first; 0 outside of a waterfall.
    pub stage: u16,
    /// The number of the group, if it has one.
    pub group: Option<i32>,
    /// The weight, at least 1.
    pub weight: i32,
    /// The priority that counts.
    pub priority: i32,
}

/// A strategy with its tie-breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule<'a> {
    /// Never WATERFALL.
    pub strategy: Strategy,
    /// In order.
    pub tie_breaks: &'a [TieBreak],
}

impl Strategy {
    /// The tie-breaks where none are declared.
    pub const fn own_tie_breaks(self) -> &'static [TieBreak] {
        match self {
            Self::Priority => &[TieBreak::Bid, TieBreak::Oldest],
            Self::Auction | Self::RoundRobin | Self::Weighted | Self::Waterfall => {
                &[TieBreak::Priority, TieBreak::Oldest]
            }
        }
    }
}

impl<'a> Rule<'a> {
    fn new(strategy: Strategy, declared: &'a [TieBreak]) -> Self {
        let own = strategy.own_tie_breaks();
        Self { strategy, tie_breaks: if declared.is_empty() { own } else { declared } }
    }

    /// Whether a bid can move an offer up or down.
    pub fn looks_at_bids(&self) -> bool {
        self.strategy == Strategy::Auction || self.tie_breaks.contains(&TieBreak::Bid)
    }
}

impl Routing {
    /// The place of an offer whose terms have this priority.
    pub fn place(&self, offer: OfferId, priority: i32) -> Placed {
        let place = self.offers.get(&offer).copied().unwrap_or_default();
        let waterfall = self.strategy == Strategy::Waterfall;
        let group = place.group.filter(|_| waterfall);
        let at = group.and_then(|number| self.groups.iter().position(|g| g.number == number));
        let stage = if waterfall { at.unwrap_or(self.groups.len()) } else { 0 };
        Placed {
            stage: u16::try_from(stage).unwrap_or(u16::MAX),
            group: at.and(group),
            weight: place.weight.unwrap_or(DEFAULT_WEIGHT).max(1),
            priority: place.priority.unwrap_or(priority),
        }
    }

    /// The rule of a stage.
    pub fn rule(&self, stage: u16) -> Rule<'_> {
        if self.strategy != Strategy::Waterfall {
            return Rule::new(self.strategy, &self.tie_breaks);
        }
        match self.groups.get(usize::from(stage)) {
            Some(group) if group.strategy != Strategy::Waterfall => {
                Rule::new(group.strategy, &group.tie_breaks)
            }
            _ => Rule::new(Strategy::Auction, &self.tie_breaks),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    fn offer(n: u128) -> OfferId {
        OfferId(Uuid::from_u128(n))
    }

    #[test]
    fn nothing_said_is_an_auction() {
        let routing: Routing = serde_json::from_value(json!({})).unwrap();
        assert_eq!(routing, Routing::default());
        assert_eq!(routing.rule(0).tie_breaks, [TieBreak::Priority, TieBreak::Oldest]);
        let placed = Placed { stage: 0, group: None, weight: 100, priority: 7 };
        assert_eq!(routing.place(offer(1), 7), placed);
    }

    #[test]
    fn groups_are_asked_by_number_and_the_rest_last() {
        let routing: Routing = serde_json::from_value(json!({
            "strategy": "WATERFALL",
            "groups": [{"number": 3, "strategy": "ROUND_ROBIN"}, {"number": 9}],
            "offers": {
                offer(1).to_string(): {"group": 9, "priority": -2},
                offer(2).to_string(): {"group": 3, "weight": 5},
                offer(3).to_string(): {"group": 4}
            }
        }))
        .unwrap();
        assert_eq!(
            routing.place(offer(1), 7),
            Placed { stage: 1, group: Some(9), weight: 100, priority: -2 }
        );
        assert_eq!(routing.place(offer(2), 7).weight, 5);
        assert_eq!(routing.place(offer(2), 7).stage, 0);
        // A number that no group has is no group.
        assert_eq!(routing.place(offer(3), 0).group, None);
        assert_eq!(routing.place(offer(3), 0).stage, 2);
        assert_eq!(routing.place(offer(4), 0).stage, 2);
        assert_eq!(routing.rule(0).strategy, Strategy::RoundRobin);
        assert_eq!(routing.rule(2).strategy, Strategy::Auction);
    }

    #[test]
    fn it_reads_back_as_it_was_written() {
        let routing: Routing = serde_json::from_value(json!({
            "strategy": "WEIGHTED", "tie_breaks": ["LEAST_RECENT"],
            "offers": {offer(1).to_string(): {"weight": 3}}
        }))
        .unwrap();
        let text = serde_json::to_string(&routing).unwrap();
        assert_eq!(serde_json::from_str::<Routing>(&text).unwrap(), routing);
    }
}
