//! Who wins, what it costs, and what the trace says.

use serde_json::json;

use super::buyers::Says;
use super::stage::{Stage, app, patient, patient_app};
use crate::each_engine;
use crate::harness::market::Lead;

each_engine! {
    async fn of_ten_live_buyers_the_best_timely_bid_wins(kind: Kind) {
        let Some(app) = app(kind).await else { return };
        let stage = Stage::open(app).await;
        let mut all = Vec::new();
        for n in 1..=3 {
            all.push(stage.buyer(&format!("hangs{n}"), Says::Nothing).await);
        }
        for n in 1..=2 {
            all.push(stage.buyer(&format!("errs{n}"), Says::status(500)).await);
        }
        let less = stage.buyer("less", Says::bid("800.00")).await;
        stage.buyers.says("less/post", Says::bid("1.00"));
        let silent = stage.buyer("silent", Says::bid("700.00")).await;
        stage.buyers.says("silent/post", Says::Nothing);
        let third = stage.buyer("third", Says::bid("600.00")).await;
        stage.buyer("plain", Says::yes()).await;
        stage.buyer("picky", Says::no("OUT_OF_AREA")).await;
        let instant = stage.instant("Inga Instant", 55_000).await;

        // The dearest timely bid wins, and binds: the post said 1.00.
        let sold = stage.send(1).await;
        assert_eq!(sold["verdict"], "SOLD", "{sold}");
        assert_eq!(sold["earning"]["minor"], "68000", "85 % of 800.00");
        let (state, mut trace) = stage.lead(&sold["lead_id"]).await;
        assert_eq!(state, "SOLD");
        // Those that did not bid come in the order of their ids.
        trace[5..].sort();
        assert_eq!(
            trace,
            [
                "less: WON LIVE",
                "silent: OUTBID LIVE",
                "third: OUTBID LIVE",
                "Inga Instant: OUTBID",
                "plain: OUTBID LIVE",
                "errs1: LIVE_FAILED HTTP 500",
                "errs2: LIVE_FAILED HTTP 500",
                "hangs1: LIVE_LATE",
                "hangs2: LIVE_LATE",
                "hangs3: LIVE_LATE",
                "picky: LIVE_DECLINED OUT_OF_AREA",
            ]
        );
        assert_eq!(stage.wallet(&less.seat).await, [920_000, 0]);
        assert_eq!(stage.inbox(&less.seat).await, ["80000"]);
        assert_eq!(stage.offered(&less.seat).await, ["AWARDED 80000 - 100"]);
        assert_eq!(stage.buyers.asked("/ask").len(), 10);
        assert_eq!(stage.buyers.asked("/post").len(), 1, "the full post goes to the winner alone");

        // Without it the next one wins, and says nothing: nobody else may have the lead.
        stage.buyers.says("less/ask", Says::no("CAP"));
        let waits = stage.send(2).await;
        assert_eq!((&waits["verdict"], &waits["reasons"][0]["code"]), (&json!("RECEIVED"), &json!("LIVE_PENDING")));
        assert_eq!(stage.offered(&silent.seat).await, ["UNKNOWN 70000 - -"]);
        assert_eq!(stage.wallet(&silent.seat).await, [930_000, 70_000], "the reservation stays");
        assert!(stage.inbox(&silent.seat).await.is_empty(), "an offered award is no award yet");
        assert_eq!(stage.buyers.asked("/post").len(), 2);
        let again = stage.send(2).await;
        assert_eq!(again["reasons"][0]["code"], "DUPLICATE_PHONE_30D", "its person is taken");
        for other in [&third.seat, &instant] {
            assert!(stage.inbox(other).await.is_empty());
        }
        // After ten minutes it lets go, as it declared; there is no time for other live buyers.
        stage.pass(600 * leadbourse_core::time::SECOND).await;
        let trace = stage.until(&waits["lead_id"], "SOLD").await;
        assert_eq!(trace[0], "Inga Instant: WON");
        assert!(trace.contains(&"silent: LIVE_RELEASED".to_owned()), "{trace:?}");
        assert!(trace.contains(&"third: LIVE_NO_TIME".to_owned()), "{trace:?}");
        assert_eq!(stage.wallet(&silent.seat).await, [1_000_000, 0]);
        assert_eq!(stage.inbox(&instant).await, ["55000"]);
        assert_eq!(stage.buyers.asked("/post").len(), 2, "nobody else was sent the lead");
        let twice = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM (SELECT lead_id FROM awards \
            GROUP BY lead_id HAVING COUNT(*) > 1) AS doubled";
        assert_eq!(stage.number(twice).await, 0);
        stage.app.finish().await;
    }

    async fn asks_show_only_what_pings_show_and_are_signed(kind: Kind) {
        let Some(app) = app(kind).await else { return };
        let stage = Stage::open(app).await;
        let buyer = stage.buyer("one", Says::bid("510.00")).await;
        let sold = stage.send(1).await;
        assert_eq!(sold["verdict"], "SOLD", "{sold}");
        let ask = stage.buyers.asked("one/ask").remove(0);
        assert!(ask.signed, "the ask is signed with the secret that was shown once");
        let fields = ask.body["data"]["fields"].as_object().unwrap();
        assert!(fields.contains_key("region"));
        let text = ask.body.to_string();
        for secret in ["7916", "person1@", "Person 1", sold["lead_id"].as_str().unwrap()] {
            assert!(!text.contains(secret), "the ask tells {secret}");
        }
        assert_eq!(ask.body["data"]["price"]["minor"], "50000", "the offer's own price");
        let post = stage.buyers.asked("one/post").remove(0);
        assert!(post.signed);
        let data = &post.body["data"];
        assert_eq!(data["person"]["fields"]["phone"], "+79160000001");
        assert_eq!(data["price"]["minor"], "51000");
        assert_eq!(data["ask_id"], ask.body["data"]["ask_id"]);
        assert_eq!(post.id, data["award_id"].as_str().unwrap());
        assert_eq!(sold["awards"][0]["award_id"], data["award_id"], "one id from offer to award");
        // The secret is not shown again.
        let document = "query($id: ID!) { liveConnection(offerId: $id) { askUrl } }";
        let shown = buyer.seat.client.query(document, json!({"id": buyer.offer.id})).await.unwrap();
        assert!(shown["liveConnection"]["askUrl"].as_str().unwrap().ends_with("/one/ask"));
        stage.app.finish().await;
    }

    async fn a_declined_post_frees_the_money_and_the_next_in_rank_is_tried(kind: Kind) {
        let Some(app) = app(kind).await else { return };
        let stage = Stage::open(app).await;
        let first = stage.buyer("first", Says::bid("900.00")).await;
        let second = stage.buyer("second", Says::bid("800.00")).await;
        let gone = stage.buyer_with("gone", Says::bid("850.00"), json!({
            "postUrl": "http://127.0.0.1:9/post",
        })).await;
        stage.buyers.says("first/post", Says::no("DUPLICATE"));
        let mut body = Lead::body(1);
        body["idempotency_key"] = json!("k1");
        let sold = stage.send_body(&body).await;
        assert_eq!(sold["verdict"], "SOLD", "{sold}");
        let (_, mut trace) = stage.lead(&sold["lead_id"]).await;
        trace[1..].sort();
        assert_eq!(
            trace,
            [
                "second: WON LIVE",
                "first: LIVE_POST_DECLINED DUPLICATE",
                "gone: LIVE_POST_DECLINED UNREACHED",
            ]
        );
        for loser in [&first, &gone] {
            assert_eq!(stage.wallet(&loser.seat).await, [1_000_000, 0], "{}", loser.name);
        }
        assert_eq!(stage.wallet(&second.seat).await, [920_000, 0]);
        assert_eq!(stage.offered(&first.seat).await, ["DECLINED 90000 DUPLICATE -"]);
        assert_eq!(stage.send_body(&body).await, sold, "the same key has the same answer");
        assert_eq!(stage.buyers.asked("/post").len(), 2);
        // Caps count what was bought, not what was offered.
        let counted = "SELECT CAST(SUM(total_count) AS BIGINT) AS n FROM offer_meters";
        assert_eq!(stage.number(counted).await, 1);
        stage.app.finish().await;
    }

    async fn a_bid_that_its_buyer_cannot_pay_does_not_win(kind: Kind) {
        let Some(app) = app(kind).await else { return };
        let stage = Stage::open(app).await;
        stage.buyer("boaster", Says::bid("10000.01")).await;
        stage.buyer_with("low", Says::bid("9.99"), json!({
            "minBid": {"minor": "1000", "currency": "RUB"},
        })).await;
        stage.buyer("true", Says::bid("10000.00")).await;
        let sold = stage.send(1).await;
        let (_, mut trace) = stage.lead(&sold["lead_id"]).await;
        trace[1..].sort();
        assert_eq!(trace, ["true: WON LIVE", "boaster: NO_OFFER_FUNDED", "low: LIVE_LOW_BID"]);
        stage.app.finish().await;
    }

    async fn an_endpoint_that_only_fails_is_left_alone_and_tried_again(kind: Kind) {
        let Some(app) = app(kind).await else { return };
        let stage = Stage::open(app).await;
        stage.buyer("bad", Says::status(503)).await;
        for n in 1..=5 {
            let unsold = stage.send(n).await;
            assert_eq!(unsold["reasons"][0]["code"], "LIVE_FAILED", "{unsold}");
        }
        let alone = stage.send(6).await;
        assert_eq!(alone["reasons"][0]["code"], "LIVE_BREAKER_OPEN");
        assert_eq!(stage.buyers.asked("bad/ask").len(), 5);
        stage.buyers.says("bad/ask", Says::bid("500.00"));
        stage.pass(31 * leadbourse_core::time::SECOND).await;
        assert_eq!(stage.send(7).await["verdict"], "SOLD", "the probe closes it");
        assert_eq!(stage.send(8).await["verdict"], "SOLD");
        stage.app.finish().await;
    }

    async fn a_busy_endpoint_is_not_asked(kind: Kind) {
        let Some(app) = patient_app(kind).await else { return };
        let stage = Stage::open(app).await;
        let mut settings = patient();
        settings["concurrency"] = json!(1);
        stage.buyer_with("slow", Says::Nothing, settings).await;
        let first = stage.send_and_leave(1);
        stage.buyers.until_asked("slow/ask").await;
        let busy = stage.send(2).await;
        assert_eq!(busy["reasons"][0]["code"], "LIVE_BUSY", "{busy}");
        first.abort();
        stage.app.finish().await;
    }

    async fn pings_and_tests_do_not_ask(kind: Kind) {
        let Some(app) = app(kind).await else { return };
        let stage = Stage::open(app).await;
        stage.buyer("one", Says::bid("510.00")).await;
        let mut body = Lead::body(1);
        body["test"] = json!(true);
        let test = stage.send_body(&body).await;
        assert_eq!(test["reasons"][0]["code"], "LIVE_NOT_ASKED", "{test}");
        let mut fields = Lead::fields(1);
        fields.retain(|name, _| !["name", "phone", "email"].contains(&name.as_str()));
        let input = json!({"sourceId": stage.source.id, "fields": fields});
        let selection = "verdict { outcome reasons { code } }";
        let asked = stage.publisher.client.mutate("submitPing", input, selection).await.unwrap();
        assert_eq!(asked["verdict"]["reasons"][0]["code"], "LIVE_NOT_ASKED", "{asked}");
        assert!(stage.buyers.asked("/ask").is_empty());
        stage.app.finish().await;
    }
}
