//! The planner's decisions. The lines themselves are chosen where they are stored: a publisher may
//! have a million of them.

use crate::error::Problem;
use crate::ids::{OrganizationId, StatementId};
use crate::ledger::LEDGER_OVERFLOW;
use crate::money::Currency;

/// What a publisher's new lines come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewLines {
    /// Who earned.
    pub publisher: OrganizationId,
    /// The currency.
    pub currency: Currency,
    /// How many.
    pub count: i64,
    /// Their sum in minor units.
    pub gross: i64,
}

/// An earlier statement whose total waits for the next one; a publisher may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The earlier statement.
    pub statement: StatementId,
    /// Whose.
    pub publisher: OrganizationId,
    /// The currency.
    pub currency: Currency,
    /// Its total in minor units; may be negative.
    pub amount: i64,
}

/// A statement that is about to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its lines.
    pub lines: NewLines,
    /// What is carried in: everything that waits, by statement.
    pub carried: Vec<StatementId>,
    /// Its sum.
    pub carried_in: i64,
    /// Sum of the lines and what is carried in.
    pub total: i64,
}

/// What an approval does with a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Pays so many minor units.
    Pay(i64),
    /// Carries the total into the next statement.
    Carry,
}

/// Pays a total that is above zero and not under the publisher's minimum; carries the rest.
pub const fn outcome(total: i64, minimum: i64) -> Outcome {
    if total > 0 && total >= minimum { Outcome::Pay(total) } else { Outcome::Carry }
}

/// The draft of one publisher in one currency. Who has no new line gets one only if what is carried
/// can be paid now.
///
/// # Errors
/// `LEDGER_OVERFLOW`.
pub fn draft(lines: NewLines, carried: &[Carried], minimum: i64) -> Result<Option<Draft>, Problem> {
    let own = |one: &&Carried| (one.publisher, one.currency) == (lines.publisher, lines.currency);
    let mut carried: Vec<&Carried> = carried.iter().filter(own).collect();
    carried.sort_by_key(|one| one.statement);
    carried.dedup_by_key(|one| one.statement);
    let carried_in = carried
        .iter()
        .try_fold(0i64, |all, one| all.checked_add(one.amount))
        .ok_or(LEDGER_OVERFLOW)?;
    let total = lines.gross.checked_add(carried_in).ok_or(LEDGER_OVERFLOW)?;
    let pays = matches!(outcome(total, minimum), Outcome::Pay(_));
    let carried = carried.iter().map(|one| one.statement).collect();
    Ok((lines.count > 0 || pays).then_some(Draft { lines, carried, carried_in, total }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ids::derive;

    fn org(n: u8) -> OrganizationId {
        OrganizationId(derive(&[b"org", &[n]]))
    }

    fn lines(count: i64, gross: i64) -> NewLines {
        NewLines { publisher: org(1), currency: Currency::RUB, count, gross }
    }

    fn carried(publisher: u8, currency: Currency, amount: i64) -> Carried {
        let statement = StatementId(derive(&[b"stm", &[publisher], &amount.to_be_bytes()]));
        Carried { statement, publisher: org(publisher), currency, amount }
    }

    #[test]
    fn small_sums_wait() {
        assert_eq!(outcome(0, 0), Outcome::Carry);
        assert_eq!(outcome(-5, 0), Outcome::Carry);
        assert_eq!(outcome(99, 100), Outcome::Carry);
        assert_eq!(outcome(100, 100), Outcome::Pay(100));
    }

    #[test]
    fn a_draft_takes_in_what_waits_for_its_publisher_in_its_currency() {
        let waiting = [
            carried(1, Currency::RUB, -20),
            carried(1, Currency::USD, 7_000),
            carried(2, Currency::RUB, 500),
        ];
        let made = draft(lines(2, 110), &waiting, 100).unwrap().unwrap();
        assert_eq!((made.carried_in, made.total, made.lines.count), (-20, 90, 2));
        assert_eq!(made.carried, [carried(1, Currency::RUB, -20).statement]);
        // Small, but with a line: it is stated and carried on.
        assert_eq!(draft(lines(1, 10), &[], 100).unwrap().unwrap().total, 10);
        assert_eq!(draft(lines(0, 0), &[], 0).unwrap(), None);
    }

    #[test]
    fn everything_that_waits_is_summed_and_named() {
        let of = |amounts: &[i64]| -> Vec<Carried> {
            amounts.iter().map(|amount| carried(1, Currency::RUB, *amount)).collect()
        };
        // A refused payout of 5,000 and a small sum that was carried after it.
        let made = draft(lines(0, 0), &of(&[5_000, 300, -100]), 1_000).unwrap().unwrap();
        assert_eq!((made.carried_in, made.total, made.carried.len()), (5_200, 5_200, 3));
        // The same statement twice counts once.
        let made = draft(lines(0, 0), &of(&[5_000, 5_000]), 1_000).unwrap().unwrap();
        assert_eq!((made.total, made.carried.len()), (5_000, 1));
        // Small sums become enough together.
        assert_eq!(draft(lines(0, 0), &of(&[600, 400]), 1_000).unwrap().unwrap().total, 1_000);
        // A debt that is carried as well may keep all of it waiting.
        assert_eq!(draft(lines(0, 0), &of(&[1_500, -600]), 1_000).unwrap(), None);
        // What no ledger could hold is refused.
        assert!(draft(lines(1, i64::MAX), &of(&[1]), 0).is_err());
    }
}
