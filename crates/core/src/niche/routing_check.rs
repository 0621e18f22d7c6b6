//! Whether a niche's routing makes sense.

use std::collections::HashSet;

use super::check::{within, wrong};
use super::routing::{Routing, Strategy, TieBreak};
use crate::error::Problem;

/// Most groups of a waterfall.
pub const MAX_GROUPS: usize = 20;
/// Most offers that a routing names.
pub const MAX_PLACES: usize = 2_000;
/// Highest number of a group.
const MAX_GROUP: i64 = 999;
/// Highest weight of an offer.
const MAX_WEIGHT: i64 = 10_000;
/// Greatest priority, up or down.
const MAX_PRIORITY: i64 = crate::offer::validate::MAX_PRIORITY as i64;

/// Every way in which the routing is wrong. Offers that the niche does not have do no harm: an
/// offer may close after it was given a place.
pub(super) fn routing(routing: &Routing, found: &mut Vec<Problem>) {
    tie_breaks("routing.tie_breaks", &routing.tie_breaks, found);
    groups(routing, found);
    if routing.offers.len() > MAX_PLACES {
        let detail = format!("A routing names at most {MAX_PLACES} offers.");
        found.push(wrong("routing.offers", detail));
    }
    let numbers: HashSet<i32> = routing.groups.iter().map(|group| group.number).collect();
    for (offer, place) in &routing.offers {
        let at = |part: &str| format!("routing.offers.{offer}.{part}");
        if let Some(weight) = place.weight {
            within(&at("weight"), weight.into(), 1, MAX_WEIGHT, found);
        }
        if let Some(priority) = place.priority {
            within(&at("priority"), priority.into(), -MAX_PRIORITY, MAX_PRIORITY, found);
        }
        if let Some(group) = place.group.filter(|group| !numbers.contains(group)) {
            found.push(wrong(at("group"), format!("There is no group {group}.")));
        }
    }
}

fn groups(routing: &Routing, found: &mut Vec<Problem>) {
    let waterfall = routing.strategy == Strategy::Waterfall;
    if waterfall == routing.groups.is_empty() {
        found.push(wrong("routing.groups", "A waterfall has groups, and nothing else has."));
    }
    if routing.groups.len() > MAX_GROUPS {
        let detail = format!("A waterfall has at most {MAX_GROUPS} groups.");
        found.push(wrong("routing.groups", detail));
    }
    let mut last = 0;
    for (index, group) in routing.groups.iter().enumerate() {
        let at = format!("routing.groups[{index}]");
        within(&format!("{at}.number"), group.number.into(), 1, MAX_GROUP, found);
        if group.number <= last {
            found.push(wrong(format!("{at}.number"), "Groups are listed by ascending number."));
        }
        last = group.number;
        if group.strategy == Strategy::Waterfall {
            found.push(wrong(format!("{at}.strategy"), "A group can't be a waterfall itself."));
        }
        tie_breaks(&format!("{at}.tie_breaks"), &group.tie_breaks, found);
    }
}

fn tie_breaks(path: &str, list: &[TieBreak], found: &mut Vec<Problem>) {
    let different: HashSet<&TieBreak> = list.iter().collect();
    if different.len() != list.len() {
        found.push(wrong(path, "A tie-break is named once."));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::ids::OfferId;
    use serde_json::{Value, json};
    use uuid::Uuid;

    fn fields(value: Value) -> Vec<String> {
        let mut found = Vec::new();
        routing(&serde_json::from_value(value).unwrap(), &mut found);
        found.iter().map(|problem| problem.field.clone().unwrap().into_owned()).collect()
    }

    #[test]
    fn each_wrong_part_is_named() {
        let offer = OfferId(Uuid::from_u128(7)).to_string();
        let group = json!([{"number": 1}]);
        let waterfall = |groups: Value| json!({"strategy": "WATERFALL", "groups": groups});
        assert!(fields(json!({})).is_empty());
        assert!(fields(waterfall(group.clone())).is_empty());
        let cases = [
            (json!({"tie_breaks": ["BID", "BID"]}), "policy.routing.tie_breaks".to_owned()),
            (json!({"groups": group}), "policy.routing.groups".to_owned()),
            (waterfall(json!([])), "policy.routing.groups".to_owned()),
            (waterfall(json!([{"number": 1000}])), "policy.routing.groups[0].number".to_owned()),
            (
                waterfall(json!([{"number": 2}, {"number": 2}])),
                "policy.routing.groups[1].number".to_owned(),
            ),
            (
                waterfall(json!([{"number": 1, "strategy": "WATERFALL"}])),
                "policy.routing.groups[0].strategy".to_owned(),
            ),
            (
                json!({"offers": {offer.clone(): {"weight": 0}}}),
                format!("policy.routing.offers.{offer}.weight"),
            ),
            (
                json!({"offers": {offer.clone(): {"priority": 101}}}),
                format!("policy.routing.offers.{offer}.priority"),
            ),
            (
                json!({"offers": {offer.clone(): {"group": 1}}}),
                format!("policy.routing.offers.{offer}.group"),
            ),
        ];
        for (value, path) in cases {
            assert_eq!(fields(value.clone()), [path], "{value}");
        }
    }
}
