//! Hosted forms over plain HTTP, as a browser without scripts uses them.

use leadbourse_core::lead::submission::text_hash;
use leadbourse_core::time::{DAY, SECOND};
use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::each_engine;
use crate::harness::TestApp;
use crate::harness::market::{Market, Seat};

/// A form source that waits for an operator.
async fn pending(market: &Market, publisher: &Seat, kind: &str) -> String {
    let input = json!({
        "nicheId": market.niche_id, "name": "Form", "kind": kind, "traffic": "test", "maxSales": 1,
    });
    let made = publisher.client.mutate("createSource", input, "source { id }").await.unwrap();
    made["source"]["id"].as_str().unwrap().to_owned()
}

async fn decide(market: &Market, source: &str, approve: bool) {
    let input = json!({"id": source, "approve": approve, "note": "note"});
    market.operator.mutate("decideSource", input, "source { id }").await.unwrap();
}

async fn form_source(market: &Market, publisher: &Seat) -> String {
    let source = pending(market, publisher, "FORM").await;
    decide(market, &source, true).await;
    source
}

/// A browser without scripts.
struct Browser {
    http: Client,
    base: String,
}

impl Browser {
    fn new(app: &TestApp) -> Self {
        Self { http: Client::builder().no_proxy().build().unwrap(), base: app.url() }
    }

    async fn get(&self, path: &str) -> Response {
        let request = self.http.get(format!("{}{path}", self.base));
        request.header("accept-language", "en").send().await.unwrap()
    }

    async fn post(&self, source: &str, form: &[(String, String)]) -> (u16, String) {
        let request = self.http.post(format!("{}/f/{source}", self.base)).form(form);
        let sent = request.header("user-agent", "Browser 1").send().await.unwrap();
        (sent.status().as_u16(), sent.text().await.unwrap())
    }

    /// The stamp of a freshly opened form.
    async fn stamp(&self, source: &str) -> String {
        stamp(&self.get(&format!("/f/{source}")).await.text().await.unwrap())
    }
}

fn stamp(page: &str) -> String {
    let rest = page.split("name=\"stamp\" value=\"").nth(1).expect("a form has a stamp");
    rest.split('"').next().unwrap().to_owned()
}

/// The n-th person's good form.
fn filled(stamp: &str, n: u64) -> Vec<(String, String)> {
    [
        ("stamp", stamp),
        ("f.phone", &format!("8 (916) 000-00-{n:02}")),
        ("f.region", "RU-MOW"),
        ("f.purpose", "NEW_BUILDING"),
        ("f.loan_amount", "5000000"),
        ("consent", "on"),
        ("page", "https://shop.example/mortgage"),
        ("sub1", "spring"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

fn with(mut form: Vec<(String, String)>, name: &str, value: &str) -> Vec<(String, String)> {
    form.retain(|(known, _)| known != name);
    if !value.is_empty() {
        form.push((name.to_owned(), value.to_owned()));
    }
    form
}

/// State, first code and channel of the publisher's leads, newest first.
async fn leads(publisher: &Seat) -> Vec<(String, String, String)> {
    let query = "{ leads { nodes { state reasonCode channel } } }";
    let found = publisher.client.query(query, json!({})).await.unwrap();
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let nodes = found["leads"]["nodes"].as_array().unwrap();
    nodes.iter().map(|l| (text(&l["state"]), text(&l["reasonCode"]), text(&l["channel"]))).collect()
}

fn row(state: &str, code: &str) -> (String, String, String) {
    (state.to_owned(), code.to_owned(), "FORM".to_owned())
}

each_engine! {
    async fn a_form_is_sold_with_its_consent_and_where_it_came_from(app: TestApp) {
        let market = Market::open(&app).await;
        let buyer = market.buyer("Berta Buyer", 10_000_000).await;
        market.offer(&buyer, "Offer", market.terms(50_000)).await;
        let publisher = market.publisher("Paul Publisher").await;
        let source = form_source(&market, &publisher).await;
        let browser = Browser::new(&app);

        let page = browser.get(&format!("/f/{source}")).await;
        assert_eq!(page.status(), 200);
        assert!(!page.headers().contains_key("set-cookie"));
        assert!(!page.headers().contains_key("x-frame-options"));
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert_eq!(
            policy,
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors *"
        );
        let text = page.text().await.unwrap();
        assert!(text.contains("type=\"tel\"") && text.contains("autocomplete=\"email\""), "{text}");
        assert!(text.contains("type=\"number\" inputmode=\"decimal\" step=\"1\" min=\"100000\""));
        assert!(!text.contains("<script>") && !text.contains("style="), "nothing inline");
        app.clock.advance(12 * SECOND);
        let (status, thanks) = browser.post(&source, &filled(&stamp(&text), 1)).await;
        assert_eq!(status, 200, "{thanks}");
        assert!(thanks.contains("Thank you!") && thanks.contains("data-lead=\"lead_"), "{thanks}");
        assert!(!thanks.contains("SOLD"), "whether it was sold is nothing for the person");
        assert_eq!(leads(&publisher).await, [row("SOLD", "")]);

        app.drain().await;
        let query = "{ awards { nodes { fields lead { id } } } }";
        let awards = buyer.client.query(query, json!({})).await.unwrap();
        let award = &awards["awards"]["nodes"][0];
        assert_eq!(award["fields"]["phone"], "+79160000001");
        assert_eq!(award["fields"]["loan_amount"], 5_000_000);
        let input = json!({"leadId": award["lead"]["id"], "reason": "looking at the envelope"});
        let seen = market.operator.mutate("revealLead", input, "envelope").await.unwrap();
        let envelope = &seen["envelope"];
        let words = leadbourse_core::publish::form::CONSENT[0].1;
        assert_eq!(envelope["consent"]["given"], true);
        assert_eq!(envelope["consent"]["text_hash"], text_hash(words));
        assert_eq!(envelope["consent"]["version"], "0/en");
        assert_eq!(envelope["consent"]["page"], "https://shop.example/mortgage");
        assert_eq!(envelope["landing_url"], "https://shop.example/mortgage");
        assert_eq!(envelope["ip"], "127.0.0.1");
        assert_eq!(envelope["user_agent"], "Browser 1");
        assert_eq!(envelope["sub_ids"], json!({"sub1": "spring"}));
        assert_eq!(envelope["fill_ms"], 12_000);
        app.finish().await;
    }

    async fn wrong_fields_are_told_in_words_and_corrected_in_place(app: TestApp) {
        let market = Market::open(&app).await;
        let publisher = market.publisher("Paul Publisher").await;
        let source = form_source(&market, &publisher).await;
        let browser = Browser::new(&app);
        let first = browser.stamp(&source).await;
        app.clock.advance(12 * SECOND);
        let mut wrong = with(filled(&first, 1), "f.phone", "12");
        wrong = with(wrong, "f.loan_amount", "1");
        wrong = with(wrong, "f.purpose", "");
        wrong = with(wrong, "f.name", "\"><script>alert(1)</script>");
        wrong = with(wrong, "lang", "ru");
        let (status, page) = browser.post(&source, &with(wrong, "consent", "")).await;
        assert_eq!(status, 422);
        for sentence in [
            "Это не номер телефона.", "Заполните это поле.", "Число вне допустимых границ.",
            "Отметьте, если вы согласны.", "Исправьте отмеченные поля.",
        ] {
            assert!(page.contains(sentence), "{sentence}: {page}");
        }
        assert!(page.contains("value=\"12\"") && page.contains("value=\"spring\""), "kept: {page}");
        assert!(!page.contains("<script>alert"), "{page}");
        let second = stamp(&page);
        assert_ne!(second, first);
        app.clock.advance(1_000);
        let (status, _) = browser.post(&source, &filled(&second, 1)).await;
        assert_eq!(status, 200);
        assert_eq!(leads(&publisher).await, [row("UNSOLD", "NO_OFFER"), row("REJECTED", "BAD_PHONE")]);
        // The corrected one stands in the place of the refused one, and the same form sent again
        // is the same lead.
        let query = "{ leads { nodes { id supersedes } } }";
        let found = publisher.client.query(query, json!({})).await.unwrap();
        let nodes = &found["leads"]["nodes"];
        assert_eq!(nodes[0]["supersedes"], nodes[1]["id"]);
        assert_eq!(browser.post(&source, &filled(&second, 1)).await.0, 200);
        assert_eq!(leads(&publisher).await.len(), 2);
        // Another person under the same rendering: asked to look again.
        let (status, page) = browser.post(&source, &filled(&second, 2)).await;
        assert_eq!(status, 422);
        assert!(page.contains("sent already"), "{page}");
        assert_eq!(leads(&publisher).await.len(), 2);
        app.finish().await;
    }

    async fn robots_and_old_or_foreign_stamps_get_nowhere(app: TestApp) {
        let market = Market::open(&app).await;
        let buyer = market.buyer("Berta Buyer", 10_000_000).await;
        market.offer(&buyer, "Offer", market.terms(50_000)).await;
        let publisher = market.publisher("Paul Publisher").await;
        let source = form_source(&market, &publisher).await;
        let other = form_source(&market, &publisher).await;
        let browser = Browser::new(&app);
        let good = browser.stamp(&source).await;
        app.clock.advance(12 * SECOND);
        let trapped = with(filled(&good, 1), "company_website", "https://spam.example");
        let (status, page) = browser.post(&source, &trapped).await;
        assert!(status == 200 && page.contains("Thank you!"), "a robot learns nothing: {page}");
        assert_eq!(leads(&publisher).await, [row("QUARANTINED", "RISK_TOO_HIGH")]);
        for bad in ["", "made.up", &browser.stamp(&other).await] {
            let (status, page) = browser.post(&source, &filled(bad, 2)).await;
            assert_eq!(status, 422, "{bad}");
            assert!(page.contains("open for too long") && page.contains("name=\"f.phone\""));
        }
        let old = browser.stamp(&source).await;
        app.clock.advance(DAY + SECOND);
        assert_eq!(browser.post(&source, &filled(&old, 2)).await.0, 422);
        assert_eq!(leads(&publisher).await.len(), 1);
        let plain = browser.http.post(format!("{}/f/{source}", app.url())).json(&json!({}));
        assert_eq!(plain.send().await.unwrap().status(), 400);

        // Thirty of a minute, whatever they are.
        let mut last = 0;
        for _ in 0..31 {
            last = browser.post(&source, &filled("x.y", 3)).await.0;
        }
        assert_eq!(last, 429);
        app.finish().await;
    }

    async fn only_open_forms_answer(app: TestApp) {
        let market = Market::open(&app).await;
        let publisher = market.publisher("Paul Publisher").await;
        let machine = pending(&market, &publisher, "API").await;
        decide(&market, &machine, true).await;
        let source = pending(&market, &publisher, "FORM").await;
        let browser = Browser::new(&app);
        let told = async |id: &str| {
            let page = browser.get(&format!("/f/{id}")).await;
            let status = page.status().as_u16();
            let text = page.text().await.unwrap();
            let say = ["There is no form", "does not take requests", "name=\"stamp\""];
            (status, say.into_iter().find(|say| text.contains(say)).unwrap_or("?"))
        };
        assert_eq!(told(&machine).await, (404, "There is no form"));
        assert_eq!(told("nonsense").await, (404, "There is no form"));
        assert_eq!(told("src_01h455vb4pex5vsknk084sn02q").await, (404, "There is no form"));
        assert_eq!(told(&source).await, (404, "does not take requests"));
        decide(&market, &source, true).await;
        assert_eq!(told(&source).await, (200, "name=\"stamp\""));
        let stamp = browser.stamp(&source).await;
        let input = json!({"id": source, "paused": true});
        publisher.client.mutate("setSourcePaused", input, "source { id }").await.unwrap();
        assert_eq!(told(&source).await, (404, "does not take requests"));
        let (status, page) = browser.post(&source, &filled(&stamp, 1)).await;
        assert!(status == 404 && page.contains("does not take requests"), "{page}");
        assert_eq!(leads(&publisher).await.len(), 0);
        let input = json!({"id": source, "paused": false});
        publisher.client.mutate("setSourcePaused", input, "source { id }").await.unwrap();
        assert_eq!(told(&source).await, (200, "name=\"stamp\""));
        app.finish().await;
    }

    async fn a_publisher_sets_words_sites_and_what_follows(app: TestApp) {
        let market = Market::open(&app).await;
        let publisher = market.publisher("Paul Publisher").await;
        let stranger = market.publisher("Stan Stranger").await;
        let source = form_source(&market, &publisher).await;
        let machine = pending(&market, &publisher, "API").await;
        let browser = Browser::new(&app);
        let settings = json!({
            "sourceId": source,
            "title": {"en": "Cheap <loans>", "ru": "Кредиты"},
            "button": {"en": "Go"},
            "thanks": {"en": "We call you."},
            "consent": {"en": "Yes, call me", "ru": "Звоните"},
            "policyUrl": "https://shop.example/policy",
            "redirectUrl": "https://shop.example/thanks?a=1&b=2",
            "fileUrl": "https://shop.example/guide.pdf",
            "sites": ["https://Shop.example/", "http://127.0.0.1:9000"],
            "fields": ["name"],
        });
        let selection = "source { form { consentVersion sites title { en ru } fields } }";
        let set = |seat: &Seat, input: Value| {
            let client = seat.client.clone();
            async move { client.try_mutate("setSourceForm", input, selection).await.unwrap() }
        };
        let saved = set(&publisher, settings.clone()).await.unwrap();
        assert_eq!(
            saved["source"]["form"],
            json!({"consentVersion": 1, "title": {"en": "Cheap <loans>", "ru": "Кредиты"},
                "sites": ["https://shop.example", "http://127.0.0.1:9000"], "fields": ["name"]})
        );
        let codes = |refused: Vec<leadbourse::demo::client::Refusal>| {
            refused.into_iter().map(|r| (r.code, r.field.unwrap_or_default())).collect::<Vec<_>>()
        };
        let pair = |code: &str, field: &str| vec![(code.to_owned(), field.to_owned())];
        assert_eq!(codes(set(&stranger, settings.clone()).await.unwrap_err()), pair("NOT_FOUND", ""));
        let mut wrong = settings.clone();
        wrong["sourceId"] = json!(machine);
        assert_eq!(codes(set(&publisher, wrong).await.unwrap_err()), pair("INVALID_STATE", ""));
        let mut wrong = settings.clone();
        wrong["redirectUrl"] = json!("http://shop.example");
        assert_eq!(
            codes(set(&publisher, wrong).await.unwrap_err()),
            pair("FORM_ADDRESS", "redirectUrl")
        );

        let page = browser.get(&format!("/f/{source}?embed=1&lang=en")).await;
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.ends_with(
            "frame-ancestors 'self' https://shop.example http://127.0.0.1:9000"
        ), "{policy}");
        let text = page.text().await.unwrap();
        assert!(text.contains("Cheap &lt;loans&gt;") && text.contains(">Go<"), "{text}");
        assert!(text.contains("Yes, call me") && text.contains("https://shop.example/policy"));
        assert!(text.contains("name=\"f.name\"") && !text.contains("name=\"f.email\""));
        app.clock.advance(12 * SECOND);
        let mut sent = filled(&stamp(&text), 1);
        let (_, alone) = browser.post(&source, &sent).await;
        assert!(alone.contains("We call you.") && alone.contains("guide.pdf"), "{alone}");
        assert!(alone.contains("content=\"2; url=https://shop.example/thanks?a=1&amp;b=2\""));
        sent.push(("embed".to_owned(), "1".to_owned()));
        let (_, framed) = browser.post(&source, &sent).await;
        assert!(framed.contains("data-redirect=\"https://shop.example/thanks?a=1&amp;b=2\""));
        assert!(!framed.contains("http-equiv=\"refresh\""), "the page around the frame goes on");

        app.finish().await;
    }

    async fn the_consent_that_was_shown_counts_also_when_other_words_were_set(app: TestApp) {
        let market = Market::open(&app).await;
        let publisher = market.publisher("Paul Publisher").await;
        let source = form_source(&market, &publisher).await;
        let browser = Browser::new(&app);
        let set = async |words: &str| {
            let input = json!({"sourceId": source, "consent": {"en": words}});
            let selection = "source { form { consentVersion } }";
            let saved = publisher.client.mutate("setSourceForm", input, selection).await.unwrap();
            saved["source"]["form"]["consentVersion"].as_i64().unwrap()
        };
        assert_eq!(set("Yes, call me").await, 1);
        let shown = browser.stamp(&source).await;
        assert_eq!(set("Other words").await, 2);
        assert_eq!(set("Other words").await, 2, "the same words are the same version");
        app.clock.advance(12 * SECOND);
        assert_eq!(browser.post(&source, &filled(&shown, 2)).await.0, 200);
        let query = "{ leads(first: 1) { nodes { id } } }";
        let newest = publisher.client.query(query, json!({})).await.unwrap();
        let input = json!({"leadId": newest["leads"]["nodes"][0]["id"], "reason": "consent shown"});
        let seen = market.operator.mutate("revealLead", input, "envelope").await.unwrap();
        let consent = &seen["envelope"]["consent"];
        assert_eq!(consent["text_hash"], text_hash("Yes, call me"));
        assert_eq!(consent["version"], "1/en");
        app.finish().await;
    }

    async fn a_call_back_asks_for_a_time_and_a_test_shows_its_answer(app: TestApp) {
        let market = Market::open(&app).await;
        let publisher = market.publisher("Paul Publisher").await;
        let source = form_source(&market, &publisher).await;
        let browser = Browser::new(&app);
        let page = browser.get(&format!("/f/{source}?mode=callback&lang=ru")).await;
        let text = page.text().await.unwrap();
        assert!(text.contains("Заказать звонок") && text.contains("Вечером, с 17 до 21"), "{text}");
        assert!(text.contains("name=\"f.phone\"") && text.contains("name=\"f.region\""));
        assert!(!text.contains("name=\"f.email\"") && !text.contains("name=\"f.monthly_income\""));
        app.clock.advance(12 * SECOND);
        let call = with(filled(&stamp(&text), 1), "preferred_time", "EVENING");
        assert_eq!(browser.post(&source, &call).await.0, 200);
        let found = publisher.client.query("{ leads { nodes { id } } }", json!({})).await.unwrap();
        let input = json!({"leadId": found["leads"]["nodes"][0]["id"], "reason": "the time"});
        let seen = market.operator.mutate("revealLead", input, "envelope").await.unwrap();
        assert_eq!(seen["envelope"]["preferred_time"], "EVENING");

        let page = browser.get(&format!("/f/{source}?test=1")).await.text().await.unwrap();
        assert!(page.contains("not passed on"), "{page}");
        let test = with(filled(&stamp(&page), 2), "f.phone", "+79990000003");
        let (status, page) = browser.post(&source, &with(test, "test", "1")).await;
        assert!(status == 200 && page.contains("DUPLICATE_PHONE_30D"), "{page}");
        assert_eq!(leads(&publisher).await.len(), 1);
        let tests = publisher.client.query("{ testLeads { nodes { state } } }", json!({})).await;
        assert_eq!(tests.unwrap()["testLeads"]["nodes"], json!([{"state": "REJECTED"}]));
        app.finish().await;
    }
}
