//! Properties of allocation, over random markets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

use super::*;
use crate::ids::{
    LeadId, NicheId, NicheVersionId, OfferId, OfferVersionId, OrganizationId, SourceId,
};
use crate::lead::LeadState;
use crate::lead::fingerprint::{FingerprintKey, Person};
use crate::money::{Bps, Currency};
use crate::niche::policy::{DedupeMode, DedupeScope, NichePolicy};
use crate::niche::routing::Routing;
use crate::niche::schema::FieldSchema;
use crate::offer::meters::Meters;
use crate::offer::source::Fallback;
use crate::offer::terms::{CapPeriod, Terms};
use crate::time::{DAY, Timestamp};

pub(super) const NOW: Timestamp = Timestamp::from_micros(20_000 * DAY);

pub(super) fn org(n: u128) -> OrganizationId {
    OrganizationId(Uuid::from_u128(n))
}

fn policy(scope: DedupeScope) -> NichePolicy {
    serde_json::from_value(json!({
        "default_region": "RU",
        "dedupe": {"key_sets": [["phone"], ["email"]], "mode": "ANY", "window_s": 2_592_000,
                   "scope": scope, "release_on_return": true},
        "scorecard": {"fit": [], "intent": [], "mql": 40, "sql": 70},
        "return_reasons": [], "max_return_window_s": 0, "dispute_answer_s": 0,
        "dispute_decide_s": 0, "on_silence": "ACCEPT", "price_floor": 0,
        "consent_required": false, "contact_retention_s": 0, "quarantine_risk": 100
    }))
    .unwrap()
}

#[derive(Clone, Debug)]
pub(super) struct OfferSpec {
    pub(super) buyer: u128,
    pub(super) price: Option<i64>,
    pub(super) sale: Option<(i64, u32)>,
    pub(super) max_sales: i32,
    pub(super) count_cap: Option<i64>,
    pub(super) money_cap: Option<i64>,
    pub(super) region: Option<&'static str>,
    pub(super) window: i64,
    pub(super) priority: i32,
    /// Percent of the price that two or more buyers pay each.
    pub(super) shared: Option<i64>,
}

pub(super) fn book(specs: &[OfferSpec], scope: DedupeScope) -> NicheBook {
    book_by(specs, scope, Routing::default())
}

fn book_by(specs: &[OfferSpec], scope: DedupeScope, routing: Routing) -> NicheBook {
    let schema = json!({
        "type": "object", "additionalProperties": false,
        "properties": {"region": {"type": "string", "maxLength": 9, "x-label": {"en": "r", "ru": "r"}}}
    });
    let offers = specs.iter().enumerate().map(|(i, spec)| {
        let mut goals = Vec::new();
        if let Some(price) = spec.price {
            goals.push(json!({"kind": "LEAD", "price": price}));
        }
        if let Some((price, reserve)) = spec.sale {
            goals.push(json!({"kind": "SALE", "price": price, "reserve_bps": reserve}));
        }
        let conditions: Vec<Value> = spec
            .region
            .iter()
            .map(|r| json!({"op": "EQ", "field": "region", "value": r}))
            .collect();
        let terms: Terms = serde_json::from_value(json!({
            "goals": goals, "conditions": conditions,
            "caps": [{"period": "DAY", "count": spec.count_cap, "money": spec.money_cap}],
            "schedule": {"time_zone": "Europe/Moscow"}, "max_sales": spec.max_sales,
            "dedupe_window_s": spec.window, "return_window_s": 0, "hold_s": 0, "lock_s": 0,
            "visibility": "PUBLIC", "priority": spec.priority,
            "shared_prices": spec.shared.zip(spec.price).into_iter()
                .map(|(percent, price)| json!({"copies": 2, "price": price * percent / 100}))
                .collect::<Vec<_>>()
        }))
        .unwrap();
        let n = i as u128 + 1;
        BookOffer::new(
            OfferId(Uuid::from_u128(n)),
            OfferVersionId(Uuid::from_u128(n)),
            org(spec.buyer),
            NOW.plus(-i64::try_from(i).unwrap()),
            terms,
            HashMap::new(),
        )
        .unwrap()
    });
    NicheBook::new(
        NicheId(Uuid::from_u128(1)),
        NicheVersionId(Uuid::from_u128(1)),
        true,
        Currency::RUB,
        Arc::new(FieldSchema::compile(&schema).unwrap()),
        Arc::new(NichePolicy { routing, ..policy(scope) }),
        1,
        offers.collect(),
    )
}

#[derive(Clone, Debug)]
pub(super) struct LeadSpec {
    pub(super) phone: u8,
    pub(super) email: Option<u8>,
    pub(super) region: &'static str,
    pub(super) max_sales: i32,
}

pub(super) fn item(book: &NicheBook, n: usize, spec: &LeadSpec) -> Item {
    let source = BookSource {
        id: SourceId(Uuid::from_u128(1)),
        publisher: org(99),
        niche: book.niche,
        active: true,
        target: None,
        fallback: Fallback::None,
        max_sales: spec.max_sales,
        min_earning: None,
    };
    let mut canonical = BTreeMap::from([("phone".to_owned(), format!("+7{}", spec.phone))]);
    if let Some(email) = spec.email {
        canonical.insert("email".to_owned(), format!("{email}@x.ru"));
    }
    let keys = [FingerprintKey { id: 1, secret: [7; 32] }];
    let person = Person::new(&book.policy.dedupe, &keys, &canonical);
    let fields: Map<String, Value> =
        Map::from_iter([("region".to_owned(), Value::String(spec.region.to_owned()))]);
    let seeker = Seeker {
        source: &source,
        fields: &fields,
        score: 50,
        person: &person,
        is_call: false,
        min_earning: None,
        default_take_rate: Bps(1_500),
    };
    Item {
        lead: LeadId(Uuid::from_u128(1_000 + n as u128)),
        niche: book.niche,
        currency: Currency::RUB,
        publisher: source.publisher,
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
    }
}

fn run(items: &[Item], market: &Market) -> Allocation {
    allocate(&items.iter().collect::<Vec<_>>(), market)
}

fn any_offer() -> impl Strategy<Value = OfferSpec> {
    (
        1..4u128,
        prop::option::weighted(0.8, 1..500i64),
        prop::option::weighted(0.3, (1..5_000i64, 0..10_001u32)),
        1..4i32,
        prop::option::of(0..6i64),
        prop::option::of(0..2_000i64),
        prop::option::of(prop::sample::select(vec!["A", "B"])),
        prop::sample::select(vec![0i64, 86_400]),
        (0..2i32, prop::option::of(20..101i64)),
    )
        .prop_filter_map(
            "a goal",
            |(buyer, price, sale, max_sales, count, money, region, window, (priority, shared))| {
                (price.is_some() || sale.is_some()).then_some(OfferSpec {
                    buyer,
                    price,
                    sale,
                    max_sales,
                    count_cap: count,
                    money_cap: money,
                    region,
                    window,
                    priority,
                    shared,
                })
            },
        )
}

fn any_lead() -> impl Strategy<Value = LeadSpec> {
    (0..12u8, prop::option::of(0..8u8), prop::sample::select(vec!["A", "B"]), 1..4i32)
        .prop_map(|(phone, email, region, max_sales)| LeadSpec { phone, email, region, max_sales })
}

fn any_routing() -> impl Strategy<Value = Routing> {
    let id = |n: u128| OfferId(Uuid::from_u128(n)).to_string();
    let groups = json!([
        {"number": 1, "strategy": "WEIGHTED"}, {"number": 2, "strategy": "ROUND_ROBIN"},
        {"number": 5, "tie_breaks": ["LEAST_RECENT"]}
    ]);
    let places = json!({
        id(1): {"group": 2, "weight": 7}, id(2): {"group": 1}, id(3): {"group": 1, "weight": 300},
        id(4): {"group": 5, "priority": 9}, id(5): {"group": 2}
    });
    prop::sample::select(vec![
        json!({}),
        json!({"strategy": "PRIORITY", "tie_breaks": ["LEAST_RECENT", "OLDEST"]}),
        json!({"strategy": "ROUND_ROBIN"}),
        json!({"strategy": "WEIGHTED", "offers": places}),
        json!({"strategy": "WATERFALL", "groups": groups, "offers": places}),
    ])
    .prop_map(|routing| serde_json::from_value(routing).unwrap())
}

fn any_scope() -> impl Strategy<Value = DedupeScope> {
    prop::sample::select(vec![
        DedupeScope::Niche,
        DedupeScope::Exchange,
        DedupeScope::Buyer,
        DedupeScope::Offer,
    ])
}

fn market(funds: &[i64], taken: HashSet<Uuid>) -> Market {
    Market {
        now: NOW,
        meters: HashMap::new(),
        sellers: HashMap::new(),
        calls: HashMap::new(),
        funds: funds
            .iter()
            .enumerate()
            .map(|(i, money)| ((org(i as u128 + 1), Currency::RUB), *money))
            .collect(),
        taken,
        ..Market::default()
    }
}

proptest! {
    #[test]
    fn nothing_is_oversold(
        offers in prop::collection::vec(any_offer(), 1..8),
        leads in prop::collection::vec(any_lead(), 1..40),
        funds in prop::collection::vec(0..4_000i64, 3),
        scope in any_scope(),
    ) {
        let book = book(&offers, scope);
        let items: Vec<Item> = leads.iter().enumerate().map(|(n, l)| item(&book, n, l)).collect();
        let market = market(&funds, HashSet::new());
        let done = run(&items, &market);
        prop_assert_eq!(done.outcomes.len(), items.len());

        let mut count: HashMap<OfferId, (i64, i64)> = HashMap::new();
        let mut spent: HashMap<OrganizationId, i64> = HashMap::new();
        for (outcome, item) in done.outcomes.iter().zip(&items) {
            let sold = i32::try_from(outcome.awards.len()).unwrap();
            prop_assert!(sold <= item.max_sales);
            prop_assert_eq!(outcome.state == LeadState::Sold, sold > 0);
            prop_assert_eq!(outcome.reasons.is_empty(), sold > 0);
            let buyers: HashSet<_> = outcome.awards.iter().map(|a| a.offer.buyer).collect();
            prop_assert_eq!(buyers.len(), outcome.awards.len());
            for award in &outcome.awards {
                prop_assert!(sold <= award.offer.terms.max_sales);
                let cost = award.lead.map_or(0, |l| l.price()) + award.reserve;
                let meter = count.entry(award.offer.id).or_default();
                *meter = (meter.0 + 1, meter.1 + cost);
                *spent.entry(award.offer.buyer).or_default() += cost;
            }
        }
        for (id, (awards, money)) in &count {
            let offer = book.offers().iter().find(|o| o.id == *id).unwrap();
            let cap = &offer.terms.caps[0];
            prop_assert_eq!(cap.period, CapPeriod::Day);
            prop_assert!(cap.count.is_none_or(|most| *awards <= most));
            prop_assert!(cap.money.is_none_or(|most| *money <= most));
            let meters = done.meters.get(id).unwrap();
            prop_assert_eq!((meters.periods.day.count, meters.periods.total.money), (*awards, *money));
        }
        for (buyer, money) in &spent {
            let key = (*buyer, Currency::RUB);
            prop_assert!(*money <= market.funds.get(&key).copied().unwrap_or(0));
            prop_assert_eq!(done.spent.get(&key).copied().unwrap_or(0), *money);
        }
    }

    #[test]
    fn every_strategy_keeps_the_law(
        offers in prop::collection::vec(any_offer(), 1..8),
        leads in prop::collection::vec(any_lead(), 1..30),
        funds in prop::collection::vec(0..4_000i64, 3),
        routing in any_routing(),
        ask in prop::option::of(0..300i64),
    ) {
        let book = book_by(&offers, DedupeScope::Niche, routing);
        let mut items: Vec<Item> =
            leads.iter().enumerate().map(|(n, l)| item(&book, n, l)).collect();
        for item in &mut items {
            item.min_earning = ask;
        }
        let market = market(&funds, HashSet::new());
        let done = run(&items, &market);
        prop_assert_eq!(format!("{:?}", run(&items, &market)), format!("{done:?}"));
        let mut spent: HashMap<OrganizationId, i64> = HashMap::new();
        let mut turns: HashMap<OfferId, i64> = HashMap::new();
        for outcome in &done.outcomes {
            let copies = i32::try_from(outcome.awards.len()).unwrap();
            let exclusive = outcome.awards.iter().any(|a| a.offer.terms.max_sales == 1);
            prop_assert!(!exclusive || copies == 1);
            for award in &outcome.awards {
                prop_assert!(copies <= award.offer.terms.max_sales);
                let price = award.lead.map(|legs| legs.price());
                prop_assert_eq!(price, award.offer.terms.lead_price(copies, None));
                if let (Some(legs), Some(ask)) = (award.lead, ask) {
                    prop_assert!(legs.earning() >= ask);
                }
                *spent.entry(award.offer.buyer).or_default() += price.unwrap_or(0) + award.reserve;
                *turns.entry(award.offer.id).or_default() += 1;
            }
            if let Some(basis) = &outcome.basis {
                prop_assert_eq!(basis.copies, copies);
                let alternative = basis.alternative;
                prop_assert!(alternative.is_none_or(|(n, sum)| n != copies && sum <= basis.sum));
                // Whoever won is in the log with a rank, and ranks are counted from one.
                let mut ranks: Vec<u32> = outcome.trace.iter().filter_map(|t| t.rank).collect();
                ranks.sort_unstable();
                prop_assert!(ranks.iter().zip(1..).all(|(have, want)| *have == want));
            }
        }
        for (buyer, money) in spent {
            let key = (buyer, Currency::RUB);
            prop_assert!(money <= market.funds.get(&key).copied().unwrap_or(0));
        }
        for (offer, count) in turns {
            prop_assert_eq!(done.meters[&offer].periods.total.count, count);
            prop_assert!(done.meters[&offer].last_award >= NOW);
        }
    }

    #[test]
    fn turns_go_round(offers in 1..6usize, leads in 1..40usize) {
        let specs: Vec<OfferSpec> = (0..offers).map(|n| OfferSpec {
            buyer: 1 + n as u128 % 3, price: Some(10), sale: None, max_sales: 1, count_cap: None,
            money_cap: None, region: None, window: 0, priority: 0, shared: None,
        }).collect();
        let routing = serde_json::from_value(json!({"strategy": "ROUND_ROBIN"})).unwrap();
        let book = book_by(&specs, DedupeScope::Niche, routing);
        let items: Vec<Item> = (0..leads).map(|n| {
            let phone = u8::try_from(n).unwrap();
            let lead = LeadSpec { phone, email: None, region: "A", max_sales: 1 };
            item(&book, n, &lead)
        }).collect();
        let done = run(&items, &market(&[i64::MAX / 4; 3], HashSet::new()));
        let counts: Vec<i64> = done.meters.values().map(|m| m.periods.total.count).collect();
        let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
        prop_assert!(most - least <= 1, "{counts:?}");
        prop_assert_eq!(counts.len(), offers.min(leads));
    }

    #[test]
    fn one_person_is_sold_once_per_scope(
        offers in prop::collection::vec(any_offer(), 1..6),
        leads in prop::collection::vec(any_lead(), 1..40),
        scope in any_scope(),
    ) {
        let book = book(&offers, scope);
        let items: Vec<Item> = leads.iter().enumerate().map(|(n, l)| item(&book, n, l)).collect();
        let done = run(&items, &market(&[i64::MAX / 4; 3], HashSet::new()));
        let mut seen = HashSet::new();
        for outcome in &done.outcomes {
            for (claim, until) in &outcome.claims {
                prop_assert!(seen.insert(*claim), "a claim is held by one lead");
                prop_assert!(*until > NOW);
            }
            prop_assert_eq!(outcome.state == LeadState::Sold, !outcome.awards.is_empty());
        }
        if matches!(scope, DedupeScope::Niche | DedupeScope::Exchange) {
            let mut phones = HashSet::new();
            for (outcome, lead) in done.outcomes.iter().zip(&leads) {
                if outcome.state == LeadState::Sold {
                    prop_assert!(phones.insert(lead.phone));
                }
            }
        }
    }

    #[test]
    fn the_same_input_gives_the_same_output_and_taken_claims_are_respected(
        offers in prop::collection::vec(any_offer(), 1..6),
        leads in prop::collection::vec(any_lead(), 1..20),
        funds in prop::collection::vec(0..4_000i64, 3),
    ) {
        let book = book(&offers, DedupeScope::Niche);
        let items: Vec<Item> = leads.iter().enumerate().map(|(n, l)| item(&book, n, l)).collect();
        let taken: HashSet<Uuid> = items[0].claims.iter().map(|c| c.id).collect();
        let market = market(&funds, taken);
        let (one, two) = (run(&items, &market), run(&items, &market));
        prop_assert_eq!(format!("{one:?}"), format!("{two:?}"));
        prop_assert_eq!(one.outcomes[0].state, LeadState::Rejected);
        prop_assert!(one.outcomes[0].reasons[0].code.starts_with("DUPLICATE_"));
    }

    #[test]
    fn a_batch_is_its_parts_in_a_row(
        offers in prop::collection::vec(any_offer(), 1..6),
        leads in prop::collection::vec(any_lead(), 2..20),
        funds in prop::collection::vec(0..4_000i64, 3),
        cut in 1..19usize,
    ) {
        // Without SALE goals bids do not depend on history, so two batches decide like one.
        let offers: Vec<OfferSpec> = offers
            .into_iter()
            .map(|o| OfferSpec { sale: None, price: Some(o.price.unwrap_or(7)), ..o })
            .collect();
        let book = book(&offers, DedupeScope::Niche);
        let items: Vec<Item> = leads.iter().enumerate().map(|(n, l)| item(&book, n, l)).collect();
        let cut = cut.min(items.len() - 1);
        let first_market = market(&funds, HashSet::new());
        let whole = run(&items, &first_market);
        let first = run(&items[..cut], &first_market);
        let mut second_market = first_market.clone();
        // The returns expected of an offer depend on its awards only through the prior: keep them.
        second_market.meters.extend(first.meters.iter().map(|(id, m)| (*id, Meters { awards: 0, ..*m })));
        for (key, money) in &first.spent {
            *second_market.funds.entry(*key).or_default() -= money;
        }
        let held = first.outcomes.iter().flat_map(|o| o.claims.iter().map(|(id, _)| *id));
        second_market.taken.extend(held);
        let second = run(&items[cut..], &second_market);
        let states = |a: &Allocation| a.outcomes.iter().map(|o| (o.state, o.awards.len())).collect::<Vec<_>>();
        let mut parts = states(&first);
        parts.extend(states(&second));
        prop_assert_eq!(states(&whole), parts);
    }
}

#[test]
fn the_trace_names_every_offer_and_the_reason_nearest_to_a_sale_comes_first() {
    let spec = |buyer, region, cap| OfferSpec {
        buyer,
        price: Some(100),
        sale: None,
        max_sales: 1,
        count_cap: cap,
        money_cap: None,
        region,
        window: 0,
        priority: 0,
        shared: None,
    };
    let offers = [spec(1, Some("B"), None), spec(2, None, Some(0)), spec(3, None, None)];
    let book = book(&offers, DedupeScope::Niche);
    let lead = LeadSpec { phone: 1, email: None, region: "A", max_sales: 1 };
    let items = [item(&book, 0, &lead)];
    let done = run(&items, &market(&[500, 500, 99], HashSet::new()));
    let outcome = &done.outcomes[0];
    let codes: Vec<&str> = outcome.reasons.iter().map(|r| r.code.as_ref()).collect();
    assert_eq!(codes, ["NO_OFFER_FUNDED", "OFFER_CAPPED", "CONDITION_FAILED"]);
    assert_eq!(outcome.trace.len(), 3);
    assert_eq!(outcome.trace.iter().find(|t| t.detail == "region").unwrap().offer.0.as_u128(), 1);
    let sold = run(&items, &market(&[500, 500, 100], HashSet::new()));
    assert_eq!(sold.outcomes[0].awards[0].offer.buyer, org(3));
    assert_eq!(sold.outcomes[0].awards[0].lead.unwrap().earning(), 85);
}

#[test]
fn a_large_niche_is_decided_like_a_small_one() {
    let spec = |region, price| OfferSpec {
        buyer: 1,
        price: Some(price),
        sale: None,
        max_sales: 1,
        count_cap: None,
        money_cap: None,
        region: Some(region),
        window: 0,
        priority: 0,
        shared: None,
    };
    let mut offers: Vec<OfferSpec> = (0..300).map(|_| spec("B", 900)).collect();
    offers.push(spec("A", 100));
    offers.push(spec("A", 200));
    let book = book(&offers, DedupeScope::Niche);
    let lead = |region| LeadSpec { phone: 1, email: None, region, max_sales: 1 };
    let sold = run(&[item(&book, 0, &lead("A"))], &market(&[500], HashSet::new()));
    let outcome = &sold.outcomes[0];
    assert_eq!(outcome.awards[0].lead.unwrap().price(), 200);
    assert_eq!((outcome.trace.len(), outcome.rest["CONDITION_FAILED"]), (2, 300));
    let unsold = run(&[item(&book, 0, &lead("C"))], &market(&[500], HashSet::new()));
    assert_eq!(unsold.outcomes[0].reasons[0].code, "CONDITION_FAILED");
    assert_eq!(unsold.outcomes[0].rest["CONDITION_FAILED"], 302);

    let mut aimed = item(&book, 0, &lead("A"));
    let source = |target, fallback| BookSource {
        id: SourceId(Uuid::from_u128(1)),
        publisher: org(99),
        niche: book.niche,
        active: true,
        target: Some(OfferId(Uuid::from_u128(target))),
        fallback,
        max_sales: 1,
        min_earning: None,
    };
    let fields = Map::from_iter([("region".to_owned(), json!("A"))]);
    let mut shortlist = |source: &BookSource| {
        aimed.shortlist = book.shortlist(&Seeker {
            source,
            fields: &fields,
            score: 50,
            person: &Person::default(),
            is_call: false,
            min_earning: None,
            default_take_rate: Bps(1_500),
        });
        let codes = aimed.shortlist.excluded.iter().map(|e| e.code.clone().unwrap().into_owned());
        (aimed.shortlist.candidates.len(), codes.collect::<Vec<_>>(), aimed.shortlist.others)
    };
    let (found, codes, others) = shortlist(&source(301, Fallback::None));
    assert_eq!((found, codes.len()), (1, 0));
    assert_eq!(others.map(|(code, n)| (code.name, n)), Some(("NOT_TARGETED", 301)));
    let (found, codes, _) = shortlist(&source(5, Fallback::Offer(OfferId(Uuid::from_u128(302)))));
    assert_eq!((found, codes), (1, vec!["CONDITION_FAILED".to_owned()]));
    let (found, _, others) = shortlist(&source(301, Fallback::Market));
    assert_eq!((found, others.map(|(_, n)| n)), (2, Some(300)));
}

#[test]
fn equal_bids_go_to_the_higher_priority_and_then_to_the_older_offer() {
    let spec = |buyer, priority| OfferSpec {
        buyer,
        price: Some(100),
        sale: None,
        max_sales: 1,
        count_cap: None,
        money_cap: None,
        region: None,
        window: 0,
        priority,
        shared: None,
    };
    let winner = |specs: &[OfferSpec]| {
        let book = book(specs, DedupeScope::Niche);
        let lead = LeadSpec { phone: 1, email: None, region: "A", max_sales: 1 };
        let done = run(&[item(&book, 0, &lead)], &market(&[500; 3], HashSet::new()));
        done.outcomes[0].awards[0].offer.buyer
    };
    assert_eq!(winner(&[spec(1, 0), spec(2, 1)]), org(2));
    // The second offer of the test book is the older one.
    assert_eq!(winner(&[spec(1, 1), spec(2, 1)]), org(2));
}
