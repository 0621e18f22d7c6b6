//! Awards and conversions: clocks that never move, legs, what was given back, and states.

mod clocks;
pub mod event;
mod legs;
mod states;

pub use clocks::Clocks;
pub use legs::{Given, Legs};
pub use states::{AwardState, ConversionState, Disposition, ReservationState};

use crate::ids::{AwardId, ConversionId, ReservationId, derive_near};
use crate::offer::terms::GoalKind;

crate::codes! {
    NO_SUCH_GOAL: Invalid = "The offer does not pay for this goal.";
    OUTSIDE_WINDOW: Invalid = "The event lies outside the attribution window of the award.";
    BAD_EXTERNAL_REF: Invalid = "The external reference has to have 1 to 120 characters.";
    RETURNED_LESS: Conflict = "The returned share can only grow.";
    HOLD_NOT_OVER: Conflict = "The hold of the conversion is not over.";
    RETURN_OPEN: Conflict = "The conversion has an open return.";
    AWARD_TAKEN_BACK: Conflict = "The lead was never delivered or opened; the award was given back.";
    AMOUNT_NEEDED: Invalid = "A share of the sale is paid: say what the sale was worth.";
    AMOUNT_RANGE: Invalid = "The amount of a sale is more than nothing and not absurd.";
    AMOUNT_CURRENCY: Invalid = "The amount has to be in the currency of the award.";
    EVENT_DIFFERS: Conflict = "This reference was reported before with another amount.";
    GOAL_DONE: Conflict = "The offer pays for this once per award, and it was reported already.";
    REFUND_RANGE: Invalid = "A refund is more than nothing and not more than the sale.";
    REFUND_NEEDS_AMOUNT: Invalid = "The sale was reported without its amount: it can only be refunded whole.";
    REFUND_TOO_LATE: Conflict = "The money of this sale was released; it can't be refunded here any more.";
    NOT_REFUNDABLE: Conflict = "Only a reported sale is refunded.";
    UNFUNDED: Conflict = "The buyer has not paid for this conversion yet.";
}

/// The id of a conversion: one per award, goal and external reference. The lead itself has no
/// reference. It sorts beside its award.
pub fn conversion_id(award: AwardId, goal: GoalKind, external_ref: Option<&str>) -> ConversionId {
    let parts: [&[u8]; 4] = [
        b"conversion",
        award.0.as_bytes(),
        goal.as_str().as_bytes(),
        external_ref.unwrap_or("").as_bytes(),
    ];
    ConversionId(derive_near(award.uuid(), &parts))
}

/// The id of a reservation: one per award and goal.
pub fn reservation_id(award: AwardId, goal: GoalKind) -> ReservationId {
    let parts: [&[u8]; 3] = [b"reservation", award.0.as_bytes(), goal.as_str().as_bytes()];
    ReservationId(derive_near(award.uuid(), &parts))
}

/// How many of `awards` may be returned when the most is `share`; rounded up, so that the first
/// return of a small offer is possible unless the share is zero.
pub fn allowed_returns(awards: i64, share: crate::money::Bps) -> i64 {
    let scaled = i128::from(awards.max(0)) * i128::from(share.0.min(10_000));
    let whole = (scaled + 9_999) / 10_000;
    i64::try_from(whole).unwrap_or(i64::MAX)
}

/// Spreads what a buyer still owes over conversions that are not fully paid for: what was paid
/// goes to the first ones. Answers the new unfunded sum of each conversion whose sum changes.
pub fn pay_debts(unfunded: &[(ConversionId, i64)], debt: i64) -> Vec<(ConversionId, i64)> {
    let sum: i128 = unfunded.iter().map(|(_, owed)| i128::from((*owed).max(0))).sum();
    let mut paid = (sum - i128::from(debt.max(0))).max(0);
    let mut changed = Vec::new();
    for (id, owed) in unfunded {
        let part = paid.min(i128::from((*owed).max(0)));
        if part > 0 {
            paid -= part;
            changed.push((*id, i64::try_from(i128::from(*owed) - part).unwrap_or(0)));
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Bps;

    #[test]
    fn payments_go_to_the_first_debts() {
        let id = |n: u8| ConversionId(crate::ids::derive(&[&[n]]));
        let debts = [(id(1), 100), (id(2), 50), (id(3), 7)];
        assert_eq!(pay_debts(&debts, 157), Vec::new());
        assert_eq!(pay_debts(&debts, 60), vec![(id(1), 3)]);
        assert_eq!(pay_debts(&debts, 10), vec![(id(1), 0), (id(2), 3)]);
        assert_eq!(pay_debts(&debts, 0), vec![(id(1), 0), (id(2), 0), (id(3), 0)]);
        assert_eq!(pay_debts(&debts, 500), Vec::new());
    }

    #[test]
    fn the_share_rounds_up_and_zero_allows_none() {
        assert_eq!(allowed_returns(1, Bps(2_000)), 1);
        assert_eq!(allowed_returns(10, Bps(2_000)), 2);
        assert_eq!(allowed_returns(11, Bps(2_000)), 3);
        assert_eq!(allowed_returns(11, Bps(0)), 0);
        assert_eq!(allowed_returns(11, Bps::WHOLE), 11);
    }
}
