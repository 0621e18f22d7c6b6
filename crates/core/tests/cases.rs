//! Runs every auction case under `cases`: a niche, buyers, offers and leads, with the outcome and
//! the trace that the rules ask for. `cases/README.md` explains the format.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use leadbourse_core::exchange::*;
use leadbourse_core::ids::*;
use leadbourse_core::lead::fingerprint::{ClaimScope, FingerprintKey, Person};
use leadbourse_core::money::{Bps, Currency};
use leadbourse_core::niche::policy::NichePolicy;
use leadbourse_core::niche::schema::FieldSchema;
use leadbourse_core::offer::meters::{Meter, Meters, Periods};
use leadbourse_core::offer::schedule::{PeriodStarts, ZoneSchedule};
use leadbourse_core::offer::source::Fallback;
use leadbourse_core::offer::terms::Terms;
use leadbourse_core::time::{DAY, SECOND, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

const NICHE: NicheId = NicheId(Uuid::from_u128(1));
const PUBLISHER: OrganizationId = OrganizationId(Uuid::from_u128(99));

#[test]
fn every_case_ends_as_its_file_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    assert!(files.len() >= 200, "only {} cases", files.len());
    let mut wrong = Vec::new();
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        let case: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let outcome = std::panic::catch_unwind(|| run(&case));
        match outcome {
            Ok(found) if found.is_empty() => {}
            Ok(found) => wrong.push(format!("{name}: {}\n  {}", case["about"], found.join("\n  "))),
            Err(_) => wrong.push(format!("{name}: does not run")),
        }
    }
    assert!(wrong.is_empty(), "{} cases fail\n{}", wrong.len(), wrong.join("\n"));
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ext| ext == "json") {
            files.push(path);
        }
    }
}

/// What a case is about, with names turned into ids.
struct Scene {
    now: Timestamp,
    policy: Arc<NichePolicy>,
    book: NicheBook,
    names: BTreeMap<OfferId, String>,
    buyers: BTreeMap<String, OrganizationId>,
}

fn offer_id(case: &Value, name: &str) -> OfferId {
    let at = keys(&case["offers"]).iter().position(|other| other == name);
    OfferId(Uuid::from_u128(at.unwrap_or_else(|| panic!("no offer {name}")) as u128 + 1))
}

fn buyer_id(case: &Value, name: &str) -> OrganizationId {
    let at = keys(&case["buyers"]).iter().position(|other| other == name);
    OrganizationId(Uuid::from_u128(at.unwrap_or_else(|| panic!("no buyer {name}")) as u128 + 1_000))
}

fn keys(value: &Value) -> Vec<String> {
    let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
    keys.sort();
    keys
}

fn merged(mut base: Value, more: &Value) -> Value {
    if let Some(more) = more.as_object() {
        for (key, value) in more {
            base[key] = value.clone();
        }
    }
    base
}

fn policy(case: &Value) -> NichePolicy {
    let mut routing = case["routing"].clone();
    if routing.is_null() {
        routing = json!({});
    }
    if let Some(places) = routing["offers"].as_object().cloned() {
        let named =
            places.into_iter().map(|(name, place)| (offer_id(case, &name).to_string(), place));
        routing["offers"] = Value::Object(named.collect());
    }
    let base = json!({
        "default_region": "RU",
        "dedupe": {"key_sets": [["phone"]], "mode": "ANY", "window_s": 2_592_000,
                   "scope": "NICHE", "release_on_return": true},
        "scorecard": {"fit": [], "intent": [], "mql": 40, "sql": 70},
        "return_reasons": [], "max_return_window_s": 0, "dispute_answer_s": 0,
        "dispute_decide_s": 0, "on_silence": "ACCEPT", "price_floor": 0,
        "consent_required": false, "contact_retention_s": 0, "quarantine_risk": 100,
        "routing": routing
    });
    let mut policy = merged(base, &Value::Null);
    policy["dedupe"] = merged(policy["dedupe"].clone(), &case["dedupe"]);
    serde_json::from_value(policy).unwrap()
}

fn terms(spec: &Value) -> Terms {
    let base = json!({
        "goals": [{"kind": "LEAD", "price": spec["price"].as_i64().unwrap_or(0)}],
        "schedule": {"time_zone": "UTC"}, "max_sales": 1, "return_window_s": 0, "hold_s": 0,
        "lock_s": 0, "visibility": "PUBLIC"
    });
    serde_json::from_value(merged(base, &spec["terms"])).unwrap()
}

fn scene(case: &Value) -> Scene {
    let now = Timestamp::parse_rfc3339(case["now"].as_str().unwrap_or("2026-11-20T12:00:00Z"));
    let now = now.unwrap();
    let policy = Arc::new(policy(case));
    let mut names = BTreeMap::new();
    let mut offers = Vec::new();
    for name in keys(&case["offers"]) {
        let spec = &case["offers"][&name];
        let id = offer_id(case, &name);
        let mut sellers = HashMap::new();
        if let Some(state) = spec["seller"]["state"].as_str() {
            let price_override = spec["seller"]["price"].as_i64();
            let state = state.parse().unwrap();
            sellers.insert(PUBLISHER, Seller { state, price_override });
        }
        let age = spec["age"].as_i64().unwrap_or(1) * SECOND;
        let buyer = buyer_id(case, spec["buyer"].as_str().unwrap_or(&name));
        let version = OfferVersionId(id.uuid());
        let created = now.plus(-age);
        let offer = BookOffer::new(id, version, buyer, created, terms(spec), sellers).unwrap();
        let takes_calls = spec["takes_calls"] == json!(true);
        offers.push(BookOffer { takes_calls, ..offer });
        names.insert(id, name);
    }
    let schema = json!({
        "type": "object", "additionalProperties": false,
        "properties": {"any": {"type": "string", "maxLength": 9, "x-label": {"en": "a", "ru": "a"}}}
    });
    let book = NicheBook::new(
        NICHE,
        NicheVersionId(Uuid::from_u128(1)),
        true,
        Currency::RUB,
        Arc::new(FieldSchema::compile(&schema).unwrap()),
        Arc::clone(&policy),
        1,
        offers,
    );
    let buyers = keys(&case["buyers"]).into_iter().map(|name| {
        let id = buyer_id(case, &name);
        (name, id)
    });
    Scene { now, policy, book, names, buyers: buyers.collect() }
}

fn person(scene: &Scene, name: &str) -> Person {
    let secret = [FingerprintKey { id: 1, secret: [7; 32] }];
    let mut canonical = BTreeMap::new();
    if !name.is_empty() {
        canonical.insert("phone".to_owned(), name.to_owned());
        canonical.insert("email".to_owned(), format!("{name}@example.org"));
    }
    Person::new(&scene.policy.dedupe, &secret, &canonical)
}

fn meter(spec: &Value, start: Timestamp) -> Meter {
    match spec.as_array() {
        Some(pair) => {
            Meter { start, count: pair[0].as_i64().unwrap(), money: pair[1].as_i64().unwrap() }
        }
        None => Meter { start, ..Meter::default() },
    }
}

fn periods(spec: &Value, starts: PeriodStarts) -> Periods {
    let mut periods = Periods {
        hour: meter(&spec["hour"], starts.hour),
        day: meter(&spec["day"], starts.day),
        week: meter(&spec["week"], starts.week),
        month: meter(&spec["month"], starts.month),
        total: meter(&spec["total"], Timestamp::default()),
    };
    if !spec["yesterday"].is_null() {
        periods.day = meter(&spec["yesterday"], starts.day.plus(-DAY));
    }
    if !spec["last_hour"].is_null() {
        periods.hour = meter(&spec["last_hour"], starts.hour.plus(-3_600 * SECOND));
    }
    periods
}

fn market(case: &Value, scene: &Scene) -> Market {
    let mut market = Market { now: scene.now, ..Market::default() };
    for (name, id) in &scene.buyers {
        let money = case["buyers"][name].as_i64().unwrap();
        market.funds.insert((*id, Currency::RUB), money);
    }
    for offer in scene.book.offers() {
        let spec = &case["offers"][&scene.names[&offer.id]];
        let starts = ZoneSchedule::new(&offer.terms.schedule).unwrap().starts(scene.now);
        let known = &spec["meters"];
        let count = |name: &str| known[name].as_i64().unwrap_or(0);
        let last = known["last_award_s_ago"].as_i64();
        let meters = Meters {
            periods: periods(known, starts),
            window: meter(&known["window"], starts.window.unwrap_or_default()),
            awards: count("awards"),
            returns: count("returns"),
            sales: count("sales"),
            sale_money: count("sale_money"),
            calls: count("calls"),
            registrations: count("registrations"),
            last_award: last.map_or(Timestamp::default(), |ago| scene.now.plus(-ago * SECOND)),
        };
        market.meters.insert(offer.id, meters);
        market.calls.insert(offer.id, spec["lasting"].as_i64().unwrap_or(0));
        if !spec["seller_meters"].is_null() {
            let periods = periods(&spec["seller_meters"], starts);
            market.sellers.insert((offer.id, PUBLISHER), periods);
        }
    }
    for taken in case["taken"].as_array().into_iter().flatten() {
        let scope = match (taken["buyer"].as_str(), taken["offer"].as_str()) {
            (Some(buyer), _) => ClaimScope::Buyer(buyer_id(case, buyer)),
            (None, Some(offer)) => ClaimScope::Offer(offer_id(case, offer)),
            _ if taken["exchange"] == json!(true) => ClaimScope::Exchange,
            _ => ClaimScope::Niche(NICHE),
        };
        let person = person(scene, taken["person"].as_str().unwrap());
        market.taken.extend(person.claims(scope, 1).into_iter().map(|claim| claim.id));
    }
    market
}

fn source(case: &Value) -> BookSource {
    let spec = &case["source"];
    let fallback = match &spec["fallback"] {
        Value::Null => Fallback::None,
        Value::String(text) if text == "MARKET" => Fallback::Market,
        other => Fallback::Offer(offer_id(case, other["offer"].as_str().unwrap())),
    };
    BookSource {
        id: SourceId(Uuid::from_u128(1)),
        publisher: PUBLISHER,
        niche: NICHE,
        active: true,
        target: spec["target"].as_str().map(|name| offer_id(case, name)),
        fallback,
        max_sales: spec["max_sales"].as_i64().map_or(1, |n| i32::try_from(n).unwrap()),
        min_earning: spec["min_earning"].as_i64(),
    }
}

fn item(case: &Value, scene: &Scene, at: usize, lead: &Value) -> Item {
    let source = source(case);
    let nobody = Map::new();
    let fields = lead["fields"].as_object().unwrap_or(&nobody);
    let name = lead["person"].as_str().map_or_else(|| format!("p{}", at + 1), str::to_owned);
    let person = person(scene, &name);
    let rate = Bps(u32::try_from(case["take_rate_bps"].as_i64().unwrap_or(1_500)).unwrap());
    let seeker = Seeker {
        source: &source,
        fields,
        score: lead["score"].as_i64().map_or(50, |n| i32::try_from(n).unwrap()),
        person: &person,
        is_call: lead["call"] == json!(true),
        min_earning: lead["min_earning"].as_i64(),
        default_take_rate: rate,
    };
    let most = lead["max_sales"].as_i64().map_or(source.max_sales, |n| i32::try_from(n).unwrap());
    let id = lead["id"].as_u64().map_or(at as u128 + 1, u128::from);
    Item {
        lead: LeadId(Uuid::from_u128(id)),
        niche: NICHE,
        currency: Currency::RUB,
        publisher: PUBLISHER,
        max_sales: most,
        min_earning: seeker.min_earning.max(source.min_earning),
        take_rate: scene.book.take_rate(rate),
        dedupe_mode: scene.policy.dedupe.mode,
        claims: person.lead_claims(&scene.policy.dedupe, NICHE),
        shortlist: scene.book.shortlist(&seeker),
        policy: Arc::clone(&scene.policy),
        may_wait: lead["released"] != json!(true),
        settled: None,
        holds: false,
        promise: None,
    }
}

fn run(case: &Value) -> Vec<String> {
    let scene = scene(case);
    let one = [json!({})];
    let leads = case["leads"].as_array().map_or(one.as_slice(), Vec::as_slice);
    let items: Vec<Item> =
        leads.iter().enumerate().map(|(at, lead)| item(case, &scene, at, lead)).collect();
    let done = allocate(&items.iter().collect::<Vec<_>>(), &market(case, &scene));
    let expected = case["expect"].as_array().expect("expect is a list");
    assert_eq!(expected.len(), items.len(), "one expectation per lead");
    let mut wrong = Vec::new();
    for (at, (outcome, expected)) in done.outcomes.iter().zip(expected).enumerate() {
        let found = shown(&scene, outcome);
        for (part, value) in expected.as_object().unwrap() {
            if &found[part] != value {
                wrong.push(format!("lead {}, {part}: {} instead of {value}", at + 1, found[part]));
            }
        }
        for part in ["sold", "reasons", "trace"] {
            let empty = found[part] == json!([]) || found[part] == json!({});
            if expected[part].is_null() && !empty && !(part == "trace" && at > 0) {
                wrong.push(format!("lead {}, {part} is not expected: {}", at + 1, found[part]));
            }
        }
    }
    if let Some(spent) = case["spent"].as_object() {
        for (name, id) in &scene.buyers {
            let found = done.spent.get(&(*id, Currency::RUB)).copied().unwrap_or(0);
            let wanted = spent.get(name).and_then(Value::as_i64).unwrap_or(0);
            if found != wanted {
                wrong.push(format!("{name} spends {found} instead of {wanted}"));
            }
        }
    }
    wrong
}

fn shown(scene: &Scene, outcome: &Outcome) -> Value {
    let sold: Vec<Value> = outcome
        .awards
        .iter()
        .map(|award| {
            let legs = award.lead;
            let mut line = json!([
                scene.names[&award.offer.id],
                legs.map(|legs| legs.price()),
                legs.map(|legs| legs.earning())
            ]);
            if award.reserve > 0 {
                line.as_array_mut().unwrap().push(json!(award.reserve));
            }
            line
        })
        .collect();
    let trace: Map<String, Value> = outcome
        .trace
        .iter()
        .map(|entry| {
            let mut text = match entry.outcome {
                Standing::Won => "WON".to_owned(),
                _ => entry.code.as_deref().unwrap().to_owned(),
            };
            if let (Some(rank), Some(bid)) = (entry.rank, entry.bid) {
                text = format!("{text} #{rank} {bid}");
            }
            if !entry.detail.is_empty() {
                text = format!("{text} {}", entry.detail);
            }
            if let Some(need) = entry.need {
                text = format!("{text} needs {need}");
            }
            (scene.names[&entry.offer].clone(), Value::String(text))
        })
        .collect();
    json!({
        "state": outcome.state,
        "retry_at": outcome.retry_at.map(|at| at.rfc3339()),
        "sold": sold,
        "reasons": outcome.reasons.iter().map(|reason| &reason.code).collect::<Vec<_>>(),
        "trace": trace,
        "basis": outcome.basis,
    })
}
