//! Connections: who may set them, what they need, and the test of an endpoint.

use leadbourse::edge::cli::admin::{self, Command, EndpointCommand, Request};
use leadbourse::edge::cli::socket::{Out, Said};
use serde_json::{Value, json};

use super::buyers::Says;
use super::stage::{Stage, app};
use crate::each_engine;

const REPORT: &str =
    "report { passed steps { probe passed status accepted price { minor } reason } }";

fn steps(report: &Value) -> Vec<String> {
    let line = |step: &Value| {
        let word = if step["passed"] == true { "passed" } else { "failed" };
        format!("{} {word} {}", step["probe"].as_str().unwrap(), step["status"])
    };
    report["report"]["steps"].as_array().unwrap().iter().map(line).collect()
}

each_engine! {
    async fn a_live_offer_needs_a_connection_and_terms_that_fit(kind: Kind) {
        let Some(app) = app(kind).await else { return };
        let stage = Stage::open(app).await;
        let seat = stage.market.buyer("Berta Buyer", 0).await;
        let mut terms = stage.market.terms(50_000);
        terms["mode"] = json!("LIVE");
        let input = json!({"nicheId": stage.market.niche_id, "name": "x", "terms": terms});
        let made = seat.client.mutate("createOffer", input, "offer { id }").await.unwrap();
        let id = made["offer"]["id"].clone();
        let submit = seat.client.try_mutate("submitOffer", json!({"offerId": id}), "offer { id }");
        assert_eq!(submit.await.unwrap().unwrap_err()[0].code, "LIVE_CONNECTION_MISSING");
        terms["maxSales"] = json!(2);
        let input = json!({"offerId": id, "terms": terms});
        let revised = seat.client.try_mutate("reviseOffer", input, "offer { id }").await.unwrap();
        assert_eq!(revised.unwrap_err()[0].code, "TERMS_LIVE");

        let set = |input: Value| async {
            let done = seat.client.try_mutate("setLiveConnection", input, "secret").await.unwrap();
            done.map_err(|errors| errors[0].field.clone().unwrap_or_default())
        };
        let plain = stage.connection("one", id.as_str().unwrap());
        for (field, value) in [
            ("askUrl", json!("ftp://buyer.example/")),
            ("postUrl", json!("http://10.0.0.1/post")),
            ("statusUrl", json!("nonsense")),
            ("askTimeoutMs", json!(5_000)),
            ("concurrency", json!(0)),
        ] {
            let mut input = plain.clone();
            input[field] = value;
            assert_eq!(set(input).await.unwrap_err(), field);
        }
        let mut input = plain.clone();
        input["mapping"] = json!({"price": {"regex": "("}});
        assert_eq!(set(input).await.unwrap_err(), "mapping.price");
        let first = set(plain.clone()).await.unwrap();
        let secret = first["secret"].as_str().unwrap().to_owned();
        assert!(secret.starts_with("whsec_"));
        assert!(set(plain.clone()).await.unwrap()["secret"].is_null());
        let mut input = plain.clone();
        input["rotateSecret"] = json!(true);
        assert_ne!(set(input).await.unwrap()["secret"], json!(secret));
        let stored = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM live_connections WHERE settings LIKE '%whsec%'";
        assert_eq!(stage.number(stored).await, 0);
        // Nobody else's.
        let other = stage.market.buyer("Otto Other", 0).await;
        let theirs = other.client.try_mutate("setLiveConnection", plain, "secret").await.unwrap();
        assert_eq!(theirs.unwrap_err()[0].code, "NOT_FOUND");
        let submit = seat.client.mutate("submitOffer", json!({"offerId": id}), "offer { id }");
        submit.await.unwrap();
        stage.app.finish().await;
    }

    async fn a_test_proves_an_endpoint_and_sells_nothing(kind: Kind) {
        let Some(app) = app(kind).await else { return };
        let stage = Stage::open(app).await;
        let status = format!("{}/one/status", stage.buyers.base);
        let one = stage.buyer_with("one", Says::bid("512.34"), json!({"statusUrl": status})).await;
        stage.buyers.says("one/status", Says::yes());
        let test = || async {
            let input = json!({"offerId": one.offer.id});
            one.seat.client.mutate("testLiveConnection", input, REPORT).await.unwrap()
        };
        // It does not look at signatures yet.
        let careless = test().await;
        assert_eq!(careless["report"]["passed"], false);
        assert_eq!(
            steps(&careless),
            ["ASK passed 200", "POST passed 200", "REPEAT passed 200", "STATUS passed 200", "FORGED failed 200"]
        );
        assert_eq!(careless["report"]["steps"][0]["price"]["minor"], "51234");
        stage.buyers.strict();
        let good = test().await;
        assert_eq!(good["report"]["passed"], true, "{good}");
        assert_eq!(steps(&good)[4], "FORGED passed 401");
        stage.buyers.says("one/ask", Says::Body(200, json!({"accept": true, "price": "cheap"})));
        stage.buyers.says("one/status", Says::no("NO"));
        stage.buyers.says("one/post", Says::status(500));
        let bad = test().await;
        assert_eq!(
            steps(&bad),
            ["ASK failed 200", "POST failed 500", "REPEAT failed 500", "STATUS failed 200", "FORGED passed 401"]
        );
        let marks: Vec<bool> =
            stage.buyers.asked("").iter().map(|one| one.body["test"] == json!(true)).collect();
        assert_eq!(marks, [true; 15]);
        for table in ["leads", "live_runs", "live_awards", "awards"] {
            let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) AS n FROM {table}");
            assert_eq!(stage.number(&sql).await, 0, "{table}");
        }
        // The command line runs the same test, and says each step in a line.
        let (out, mut said) = Out::channel();
        let command = EndpointCommand::Test { offer: one.offer.id.clone() };
        let request = Request { command: Command::Endpoint { command } };
        let done = admin::run(&stage.app.app, request, &out).await.unwrap();
        assert_eq!((&done["passed"], &done["currency"]), (&json!(false), &json!("RUB")));
        drop(out);
        let mut lines = Vec::new();
        while let Some(Said::Line(line)) = said.recv().await {
            lines.push(line.split('.').next().unwrap().to_owned());
        }
        assert_eq!(
            lines,
            ["ASK: FAILED", "POST: FAILED", "REPEAT: FAILED", "STATUS: FAILED", "FORGED: passed"]
        );
        // An operator may prove it too, another buyer may not.
        let input = json!({"offerId": one.offer.id});
        let by_operator = stage.market.operator.mutate("testLiveConnection", input.clone(), REPORT);
        assert_eq!(by_operator.await.unwrap()["report"]["passed"], false);
        let other = stage.market.buyer("Otto Other", 0).await;
        let theirs = other.client.try_mutate("testLiveConnection", input, REPORT).await.unwrap();
        assert_eq!(theirs.unwrap_err()[0].code, "NOT_FOUND");
        stage.app.finish().await;
    }
}
