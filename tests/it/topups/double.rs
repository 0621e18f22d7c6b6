//! The double itself: its answers are whole enough for the strictest client there is, and it keeps
//! Stripe's rules of idempotency.

use bytes::Bytes;
use serde_json::{Value, json};
use std::fmt::Display;
use stripe_client_core::{
    CustomizedStripeRequest, RequestStrategy, StripeClient, StripeClientErr, StripeMethod,
    StripeRequest,
};
use stripe_core::customer::CreateCustomer;
use stripe_core::dispute::RetrieveDispute;
use stripe_core::payment_intent::RetrievePaymentIntent;
use stripe_core::refund::CreateRefund;

use super::stage::Double;

struct Client {
    base: String,
    http: reqwest::Client,
}

#[derive(Debug)]
struct Failed(String);

impl StripeClientErr for Failed {
    fn deserialize_err(message: impl Display) -> Self {
        Self(message.to_string())
    }
}

impl StripeClient for Client {
    type Err = Failed;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, Failed> {
        let (request, more) = request.into_pieces();
        let url = format!("{}/v1/{}", self.base, request.path.trim_start_matches('/'));
        let url = request.query.map_or(url.clone(), |query| format!("{url}?{query}"));
        let mut sent = match request.method {
            StripeMethod::Get => self.http.get(url),
            _ => self.http.post(url),
        };
        if let Some(RequestStrategy::Idempotent(key)) = more.request_strategy {
            sent = sent.header("idempotency-key", key.as_str());
        }
        let sent = sent.bearer_auth("sk_test_double").body(request.body.unwrap_or_default());
        let answer = sent.send().await.unwrap();
        let status = answer.status();
        let body = answer.bytes().await.unwrap();
        if status.is_success() { Ok(body) } else { Err(Failed(format!("{status} {body:?}"))) }
    }
}

async fn post(double: &Double, path: &str, key: &str, body: &str) -> (u16, bool, Value) {
    let answer = reqwest::Client::new()
        .post(format!("{}{path}", double.url))
        .bearer_auth("sk_test_double")
        .header("idempotency-key", key)
        .body(body.to_owned())
        .send()
        .await
        .unwrap();
    let replayed = answer.headers().contains_key("idempotent-replayed");
    (answer.status().as_u16(), replayed, answer.json().await.unwrap())
}

#[tokio::test]
async fn its_answers_have_every_field_that_a_strict_client_wants() {
    let double = Double::start();
    let client = Client { base: double.url.clone(), http: reqwest::Client::new() };
    let customer = CreateCustomer::new().name("Acme").customize().send(&client).await.unwrap();
    let form = format!(
        "mode=payment&success_url=http://x/&customer={}&line_items[0][quantity]=1\
         &line_items[0][price_data][currency]=eur&line_items[0][price_data][unit_amount]=5000\
         &payment_intent_data[setup_future_usage]=off_session",
        customer.id
    );
    let (_, _, session) = post(&double, "/v1/checkout/sessions", "s", &form).await;
    let id = session["id"].as_str().unwrap().to_owned();
    let read = stripe_checkout::checkout_session::RetrieveCheckoutSession::new(id.clone());
    read.customize().send(&client).await.unwrap();
    double.tell("pay", json!({"session": id, "card": "4000000000000002"})).await;
    double.tell("pay", json!({"session": id})).await;
    let paid = read.customize().send(&client).await.unwrap();
    assert_eq!(paid.amount_total, Some(5_000));
    for intent in double.all("payment_intent").await {
        let id = intent["id"].as_str().unwrap().to_owned();
        let whole =
            vec!["latest_charge.balance_transaction".to_owned(), "payment_method".to_owned()];
        RetrievePaymentIntent::new(id).expand(whole).customize().send(&client).await.unwrap();
    }
    let intent = double.all("payment_intent").await[0]["id"].as_str().unwrap().to_owned();
    let refund = CreateRefund::new().payment_intent(intent.clone()).amount(100);
    refund.customize().send(&client).await.unwrap();
    let over = CreateRefund::new().payment_intent(intent.clone()).amount(5_000);
    assert!(over.customize().send(&client).await.is_err(), "never more than was paid");
    let dispute = double.tell("dispute", json!({"payment_intent": intent})).await;
    let id = dispute["id"].as_str().unwrap().to_owned();
    let read = RetrieveDispute::new(id.clone());
    read.customize().send(&client).await.unwrap();
    double.tell("dispute/close", json!({"dispute": id, "status": "won"})).await;
    let closed = read.customize().send(&client).await.unwrap();
    assert_eq!(closed.balance_transactions.len(), 2);
}

#[tokio::test]
async fn a_key_replays_refuses_and_waits_as_stripes_do() {
    let double = Double::start();
    let path = "/v1/customers";
    let (status, replayed, made) = post(&double, path, "k", "name=Acme").await;
    assert_eq!((status, replayed), (200, false));
    let (status, replayed, again) = post(&double, path, "k", "name=Acme").await;
    assert_eq!((status, replayed, &again), (200, true, &made));
    let (status, _, other) = post(&double, path, "k", "name=Other").await;
    assert_eq!((status, &other["error"]["type"]), (400, &json!("idempotency_error")));
    double.tell("config", json!({"work_ms": 300})).await;
    let (one, two) = tokio::join!(post(&double, path, "f", "name=A"), async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        post(&double, path, "f", "name=A").await
    });
    assert_eq!((one.0, two.0), (200, 409));
    double.tell("config", json!({"work_ms": 0})).await;
    double.tell("keys/expire", json!({})).await;
    let (_, replayed, late) = post(&double, path, "k", "name=Acme").await;
    assert!(!replayed && late["id"] != made["id"], "an expired key does it again");
}
