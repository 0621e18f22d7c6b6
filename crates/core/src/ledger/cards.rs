//! Money that comes in and goes back by card: refunds of unused credit, the provider's fees,
//! chargebacks. Amounts are minor units; every function refuses what is not positive.

use super::account::{Account, Rail};
use super::templates::debt_first;
use super::tx::{LedgerTx, TxKind};
use super::{AMOUNT_NOT_POSITIVE, LEDGER_OVERFLOW};
use crate::error::Problem;
use crate::ids::{ChargebackId, CreditRefundId, OrganizationId, ProviderFeeId};
use crate::money::Money;
use crate::time::Timestamp;

type Posted = Result<LedgerTx, Problem>;

/// Whose money, how much of it, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The buyer.
    pub buyer: OrganizationId,
    /// How much, greater than zero.
    pub amount: Money,
    /// When.
    pub at: Timestamp,
}

impl Moved {
    fn checked(self) -> Result<(OrganizationId, i64, crate::money::Currency), Problem> {
        if self.amount.minor <= 0 {
            return Err(AMOUNT_NOT_POSITIVE.into());
        }
        Ok((self.buyer, self.amount.minor, self.amount.currency))
    }

    /// From one account to the buyer who owes `debt`: the debt first.
    fn back_to_buyer(
        self,
        (kind, cause): (TxKind, String),
        from: impl FnOnce(OrganizationId, crate::money::Currency) -> Account,
        debt: i64,
    ) -> Posted {
        let (buyer, amount, currency) = self.checked()?;
        let (to_debt, to_available) = debt_first(amount, debt);
        let postings = [
            (from(buyer, currency), -amount),
            (Account::owed(buyer, currency), to_debt),
            (Account::available(buyer, currency), to_available),
        ];
        LedgerTx::new(kind, cause, &postings, self.at)
    }

    fn straight(
        self,
        (kind, cause): (TxKind, String),
        between: impl FnOnce(OrganizationId, crate::money::Currency) -> (Account, Account),
    ) -> Posted {
        let (buyer, amount, currency) = self.checked()?;
        let (from, to) = between(buyer, currency);
        LedgerTx::new(kind, cause, &[(from, -amount), (to, amount)], self.at)
    }
}

/// The provider kept `fee` (or gave it back, where it is negative) of what lies with it.
pub fn provider_fee(id: ProviderFeeId, rail: Rail, fee: Money, at: Timestamp) -> Posted {
    let Money { minor, currency } = fee;
    let taken = minor.checked_neg().ok_or(LEDGER_OVERFLOW)?;
    let postings =
        [(Account::provider_fees(currency), taken), (Account::external(rail, currency), minor)];
    LedgerTx::new(TxKind::ProviderFee, id.to_string(), &postings, at)
}

/// Unused credit leaves the wallet, before the provider is asked to send it: it can't be spent
/// meanwhile.
pub fn refund_begin(id: CreditRefundId, moved: Moved) -> Posted {
    moved.straight((TxKind::CreditRefundBegin, id.to_string()), |buyer, currency| {
        (Account::available(buyer, currency), Account::in_refund(buyer, currency))
    })
}

/// The provider sent it.
pub fn refund_confirmed(id: CreditRefundId, rail: Rail, moved: Moved) -> Posted {
    moved.straight((TxKind::CreditRefundConfirmed, id.to_string()), |buyer, currency| {
        (Account::in_refund(buyer, currency), Account::external(rail, currency))
    })
}

/// The provider refused to send it: it is credit again, the debt first.
pub fn refund_refused(id: CreditRefundId, moved: Moved, debt: i64) -> Posted {
    let cause = (TxKind::CreditRefundRefused, id.to_string());
    moved.back_to_buyer(cause, Account::in_refund, debt)
}

/// It was sent and came back: it is credit again, the debt first.
pub fn refund_returned(id: CreditRefundId, rail: Rail, moved: Moved, debt: i64) -> Posted {
    let cause = (TxKind::CreditRefundReturned, id.to_string());
    moved.back_to_buyer(cause, |_, currency| Account::external(rail, currency), debt)
}

/// A bank took a card payment back. What the buyer has left of `available` pays it, the rest is
/// owed. No publisher's conversion is touched.
pub fn chargeback_opened(id: ChargebackId, rail: Rail, moved: Moved, available: i64) -> Posted {
    let (buyer, amount, currency) = moved.checked()?;
    let taken = amount.min(available.max(0));
    let postings = [
        (Account::available(buyer, currency), -taken),
        (Account::owed(buyer, currency), taken - amount),
        (Account::external(rail, currency), amount),
    ];
    LedgerTx::new(TxKind::ChargebackOpened, id.to_string(), &postings, moved.at)
}

/// The dispute was won: the money is there again, and pays what is owed first.
pub fn chargeback_won(id: ChargebackId, rail: Rail, moved: Moved, debt: i64) -> Posted {
    let cause = (TxKind::ChargebackWon, id.to_string());
    moved.back_to_buyer(cause, |_, currency| Account::external(rail, currency), debt)
}

/// What a lost dispute left owing is given up.
pub fn write_off(id: ChargebackId, moved: Moved) -> Posted {
    moved.straight((TxKind::WriteOff, id.to_string()), |buyer, currency| {
        (Account::bad_debt(currency), Account::owed(buyer, currency))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ids::derive;
    use crate::money::Currency;

    const RUB: Currency = Currency::RUB;

    fn moved(minor: i64) -> Moved {
        let at = Timestamp::from_micros(1_700_000_000_000_000);
        let buyer = OrganizationId(derive(&[b"buyer"]));
        Moved { buyer, amount: Money::new(minor, RUB), at }
    }

    fn sums(tx: &LedgerTx) -> Vec<(String, i64)> {
        let owner = format!(":{}", moved(1).buyer);
        tx.postings().iter().map(|p| (p.account.code().replace(&owner, ""), p.amount)).collect()
    }

    fn listed(of: &[(&str, i64)]) -> Vec<(String, i64)> {
        of.iter().map(|(code, amount)| ((*code).to_owned(), *amount)).collect()
    }

    #[test]
    fn a_chargeback_takes_what_is_there_and_the_rest_is_owed() {
        let id = ChargebackId(derive(&[b"c"]));
        let opened =
            |available| chargeback_opened(id, Rail::Stripe, moved(100), available).unwrap();
        let external = "external:stripe:RUB";
        assert_eq!(
            sums(&opened(30)),
            listed(&[("buyer:available:RUB", -30), ("buyer:owed:RUB", -70), (external, 100)])
        );
        assert_eq!(sums(&opened(500)), listed(&[("buyer:available:RUB", -100), (external, 100)]));
        assert_eq!(sums(&opened(0)), listed(&[("buyer:owed:RUB", -100), (external, 100)]));
        let won = chargeback_won(id, Rail::Stripe, moved(100), 70).unwrap();
        assert_eq!(
            sums(&won),
            listed(&[(external, -100), ("buyer:owed:RUB", 70), ("buyer:available:RUB", 30)])
        );
        let off = write_off(id, moved(70)).unwrap();
        assert_eq!(sums(&off), listed(&[("platform:bad_debt:RUB", -70), ("buyer:owed:RUB", 70)]));
    }

    #[test]
    fn a_refund_waits_between_and_ends_outside_or_back() {
        let id = CreditRefundId(derive(&[b"r"]));
        let waiting = "buyer:in_refund:RUB";
        let begun = refund_begin(id, moved(50)).unwrap();
        assert_eq!(sums(&begun), listed(&[("buyer:available:RUB", -50), (waiting, 50)]));
        let gone = refund_confirmed(id, Rail::Stripe, moved(50)).unwrap();
        assert_eq!(sums(&gone), listed(&[(waiting, -50), ("external:stripe:RUB", 50)]));
        let back = refund_refused(id, moved(50), 20).unwrap();
        assert_eq!(
            sums(&back),
            listed(&[(waiting, -50), ("buyer:owed:RUB", 20), ("buyer:available:RUB", 30)])
        );
        let late = refund_returned(id, Rail::Stripe, moved(50), 0).unwrap();
        assert_eq!(
            sums(&late),
            listed(&[("external:stripe:RUB", -50), ("buyer:available:RUB", 50)])
        );
        assert!(refund_begin(id, moved(0)).is_err());
        let ids = [begun.id(), gone.id(), back.id(), late.id()];
        assert!(ids.iter().enumerate().all(|(n, id)| !ids.iter().take(n).any(|known| known == id)));
    }

    #[test]
    fn a_fee_is_an_expense_of_what_lies_outside() {
        let id = ProviderFeeId(derive(&[b"f"]));
        let fee = |minor| provider_fee(id, Rail::Stripe, Money::new(minor, RUB), moved(1).at);
        let (cost, outside) = ("platform:provider_fees:RUB", "external:stripe:RUB");
        assert_eq!(sums(&fee(59).unwrap()), listed(&[(cost, -59), (outside, 59)]));
        assert_eq!(sums(&fee(-59).unwrap()), listed(&[(cost, 59), (outside, -59)]));
        assert!(fee(0).is_err());
    }
}
