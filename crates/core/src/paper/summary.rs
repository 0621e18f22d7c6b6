//! Sums of a document's lines, by offer and day and in all. Lines pass one by one, so that a
//! document of any length needs memory for its offers and days only.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::{Head, Line, LineKind};
use crate::error::Problem;
use crate::ids::OfferId;
use crate::ledger::LEDGER_OVERFLOW;

/// Sums of some lines, minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// How many events were billed.
    pub count: i64,
    /// What was earned, or charged.
    pub gross: i64,
    /// What was given back.
    pub given_back: i64,
    /// What it adds to the total.
    pub amount: i64,
}

/// Sums of a whole document, minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many lines.
    pub lines: i64,
    /// What was earned, or charged.
    pub gross: i64,
    /// What was given back.
    pub given_back: i64,
    /// The exchange's part, where the reader may see it.
    pub fee: i64,
    /// Corrections.
    pub adjustments: i64,
    /// What earlier statements carried in.
    pub carried_in: i64,
    /// The sum of the document.
    pub total: i64,
}

/// Counts lines.
#[derive(Clone, Debug)]
pub struct Summary {
    zone: Tz,
    carried_in: Vec<i64>,
    totals: Totals,
    groups: BTreeMap<(OfferId, NaiveDate), Group>,
    adjustments: Vec<Line>,
}

fn add(sum: &mut i64, amount: i64) -> Result<(), Problem> {
    *sum = sum.checked_add(amount).ok_or(LEDGER_OVERFLOW)?;
    Ok(())
}

impl Summary {
    /// Without a line.
    pub fn new(head: &Head) -> Self {
        Self {
            zone: head.time_zone.parse().unwrap_or(Tz::UTC),
            carried_in: head.carried.iter().map(|carried| carried.amount).collect(),
            totals: Totals::default(),
            groups: BTreeMap::new(),
            adjustments: Vec::new(),
        }
    }

    /// Counts a line.
    ///
    /// # Errors
    /// `LEDGER_OVERFLOW`.
    pub fn add(&mut self, line: &Line) -> Result<(), Problem> {
        add(&mut self.totals.lines, 1)?;
        add(&mut self.totals.total, line.amount)?;
        if line.kind == LineKind::Adjustment {
            add(&mut self.totals.adjustments, line.amount)?;
            self.adjustments.push(line.clone());
            return Ok(());
        }
        add(&mut self.totals.gross, line.gross)?;
        add(&mut self.totals.given_back, line.given_back)?;
        add(&mut self.totals.fee, line.fee.unwrap_or(0))?;
        if let Some(offer) = line.offer {
            let day = line.at.to_chrono().with_timezone(&self.zone).date_naive();
            let group = self.groups.entry((offer, day)).or_default();
            add(&mut group.count, i64::from(line.kind == LineKind::Conversion))?;
            add(&mut group.gross, line.gross)?;
            add(&mut group.given_back, line.given_back)?;
            add(&mut group.amount, line.amount)?;
        }
        Ok(())
    }

    /// The sums of all lines and of what is carried in.
    ///
    /// # Errors
    /// `LEDGER_OVERFLOW`.
    pub fn totals(&self) -> Result<Totals, Problem> {
        let mut totals = self.totals;
        for amount in &self.carried_in {
            add(&mut totals.carried_in, *amount)?;
            add(&mut totals.total, *amount)?;
        }
        Ok(totals)
    }

    /// By offer and day.
    pub fn days(&self) -> impl Iterator<Item = (OfferId, NaiveDate, Group)> {
        self.groups.iter().map(|((offer, day), group)| (*offer, *day, *group))
    }

    /// By offer. The sums are parts of those that [`Summary::add`] checked.
    pub fn offers(&self) -> BTreeMap<OfferId, Group> {
        let mut out: BTreeMap<OfferId, Group> = BTreeMap::new();
        for ((offer, _), group) in &self.groups {
            let sum = out.entry(*offer).or_default();
            sum.count = sum.count.saturating_add(group.count);
            sum.gross = sum.gross.saturating_add(group.gross);
            sum.given_back = sum.given_back.saturating_add(group.given_back);
            sum.amount = sum.amount.saturating_add(group.amount);
        }
        out
    }

    /// The corrections.
    pub fn adjustments(&self) -> &[Line] {
        &self.adjustments
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::super::tests::{head, line};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_are_those_of_the_zone() {
        let mut summary = Summary::new(&head());
        summary.add(&line(1, 850, 50)).unwrap();
        summary.add(&line(2, 150, 0)).unwrap();
        let days: Vec<_> = summary.days().map(|(_, day, group)| (day.to_string(), group)).collect();
        // 22:30 UTC is the next day in Moscow.
        let group = Group { count: 2, gross: 1_000, given_back: 50, amount: 950 };
        assert_eq!(days, [("2026-11-01".to_owned(), group)]);
        let totals = summary.totals().unwrap();
        assert_eq!((totals.lines, totals.carried_in, totals.total), (2, -20, 930));
    }

    proptest! {
        #[test]
        fn groups_sum_to_the_totals(rows in proptest::collection::vec((0i64..1_000_000, 0i64..1_000, 0u8..5), 0..50)) {
            let mut summary = Summary::new(&head());
            for (n, (gross, back, kind)) in (0u8..).zip(&rows) {
                let mut one = line(n, *gross, *back);
                if *kind == 0 {
                    one.kind = LineKind::Adjustment;
                }
                summary.add(&one).unwrap();
            }
            let totals = summary.totals().unwrap();
            let groups = summary.offers();
            let sum = |of: fn(&Group) -> i64| groups.values().map(of).sum::<i64>();
            prop_assert_eq!(sum(|group| group.gross), totals.gross);
            prop_assert_eq!(sum(|group| group.given_back), totals.given_back);
            prop_assert_eq!(sum(|group| group.amount), totals.total - totals.carried_in - totals.adjustments);
            prop_assert_eq!(totals.gross - totals.given_back + totals.adjustments + totals.carried_in, totals.total);
        }
    }
}
