//! The journal as accountants read it: each movement as a pair of a debited and a credited account.
//!
//! An account that loses is debited, one that gains is credited: what the exchange owes to buyers
//! and publishers are liabilities, and the world outside is seen with the opposite sign.

use super::account::{AccountKind, Rail};

/// A part of a transaction that goes from one account to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair<A> {
    /// What lost it.
    pub debit: A,
    /// What gained it.
    pub credit: A,
    /// Minor units, greater than zero.
    pub amount: i64,
}

/// Splits the postings of one transaction into pairs, in the order of the postings. What does not
/// net to zero leaves a rest that is in no pair; stored transactions do.
pub fn pairs<A: Clone>(postings: &[(A, i64)]) -> Vec<Pair<A>> {
    let side = |sign: i64| {
        let own = postings.iter().filter(move |(_, amount)| amount.signum() == sign);
        own.map(|(account, amount)| (account.clone(), amount.unsigned_abs()))
    };
    let mut found = Vec::new();
    let mut gains = side(1);
    let mut gain = gains.next();
    for (debit, mut left) in side(-1) {
        while left > 0 {
            let Some((credit, open)) = gain.as_mut() else { return found };
            let part = left.min(*open);
            let amount = i64::try_from(part).unwrap_or(i64::MAX);
            found.push(Pair { debit: debit.clone(), credit: credit.clone(), amount });
            left -= part;
            *open -= part;
            if *open == 0 {
                gain = gains.next();
            }
        }
    }
    found
}

/// The account of the Russian chart (order 94n of the Ministry of Finance, 31 October 2000) that the
/// export names by default: money at banks 51, on its way 57, buyers 62 (advances 62.02), other
/// creditors 76, revenue 90.01, other costs and income 91.
pub const fn chart(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::BuyerAvailable => "62.02",
        AccountKind::BuyerReserved => "62.02.R",
        AccountKind::BuyerOwed => "62.01",
        AccountKind::BuyerCredit => "62.03",
        AccountKind::PublisherHeld => "76.05.H",
        AccountKind::PublisherPayable => "76.05",
        AccountKind::PublisherInPayout => "57.01",
        AccountKind::BuyerInRefund => "57.03",
        AccountKind::PlatformFeesHeld => "76.06",
        AccountKind::PlatformFees => "90.01",
        AccountKind::PlatformBadDebt => "91.02",
        AccountKind::PlatformFx => "57.02",
        AccountKind::PlatformProviderFees => "91.02.P",
        AccountKind::External(Rail::Bank) => "51",
        AccountKind::External(Rail::Manual) => "76.09",
        AccountKind::External(Rail::Stripe) => "57.04",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_conversion_is_two_pairs() {
        let found = pairs(&[("available", -1_000), ("held", 850), ("fees", 150)]);
        let flat: Vec<_> = found.iter().map(|p| (p.debit, p.credit, p.amount)).collect();
        assert_eq!(flat, [("available", "held", 850), ("available", "fees", 150)]);
        let found = pairs(&[("reserved", -600), ("available", -400), ("held", 850), ("fees", 150)]);
        let flat: Vec<_> = found.iter().map(|p| (p.debit, p.credit, p.amount)).collect();
        let wanted =
            [("reserved", "held", 600), ("available", "held", 250), ("available", "fees", 150)];
        assert_eq!(flat, wanted);
        assert!(pairs::<&str>(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn pairs_move_exactly_what_the_postings_do(amounts in prop::collection::vec(-1_000_000i64..1_000_000, 1..8)) {
            let mut postings: Vec<(usize, i64)> = amounts.iter().copied().enumerate().collect();
            let sum: i64 = amounts.iter().sum();
            postings.push((amounts.len(), -sum));
            let mut moved = vec![0i64; postings.len()];
            for pair in pairs(&postings) {
                prop_assert!(pair.amount > 0);
                moved[pair.debit] -= pair.amount;
                moved[pair.credit] += pair.amount;
            }
            for (account, amount) in postings {
                prop_assert_eq!(moved[account], amount);
            }
        }
    }
}
