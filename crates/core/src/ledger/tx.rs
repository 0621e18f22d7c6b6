//! Transactions that cannot be unbalanced: the only constructor refuses what does not net to
//! zero.

use smallvec::SmallVec;
use std::str::FromStr;
use type_safe_id::{DynamicType, TypeSafeId};

use super::account::Account;
use super::{LEDGER_EMPTY, LEDGER_MIXED, LEDGER_OVERFLOW, LEDGER_UNBALANCED};
use crate::error::Problem;
use crate::ids::{AccountId, LedgerTxId, derive_near};
use crate::money::Currency;
use crate::time::Timestamp;

/// Why money moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TxKind {
    /// A buyer's money came in.
    TopUp,
    /// Money was promised to a goal that is billed later.
    Reserve,
    /// What remained of a promise went back.
    Release,
    /// Money was promised to a bid on a ping.
    BidReserve,
    /// What a bid on a ping did not pay went back.
    BidRelease,
    /// Money was promised to an order.
    OrderReserve,
    /// What nobody brought of an order went back.
    OrderRelease,
    /// A conversion was billed.
    Conversion,
    /// The hold of a conversion ended.
    HoldEnd,
    /// A decided return gave money back.
    GiveBack,
    /// An approved statement went into a payout.
    PayoutBegin,
    /// The payout arrived.
    PayoutConfirmed,
    /// The payout was refused and is payable again.
    PayoutRefused,
    /// A confirmed payout came back later.
    PayoutReturned,
    /// A buyer's credit limit was raised or lowered.
    Credit,
    /// A buyer's money left one currency for another.
    FxOut,
    /// A buyer's money arrived from another currency.
    FxIn,
    /// A payment provider kept something for its service, or gave it back.
    ProviderFee,
    /// A buyer's unused credit is on its way back to the card.
    CreditRefundBegin,
    /// It went back to the card.
    CreditRefundConfirmed,
    /// The provider refused to send it: it is credit again.
    CreditRefundRefused,
    /// The card did not take it: it came back, and is credit again.
    CreditRefundReturned,
    /// A card payment was disputed and its money taken back.
    ChargebackOpened,
    /// The dispute was won: its money came back.
    ChargebackWon,
    /// A debt that nobody will pay.
    WriteOff,
}

impl TxKind {
    /// Every kind.
    pub const ALL: &'static [TxKind] = &[
        TxKind::TopUp,
        TxKind::Reserve,
        TxKind::Release,
        TxKind::BidReserve,
        TxKind::BidRelease,
        TxKind::OrderReserve,
        TxKind::OrderRelease,
        TxKind::Conversion,
        TxKind::HoldEnd,
        TxKind::GiveBack,
        TxKind::PayoutBegin,
        TxKind::PayoutConfirmed,
        TxKind::PayoutRefused,
        TxKind::PayoutReturned,
        TxKind::Credit,
        TxKind::FxOut,
        TxKind::FxIn,
        TxKind::ProviderFee,
        TxKind::CreditRefundBegin,
        TxKind::CreditRefundConfirmed,
        TxKind::CreditRefundRefused,
        TxKind::CreditRefundReturned,
        TxKind::ChargebackOpened,
        TxKind::ChargebackWon,
        TxKind::WriteOff,
    ];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            TxKind::TopUp => "TOP_UP",
            TxKind::Reserve => "RESERVE",
            TxKind::Release => "RELEASE",
            TxKind::BidReserve => "BID_RESERVE",
            TxKind::BidRelease => "BID_RELEASE",
            TxKind::OrderReserve => "ORDER_RESERVE",
            TxKind::OrderRelease => "ORDER_RELEASE",
            TxKind::Conversion => "CONVERSION",
            TxKind::HoldEnd => "HOLD_END",
            TxKind::GiveBack => "GIVE_BACK",
            TxKind::PayoutBegin => "PAYOUT_BEGIN",
            TxKind::PayoutConfirmed => "PAYOUT_CONFIRMED",
            TxKind::PayoutRefused => "PAYOUT_REFUSED",
            TxKind::PayoutReturned => "PAYOUT_RETURNED",
            TxKind::Credit => "CREDIT",
            TxKind::FxOut => "FX_OUT",
            TxKind::FxIn => "FX_IN",
            TxKind::ProviderFee => "PROVIDER_FEE",
            TxKind::CreditRefundBegin => "CREDIT_REFUND_BEGIN",
            TxKind::CreditRefundConfirmed => "CREDIT_REFUND_CONFIRMED",
            TxKind::CreditRefundRefused => "CREDIT_REFUND_REFUSED",
            TxKind::CreditRefundReturned => "CREDIT_REFUND_RETURNED",
            TxKind::ChargebackOpened => "CHARGEBACK_OPENED",
            TxKind::ChargebackWon => "CHARGEBACK_WON",
            TxKind::WriteOff => "WRITE_OFF",
        }
    }

    /// Reads the stored name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }
}

/// One side of a transaction: what an account gains (positive) or loses (negative).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The account.
    pub account: Account,
    /// Its id, computed once.
    pub account_id: AccountId,
    /// Minor units, never zero.
    pub amount: i64,
}

/// A balanced transaction in one currency. Its id derives from its kind and cause, so posting it
/// twice meets its own primary key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerTx {
    id: LedgerTxId,
    kind: TxKind,
    cause: String,
    currency: Currency,
    postings: SmallVec<[Posting; 4]>,
    at: Timestamp,
}

impl LedgerTx {
    /// Builds a transaction. Movements of one account are summed, zeros dropped; what remains
    /// has to be in one currency and to net to zero.
    ///
    /// # Errors
    /// `LEDGER_UNBALANCED`, `LEDGER_MIXED`, `LEDGER_OVERFLOW`; `LEDGER_EMPTY` if nothing moves.
    pub fn new(
        kind: TxKind,
        cause: impl Into<String>,
        movements: &[(Account, i64)],
        at: Timestamp,
    ) -> Result<Self, Problem> {
        let currency = movements.first().ok_or(LEDGER_EMPTY)?.0.currency();
        let mut postings: SmallVec<[Posting; 4]> = SmallVec::new();
        let mut net: i64 = 0;
        for (account, amount) in movements {
            if account.currency() != currency {
                return Err(LEDGER_MIXED.into());
            }
            net = net.checked_add(*amount).ok_or(LEDGER_OVERFLOW)?;
            match postings.iter_mut().find(|posting| posting.account == *account) {
                Some(known) => {
                    known.amount = known.amount.checked_add(*amount).ok_or(LEDGER_OVERFLOW)?;
                }
                None => postings.push(Posting {
                    account: *account,
                    account_id: account.id(),
                    amount: *amount,
                }),
            }
        }
        if net != 0 {
            return Err(LEDGER_UNBALANCED.into());
        }
        postings.retain(|posting| posting.amount != 0);
        if postings.is_empty() {
            return Err(LEDGER_EMPTY.into());
        }
        let cause = cause.into();
        let id = Self::id_of(kind, &cause);
        Ok(Self { id, kind, cause, currency, postings, at })
    }

    /// The id that a transaction of this kind and cause has. It sorts beside the id that the
    /// cause begins with, so the ledger grows at its end.
    pub fn id_of(kind: TxKind, cause: &str) -> LedgerTxId {
        let anchor = cause.split(':').next().unwrap_or(cause);
        let anchor =
            TypeSafeId::<DynamicType>::from_str(anchor).map_or(uuid::Uuid::nil(), |id| id.uuid());
        let parts: [&[u8]; 3] = [b"ledger_tx", kind.as_str().as_bytes(), cause.as_bytes()];
        LedgerTxId(derive_near(anchor, &parts))
    }

    /// The derived id.
    pub fn id(&self) -> LedgerTxId {
        self.id
    }

    /// Why money moved.
    pub fn kind(&self) -> TxKind {
        self.kind
    }

    /// What it derives from: an id, or an id with a suffix.
    pub fn cause(&self) -> &str {
        &self.cause
    }

    /// The one currency.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The postings: at least two, none zero, net zero.
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }

    /// When.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// What an account gains by it.
    pub fn moved(&self, account: Account) -> i64 {
        self.postings
            .iter()
            .find(|posting| posting.account == account)
            .map_or(0, |posting| posting.amount)
    }
}
