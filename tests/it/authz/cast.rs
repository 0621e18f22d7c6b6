//! Members in every role, and one of everything for them to ask about.

use leadbourse::demo::client::text;
use leadbourse_core::time::{DAY, HOUR};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

use super::member::Member;
use crate::harness::TestApp;
use crate::harness::market::{Market, PASSWORD, Seat, Source};

/// Printed ids by what they name.
pub type Things = BTreeMap<&'static str, String>;

/// Who asks, those with the fewest rights first, so that what they change comes late.
pub struct Cast {
    pub members: Vec<(&'static str, Member)>,
    pub things: Things,
    pub market: Market,
    /// The publisher's source: what it sends is sold to the buyer.
    pub source: Source,
}

fn address(name: &str) -> String {
    format!("{}@mail.example.com", name.to_lowercase().replace(' ', "-"))
}

async fn colleague(base: &str, boss: &Seat, role: &str, name: &str) -> Member {
    let input = json!({
        "email": address(name), "name": name, "role": role, "password": PASSWORD,
    });
    boss.client.mutate("addMember", input, "membership { id }").await.unwrap();
    Member::sign_in(base, &address(name), PASSWORD).await
}

impl Cast {
    pub async fn gather(app: &TestApp) -> Self {
        let market = Market::open(app).await;
        let base = app.url();
        let buyer = market.buyer("Bea Buyer", 100_000_000).await;
        let publisher = market.publisher("Pam Publisher").await;
        let other_buyer = market.buyer("Otto Other", 0).await;
        let other_publisher = market.publisher("Odette Other").await;
        let operator = Seat { client: market.operator.clone(), organization: String::new() };
        let sign_in = async |name: &str| Member::sign_in(&base, &address(name), PASSWORD).await;
        let source = market.source(&publisher, "Site", 1).await;
        let mut things = things(app, &market, &buyer, &publisher, &source).await;
        things.insert("other-buyer", other_buyer.organization);
        things.insert("other-publisher", other_publisher.organization);
        let members = vec![
            ("anonymous", Member::visitor(&base)),
            ("other-buyer", sign_in("Otto Other").await),
            ("other-publisher", sign_in("Odette Other").await),
            ("buyer-analyst", colleague(&base, &buyer, "ANALYST", "Bert Analyst").await),
            ("publisher-analyst", colleague(&base, &publisher, "ANALYST", "Peg Analyst").await),
            ("support", colleague(&base, &operator, "SUPPORT", "Sue Support").await),
            ("auditor", colleague(&base, &operator, "AUDITOR", "Aud Auditor").await),
            ("finance", colleague(&base, &operator, "FINANCE", "Finn Finance").await),
            ("moderator", colleague(&base, &operator, "MODERATOR", "Mo Moderator").await),
            ("buyer-manager", colleague(&base, &buyer, "MANAGER", "Ben Manager").await),
            ("publisher-manager", colleague(&base, &publisher, "MANAGER", "Pit Manager").await),
            ("buyer-owner", sign_in("Bea Buyer").await),
            ("publisher-owner", sign_in("Pam Publisher").await),
            ("admin", Member::sign_in(&base, "operator@mail.example.com", PASSWORD).await),
        ];
        Self { members, things, market, source }
    }
}

/// What a buyer's servers come with: a key, an address for reports, a file to compare.
async fn machines(buyer: &Seat, keep: &mut impl FnMut(&'static str, &Value) -> Option<String>) {
    let input = json!({"name": "robot", "role": "ANALYST", "scopes": ["READ_OWN"]});
    let key = buyer.client.mutate("createApiKey", input, "apiKey { id }").await.unwrap();
    keep("key", &key["apiKey"]["id"]);
    let input = json!({"name": "shop"});
    let made = buyer.client.mutate("createPostbackToken", input, "token { id }").await.unwrap();
    keep("postback", &made["token"]["id"]);
    let input = json!({"csv": "external_id\nnobody"});
    let made = buyer.client.mutate("checkReconciliation", input, "reconciliation { id }").await;
    keep("reconciliation", &made.unwrap()["reconciliation"]["id"]);
}

/// A publisher's postback, and what it was told. Nobody answers there, so it is paused.
async fn tracker(publisher: &Seat, keep: &mut impl FnMut(&'static str, &Value) -> Option<String>) {
    let client = &publisher.client;
    let url = "https://tracker.example.com/?e={event_id}";
    let input = json!({"name": "tracker", "url": url, "events": ["SOLD"]});
    let made = client.mutate("createPublisherPostback", input, "postback { id }").await.unwrap();
    let id = &made["postback"]["id"];
    keep("publisherPostback", id);
    let told = client.mutate("testPostback", json!({"id": id}), "notice { id }").await.unwrap();
    keep("notice", &told["notice"]["id"]);
    let input = json!({"id": id, "paused": true});
    client.mutate("setPublisherPostbackPaused", input, "postback { id }").await.unwrap();
}

/// An offer for everybody and one by application, which the publisher asks for.
async fn offers(
    market: &Market,
    buyer: &Seat,
    publisher: &Seat,
    keep: &mut impl FnMut(&'static str, &Value) -> Option<String>,
) {
    let mut terms = market.terms(50_000);
    let sale =
        json!({"kind": "SALE", "price": market.money(70_000), "attributionWindowS": 604_800});
    terms["goals"].as_array_mut().unwrap().push(sale);
    let offer = market.offer(buyer, "Public", terms).await;
    keep("offer", &json!(offer.id));
    keep("version", &json!(offer.version));
    // Nobody listens there.
    let nowhere = "https://127.0.0.1:9/live";
    let input = json!({
        "offerId": offer.id, "askUrl": nowhere, "postUrl": nowhere, "onSilence": "SOLD",
    });
    buyer.client.mutate("setLiveConnection", input, "secret").await.unwrap();
    let mut terms = market.terms(40_000);
    terms["visibility"] = json!("BY_APPLICATION");
    let closed = market.offer(buyer, "By application", terms).await;
    keep("closed", &json!(closed.id));
    let input = json!({"offerId": closed.id, "message": "please"});
    let asked = publisher.client.mutate("applyToOffer", input, "participation { id }").await;
    keep("participation", &asked.unwrap()["participation"]["id"]);
}

/// An order that the publisher, and nobody else, may claim; it has claimed a part.
async fn order(
    app: &TestApp,
    market: &Market,
    buyer: &Seat,
    publisher: &Seat,
    keep: &mut impl FnMut(&'static str, &Value) -> Option<String>,
) {
    let mut terms = market.terms(30_000);
    terms["visibility"] = json!("PRIVATE");
    let offer = market.offer(buyer, "Ordered", terms).await;
    keep("ordered", &json!(offer.id));
    let input = json!({"offerId": offer.id, "publisherId": publisher.organization});
    buyer.client.mutate("inviteToOffer", input, "participation { id }").await.unwrap();
    let input = json!({
        "offerId": offer.id, "wanted": 2, "idempotencyKey": "cast/order",
        "deadline": app.clock.now().plus(90 * DAY).rfc3339(),
    });
    let placed = buyer.client.mutate("placeOrder", input, "order { id }").await.unwrap();
    keep("order", &placed["order"]["id"]);
    let input = json!({
        "orderId": placed["order"]["id"], "wanted": 1, "idempotencyKey": "cast/part",
    });
    let claimed = publisher.client.mutate("claimOrder", input, "claim { id }").await.unwrap();
    keep("orderClaim", &claimed["claim"]["id"]);
}

/// One of everything: an offer by application, a sold lead with a return, a statement.
async fn things(
    app: &TestApp,
    market: &Market,
    buyer: &Seat,
    publisher: &Seat,
    source: &Source,
) -> Things {
    let mut all = Things::new();
    let mut keep = |name: &'static str, value: &Value| {
        // What is not there would be a call that proves nothing.
        assert!(value.as_str().is_some_and(|text| !text.is_empty()), "no {name}: {value}");
        all.insert(name, text(value))
    };
    keep("niche", &json!(market.niche_id));
    keep("currency", &json!(market.currency));
    keep("buyer", &json!(buyer.organization));
    keep("publisher", &json!(publisher.organization));
    offers(market, buyer, publisher, &mut keep).await;
    let lines = call_lines(market, buyer, source).await;
    keep("call", &lines);
    let input = json!({"url": "https://crm.example.com/leads"});
    let made = buyer.client.mutate("createEndpoint", input, "endpoint { id }").await.unwrap();
    keep("endpoint", &made["endpoint"]["id"]);
    keep("source", &json!(source.id));
    // Enough to be paid out, with one of them returned.
    for n in 0..5 {
        market.send(source, n).await;
    }
    let input = json!({"sourceId": source.id, "fields": {}});
    let asked = publisher.client.mutate("submitPing", input, "verdict { pingId }").await.unwrap();
    keep("ping", &asked["verdict"]["pingId"]);
    let inbox = buyer.client.query(
        "{ awards { nodes { id lead { id } conversions { id } deliveries { id } } } }",
        json!({}),
    );
    let inbox = inbox.await.unwrap();
    // A call that lasts is an award without a conversion.
    let awards = inbox["awards"]["nodes"].as_array().unwrap();
    let mut sold = awards.iter().filter(|award| award["conversions"][0]["id"].is_string());
    let (award, claimed) = (sold.next().unwrap(), sold.next().unwrap());
    keep("award", &award["id"]);
    keep("lead", &award["lead"]["id"]);
    keep("conversion", &award["conversions"][0]["id"]);
    let niche = buyer.client.query(
        "query($id: ID) { niche(id: $id) { version { schema policy returnReasons { code } } } }",
        json!({"id": market.niche_id}),
    );
    let version = &niche.await.unwrap()["niche"]["version"];
    keep("schema", &json!(version["schema"].to_string()));
    keep("policy", &json!(version["policy"].to_string()));
    let input = json!({
        "conversionId": award["conversions"][0]["id"], "comment": "nobody by that name",
        "reasonCode": version["returnReasons"][0]["code"], "shareBps": 10_000,
        "idempotencyKey": "cast/return",
    });
    let opened = buyer.client.mutate("openReturn", input, "dispute { id }").await.unwrap();
    keep("dispute", &opened["dispute"]["id"]);
    let now = app.clock.now().rfc3339();
    let input = json!({"awardId": claimed["id"], "goal": "SALE",
        "occurredAt": now, "comment": "they told me", "idempotencyKey": "cast/claim"});
    let claimed =
        publisher.client.mutate("claimConversion", input, "dispute { id }").await.unwrap();
    keep("claim", &claimed["dispute"]["id"]);
    keep("delivery", &first_delivery(app, buyer).await);
    // Nobody answers there: over the days to come the failing endpoint would pause its offer.
    let input = json!({"id": made["endpoint"]["id"], "paused": true});
    buyer.client.mutate("setEndpointPaused", input, "endpoint { id }").await.unwrap();
    machines(buyer, &mut keep).await;
    let input = json!({
        "amount": {"minor": "100000", "currency": market.currency}, "idempotencyKey": "card",
    });
    let made = buyer.client.mutate("createCheckout", input, "cardTopUp { id }").await.unwrap();
    keep("card-top-up", &made["cardTopUp"]["id"]);
    tracker(publisher, &mut keep).await;
    order(app, market, buyer, publisher, &mut keep).await;
    let own = buyer.client.query("{ viewer { memberships { id } } }", json!({})).await.unwrap();
    keep("membership", &own["viewer"]["memberships"][0]["id"]);
    settle(app, market, &mut keep).await;
    all
}

/// A call that an offer of its own bought.
async fn call_lines(market: &Market, buyer: &Seat, source: &Source) -> Value {
    let mut terms = market.terms(1);
    terms["goals"] = json!([{"kind": "CALL", "price": market.money(1_000), "minCallSeconds": 9}]);
    let offer = market.offer(buyer, "Calls", terms).await;
    let input = json!({"offerId": offer.id, "connectTo": "+74951234567"});
    buyer.client.mutate("setOfferConnection", input, "offer { id }").await.unwrap();
    let input = json!({
        "postingKey": source.key, "event": "STARTED", "externalId": "1",
        "at": crate::harness::start_of_time().rfc3339(), "caller": "+79160000001",
    });
    let told = buyer.client.mutate("reportCall", input, "call { callId }").await.unwrap();
    told["call"]["callId"].clone()
}

/// The buyer's first delivery; the exchange's own worker may be making it just now.
async fn first_delivery(app: &TestApp, buyer: &Seat) -> Value {
    loop {
        app.drain().await;
        let sent = buyer.client.query("{ deliveries { nodes { id } } }", json!({})).await.unwrap();
        match &sent["deliveries"]["nodes"][0]["id"] {
            Value::Null => tokio::time::sleep(Duration::from_millis(10)).await,
            id => return id.clone(),
        }
    }
}

/// A settled period: run, statement, payout, and the ledger's ids.
async fn settle(
    app: &TestApp,
    market: &Market,
    keep: &mut impl FnMut(&'static str, &Value) -> Option<String>,
) {
    app.advance(20 * DAY).await;
    let chief = &market.operator;
    let selection = "run { id statements { nodes { id } } }";
    let input = json!({"idempotencyKey": "cast/plan"});
    let planned = chief.mutate("planSettlement", input, selection).await.unwrap();
    keep("run", &planned["run"]["id"]);
    let statement = &planned["run"]["statements"]["nodes"][0]["id"];
    keep("statement", statement);
    let selection = "statement { payouts { id } }";
    let input = json!({"id": statement, "idempotencyKey": "cast/approve"});
    let approved = chief.mutate("approveStatement", input, selection).await.unwrap();
    keep("payout", &approved["statement"]["payouts"][0]["id"]);
    // The month ends, and the job invoices it.
    app.advance(9 * DAY + 15 * HOUR).await;
    let query = "{ documents(kind: INVOICE) { nodes { id } } }";
    let mut invoice = json!(null);
    for _ in 0..100 {
        // The exchange's own runner may be at the job: a drain does not see it then.
        let invoices = chief.query(query, json!({})).await.unwrap();
        invoice = invoices["documents"]["nodes"][0]["id"].clone();
        if invoice.is_string() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        app.drain().await;
    }
    keep("invoice", &invoice);
    // The payout was not sent: a line that is a problem.
    let payout = approved["statement"]["payouts"][0]["id"].as_str().unwrap();
    let input = json!({"content": format!("payout,status\n{payout},ACSC\n")});
    let answer = chief.mutate("checkBankAnswer", input, "answer { id }").await.unwrap();
    keep("bankAnswer", &answer["answer"]["id"]);
    let books = chief
        // An account that is nobody's own.
        .query("{ ledgerAccounts(prefix: \"external\", first: 50) { nodes { id entries(first: 1) { nodes { transactionId } } } } }", json!({}))
        .await
        .unwrap();
    let accounts = books["ledgerAccounts"]["nodes"].as_array().unwrap();
    let moved = |account: &&Value| account["entries"]["nodes"][0]["transactionId"].is_string();
    let account = accounts.iter().find(moved).unwrap();
    keep("account", &account["id"]);
    keep("transaction", &account["entries"]["nodes"][0]["transactionId"]);
}
