//! What the provider says, against what was asked for.

use super::names::{CardTopUpState, HoldReason};
use crate::money::Money;

/// What the provider says of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentStatus {
    /// Paid.
    Succeeded,
    /// Under way, or waiting for the payer.
    Open,
    /// The card was declined; another one may still be tried on the provider's page.
    Declined,
    /// Given up.
    Canceled,
}

/// What the provider says of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// It went.
    Succeeded,
    /// Under way.
    Pending,
    /// It did not go, or came back.
    Failed,
}

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Where it stands here.
    pub state: CardTopUpState,
    /// How much.
    pub amount: Money,
    /// The provider's name of the buyer.
    pub customer: Option<&'a str>,
    /// Whether a declined card ends it: nobody is at a page to try another.
    pub unattended: bool,
}

/// What the provider says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paid<'a> {
    /// How far it is.
    pub status: PaymentStatus,
    /// What came in; `None` when the provider's amount is no sum that the exchange can name.
    pub amount: Option<Money>,
    /// Who paid, by the provider's name.
    pub customer: Option<&'a str>,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Nothing yet, or nothing more.
    Nothing,
    /// The amount goes into the wallet.
    Credit,
    /// Nothing will come of it.
    Fail,
    /// FINANCE decides.
    Hold(HoldReason),
}

/// Compares a payment with what was asked for. What was credited or decided stays; what is paid
/// after it had failed here is held, not lost.
pub fn judge(asked: Asked<'_>, paid: Paid<'_>) -> Finding {
    use CardTopUpState as S;
    match (asked.state, paid.status) {
        (S::Credited | S::Held | S::Dismissed, _) => Finding::Nothing,
        (S::Pending, PaymentStatus::Succeeded) => match mismatch(asked, paid) {
            Some(reason) => Finding::Hold(reason),
            None => Finding::Credit,
        },
        (S::Failed | S::Expired, PaymentStatus::Succeeded) => Finding::Hold(HoldReason::PaidLate),
        (S::Pending, PaymentStatus::Declined) if asked.unattended => Finding::Fail,
        (S::Pending, PaymentStatus::Canceled) => Finding::Fail,
        _ => Finding::Nothing,
    }
}

fn mismatch(asked: Asked<'_>, paid: Paid<'_>) -> Option<HoldReason> {
    let Some(came) = paid.amount else { return Some(HoldReason::AmountMismatch) };
    if came.currency != asked.amount.currency {
        return Some(HoldReason::CurrencyMismatch);
    }
    if came.minor != asked.amount.minor {
        return Some(HoldReason::AmountMismatch);
    }
    (paid.customer != asked.customer).then_some(HoldReason::BuyerMismatch)
}

/// How much of a top-up may go back to its card: what it brought less what went back, is going
/// back or was taken back by its bank, and no more than the buyer has free beyond what it owes.
/// Promised money is not among the free.
pub fn refundable(credited: i64, gone: i64, available: i64, owed: i64) -> i64 {
    let of_card = credited.saturating_sub(gone);
    let unused = available.saturating_sub(owed.max(0));
    of_card.min(unused).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    const RUB: Currency = Currency::RUB;

    fn asked(state: CardTopUpState) -> Asked<'static> {
        let amount = Money::new(5_000, RUB);
        Asked { state, amount, customer: Some("cus_1"), unattended: false }
    }

    fn paid(status: PaymentStatus) -> Paid<'static> {
        Paid { status, amount: Some(Money::new(5_000, RUB)), customer: Some("cus_1") }
    }

    #[test]
    fn what_was_asked_for_is_credited_and_anything_else_is_held() {
        let open = asked(CardTopUpState::Pending);
        let whole = paid(PaymentStatus::Succeeded);
        assert_eq!(judge(open, whole), Finding::Credit);
        let other = |amount, customer| judge(open, Paid { amount, customer, ..whole });
        let sum = |minor, currency| Some(Money::new(minor, currency));
        let cases = [
            (other(sum(4_999, RUB), Some("cus_1")), HoldReason::AmountMismatch),
            (other(None, Some("cus_1")), HoldReason::AmountMismatch),
            (other(sum(5_000, Currency::USD), Some("cus_1")), HoldReason::CurrencyMismatch),
            (other(sum(5_000, RUB), Some("cus_2")), HoldReason::BuyerMismatch),
            (other(sum(5_000, RUB), None), HoldReason::BuyerMismatch),
        ];
        for (found, reason) in cases {
            assert_eq!(found, Finding::Hold(reason));
        }
    }

    #[test]
    fn every_state_meets_every_status() {
        use CardTopUpState as S;
        use PaymentStatus as P;
        let late = Finding::Hold(HoldReason::PaidLate);
        for (state, of) in [
            (S::Pending, [Finding::Credit, Finding::Nothing, Finding::Nothing, Finding::Fail]),
            (S::Credited, [Finding::Nothing; 4]),
            (S::Failed, [late, Finding::Nothing, Finding::Nothing, Finding::Nothing]),
            (S::Expired, [late, Finding::Nothing, Finding::Nothing, Finding::Nothing]),
            (S::Held, [Finding::Nothing; 4]),
            (S::Dismissed, [Finding::Nothing; 4]),
        ] {
            let found = [P::Succeeded, P::Open, P::Declined, P::Canceled]
                .map(|status| judge(asked(state), paid(status)));
            assert_eq!(found, of, "{state}");
        }
        let unattended = Asked { unattended: true, ..asked(S::Pending) };
        assert_eq!(judge(unattended, paid(P::Declined)), Finding::Fail);
    }

    #[test]
    fn only_unused_credit_of_the_card_goes_back() {
        assert_eq!(refundable(5_000, 0, 7_000, 0), 5_000);
        assert_eq!(refundable(5_000, 2_000, 7_000, 0), 3_000);
        assert_eq!(refundable(5_000, 0, 1_200, 0), 1_200);
        assert_eq!(refundable(5_000, 0, 1_200, 500), 700);
        assert_eq!(refundable(5_000, 6_000, 7_000, 0), 0);
        assert_eq!(refundable(5_000, 0, 100, 500), 0);
    }
}
