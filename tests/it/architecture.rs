//! The house: who may name whom. One table of layers, one of outside crates; the source is read as
//! text, so a rule holds for code that is compiled nowhere yet as well.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The layers from bottom to top. A file may name modules of its own layer's name and of those
/// below it.
const LAYERS: &[&str] = &[
    "platform",
    "accounts",
    "niches",
    "offers",
    "ledger",
    "leads",
    "pings",
    "orders",
    "live",
    "conversions",
    "clicks",
    "exchange",
    "calls",
    "delivery",
    "notices",
    "disputes",
    "outcomes",
    "topups",
    "papers",
    "settlements",
    "insights",
    "edge",
    "boot",
    "demo",
    "main",
];

/// Slices are the layers between the platform and the edge: they show only their `mod.rs`.
const SLICES: std::ops::Range<usize> = 1..21;

/// Uphill names that are allowed, with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    // The services that boot wires together reach handlers and resolvers in one struct.
    ("edge", "boot::App"),
];

/// Whose tables are whose. The platform's own are left out: slices reach them by functions.
const TABLES: &[(&str, &[&str])] = &[
    ("accounts", &["api_keys", "memberships", "organizations", "sessions", "users"]),
    ("niches", &["niches", "niche_versions"]),
    (
        "offers",
        &[
            "offers",
            "offer_versions",
            "live_connections",
            "offer_meters",
            "seller_meters",
            "participations",
            "source_forms",
            "sources",
        ],
    ),
    (
        "ledger",
        &[
            "balance_deltas",
            "balances",
            "credit_changes",
            "fx_conversions",
            "ledger_accounts",
            "ledger_closes",
            "ledger_txs",
            "postings",
            "top_ups",
        ],
    ),
    ("leads", &["leads", "lead_contacts", "lead_events", "lead_evidence", "test_leads"]),
    ("pings", &["pings", "ping_bids", "ping_meters"]),
    ("orders", &["orders", "order_awards", "order_claims"]),
    ("live", &["live_awards", "live_runs"]),
    ("conversions", &["awards", "conversions", "dispositions", "reservations"]),
    ("exchange", &["claims", "queued_leads"]),
    ("calls", &["calls"]),
    ("clicks", &["clicks", "click_leads"]),
    ("delivery", &["deliveries", "delivery_attempts", "endpoints"]),
    ("notices", &["notice_attempts", "notices", "publisher_postbacks"]),
    ("disputes", &["disputes", "dispute_events"]),
    ("outcomes", &["postback_tokens", "postbacks", "reconciliation_rows", "reconciliations"]),
    ("papers", &["billing_profiles", "document_counters", "documents"]),
    (
        "topups",
        &[
            "auto_recharges",
            "card_top_ups",
            "chargebacks",
            "credit_refunds",
            "provider_customers",
            "provider_events",
            "provider_fees",
            "saved_cards",
        ],
    ),
    (
        "settlements",
        &[
            "bank_answer_lines",
            "bank_answers",
            "payout_files",
            "payout_profiles",
            "payout_proofs",
            "payouts",
            "settlement_runs",
            "statement_lines",
            "statements",
            "void_lines",
        ],
    ),
];

/// Slices that name tables of others in their statements, and why (ADR 0014). May only shrink.
const FOREIGN: &[(&str, &[&str], &str)] = &[
    ("offers", &["organizations"], "the catalogue is a page: its filter has to be in the query"),
    ("leads", &["awards"], "a buyer may see a lead that it bought: a read of one existence"),
    (
        "exchange",
        &[
            "niche_versions",
            "niches",
            "offer_versions",
            "offers",
            "organizations",
            "participations",
            "sources",
        ],
        "the offer book is one snapshot over the market",
    ),
    ("delivery", &["niches", "offers"], "reads of one row beside an endpoint"),
    (
        "settlements",
        &["conversions", "ledger_txs", "top_ups"],
        "the planner's page of unsettled conversions, and the comparison of the books",
    ),
    (
        "insights",
        &[
            "conversions",
            "disputes",
            "leads",
            "offer_versions",
            "offers",
            "organizations",
            "participations",
            "sources",
        ],
        "the dashboard counts in every slice, and an estimate plays past leads",
    ),
];

/// Outside crates and the places (prefixes of paths under `src/`) that may name them.
const CRATES: &[(&str, &[&str])] = &[
    (
        "sea_orm",
        &[
            "platform/db",
            "platform/outbox",
            "platform/jobs",
            "platform/idempotency",
            "platform/audit",
            "platform/error",
            "*/repo",
            "*/rows",
        ],
    ),
    ("sea_orm_migration", &["platform/db"]),
    ("async_graphql", &["edge/graphql"]),
    ("axum", &["edge"]),
    ("axum_extra", &["edge"]),
    ("tower_http", &["edge"]),
    ("reqwest", &["platform/egress", "edge/cli", "demo"]),
    ("redis", &["platform/hints"]),
    ("clap", &["edge/cli", "main"]),
    ("indicatif", &["edge/cli", "demo"]),
    ("argon2", &["accounts"]),
    ("stripe_checkout", &["platform/rails/stripe"]),
    ("stripe_client_core", &["platform/rails/stripe"]),
    ("stripe_core", &["platform/rails/stripe"]),
    ("stripe_shared", &["platform/rails/stripe"]),
    ("stripe_types", &["platform/rails/stripe"]),
    ("krilla", &["papers/pdf"]),
    ("skrifa", &["papers/pdf"]),
];

/// What the pure crate may never depend on.
const IO_CRATES: &[&str] =
    &["tokio", "sea-orm", "sqlx", "axum", "async-graphql", "reqwest", "redis", "hyper", "tracing"];

/// Words that a log line must not carry: contact data and secrets.
const CONTACT_WORDS: &[&str] =
    &["phone", "email", "user_agent", "landing_url", "password", "secret", "fields", "contact"];

struct Source {
    /// Path under `src/`, like `offers/service.rs`.
    path: String,
    /// The text without comments, strings and the test module.
    code: String,
    /// The text without comments and the test module.
    with_strings: String,
}

#[test]
fn layers_are_named_downhill_only() {
    let sources = sources();
    let mut wrong = Vec::new();
    for source in &sources {
        let module = module_of(&source.path);
        let Some(own) = rank(module.first().map_or("", String::as_str)) else { continue };
        for path in paths(&source.code, &module) {
            let Some(target) = path.first().and_then(|top| rank(top)) else { continue };
            let shown = path.join("::");
            let excepted =
                EXCEPTIONS.iter().any(|(from, to)| LAYERS[own] == *from && shown.starts_with(to));
            if target > own && !excepted {
                wrong.push(format!("{}: names {shown}, which is uphill", source.path));
            }
            if target != own && SLICES.contains(&target) && is_inner(&path) {
                wrong.push(format!(
                    "{}: names {shown}; only the face (mod.rs) is open",
                    source.path
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn outside_crates_stay_in_their_places() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (name, places) in CRATES {
            if names_crate(&source.code, name)
                && !places.iter().any(|place| fits(&source.path, place))
            {
                wrong.push(format!("{}: names {name}, which belongs to {places:?}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_pure_crate_depends_on_nothing_that_does_io() {
    let manifest = fs::read_to_string(root().join("crates/core/Cargo.toml")).unwrap();
    let dependencies = manifest.split("[dependencies]").nth(1).unwrap();
    let own = dependencies.split("\n[").next().unwrap();
    for line in own.lines() {
        let name = line.split(['.', ' ', '=']).next().unwrap_or("");
        assert!(!IO_CRATES.contains(&name), "crates/core depends on {name}");
    }
}

#[test]
fn slices_do_not_ask_which_engine_runs() {
    let mut wrong = Vec::new();
    for source in sources() {
        let slice = rank(module_of(&source.path).first().map_or("", String::as_str))
            .is_some_and(|rank| SLICES.contains(&rank));
        let asks = ["Engine::Sqlite", "Engine::Postgres", "DbBackend", "DatabaseBackend"]
            .iter()
            .any(|word| source.code.contains(word));
        if slice && asks {
            wrong.push(format!(
                "{}: the difference between engines lives in platform/db",
                source.path
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn tables_are_named_by_their_own_slice() {
    let mut found = BTreeSet::new();
    for source in sources() {
        let module = module_of(&source.path);
        let slice = module.first().map_or("", String::as_str);
        if !rank(slice).is_some_and(|rank| SLICES.contains(&rank)) {
            continue;
        }
        for table in tables(&source.with_strings) {
            let owner = TABLES.iter().find(|(_, tables)| tables.contains(&table.as_str()));
            let owner = owner.unwrap_or_else(|| panic!("{table}: whose table?")).0;
            if owner != slice {
                found.insert((slice.to_owned(), table));
            }
        }
    }
    let known = FOREIGN.iter().flat_map(|(slice, tables, _)| {
        tables.iter().map(|table| ((*slice).to_owned(), (*table).to_owned()))
    });
    assert_eq!(found, known.collect(), "FOREIGN says who reads whose tables; it may only shrink");
}

#[test]
fn log_lines_carry_no_contact_data() {
    let mut wrong = Vec::new();
    for source in sources() {
        for level in ["trace!(", "debug!(", "info!(", "warn!(", "error!(", "span!("] {
            for call in calls(&source.with_strings, level) {
                let bare: String = call
                    .split('"')
                    .enumerate()
                    .filter(|(n, _)| n % 2 == 0)
                    .map(|(_, part)| part)
                    .collect();
                for word in CONTACT_WORDS {
                    if names(&bare, word) || call.contains(&format!("{{{word}")) {
                        wrong.push(format!("{}: a log line names {word}: {call}", source.path));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_scanner_sees_through_groups_comments_and_supers() {
    let code =
        strip("use crate::{a::{b, c}, d}; // crate::x\nfn f() { super::g::h(\"crate::y\") }", true);
    let module = vec!["offers".to_owned(), "service".to_owned()];
    let found: Vec<String> = paths(&code, &module).iter().map(|p| p.join("::")).collect();
    assert_eq!(found, ["a::b", "a::c", "d", "offers::g::h"]);
}

/// The tables that statements name: what follows `FROM`, `JOIN`, `INTO` or `UPDATE`, and the names
/// of bulk tables; not what a statement itself makes up with `WITH name (`.
fn tables(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let lower = |rest: &str| -> String {
        rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect()
    };
    let made_up: Vec<String> = code.split("WITH ").skip(1).map(lower).collect();
    for word in ["FROM ", "JOIN ", "INTO ", "UPDATE ", "name: \""] {
        for rest in code.split(word).skip(1) {
            let name = lower(rest);
            let ends = rest[name.len()..].chars().next();
            let no_name = word.starts_with("name") && ends != Some('"');
            // `DO UPDATE SET`, `FROM (SELECT …)`, `FOR UPDATE`.
            if !name.is_empty() && !no_name && !made_up.contains(&name) {
                found.push(name);
            }
        }
    }
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rank(top: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| *layer == top)
}

/// `offers/service.rs` is the module `offers::service`, `offers/mod.rs` is `offers`.
fn module_of(path: &str) -> Vec<String> {
    let bare = path.trim_end_matches(".rs").trim_end_matches("/mod");
    bare.split('/').map(str::to_owned).collect()
}

/// Whether the second part of a path is a file or folder inside the slice rather than an item.
fn is_inner(path: &[String]) -> bool {
    let [slice, inner, ..] = path else { return false };
    let base = root().join("src").join(slice).join(inner);
    base.is_dir() || base.with_extension("rs").is_file()
}

/// Whether a file lies at a place: `edge/cli` fits `edge/cli.rs` and `edge/cli/…`; `*` is one
/// folder.
fn fits(path: &str, place: &str) -> bool {
    let path: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
    let place: Vec<&str> = place.split('/').collect();
    path.len() >= place.len() && place.iter().zip(&path).all(|(p, q)| *p == "*" || p == q)
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    visit(&root().join("src"), &mut found);
    assert!(found.len() > 10, "the source was not found");
    found
}

fn visit(dir: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let bare = path.file_stem().unwrap().to_string_lossy().into_owned();
            if bare == "tests" || bare.ends_with("_tests") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let end = ["#[cfg(test)]\nmod ", "#[cfg(test)]\n#[path", "#[cfg(test)]\npub"]
                .iter()
                .filter_map(|start| text.find(start))
                .min()
                .unwrap_or(text.len());
            let name = path.strip_prefix(root().join("src")).unwrap();
            found.push(Source {
                path: name.to_string_lossy().replace('\\', "/"),
                code: strip(&text[..end], true),
                with_strings: strip(&text[..end], false),
            });
        }
    }
}

/// Removes comments, and the contents of string literals when asked. Raw strings count as strings.
fn strip(text: &str, strings: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if rest.starts_with("/*") {
            rest = rest.find("*/").map_or("", |at| &rest[at + 2..]);
        } else if rest.starts_with("r\"") || rest.starts_with("r#\"") {
            let close = if rest.starts_with("r\"") { "\"" } else { "\"#" };
            let open = rest.find('"').unwrap() + 1;
            let end = rest[open..].find(close).map_or(rest.len(), |at| open + at + close.len());
            out.push_str(if strings { "\"\"" } else { &rest[..end] });
            rest = &rest[end..];
        } else if c == '"' {
            let end = string_end(rest);
            out.push_str(if strings { "\"\"" } else { &rest[..end] });
            rest = &rest[end..];
        } else if rest.starts_with("'\"'") || rest.starts_with("b'\"'") {
            rest = &rest[rest.find("\"'").unwrap() + 2..];
        } else if rest.starts_with("'\\\"'") {
            rest = &rest[4..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether the text has this identifier.
fn names(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        !code[..at].chars().next_back().is_some_and(is_word)
            && !code[at + word.len()..].chars().next().is_some_and(is_word)
    })
}

/// Whether the text has a path that begins with this crate: `redis::…` or `use redis`, but neither
/// a field `.redis` nor a module `hints::redis`.
fn names_crate(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = &code[..at];
        let own = !before.chars().next_back().is_some_and(|c| is_word(c) || c == ':' || c == '.');
        let after = &code[at + name.len()..];
        own && (after.starts_with("::")
            || (before.ends_with("use ") && !after.starts_with(is_word)))
    })
}

/// The argument texts of all calls of a macro.
fn calls<'a>(code: &'a str, open: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(open) {
        if code[..at].chars().next_back().is_some_and(is_word) {
            continue;
        }
        let start = at + open.len();
        let mut depth = 1;
        for (offset, c) in code[start..].char_indices() {
            depth += match c {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            if depth == 0 {
                found.push(&code[start..start + offset]);
                break;
            }
        }
    }
    found
}

/// Every path that starts with `crate` or `super`, as segments from the crate's root; groups are
/// spread out.
fn paths(code: &str, module: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            // `pub(crate)` has no `::`; `$crate::` and `x::super::` are not starts.
            if before.is_some_and(|c| is_word(c) || c == '$' || c == ':') {
                continue;
            }
            let mut base: Vec<String> = Vec::new();
            let mut rest = &code[at..];
            if start == "super::" {
                base = module.to_vec();
                while let Some(next) = rest.strip_prefix("super::") {
                    base.pop();
                    rest = next;
                }
            } else {
                rest = &rest[start.len()..];
            }
            tree(rest, base, &mut found);
        }
    }
    found
}

/// Reads one use-tree and returns what follows it.
fn tree<'a>(text: &'a str, mut path: Vec<String>, found: &mut Vec<Vec<String>>) -> &'a str {
    let mut rest = text.trim_start();
    loop {
        if let Some(mut inner) = rest.strip_prefix('{') {
            loop {
                inner = tree(inner, path.clone(), found).trim_start();
                match inner.strip_prefix(',') {
                    Some(next) if !next.trim_start().starts_with('}') => inner = next,
                    Some(next) => return &next.trim_start()[1..],
                    None => return inner.strip_prefix('}').unwrap_or(inner),
                }
            }
        }
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let word = &rest[..end];
        if !word.is_empty() && word != "self" {
            path.push(word.to_owned());
        }
        rest = rest[end..].trim_start_matches('*');
        match rest.strip_prefix("::") {
            Some(next) => rest = next,
            None => {
                found.push(path);
                let renamed = rest.trim_start();
                return match renamed.strip_prefix("as ") {
                    Some(alias) => &alias[alias.find(|c| !is_word(c)).unwrap_or(alias.len())..],
                    None => rest,
                };
            }
        }
    }
}
