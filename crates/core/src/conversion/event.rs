//! Events that are reported after the award: what they cost, whether they count, and what a
//! refund gives back. Sums are minor units of the award's currency.

use super::{
    AMOUNT_CURRENCY, AMOUNT_NEEDED, AMOUNT_RANGE, EVENT_DIFFERS, NO_SUCH_GOAL, OUTSIDE_WINDOW,
    REFUND_NEEDS_AMOUNT, REFUND_RANGE,
};
use crate::error::Problem;
use crate::money::{Bps, Currency, Money};
use crate::offer::terms::{Goal, GoalKind, Terms};
use crate::time::{SECOND, Timestamp};

/// The highest amount of one sale, in minor units.
pub const MAX_AMOUNT: i64 = 1_000_000_000_000_000;

/// What an event of this goal costs. `amount` is what the customer paid.
///
/// # Errors
/// `AMOUNT_RANGE`, and `AMOUNT_NEEDED` where a share of the sale is paid; both at `amount`.
pub fn charge(goal: &Goal, amount: Option<i64>) -> Result<i64, Problem> {
    if amount.is_some_and(|amount| !(1..=MAX_AMOUNT).contains(&amount)) {
        return Err(Problem::new(AMOUNT_RANGE).field("amount"));
    }
    goal.price.charge(amount).ok_or_else(|| Problem::new(AMOUNT_NEEDED).field("amount"))
}

/// The goal of these terms that is paid for when an event of this kind is reported.
///
/// # Errors
/// `NO_SUCH_GOAL` at `goal`.
pub fn reported_goal(terms: &Terms, kind: GoalKind) -> Result<&Goal, Problem> {
    let goal = terms.goal(kind).filter(|goal| goal.kind.is_reported());
    goal.ok_or_else(|| Problem::new(NO_SUCH_GOAL).field("goal"))
}

/// Minor units of a sum that has to be in the award's currency. `field` is the input that it is.
///
/// # Errors
/// `AMOUNT_CURRENCY` at the field's currency.
pub fn in_currency(
    currency: Currency,
    sum: Option<Money>,
    field: &str,
) -> Result<Option<i64>, Problem> {
    match sum {
        Some(sum) if sum.currency != currency => {
            let detail = format!("The currency of the award is {currency}.");
            let field = format!("{field}.currency");
            Err(Problem::new(AMOUNT_CURRENCY).field(field).detail(detail))
        }
        sum => Ok(sum.map(|sum| sum.minor)),
    }
}

/// Whether an event counts: not before the award, not after the goal's attribution window, and
/// not in the future. People and trackers tell the second, so the award's own second counts.
///
/// # Errors
/// `OUTSIDE_WINDOW` at `occurredAt`.
pub fn in_window(
    goal: &Goal,
    awarded_at: Timestamp,
    occurred_at: Timestamp,
    now: Timestamp,
) -> Result<(), Problem> {
    let window = goal.attribution_window_s.max(0).saturating_mul(SECOND);
    let end = awarded_at.plus(window);
    let begin = awarded_at.plus(-awarded_at.micros().rem_euclid(SECOND));
    if occurred_at < begin || occurred_at > end || occurred_at > now {
        return Err(Problem::new(OUTSIDE_WINDOW).field("occurredAt"));
    }
    Ok(())
}

/// Whether a report says the same as the one that was billed under its reference. A report that
/// names no amount says nothing about it.
///
/// # Errors
/// `EVENT_DIFFERS` at `amount`.
pub fn same_amount(billed: Option<i64>, reported: Option<i64>) -> Result<(), Problem> {
    match reported {
        Some(amount) if billed != Some(amount) => Err(Problem::new(EVENT_DIFFERS).field("amount")),
        _ => Ok(()),
    }
}

/// What a refund gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refund {
    /// What the customer got back in all; `None` where the sale was reported without an amount.
    pub refunded: Option<i64>,
    /// The share of the price that is returned in all.
    pub share: Bps,
}

/// The share that a refund returns. `refunded` is what the customer got back in all, so saying it
/// twice changes nothing; `None` means the whole sale. The share is `refunded / amount` in whole
/// basis points, rounded half to even; only the whole amount gives the whole share.
///
/// # Errors
/// `REFUND_RANGE`; `REFUND_NEEDS_AMOUNT` for a part of a sale whose amount nobody said.
pub fn refund(amount: Option<i64>, refunded: Option<i64>) -> Result<Refund, Problem> {
    let Some(part) = refunded else {
        return Ok(Refund { refunded: amount, share: Bps::WHOLE });
    };
    let amount = amount.ok_or_else(|| Problem::new(REFUND_NEEDS_AMOUNT).field("refunded"))?;
    if !(1..=amount).contains(&part) {
        return Err(Problem::new(REFUND_RANGE).field("refunded"));
    }
    Ok(Refund { refunded: Some(part), share: share_of(part, amount) })
}

/// `part / whole` in basis points, rounded half to even, and less than the whole unless the part
/// is. Zero of a whole that is nothing.
pub fn share_of(part: i64, whole: i64) -> Bps {
    if part >= whole {
        return Bps::WHOLE;
    }
    if part <= 0 {
        return Bps(0);
    }
    let (scaled, whole) = (i128::from(part) * 10_000, i128::from(whole));
    let (quotient, rest) = (scaled / whole, scaled % whole * 2);
    let up = rest > whole || (rest == whole && quotient % 2 == 1);
    let bps = (quotient + i128::from(up)).min(9_999);
    Bps(u32::try_from(bps).unwrap_or(9_999))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::{Given, Legs};
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn goal(price: serde_json::Value) -> Goal {
        serde_json::from_value(json!({"kind": "SALE", "price": price, "attribution_window_s": 100}))
            .unwrap()
    }

    #[test]
    fn a_share_needs_an_amount_and_a_sum_does_not() {
        let share = goal(json!({"bps": 1_000, "min": 50, "max": 900}));
        assert_eq!(charge(&share, Some(4_000)).unwrap(), 400);
        assert_eq!(charge(&share, None).unwrap_err().code, AMOUNT_NEEDED);
        let sum = goal(json!(700));
        assert_eq!(charge(&sum, None).unwrap(), 700);
        assert_eq!(charge(&sum, Some(1)).unwrap(), 700);
        for wrong in [0, -1, MAX_AMOUNT + 1] {
            assert_eq!(charge(&sum, Some(wrong)).unwrap_err().code, AMOUNT_RANGE);
        }
    }

    #[test]
    fn the_window_is_closed_at_both_ends() {
        let goal = goal(json!(1));
        let at = |s: i64| Timestamp::from_micros(s * SECOND);
        let counts = |occurred, now| in_window(&goal, at(10), at(occurred), at(now)).is_ok();
        assert!(counts(10, 10) && counts(110, 500));
        assert!(!counts(9, 20) && !counts(111, 500) && !counts(21, 20));
    }

    #[test]
    fn the_second_of_the_award_counts_whole() {
        let goal = goal(json!(1));
        let award = Timestamp::from_micros(10 * SECOND + 999_999);
        let now = Timestamp::from_micros(11 * SECOND);
        let counts = |micros| in_window(&goal, award, Timestamp::from_micros(micros), now).is_ok();
        assert!(counts(10 * SECOND) && !counts(10 * SECOND - 1));
    }

    #[test]
    fn a_repeat_says_the_same() {
        assert!(same_amount(Some(5), Some(5)).is_ok() && same_amount(Some(5), None).is_ok());
        assert!(same_amount(None, None).is_ok());
        assert_eq!(same_amount(Some(5), Some(6)).unwrap_err().code, EVENT_DIFFERS);
        assert_eq!(same_amount(None, Some(6)).unwrap_err().code, EVENT_DIFFERS);
    }

    #[test]
    fn refunds_have_a_range() {
        assert_eq!(refund(None, None).unwrap().share, Bps::WHOLE);
        assert_eq!(refund(Some(9), None).unwrap().refunded, Some(9));
        assert_eq!(refund(None, Some(1)).unwrap_err().code, REFUND_NEEDS_AMOUNT);
        for wrong in [0, -1, 10] {
            assert_eq!(refund(Some(9), Some(wrong)).unwrap_err().code, REFUND_RANGE);
        }
        assert_eq!(refund(Some(30_000), Some(10_000)).unwrap().share, Bps(3_333));
        assert_eq!(refund(Some(20_000), Some(1)).unwrap().share, Bps(0), "half to even");
        assert_eq!(refund(Some(20_000), Some(3)).unwrap().share, Bps(2));
        assert_eq!(refund(Some(1_000_000), Some(999_999)).unwrap().share, Bps(9_999));
    }

    proptest! {
        #[test]
        fn refunds_only_grow_and_the_whole_empties_every_leg(
            amount in 1i64..=MAX_AMOUNT, price in 1i64..=100_000_000_000, rate in 0u32..=10_000,
            parts in proptest::collection::vec(0u32..=1_000_000, 0..8),
        ) {
            let legs = Legs::split(price, Bps(rate));
            let mut parts: Vec<i64> = parts
                .into_iter()
                .map(|p| i64::try_from(i128::from(amount) * i128::from(p) / 1_000_000).unwrap())
                .filter(|part| *part > 0)
                .chain([amount])
                .collect();
            parts.sort_unstable();
            let mut given = Given::default();
            for part in parts {
                let found = refund(Some(amount), Some(part)).unwrap();
                prop_assert!(found.share >= given.bps);
                prop_assert_eq!(found.share == Bps::WHOLE, part == amount);
                if found.share > given.bps {
                    let (now, all) = legs.give_back(given, found.share).unwrap();
                    prop_assert!(now.earning >= 0 && now.fee >= 0);
                    given = all;
                }
                // Within a basis point of the price, and two roundings, of the exact share.
                let exact = i128::from(price) * i128::from(part) / i128::from(amount);
                let off = i128::from(given.earning + given.fee) - exact;
                prop_assert!(off.abs() <= i128::from(price) / 10_000 + 2);
            }
            prop_assert_eq!((given.earning, given.fee), (legs.earning(), legs.fee()));
        }
    }
}
