//! A buyer's money in one currency, and what stands against it.

use leadbourse_core::ids::OrganizationId;
use leadbourse_core::ledger::Account;
use leadbourse_core::money::Currency;
use std::collections::HashMap;

use super::post::balances;
use crate::platform::db::Reader;
use crate::platform::error::Result;

/// What a buyer has and owes, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Funds {
    /// Free to be spent.
    pub available: i64,
    /// Promised to goals billed later.
    pub reserved: i64,
    /// What the buyer owes, not negative.
    pub owed: i64,
    /// What of the free money is lent, not negative.
    pub lent: i64,
}

impl Funds {
    /// The buyer's own free money: below zero while credit is used.
    pub fn own(self) -> i64 {
        self.available.saturating_sub(self.lent)
    }

    /// Funds against promises and debts, in basis points, rounded down; `None` without either.
    pub fn coverage_bps(self) -> Option<i64> {
        let obligations = i128::from(self.reserved) + i128::from(self.owed);
        let funds = i128::from(self.available) + i128::from(self.reserved);
        let coverage = (obligations > 0).then(|| funds * 10_000 / obligations)?;
        Some(i64::try_from(coverage).unwrap_or(i64::MAX))
    }
}

/// The funds of these buyers in these currencies, read at once.
///
/// # Errors
/// Faults of the database.
pub async fn funds(
    tx: &impl Reader,
    wanted: &[(OrganizationId, Currency)],
) -> Result<HashMap<(OrganizationId, Currency), Funds>> {
    let accounts = |(buyer, currency): (OrganizationId, Currency)| {
        [
            Account::available(buyer, currency),
            Account::reserved(buyer, currency),
            Account::owed(buyer, currency),
            Account::credit(buyer, currency),
        ]
    };
    let all: Vec<Account> = wanted.iter().flat_map(|key| accounts(*key)).collect();
    let found = balances(tx, &all).await?;
    let read = |key: (OrganizationId, Currency)| {
        let [available, reserved, owed, lent] =
            accounts(key).map(|account| found.get(&account.id()).copied().unwrap_or(0));
        let (owed, lent) = (owed.saturating_neg(), lent.saturating_neg());
        Funds { available, reserved, owed, lent }
    };
    Ok(wanted.iter().map(|key| (*key, read(*key))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_is_funds_against_promises_and_debts() {
        let of =
            |available, reserved, owed| Funds { available, reserved, owed, lent: 0 }.coverage_bps();
        assert_eq!(of(1_000, 0, 0), None, "nothing is promised");
        assert_eq!(of(0, 500, 0), Some(10_000), "what is promised is set aside");
        assert_eq!(of(250, 500, 0), Some(15_000));
        assert_eq!(of(0, 100, 200), Some(3_333));
        assert_eq!(of(i64::MAX, i64::MAX, 1), Some(19_999));
        assert_eq!(of(i64::MAX, 0, 1), Some(i64::MAX));
    }
}
