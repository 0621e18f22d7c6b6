//! Many leads at once against a claim of few, with every kopeck of the buyer reserved.

use leadbourse_core::time::HOUR;
use serde_json::{Value, json};

use super::arena::Arena;
use crate::races;

const PRICE: i64 = 50_000;

const RESERVED: &str = "SELECT CAST(COALESCE(SUM(b.amount), 0) AS BIGINT) AS n FROM balances b \
    JOIN ledger_accounts a ON a.id = b.account_id WHERE a.kind = 'BUYER_RESERVED'";
const FREE: &str = "SELECT CAST(COALESCE(SUM(b.amount), 0) AS BIGINT) AS n FROM balances b \
    JOIN ledger_accounts a ON a.id = b.account_id WHERE a.kind = 'BUYER_AVAILABLE'";

impl Arena {
    /// An order of so many leads, all the money of its buyer, and claims on it.
    async fn ordered(&self, wanted: i64, claims: &[(&str, i64)]) -> Vec<String> {
        let market = self.market();
        let buyer = market.buyer("Berta Buyer", wanted * PRICE).await;
        let offer = market.offer(&buyer, "The offer", market.terms(PRICE)).await;
        let input = json!({
            "offerId": offer.id, "wanted": wanted, "idempotencyKey": "order",
            "deadline": self.clock().now().plus(24 * HOUR).rfc3339(),
        });
        let placed = buyer.client.mutate("placeOrder", input, "order { id }").await.unwrap();
        let mut keys = Vec::new();
        for (name, part) in claims {
            let publisher = market.publisher(name).await;
            keys.push(market.source(&publisher, "Site", 1).await.key);
            let input = json!({
                "orderId": placed["order"]["id"], "wanted": part, "idempotencyKey": "claim",
            });
            publisher.client.mutate("claimOrder", input, "claim { id }").await.unwrap();
        }
        keys
    }
}

fn sold(verdicts: &[Value]) -> i64 {
    let sold = verdicts.iter().filter(|verdict| verdict["verdict"] == "SOLD").count();
    i64::try_from(sold).unwrap()
}

fn bodies(keys: &[String], each: u64) -> Vec<(String, Value)> {
    let person = |n: u64| crate::harness::market::Lead::body(n);
    let many = keys.len() as u64;
    let keys = keys.iter().cycle();
    (0..each * many).zip(keys).map(|(n, key)| (key.clone(), person(n))).collect()
}

races! {
    async fn two_hundred_leads_deliver_what_was_claimed_and_no_more(arena: Arena) {
        let keys = arena.ordered(20, &[("Paul First", 7), ("Rita Second", 9)]).await;
        assert_eq!((arena.number(FREE).await, arena.number(RESERVED).await), (0, 20 * PRICE));
        let verdicts = arena.start_posting("/v1/leads", bodies(&keys, 100)).await.unwrap();
        assert_eq!(sold(&verdicts), 16);
        let unfunded =
            verdicts.iter().filter(|v| v["reasons"][0]["code"] == "NO_OFFER_FUNDED").count();
        assert_eq!(unfunded, 184);
        assert_eq!(arena.number("SELECT COUNT(*) AS n FROM order_awards").await, 16);
        let by_claim = "SELECT CAST(SUM(delivered * delivered) AS BIGINT) AS n FROM order_claims";
        assert_eq!(arena.number(by_claim).await, 49 + 81);
        assert_eq!((arena.number(FREE).await, arena.number(RESERVED).await), (0, 4 * PRICE));
        arena.clock().advance(24 * HOUR);
        arena.end_orders().await;
        assert_eq!((arena.number(FREE).await, arena.number(RESERVED).await), (4 * PRICE, 0));
        arena.finish().await;
    }

    async fn of_delivery_and_deadline_one_wins(arena: Arena) {
        let keys = arena.ordered(60, &[("Paul First", 60)]).await;
        let posting = arena.start_posting("/v1/leads", bodies(&keys, 60));
        while arena.answered() < 5 && !posting.is_finished() {
            arena.end_orders().await;
        }
        arena.clock().advance(24 * HOUR);
        while !posting.is_finished() {
            arena.end_orders().await;
        }
        let verdicts = posting.await.unwrap();
        arena.end_orders().await;
        arena.advance(0).await;
        assert_eq!(arena.number(RESERVED).await, 0);
        let served = arena.number("SELECT COUNT(*) AS n FROM order_awards").await;
        let delivered = "SELECT delivered AS n FROM orders";
        assert_eq!(arena.number(delivered).await, served);
        assert_eq!(arena.number("SELECT released AS n FROM orders").await, 60 - served);
        // What came after the deadline was paid with money that had come back.
        assert_eq!(arena.number(FREE).await, (60 - sold(&verdicts)) * PRICE);
        arena.finish().await;
    }
}
