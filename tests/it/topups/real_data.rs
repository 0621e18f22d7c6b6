//! Our requests and the double's answers, against the API description that Stripe publishes. It is
//! not part of the repository: `make test-data` names the folder.

use serde_json::{Value, json};
use std::path::Path;

use super::stage::Stage;
use crate::harness::Kind;

/// Stripe's description.
struct Api(Value);

impl Api {
    fn read() -> Self {
        let folder = std::env::var("LB_TEST_SHARED").expect("make test-data sets LB_TEST_SHARED");
        let text = std::fs::read(Path::new(&folder).join("stripe/openapi.json")).unwrap();
        Self(serde_json::from_slice(&text).unwrap())
    }

    /// The operation of a request: paths have their ids in braces.
    fn operation(&self, method: &str, path: &str) -> &Value {
        let parts: Vec<&str> = path.split('/').collect();
        let fits = |pattern: &str| {
            let wanted: Vec<&str> = pattern.split('/').collect();
            wanted.len() == parts.len()
                && wanted.iter().zip(&parts).all(|(w, p)| w.starts_with('{') || w == p)
        };
        let paths = self.0["paths"].as_object().unwrap();
        let mut found: Vec<_> = paths.iter().filter(|(pattern, _)| fits(pattern)).collect();
        // Words before braces.
        found.sort_by_key(|(pattern, _)| pattern.matches('{').count());
        let (_, item) = found.first().unwrap_or_else(|| panic!("no path {path}"));
        let operation = &item[method.to_lowercase()];
        assert!(operation.is_object(), "no {method} {path}");
        operation
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.resolve(self.0.pointer(&reference[1..]).unwrap()),
            None => schema,
        }
    }

    /// What is wrong with a value; in forms every value is a text.
    fn check(&self, schema: &Value, value: &Value, form: bool, at: &str) -> Result<(), String> {
        let schema = self.resolve(schema);
        if value.is_null() {
            let fine = schema["nullable"] == true || schema["type"].is_null();
            return if fine { Ok(()) } else { Err(format!("{at}: is null")) };
        }
        if let Some(ways) = schema["anyOf"].as_array() {
            let mut wrong = Vec::new();
            for way in ways {
                match self.check(way, value, form, at) {
                    Ok(()) => return Ok(()),
                    Err(error) => wrong.push(error),
                }
            }
            return Err(wrong.join(" / "));
        }
        if let Some(words) = schema["enum"].as_array()
            && !words.contains(value)
        {
            return Err(format!("{at}: {value} is none of {words:?}"));
        }
        let kind = schema["type"].as_str().unwrap_or("any");
        let text = value.as_str();
        let fits = match kind {
            "integer" if form => text.is_some_and(|text| text.parse::<i64>().is_ok()),
            "boolean" if form => matches!(text, Some("true" | "false")),
            "number" if form => text.is_some_and(|text| text.parse::<f64>().is_ok()),
            "integer" => value.is_i64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "string" => value.is_string(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            _ => true,
        };
        if !fits {
            return Err(format!("{at}: {value} is no {kind}"));
        }
        for (n, item) in value.as_array().into_iter().flatten().enumerate() {
            self.check(&schema["items"], item, form, &format!("{at}[{n}]"))?;
        }
        self.check_fields(schema, value, form, at)
    }

    fn check_fields(
        &self,
        schema: &Value,
        value: &Value,
        form: bool,
        at: &str,
    ) -> Result<(), String> {
        let Some(fields) = value.as_object() else { return Ok(()) };
        for name in schema["required"].as_array().into_iter().flatten() {
            if !fields.contains_key(name.as_str().unwrap()) {
                return Err(format!("{at}: lacks {name}"));
            }
        }
        for (name, inner) in fields {
            let place = format!("{at}.{name}");
            match (&schema["properties"][name], &schema["additionalProperties"]) {
                (Value::Null, Value::Object(_)) => {
                    self.check(&schema["additionalProperties"], inner, form, &place)?;
                }
                // Answers may have more than the description of some years ago knows.
                (Value::Null, _) if form && schema["properties"].is_object() => {
                    return Err(format!("{place}: there is no such parameter"));
                }
                (Value::Null, _) => {}
                (known, _) => self.check(known, inner, form, &place)?,
            }
        }
        Ok(())
    }

    fn request(&self, method: &str, path: &str, given: &Value) -> Result<(), String> {
        let operation = self.operation(method, path);
        let body = "/requestBody/content/application~1x-www-form-urlencoded/schema";
        if method == "POST" {
            return self.check(operation.pointer(body).unwrap(), given, true, path);
        }
        for (name, value) in given.as_object().unwrap() {
            let known = operation["parameters"].as_array().unwrap();
            let known = known.iter().find(|known| known["name"] == *name);
            let known = known.ok_or_else(|| format!("{path}: no parameter {name}"))?;
            self.check(&known["schema"], value, true, &format!("{path}?{name}"))?;
        }
        Ok(())
    }
}

/// Everything that the exchange asks for.
async fn tour(stage: &Stage) {
    let top_up = stage.paid(50_000, true).await;
    let card = stage.saved_card().await;
    let input = json!({"amount": Stage::sum(5_000), "cardId": card});
    stage.ask(&stage.buyer.client, "chargeSavedCard", input.clone(), "cardTopUp { id }").await;
    stage.double.fault("POST /v1/payment_intents", "drop", json!({})).await;
    stage.ask(&stage.buyer.client, "chargeSavedCard", input, "cardTopUp { id }").await;
    let input = json!({"cardTopUpId": top_up["id"], "amount": Stage::sum(1_000)});
    stage.double.fault("POST /v1/refunds", "drop", json!({})).await;
    stage.ask(&stage.buyer.client, "refundCredit", input, "creditRefund { id }").await;
    stage.double.tell("keys/expire", json!({})).await;
    stage.advance(24 * leadbourse_core::time::HOUR).await;
    let payment = stage.double.all("payment_intent").await.last().unwrap()["id"].clone();
    stage.double.tell("dispute", json!({"payment_intent": payment})).await;
    stage.told(json!({})).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Stripe's API description: make test-data"]
async fn requests_and_answers_are_stripes() {
    let api = Api::read();
    let stage = Stage::open(Kind::Sqlite).await.unwrap();
    tour(&stage).await;
    let log = stage.double.tell("requests", json!({})).await;
    let mut seen = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    for one in log.as_array().unwrap() {
        let (method, path) = (one["method"].as_str().unwrap(), one["path"].as_str().unwrap());
        let words: Vec<&str> = path
            .split('/')
            .filter(|word| !word.contains('_') || *word == "payment_intents")
            .collect();
        seen.insert(format!("{method} {}", words.join("/")));
        wrong.extend(api.request(method, path, &one["given"]).err());
        if one["status"] == 200 {
            let answer = &api.operation(method, path)["responses"]["200"];
            let schema = answer.pointer("/content/application~1json/schema").unwrap();
            wrong.extend(api.check(schema, &one["answer"], false, path).err());
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let expected = [
        "GET /v1/checkout/sessions",
        "GET /v1/disputes",
        "GET /v1/payment_intents",
        "GET /v1/refunds",
        "POST /v1/checkout/sessions",
        "POST /v1/customers",
        "POST /v1/payment_intents",
        "POST /v1/refunds",
    ];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), expected, "the tour misses some");
    stage.finish().await;
}
