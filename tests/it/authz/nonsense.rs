//! Rights come before input: whoever may not do something, or not with this thing, learns nothing
//! by asking for it wrongly.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

use super::cast::{Cast, Things};
use super::fields::{self, Kind};
use super::member::Member;
use super::{DENIED, codes, snapshot};
use crate::each_engine;

/// A text that is longer than any field takes.
fn nonsense_text() -> Value {
    Value::String("☃".repeat(6_000))
}

/// Input types of the served schema by name: their fields with their types.
type Inputs = BTreeMap<String, Vec<(String, Value)>>;

async fn inputs(member: &Member) -> Inputs {
    let document = "{ __schema { types { name inputFields { name type { kind name \
                    ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";
    let answer = member.ask(document, json!({})).await;
    let types = answer["data"]["__schema"]["types"].as_array().unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let fields = |kind: &Value| -> Vec<(String, Value)> {
        let fields = kind["inputFields"].as_array().into_iter().flatten();
        fields.map(|field| (name(field), field["type"].clone())).collect()
    };
    types.iter().map(|kind| (name(kind), fields(kind))).collect()
}

/// The same call with nonsense wherever the schema lets it through: in every text, number and JSON
/// document, also where the call leaves them out. What names things stays, and so does what a
/// client can't send otherwise: enums, dates, ids.
struct Spoiler<'a> {
    inputs: &'a Inputs,
    things: &'a Things,
}

impl Spoiler<'_> {
    fn object(&self, kind: &str, known: &Value) -> Value {
        let mut out = Map::new();
        for (name, of) in &self.inputs[kind] {
            // A key is taken before anything is looked up, and shows nothing of it.
            if name == "idempotencyKey" {
                if of["kind"] == "NON_NULL" {
                    out.insert(name.clone(), json!(format!("nonsense/{kind}")));
                }
                continue;
            }
            if let Some(value) = self.value(of, &known[name]) {
                out.insert(name.clone(), value);
            }
        }
        Value::Object(out)
    }

    fn value(&self, of: &Value, known: &Value) -> Option<Value> {
        let kept = || (!known.is_null()).then(|| known.clone());
        match (of["kind"].as_str().unwrap(), of["name"].as_str()) {
            ("NON_NULL", _) => self.value(&of["ofType"], known),
            ("LIST", _) => match known.as_array() {
                Some(list) => {
                    list.iter().map(|one| self.value(&of["ofType"], one)).collect::<Option<_>>()
                }
                None => self.value(&of["ofType"], &Value::Null).map(|one| json!([one])),
            },
            ("INPUT_OBJECT", Some(kind)) => Some(self.object(kind, known)),
            ("SCALAR", Some("String")) => {
                let names = known.as_str().is_some_and(|text| {
                    self.things.values().any(|thing| thing.contains('_') && text.contains(thing))
                });
                if names { kept() } else { Some(nonsense_text()) }
            }
            ("SCALAR", Some("Int")) => Some(json!(-1)),
            ("SCALAR", Some("JSON")) => Some(json!({"nonsense": [-1, null]})),
            _ => kept(),
        }
    }
}

/// Whom the matrix denies which mutation.
fn denied() -> BTreeMap<String, Vec<String>> {
    let matrix = std::fs::read_to_string(snapshot()).unwrap();
    let mut lines = matrix.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let members = lines.next().unwrap();
    lines
        .map(|row| {
            let cells = members.iter().zip(&row).skip(1).filter(|(_, verdict)| **verdict == "-");
            (row[0].to_owned(), cells.map(|(member, _)| (*member).to_owned()).collect())
        })
        .collect()
}

each_engine! {
    async fn nonsense_from_the_wrong_role_is_not_found(app: TestApp) {
        let cast = Cast::gather(&app).await;
        let admin = &cast.members.iter().find(|(name, _)| *name == "admin").unwrap().1;
        let inputs = inputs(admin).await;
        let spoiler = Spoiler { inputs: &inputs, things: &cast.things };
        let denied = denied();
        let (mut asked, mut told) = (0, Vec::new());
        for field in fields::table(&cast.things) {
            if field.kind != Kind::Mutation {
                continue;
            }
            let mut letters = field.name.chars();
            let first = letters.next().unwrap().to_ascii_uppercase();
            let kind = format!("{first}{}Input", letters.as_str());
            let input = spoiler.object(&kind, &field.variables["input"]);
            for (name, member) in &cast.members {
                if !denied[field.name].iter().any(|denied| denied == name) {
                    continue;
                }
                let answer = member.ask(&field.document, json!({"input": input})).await;
                asked += 1;
                let codes = codes(&field, &answer);
                if codes.is_empty() || codes.iter().any(|code| !DENIED.contains(code)) {
                    told.push(format!("{name}, {}: {codes:?}", field.name));
                }
            }
        }
        assert!(told.is_empty(), "told before rights were looked at:\n{}", told.join("\n"));
        assert!(asked > 400, "only {asked} cells of the matrix are denials");
        drop(cast);
        app.finish().await;
    }
}
