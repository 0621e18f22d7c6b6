//! Who sees what of orders.

use leadbourse::platform::db::Reader;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use super::stage::{EARNING, Stage, refused};
use crate::each_engine;
use crate::harness::TestApp;
use crate::harness::market::Seat;

/// The number `n` of the one row of a query.
pub async fn number(app: &TestApp, sql: &str) -> i64 {
    let tx = app.app.db.begin_read().await.unwrap();
    let statement = Statement::from_string(tx.conn().get_database_backend(), sql);
    tx.conn().query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
}

async fn listed(who: &leadbourse::demo::client::Client, arguments: &str) -> usize {
    let document = format!("{{ orders{arguments} {{ nodes {{ id }} }} }}");
    let seen = who.query(&document, json!({})).await.unwrap();
    seen["orders"]["nodes"].as_array().unwrap().len()
}

async fn refused_at(who: &Seat, mutation: &str, input: Value) -> String {
    refused(&who.client, mutation, input).await
}

each_engine! {
    async fn each_side_sees_its_own_and_publishers_what_they_may_claim(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        let stranger = stage.market.buyer("Other Buyer", 1_000_000).await;
        let order = stage.place(6, 48).await;
        let claim = stage.claim(&stage.paul, &order, 3, 24).await;
        assert_eq!(stage.send(&stage.site, 1).await, "40000");

        for (who, all, claimed) in [
            (&stage.buyer.client, 1, 1),
            (&stranger.client, 0, 0),
            (&stage.paul.client, 1, 1),
            (&stage.rita.client, 1, 0),
            (&stage.market.operator, 1, 1),
        ] {
            assert_eq!(listed(who, "").await, all);
            assert_eq!(listed(who, "(claimed: true)").await, claimed);
            assert_eq!(listed(who, "(state: ENDED)").await, 0);
        }
        assert!(stage.order(&stranger.client, &order).await.is_null());

        let operator = stage.order(&stage.market.operator, &order).await;
        assert_eq!((&operator["price"]["minor"], &operator["earning"]["minor"]), (&json!("40000"), &json!(EARNING)));
        let buyer = stage.order(&stage.buyer.client, &order).await;
        assert_eq!((&buyer["price"]["minor"], &buyer["earning"]), (&json!("40000"), &Value::Null));
        assert_eq!(buyer["claims"][0]["id"], claim["id"]);
        let rita = stage.order(&stage.rita.client, &order).await;
        assert_eq!((&rita["price"], &rita["earning"]["minor"]), (&Value::Null, &json!(EARNING)));
        for hidden in ["reserved", "spent", "givenBack"] {
            assert!(rita[hidden].is_null(), "{hidden}");
        }
        assert_eq!(rita["claims"], json!([]), "others' claims are not hers to see");
        assert_eq!((&rita["unclaimed"], &rita["claimed"]), (&json!(3), &json!(2)));

        // A buyer who looks at a claim sees whom it deals with.
        let document = "query($id: ID!) { order(id: $id) { buyer { id } claims { publisher { name } \
            onTime { claims promised delivered shareBps } } } node(id: $id) { id } }";
        let seen = stage.buyer.client.query(document, json!({"id": order["id"]})).await.unwrap();
        let shown = &seen["order"]["claims"][0];
        assert_eq!(shown["publisher"]["name"], "Paul Publisher");
        assert_eq!(shown["onTime"], json!({"claims": 1, "promised": 1, "delivered": 1, "shareBps": 10_000}));
        assert_eq!(seen["node"]["id"], order["id"]);
        let theirs = "query($id: ID!) { onTimeShare(publisherId: $id) { claims } }";
        let id = json!({"id": stage.paul.organization});
        for (who, wanted) in [
            (&stage.market.operator, json!({"claims": 1})),
            (&stage.paul.client, json!({"claims": 1})),
            (&stage.rita.client, Value::Null),
            (&stage.buyer.client, Value::Null),
        ] {
            let seen = who.query(theirs, id.clone()).await.unwrap();
            assert_eq!(seen["onTimeShare"], wanted);
        }
        stage.app.finish().await;
    }

    async fn nobody_acts_on_what_is_others(app: TestApp) {
        let stage = Stage::open(app, 1_000_000).await;
        let stranger = stage.market.buyer("Other Buyer", 1_000_000).await;
        let order = stage.place(6, 48).await;
        let claim = stage.claim(&stage.paul, &order, 3, 24).await;
        let place = json!({
            "offerId": stage.offer.id, "wanted": 1, "deadline": stage.after(1), "idempotencyKey": "x",
        });
        let cancel = json!({"orderId": order["id"], "idempotencyKey": "x"});
        let give_up = json!({"claimId": claim["id"], "idempotencyKey": "x"});
        let part = json!({"orderId": order["id"], "wanted": 1, "idempotencyKey": "x"});
        for (who, mutation, input) in [
            (&stranger, "placeOrder", &place),
            (&stage.paul, "placeOrder", &place),
            (&stranger, "cancelOrder", &cancel),
            (&stage.paul, "cancelOrder", &cancel),
            (&stage.buyer, "claimOrder", &part),
            (&stage.buyer, "releaseClaim", &give_up),
            (&stage.rita, "releaseClaim", &give_up),
        ] {
            assert_eq!(refused_at(who, mutation, input.clone()).await, "NOT_FOUND", "{mutation}");
        }
        // An operator may end anybody's order.
        let ended = stage.market.operator.mutate("cancelOrder", cancel, "order { state }").await.unwrap();
        assert_eq!(ended["order"]["state"], "CANCELLED");
        assert_eq!(stage.numbers(&order).await.1, [6, 0, 3, 0, 3]);
        stage.app.finish().await;
    }
}
