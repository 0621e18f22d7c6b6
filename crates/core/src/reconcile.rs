//! Reconciliation (сверка): a buyer's list of sales against what the exchange knows. Pure
//! comparison, row by row; sums are minor units.

use crate::conversion::event::{charge, in_window};
use crate::conversion::{
    AMOUNT_CURRENCY, AWARD_TAKEN_BACK, GOAL_DONE, NO_SUCH_GOAL, REFUND_TOO_LATE,
};
use crate::error::{Code, REQUIRED};
use crate::money::Currency;
use crate::offer::terms::{GoalKind, Terms};
use crate::time::Timestamp;

crate::text_enum! {
    /// What the comparison of one row says.
    pub enum Finding {
        /// Both sides say the same.
        Equal = "EQUAL",
        /// The file has it, the exchange does not: it will be reported.
        OnlyInFile = "ONLY_IN_FILE",
        /// The exchange has it, the file does not.
        OnlyHere = "ONLY_HERE",
        /// Both have it, with different amounts.
        AmountDiffers = "AMOUNT_DIFFERS",
        /// The file says that it was refunded, the exchange does not: it will be given back.
        Refunded = "REFUNDED",
        /// It was refunded before anybody reported it: there is nothing to do.
        Void = "VOID",
        /// The exchange sold no such lead to this buyer.
        Unknown = "UNKNOWN",
        /// It happened outside the attribution window.
        OutsideWindow = "OUTSIDE_WINDOW",
        /// It can't be taken, for a reason of its own.
        Refused = "REFUSED",
        /// The row can't be read.
        Unreadable = "UNREADABLE",
    }
}

impl Finding {
    /// Whether applying the file does something about it.
    pub const fn is_applied(self) -> bool {
        matches!(self, Self::OnlyInFile | Self::Refunded)
    }
}

/// What a row of the file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claimed<'a> {
    /// What happened.
    pub goal: GoalKind,
    /// The buyer's reference.
    pub reference: Option<&'a str>,
    /// What the customer paid.
    pub amount: Option<i64>,
    /// In which currency.
    pub currency: Option<Currency>,
    /// What the customer got back in all; `Some(None)` is everything.
    pub refunded: Option<Option<i64>>,
    /// When it happened; now if not said.
    pub occurred_at: Option<Timestamp>,
}

/// What the exchange knows of a reported event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// What was reported.
    pub goal: GoalKind,
    /// The amount that was said.
    pub amount: Option<i64>,
    /// What was refunded in all.
    pub refunded: i64,
    /// Whether nothing of it is left.
    pub returned: bool,
    /// Whether its money is held and its lock has not come.
    pub refundable: bool,
}

/// The award of a row.
#[derive(Clone, Copy, Debug)]
pub struct Sold<'a> {
    /// Its currency.
    pub currency: Currency,
    /// When it was sold.
    pub at: Timestamp,
    /// The terms that rule it.
    pub terms: &'a Terms,
    /// Whether the exchange took it back.
    pub taken_back: bool,
    /// Whether the goal was reached by an event that stands.
    pub reached: bool,
}

/// Compares one row: with the event that the exchange knows under its reference, or with the award
/// on which it would have happened. Gives the code of a refusal beside the finding.
pub fn compare(
    row: Claimed<'_>,
    sold: Option<Sold<'_>>,
    known: Option<Known>,
    now: Timestamp,
) -> (Finding, Option<Code>) {
    let Some(sold) = sold else { return (Finding::Unknown, None) };
    if row.currency.is_some_and(|currency| currency != sold.currency) {
        return (Finding::Refused, Some(AMOUNT_CURRENCY));
    }
    match known {
        Some(known) => with_known(row, known),
        None => unreported(row, sold, now),
    }
}

fn with_known(row: Claimed<'_>, known: Known) -> (Finding, Option<Code>) {
    if row.amount.is_some() && row.amount != known.amount {
        return (Finding::AmountDiffers, None);
    }
    let Some(refunded) = row.refunded else {
        // The file says that it stands: what came back differs from that.
        let differs = known.returned || known.refunded > 0;
        return (if differs { Finding::AmountDiffers } else { Finding::Equal }, None);
    };
    let done = match refunded {
        Some(sum) => known.returned || known.refunded >= sum,
        None => known.returned,
    };
    match (done, known.refundable) {
        (true, _) => (Finding::Equal, None),
        (false, true) => (Finding::Refunded, None),
        (false, false) => (Finding::Refused, Some(REFUND_TOO_LATE)),
    }
}

fn unreported(row: Claimed<'_>, sold: Sold<'_>, now: Timestamp) -> (Finding, Option<Code>) {
    let refused = |code| (Finding::Refused, Some(code));
    if row.refunded == Some(None) {
        return (Finding::Void, None);
    }
    if row.reference.is_none() {
        return refused(REQUIRED);
    }
    if sold.taken_back {
        return refused(AWARD_TAKEN_BACK);
    }
    let goal = sold.terms.goal(row.goal).filter(|goal| goal.kind.is_reported());
    let Some(goal) = goal else { return refused(NO_SUCH_GOAL) };
    if sold.reached && !goal.several {
        return refused(GOAL_DONE);
    }
    if in_window(goal, sold.at, row.occurred_at.unwrap_or(now), now).is_err() {
        return (Finding::OutsideWindow, None);
    }
    match charge(goal, row.amount) {
        Ok(_) => (Finding::OnlyInFile, None),
        Err(problem) => refused(problem.code),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::time::SECOND;
    use serde_json::json;

    fn terms() -> Terms {
        serde_json::from_value(json!({
            "goals": [{"kind": "SALE", "price": {"bps": 100, "min": 1, "max": 9},
                "attribution_window_s": 100}],
            "schedule": {"time_zone": "UTC"}, "max_sales": 1,
            "return_window_s": 0, "hold_s": 0, "lock_s": 0, "visibility": "PUBLIC"
        }))
        .unwrap()
    }

    const ROW: Claimed<'static> = Claimed {
        goal: GoalKind::Sale,
        reference: Some("a"),
        amount: Some(50),
        currency: None,
        refunded: None,
        occurred_at: None,
    };
    const KNOWN: Known = Known {
        goal: GoalKind::Sale,
        amount: Some(50),
        refunded: 0,
        returned: false,
        refundable: true,
    };

    #[test]
    fn what_both_know_is_compared() {
        let terms = terms();
        let sold = Sold {
            currency: Currency::RUB,
            at: Timestamp::from_micros(0),
            terms: &terms,
            taken_back: false,
            reached: true,
        };
        let say = |row, known| compare(row, Some(sold), Some(known), Timestamp::from_micros(0)).0;
        assert_eq!(say(ROW, KNOWN), Finding::Equal);
        assert_eq!(say(Claimed { amount: None, ..ROW }, KNOWN), Finding::Equal);
        assert_eq!(say(Claimed { amount: Some(51), ..ROW }, KNOWN), Finding::AmountDiffers);
        assert_eq!(say(ROW, Known { refunded: 1, ..KNOWN }), Finding::AmountDiffers);
        let all = Claimed { refunded: Some(None), ..ROW };
        let part = Claimed { refunded: Some(Some(20)), ..ROW };
        assert_eq!((say(all, KNOWN), say(part, KNOWN)), (Finding::Refunded, Finding::Refunded));
        assert_eq!(say(part, Known { refunded: 20, ..KNOWN }), Finding::Equal);
        let gone = Known { returned: true, refundable: false, ..KNOWN };
        assert_eq!((say(all, gone), say(part, gone)), (Finding::Equal, Finding::Equal));
        let late = Known { refundable: false, ..KNOWN };
        assert_eq!(
            compare(all, Some(sold), Some(late), Timestamp::from_micros(0)),
            (Finding::Refused, Some(REFUND_TOO_LATE))
        );
    }

    #[test]
    fn what_only_the_file_knows_is_looked_at_as_a_report() {
        let terms = terms();
        let sold = Sold {
            currency: Currency::RUB,
            at: Timestamp::from_micros(0),
            terms: &terms,
            taken_back: false,
            reached: false,
        };
        let now = Timestamp::from_micros(50 * SECOND);
        let say = |row, sold| compare(row, Some(sold), None, now);
        assert_eq!(compare(ROW, None, None, now), (Finding::Unknown, None));
        assert_eq!(say(ROW, sold), (Finding::OnlyInFile, None));
        let late = Some(Timestamp::from_micros(51 * SECOND));
        assert_eq!(say(Claimed { occurred_at: late, ..ROW }, sold).0, Finding::OutsideWindow);
        assert_eq!(say(Claimed { refunded: Some(None), ..ROW }, sold).0, Finding::Void);
        assert_eq!(say(Claimed { refunded: Some(Some(9)), ..ROW }, sold).0, Finding::OnlyInFile);
        for (row, sold, code) in [
            (Claimed { reference: None, ..ROW }, sold, REQUIRED),
            (Claimed { amount: None, ..ROW }, sold, crate::conversion::AMOUNT_NEEDED),
            (Claimed { goal: GoalKind::Lead, ..ROW }, sold, NO_SUCH_GOAL),
            (Claimed { currency: Some(Currency::USD), ..ROW }, sold, AMOUNT_CURRENCY),
            (ROW, Sold { reached: true, ..sold }, GOAL_DONE),
            (ROW, Sold { taken_back: true, ..sold }, AWARD_TAKEN_BACK),
        ] {
            assert_eq!(say(row, sold), (Finding::Refused, Some(code)), "{}", code.name);
        }
    }
}
