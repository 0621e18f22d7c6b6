//! What FINANCE does with buyers' money by decision: credit, and conversion between currencies.

use super::account::Account;
use super::templates::debt_first;
use super::tx::{LedgerTx, TxKind};
use super::{AMOUNT_NOT_POSITIVE, LEDGER_OVERFLOW};
use crate::error::Problem;
use crate::ids::{CreditChangeId, FxConversionId, OrganizationId};
use crate::money::Money;
use crate::time::Timestamp;

crate::codes! {
    CREDIT_IN_USE: Conflict = "So much of the credit is spent that the limit can't be lowered to this.";
    CREDIT_UNCHANGED: Invalid = "This is the credit limit already.";
    CREDIT_NEGATIVE: Invalid = "A credit limit is zero or more.";
    NOT_OWN_MONEY: Conflict = "Only the buyer's own free money can be converted, not what is lent.";
}

/// The largest credit limit, in minor units: sums of money and credit stay in the ledger's range.
const MOST: i64 = 1_000_000_000_000_000;

/// The change that brings a credit limit from `before` to `after`; both are not negative. A buyer
/// who owes `debt` pays it with new credit first. Lowering takes free money back, and is refused by
/// the account's guard where it is spent.
///
/// # Errors
/// `CREDIT_NEGATIVE`, `CREDIT_UNCHANGED`, `LEDGER_OVERFLOW`.
pub fn credit_changed(
    id: CreditChangeId,
    buyer: OrganizationId,
    (before, after): (i64, Money),
    debt: i64,
    at: Timestamp,
) -> Result<LedgerTx, Problem> {
    if after.minor < 0 {
        return Err(Problem::new(CREDIT_NEGATIVE).field("limit"));
    }
    if after.minor > MOST {
        return Err(Problem::new(LEDGER_OVERFLOW).field("limit"));
    }
    let change = after.minor.checked_sub(before).ok_or(LEDGER_OVERFLOW)?;
    if change == 0 {
        return Err(Problem::new(CREDIT_UNCHANGED).field("limit"));
    }
    let (to_debt, to_available) = if change > 0 { debt_first(change, debt) } else { (0, change) };
    let currency = after.currency;
    let postings = [
        (Account::credit(buyer, currency), -change),
        (Account::owed(buyer, currency), to_debt),
        (Account::available(buyer, currency), to_available),
    ];
    LedgerTx::new(TxKind::Credit, id.to_string(), &postings, at)
}

/// A buyer's free money changes its currency: one transaction per currency, against the exchange's
/// position in it. What the buyer owes in the bought currency is paid first.
///
/// # Errors
/// `AMOUNT_NOT_POSITIVE`.
pub fn converted(
    id: FxConversionId,
    buyer: OrganizationId,
    (sold, bought): (Money, Money),
    debt: i64,
    at: Timestamp,
) -> Result<[LedgerTx; 2], Problem> {
    if sold.minor <= 0 || bought.minor <= 0 {
        return Err(Problem::new(AMOUNT_NOT_POSITIVE).field("amount"));
    }
    let out = [
        (Account::available(buyer, sold.currency), -sold.minor),
        (Account::fx(sold.currency), sold.minor),
    ];
    let (to_debt, to_available) = debt_first(bought.minor, debt);
    let into = [
        (Account::fx(bought.currency), -bought.minor),
        (Account::owed(buyer, bought.currency), to_debt),
        (Account::available(buyer, bought.currency), to_available),
    ];
    Ok([
        LedgerTx::new(TxKind::FxOut, id.to_string(), &out, at)?,
        LedgerTx::new(TxKind::FxIn, id.to_string(), &into, at)?,
    ])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ids::derive;
    use crate::money::Currency;

    const AT: Timestamp = Timestamp::from_micros(1_772_442_000_000_000);

    fn buyer() -> OrganizationId {
        OrganizationId(derive(&[b"buyer"]))
    }

    fn lines(tx: &LedgerTx) -> Vec<(String, i64)> {
        let short = |code: String| code.replace(&format!(":{}", buyer()), "");
        tx.postings().iter().map(|p| (short(p.account.code()), p.amount)).collect()
    }

    fn line(code: &str, amount: i64) -> (String, i64) {
        (code.to_owned(), amount)
    }

    #[test]
    fn credit_is_lent_pays_debts_first_and_is_taken_back() {
        let to = |before, after, debt| {
            let after = Money::new(after, Currency::RUB);
            credit_changed(CreditChangeId(derive(&[b"1"])), buyer(), (before, after), debt, AT)
        };
        let raised = lines(&to(0, 5_000, 1_200).unwrap());
        assert!(raised.contains(&line("buyer:credit:RUB", -5_000)));
        assert!(raised.contains(&line("buyer:owed:RUB", 1_200)));
        assert!(raised.contains(&line("buyer:available:RUB", 3_800)));
        let lowered = lines(&to(5_000, 2_000, 700).unwrap());
        assert_eq!(lowered.len(), 2);
        assert!(lowered.contains(&line("buyer:credit:RUB", 3_000)));
        assert!(lowered.contains(&line("buyer:available:RUB", -3_000)));
        assert_eq!(to(5, 5, 0).unwrap_err().code, CREDIT_UNCHANGED);
        assert_eq!(to(5, -1, 0).unwrap_err().code, CREDIT_NEGATIVE);
        assert_eq!(to(0, i64::MAX, 0).unwrap_err().code, LEDGER_OVERFLOW);
    }

    #[test]
    fn a_conversion_is_a_pair_against_the_exchanges_position() {
        let (sold, bought) = (Money::new(100_000, Currency::RUB), Money::new(1_085, Currency::USD));
        let id = FxConversionId(derive(&[b"1"]));
        let [out, into] = converted(id, buyer(), (sold, bought), 85, AT).unwrap();
        assert!(lines(&out).contains(&line("platform:fx:RUB", 100_000)));
        assert!(lines(&out).contains(&line("buyer:available:RUB", -100_000)));
        assert_eq!(lines(&into).len(), 3);
        assert!(lines(&into).contains(&line("buyer:owed:USD", 85)));
        assert!(lines(&into).contains(&line("buyer:available:USD", 1_000)));
        assert_ne!(out.id(), into.id());
        let nothing = Money::new(0, Currency::USD);
        assert!(converted(id, buyer(), (sold, nothing), 0, AT).is_err());
    }
}
