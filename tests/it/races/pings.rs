//! Many pings at once: what is reserved is never more than a wallet holds or a cap allows, and all
//! of it comes back, whoever is first, post or clock.

use leadbourse_core::time::SECOND;
use serde_json::{Value, json};
use std::time::Duration;

use super::arena::Arena;
use crate::harness::market::{Lead, Source};
use crate::races;

/// Publishers that ping, each below its ceiling of open bids.
const PUBLISHERS: usize = 4;
const PINGS: usize = 1_000;
const OFFERS: usize = 50;
const PRICE: i64 = 50_000;
const CAP: i64 = 7;

fn ping(n: u64) -> Value {
    let mut fields = Lead::fields(n);
    fields.retain(|name, _| !["name", "phone", "email"].contains(&name.as_str()));
    json!({"fields": fields})
}

async fn sources(arena: &Arena) -> Vec<Source> {
    let mut all = Vec::new();
    for n in 0..PUBLISHERS {
        let publisher = arena.market().publisher(&format!("Publisher {n}")).await;
        all.push(arena.market().source(&publisher, "Site", 1).await);
    }
    all
}

/// Everything that would be wrong at this moment, as a number of rows; each in one statement, so
/// that it is one moment.
const OVERDRAWN: &str = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM balances b \
    JOIN ledger_accounts a ON a.id = b.account_id \
    WHERE a.kind IN ('BUYER_AVAILABLE', 'BUYER_RESERVED') AND b.amount < 0";
const OVER_CAP: &str = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM (SELECT offer_id FROM ping_bids \
    WHERE state = 'OPEN' GROUP BY offer_id HAVING COUNT(*) > 7) o";
const UNCOVERED: &str = "SELECT (SELECT CAST(COALESCE(SUM(b.amount), 0) AS BIGINT) FROM balances b \
    JOIN ledger_accounts a ON a.id = b.account_id WHERE a.kind = 'BUYER_RESERVED') - \
    (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM ping_bids WHERE state = 'OPEN') AS n";

async fn holds_together(arena: &Arena) {
    for (name, sql) in [("wallets", OVERDRAWN), ("caps", OVER_CAP), ("cover", UNCOVERED)] {
        assert_eq!(arena.number(sql).await, 0, "{name}");
    }
}

async fn nothing_is_held(arena: &Arena) {
    let open = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM ping_bids WHERE state = 'OPEN'";
    assert_eq!(arena.number(open).await, 0);
    let reserved = "SELECT CAST(COALESCE(SUM(b.amount), 0) AS BIGINT) AS n FROM balances b \
        JOIN ledger_accounts a ON a.id = b.account_id WHERE a.kind = 'BUYER_RESERVED'";
    assert_eq!(arena.number(reserved).await, 0);
    let ceilings = "SELECT CAST(SUM(open_bids) AS BIGINT) AS n FROM ping_meters";
    assert_eq!(arena.number(ceilings).await, 0);
}

races! {
    async fn a_thousand_pings_reserve_what_wallets_hold_and_caps_allow(arena: Arena) {
        // Two buyers whose offers stop at their caps, three whose money ends first.
        for (n, leads) in [1_000, 1_000, 40, 40, 40].into_iter().enumerate() {
            let buyer = arena.market().buyer(&format!("Buyer {n}"), leads * PRICE).await;
            for offer in 0..OFFERS / 5 {
                let mut terms = arena.market().terms(PRICE);
                terms["caps"] = json!([{"period": "DAY", "count": CAP}]);
                arena.market().offer(&buyer, &format!("Offer {offer}"), terms).await;
            }
        }
        let sources = sources(&arena).await;
        let bodies = (0..PINGS).map(|n| (sources[n % PUBLISHERS].key.clone(), ping(n as u64)));
        let pinging = arena.start_posting("/v1/pings", bodies.collect());
        while !pinging.is_finished() {
            holds_together(&arena).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let answers = pinging.await.unwrap();
        let count = |verdict: &str| answers.iter().filter(|a| a["verdict"] == verdict).count();
        // 2 buyers x 10 offers x 7 leads, and 3 buyers x 40 leads.
        assert_eq!((count("BIDS"), count("NO_BID"), count("REFUSED")), (260, 740, 0));
        holds_together(&arena).await;
        let reserved = "SELECT CAST(SUM(amount) AS BIGINT) AS n FROM ping_bids WHERE state = 'OPEN'";
        assert_eq!(arena.number(reserved).await, 260 * PRICE);

        arena.clock().advance(35 * SECOND);
        arena.expire().await;
        nothing_is_held(&arena).await;
        let counted = "SELECT CAST(SUM(total_count + day_count + total_money) AS BIGINT) AS n \
            FROM offer_meters";
        assert_eq!(arena.number(counted).await, 0, "every place is free again");
        assert_eq!(arena.awards().await, 0);
        arena.finish().await;
    }

    async fn of_post_and_expiry_one_wins(arena: Arena) {
        const EACH: i64 = 60;
        arena.offer(PRICE, 100 * PRICE, json!([])).await;
        let sources = sources(&arena).await;
        let bodies = (0..60).map(|n| (sources[0].key.clone(), ping(n)));
        let pinged = arena.start_posting("/v1/pings", bodies.collect()).await.unwrap();
        assert!(pinged.iter().all(|answer| answer["verdict"] == "BIDS"), "{pinged:?}");
        // The time to live ends while the posts are on their way, and again and again somebody
        // looks for what has expired.
        arena.clock().advance(30 * SECOND - 1);
        let posts = (0..).zip(&pinged).map(|(n, answer)| {
            let mut body = Lead::body(n);
            body["ping_id"] = answer["ping_id"].clone();
            (sources[0].key.clone(), body)
        });
        let posting = arena.start_posting("/v1/leads", posts.collect());
        while arena.answered() < 65 && !posting.is_finished() {
            arena.expire().await;
        }
        arena.clock().advance(1);
        while !posting.is_finished() {
            arena.expire().await;
        }
        let verdicts = posting.await.unwrap();
        arena.expire().await;
        let count = |is: &dyn Fn(&Value) -> bool| {
            i64::try_from(verdicts.iter().filter(|verdict| is(verdict)).count()).unwrap()
        };
        let sold = count(&|verdict| verdict["verdict"] == "SOLD");
        let late = count(&|verdict| verdict["reasons"][0]["code"] == "BID_EXPIRED");
        assert_eq!(sold + late, EACH, "{verdicts:?}");
        let in_state = |state: &str| {
            format!("SELECT CAST(COUNT(*) AS BIGINT) AS n FROM ping_bids WHERE state = '{state}'")
        };
        assert_eq!(arena.number(&in_state("CAPTURED")).await, sold);
        assert_eq!(arena.number(&in_state("EXPIRED")).await, EACH - sold);
        assert_eq!(arena.awards().await, sold);
        nothing_is_held(&arena).await;
        let free = "SELECT CAST(SUM(b.amount) AS BIGINT) AS n FROM balances b \
            JOIN ledger_accounts a ON a.id = b.account_id WHERE a.kind = 'BUYER_AVAILABLE'";
        assert_eq!(arena.number(free).await, (100 - sold) * PRICE);
        assert_eq!(arena.number("SELECT day_count AS n FROM offer_meters").await, sold);
        arena.finish().await;
    }
}
