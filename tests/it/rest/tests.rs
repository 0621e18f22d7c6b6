//! Test leads: the true checks and the true market, and nothing of it stays.

use leadbourse_core::time::DAY;
use reqwest::Client;
use serde_json::{Value, json};

use crate::each_engine;
use crate::harness::TestApp;
use crate::harness::market::{Lead, Market, Seat, Source};

/// Posts a body; the verdict.
async fn post(app: &TestApp, source: &Source, body: &Value) -> Value {
    let http = Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/v1/leads", app.url());
    let answer = http.post(url).bearer_auth(&source.key).json(body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

fn marked(n: u64) -> Value {
    let mut body = Lead::body(n);
    body["test"] = json!(true);
    body
}

/// Verdict, first code, its path.
fn told(verdict: &Value) -> (&str, &str, &str) {
    let text = |value: &'static str| verdict["reasons"][0][value].as_str().unwrap_or("");
    assert_eq!(verdict["test"], true, "{verdict}");
    (verdict["verdict"].as_str().unwrap(), text("code"), text("path"))
}

async fn available(buyer: &Seat) -> String {
    let wallets = "{ wallets { available { minor } reserved { minor } } }";
    let wallets = buyer.client.query(wallets, json!({})).await.unwrap();
    assert_eq!(wallets["wallets"][0]["reserved"]["minor"], "0");
    wallets["wallets"][0]["available"]["minor"].as_str().unwrap().to_owned()
}

each_engine! {
    async fn a_test_lead_is_answered_truly_and_leaves_nothing(app: TestApp) {
        let market = Market::open(&app).await;
        let buyer = market.buyer("Berta Buyer", 10_000_000).await;
        let mut terms = market.terms(50_000);
        terms["caps"] = json!([{"period": "TOTAL", "count": 1}]);
        let offer = market.offer(&buyer, "One only", terms).await;
        let publisher = market.publisher("Paul Publisher").await;
        let source = market.source(&publisher, "Site", 1).await;

        for _ in 0..3 {
            // The cap of one is free every time.
            let verdict = post(&app, &source, &marked(1)).await;
            assert_eq!(told(&verdict), ("SOLD", "", ""));
            assert_eq!(verdict["earning"], json!({"minor": "42500", "currency": "RUB"}));
            assert_eq!(verdict["awards"][0]["offer_id"], offer.id);
        }
        assert_eq!(available(&buyer).await, "10000000");
        let nothing = "{ leads { nodes { id } } awards { nodes { id } } dashboard { leadsToday } }";
        let seen = publisher.client.query(nothing, json!({})).await.unwrap();
        let empty = json!({"nodes": []});
        assert_eq!(seen, json!({"leads": empty, "awards": empty, "dashboard": {"leadsToday": 0}}));

        // The same person, key and id as in the tests: none of them was taken.
        let mut test = marked(1);
        test["external_id"] = json!("mine-1");
        test["idempotency_key"] = json!("k-1");
        assert_eq!(told(&post(&app, &source, &test).await).0, "SOLD");
        test.as_object_mut().unwrap().remove("test");
        let sold = post(&app, &source, &test).await;
        assert_eq!((&sold["verdict"], &sold["test"]), (&json!("SOLD"), &Value::Null), "{sold}");
        assert_eq!(available(&buyer).await, "9950000");

        // Now the market has changed, and the tests say so.
        let again = post(&app, &source, &marked(1)).await;
        assert_eq!(told(&again), ("REJECTED", "DUPLICATE_PHONE_30D", "fields.phone"));
        assert_eq!(told(&post(&app, &source, &marked(2)).await), ("UNSOLD", "OFFER_CAPPED", ""));
        app.finish().await;
    }

    async fn magic_values_ask_for_every_answer(app: TestApp) {
        let market = Market::open(&app).await;
        let publisher = market.publisher("Paul Publisher").await;
        let source = market.source(&publisher, "Site", 1).await;
        let cases = [
            ("1", "sold", ("SOLD", "", "")),
            ("2", "unsold", ("UNSOLD", "NO_OFFER", "")),
            ("3", "duplicate", ("REJECTED", "DUPLICATE_PHONE_30D", "fields.phone")),
            ("4", "quarantined", ("QUARANTINED", "RISK_TOO_HIGH", "")),
            ("5", "rejected", ("REJECTED", "BAD_PHONE", "fields.phone")),
        ];
        for (digit, mailbox, (state, code, path)) in cases {
            let mut by_phone = marked(1);
            by_phone["fields"]["phone"] = json!(format!("8 (999) 000-00-0{digit}"));
            let verdict = post(&app, &source, &by_phone).await;
            assert_eq!(told(&verdict), (state, code, path));
            let earned = if state == "SOLD" { "10000" } else { "0" };
            assert_eq!(verdict["earning"]["minor"], earned);
            let mut by_email = marked(1);
            by_email["fields"]["email"] = json!(format!("{mailbox}@example.com"));
            let (code, path) = (code.replace("PHONE", "EMAIL"), path.replace("phone", "email"));
            let verdict = post(&app, &source, &by_email).await;
            assert_eq!(told(&verdict), (state, code.as_str(), path.as_str()));
        }

        // Wrong content is told before any magic, and without the mark nothing is magic.
        let mut wrong = marked(1);
        wrong["fields"]["phone"] = json!("+79990000001");
        wrong["fields"]["loan_amount"] = json!("much");
        assert_eq!(
            told(&post(&app, &source, &wrong).await),
            ("REJECTED", "FIELD_TYPE", "fields.loan_amount")
        );
        let mut unmarked = Lead::body(1);
        unmarked["fields"]["phone"] = json!("+79990000001");
        let plain = post(&app, &source, &unmarked).await;
        assert_eq!((&plain["verdict"], &plain["test"]), (&json!("UNSOLD"), &Value::Null));
        let mut unclear = Lead::body(2);
        unclear["test"] = json!("maybe");
        let unclear = post(&app, &source, &unclear).await;
        assert_eq!(unclear["reasons"][0]["path"], "test");
        assert_eq!(unclear["verdict"], "REJECTED");
        app.finish().await;
    }

    async fn a_publisher_sees_its_tests_for_a_month(app: TestApp) {
        let market = Market::open(&app).await;
        let buyer = market.buyer("Berta Buyer", 0).await;
        let publisher = market.publisher("Paul Publisher").await;
        let stranger = market.publisher("Stan Stranger").await;
        let source = market.source(&publisher, "Site", 1).await;
        let mut first = marked(1);
        first["fields"]["phone"] = json!("+79990000004");
        post(&app, &source, &first).await;
        app.clock.advance(1_000);
        let form = [("phone", "+79990000001"), ("region", "RU-MOW"), ("purpose", "NEW_BUILDING"),
            ("loan_amount", "5000000"), ("consent", "on"), ("test", "1")];
        let http = Client::builder().no_proxy().build().unwrap();
        let url = format!("{}/v1/leads", app.url());
        let posted = http.post(url).bearer_auth(&source.key).form(&form).send().await.unwrap();
        assert_eq!(told(&posted.json().await.unwrap()).0, "SOLD");
        app.clock.advance(1_000);
        let mut input = json!({"sourceId": source.id, "fields": Lead::fields(3), "test": true});
        input["consent"] = json!({"text": "I agree"});
        let selection = "verdict { test state reasons { code } }";
        let sent = publisher.client.mutate("submitLead", input, selection).await.unwrap();
        assert_eq!(
            sent["verdict"],
            json!({"test": true, "state": "UNSOLD", "reasons": [{"code": "NO_OFFER"}]})
        );

        let query = "{ testLeads { nodes { state channel source { name } verdict { test } } } }";
        let seen = async |seat: &Seat| {
            let found = seat.client.query(query, json!({})).await.unwrap();
            found["testLeads"]["nodes"].as_array().unwrap().clone()
        };
        let row = |state: &str, channel: &str| {
            json!({"state": state, "channel": channel, "source": {"name": "Site"},
                   "verdict": {"test": true}})
        };
        let rows = [row("UNSOLD", "API"), row("SOLD", "FORM"), row("QUARANTINED", "API")];
        assert_eq!(seen(&publisher).await, rows);
        assert_eq!(seen(&stranger).await, [] as [Value; 0]);
        assert!(buyer.client.query(query, json!({})).await.is_err(), "buyers have no tests");
        let all = market.operator.query(query, json!({})).await.unwrap();
        assert_eq!(all["testLeads"]["nodes"].as_array().unwrap().len(), 3);

        app.advance(29 * DAY).await;
        assert_eq!(seen(&publisher).await.len(), 3);
        app.advance(2 * DAY).await;
        assert_eq!(seen(&publisher).await.len(), 0);
        app.finish().await;
    }

    async fn tests_are_limited_and_batches_may_hold_them(app: TestApp) {
        let market = Market::open(&app).await;
        let buyer = market.buyer("Berta Buyer", 10_000_000).await;
        market.offer(&buyer, "Offer", market.terms(50_000)).await;
        let publisher = market.publisher("Paul Publisher").await;
        let source = market.source(&publisher, "Site", 1).await;
        let http = Client::builder().no_proxy().build().unwrap();
        let lines = format!("{}\n{}\n", marked(1), Lead::body(1));
        let answer = http
            .post(format!("{}/v1/leads:batch", app.url()))
            .bearer_auth(&source.key)
            .header("content-type", "application/x-ndjson")
            .body(lines)
            .send()
            .await
            .unwrap();
        let text = answer.text().await.unwrap();
        let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!((&lines[0]["verdict"], &lines[0]["test"]), (&json!("SOLD"), &json!(true)));
        assert_eq!((&lines[1]["verdict"], &lines[1]["test"]), (&json!("SOLD"), &Value::Null));
        let url = format!("{}/v1/leads", app.url());
        let mut statuses = Vec::new();
        for n in 0..60 {
            let sent = http.post(&url).bearer_auth(&source.key).json(&marked(n + 2)).send();
            statuses.push(sent.await.unwrap().status().as_u16());
        }
        assert_eq!(statuses.pop(), Some(429), "the batch held the first of sixty");
        assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
        app.finish().await;
    }
}
