//! What a publisher sees of an offer's terms: earnings, never prices.

use serde::Serialize;

use super::conditions::Condition;
use super::diff::{Change, compared};
use super::terms::{GoalKind, Price, Schedule, Terms, Visibility, Window};
use crate::money::Bps;

/// What a publisher earns for one goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct VisibleGoal {
    /// What is paid for.
    pub kind: GoalKind,
    /// Price − fee, in minor units; the least of it where a share of the sale is paid.
    pub earning: i64,
    /// The share of the sale that the publisher earns, where a share is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<VisiblePercent>,
    /// SALE, REGISTRATION: how long after the award an event still counts, in seconds.
    pub attribution_window_s: i64,
    /// CALL: how many connected seconds make a call that is paid for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_call_seconds: Option<i64>,
    /// CALL: how long a caller who was paid for is not paid for again, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat_caller_window_s: Option<i64>,
    /// SALE: whether one award may bring several sales.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub several: bool,
}

/// What of a sale a publisher earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct VisiblePercent {
    /// The share of the sale, less the fee: rounded half to even, so a sale's own earning may
    /// differ from it by that rounding.
    pub bps: Bps,
    /// The least that one sale earns, in minor units.
    pub min: i64,
    /// The most that one sale earns, in minor units.
    pub max: i64,
}

/// What of a price is the publisher's: the price less the fee, the fee rounded half to even.
pub fn earning(price: i64, take_rate: Bps) -> i64 {
    price.saturating_sub(take_rate.of_half_even(price))
}

/// What a publisher earns for one copy of a lead that several buyers get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SharedEarning {
    /// To how many buyers in all the lead is sold.
    pub copies: i32,
    /// Price − fee of this offer's copy, in minor units.
    pub earning: i64,
}

/// What shared copies earn, by number of copies. `price_override` moves them in proportion.
pub fn shared(terms: &Terms, take_rate: Bps, price_override: Option<i64>) -> Vec<SharedEarning> {
    let price = |copies| terms.lead_price(copies, price_override);
    let copies = terms.shared_prices.iter().map(|shared| shared.copies);
    copies
        .filter_map(|copies| {
            Some(SharedEarning { copies, earning: earning(price(copies)?, take_rate) })
        })
        .collect()
}

/// The goals as a publisher sees them. `price_override` replaces the price of the LEAD goal.
pub fn goals(terms: &Terms, take_rate: Bps, price_override: Option<i64>) -> Vec<VisibleGoal> {
    terms
        .goals
        .iter()
        .map(|goal| {
            let least = match goal.kind {
                GoalKind::Lead => price_override.unwrap_or(goal.price.least()),
                _ => goal.price.least(),
            };
            let percent = match goal.price {
                Price::Fixed(_) => None,
                Price::Percent(percent) => Some(VisiblePercent {
                    bps: share(percent.bps, take_rate),
                    min: earning(percent.min, take_rate),
                    max: earning(percent.max, take_rate),
                }),
            };
            let call = |value: i64| (goal.kind == GoalKind::Call).then_some(value);
            VisibleGoal {
                kind: goal.kind,
                earning: earning(least, take_rate),
                percent,
                attribution_window_s: goal.attribution_window_s,
                min_call_seconds: call(goal.min_call_seconds),
                repeat_caller_window_s: call(goal.repeat_caller_window_s),
                several: goal.several,
            }
        })
        .collect()
}

/// What of a share is the publisher's.
fn share(whole: Bps, take_rate: Bps) -> Bps {
    let earned = earning(i64::from(whole.0), take_rate);
    Bps(u32::try_from(earned).unwrap_or(0))
}

/// Everything of the terms that a publisher sees. What is not named here stays with the buyer:
/// prices, reserved shares, caps of every kind, pacing, the share of returns, priority, the buyer's
/// own dedupe rule.
#[derive(Serialize)]
struct VisibleTerms<'a> {
    goals: Vec<VisibleGoal>,
    shared_prices: Vec<SharedEarning>,
    schedule: Schedule,
    conditions: &'a [Condition],
    min_score: i32,
    max_sales: i32,
    return_window_s: i64,
    hold_s: i64,
    lock_s: i64,
    visibility: Visibility,
    description: &'a str,
}

/// The changes between two versions as a publisher sees them, prices as earnings at one rate.
pub fn changes(
    before: &Terms,
    after: &Terms,
    take_rate: Bps,
    price_override: Option<i64>,
) -> Vec<Change> {
    let shown = |terms| of(terms, take_rate, price_override);
    compared(&shown(before), &shown(after))
}

fn of(terms: &Terms, take_rate: Bps, price_override: Option<i64>) -> VisibleTerms<'_> {
    VisibleTerms {
        goals: goals(terms, take_rate, price_override),
        shared_prices: shared(terms, take_rate, price_override),
        schedule: without_caps(&terms.schedule),
        conditions: &terms.conditions,
        min_score: terms.min_score,
        max_sales: terms.max_sales,
        return_window_s: terms.return_window_s,
        hold_s: terms.hold_s,
        lock_s: terms.lock_s,
        visibility: terms.visibility,
        description: &terms.description,
    }
}

/// When the offer buys, without how much in each window.
fn without_caps(schedule: &Schedule) -> Schedule {
    let Schedule { time_zone, windows, holidays } = schedule.clone();
    let bare = |Window { days, from_minute, to_minute, count: _, money: _ }| Window {
        days,
        from_minute,
        to_minute,
        count: None,
        money: None,
    };
    Schedule { time_zone, windows: windows.into_iter().map(bare).collect(), holidays }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::super::validate::tests::sample;
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn changed(change: impl FnOnce(&mut Value), own: Option<i64>) -> Vec<Value> {
        let mut value = sample();
        change(&mut value);
        let before: Terms = serde_json::from_value(sample()).unwrap();
        let after: Terms = serde_json::from_value(value).unwrap();
        let found = changes(&before, &after, Bps(1_500), own);
        found.iter().map(|change| serde_json::to_value(change).unwrap()).collect()
    }

    #[test]
    fn a_changed_price_is_a_changed_earning() {
        let dearer = |t: &mut Value| t["goals"][0]["price"] = json!(60_000);
        assert_eq!(
            changed(dearer, None),
            [json!({"path": "goals[LEAD].earning", "before": 42_500, "after": 51_000})]
        );
        assert_eq!(changed(dearer, Some(70_000)), [] as [Value; 0], "an own price stays");
        let dropped = changed(
            |t| {
                t["goals"].as_array_mut().unwrap().pop();
            },
            None,
        );
        let goal = json!({"kind": "SALE", "earning": 425_000, "attribution_window_s": 2_592_000});
        assert_eq!(dropped, [json!({"path": "goals[SALE]", "before": goal, "after": null})]);
    }

    #[test]
    fn shared_prices_are_shared_earnings() {
        let shared = |t: &mut Value| {
            t["max_sales"] = json!(3);
            t["shared_prices"] = json!([{"copies": 2, "price": 40_000}]);
        };
        let after = json!([{"copies": 2, "earning": 34_000}]);
        let path = "shared_prices";
        assert!(
            changed(shared, None).contains(&json!({"path": path, "before": [], "after": after}))
        );
    }

    #[test]
    fn what_is_the_buyers_leaves_no_trace() {
        let everything = |t: &mut Value| {
            t["caps"] = json!([{"period": "WEEK", "count": 7, "money": 777_777}]);
            t["goals"][1]["reserve_bps"] = json!(2_000);
            t["max_return_share_bps"] = json!(3_000);
            t["priority"] = json!(9);
            t["dedupe_window_s"] = json!(86_400);
            t["publisher_caps"] = json!([{"period": "DAY", "count": 3}]);
            t["over_cap"] = json!("QUARANTINE");
            t["pacing"] = json!("EVEN");
            t["schedule"]["windows"][0]["count"] = json!(11);
            t["schedule"]["windows"][0]["money"] = json!(1_111_111);
        };
        assert_eq!(changed(everything, None), [] as [Value; 0]);
    }

    /// Every field of the terms is either shown or named here as the buyer's: a new one has to be
    /// thought about.
    #[test]
    fn every_term_is_shown_or_the_buyers() {
        let terms: Terms = serde_json::from_value(sample()).unwrap();
        let keys = |value: Value| -> std::collections::BTreeSet<String> {
            value.as_object().unwrap().keys().cloned().collect()
        };
        let all = keys(serde_json::to_value(&terms).unwrap());
        let shown = keys(serde_json::to_value(of(&terms, Bps(0), None)).unwrap());
        let hidden: Vec<&str> = all.difference(&shown).map(String::as_str).collect();
        let buyers = [
            "caps",
            "dedupe_window_s",
            "max_return_share_bps",
            "over_cap",
            "pacing",
            "priority",
            "publisher_caps",
        ];
        assert_eq!(hidden, buyers);
        assert!(shown.is_subset(&all));
    }

    #[test]
    fn publishers_see_earnings() {
        let terms: Terms = serde_json::from_value(sample()).unwrap();
        let seen = |over| -> Vec<i64> {
            goals(&terms, Bps(1_500), over).iter().map(|goal| goal.earning).collect()
        };
        assert_eq!(seen(None), [42_500, 425_000]);
        assert_eq!(seen(Some(60_000)), [51_000, 425_000]);
    }

    #[test]
    fn a_share_of_the_sale_is_a_share_of_the_earning() {
        let percent = |bps: u32| {
            move |t: &mut Value| {
                t["goals"][1]["price"] = json!({"bps": bps, "min": 10_000, "max": 90_000});
            }
        };
        let shown = json!({"bps": 850, "min": 8_500, "max": 76_500});
        assert_eq!(
            changed(percent(1_000), None),
            [
                json!({"path": "goals[SALE].earning", "before": 425_000, "after": 8_500}),
                json!({"path": "goals[SALE].percent", "before": null, "after": shown}),
            ]
        );
        let call = |t: &mut Value| {
            t["goals"][1] = json!({"kind": "CALL", "price": 1_000, "min_call_seconds": 90,
                "repeat_caller_window_s": 86_400});
        };
        let found = changed(call, None);
        let after = json!({"kind": "CALL", "earning": 850, "attribution_window_s": 0,
            "min_call_seconds": 90, "repeat_caller_window_s": 86_400});
        assert_eq!(found[1], json!({"path": "goals[CALL]", "before": null, "after": after}));
    }

    proptest! {
        #[test]
        fn earning_and_fee_are_the_price(price in 0i64..=100_000_000_000, bps in 0u32..=10_000) {
            let earned = earning(price, Bps(bps));
            prop_assert_eq!(earned + Bps(bps).of_half_even(price), price);
            prop_assert!((0..=price).contains(&earned));
        }
    }
}
