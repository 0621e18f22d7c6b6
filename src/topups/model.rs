//! What the slice keeps.

use leadbourse_core::ids::{
    CardTopUpId, ChargebackId, CreditRefundId, OrganizationId, ProviderEventId, SavedCardId,
};
use leadbourse_core::money::{Currency, Money};
use leadbourse_core::time::Timestamp;
use leadbourse_core::topup::{
    CardTopUpKind, CardTopUpState, ChargebackState, CreditRefundState, HoldReason,
    ProviderEventState, RechargeStop,
};

/// A wish to pay in by card, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardTopUp {
    /// Its id; the provider's idempotency key.
    pub id: CardTopUpId,
    /// Whose wallet.
    pub buyer_id: OrganizationId,
    /// How the card is asked.
    pub kind: CardTopUpKind,
    /// What was asked for.
    pub amount: Money,
    /// Where it stands.
    pub state: CardTopUpState,
    /// Why FINANCE decides.
    pub hold_reason: Option<HoldReason>,
    /// How the card was declined, or what the provider refused.
    pub error: Option<String>,
    /// Whether the card is kept.
    pub save_card: bool,
    /// The saved card.
    pub card_id: Option<SavedCardId>,
    /// The provider's name of the buyer.
    pub customer: Option<String>,
    /// The provider's name of the page.
    pub session: Option<String>,
    /// Where the page is.
    pub url: Option<String>,
    /// The provider's name of the payment.
    pub payment: Option<String>,
    /// What came in, where that is known.
    pub came_in: Option<Money>,
    /// Whether what the provider kept is posted.
    pub fee_known: bool,
    /// What FINANCE noted.
    pub note: Option<String>,
    /// Who asked.
    pub created_by: String,
    /// Who decided a held one.
    pub decided_by: Option<String>,
    /// When the provider was first asked.
    pub first_sent_at: Option<Timestamp>,
    /// When it is looked at again.
    pub check_at: Option<Timestamp>,
    /// How often it was looked at.
    pub looks: i32,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was credited, failed, expired or decided.
    pub ended_at: Option<Timestamp>,
}

/// A top-up with what has gone of it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardTopUpView {
    /// The top-up.
    pub top_up: CardTopUp,
    /// What goes or went back to the card.
    pub refunded: i64,
    /// What may still go back now.
    pub refundable: i64,
}

/// Which top-ups are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CardTopUpFilter {
    /// Only of this buyer.
    pub buyer: Option<OrganizationId>,
    /// Only in this state.
    pub state: Option<CardTopUpState>,
}

/// A card that may be charged again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedCard {
    /// Its id.
    pub id: SavedCardId,
    /// Whose.
    pub buyer_id: OrganizationId,
    /// The provider's name of it.
    pub method: String,
    /// Like `visa`.
    pub brand: Option<String>,
    /// The last four digits.
    pub last4: Option<String>,
    /// The month in which it ends.
    pub exp_month: Option<i32>,
    /// The year in which it ends.
    pub exp_year: Option<i32>,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub removed_at: Option<Timestamp>,
}

/// When a saved card is charged by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutoRecharge {
    /// Whose wallet.
    pub buyer_id: OrganizationId,
    /// Which wallet.
    pub currency: Currency,
    /// Whether it is on.
    pub enabled: bool,
    /// Under this the card is charged, minor units.
    pub threshold: i64,
    /// With so much.
    pub amount: i64,
    /// At most so much in a calendar month of the buyer's.
    pub monthly_max: i64,
    /// Which card.
    pub card_id: SavedCardId,
    /// How often in a row it was declined.
    pub failures: i32,
    /// When it is tried again.
    pub retry_at: Option<Timestamp>,
    /// Why it does not charge now.
    pub stop: Option<RechargeStop>,
    /// Who set it.
    pub updated_by: String,
    /// When.
    pub updated_at: Timestamp,
}

/// Unused credit on its way back to a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditRefund {
    /// Its id; the provider's idempotency key.
    pub id: CreditRefundId,
    /// Whose.
    pub buyer_id: OrganizationId,
    /// Of which top-up.
    pub card_top_up_id: CardTopUpId,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub state: CreditRefundState,
    /// The provider's name of it.
    pub refund: Option<String>,
    /// Why it was refused or came back.
    pub error: Option<String>,
    /// Who asked.
    pub requested_by: String,
    /// When the provider was first asked.
    pub first_sent_at: Option<Timestamp>,
    /// When it is looked at again.
    pub check_at: Option<Timestamp>,
    /// How often it was looked at.
    pub looks: i32,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it went, or was refused.
    pub ended_at: Option<Timestamp>,
}

/// A card payment that its bank disputes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chargeback {
    /// Its id.
    pub id: ChargebackId,
    /// The provider's name of it.
    pub dispute: String,
    /// Of which top-up.
    pub card_top_up_id: CardTopUpId,
    /// Whose.
    pub buyer_id: OrganizationId,
    /// What was taken.
    pub amount: Money,
    /// Where it stands.
    pub state: ChargebackState,
    /// Why, in the provider's words.
    pub reason: String,
    /// What the wallet had of it, minor units.
    pub from_available: i64,
    /// What the buyer owed for it then, minor units.
    pub from_owed: i64,
    /// What of that was given up, minor units.
    pub written_off: i64,
    /// Until when evidence may be sent.
    pub evidence_due: Option<Timestamp>,
    /// What FINANCE noted: which evidence was sent.
    pub note: Option<String>,
    /// When it was opened here.
    pub opened_at: Timestamp,
    /// When it was won or lost.
    pub ended_at: Option<Timestamp>,
}

/// Something that the provider told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderEvent {
    /// Its id, derived from the provider's.
    pub id: ProviderEventId,
    /// The provider's own.
    pub event: String,
    /// Like `payment_intent.succeeded`.
    pub kind: String,
    /// What it is about, by the provider's name.
    pub about: Option<String>,
    /// Where it stands.
    pub state: ProviderEventState,
    /// Why it is held, or what FINANCE noted.
    pub note: Option<String>,
    /// When it came.
    pub received_at: Timestamp,
    /// When it was done with.
    pub ended_at: Option<Timestamp>,
}
