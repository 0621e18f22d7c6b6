//! What is told, word for word.

use leadbourse::delivery::sign;
use leadbourse_core::time::{DAY, Timestamp};
use serde_json::{Value, json};

use super::stage::{ALL, Stage, queries};
use crate::clicks::road::Road;
use crate::delivery::receiver::{Received, Receiver};
use crate::each_engine;

const WORDS: &str = "e={event}&s={status}&r={reason}&m={earning}&n={earning_minor}&b={returned}\
     &c={currency}&x={external_id}&u={sub1}&g={goal}";

/// Whether a call is signed with this secret, over what was called or over its body.
fn is_signed(call: &Received, secret: &str) -> bool {
    let header = |name: &str| call.headers[name].clone();
    let seconds: i64 = header("webhook-timestamp").parse().unwrap();
    let at = Timestamp::from_micros(seconds * 1_000_000);
    let (method, address) = call.asked.split_once(' ').unwrap();
    let signed = if method == "GET" { address } else { &call.body };
    sign(secret, &header("webhook-id"), at, signed).unwrap() == header("webhook-signature")
}

each_engine! {
    async fn every_change_of_a_lead_and_its_conversion_is_told_once(app: TestApp) {
        let stage = Stage::open(app).await;
        let made = stage.postback(WORDS, ALL, json!({})).await;
        let sold = stage.send(1, json!({"external_id": "a&1", "sub_ids": {"sub1": "весна"}})).await;
        assert_eq!(sold["verdict"], "SOLD");
        let sold_lines = [
            "e=CONVERSION_CREATED&s=SOLD&r=&m=425.00&n=42500&b=0.00&c=RUB\
             &x=a%261&u=%D0%B2%D0%B5%D1%81%D0%BD%D0%B0&g=LEAD",
            "e=SOLD&s=SOLD&r=&m=425.00&n=42500&b=0.00&c=RUB\
             &x=a%261&u=%D0%B2%D0%B5%D1%81%D0%BD%D0%B0&g=",
        ];
        let got = stage.heard(2).await;
        assert_eq!(queries(&got), sold_lines);
        assert!(got.iter().all(|call| call.asked.starts_with("GET /hook?") && call.body.is_empty()));
        assert!(got.iter().all(|call| is_signed(call, &made.secret)));
        assert!(!is_signed(&got[0], "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));

        // Refused for a field, held for its honeypot, refused by a moderator, bought by nobody.
        let wrong = json!({"fields": {"phone": "12"}});
        assert_eq!(stage.send(2, wrong).await["verdict"], "REJECTED");
        let held = stage.send(3, json!({"honeypot": "x", "external_id": "q"})).await;
        assert_eq!(held["verdict"], "QUARANTINED");
        stage.heard(4).await;
        let input = json!({"leadId": held["lead_id"], "release": false});
        stage.market.operator.mutate("decideQuarantine", input, "lead { id }").await.unwrap();
        stage.buyer.client.mutate("pauseOffer", json!({"offerId": stage.offer.id}), "offer { id }")
            .await.unwrap();
        let unsold = stage.send(4, json!({})).await;
        assert_eq!(unsold["verdict"], "UNSOLD");
        let got = stage.heard(6).await;
        let short: Vec<String> = queries(&got[2..]).iter()
            .map(|line| line.split("&m=").next().unwrap().to_owned()).collect();
        let reason = |verdict: &Value| verdict["reasons"][0]["code"].as_str().unwrap().to_owned();
        assert_eq!(short.len(), 4);
        assert_eq!(short[0], format!("e=QUARANTINED&s=QUARANTINED&r={}", reason(&held)));
        assert!(short.contains(&"e=REJECTED&s=REJECTED&r=RISK_REFUSED".to_owned()), "{short:?}");
        assert_eq!(short[3], format!("e=UNSOLD&s=UNSOLD&r={}", reason(&unsold)));

        // A quarter is returned, then the hold of the rest ends.
        let query = "{ awards { nodes { conversions { id } } } niches { version { returnReasons { code } } } }";
        let found = stage.buyer.client.query(query, json!({})).await.unwrap();
        let conversion = &found["awards"]["nodes"][0]["conversions"][0]["id"];
        let reason = &found["niches"][0]["version"]["returnReasons"][0]["code"];
        let input = json!({"conversionId": conversion, "comment": "half of it is wrong",
            "reasonCode": reason, "shareBps": 2_500, "idempotencyKey": "r"});
        let opened = stage.buyer.client.mutate("openReturn", input, "dispute { id }").await.unwrap();
        let input = json!({"disputeId": opened["dispute"]["id"], "accept": true,
            "idempotencyKey": "a"});
        stage.publisher.client.mutate("answerReturn", input, "dispute { id }").await.unwrap();
        stage.heard(7).await;
        stage.app.advance(6 * DAY).await;
        let got = stage.heard(8).await;
        let tail = "&c=RUB&x=a%261&u=%D0%B2%D0%B5%D1%81%D0%BD%D0%B0&g=LEAD";
        assert_eq!(queries(&got[6..]), [
            format!("e=CONVERSION_APPROVED&s=SOLD&r=&m=318.75&n=31875&b=106.25{tail}"),
            format!("e=CONVERSION_RETURNED&s=SOLD&r=&m=318.75&n=31875&b=106.25{tail}"),
        ]);
        // Every event has an id of its own.
        let mut ids: Vec<&String> = got.iter().map(|call| &call.headers["webhook-id"]).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 8);
        stage.app.finish().await;
    }

    async fn a_post_has_the_facts_in_its_body(app: TestApp) {
        let stage = Stage::open(app).await;
        let made = stage.postback("l={lead_id}", &["SOLD"], json!({"method": "POST"})).await;
        let sold = stage.send(1, json!({"external_id": "77", "sub_ids": {"sub2": "b"}})).await;
        let got = stage.heard(1).await;
        let lead = sold["lead_id"].as_str().unwrap();
        assert_eq!(got[0].asked, format!("POST /hook?l={lead}"));
        assert!(is_signed(&got[0], &made.secret));
        assert_eq!(got[0].headers["content-type"], "application/json");
        let mut body = got[0].json();
        let data = body["data"].as_object_mut().unwrap();
        assert_eq!(data.remove("event_id").unwrap(), json!(got[0].headers["webhook-id"]));
        assert!(data.remove("time").is_some() && data.remove("time_iso").is_some());
        assert_eq!(body["type"], "lead.sold");
        assert_eq!(body["data"], json!({
            "event": "SOLD", "lead_id": lead, "source_id": stage.source.id, "status": "SOLD",
            "external_id": "77", "sub2": "b", "earning": "425.00", "earning_minor": "42500",
            "returned": "0.00", "returned_minor": "0", "currency": "RUB",
        }));
        stage.app.finish().await;
    }

    async fn a_postback_hears_its_source_and_its_events_and_nobody_elses(app: TestApp) {
        let stage = Stage::open(app).await;
        let other = stage.market.source(&stage.publisher, "Other", 1).await;
        stage.postback("all={source_id}", &["SOLD"], json!({})).await;
        let only = json!({"sourceId": stage.source.id});
        stage.postback("one={source_id}", &["SOLD", "UNSOLD"], only).await;
        let rival = stage.market.publisher("Rita Rival").await;
        let theirs = stage.market.source(&rival, "Theirs", 1).await;
        let foreign = json!({"name": "x", "url": stage.address("rival"), "events": ["SOLD"],
            "sourceId": stage.source.id});
        let refused = rival.client.try_mutate("createPublisherPostback", foreign, "postback { id }");
        assert_eq!(refused.await.unwrap().unwrap_err()[0].code, "NOT_FOUND");
        let input = json!({"name": "x", "url": stage.address("rival"), "events": ["UNSOLD"]});
        rival.client.mutate("createPublisherPostback", input, "secret").await.unwrap();
        for source in [&stage.source, &other, &theirs] {
            let n = source.id.bytes().map(u64::from).sum();
            assert_eq!(stage.market.send(source, n).await["verdict"], "SOLD");
        }
        let mut lines = vec![
            format!("all={}", stage.source.id),
            format!("all={}", other.id),
            format!("one={}", stage.source.id),
        ];
        lines.sort();
        assert_eq!(queries(&stage.heard(3).await), lines);
        // The log is the publisher's; buyers have none, operators see all.
        assert_eq!(stage.log().await.len(), 3);
        let count = "{ notices { nodes { id } } publisherPostbacks { id } }";
        let none = json!({"notices": {"nodes": []}, "publisherPostbacks": []});
        assert_eq!(stage.buyer.client.query(count, json!({})).await.unwrap(), none);
        let theirs = rival.client.query(count, json!({})).await.unwrap();
        assert_eq!(theirs["notices"]["nodes"], json!([]));
        assert_eq!(theirs["publisherPostbacks"].as_array().unwrap().len(), 1);
        let all = stage.market.operator.query(count, json!({})).await.unwrap();
        assert_eq!(all["notices"]["nodes"].as_array().unwrap().len(), 3);
        assert_eq!(all["publisherPostbacks"].as_array().unwrap().len(), 3);
        stage.app.finish().await;
    }

    async fn a_sale_on_a_click_is_told_with_the_click(app: TestApp) {
        let road = Road::open(&app, 1_000_000, |_| {}).await;
        let tracker = Receiver::open().await;
        let url = format!("{}?e={{event}}&c={{click_id}}&u={{sub1}}&g={{goal}}&m={{earning}}", tracker.url);
        let input = json!({"name": "tracker", "url": url, "events": ALL});
        road.publisher.client.mutate("createPublisherPostback", input, "secret").await.unwrap();
        let key = road.key().await;
        let click = road.click("?sub1=radio").await;
        let (status, _) = road.report(&key, &click, "SALE", "1").await;
        assert_eq!(status, 200);
        for _ in 0..500 {
            app.drain().await;
            if tracker.got().len() == 2 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(queries(&tracker.got()), [
            format!("e=CONVERSION_CREATED&c={click}&u=radio&g=SALE&m=850.00"),
            format!("e=SOLD&c={click}&u=radio&g=&m=0.00"),
        ]);
        drop(road);
        app.finish().await;
    }
}
