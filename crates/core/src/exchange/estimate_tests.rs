//! Estimates, on made-up histories.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

use super::estimate::{Estimate, PastLead, estimate};
use super::{BookOffer, NicheBook};
use crate::ids::{LeadId, NicheId, NicheVersionId, OfferId, OfferVersionId, OrganizationId};
use crate::money::{Bps, Currency};
use crate::niche::schema::FieldSchema;
use crate::offer::meters::{Meter, Meters, Periods};
use crate::time::{DAY, HOUR, Timestamp};

fn book(terms: Value) -> NicheBook {
    let mut all = json!({
        "goals": [{"kind": "LEAD", "price": 1_000}],
        "schedule": {"time_zone": "UTC"}, "max_sales": 1, "return_window_s": 0, "hold_s": 0,
        "lock_s": 0, "visibility": "PUBLIC"
    });
    for (name, value) in terms.as_object().unwrap() {
        all[name] = value.clone();
    }
    let schema = json!({"type": "object", "additionalProperties": false, "properties": {
        "region": {"type": "string", "maxLength": 9, "x-label": {"en": "r", "ru": "r"}}
    }});
    let policy = serde_json::from_value(json!({
        "default_region": "RU",
        "dedupe": {"key_sets": [["phone"]], "mode": "ANY", "window_s": 60, "scope": "NICHE",
                   "release_on_return": true},
        "scorecard": {"fit": [], "intent": [], "mql": 40, "sql": 70},
        "return_reasons": [], "max_return_window_s": 0, "dispute_answer_s": 0,
        "dispute_decide_s": 0, "on_silence": "ACCEPT", "price_floor": 0,
        "consent_required": false, "contact_retention_s": 0, "quarantine_risk": 100
    }));
    let one = Uuid::from_u128(1);
    let offer = BookOffer::new(
        OfferId(one),
        OfferVersionId(one),
        OrganizationId(one),
        Timestamp::default(),
        serde_json::from_value(all).unwrap(),
        HashMap::new(),
    );
    NicheBook::new(
        NicheId(one),
        NicheVersionId(one),
        true,
        Currency::RUB,
        Arc::new(FieldSchema::compile(&schema).unwrap()),
        Arc::new(policy.unwrap()),
        0,
        vec![offer.unwrap()],
    )
}

fn lead(hour: i64, region: &str, won_by: &[i64]) -> PastLead {
    PastLead {
        lead: LeadId(Uuid::from_u128(hour.unsigned_abs().into())),
        publisher: OrganizationId(Uuid::from_u128(9)),
        at: Timestamp::from_micros(20_000 * DAY + hour * HOUR),
        fields: json!({"region": region}).as_object().unwrap().clone(),
        score: 50,
        max_sales: 2,
        won_by: won_by.to_vec(),
    }
}

fn play(terms: Value, meters: Meters, leads: &[PastLead]) -> Estimate {
    estimate(&book(terms), meters, leads, Bps(1_500))
}

fn missed(found: &Estimate) -> Vec<(&str, i64)> {
    found.missed.iter().map(|(code, leads)| (code.as_str(), *leads)).collect()
}

#[test]
fn it_takes_the_unsold_and_outbids_the_lowest() {
    // A new offer at 1,000 bids 950: 5 % are expected to come back.
    let leads = [lead(0, "A", &[]), lead(1, "A", &[940]), lead(2, "A", &[950])];
    let found = play(json!({}), Meters::default(), &leads);
    assert_eq!((found.leads, found.matched, found.bought, found.unsold_before), (3, 3, 2, 1));
    assert_eq!((found.spent, found.value), (2_000, 1_900));
    assert_eq!(missed(&found), [("OUTBID", 1)]);
}

#[test]
fn it_takes_the_copy_that_is_left_only_if_it_shares() {
    let leads = [lead(0, "A", &[5_000]), lead(1, "A", &[5_000, 4_000])];
    assert_eq!(play(json!({"max_sales": 2}), Meters::default(), &leads).bought, 1);
    assert_eq!(play(json!({}), Meters::default(), &leads).bought, 0);
}

#[test]
fn conditions_scores_and_hours_say_what_they_cost() {
    let leads: Vec<_> = (0..4).map(|n| lead(n, if n == 3 { "B" } else { "A" }, &[])).collect();
    let terms = json!({
        "conditions": [{"op": "EQ", "field": "region", "value": "A"}],
        "schedule": {"time_zone": "UTC", "windows": [
            {"days": [1, 2, 3, 4, 5, 6, 7], "from_minute": 60, "to_minute": 1_440}
        ]}
    });
    let found = play(terms, Meters::default(), &leads);
    assert_eq!((found.matched, found.bought), (3, 2));
    assert_eq!(missed(&found), [("CONDITION_FAILED", 1), ("OFFER_CLOSED_NOW", 1)]);
    let found = play(json!({"min_score": 51}), Meters::default(), &leads);
    assert_eq!((found.matched, missed(&found)), (0, vec![("SCORE_TOO_LOW", 4)]));
}

#[test]
fn its_caps_fill_up_and_begin_anew_the_next_day() {
    let leads: Vec<_> = [0, 1, 2, 24, 25].map(|hour| lead(hour, "A", &[])).into();
    let terms = json!({"caps": [{"period": "DAY", "count": 2, "money": null}]});
    // What the offer bought in its real life fills no cap of the estimate.
    let full = Meter { start: leads[0].at, count: 99, money: 99_000 };
    let meters =
        Meters { periods: Periods { day: full, ..Periods::default() }, ..Meters::default() };
    let found = play(terms, meters, &leads);
    assert_eq!((found.bought, missed(&found)), (4, vec![("OFFER_CAPPED", 1)]));
}

#[test]
fn nothing_comes_of_no_leads() {
    assert_eq!(play(json!({}), Meters::default(), &[]), Estimate::default());
}
