//! `cargo xtask bench book`: what finding and choosing the offers for a lead costs as a niche
//! grows, while as many offers match as before. No server and no database: only the pure rules.

use anyhow::{Result, anyhow};
use clap::Args;
use leadbourse_core::exchange::{
    Allocation, BookOffer, BookSource, Item, Market, NicheBook, Seeker, allocate,
};
use leadbourse_core::ids::{
    LeadId, NicheId, NicheVersionId, OfferId, OfferVersionId, OrganizationId, SourceId,
};
use leadbourse_core::lead::fingerprint::{FingerprintKey, Person};
use leadbourse_core::money::{Bps, Currency};
use leadbourse_core::niche::policy::{DedupeMode, NichePolicy};
use leadbourse_core::niche::schema::FieldSchema;
use leadbourse_core::offer::meters::Meters;
use leadbourse_core::offer::source::Fallback;
use leadbourse_core::time::{DAY, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// So many offers match the lead, however many there are.
const MATCHING: usize = 50;
/// Regions of the offers that do not match: as many as a large country has.
const REGIONS: usize = 85;
const NOW: Timestamp = Timestamp::from_micros(20_000 * DAY);

/// Options of the benchmark of the offer book.
#[derive(Args, Clone)]
pub struct Book {
    /// Milliseconds per measurement.
    #[arg(long, default_value_t = 1_000)]
    pub millis: u64,
    /// Numbers of active offers; the first one is the reference.
    #[arg(long, value_delimiter = ',', default_values_t = [100, 1_000, 10_000])]
    pub offers: Vec<usize>,
    /// Where the JSON report goes.
    #[arg(long)]
    pub json: Option<PathBuf>,
    /// Measure in this process: set by the task itself once it is built with optimisations.
    #[arg(long, hide = true)]
    pub optimised: bool,
}

#[derive(Serialize)]
struct Figure {
    offers: usize,
    /// Offers beyond the matching ones that have the lead's region and fail at another condition.
    near_misses: usize,
    /// Shortlist and allocation of one lead, in microseconds; the best of five rounds.
    micros_per_lead: f64,
    /// Against the first figure.
    ratio: f64,
}

/// Measures every size, and the largest again where one offer in a hundred nearly matches.
pub fn run(options: &Book) -> Result<()> {
    let time = Duration::from_millis(options.millis.max(10));
    let sizes: Vec<usize> = options.offers.iter().map(|n| (*n).max(MATCHING)).collect();
    let near = sizes.last().map(|largest| (*largest, largest / 100));
    let mut figures: Vec<Figure> = Vec::new();
    for (offers, near_misses) in sizes.into_iter().map(|n| (n, 0)).chain(near) {
        let micros = measure(offers, near_misses, time)?;
        let reference = figures.first().map_or(micros, |first| first.micros_per_lead);
        let ratio = micros / reference;
        println!(
            "{offers:>6} offers, {MATCHING} match, {near_misses:>3} nearly: {micros:>7.1} µs per lead, {ratio:.2} x"
        );
        figures.push(Figure { offers, near_misses, micros_per_lead: micros, ratio });
    }
    if let Some(path) = &options.json {
        std::fs::write(path, serde_json::to_string_pretty(&figures)? + "\n")?;
    }
    Ok(())
}

/// Microseconds for one lead; fails when not exactly the matching offers were found.
fn measure(offers: usize, near_misses: usize, time: Duration) -> Result<f64> {
    let book = book(offers, near_misses)?;
    let market = market(&book);
    let first = one_lead(&book, &market, 0);
    let bids = first
        .outcomes
        .first()
        .map_or(0, |outcome| outcome.trace.iter().filter(|entry| entry.rank.is_some()).count());
    if bids != MATCHING {
        return Err(anyhow!("{bids} offers bid, not {MATCHING}"));
    }
    let mut best = f64::INFINITY;
    let mut lead = 0;
    for _ in 0..5 {
        let (began, from) = (Instant::now(), lead);
        while began.elapsed() < time / 5 {
            lead += 1;
            black_box(one_lead(&book, &market, lead));
        }
        let took = began.elapsed().as_secs_f64() * 1e6;
        let leads = u32::try_from(lead - from)?;
        best = best.min(took / f64::from(leads));
    }
    Ok(best)
}

fn one_lead(book: &NicheBook, market: &Market, number: u128) -> Allocation {
    let publisher = OrganizationId(Uuid::from_u128(1));
    let source = BookSource {
        id: SourceId(Uuid::from_u128(1)),
        publisher,
        niche: book.niche,
        active: true,
        target: None,
        fallback: Fallback::None,
        max_sales: 3,
        min_earning: None,
    };
    let fields: Map<String, Value> =
        Map::from_iter([("region".to_owned(), json!("R0")), ("amount".to_owned(), json!(500))]);
    let keys = [FingerprintKey { id: 1, secret: [7; 32] }];
    let phone = BTreeMap::from([("phone".to_owned(), format!("+7{number:010}"))]);
    let person = Person::new(&book.policy.dedupe, &keys, &phone);
    let seeker = Seeker {
        source: &source,
        fields: &fields,
        is_call: false,
        score: 50,
        person: &person,
        min_earning: None,
        default_take_rate: Bps(1_500),
    };
    let item = Item {
        lead: LeadId(Uuid::from_u128(number)),
        niche: book.niche,
        currency: Currency::RUB,
        publisher,
        max_sales: source.max_sales,
        min_earning: None,
        take_rate: Bps(1_500),
        dedupe_mode: DedupeMode::Any,
        claims: person.lead_claims(&book.policy.dedupe, book.niche),
        shortlist: book.shortlist(&seeker),
        policy: Arc::clone(&book.policy),
        may_wait: true,
        settled: None,
        holds: false,
        promise: None,
    };
    allocate(&[&item], market)
}

/// What intake would have locked: the offers that match, all with funds.
fn market(book: &NicheBook) -> Market {
    let meters = book.offers().iter().map(|offer| (offer.id, Meters::default())).collect();
    let funds =
        book.offers().iter().map(|offer| ((offer.buyer, Currency::RUB), 1_000_000_000)).collect();
    Market { now: NOW, meters, funds, ..Market::default() }
}

fn book(offers: usize, near_misses: usize) -> Result<NicheBook> {
    let schema = json!({"type": "object", "additionalProperties": false, "properties": {
        "region": {"type": "string", "maxLength": 9, "x-label": {"en": "Region", "ru": "Регион"}},
        "amount": {"type": "integer", "minimum": 0, "x-label": {"en": "Sum", "ru": "Сумма"}}
    }});
    let policy: NichePolicy = serde_json::from_value(json!({
        "default_region": "RU",
        "dedupe": {"key_sets": [["phone"]], "mode": "ANY", "window_s": 2_592_000,
                   "scope": "NICHE", "release_on_return": true},
        "scorecard": {"fit": [], "intent": [], "mql": 40, "sql": 70},
        "return_reasons": [], "max_return_window_s": 0, "dispute_answer_s": 0,
        "dispute_decide_s": 0, "on_silence": "ACCEPT", "price_floor": 0,
        "consent_required": false, "contact_retention_s": 0, "quarantine_risk": 100
    }))?;
    let offers: Result<Vec<BookOffer>> = (0..offers).map(|n| offer(n, near_misses)).collect();
    Ok(NicheBook::new(
        NicheId(Uuid::from_u128(1)),
        NicheVersionId(Uuid::from_u128(1)),
        true,
        Currency::RUB,
        Arc::new(FieldSchema::compile(&schema)?),
        Arc::new(policy),
        1,
        offers?,
    ))
}

/// The first offers match, the next ones nearly, and all others want another region.
fn offer(n: usize, near_misses: usize) -> Result<BookOffer> {
    let (region, least) = match n {
        n if n < MATCHING => (0, 100),
        n if n < MATCHING + near_misses => (0, 1_000),
        n => (1 + n % (REGIONS - 1), 100),
    };
    let number = u128::try_from(n)? + 1;
    let terms = serde_json::from_value(json!({
        "goals": [{"kind": "LEAD", "price": 10_000 + n}],
        "conditions": [
            {"op": "IN", "field": "region", "values": [format!("R{region}")]},
            {"op": "GTE", "field": "amount", "value": least}
        ],
        "caps": [{"period": "DAY", "count": 1_000_000, "money": null}],
        "schedule": {"time_zone": "Europe/Moscow"}, "max_sales": 3, "dedupe_window_s": 86_400,
        "return_window_s": 0, "hold_s": 0, "lock_s": 0, "visibility": "PUBLIC"
    }))?;
    Ok(BookOffer::new(
        OfferId(Uuid::from_u128(number)),
        OfferVersionId(Uuid::from_u128(number)),
        OrganizationId(Uuid::from_u128(1_000_000 + number)),
        NOW,
        terms,
        HashMap::new(),
    )?)
}
