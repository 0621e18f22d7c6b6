//! Which terms an offer may have, given its niche.

use std::collections::HashSet;

use super::schedule_check;
use super::terms::{Cap, CapPeriod, Goal, GoalKind, Pacing, Price, Terms};
use crate::error::Problem;
use crate::live;
use crate::money::Bps;
use crate::niche::annotations::Fields;
use crate::niche::fit;
use crate::niche::policy::NichePolicy;

crate::codes! {
    TERMS_GOALS: Invalid = "An offer pays for one thing, or for two different ones.";
    TERMS_PRICE: Invalid = "The price must be more than nothing and not absurd.";
    TERMS_PRICE_FLOOR: Invalid = "The price of a lead is below the niche's floor.";
    TERMS_PERCENT: Invalid = "Only a sale is paid by its share: 1 to 10000 basis points, a minimum of at least 1, and a maximum that is not below it.";
    TERMS_SALE_WINDOW: Invalid = "A sale or a registration needs an attribution window of 1 hour to 180 days.";
    TERMS_LEAD_WINDOW: Invalid = "Only a sale or a registration has an attribution window and a reserved share.";
    TERMS_CALL: Invalid = "Only a call has a length (up to 1 hour), a repeat-caller window (up to 1 year) and a number of lines (up to 10000).";
    TERMS_SEVERAL: Invalid = "Only sales can be paid for several times on one award.";
    TERMS_CAP: Invalid = "A cap bounds a period once, by a count, by money or by both.";
    TERMS_CLOCKS: Invalid = "The clocks must be in order: return window ≤ hold ≤ lock.";
    TERMS_LOCK_TOO_SOON: Invalid = "The lock leaves no time to answer and decide the last return.";
    TERMS_RETURN_WINDOW: Invalid = "The return window is longer than the niche allows.";
    TERMS_SHARED_PRICES: Invalid = "Shared prices name 2 or more copies, each once, and never rise.";
    TERMS_PACING: Invalid = "Even pacing spends a cap of the day: there has to be one.";
    TERMS_TOO_MANY: Invalid = "There are too many of them.";
    OWN_PRICE_NO_LEAD: Invalid = "The offer does not pay for leads: there is nothing to price.";
}

const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 86_400;
/// Highest price of one goal, in minor units.
pub const MAX_PRICE: i64 = 100_000_000_000;
/// Highest cap in money, in minor units.
pub const MAX_CAP_MONEY: i64 = 1_000_000_000_000_000;
/// Highest cap in awards.
pub const MAX_CAP_COUNT: i64 = 1_000_000_000;
/// Most goals of an offer.
pub const MAX_GOALS: usize = 2;
/// The longest length that a call has to have to be paid for, in seconds.
pub const MAX_CALL_S: i64 = HOUR_S;
/// Most calls at once.
pub const MAX_LINES: i64 = 10_000;
/// Longest repeat-caller window, in seconds: one year.
pub const MAX_REPEAT_S: i64 = 365 * DAY_S;
/// Longest attribution window of a sale or a registration, in seconds: 180 days.
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
    let cost = terms.cost_at_award();
    caps("terms.caps", &terms.caps, cost, &mut found);
    caps("terms.publisherCaps", &terms.publisher_caps, cost, &mut found);
    if terms.pacing == Pacing::Even && !terms.caps.iter().any(|cap| cap.period == CapPeriod::Day) {
        found.push(Problem::new(TERMS_PACING).field("terms.pacing"));
    }
    found.extend(live::connection::terms_fault(terms));
    shared_prices(terms, niche, &mut found);
    found.extend(schedule_check::schedule(&terms.schedule, "terms.schedule"));
    window_caps(terms, cost, &mut found);
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

/// Whether a publisher's leads may have this price in an offer of these terms, in minor units.
///
/// # Errors
/// `OWN_PRICE_NO_LEAD`, `TERMS_PRICE`, `TERMS_PRICE_FLOOR`, `TERMS_CAP`, all at `price`.
pub fn own_price(terms: &Terms, price: i64, niche: &NichePolicy) -> Result<(), Problem> {
    let refused = |code| Err(Problem::new(code).field("price"));
    if terms.goal(GoalKind::Lead).is_none() {
        return refused(OWN_PRICE_NO_LEAD);
    }
    if !(1..=MAX_PRICE).contains(&price) {
        return refused(TERMS_PRICE);
    }
    // Shared copies move with the own price, so they may not fall below the floor either.
    let shared = terms.shared_prices.iter().map(|shared| shared.copies);
    let lowest =
        shared.filter_map(|copies| terms.lead_price(copies, Some(price))).fold(price, i64::min);
    if lowest < niche.price_floor.max(1) {
        let detail = format!("The floor is {} minor units.", niche.price_floor);
        return refused(TERMS_PRICE_FLOOR).map_err(|problem| problem.detail(detail));
    }
    let cost = terms.cost_at(Some(price));
    let caps = terms.caps.iter().chain(&terms.publisher_caps).map(|cap| cap.money);
    let windows = terms.schedule.windows.iter().map(|window| window.money);
    if caps.chain(windows).flatten().any(|money| money < cost) {
        let detail = "A cap of the offer would not buy a single lead at this price.";
        return refused(TERMS_CAP).map_err(|problem| problem.detail(detail));
    }
    Ok(())
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
    if goals.is_empty() || goals.len() > MAX_GOALS || kinds.len() != goals.len() {
        found.push(Problem::new(TERMS_GOALS).field("terms.goals"));
    }
    for (index, goal) in goals.iter().enumerate() {
        let at = |part: &str| format!("terms.goals[{index}].{part}");
        price(goal, niche, &at, found);
        if goal.reserve_bps > Bps::WHOLE {
            found.push(Problem::new(crate::error::OUT_OF_RANGE).field(at("reserveBps")));
        }
        if goal.kind.is_reported() {
            if !(HOUR_S..=MAX_ATTRIBUTION_S).contains(&goal.attribution_window_s) {
                found.push(Problem::new(TERMS_SALE_WINDOW).field(at("attributionWindowS")));
            }
        } else if goal.attribution_window_s != 0 || goal.reserve_bps != Bps(0) {
            found.push(Problem::new(TERMS_LEAD_WINDOW).field(at("attributionWindowS")));
        }
        let (call_s, repeat_s, lines) = match goal.kind {
            GoalKind::Call => (MAX_CALL_S, MAX_REPEAT_S, MAX_LINES),
            _ => (0, 0, 0),
        };
        if !(0..=call_s).contains(&goal.min_call_seconds) {
            found.push(Problem::new(TERMS_CALL).field(at("minCallSeconds")));
        }
        if !(0..=repeat_s).contains(&goal.repeat_caller_window_s) {
            found.push(Problem::new(TERMS_CALL).field(at("repeatCallerWindowS")));
        }
        if !(0..=lines).contains(&goal.calls_at_once) {
            found.push(Problem::new(TERMS_CALL).field(at("callsAtOnce")));
        }
        if goal.several && goal.kind != GoalKind::Sale {
            found.push(Problem::new(TERMS_SEVERAL).field(at("several")));
        }
    }
}

/// The price of a goal: a sum, or the share of a sale.
fn price(goal: &Goal, niche: &NichePolicy, at: &dyn Fn(&str) -> String, found: &mut Vec<Problem>) {
    match goal.price {
        Price::Fixed(sum) if !(1..=MAX_PRICE).contains(&sum) => {
            found.push(Problem::new(TERMS_PRICE).field(at("price")));
        }
        Price::Fixed(sum) if goal.kind == GoalKind::Lead && sum < niche.price_floor => {
            let detail = format!("The floor is {} minor units.", niche.price_floor);
            found.push(Problem::new(TERMS_PRICE_FLOOR).field(at("price")).detail(detail));
        }
        Price::Fixed(_) => {}
        Price::Percent(_) if goal.kind != GoalKind::Sale => {
            found.push(Problem::new(TERMS_PERCENT).field(at("percent")));
        }
        Price::Percent(percent) => {
            let mut wrong = |part| found.push(Problem::new(TERMS_PERCENT).field(at(part)));
            if percent.bps == Bps(0) || percent.bps > Bps::WHOLE {
                wrong("percent.bps");
            }
            if percent.min < 1 {
                wrong("percent.min");
            }
            if percent.max < percent.min || percent.max > MAX_PRICE {
                wrong("percent.max");
            }
        }
    }
}

fn caps(path: &str, caps: &[Cap], cost_at_award: i64, found: &mut Vec<Problem>) {
    let mut periods = HashSet::new();
    for (index, cap) in caps.iter().enumerate() {
        let at = format!("{path}[{index}]");
        if !periods.insert(cap.period) {
            let detail = "This period has a cap already.";
            found.push(Problem::new(TERMS_CAP).field(format!("{at}.period")).detail(detail));
        }
        if cap.count.is_none() && cap.money.is_none() {
            let detail = "A cap bounds the count, the money or both.";
            found.push(Problem::new(TERMS_CAP).field(at.clone()).detail(detail));
        }
        bounds(&at, cap.count, cap.money, cost_at_award, found);
    }
}

/// The two bounds of a cap.
fn bounds(at: &str, count: Option<i64>, money: Option<i64>, cost: i64, found: &mut Vec<Problem>) {
    let mut wrong = |part: &str, detail: &'static str| {
        found.push(Problem::new(TERMS_CAP).field(format!("{at}.{part}")).detail(detail));
    };
    if count.is_some_and(|count| !(1..=MAX_CAP_COUNT).contains(&count)) {
        wrong("count", "The count is out of range.");
    }
    if let Some(money) = money {
        if !(1..=MAX_CAP_MONEY).contains(&money) {
            wrong("money", "The sum is out of range.");
        } else if money < cost {
            wrong("money", "The sum would not buy a single lead.");
        }
    }
}

fn window_caps(terms: &Terms, cost: i64, found: &mut Vec<Problem>) {
    for (index, window) in terms.schedule.windows.iter().enumerate() {
        let at = format!("terms.schedule.windows[{index}]");
        bounds(&at, window.count, window.money, cost, found);
    }
}

fn shared_prices(terms: &Terms, niche: &NichePolicy, found: &mut Vec<Problem>) {
    let at = |index: usize, part: &str| format!("terms.sharedPrices[{index}].{part}");
    let lead = terms.goal(GoalKind::Lead).and_then(|goal| goal.price.fixed());
    if lead.is_none() && !terms.shared_prices.is_empty() {
        found.push(Problem::new(TERMS_SHARED_PRICES).field("terms.sharedPrices"));
    }
    let (mut copies, mut price) = (1, lead.unwrap_or(i64::MAX));
    for (index, shared) in terms.shared_prices.iter().enumerate() {
        if shared.copies <= copies || shared.copies > terms.max_sales {
            found.push(Problem::new(TERMS_SHARED_PRICES).field(at(index, "copies")));
        }
        if shared.price < 1 || shared.price > price {
            found.push(Problem::new(TERMS_SHARED_PRICES).field(at(index, "price")));
        } else if shared.price < niche.price_floor {
            let detail = format!("The floor is {} minor units.", niche.price_floor);
            found.push(Problem::new(TERMS_PRICE_FLOOR).field(at(index, "price")).detail(detail));
        }
        (copies, price) = (shared.copies, shared.price);
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
