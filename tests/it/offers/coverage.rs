//! What stands behind an offer, as its buyer and the catalogue show it.

use serde_json::json;

use crate::harness::{Kind, Market, TestApp};

/// A tenth of each sale's price is set aside with the lead.
async fn run(kind: Kind) {
    let Some(app) = TestApp::new(kind).await else { return };
    let market = Market::open(&app).await;
    let buyer = market.buyer("Ann", 1_000_000).await;
    let publisher = market.publisher("Pub").await;
    let mut terms = market.terms(1);
    terms["goals"] = json!([{
        "kind": "SALE", "price": market.money(3_000_000), "attributionWindowS": 86_400,
        "reserveBps": 1_000,
    }]);
    let offer = market.offer(&buyer, "Loans", terms).await;
    let source = market.source(&publisher, "Flow", 1).await;
    let document = format!("{{ offer(id: \"{}\") {{ unfunded coverageBps }} }}", offer.id);
    for (lead, coverage) in [(1, json!(null)), (2, json!(33_333)), (3, json!(16_666))] {
        // 10 000 roubles against none, then 3 000, then 6 000 that are promised.
        let own = buyer.client.query(&document, json!({})).await.unwrap();
        let expected = json!({"unfunded": false, "coverageBps": coverage});
        assert_eq!(own["offer"], expected);
        let listed = publisher.client.all("catalogue", "unfunded coverageBps").await.unwrap();
        assert_eq!(listed, [expected]);
        assert_eq!(market.send(&source, lead).await["verdict"], json!("SOLD"));
    }
    let own = buyer.client.query(&document, json!({})).await.unwrap();
    assert_eq!(own["offer"], json!({"unfunded": true, "coverageBps": 11_111}));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn coverage_is_shown_to_both_sides_on_sqlite() {
    run(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn coverage_is_shown_to_both_sides_on_postgres() {
    run(Kind::Postgres).await;
}
