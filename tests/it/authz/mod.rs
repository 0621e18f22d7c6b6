//! Who may do what, proven field by field: every query, mutation and subscription is asked by every
//! role, and by members of other organizations, with the ids of things that are there.
//!
//! `matrix.txt` is what came out, on both engines; `UPDATE_SNAPSHOTS=1` writes it anew. What a
//! stranger may see is a list here that only shrinks.

mod cast;
mod fields;
mod live;
pub mod member;
mod nonsense;
mod rows;

use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::each_engine;
use cast::Cast;
use fields::{Field, Kind};

/// Queries that show something to members of other organizations: what is public on the exchange,
/// and what is about the asker itself.
const PUBLIC: &[&str] = &[
    "cardPayments",
    "billingProfile",
    "catalogue",
    "catalogueOffer",
    "dashboard",
    "niche",
    "nichePacks",
    "niches",
    "postbackMacros",
    "viewer",
];

/// Lists in which every member has rows of its own. `rows` proves that there are no others.
const OWN_ROWS: &[&str] = &["auditLog", "organizations"];

/// What every member may do with things that are their own or public.
const OWN: &[&str] = &[
    "addMember",
    "applyToOffer",
    "chargeSavedCard",
    "checkReconciliation",
    "createApiKey",
    "createCheckout",
    "createEndpoint",
    "createOffer",
    "createPostbackToken",
    "createPublisherPostback",
    "createSource",
    "offerEstimate",
    "removeSavedCard",
    "setAutoRecharge",
    "setBillingProfile",
    "setLocale",
    "setPayoutProfile",
    "signIn",
    "signOut",
    "signUp",
    "updateOrganization",
];

/// Fields that the table of calls does not ask. May only shrink.
const GAPS: &[&str] = &["demo", "signIn", "signOut", "signUp"];

/// What is answered where a thing is not there, or not for the asker.
const DENIED: &[&str] = &["NOT_FOUND", "UNAUTHENTICATED", "UNKNOWN_SOURCE", "BAD_POSTING_KEY"];

/// Answers of a call that says nothing about rights: the call itself was wrong.
const BROKEN: &[&str] = &[
    "BAD_ID",
    "BAD_INPUT",
    "COMMENT_REQUIRED",
    "CSRF_FAILED",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "INTERNAL",
];

fn snapshot() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/authz/matrix.txt")
}

/// The root fields of the served schema.
fn root_fields() -> BTreeSet<String> {
    let sdl = leadbourse::edge::graphql::schema::sdl();
    let mut found = BTreeSet::new();
    for root in ["type Query {", "type Mutation {", "type Subscription {"] {
        let body = sdl.split(root).nth(1).unwrap().split("\n}").next().unwrap();
        let mut quoted = false;
        for line in body.lines() {
            if line.trim() == "\"\"\"" {
                quoted = !quoted;
            } else if !quoted && line.starts_with('\t') {
                let name: String =
                    line.trim().chars().take_while(|c| c.is_alphanumeric()).collect();
                found.insert(name);
            }
        }
    }
    found
}

/// Every error code of an answer: of the request, of the payload, of the things in it.
fn codes<'a>(field: &Field, answer: &'a Value) -> Vec<&'a str> {
    let list = |value: &'a Value| value.as_array().into_iter().flatten();
    let payload = &answer["data"][field.name];
    let top = list(&answer["errors"]).map(|error| &error["extensions"]["code"]);
    let own = list(&payload["userErrors"]).map(|error| &error["code"]);
    let each = list(&payload["results"]).flat_map(|result| {
        let errors = list(&result["userErrors"]).map(|error| &error["code"]);
        errors.chain(Some(&result["error"]["code"]).filter(|code| !code.is_null()))
    });
    top.chain(own).chain(each).map(|code| code.as_str().unwrap_or("?")).collect()
}

/// What an answer means: `yes`, `none` (a list without rows), or `-` (denied or not there).
fn verdict(field: &Field, answer: &Value) -> &'static str {
    let codes = codes(field, answer);
    assert!(!codes.iter().any(|code| BROKEN.contains(code)), "{}: {answer}", field.name);
    if codes.iter().any(|code| DENIED.contains(code)) {
        return "-";
    }
    match &answer["data"][field.name] {
        Value::Null => "-",
        Value::Array(rows) if rows.is_empty() => "none",
        Value::Object(fields) => match fields.get("nodes") {
            Some(Value::Array(rows)) if rows.is_empty() => "none",
            _ => "yes",
        },
        _ => "yes",
    }
}

/// What every member gets of a field, in the order of the members.
async fn row(cast: &Cast, field: &Field) -> Vec<&'static str> {
    if field.kind == Kind::Subscription {
        return live::heard(cast, field).await;
    }
    let mut row = Vec::with_capacity(cast.members.len());
    for (_, member) in &cast.members {
        row.push(verdict(field, &member.ask(&field.document, field.variables.clone()).await));
    }
    row
}

each_engine! {
    async fn every_field_is_asked_by_every_role(app: TestApp) {
        let cast = Cast::gather(&app).await;
        let table = fields::table(&cast.things);

        let asked: BTreeSet<String> = table.iter().map(|field| field.name.to_owned()).collect();
        let gaps: BTreeSet<String> = GAPS.iter().map(|name| (*name).to_owned()).collect();
        let expected: BTreeSet<String> = root_fields().difference(&gaps).cloned().collect();
        assert_eq!(asked, expected, "a field without a row in the table of calls");

        let mut matrix = String::new();
        let names: Vec<&str> = cast.members.iter().map(|(name, _)| *name).collect();
        writeln!(matrix, "{:<20} {}", "field", names.join(" ")).unwrap();
        let mut leaks = Vec::new();
        for field in &table {
            write!(matrix, "{:<20}", field.name).unwrap();
            for (name, verdict) in names.iter().zip(row(&cast, field).await) {
                let stranger = name.starts_with("other-") || *name == "anonymous";
                let open = [PUBLIC, OWN_ROWS, OWN].iter().any(|list| list.contains(&field.name));
                if stranger && verdict == "yes" && !open {
                    leaks.push(format!("{name} may {}", field.name));
                }
                write!(matrix, " {verdict:<width$}", width = name.len()).unwrap();
            }
            matrix = matrix.trim_end().to_owned();
            matrix.push('\n');
        }
        assert!(leaks.is_empty(), "{}", leaks.join("\n"));
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(snapshot(), &matrix).unwrap();
        }
        let committed = std::fs::read_to_string(snapshot()).unwrap_or_default();
        assert!(committed == matrix, "matrix.txt is not current (UPDATE_SNAPSHOTS=1):\n{matrix}");
        drop(cast);
        app.finish().await;
    }
}
