//! What the exchange reads of Stripe's answers, and no more: a field that Stripe adds, renames or
//! leaves out elsewhere must not turn a payment that was made into an answer that can't be read.

use serde::Deserialize;
use std::collections::HashMap;

/// An id, or the whole object where it was asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Ref<T> {
    Id(String),
    Whole(T),
}

#[derive(Clone, Debug, Deserialize)]
struct Named {
    id: String,
}

fn id_of(of: Option<Ref<Named>>) -> Option<String> {
    of.map(|of| match of {
        Ref::Id(id) => id,
        Ref::Whole(named) => named.id,
    })
}

/// A customer.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct RawCustomer {
    pub(super) id: String,
}

/// A page on which somebody may pay.
#[derive(Clone, Debug, Deserialize)]
pub struct Session {
    /// `cs_…`.
    pub id: String,
    /// Where it is; none when it is over.
    pub url: Option<String>,
    /// `open`, `complete` or `expired`.
    pub status: Option<String>,
    payment_intent: Option<Ref<Named>>,
    client_reference_id: Option<String>,
}

impl Session {
    /// The payment, once somebody tried: `pi_…`.
    pub fn payment(&self) -> Option<String> {
        id_of(self.payment_intent.clone())
    }

    /// What the exchange called it.
    pub fn reference(&self) -> Option<&str> {
        self.client_reference_id.as_deref()
    }
}

/// What Stripe kept of one movement.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct BalanceTransaction {
    /// `txn_…`.
    pub id: String,
    /// What it kept, in the smallest unit of `currency`.
    pub fee: i64,
    /// The currency of the balance, in small letters.
    pub currency: String,
}

/// A card as Stripe shows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CardFace {
    /// Like `visa`.
    pub brand: Option<String>,
    /// The last four digits.
    pub last4: Option<String>,
    /// 1 to 12.
    pub exp_month: Option<i32>,
    /// Four digits.
    pub exp_year: Option<i32>,
}

#[derive(Clone, Debug, Deserialize)]
struct MethodDetails {
    card: Option<CardFace>,
}

/// A try to take money from a card.
#[derive(Clone, Debug, Deserialize)]
struct Charge {
    balance_transaction: Option<Ref<BalanceTransaction>>,
    payment_method_details: Option<MethodDetails>,
}

#[derive(Clone, Debug, Deserialize)]
struct Problem {
    code: Option<String>,
    decline_code: Option<String>,
}

/// A payment.
#[derive(Clone, Debug, Deserialize)]
pub struct Payment {
    /// `pi_…`.
    pub id: String,
    /// Stripe's word for how far it is.
    pub status: String,
    /// What came in, in the currency's smallest unit by Stripe's count.
    pub amount_received: i64,
    /// In small letters.
    pub currency: String,
    /// What the exchange wrote on it.
    #[serde(default)]
    pub metadata: HashMap<String, String>,
    /// Whether a card is kept for later, `off_session`.
    pub setup_future_usage: Option<String>,
    customer: Option<Ref<Named>>,
    payment_method: Option<Ref<Named>>,
    latest_charge: Option<Ref<Charge>>,
    last_payment_error: Option<Problem>,
}

impl Payment {
    /// Who paid: `cus_…`.
    pub fn customer(&self) -> Option<String> {
        id_of(self.customer.clone())
    }

    /// With what: `pm_…`.
    pub fn method(&self) -> Option<String> {
        id_of(self.payment_method.clone())
    }

    /// How the last card was declined.
    pub fn decline(&self) -> Option<&str> {
        let problem = self.last_payment_error.as_ref()?;
        problem.decline_code.as_deref().or(problem.code.as_deref())
    }

    /// What Stripe kept; known once the money is in its books.
    pub fn fee(&self) -> Option<&BalanceTransaction> {
        match self.latest_charge.as_ref()? {
            Ref::Whole(Charge { balance_transaction: Some(Ref::Whole(kept)), .. }) => Some(kept),
            _ => None,
        }
    }

    /// The card that paid.
    pub fn card(&self) -> Option<&CardFace> {
        match self.latest_charge.as_ref()? {
            Ref::Whole(charge) => charge.payment_method_details.as_ref()?.card.as_ref(),
            Ref::Id(_) => None,
        }
    }
}

/// Money on its way back to a card.
#[derive(Clone, Debug, Deserialize)]
pub struct Refund {
    /// `re_…`.
    pub id: String,
    /// In the currency's smallest unit by Stripe's count.
    pub amount: i64,
    /// In small letters.
    pub currency: String,
    /// `pending`, `requires_action`, `succeeded`, `failed` or `canceled`.
    pub status: Option<String>,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// What the exchange wrote on it.
    #[serde(default)]
    pub metadata: Option<HashMap<String, String>>,
}

#[derive(Clone, Debug, Deserialize)]
struct EvidenceDetails {
    due_by: Option<i64>,
}

/// A payment that its bank disputes.
#[derive(Clone, Debug, Deserialize)]
pub struct Dispute {
    /// `dp_…` or `du_…`.
    pub id: String,
    /// What is disputed, in the currency's smallest unit by Stripe's count.
    pub amount: i64,
    /// In small letters.
    pub currency: String,
    /// Stripe's word for how far it is.
    pub status: String,
    /// Why, in Stripe's words.
    pub reason: String,
    /// What was taken and given back, with what it cost.
    #[serde(default)]
    pub balance_transactions: Vec<BalanceTransaction>,
    payment_intent: Option<Ref<Named>>,
    evidence_details: Option<EvidenceDetails>,
}

impl Dispute {
    /// The payment: `pi_…`.
    pub fn payment(&self) -> Option<String> {
        id_of(self.payment_intent.clone())
    }

    /// Until when evidence may be sent, in seconds since 1970.
    pub fn evidence_due(&self) -> Option<i64> {
        self.evidence_details.as_ref()?.due_by
    }
}

/// A page of objects.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct RawList<T> {
    pub(super) data: Vec<T>,
    #[serde(default)]
    pub(super) has_more: bool,
}

/// What Stripe tells: only what it is about. How things stand is asked for.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    /// `evt_…`.
    pub id: String,
    /// Like `payment_intent.succeeded`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened, in seconds since 1970.
    #[serde(default)]
    pub created: i64,
    data: EventData,
}

#[derive(Clone, Debug, Deserialize)]
struct EventData {
    object: EventObject,
}

#[derive(Clone, Debug, Deserialize)]
struct EventObject {
    id: Option<String>,
}

impl Event {
    /// Reads the body of a webhook; `None` when it is no event.
    pub fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// The id of the thing that it is about.
    pub fn about(&self) -> Option<&str> {
        self.data.object.id.as_deref()
    }
}

/// Why a request was not done.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct RawError {
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    pub(super) code: Option<String>,
    pub(super) decline_code: Option<String>,
    payment_intent: Option<Named>,
}

impl RawError {
    pub(super) fn payment(&self) -> Option<String> {
        self.payment_intent.as_ref().map(|named| named.id.clone())
    }
}

/// The body of a refusal.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct RawFailure {
    #[serde(default)]
    pub(super) error: RawError,
}
