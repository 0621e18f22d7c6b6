//! Which terms an offer may have, given its niche.

use std::collections::HashSet;

use super::schedule_check;
use super::terms::{Cap, Goal, GoalKind, Terms};
use crate::error::Problem;
use crate::money::Bps;
use crate::niche::annotations::Fields;
use crate::niche::fit;
use crate::niche::policy::NichePolicy;

crate::codes! {
    TERMS_GOALS: Invalid = "An offer pays for a lead, for a sale, or for both, each once.";
    TERMS_PRICE: Invalid = "The price must be more than nothing and not absurd.";
    TERMS_PRICE_FLOOR: Invalid = "The price of a lead is below the niche's floor.";
    TERMS_SALE_WINDOW: Invalid = "A sale needs an attribution window of 1 hour to 180 days.";
    TERMS_LEAD_WINDOW: Invalid = "Only a sale has an attribution window and a reserved share.";
    TERMS_CAP: Invalid = "A cap bounds a period once, by a count, by money or by both.";
    TERMS_CLOCKS: Invalid = "The clocks must be in order: return window ≤ hold ≤ lock.";
    TERMS_LOCK_TOO_SOON: Invalid = "The lock leaves no time to answer and decide the last return.";
    TERMS_RETURN_WINDOW: Invalid = "The return window is longer than the niche allows.";
    TERMS_TOO_MANY: Invalid = "There are too many of them.";
}

const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 86_400;
/// Highest price of one goal, in minor units.
pub const MAX_PRICE: i64 = 100_000_000_000;
/// Highest cap in money, in minor units.
pub const MAX_CAP_MONEY: i64 = 1_000_000_000_000_000;
/// Highest cap in awards.
pub const MAX_CAP_COUNT: i64 = 1_000_000_000;
/// Longest attribution window of a sale, in seconds: 180 days.
pub const MAX_ATTRIBUTION_S: i64 = 180 * DAY_S;
/// Longest hold, in seconds: 180 days.
pub const MAX_HOLD_S: i64 = 180 * DAY_S;
/// Longest time to the lock, in seconds: one year.
pub const MAX_LOCK_S: i64 = 365 * DAY_S;
/// Longest dedupe window of an offer, in seconds: two years.
pub const MAX_DEDUPE_S: i64 = 730 * DAY_S;
/// Most buyers that a lead may be sold to.
pub const MAX_SALES: i32 = 10;
/// Most top-level conditions of an offer.
pub const MAX_CONDITIONS: usize = 50;
/// Most characters of the description.
pub const MAX_DESCRIPTION: usize = 4_000;
/// Greatest priority, up or down.
pub const MAX_PRIORITY: i32 = 100;

/// Every way in which the terms are wrong. Empty: a version may be made of them.
pub fn terms(terms: &Terms, fields: &Fields, niche: &NichePolicy) -> Vec<Problem> {
    let mut found = Vec::new();
    goals(&terms.goals, niche, &mut found);
    caps(&terms.caps, terms.cost_at_award(), &mut found);
    found.extend(schedule_check::schedule(&terms.schedule, "terms.schedule"));
    clocks(terms, niche, &mut found);
    if terms.conditions.len() > MAX_CONDITIONS {
        found.push(Problem::new(TERMS_TOO_MANY).field("terms.conditions"));
    }
    for (index, condition) in terms.conditions.iter().enumerate() {
        fit::check(condition, fields, &format!("terms.conditions[{index}]"), &mut found);
    }
    let whole = i64::from(Bps::WHOLE.0);
    within("terms.minScore", i64::from(terms.min_score), 0, 100, &mut found);
    within("terms.maxSales", i64::from(terms.max_sales), 1, i64::from(MAX_SALES), &mut found);
    within("terms.dedupeWindowS", terms.dedupe_window_s, 0, MAX_DEDUPE_S, &mut found);
    let share = i64::from(terms.max_return_share_bps.0);
    within("terms.maxReturnShareBps", share, 0, whole, &mut found);
    let most = i64::from(MAX_PRIORITY);
    within("terms.priority", i64::from(terms.priority), -most, most, &mut found);
    if terms.description.chars().count() > MAX_DESCRIPTION {
        found.push(Problem::new(crate::error::TOO_LONG).field("terms.description"));
    }
    found
}

fn within(path: &'static str, value: i64, least: i64, most: i64, found: &mut Vec<Problem>) {
    if value < least || value > most {
        found.push(
            Problem::new(crate::error::OUT_OF_RANGE)
                .field(path)
                .detail(format!("The value must be from {least} to {most}.")),
        );
    }
}

fn goals(goals: &[Goal], niche: &NichePolicy, found: &mut Vec<Problem>) {
    let kinds: HashSet<GoalKind> = goals.iter().map(|goal| goal.kind).collect();
    if goals.is_empty() || kinds.len() != goals.len() {
        found.push(Problem::new(TERMS_GOALS).field("terms.goals"));
    }
    for (index, goal) in goals.iter().enumerate() {
        let at = |part: &str| format!("terms.goals[{index}].{part}");
        if goal.price < 1 || goal.price > MAX_PRICE {
            found.push(Problem::new(TERMS_PRICE).field(at("price")));
        }
        if goal.reserve_bps > Bps::WHOLE {
            found.push(Problem::new(crate::error::OUT_OF_RANGE).field(at("reserveBps")));
        }
        match goal.kind {
            GoalKind::Lead => {
                if goal.price < niche.price_floor {
                    let detail = format!("The floor is {} minor units.", niche.price_floor);
                    found.push(Problem::new(TERMS_PRICE_FLOOR).field(at("price")).detail(detail));
                }
                if goal.attribution_window_s != 0 || goal.reserve_bps != Bps(0) {
                    found.push(Problem::new(TERMS_LEAD_WINDOW).field(at("attributionWindowS")));
                }
            }
            GoalKind::Sale => {
                if !(HOUR_S..=MAX_ATTRIBUTION_S).contains(&goal.attribution_window_s) {
                    found.push(Problem::new(TERMS_SALE_WINDOW).field(at("attributionWindowS")));
                }
            }
        }
    }
}

fn caps(caps: &[Cap], cost_at_award: i64, found: &mut Vec<Problem>) {
    let mut periods = HashSet::new();
    for (index, cap) in caps.iter().enumerate() {
        let mut wrong = |part: &str, detail: &str| {
            let path = format!("terms.caps[{index}]{part}");
            found.push(Problem::new(TERMS_CAP).field(path).detail(detail.to_owned()));
        };
        if !periods.insert(cap.period) {
            wrong(".period", "This period has a cap already.");
        }
        if cap.count.is_none() && cap.money.is_none() {
            wrong("", "A cap bounds the count, the money or both.");
        }
        if cap.count.is_some_and(|count| !(1..=MAX_CAP_COUNT).contains(&count)) {
            wrong(".count", "The count is out of range.");
        }
        if let Some(money) = cap.money {
            if !(1..=MAX_CAP_MONEY).contains(&money) {
                wrong(".money", "The sum is out of range.");
            } else if money < cost_at_award {
                wrong(".money", "The sum would not buy a single lead.");
            }
        }
    }
}

fn clocks(terms: &Terms, niche: &NichePolicy, found: &mut Vec<Problem>) {
    within("terms.returnWindowS", terms.return_window_s, 0, MAX_HOLD_S, found);
    within("terms.holdS", terms.hold_s, 0, MAX_HOLD_S, found);
    within("terms.lockS", terms.lock_s, 0, MAX_LOCK_S, found);
    if terms.return_window_s > niche.max_return_window_s {
        let detail = format!("The niche allows {} seconds.", niche.max_return_window_s);
        found.push(Problem::new(TERMS_RETURN_WINDOW).field("terms.returnWindowS").detail(detail));
    }
    if terms.return_window_s > terms.hold_s {
        found.push(Problem::new(TERMS_CLOCKS).field("terms.holdS"));
    }
    if terms.hold_s > terms.lock_s {
        found.push(Problem::new(TERMS_CLOCKS).field("terms.lockS"));
    } else if terms.lock_s < least_lock(terms.return_window_s, niche) {
        let least = least_lock(terms.return_window_s, niche);
        let detail = format!(
            "With this return window the lock is {least} seconds ({} days) or more: the publisher \
             answers within {} seconds and an operator decides within {}.",
            least.saturating_add(DAY_S - 1) / DAY_S,
            niche.dispute_answer_s,
            niche.dispute_decide_s,
        );
        found.push(Problem::new(TERMS_LOCK_TOO_SOON).field("terms.lockS").detail(detail));
    }
}

/// The earliest lock that lets both sides be heard about a return that is opened in the last
/// moment, in seconds. Without a return window nothing is returned, so nothing has to be heard.
fn least_lock(return_window_s: i64, niche: &NichePolicy) -> i64 {
    if return_window_s <= 0 {
        return 0;
    }
    return_window_s.saturating_add(niche.dispute_answer_s).saturating_add(niche.dispute_decide_s)
}

#[cfg(test)]
#[path = "validate_tests.rs"]
pub(crate) mod tests;
