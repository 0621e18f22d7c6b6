//! What terms would have bought, played against leads that were really sent.

use leadbourse::demo::client::Client;
use serde_json::{Value, json};

use crate::each_engine;
use crate::harness::Market;
use crate::harness::market::Source;

const ASK: &str = "query($input: OfferEstimateInput!) { offerEstimate(input: $input) { \
    sampled userErrors { code field } numbers { leads matched bought unsoldBefore \
    spent { minor } averagePrice { minor } expectedValue { minor } missed { code leads } } } }";

async fn estimate(client: &Client, niche: &str, terms: Value) -> Value {
    let input = json!({"input": {"nicheId": niche, "terms": terms}});
    client.query(ASK, input).await.unwrap()["offerEstimate"].clone()
}

async fn send(market: &Market, source: &Source, people: std::ops::Range<u64>) -> Vec<Value> {
    let mut states = Vec::new();
    for n in people {
        states.push(market.send(source, n).await["verdict"].clone());
    }
    states
}

each_engine! {
    async fn it_says_what_terms_would_have_bought(app: TestApp) {
        let market = Market::open(&app).await;
        let ann = market.buyer("Ann", 100_000_000).await;
        let bob = market.seat("BUYER", "Bob").await;
        let mut three_a_day = market.terms(100_000);
        three_a_day["caps"] = json!([{"period": "DAY", "count": 3}]);
        market.offer(&ann, "Three a day", three_a_day).await;
        let publisher = market.publisher("Pub").await;
        let source = market.source(&publisher, "site", 1).await;
        let estimate = async |terms: Value| estimate(&bob.client, &market.niche_id, terms).await;

        // Four leads could point at a person; nothing is said about them.
        send(&market, &source, 1..5).await;
        assert_eq!(estimate(market.terms(120_000)).await["numbers"], json!(null));
        let states = send(&market, &source, 5..9).await;
        assert_eq!(states, ["UNSOLD"; 4]);

        // A new offer bids 95 % of its price: 5 % are expected to come back.
        let numbers = |bought: i64, spent: i64, missed: Value| {
            json!({
                "leads": 8, "matched": 8, "bought": bought, "unsoldBefore": 5,
                "spent": {"minor": spent.to_string()},
                "averagePrice": {"minor": (spent / bought).to_string()},
                "expectedValue": {"minor": (spent * 95 / 100).to_string()}, "missed": missed,
            })
        };
        let higher = estimate(market.terms(120_000)).await;
        assert_eq!(higher["numbers"], numbers(8, 960_000, json!([])));
        assert_eq!((&higher["sampled"], &higher["userErrors"]), (&json!(false), &json!([])));
        let lower = estimate(market.terms(90_000)).await;
        assert_eq!(lower["numbers"], numbers(5, 450_000, json!([{"code": "OUTBID", "leads": 3}])));

        let mut nobody = market.terms(120_000);
        nobody["conditions"] = json!([{"op": "EQ", "field": "region", "value": "RU-SPE"}]);
        let nobody = estimate(nobody).await;
        assert_eq!(nobody["numbers"]["missed"], json!([{"code": "CONDITION_FAILED", "leads": 8}]));
        assert_eq!(nobody["numbers"]["averagePrice"], json!(null));

        let mut wrong = market.terms(1);
        wrong["holdS"] = json!(1);
        let wrong = estimate(wrong).await;
        assert_eq!(wrong["numbers"], json!(null));
        let codes: Vec<_> = wrong["userErrors"].as_array().unwrap().iter().map(|e| &e["code"]).collect();
        assert_eq!(codes, ["TERMS_PRICE_FLOOR", "TERMS_CLOCKS"]);
        app.finish().await;
    }
}
