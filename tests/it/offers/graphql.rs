//! The same through GraphQL, as members see it.

use leadbourse::demo::client::text;
use serde_json::{Value, json};

use crate::harness::{Kind, Market, TestApp};

fn codes(
    outcome: std::result::Result<Value, Vec<leadbourse::demo::client::Refusal>>,
) -> Vec<(String, String)> {
    let refusals = outcome.expect_err("a refusal");
    refusals.into_iter().map(|r| (r.code, r.field.unwrap_or_default())).collect()
}

async fn run(kind: Kind) {
    let Some(app) = TestApp::new(kind).await else { return };
    let market = Market::open(&app).await;
    let buyer = market.buyer("Ann", 0).await;
    let publisher = market.publisher("Pub").await;
    every_fault_of_terms_is_named(&market, &buyer.client).await;

    let mut terms = market.terms(100_000);
    terms["visibility"] = json!("BY_APPLICATION");
    terms["caps"] = json!([{"period": "DAY", "count": 5}]);
    let offer = market.offer(&buyer, "Loans", terms.clone()).await;
    versions_show_what_changes(&market, &buyer.client, &offer.id, terms).await;
    publishers_see_earnings_only(&market, &buyer.client, &publisher.client, &offer.id).await;

    let shown = "offer { state unfunded coverageBps exhausted pauseReason usage { dayCount totalMoney { minor } } }";
    let input = json!({"offerId": offer.id, "idempotencyKey": "pause"});
    let paused = buyer.client.mutate("pauseOffer", input.clone(), shown).await.unwrap();
    assert_eq!(buyer.client.mutate("pauseOffer", input.clone(), shown).await.unwrap(), paused);
    let other = buyer.client.try_mutate("closeOffer", input, "offer { id }").await.unwrap();
    assert_eq!(codes(other)[0].0, "IDEMPOTENCY_MISMATCH");
    assert_eq!(
        paused["offer"],
        json!({"state": "PAUSED", "unfunded": true, "coverageBps": null, "exhausted": false, "pauseReason": "BUYER",
            "usage": {"dayCount": 0, "totalMoney": {"minor": "0"}}})
    );
    app.finish().await;
}

async fn every_fault_of_terms_is_named(market: &Market, buyer: &leadbourse::demo::client::Client) {
    let mut terms = market.terms(1);
    terms["holdS"] = json!(1);
    terms["conditions"] = json!([{"op": "EQ", "field": "shoe_size", "value": 42}]);
    let input = json!({"nicheId": market.niche_id, "name": "Bad", "terms": terms});
    let refused = buyer.try_mutate("createOffer", input, "offer { id }").await.unwrap();
    let mut found = codes(refused);
    found.sort();
    let pair = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    assert_eq!(
        found,
        [
            pair("CONDITION_UNKNOWN_FIELD", "terms.conditions[0]"),
            pair("TERMS_CLOCKS", "terms.holdS"),
            pair("TERMS_PRICE_FLOOR", "terms.goals[0].price"),
        ]
    );
    let mut terms = market.terms(100_000);
    terms["goals"][0]["price"]["currency"] = json!("USD");
    let input = json!({"nicheId": market.niche_id, "name": "Bad", "terms": terms});
    let refused = buyer.try_mutate("createOffer", input, "offer { id }").await.unwrap();
    assert_eq!(codes(refused), [pair("CURRENCY_MISMATCH", "terms.goals[0].price.currency")]);
}

async fn versions_show_what_changes(
    market: &Market,
    buyer: &leadbourse::demo::client::Client,
    offer: &str,
    mut terms: Value,
) {
    terms["goals"][0]["price"] = market.money(200_000);
    let input = json!({"offerId": offer, "terms": terms});
    let shown = "offer { state current { version } draft { id version state \
                 terms { goals { price { decimal } } } diff { path before after } } }";
    let revised = buyer.mutate("reviseOffer", input, shown).await.unwrap();
    let revised = &revised["offer"];
    assert_eq!((&revised["state"], &revised["current"]["version"]), (&json!("ACTIVE"), &json!(1)));
    assert_eq!(revised["draft"]["terms"]["goals"][0]["price"]["decimal"], json!("2000.00"));
    assert_eq!(
        revised["draft"]["diff"],
        json!([{"path": "goals[LEAD].price", "before": 100_000, "after": 200_000}])
    );
    let input = json!({"offerId": offer});
    buyer.mutate("submitOffer", input, "offer { id }").await.unwrap();
    let waiting = market.operator.all("offersInReview", "id version offer { name buyer { name } }");
    let waiting = waiting.await.unwrap();
    assert_eq!(waiting[0]["offer"], json!({"name": "Loans", "buyer": {"name": "Ann"}}));
    let input = json!({"versionId": waiting[0]["id"], "approve": true});
    let shown = "offer { current { version } draft { version } }";
    let approved = market.operator.mutate("reviewOffer", input, shown).await.unwrap();
    assert_eq!(approved["offer"], json!({"current": {"version": 2}, "draft": null}));
}

async fn publishers_see_earnings_only(
    market: &Market,
    buyer: &leadbourse::demo::client::Client,
    publisher: &leadbourse::demo::client::Client,
    offer: &str,
) {
    let one = format!("{{ offer(id: \"{offer}\") {{ name }} }}");
    assert_eq!(publisher.query(&one, json!({})).await.unwrap(), json!({"offer": null}));
    let shown = "id buyerName version unfunded goals { kind earning { minor } } \
         participation { state } versions { version diff { path before after } }";
    let found = publisher.all("catalogue", shown).await.unwrap();
    assert_eq!(
        found,
        [json!({"id": offer, "buyerName": "Ann", "version": 2, "unfunded": true,
            "goals": [{"kind": "LEAD", "earning": {"minor": "170000"}}], "participation": null,
            "versions": [
                {"version": 2, "diff": [
                    {"path": "goals[LEAD].earning", "before": 85_000, "after": 170_000}]},
                {"version": 1, "diff": []}]})]
    );
    let input = json!({"offerId": offer, "message": "Steady traffic"});
    let place = publisher.mutate("applyToOffer", input, "participation { id state }").await;
    let place = text(&place.unwrap()["participation"]["id"]);
    let waiting = buyer.all("participations(state: REQUESTED)", "id offerName publisher { name }");
    assert_eq!(
        waiting.await.unwrap(),
        [json!({"id": place, "offerName": "Loans", "publisher": {"name": "Pub"}})]
    );
    let input = json!({"id": place, "state": "APPROVED"});
    buyer.mutate("decideParticipation", input, "participation { state }").await.unwrap();

    let input = json!({"nicheId": market.niche_id, "name": "Flow", "kind": "API",
        "traffic": "Search", "targetOfferId": offer, "maxSales": 1,
        "minEarning": market.money(100)});
    let shown = "source { id targetOffer { name } minEarning { minor } } postingKey";
    let made = publisher.mutate("createSource", input, shown).await.unwrap();
    assert_eq!(made["source"]["targetOffer"], json!({"name": "Loans"}));
    let input = json!({"id": made["source"]["id"], "targetOfferId": null, "minEarning": null});
    let shown = "source { targetOffer { name } minEarning { minor } maxSales state }";
    let opened = publisher.mutate("updateSource", input, shown).await.unwrap();
    assert_eq!(
        opened["source"],
        json!({"targetOffer": null, "minEarning": null, "maxSales": 1, "state": "PENDING"})
    );
    let input = json!({"id": made["source"]["id"], "approve": true});
    let denied = publisher.try_mutate("decideSource", input, "source { id }").await.unwrap();
    assert_eq!(codes(denied)[0].0, "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_work_through_graphql_on_sqlite() {
    run(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_work_through_graphql_on_postgres() {
    run(Kind::Postgres).await;
}
