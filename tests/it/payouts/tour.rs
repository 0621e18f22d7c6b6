//! Offer, lead, award, conversion, end of the hold, statement, paid: once for each payout type, with
//! exact sums. The exchange's share is 15 %.

use serde_json::json;

use super::stage::Stage;
use crate::each_engine;

const MONTH_S: i64 = 30 * 86_400;

each_engine! {
    async fn a_lead_is_paid(app: TestApp) {
        let stage = Stage::open(app, |market| {
            json!([{"kind": "LEAD", "price": market.money(500_010)}])
        }).await;
        stage.sell(1).await;
        stage.sell(2).await;
        assert_eq!(stage.wallet().await, (10_000_000 - 1_000_020, 0, 0));
        // 15 % of 500,010 are 75,001.5: half to even is 75,002, and the publisher gets the rest.
        assert_eq!(stage.earned().await, (850_016, 0, 0));
        assert_eq!(stage.settle().await, (2, 850_016));
        assert_eq!(stage.earned().await, (0, 0, 850_016));
        stage.app.finish().await;
    }

    async fn a_sale_at_a_fixed_price_is_paid(app: TestApp) {
        let stage = Stage::open(app, |market| {
            json!([{"kind": "SALE", "price": market.money(400_000), "attributionWindowS": MONTH_S,
                "reserveBps": 2_500}])
        }).await;
        let sold = stage.sell(1).await;
        assert_eq!(stage.wallet().await, (9_900_000, 100_000, 0));
        assert_eq!(stage.earned().await.0, 0, "the lead itself earns nothing");
        let price = stage.billed(json!({"award_id": sold.award, "external_id": "contract 7"})).await;
        assert_eq!(price, 400_000);
        assert_eq!(stage.wallet().await, (9_600_000, 0, 0));
        assert_eq!(stage.earned().await, (340_000, 0, 0));
        assert_eq!(stage.settle().await, (1, 340_000));
        assert_eq!(stage.earned().await, (0, 0, 340_000));
        stage.app.finish().await;
    }

    async fn a_share_of_a_sale_is_paid(app: TestApp) {
        let stage = Stage::open(app, |market| {
            json!([{"kind": "SALE", "attributionWindowS": MONTH_S, "reserveBps": 10_000,
                "several": true,
                "percent": {"bps": 333, "min": market.money(1_000), "max": market.money(600_000)}}])
        }).await;
        let sold = stage.sell(1).await;
        assert_eq!(stage.wallet().await, (9_400_000, 600_000, 0));
        let sale = |reference: &str, amount: i64| {
            json!({"lead_id": sold.lead, "external_id": reference,
                "amount": stage.market.money(amount)})
        };
        // 3.33 % of 1,234,550 are 41,110.515; of 100 less than the minimum; of the last too much.
        assert_eq!(stage.billed(sale("a", 1_234_550)).await, 41_111);
        assert_eq!(stage.billed(sale("b", 100)).await, 1_000);
        assert_eq!(stage.billed(sale("c", 90_000_000)).await, 600_000);
        assert_eq!(stage.wallet().await, (10_000_000 - 642_111, 0, 0));
        // Fees: 6,166.65, 150 and 90,000.
        assert_eq!(stage.earned().await, (642_111 - 6_167 - 150 - 90_000, 0, 0));
        assert_eq!(stage.settle().await, (3, 545_794));
        stage.app.finish().await;
    }

    async fn a_registration_is_paid(app: TestApp) {
        let stage = Stage::open(app, |market| {
            json!([{"kind": "REGISTRATION", "price": market.money(250_000),
                "attributionWindowS": MONTH_S}])
        }).await;
        let sold = stage.sell(1).await;
        assert_eq!(stage.wallet().await, (10_000_000, 0, 0));
        let body = json!({"award_id": sold.award, "goal": "REGISTRATION", "external_id": "u1"});
        assert_eq!(stage.billed(body).await, 250_000);
        assert_eq!(stage.wallet().await, (9_750_000, 0, 0));
        assert_eq!(stage.settle().await, (1, 212_500));
        assert_eq!(stage.earned().await, (0, 0, 212_500));
        stage.app.finish().await;
    }

    async fn a_hybrid_of_lead_and_sale_is_paid(app: TestApp) {
        let stage = Stage::open(app, |market| {
            json!([
                {"kind": "LEAD", "price": market.money(50_000)},
                {"kind": "SALE", "price": market.money(400_000), "attributionWindowS": MONTH_S,
                    "reserveBps": 5_000},
            ])
        }).await;
        let sold = stage.sell(1).await;
        stage.sell(2).await;
        assert_eq!(stage.wallet().await, (9_500_000, 400_000, 0));
        stage.billed(json!({"award_id": sold.award, "external_id": "x"})).await;
        assert_eq!(stage.wallet().await, (9_300_000, 200_000, 0));
        // Two leads and a sale; the other award's promise still stands.
        assert_eq!(stage.settle().await, (3, 42_500 * 2 + 340_000));
        assert_eq!(stage.wallet().await, (9_300_000, 200_000, 0));
        stage.app.advance(30 * leadbourse_core::time::DAY).await;
        stage.wallet_becomes((9_500_000, 0, 0)).await;
        stage.app.finish().await;
    }
}
