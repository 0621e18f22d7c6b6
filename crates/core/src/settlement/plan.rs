//! The planner.

use std::collections::BTreeMap;

use crate::error::Problem;
use crate::ids::{ConversionId, OrganizationId, StatementId};
use crate::ledger::LEDGER_OVERFLOW;
use crate::money::Currency;

/// An approved conversion that is on no statement yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The conversion.
    pub conversion: ConversionId,
    /// Who earned.
    pub publisher: OrganizationId,
    /// The currency.
    pub currency: Currency,
    /// The earning in minor units.
    pub earning: i64,
    /// What a return took back of it.
    pub given_back: i64,
}

impl Line {
    /// What the line pays.
    pub fn amount(&self) -> i64 {
        self.earning.saturating_sub(self.given_back)
    }
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
    /// Whose.
    pub publisher: OrganizationId,
    /// The currency.
    pub currency: Currency,
    /// The lines, by conversion.
    pub lines: Vec<Line>,
    /// What is carried in: everything that waits, by statement.
    pub carried: Vec<Carried>,
    /// Its sum.
    pub carried_in: i64,
    /// Sum of the lines.
    pub gross: i64,
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

/// Groups lines and carried sums into one draft per publisher and currency, in a stable order.
/// Who has no new line gets a draft only if what is carried can be paid now.
///
/// # Errors
/// `LEDGER_OVERFLOW`.
pub fn plan(
    lines: Vec<Line>,
    carried: Vec<Carried>,
    minimum: impl Fn(OrganizationId, Currency) -> i64,
) -> Result<Vec<Draft>, Problem> {
    let mut groups: BTreeMap<(OrganizationId, Currency), (Vec<Line>, Vec<Carried>)> =
        BTreeMap::new();
    for line in lines {
        groups.entry((line.publisher, line.currency)).or_default().0.push(line);
    }
    for sum in carried {
        groups.entry((sum.publisher, sum.currency)).or_default().1.push(sum);
    }
    let mut drafts = Vec::with_capacity(groups.len());
    for ((publisher, currency), (mut lines, mut carried)) in groups {
        lines.sort_by_key(|line| line.conversion);
        lines.dedup_by_key(|line| line.conversion);
        let gross = lines
            .iter()
            .try_fold(0i64, |sum, line| sum.checked_add(line.amount()))
            .ok_or(LEDGER_OVERFLOW)?;
        carried.sort_by_key(|sum| sum.statement);
        carried.dedup_by_key(|sum| sum.statement);
        let carried_in = carried
            .iter()
            .try_fold(0i64, |all, sum| all.checked_add(sum.amount))
            .ok_or(LEDGER_OVERFLOW)?;
        let total = gross.checked_add(carried_in).ok_or(LEDGER_OVERFLOW)?;
        let pays = matches!(outcome(total, minimum(publisher, currency)), Outcome::Pay(_));
        if !lines.is_empty() || pays {
            drafts.push(Draft { publisher, currency, lines, carried, carried_in, gross, total });
        }
    }
    Ok(drafts)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::ids::derive;
    use proptest::prelude::*;

    fn org(n: u8) -> OrganizationId {
        OrganizationId(derive(&[b"org", &[n]]))
    }

    fn line(n: u32, publisher: u8, earning: i64, given_back: i64) -> Line {
        Line {
            conversion: ConversionId(derive(&[b"cnv", &n.to_be_bytes()])),
            publisher: org(publisher),
            currency: Currency::RUB,
            earning,
            given_back,
        }
    }

    fn carried(publisher: u8, amount: i64) -> Carried {
        Carried {
            statement: StatementId(derive(&[b"stm", &[publisher], &amount.to_be_bytes()])),
            publisher: org(publisher),
            currency: Currency::RUB,
            amount,
        }
    }

    #[test]
    fn small_sums_wait_and_waiting_sums_come_back() {
        assert_eq!(outcome(0, 0), Outcome::Carry);
        assert_eq!(outcome(-5, 0), Outcome::Carry);
        assert_eq!(outcome(99, 100), Outcome::Carry);
        assert_eq!(outcome(100, 100), Outcome::Pay(100));
        let drafts = plan(
            vec![line(1, 1, 100, 40), line(2, 1, 50, 0), line(3, 2, 10, 0)],
            vec![carried(1, -20), carried(3, 500), carried(4, 5)],
            |_, _| 100,
        )
        .unwrap();
        let of = |n: u8| drafts.iter().find(|draft| draft.publisher == org(n));
        assert_eq!(of(1).map(|d| (d.gross, d.total, d.lines.len())), Some((110, 90, 2)));
        assert_eq!(of(2).map(|d| (d.gross, d.total)), Some((10, 10)));
        assert_eq!(of(3).map(|d| (d.gross, d.total, d.lines.len())), Some((0, 500, 0)));
        assert_eq!(of(4), None);
    }

    #[test]
    fn everything_that_waits_is_summed_and_named() {
        // A refused payout of 5,000 and a small sum that was carried after it.
        let waiting = vec![carried(1, 5_000), carried(1, 300), carried(1, -100)];
        let drafts = plan(Vec::new(), waiting, |_, _| 1_000).unwrap();
        assert_eq!(drafts.len(), 1);
        assert_eq!((drafts[0].carried_in, drafts[0].total), (5_200, 5_200));
        assert_eq!(drafts[0].carried.len(), 3);
        // Small sums become enough together.
        let drafts = plan(Vec::new(), vec![carried(1, 600), carried(1, 400)], |_, _| 1_000);
        assert_eq!(drafts.unwrap()[0].total, 1_000);
        // A debt that is carried as well may keep all of it waiting.
        let drafts = plan(Vec::new(), vec![carried(1, 1_500), carried(1, -600)], |_, _| 1_000);
        assert_eq!(drafts.unwrap(), Vec::new());
    }

    proptest! {
        #[test]
        fn every_line_is_on_exactly_one_draft(rows in proptest::collection::vec((0u8..5, 0i64..1_000_000, 0i64..1_000), 0..60)) {
            let lines: Vec<Line> = (0u32..)
                .zip(&rows)
                .map(|(n, (publisher, earning, given))| line(n, *publisher, *earning, (*given).min(*earning)))
                .collect();
            let sum: i64 = lines.iter().map(Line::amount).sum();
            let drafts = plan(lines.clone(), Vec::new(), |_, _| 0).unwrap();
            let mut seen: Vec<ConversionId> =
                drafts.iter().flat_map(|d| d.lines.iter().map(|l| l.conversion)).collect();
            seen.sort();
            let mut all: Vec<ConversionId> = lines.iter().map(|l| l.conversion).collect();
            all.sort();
            prop_assert_eq!(seen, all);
            prop_assert_eq!(drafts.iter().map(|d| d.gross).sum::<i64>(), sum);
            for draft in &drafts {
                prop_assert!(draft.lines.iter().all(|l| l.publisher == draft.publisher));
            }
        }
    }
}
