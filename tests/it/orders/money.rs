//! Where an order's money is at every step.

use leadbourse_core::time::{DAY, HOUR};
use serde_json::{Value, json};

use super::stage::{EARNING, Stage};
use crate::each_engine;

each_engine! {
    async fn an_order_is_placed_claimed_delivered_and_its_rest_released(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        let order = stage.place(4, 48).await;
        assert_eq!(order["state"], "OPEN");
        assert_eq!(stage.wallet().await, [840_000, 160_000, 0, 1, 160_000]);
        assert_eq!(
            stage.postings("ORDER_RESERVE").await,
            ["BUYER_AVAILABLE -160000", "BUYER_RESERVED 160000"],
        );
        assert_eq!(stage.send(&stage.site, 1).await, "50000", "nothing is claimed yet");
        assert_eq!(stage.wallet().await, [790_000, 160_000, 0, 1, 160_000]);

        let claim = stage.claim(&stage.paul, &order, 3, 24).await;
        assert_eq!((&claim["state"], &claim["awaited"]), (&json!("OPEN"), &json!(3)));
        assert_eq!(stage.wallet().await, [790_000, 160_000, 0, 1, 160_000], "a claim moves nothing");
        let sold = stage.market.send(&stage.site, 2).await;
        assert_eq!(sold["earning"]["minor"], EARNING);
        assert_eq!(stage.send(&stage.site, 3).await, "40000");
        assert_eq!(stage.send(&stage.other, 4).await, "50000", "Rita has claimed nothing");
        assert_eq!(stage.wallet().await, [740_000, 80_000, 0, 1, 80_000]);
        assert_eq!(
            stage.postings("CONVERSION").await.into_iter().filter(|line| line.contains("RESERVED"))
                .collect::<Vec<_>>(),
            ["BUYER_RESERVED -40000", "BUYER_RESERVED -40000"],
        );
        assert_eq!(stage.numbers(&order).await, ("OPEN".to_owned(), [4, 2, 1, 1, 0]));
        assert_eq!(stage.on_time(&stage.paul).await, [1, 2, 2, 10_000]);

        // The claim's deadline: its last lead is open to others, no money moves.
        stage.pass(24 * HOUR).await;
        assert_eq!(stage.numbers(&order).await, ("OPEN".to_owned(), [4, 2, 0, 2, 0]));
        assert_eq!(stage.wallet().await, [740_000, 80_000, 0, 1, 80_000]);
        assert_eq!(stage.on_time(&stage.paul).await, [1, 3, 2, 6_666]);
        assert_eq!(stage.send(&stage.site, 5).await, "50000");

        // The order's: the rest is released at once, once.
        stage.pass(24 * HOUR).await;
        assert_eq!(stage.numbers(&order).await, ("ENDED".to_owned(), [4, 2, 0, 0, 2]));
        assert_eq!(
            stage.postings("ORDER_RELEASE").await,
            ["BUYER_AVAILABLE 80000", "BUYER_RESERVED -80000"],
        );
        assert_eq!(stage.wallet().await, [770_000, 0, 0, 0, 0]);
        let seen = stage.order(&stage.buyer.client, &order).await;
        assert_eq!(
            [&seen["spent"]["minor"], &seen["givenBack"]["minor"], &seen["reserved"]["minor"]],
            ["80000", "80000", "0"],
        );
        assert_eq!(seen["claims"][0]["state"], "EXPIRED");
        assert_eq!(stage.app.app.orders.tick().await.unwrap(), 0, "once");
        stage.app.finish().await;
    }

    async fn a_buyer_whose_money_is_all_reserved_is_funded_for_its_orders(app: TestApp) {
        let stage = Stage::open(app, 80_000).await;
        let order = stage.place(2, 48).await;
        stage.claim(&stage.paul, &order, 2, 48).await;
        assert_eq!(stage.wallet().await, [0, 80_000, 0, 1, 80_000]);
        assert_eq!(stage.send(&stage.other, 1).await, "NO_OFFER_FUNDED");
        assert_eq!(stage.send(&stage.site, 2).await, "40000");
        assert_eq!(stage.send(&stage.site, 3).await, "40000");
        assert_eq!(stage.send(&stage.site, 4).await, "NO_OFFER_FUNDED", "the claim is full");
        assert_eq!(stage.numbers(&order).await, ("DELIVERED".to_owned(), [2, 2, 0, 0, 0]));
        assert_eq!(stage.wallet().await, [0, 0, 0, 0, 0]);
        assert_eq!(stage.on_time(&stage.paul).await, [1, 2, 2, 10_000]);
        assert_eq!(stage.postings("ORDER_RELEASE").await, Vec::<String>::new());
        stage.app.finish().await;
    }

    async fn a_cancelled_order_gives_back_what_nobody_has_claimed(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        let order = stage.place(10, 48).await;
        let kept = stage.claim(&stage.paul, &order, 3, 24).await;
        let given_up = stage.claim(&stage.rita, &order, 2, 24).await;
        assert_eq!(stage.send(&stage.site, 1).await, "40000");
        let cancelled = stage.cancel(&order).await;
        assert_eq!(cancelled["state"], "CANCELLED");
        assert_eq!(stage.wallet().await, [800_000, 160_000, 0, 1, 160_000]);
        assert_eq!(stage.cancel(&order).await["state"], "CANCELLED", "the same key, the same answer");
        // Claims are kept, and what is given up goes back at once.
        assert_eq!(stage.send(&stage.site, 2).await, "40000");
        let released = stage.release(&stage.rita, &given_up).await;
        assert_eq!(released["state"], "GIVEN_UP");
        assert_eq!(stage.release(&stage.rita, &given_up).await["state"], "GIVEN_UP");
        assert_eq!(stage.wallet().await, [880_000, 40_000, 0, 1, 40_000]);
        assert_eq!(stage.send(&stage.other, 3).await, "50000", "Rita's are sold as any other");
        assert_eq!(stage.on_time(&stage.rita).await, [1, 2, 0, 0]);
        stage.pass(24 * HOUR).await;
        assert_eq!(stage.wallet().await, [870_000, 0, 0, 0, 0]);
        assert_eq!(stage.numbers(&order).await, ("ENDED".to_owned(), [10, 2, 0, 0, 8]));
        let seen = stage.order(&stage.paul.client, &order).await;
        assert_eq!(seen["claims"][0]["id"], kept["id"]);
        assert_eq!(
            stage.postings("ORDER_RELEASE").await.into_iter()
                .filter(|line| line.contains("AVAILABLE")).collect::<Vec<_>>(),
            ["BUYER_AVAILABLE 200000", "BUYER_AVAILABLE 80000", "BUYER_AVAILABLE 40000"],
        );
        stage.app.finish().await;
    }

    async fn what_comes_back_pays_a_debt_first(app: TestApp) {
        let stage = Stage::open(app, 200_000).await;
        let terms = json!([
            {"kind": "LEAD", "price": stage.market.money(50_000)},
            {"kind": "SALE", "price": stage.market.money(90_000), "reserveBps": 0,
             "attributionWindowS": 864_000},
        ]);
        let mut hybrid = stage.market.terms(50_000);
        hybrid["goals"] = terms;
        hybrid["priority"] = json!(9);
        stage.market.offer(&stage.buyer, "Hybrid", hybrid).await;
        stage.place(3, 24).await;
        assert_eq!(stage.send(&stage.other, 1).await, "50000");
        assert_eq!(stage.wallet().await, [30_000, 120_000, 0, 1, 120_000]);
        let inbox = stage.buyer.client.query("{ awards { nodes { id } } }", json!({})).await.unwrap();
        let input = json!({
            "awardId": inbox["awards"]["nodes"][0]["id"], "goal": "SALE", "externalId": "s-1",
            "idempotencyKey": "s-1",
        });
        stage.buyer.client.mutate("reportConversion", input, "conversion { id }").await.unwrap();
        assert_eq!(stage.wallet().await, [0, 120_000, 60_000, 1, 120_000]);
        stage.pass(24 * HOUR).await;
        assert_eq!(stage.wallet().await, [60_000, 0, 0, 0, 0]);
        stage.app.finish().await;
    }

    async fn a_full_return_of_an_ordered_lead_goes_back_to_the_free_money(app: TestApp) {
        let stage = Stage::open(app, 100_000).await;
        let order = stage.place(2, 48).await;
        stage.claim(&stage.paul, &order, 1, 48).await;
        assert_eq!(stage.send(&stage.site, 1).await, "40000");
        let selection = "{ awards { nodes { conversions { id } } } \
            niches { version { returnReasons { code } } } }";
        let seen = stage.buyer.client.query(selection, json!({})).await.unwrap();
        let input = json!({
            "conversionId": seen["awards"]["nodes"][0]["conversions"][0]["id"],
            "reasonCode": seen["niches"][0]["version"]["returnReasons"][0]["code"],
            "comment": "nobody there", "idempotencyKey": "return",
        });
        let opened = stage.buyer.client.mutate("openReturn", input, "dispute { id }").await.unwrap();
        let input = json!({"disputeId": opened["dispute"]["id"], "accept": true, "idempotencyKey": "a"});
        stage.paul.client.mutate("answerReturn", input, "dispute { state }").await.unwrap();
        assert_eq!(stage.wallet().await, [60_000, 40_000, 0, 1, 40_000]);
        // The order got its lead: a return opens no place again.
        assert_eq!(stage.numbers(&order).await, ("OPEN".to_owned(), [2, 1, 0, 1, 0]));
        stage.pass(48 * HOUR).await;
        assert_eq!(stage.wallet().await, [100_000, 0, 0, 0, 0]);
        stage.app.finish().await;
    }

    async fn a_tour_ends_in_a_paid_statement(app: TestApp) {
        let stage = Stage::open(app, 200_000).await;
        let order = stage.place(5, 24).await;
        stage.claim(&stage.paul, &order, 5, 24).await;
        for n in 1..=4 {
            assert_eq!(stage.send(&stage.site, n).await, "40000");
        }
        stage.pass(24 * HOUR).await;
        assert_eq!(stage.wallet().await, [40_000, 0, 0, 0, 0]);
        assert_eq!(stage.on_time(&stage.paul).await, [1, 5, 4, 8_000]);
        stage.app.advance(20 * DAY).await;
        let chief = &stage.market.operator;
        let selection = "run { statements { nodes { id lineCount total { minor } } } }";
        let input = json!({"idempotencyKey": "plan"});
        let planned = chief.mutate("planSettlement", input, selection).await.unwrap();
        let statement = &planned["run"]["statements"]["nodes"][0];
        assert_eq!((&statement["lineCount"], &statement["total"]["minor"]), (&json!(4), &json!("136000")));
        let input = json!({"id": statement["id"], "idempotencyKey": "approve"});
        let approved = chief.mutate("approveStatement", input, "statement { payouts { id } }").await.unwrap();
        let payout: &Value = &approved["statement"]["payouts"][0]["id"];
        let input = json!({
            "payoutId": payout, "confirmed": true, "reference": "bank 1", "idempotencyKey": "paid",
        });
        chief.mutate("resolvePayout", input, "payout { id }").await.unwrap();
        let paid = stage.paul.client.query("{ earnings { paid { minor } held { minor } } }", json!({}));
        let paid = paid.await.unwrap();
        assert_eq!(paid["earnings"][0]["paid"]["minor"], "136000");
        assert_eq!(paid["earnings"][0]["held"]["minor"], "0");
        stage.app.finish().await;
    }
}
