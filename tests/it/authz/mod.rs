//! Who may do what, proven field by field: every query and mutation is asked by every role, and by
//! members of other organizations, with the ids of things that are there.
//!
//! `matrix.txt` is what came out; `UPDATE_SNAPSHOTS=1` writes it anew. What a stranger may see is
//! a list here that only shrinks.

mod cast;
mod fields;
pub mod member;

use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::harness::{Kind, TestApp};
use cast::Cast;
use fields::Field;

/// Queries that show something to members of other organizations: what is public on the exchange,
/// and what is about the asker itself.
const PUBLIC: &[&str] = &[
    "auditLog",
    "catalogue",
    "catalogueOffer",
    "dashboard",
    "niche",
    "nichePacks",
    "niches",
    "organizations",
    "viewer",
];

/// Mutations that every member may do with things that are their own or public.
const OWN: &[&str] = &[
    "addMember",
    "applyToOffer",
    "createApiKey",
    "createEndpoint",
    "createOffer",
    "createSource",
    "importConversions",
    "setLocale",
    "setPayoutProfile",
    "signIn",
    "signOut",
    "signUp",
    "submitLeads",
    "updateOrganization",
];

/// Fields that the table of calls does not ask. May only shrink.
const GAPS: &[&str] = &["demo", "signIn", "signOut", "signUp"];

fn snapshot() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/authz/matrix.txt")
}

/// The root fields of the served schema.
fn root_fields() -> BTreeSet<String> {
    let sdl = leadbourse::edge::graphql::schema::sdl();
    let mut found = BTreeSet::new();
    for root in ["type Query {", "type Mutation {"] {
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

/// What an answer means: `yes`, `none` (a list without rows), or `-` (denied or not there),
/// `bad` (refused for its input before anything was looked up).
fn verdict(field: &Field, answer: &Value) -> &'static str {
    let codes: Vec<&str> = answer["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| error["extensions"]["code"].as_str().unwrap_or("?"))
        .chain(
            answer["data"][field.name]["userErrors"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|error| error["code"].as_str().unwrap_or("?")),
        )
        .collect();
    assert!(!codes.contains(&"INTERNAL"), "{}: {answer}", field.name);
    let broken = ["GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "CSRF_FAILED"];
    assert!(!codes.iter().any(|code| broken.contains(code)), "{}: {answer}", field.name);
    let denied = ["NOT_FOUND", "UNAUTHENTICATED", "UNKNOWN_SOURCE", "BAD_POSTING_KEY"];
    if codes.iter().any(|code| denied.contains(code)) {
        return "-";
    }
    // The call was refused for its own input before anything was looked up: it proves nothing,
    // and it shows nothing. Each of these is a call that this table could make better.
    let premature = ["BAD_INPUT", "BAD_ID", "COMMENT_REQUIRED"];
    if codes.iter().any(|code| premature.contains(code)) {
        return "bad";
    }
    let data = &answer["data"][field.name];
    match data {
        Value::Null => "-",
        Value::Array(rows) if rows.is_empty() => "none",
        Value::Object(fields) => match fields.get("nodes") {
            Some(Value::Array(rows)) if rows.is_empty() => "none",
            _ => "yes",
        },
        _ => "yes",
    }
}

#[tokio::test]
async fn every_field_is_asked_by_every_role() {
    let app = TestApp::new(Kind::Sqlite).await.unwrap();
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
        for (name, member) in &cast.members {
            let answer = member.ask(&field.document, field.variables.clone()).await;
            let verdict = verdict(field, &answer);
            let stranger = name.starts_with("other-") || *name == "anonymous";
            let open = PUBLIC.contains(&field.name) || OWN.contains(&field.name);
            if stranger && verdict == "yes" && !open {
                leaks.push(format!("{name} may {}: {answer}", field.name));
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
}
