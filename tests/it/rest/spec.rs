//! Posting specifications: what they say, to whom, and that their samples run.

use reqwest::Client;
use serde_json::{Value, json};
use std::process::{Command, Stdio};

use crate::each_engine;
use crate::harness::market::Market;

const NO_SOURCE: &str = "src_01h455vb4pex5vsknk084sn02q";

/// Runs a sample with its interpreter; `None` where that is not installed.
fn sample_output(language: &str, code: &str) -> Option<String> {
    let (program, argument) = match language {
        "curl" => ("bash", "-c"),
        "javascript" => ("node", "-e"),
        "python" => ("python3", "-c"),
        "php" => ("php", "-r"),
        other => panic!("{other}: how is it run?"),
    };
    let code = code.strip_prefix("<?php\n").unwrap_or(code);
    let ran = Command::new(program)
        .args([argument, code])
        .env("NO_PROXY", "*")
        .env("no_proxy", "*")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    assert!(ran.status.success(), "{language}: {}", String::from_utf8_lossy(&ran.stderr));
    Some(String::from_utf8(ran.stdout).unwrap())
}

each_engine! {
    async fn a_specification_says_everything_and_no_secret(app: TestApp) {
        let market = Market::open(&app).await;
        let publisher = market.publisher("Paul Publisher").await;
        let source = market.source(&publisher, "Secret site name", 1).await;
        let http = Client::builder().no_proxy().build().unwrap();
        let get = async |path: String, accept: &str| {
            let request = http.get(format!("{}{path}", app.url())).header("accept-language", accept);
            request.send().await.unwrap()
        };
        let spec: Value =
            get(format!("/v1/spec/{}", source.id), "ru").await.json().await.unwrap();
        assert_eq!(spec["language"], "ru");
        assert_eq!(spec["active"], true);
        assert_eq!(spec["url"], format!("{}/v1/leads", app.url()));
        assert_eq!(spec["niche"], "mortgage");
        assert_eq!(spec["consent_required"], true);
        let field = |name: &str| {
            let fields = spec["fields"].as_array().unwrap();
            fields.iter().find(|field| field["name"] == name).unwrap().clone()
        };
        let phone = field("phone");
        assert_eq!(
            (&phone["required"], &phone["ping"], &phone["post"], &phone["kind"], &phone["type"]),
            (&json!(true), &json!(false), &json!(true), &json!("phone"), &json!("string"))
        );
        assert_eq!(phone["label"], "Телефон");
        let region = field("region");
        assert_eq!((&region["required"], &region["ping"]), (&json!(true), &json!(true)));
        assert_eq!(region["values"][0], json!({"value": "RU-MOW", "label": "Москва"}));
        let codes: Vec<&str> =
            spec["reasons"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect();
        assert!(codes.contains(&"BAD_PHONE") && codes.contains(&"NO_OFFER_FUNDED"));
        assert_eq!(spec["magic"][0]["phones"][0], "+79990000001");

        for (lang, accept, words) in
            [("?lang=en", "ru", "Posting specification"), ("", "ru,en;q=0.1", "Спецификация приёма")]
        {
            let page = get(format!("/spec/{}{lang}", source.id), accept).await;
            assert_eq!(page.status(), 200);
            let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
            assert!(policy.starts_with("default-src 'none'"), "{policy}");
            assert!(!page.headers().contains_key("set-cookie"));
            let text = page.text().await.unwrap();
            assert!(text.contains(words) && text.contains("+79990000001"), "{text}");
            for secret in [source.key.as_str(), "Secret site name", "Paul Publisher", "psk_"] {
                assert!(!text.contains(secret) && !spec.to_string().contains(secret), "{secret}");
            }
        }
        let query = "query($id: ID!) { source(id: $id) { postingSpecification(language: \"ru\") } }";
        let twin = publisher.client.query(query, json!({"id": source.id})).await.unwrap();
        let twin = &twin["source"]["postingSpecification"];
        assert_eq!((&twin["fields"], &twin["reasons"]), (&spec["fields"], &spec["reasons"]));

        for path in ["/v1/spec/", "/spec/"] {
            for id in [NO_SOURCE, "nonsense", "lead_01h455vb4pex5vsknk084sn02q"] {
                assert_eq!(get(format!("{path}{id}"), "en").await.status(), 404, "{path}{id}");
            }
        }
        let input = json!({"id": source.id, "approve": false, "note": "no"});
        market.operator.mutate("decideSource", input, "source { id }").await.unwrap();
        assert_eq!(get(format!("/spec/{}", source.id), "en").await.status(), 404, "refused");
        app.finish().await;
    }

    async fn every_sample_runs_as_it_is_printed(app: TestApp) {
        let market = Market::open(&app).await;
        let publisher = market.publisher("Paul Publisher").await;
        let source = market.source(&publisher, "Site", 1).await;
        let url = format!("{}/v1/spec/{}", app.url(), source.id);
        let http = Client::builder().no_proxy().build().unwrap();
        let spec: Value = http.get(url).send().await.unwrap().json().await.unwrap();
        let mut ran = 0;
        for sample in spec["samples"].as_array().unwrap() {
            let language = sample["language"].as_str().unwrap().to_owned();
            let code = sample["code"].as_str().unwrap().replace("YOUR_POSTING_KEY", &source.key);
            let output = tokio::task::spawn_blocking(move || sample_output(&language, &code)).await.unwrap();
            let Some(output) = output else { continue };
            let verdict: Value = serde_json::from_str(&output).unwrap();
            assert_eq!((&verdict["verdict"], &verdict["test"]), (&json!("SOLD"), &json!(true)));
            ran += 1;
        }
        assert!(ran >= 1, "curl at least");
        let leads = publisher.client.query("{ leads { nodes { id } } }", json!({})).await.unwrap();
        assert_eq!(leads["leads"]["nodes"], json!([]));
        app.finish().await;
    }
}
