//! Where a click goes, and what is kept of it.

use serde_json::{Value, json};

use super::road::{BROWSER, Road};
use crate::each_engine;
use crate::harness::Lead;

const CLICKS: &str = "{ clicks { nodes { bot marks { name value } offerName leads { state } } } }";

each_engine! {
    async fn a_click_is_kept_and_sent_on_with_its_id(app: TestApp) {
        let road = Road::open(&app, 0, |_| {}).await;
        // Nothing of the request decides where it goes.
        let query = "?sub1=radio&sub_id_2=b&utm_source=fm&url=https://evil.example.com&click_id=x";
        let sent = road.visit(&road.source.id, query, BROWSER).await;
        assert_eq!(sent.status, 302, "{}", sent.body);
        let click = sent.click();
        assert!(click.starts_with("clk_"));
        let expected = format!("https://shop.example.com/credit?from=partner&click_id={click}");
        assert_eq!(sent.to.unwrap(), expected);
        let robot = road.visit(&road.source.id, "", "Googlebot/2.1").await;
        assert_eq!(robot.status, 302);

        let seen = road.publisher.client.query(CLICKS, json!({})).await.unwrap();
        let nodes = seen["clicks"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), 2);
        assert_eq!(nodes[0]["bot"], "USER_AGENT");
        assert_eq!((&nodes[1]["bot"], &nodes[1]["offerName"]), (&Value::Null, &json!("Shop")));
        let marks = json!([
            {"name": "sub1", "value": "radio"}, {"name": "sub2", "value": "b"},
            {"name": "utm_source", "value": "fm"},
        ]);
        assert_eq!(nodes[1]["marks"], marks);
        let all = road.market.operator.query(CLICKS, json!({})).await.unwrap();
        assert_eq!(all["clicks"]["nodes"][1]["marks"], json!([]));
        let other = road.market.publisher("Other Publisher").await;
        let none = other.client.query(CLICKS, json!({})).await.unwrap();
        assert_eq!(none["clicks"]["nodes"], json!([]));
        drop(road);
        app.finish().await;
    }

    async fn a_link_that_is_not_open_leads_nowhere(app: TestApp) {
        let road = Road::open(&app, 0, |_| {}).await;
        for bad in ["http://shop.example.com", "javascript:alert(1)", "https://a:b@shop.example.com"] {
            assert_eq!(road.link(json!(bad)).await, Err("BAD_LINK_URL".to_owned()), "{bad}");
        }
        let nowhere = async |what: &str, source: &str| {
            let sent = road.visit(source, "", BROWSER).await;
            assert_eq!((sent.status, sent.to.is_none()), (404, true), "{what}");
            assert!(sent.body.contains("leads nowhere now"), "{what}: {}", sent.body);
        };
        nowhere("no id", "hello").await;
        nowhere("unknown", "src_01j00000000000000000000000").await;
        let pause = async |name: &str, input: Value, selection: &str| {
            let client = if name.ends_with("Offer") { &road.buyer.client } else { &road.publisher.client };
            client.mutate(name, input, selection).await.unwrap();
        };
        pause("setSourcePaused", json!({"id": road.source.id, "paused": true}), "source { id }").await;
        nowhere("paused source", &road.source.id).await;
        pause("setSourcePaused", json!({"id": road.source.id, "paused": false}), "source { id }").await;
        pause("pauseOffer", json!({"offerId": road.offer.id}), "offer { id }").await;
        nowhere("paused offer", &road.source.id).await;
        pause("resumeOffer", json!({"offerId": road.offer.id}), "offer { id }").await;
        road.click("").await;
        road.link(Value::Null).await.unwrap();
        nowhere("no link", &road.source.id).await;
        let kept = road.publisher.client.all("clicks", "id").await.unwrap();
        assert_eq!(kept.len(), 1);
        drop(road);
        app.finish().await;
    }

    async fn a_lead_that_names_its_click_is_joined_to_it(app: TestApp) {
        let road = Road::open(&app, 10_000_000, |terms| {
            let price = terms["goals"][1]["price"].clone();
            terms["goals"] = json!([{"kind": "LEAD", "price": price}]);
        }).await;
        let mine = road.click("?sub1=a").await;
        let other = road.market.publisher("Other Publisher").await;
        let theirs = road.market.source(&other, "Site", 1).await;
        let visitor = app.visitor();
        for (key, n) in [(&road.source.key, 1), (&theirs.key, 2)] {
            let mut body = Lead::body(n);
            body["click_id"] = json!(mine);
            let (status, verdict) = visitor.post_lead(key, &body).await.unwrap();
            assert_eq!((status, &verdict["verdict"]), (200, &json!("SOLD")));
        }
        road.click("?sub1=b").await;
        // A lead of somebody else does not take it.
        let seen = road.publisher.client.query(CLICKS, json!({})).await.unwrap();
        assert_eq!(seen["clicks"]["nodes"][1]["leads"], json!([{"state": "SOLD"}]));
        let stats = "{ clickStats(from: \"2026-01-01T00:00:00Z\", to: \"2027-01-01T00:00:00Z\", \
                     sourceId: \"SOURCE\", subId: 1) { key clicks bots leads conversions \
                     rateBps earning { minor } } }";
        let stats = stats.replace("SOURCE", &road.source.id);
        let found = road.publisher.client.query(&stats, json!({})).await.unwrap();
        let rows = json!([
            {"key": "a", "clicks": 1, "bots": 0, "leads": 1, "conversions": 1, "rateBps": 10_000,
             "earning": {"minor": "85000"}},
            {"key": "b", "clicks": 1, "bots": 0, "leads": 0, "conversions": 0, "rateBps": 0,
             "earning": {"minor": "0"}},
        ]);
        assert_eq!(found["clickStats"], rows);
        drop(road);
        app.finish().await;
    }
}
