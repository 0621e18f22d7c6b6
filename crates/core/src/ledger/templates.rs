//! One pure function per event that moves money. Amounts are minor units and not negative;
//! every function refuses what is.

use super::account::{Account, Rail};
use super::tx::{LedgerTx, TxKind};
use super::{AMOUNT_NOT_POSITIVE, LEDGER_OVERFLOW};
use crate::error::Problem;
use crate::ids::{
    AwardId, BidId, ConversionId, DisputeId, OrderId, OrganizationId, PayoutId, TopUpId,
};
use crate::money::Currency;
use crate::time::Timestamp;

type Posted = Result<LedgerTx, Problem>;

/// Where the price of a conversion comes from. The parts are its price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Funding {
    /// From the money reserved at the award.
    pub reserved: i64,
    /// From the buyer's free money.
    pub available: i64,
    /// What is missing and becomes the buyer's debt.
    pub owed: i64,
}

impl Funding {
    /// All of it from free money: a LEAD goal at the award.
    pub const fn from_available(price: i64) -> Self {
        Self { reserved: 0, available: price, owed: 0 }
    }

    /// All of it from money that a bid reserved.
    pub const fn from_reserved(price: i64) -> Self {
        Self { reserved: price, available: 0, owed: 0 }
    }

    /// Takes the reservation first, then free money; the rest is owed.
    pub fn plan(price: i64, reserved: i64, available: i64) -> Self {
        let from_reserved = price.min(reserved.max(0));
        let rest = price.saturating_sub(from_reserved);
        let from_available = rest.min(available.max(0));
        Self {
            reserved: from_reserved,
            available: from_available,
            owed: rest.saturating_sub(from_available),
        }
    }

    /// The whole price; `None` on overflow.
    pub fn total(&self) -> Option<i64> {
        self.reserved.checked_add(self.available)?.checked_add(self.owed)
    }
}

fn not_negative(amounts: &[i64]) -> Result<(), Problem> {
    if amounts.iter().all(|amount| *amount >= 0) { Ok(()) } else { Err(AMOUNT_NOT_POSITIVE.into()) }
}

fn positive(amount: i64) -> Result<(), Problem> {
    if amount > 0 { Ok(()) } else { Err(AMOUNT_NOT_POSITIVE.into()) }
}

/// Splits money that comes to a buyer: the debt first, the rest is free. `debt` is how much the
/// buyer owes, not negative. Answers `(to_debt, to_available)`.
pub fn debt_first(amount: i64, debt: i64) -> (i64, i64) {
    let to_debt = amount.min(debt.max(0));
    (to_debt, amount.saturating_sub(to_debt))
}

/// Money came in for a buyer who owes `debt`.
pub fn top_up(
    id: TopUpId,
    buyer: OrganizationId,
    rail: Rail,
    amount: i64,
    currency: Currency,
    debt: i64,
    at: Timestamp,
) -> Posted {
    positive(amount)?;
    let (to_debt, to_available) = debt_first(amount, debt);
    LedgerTx::new(
        TxKind::TopUp,
        id.to_string(),
        &[
            (Account::external(rail, currency), -amount),
            (Account::owed(buyer, currency), to_debt),
            (Account::available(buyer, currency), to_available),
        ],
        at,
    )
}

/// Free money becomes reserved.
fn to_reserved(
    (kind, cause): (TxKind, String),
    (buyer, currency): (OrganizationId, Currency),
    amount: i64,
    at: Timestamp,
) -> Posted {
    positive(amount)?;
    let postings = [
        (Account::available(buyer, currency), -amount),
        (Account::reserved(buyer, currency), amount),
    ];
    LedgerTx::new(kind, cause, &postings, at)
}

/// Reserved money goes back, to the debt first.
fn from_reserved(
    (kind, cause): (TxKind, String),
    (buyer, currency): (OrganizationId, Currency),
    (amount, debt): (i64, i64),
    at: Timestamp,
) -> Posted {
    positive(amount)?;
    let (to_debt, to_available) = debt_first(amount, debt);
    let postings = [
        (Account::reserved(buyer, currency), -amount),
        (Account::owed(buyer, currency), to_debt),
        (Account::available(buyer, currency), to_available),
    ];
    LedgerTx::new(kind, cause, &postings, at)
}

/// Free money was promised to a goal of an award. `goal` is the goal's stored name.
pub fn reserve(
    award: AwardId,
    goal: &str,
    buyer: OrganizationId,
    amount: i64,
    currency: Currency,
    at: Timestamp,
) -> Posted {
    to_reserved((TxKind::Reserve, format!("{award}:{goal}")), (buyer, currency), amount, at)
}

/// What remains of a promise goes back, to the debt first.
pub fn release(
    award: AwardId,
    goal: &str,
    buyer: OrganizationId,
    amount: i64,
    currency: Currency,
    debt: i64,
    at: Timestamp,
) -> Posted {
    let cause = (TxKind::Release, format!("{award}:{goal}"));
    from_reserved(cause, (buyer, currency), (amount, debt), at)
}

/// A buyer's free money was reserved for a bid on a ping.
pub fn reserve_bid(
    bid: BidId,
    buyer: OrganizationId,
    amount: i64,
    currency: Currency,
    at: Timestamp,
) -> Posted {
    to_reserved((TxKind::BidReserve, bid.to_string()), (buyer, currency), amount, at)
}

/// What a bid did not pay goes back, `to_debt` of it to what the buyer owes.
pub fn release_bid(
    bid: BidId,
    buyer: OrganizationId,
    amount: i64,
    currency: Currency,
    to_debt: i64,
    at: Timestamp,
) -> Posted {
    let cause = (TxKind::BidRelease, bid.to_string());
    from_reserved(cause, (buyer, currency), (amount, to_debt), at)
}

/// A buyer's free money was reserved for an order.
pub fn reserve_order(
    order: OrderId,
    buyer: OrganizationId,
    amount: i64,
    currency: Currency,
    at: Timestamp,
) -> Posted {
    to_reserved((TxKind::OrderReserve, order.to_string()), (buyer, currency), amount, at)
}

/// What nobody brought of an order goes back, to the debt first. An order gives back several times:
/// `released` is how many of its leads have gone back with this, so each time has its own cause.
pub fn release_order(
    (order, released): (OrderId, i64),
    buyer: OrganizationId,
    amount: i64,
    currency: Currency,
    debt: i64,
    at: Timestamp,
) -> Posted {
    let cause = (TxKind::OrderRelease, format!("{order}:{released}"));
    from_reserved(cause, (buyer, currency), (amount, debt), at)
}

/// The legs of a conversion for the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parties {
    /// Who pays.
    pub buyer: OrganizationId,
    /// Who earns.
    pub publisher: OrganizationId,
    /// The currency of all legs.
    pub currency: Currency,
}

/// A conversion is billed: `funding` = `earning` + `fee`.
pub fn conversion_created(
    id: ConversionId,
    parties: Parties,
    funding: Funding,
    earning: i64,
    fee: i64,
    at: Timestamp,
) -> Posted {
    not_negative(&[funding.reserved, funding.available, funding.owed, earning, fee])?;
    let Parties { buyer, publisher, currency } = parties;
    LedgerTx::new(
        TxKind::Conversion,
        id.to_string(),
        &[
            (Account::reserved(buyer, currency), -funding.reserved),
            (Account::available(buyer, currency), -funding.available),
            (Account::owed(buyer, currency), -funding.owed),
            (Account::held(publisher, currency), earning),
            (Account::fees_held(buyer, currency), fee),
        ],
        at,
    )
}

/// The hold of a conversion ended: what was not given back becomes payable and earned.
pub fn hold_end(
    id: ConversionId,
    parties: Parties,
    earning: i64,
    fee: i64,
    at: Timestamp,
) -> Posted {
    not_negative(&[earning, fee])?;
    let Parties { buyer, publisher, currency } = parties;
    LedgerTx::new(
        TxKind::HoldEnd,
        id.to_string(),
        &[
            (Account::held(publisher, currency), -earning),
            (Account::payable(publisher, currency), earning),
            (Account::fees_held(buyer, currency), -fee),
            (Account::fees(currency), fee),
        ],
        at,
    )
}

/// A decided return gives `earning` and `fee` back to a buyer who owes `debt`. The cause is the
/// decision, so deciding twice posts once.
pub fn give_back(
    decision: DisputeId,
    parties: Parties,
    earning: i64,
    fee: i64,
    debt: i64,
    at: Timestamp,
) -> Posted {
    not_negative(&[earning, fee])?;
    let Parties { buyer, publisher, currency } = parties;
    let total = earning.checked_add(fee).ok_or(LEDGER_OVERFLOW)?;
    let (to_debt, to_available) = debt_first(total, debt);
    LedgerTx::new(
        TxKind::GiveBack,
        decision.to_string(),
        &[
            (Account::held(publisher, currency), -earning),
            (Account::fees_held(buyer, currency), -fee),
            (Account::owed(buyer, currency), to_debt),
            (Account::available(buyer, currency), to_available),
        ],
        at,
    )
}

/// A payout's money goes from one account to another.
fn payout(
    kind: TxKind,
    id: PayoutId,
    amount: i64,
    (from, to): (Account, Account),
    at: Timestamp,
) -> Posted {
    positive(amount)?;
    LedgerTx::new(kind, id.to_string(), &[(from, -amount), (to, amount)], at)
}

/// An approved statement goes into a payout.
pub fn payout_begin(
    id: PayoutId,
    publisher: OrganizationId,
    amount: i64,
    currency: Currency,
    at: Timestamp,
) -> Posted {
    let (from, to) =
        (Account::payable(publisher, currency), Account::in_payout(publisher, currency));
    payout(TxKind::PayoutBegin, id, amount, (from, to), at)
}

/// The payout arrived.
pub fn payout_confirmed(
    id: PayoutId,
    publisher: OrganizationId,
    rail: Rail,
    amount: i64,
    currency: Currency,
    at: Timestamp,
) -> Posted {
    let (from, to) = (Account::in_payout(publisher, currency), Account::external(rail, currency));
    payout(TxKind::PayoutConfirmed, id, amount, (from, to), at)
}

/// The payout was refused: the money is payable again.
pub fn payout_refused(
    id: PayoutId,
    publisher: OrganizationId,
    amount: i64,
    currency: Currency,
    at: Timestamp,
) -> Posted {
    let (from, to) =
        (Account::in_payout(publisher, currency), Account::payable(publisher, currency));
    payout(TxKind::PayoutRefused, id, amount, (from, to), at)
}

/// A confirmed payout came back: the money is payable again.
pub fn payout_returned(
    id: PayoutId,
    publisher: OrganizationId,
    rail: Rail,
    amount: i64,
    currency: Currency,
    at: Timestamp,
) -> Posted {
    let (from, to) = (Account::external(rail, currency), Account::payable(publisher, currency));
    payout(TxKind::PayoutReturned, id, amount, (from, to), at)
}
