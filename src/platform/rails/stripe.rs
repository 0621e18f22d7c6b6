//! Stripe: the requests that the exchange makes. The only file that names its crates, which make
//! the requests; they go out through the one door for outgoing HTTP.
//!
//! Every answer is one of three: done, refused, or **unknown**. A time-out, a lost connection, 409,
//! 429, 5xx and an answer that can't be read say nothing about what was done: the caller asks again
//! with the same key, or looks. Nothing here tries again by itself.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use leadbourse_core::money::{Currency, Money};
use leadbourse_core::topup::{from_provider, to_provider};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::Arc;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
    CreateCheckoutSessionPaymentIntentData, CreateCheckoutSessionPaymentIntentDataSetupFutureUsage,
    ProductData, RetrieveCheckoutSession,
};
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};
use stripe_core::customer::CreateCustomer;
use stripe_core::dispute::RetrieveDispute;
use stripe_core::payment_intent::{
    CreatePaymentIntent, CreatePaymentIntentOffSession, ListPaymentIntent, RetrievePaymentIntent,
};
use stripe_core::refund::{CreateRefund, ListRefund, RetrieveRefund};
use stripe_shared::CheckoutSessionMode;
use url::Url;

pub use super::stripe_answers::{
    BalanceTransaction, CardFace, Dispute, Event, Payment, Refund, Session,
};
use super::stripe_answers::{RawCustomer, RawError, RawFailure, RawList};
use crate::platform::config::{EgressConfig, StripeConfig};
use crate::platform::egress::Egress;
use crate::platform::error::{Context, Error, Result};

/// The header of idempotency keys.
static KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header of the version whose words are spoken.
static VERSION: HeaderName = HeaderName::from_static("stripe-version");
/// The field of `metadata` that carries the exchange's own id.
pub const OURS: &str = "leadbourse_id";
/// Bytes of an answer that are read.
const CAP: usize = 4 * 1_024 * 1_024;
/// Objects on one page of a list, and pages that are read at most.
const PAGE: i64 = 100;
const PAGES: usize = 20;

/// Why something was not done, or may have been.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Stripe says no; nothing was done.
    #[error("refused: {code}")]
    Refused {
        /// Stripe's code: how a card was declined, what was wrong.
        code: String,
        /// Whether it was the card that was declined.
        card: bool,
        /// The payment that was tried.
        payment: Option<String>,
    },
    /// Nobody knows whether it was done.
    #[error("no certain answer: {0}")]
    Unknown(String),
}

/// An answer, or why there is none.
pub type Answer<T> = std::result::Result<T, Failure>;

/// A payment page that is wanted.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// The exchange's id of it.
    pub reference: &'a str,
    /// Who pays, `cus_…`.
    pub customer: &'a str,
    /// How much.
    pub amount: Money,
    /// What the payer reads.
    pub about: &'a str,
    /// Whether the card is kept.
    pub save_card: bool,
    /// Where the payer comes back to, paid or not.
    pub paid_url: &'a str,
    /// Where the payer comes back to without paying.
    pub back_url: &'a str,
    /// When the page ends, seconds since 1970.
    pub expires_at: i64,
}

/// A charge of a saved card.
#[derive(Clone, Debug)]
pub struct NewCharge<'a> {
    /// The exchange's id of it.
    pub reference: &'a str,
    /// Who pays, `cus_…`.
    pub customer: &'a str,
    /// With what, `pm_…`.
    pub method: &'a str,
    /// How much.
    pub amount: Money,
    /// What the payer reads.
    pub about: &'a str,
}

/// Talks to Stripe. Cheap to clone.
#[derive(Clone)]
pub struct Stripe {
    egress: Egress,
    base: Arc<Url>,
    bearer: HeaderValue,
}

impl std::fmt::Debug for Stripe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stripe({})", self.base)
    }
}

impl Stripe {
    /// From the configuration; `None` where no key is set.
    ///
    /// # Errors
    /// When base or key can't be used, or TLS can't be set up.
    pub fn new(config: &StripeConfig, egress: &EgressConfig) -> Result<Option<Self>> {
        let Some(key) = &config.secret_key else { return Ok(None) };
        let slashed = format!("{}/", config.api_base.trim_end_matches('/'));
        let base = Url::parse(&slashed).context("reading stripe.api_base")?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", key.trim()))
            .context("reading stripe.secret_key")?;
        bearer.set_sensitive(true);
        let limits = EgressConfig {
            timeout_ms: config.timeout_ms,
            max_response_bytes: CAP,
            ..egress.clone()
        };
        Ok(Some(Self { egress: Egress::new(&limits)?, base: Arc::new(base), bearer }))
    }

    /// Makes a customer.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn customer(&self, key: &str, reference: &str, name: &str) -> Answer<String> {
        let request = CreateCustomer::new().name(name).metadata(ours(reference));
        let made: RawCustomer = self.call(request.build(), Some(key)).await?;
        Ok(made.id)
    }

    /// Opens a payment page.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn open_session(&self, key: &str, new: &NewSession<'_>) -> Answer<Session> {
        let mut price = CreateCheckoutSessionLineItemsPriceData::new(currency(new.amount.currency));
        price.unit_amount = Some(sent(new.amount)?);
        price.product_data = Some(ProductData::new(new.about));
        let mut line = CreateCheckoutSessionLineItems::new();
        line.price_data = Some(price);
        line.quantity = Some(1);
        let mut payment = CreateCheckoutSessionPaymentIntentData::new();
        payment.metadata = Some(ours(new.reference));
        payment.description = Some(new.about.to_owned());
        payment.setup_future_usage = new
            .save_card
            .then_some(CreateCheckoutSessionPaymentIntentDataSetupFutureUsage::OffSession);
        let request = CreateCheckoutSession::new()
            .mode(CheckoutSessionMode::Payment)
            .customer(new.customer)
            .client_reference_id(new.reference)
            .metadata(ours(new.reference))
            .line_items(vec![line])
            .payment_intent_data(payment)
            .expires_at(new.expires_at)
            .success_url(new.paid_url)
            .cancel_url(new.back_url);
        self.call(request.build(), Some(key)).await
    }

    /// A payment page as it is now.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn session(&self, id: &str) -> Answer<Session> {
        self.call(RetrieveCheckoutSession::new(id.to_owned()).build(), None).await
    }

    /// Charges a saved card, with nobody at a page.
    ///
    /// # Errors
    /// See [`Failure`]; a declined card is a refusal that names the payment.
    pub async fn charge(&self, key: &str, new: &NewCharge<'_>) -> Answer<Payment> {
        let request = CreatePaymentIntent::new(sent(new.amount)?, currency(new.amount.currency))
            .customer(new.customer)
            .payment_method(new.method)
            .off_session(CreatePaymentIntentOffSession::Bool(true))
            .confirm(true)
            .description(new.about)
            .metadata(ours(new.reference));
        self.call(request.build(), Some(key)).await
    }

    /// A payment as it is now, with what Stripe kept of it.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn payment(&self, id: &str) -> Answer<Payment> {
        let wanted = vec!["latest_charge.balance_transaction".to_owned()];
        let request = RetrievePaymentIntent::new(id.to_owned()).expand(wanted);
        self.call(request.build(), None).await
    }

    /// The customer's payments that carry this id of ours.
    ///
    /// # Errors
    /// See [`Failure`]; a list that does not end is `Unknown`.
    pub async fn payments_named(&self, customer: &str, reference: &str) -> Answer<Vec<Payment>> {
        let page = |after: Option<&str>| {
            let mut request = ListPaymentIntent::new().customer(customer).limit(PAGE);
            if let Some(after) = after {
                request = request.starting_after(after);
            }
            request.build()
        };
        let all: Vec<Payment> = self.list(page, |payment: &Payment| payment.id.clone()).await?;
        let named =
            |payment: &Payment| payment.metadata.get(OURS).is_some_and(|id| id == reference);
        Ok(all.into_iter().filter(named).collect())
    }

    /// Sends part of a payment back to its card.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn refund(
        &self,
        key: &str,
        reference: &str,
        payment: &str,
        amount: Money,
    ) -> Answer<Refund> {
        let request = CreateRefund::new()
            .payment_intent(payment)
            .amount(sent(amount)?)
            .metadata(ours(reference));
        self.call(request.build(), Some(key)).await
    }

    /// A refund as it is now.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn refund_now(&self, id: &str) -> Answer<Refund> {
        self.call(RetrieveRefund::new(id.to_owned()).build(), None).await
    }

    /// The refunds of a payment that carry this id of ours.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn refunds_named(&self, payment: &str, reference: &str) -> Answer<Vec<Refund>> {
        let page = |after: Option<&str>| {
            let mut request = ListRefund::new().payment_intent(payment).limit(PAGE);
            if let Some(after) = after {
                request = request.starting_after(after);
            }
            request.build()
        };
        let all: Vec<Refund> = self.list(page, |refund: &Refund| refund.id.clone()).await?;
        let named = |refund: &Refund| {
            refund.metadata.as_ref().and_then(|all| all.get(OURS)).is_some_and(|id| id == reference)
        };
        Ok(all.into_iter().filter(named).collect())
    }

    /// A dispute as it is now.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn dispute(&self, id: &str) -> Answer<Dispute> {
        self.call(RetrieveDispute::new(id.to_owned()).build(), None).await
    }

    async fn list<T: DeserializeOwned>(
        &self,
        page: impl Fn(Option<&str>) -> RequestBuilder,
        id: impl Fn(&T) -> String,
    ) -> Answer<Vec<T>> {
        let mut all: Vec<T> = Vec::new();
        for _ in 0..PAGES {
            let after = all.last().map(&id);
            let found: RawList<T> = self.call(page(after.as_deref()), None).await?;
            let more = found.has_more && !found.data.is_empty();
            all.extend(found.data);
            if !more {
                return Ok(all);
            }
        }
        Err(Failure::Unknown("the list does not end".to_owned()))
    }

    async fn call<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        key: Option<&str>,
    ) -> Answer<T> {
        let unknown = |what: &str| Failure::Unknown(what.to_owned());
        let path = format!("v1/{}", request.path.trim_start_matches('/'));
        let mut url = self.base.join(&path).map_err(|_| unknown("the address"))?;
        url.set_query(request.query.as_deref());
        let method = match request.method {
            StripeMethod::Get => Method::GET,
            StripeMethod::Post => Method::POST,
            StripeMethod::Delete => Method::DELETE,
        };
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, self.bearer.clone());
        let version = stripe_client_core::VERSION;
        let version =
            HeaderValue::from_str(version.as_str()).map_err(|_| unknown("the version"))?;
        headers.insert(VERSION.clone(), version);
        if let Some(key) = key {
            let key = HeaderValue::from_str(key).map_err(|_| unknown("the key"))?;
            headers.insert(KEY.clone(), key);
        }
        if request.body.is_some() {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(CONTENT_TYPE, form);
        }
        let body = Bytes::from(request.body.unwrap_or_default());
        let answer = self.egress.send(method, url.as_str(), headers, body).await;
        let answer = answer.map_err(|error| Failure::Unknown(error.to_string()))?;
        if answer.status != 200 {
            return Err(failure(answer.status, &answer.body));
        }
        serde_json::from_slice(&answer.body).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            Failure::Unknown(format!("an answer that can't be read at {place}"))
        })
    }
}

/// What a status other than 200 means. Keys that Stripe does not take, keys that were used for
/// something else and everything that is not about this request alone say nothing about what an
/// earlier sending did.
fn failure(status: u16, body: &[u8]) -> Failure {
    let parsed: RawFailure = serde_json::from_slice(body).unwrap_or_default();
    let RawError { ref kind, ref code, ref decline_code, .. } = parsed.error;
    let definite = matches!(status, 400 | 402 | 404) && !kind.is_empty();
    if !definite || kind == "idempotency_error" {
        let code = code.as_deref().unwrap_or_default();
        return Failure::Unknown(format!("status {status} {kind} {code}").trim_end().to_owned());
    }
    let word = decline_code.clone().or_else(|| code.clone()).unwrap_or_else(|| kind.clone());
    let card = kind == "card_error";
    Failure::Refused { code: word, card, payment: parsed.error.payment() }
}

fn ours(reference: &str) -> HashMap<String, String> {
    HashMap::from([(OURS.to_owned(), reference.to_owned())])
}

fn currency(of: Currency) -> stripe_types::Currency {
    let small = of.code().to_ascii_lowercase();
    small.parse().unwrap_or(stripe_types::Currency::Unknown(small))
}

fn sent(amount: Money) -> Answer<i64> {
    to_provider(amount).map_err(|problem| Failure::Refused {
        code: problem.code.name.to_owned(),
        card: false,
        payment: None,
    })
}

/// A sum as Stripe says it; `None` when it is none that the exchange can name.
pub fn money(amount: i64, currency: &str) -> Option<Money> {
    let currency: Currency = currency.to_ascii_uppercase().parse().ok()?;
    from_provider(amount, currency)
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Error::other("asking Stripe", failure)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(status: u16, body: &str) -> Failure {
        failure(status, body.as_bytes())
    }

    #[test]
    fn only_a_clear_no_is_a_refusal() {
        let declined = r#"{"error":{"type":"card_error","code":"card_declined",
            "decline_code":"insufficient_funds","payment_intent":{"id":"pi_1"}}}"#;
        let expected = Failure::Refused {
            code: "insufficient_funds".to_owned(),
            card: true,
            payment: Some("pi_1".to_owned()),
        };
        assert_eq!(of(402, declined), expected);
        let wrong = r#"{"error":{"type":"invalid_request_error","code":"amount_too_small"}}"#;
        assert!(matches!(of(400, wrong), Failure::Refused { card: false, .. }));
        let used = r#"{"error":{"type":"idempotency_error"}}"#;
        for (status, body) in [(400, used), (409, used), (400, "<html>"), (404, "")] {
            assert!(matches!(of(status, body), Failure::Unknown(_)), "{status} {body}");
        }
        for status in [401, 403, 409, 424, 429, 500, 502, 503, 504, 302] {
            assert!(matches!(of(status, wrong), Failure::Unknown(_)), "{status}");
        }
    }

    #[test]
    fn sums_are_read_in_their_own_units() {
        assert_eq!(money(500, "isk"), Some(Money::new(5, "ISK".parse().unwrap())));
        assert_eq!(money(500, "jpy"), Some(Money::new(500, "JPY".parse().unwrap())));
        assert_eq!(money(550, "isk"), None);
        assert_eq!(money(1, "money"), None);
    }

    #[test]
    fn an_answer_is_read_however_much_is_in_it() {
        let bare = r#"{"id":"pi_1","status":"succeeded","amount_received":5,"currency":"rub",
            "customer":"cus_1","latest_charge":"ch_1"}"#;
        let payment: Payment = serde_json::from_str(bare).unwrap();
        assert_eq!((payment.customer().as_deref(), payment.fee()), (Some("cus_1"), None));
        let whole = r#"{"id":"pi_1","status":"succeeded","amount_received":5,"currency":"rub",
            "metadata":{},"customer":{"id":"cus_1"},"latest_charge":{"id":"ch_1",
            "balance_transaction":{"id":"txn_1","fee":3,"currency":"eur","net":2},
            "payment_method_details":{"card":{"brand":"visa","last4":"4242"}}}}"#;
        let payment: Payment = serde_json::from_str(whole).unwrap();
        assert_eq!(payment.fee().map(|kept| kept.fee), Some(3));
        assert_eq!(payment.card().and_then(|card| card.last4.as_deref()), Some("4242"));
    }
}
