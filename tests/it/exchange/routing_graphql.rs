//! Routing, new terms, explanations and the day curve as members see them through GraphQL.

use leadbourse::demo::client::{Client, at, text};
use serde_json::{Value, json};

use crate::harness::market::{Offer, Seat, Source};
use crate::harness::{Kind, Market, TestApp};

const WHY: &str = "code offers facts { name count text money { minor } }";

async fn run(kind: Kind) {
    let Some(app) = TestApp::new(kind).await else { return };
    let market = Market::open(&app).await;
    let (ann, bob) = (market.buyer("Ann", 1_000_000).await, market.buyer("Bob", 1_000_000).await);
    let publisher = market.publisher("Pub").await;
    let shared = market.offer(&ann, "Shared", rich_terms(&market)).await;
    terms_read_back(&ann.client, &shared).await;
    publishers_see_earnings_of_copies(&publisher.client, &shared).await;
    let mut plain = market.terms(90_000);
    plain["maxSales"] = json!(2);
    let other = market.offer(&bob, "Other", plain).await;
    operators_route(&market, &publisher.client, &other).await;
    let source = market.source(&publisher, "Site", 2).await;
    let sold = market.send(&source, 1).await;
    assert_eq!(sold["verdict"], "SOLD", "{sold}");
    each_side_reads_its_own_part(&market, (&ann, &bob, &publisher), &text(&sold["lead_id"])).await;
    a_day_is_shown_by_the_hour(&ann.client, &publisher.client, &shared).await;
    what_would_have_sold(&market, &publisher, &source).await;
    sources_fall_back(&market, &publisher.client, &shared, &other).await;
    app.finish().await;
}

/// 1,000 alone, 600 for one of two copies; paced; capped per publisher and window.
fn rich_terms(market: &Market) -> Value {
    let mut terms = market.terms(100_000);
    terms["maxSales"] = json!(2);
    terms["sharedPrices"] = json!([{"copies": 2, "price": market.money(60_000)}]);
    terms["caps"] = json!([{"period": "HOUR", "count": 5}, {"period": "DAY", "count": 48}]);
    terms["publisherCaps"] = json!([{"period": "MONTH", "money": market.money(500_000)}]);
    terms["overCap"] = json!("QUARANTINE");
    terms["pacing"] = json!("EVEN");
    let all = json!([1, 2, 3, 4, 5, 6, 7]);
    terms["schedule"]["windows"] = json!([{"days": all, "fromMinute": 0, "toMinute": 1440, "count": 40, "money": market.money(9_000_000)}]);
    terms
}

async fn terms_read_back(buyer: &Client, offer: &Offer) {
    let read = "query($id: ID!) { offer(id: $id) { current { terms { overCap pacing \
        sharedPrices { copies price { minor } } caps { period count } \
        publisherCaps { period money { minor } } \
        schedule { windows { count money { minor } } } } } usage { hourCount } } }";
    let found = buyer.query(read, json!({"id": offer.id})).await.unwrap();
    assert_eq!(
        at(&found, "/offer/current/terms"),
        &json!({
            "overCap": "QUARANTINE", "pacing": "EVEN",
            "sharedPrices": [{"copies": 2, "price": {"minor": "60000"}}],
            "caps": [{"period": "HOUR", "count": 5}, {"period": "DAY", "count": 48}],
            "publisherCaps": [{"period": "MONTH", "money": {"minor": "500000"}}],
            "schedule": {"windows": [{"count": 40, "money": {"minor": "9000000"}}]},
        })
    );
}

async fn publishers_see_earnings_of_copies(publisher: &Client, offer: &Offer) {
    let read = "query($id: ID!) { catalogueOffer(id: $id) { sharedEarnings { copies earning { minor } } \
        schedule { windows { fromMinute count money { minor } } } } }";
    let found = publisher.query(read, json!({"id": offer.id})).await.unwrap();
    assert_eq!(
        found["catalogueOffer"],
        json!({"sharedEarnings": [{"copies": 2, "earning": {"minor": "51000"}}],
            // A window's caps stay with the buyer.
            "schedule": {"windows": [{"fromMinute": 0, "count": null, "money": null}]}})
    );
}

/// The other offer comes first; only operators see the places.
async fn operators_route(market: &Market, publisher: &Client, first: &Offer) {
    let read = "query($id: ID!) { niche(id: $id) { version { schema policy } } }";
    let found = market.operator.query(read, json!({"id": market.niche_id})).await.unwrap();
    let mut policy = at(&found, "/niche/version/policy").clone();
    assert_eq!(policy["routing"]["strategy"], "AUCTION");
    policy["routing"] = json!({"strategy": "PRIORITY", "offers": {&first.id: {"priority": 101}}});
    let schema = at(&found, "/niche/version/schema").clone();
    let mut input = json!({"nicheId": market.niche_id, "schema": schema, "policy": policy});
    let refused =
        market.operator.try_mutate("publishNicheVersion", input.clone(), "niche { id }").await;
    let refused = refused.unwrap().unwrap_err();
    assert_eq!(refused[0].code, "NICHE_POLICY_INVALID");
    assert_eq!(
        refused[0].field.as_deref(),
        Some(format!("policy.routing.offers.{}.priority", first.id).as_str())
    );
    input["policy"]["routing"]["offers"][&first.id]["priority"] = json!(7);
    market.operator.mutate("publishNicheVersion", input, "niche { id }").await.unwrap();
    for (client, seen) in [(&market.operator, true), (publisher, false)] {
        let found = client.query(read, json!({"id": market.niche_id})).await.unwrap();
        let routing = at(&found, "/niche/version/policy/routing").clone();
        assert_eq!(routing["strategy"], "PRIORITY");
        assert_eq!(routing["offers"].is_object(), seen, "{routing}");
    }
}

fn codes(list: &Value) -> Vec<String> {
    let one = |why: &Value| {
        let facts = why["facts"].as_array().unwrap().iter().map(|fact| {
            let value = [&fact["money"]["minor"], &fact["count"], &fact["text"]];
            let value = value.into_iter().find(|value| !value.is_null()).cloned();
            format!(" {}={}", fact["name"].as_str().unwrap(), value.unwrap_or_default())
        });
        text(&why["code"]) + &facts.collect::<String>().replace('"', "")
    };
    list.as_array().unwrap().iter().map(one).collect()
}

async fn each_side_reads_its_own_part(
    market: &Market,
    (ann, bob, publisher): (&Seat, &Seat, &Seat),
    lead: &str,
) {
    let read = format!(
        "query($id: ID!) {{ lead(id: $id) {{ awards {{ copyNo whyThisPrice {{ {WHY} }} }} wouldHaveSold {{ code }} }} }}"
    );
    let ask = async |client: &Client| {
        client.query(&read, json!({"id": lead})).await.unwrap()["lead"].clone()
    };
    let all = ask(&market.operator).await;
    assert_eq!(
        codes(&all["awards"][0]["whyThisPrice"]),
        [
            "CHOSEN_BY_PRIORITY rank=1",
            "PRICE_DECLARED price=90000",
            "FEE price=90000 fee=13500 earning=76500",
            "ONE_OF_COPIES copies=2",
            "BID_COUNTED bid=85500 price=90000",
            "ALTERNATIVE copies=2 sum=142500 other_copies=1 other_sum=85500",
        ]
    );
    assert_eq!(
        codes(&all["awards"][1]["whyThisPrice"])[1],
        "PRICE_SHARED price=60000 copies=2 alone=100000"
    );
    assert_eq!(all["wouldHaveSold"], json!([]));
    for (buyer, price) in [
        (ann, "PRICE_SHARED price=60000 copies=2 alone=100000"),
        (bob, "PRICE_DECLARED price=90000"),
    ] {
        let own = ask(&buyer.client).await;
        assert_eq!(own["awards"].as_array().unwrap().len(), 1);
        let told = codes(&own["awards"][0]["whyThisPrice"]);
        assert_eq!(told[..3], ["CHOSEN_BY_PRIORITY", price, "ONE_OF_COPIES copies=2"]);
        assert_eq!(told.len(), 4);
        assert!(told[3].starts_with("BID_COUNTED"));
    }
    let sold = ask(&publisher.client).await;
    assert_eq!(
        codes(&sold["awards"][1]["whyThisPrice"]),
        ["CHOSEN_BY_PRIORITY", "EARNING_SHARED earning=51000 copies=2", "ONE_OF_COPIES copies=2"]
    );
}

async fn a_day_is_shown_by_the_hour(buyer: &Client, publisher: &Client, offer: &Offer) {
    let read = "query($id: ID!) { offer(id: $id) { dayCurve { paced points { \
        count money { minor } totalCount totalMoney { minor } lineCount lineMoney { minor } } } } }";
    let found = buyer.query(read, json!({"id": offer.id})).await.unwrap();
    let curve = at(&found, "/offer/dayCurve");
    assert_eq!(curve["paced"], true);
    let points = curve["points"].as_array().unwrap();
    assert_eq!(points.len(), 24);
    assert_eq!((&points[0]["lineCount"], &points[23]["lineCount"]), (&json!(2), &json!(48)));
    assert_eq!(points[23]["totalMoney"]["minor"], "60000");
    let bought: Vec<&Value> = points.iter().filter(|point| point["count"] == 1).collect();
    assert_eq!(bought.len(), 1);
    assert_eq!(bought[0]["money"]["minor"], "60000");
    assert_eq!(points[23]["lineMoney"], Value::Null);
    let refused = publisher.query(read, json!({"id": offer.id})).await;
    assert!(refused.is_err() || at(&refused.unwrap(), "/offer").is_null());
}

async fn what_would_have_sold(market: &Market, publisher: &Seat, source: &Source) {
    let input = json!({"id": source.id, "minEarning": market.money(900_000)});
    publisher.client.mutate("updateSource", input, "source { id }").await.unwrap();
    let unsold = market.send(source, 2).await;
    assert_eq!(unsold["verdict"], "UNSOLD", "{unsold}");
    let read = format!("query($id: ID!) {{ lead(id: $id) {{ wouldHaveSold {{ {WHY} }} }} }}");
    let lead = json!({"id": unsold["lead_id"]});
    let told = publisher.client.query(&read, lead.clone()).await.unwrap();
    assert_eq!(codes(at(&told, "/lead/wouldHaveSold")), ["NEEDS_LOWER_ASK earning=85000"]);
    assert_eq!(at(&told, "/lead/wouldHaveSold/0/offers"), 2);
    let told = market.operator.query(&read, lead).await.unwrap();
    let mut each = codes(at(&told, "/lead/wouldHaveSold"));
    each.sort();
    assert_eq!(each, ["NEEDS_LOWER_ASK earning=76500", "NEEDS_LOWER_ASK earning=85000"]);
    let input = json!({"id": source.id, "minEarning": null});
    publisher.client.mutate("updateSource", input, "source { id }").await.unwrap();
}

async fn sources_fall_back(market: &Market, publisher: &Client, target: &Offer, other: &Offer) {
    let input = json!({
        "nicheId": market.niche_id, "name": "Aimed", "kind": "API", "traffic": "test", "maxSales": 1,
        "targetOfferId": target.id, "fallback": "OFFER", "fallbackOfferId": other.id,
    });
    let shown = "source { id fallback fallbackOfferId }";
    let made = publisher.mutate("createSource", input.clone(), shown).await.unwrap();
    assert_eq!(made["source"]["fallbackOfferId"], json!(other.id));
    let id = &made["source"]["id"];
    let open =
        publisher.mutate("updateSource", json!({"id": id, "fallback": "MARKET"}), shown).await;
    assert_eq!(open.unwrap()["source"]["fallback"], "MARKET");
    let freed = json!({"id": id, "targetOfferId": null});
    let freed = publisher.mutate("updateSource", freed, shown).await.unwrap();
    assert_eq!(freed["source"]["fallback"], "NONE");
    for (change, code, field) in [
        (json!({"fallbackOfferId": null}), "BAD_INPUT", "fallbackOfferId"),
        (json!({"fallbackOfferId": target.id}), "FALLBACK_WITHOUT_TARGET", "fallback"),
        (
            json!({"targetOfferId": null, "fallback": "MARKET", "fallbackOfferId": null}),
            "FALLBACK_WITHOUT_TARGET",
            "fallback",
        ),
    ] {
        let mut wrong = input.clone();
        for (key, value) in change.as_object().unwrap() {
            wrong[key] = value.clone();
        }
        let refused = publisher.try_mutate("createSource", wrong, shown).await.unwrap();
        let refused = refused.unwrap_err();
        assert_eq!((refused[0].code.as_str(), refused[0].field.as_deref()), (code, Some(field)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_read_and_change_routing_sqlite() {
    run(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_read_and_change_routing_postgres() {
    run(Kind::Postgres).await;
}
