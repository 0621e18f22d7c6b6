//! What each side sees of calls.

use serde_json::{Value, json};

use super::desk::{DESK, Desk, EARNING, PRICE};
use crate::each_engine;

const CALLS: &str = "{ calls { nodes { state caller connectTo connectedSeconds minCallSeconds \
     offerName price { minor } earning { minor } source { name } offer { name } \
     award { id } conversion { goal } lead { channel } } } }";

each_engine! {
    async fn each_side_sees_its_own_part_of_a_call(app: TestApp) {
        let desk = Desk::open(&app, 10 * PRICE, |_| {}).await;
        desk.start("a", 1_234_567, 0).await;
        desk.end("a", 95, 90).await;
        desk.connect_to(Value::Null).await.unwrap();
        desk.start("b", 7_654_321, 0).await;
        let seen = async |client: &leadbourse::demo::client::Client| {
            let found = client.query(CALLS, json!({})).await.unwrap();
            found["calls"]["nodes"].as_array().unwrap().clone()
        };
        // The buyer has bought one, and sees who called.
        let bought = seen(&desk.buyer.client).await;
        assert_eq!(bought.len(), 1);
        let call = &bought[0];
        assert_eq!((&call["state"], &call["caller"]), (&json!("QUALIFIED"), &json!("+79161234567")));
        assert_eq!((&call["price"]["minor"], &call["earning"]), (&json!(PRICE.to_string()), &Value::Null));
        assert_eq!((&call["source"], &call["offer"]["name"]), (&Value::Null, &json!("Calls")));
        assert_eq!((&call["connectTo"], &call["conversion"]["goal"]), (&json!(DESK), &json!("CALL")));
        assert_eq!((&call["connectedSeconds"], &call["minCallSeconds"]), (&json!(90), &json!(60)));

        // The publisher has brought both, newest first, and sees no number and no price.
        let brought = seen(&desk.publisher.client).await;
        assert_eq!(brought.len(), 2);
        assert_eq!((&brought[0]["state"], &brought[0]["award"]), (&json!("UNSOLD"), &Value::Null));
        let call = &brought[1];
        assert_eq!(call["caller"], "+7••••••••67");
        assert_eq!((&call["price"], &call["offer"]), (&Value::Null, &Value::Null));
        assert_eq!(call["earning"]["minor"], EARNING.to_string());
        assert_eq!((&call["source"]["name"], &call["lead"]["channel"]), (&json!("Number"), &json!("CALL")));

        let all = seen(&desk.market.operator).await;
        assert_eq!((all.len(), &all[1]["caller"]), (2, &json!("+7••••••••67")));
        assert_eq!(all[1]["price"]["minor"], PRICE.to_string());
        let stranger = desk.market.publisher("Other Publisher").await;
        assert_eq!(seen(&stranger.client).await, Vec::<Value>::new());
        drop(desk);
        app.finish().await;
    }
}
