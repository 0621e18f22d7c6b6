#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
use super::*;
use crate::niche::{annotations, check};
use serde_json::{Value, json};

/// Terms that fit the sample niche.
pub(crate) fn sample() -> Value {
    json!({
        "goals": [
            {"kind": "LEAD", "price": 50_000},
            {"kind": "SALE", "price": 500_000, "attribution_window_s": 2_592_000,
                "reserve_bps": 1_000}
        ],
        "caps": [{"period": "DAY", "count": 20}, {"period": "MONTH", "money": 10_000_000}],
        "schedule": {
            "time_zone": "Europe/Moscow",
            "windows": [{"days": [1, 2, 3, 4, 5], "from_minute": 540, "to_minute": 1080}],
            "holidays": ["2027-01-01"]
        },
        "conditions": [{"op": "EQ", "field": "region", "value": "RU-MOW"}],
        "min_score": 40, "max_sales": 1, "return_window_s": 259_200, "hold_s": 604_800,
        "lock_s": 1_209_600, "visibility": "PUBLIC"
    })
}

fn check_terms(value: Value) -> Vec<(String, &'static str)> {
    let fields = Fields::parse(&annotations::tests::sample()).unwrap();
    let niche: NichePolicy = serde_json::from_value(check::tests::sample_policy()).unwrap();
    let value: Terms = serde_json::from_value(value).unwrap();
    terms(&value, &fields, &niche)
        .iter()
        .map(|problem| (problem.field.clone().unwrap().into_owned(), problem.code.name))
        .collect()
}

fn spoilt(path: &str, value: Value) -> Vec<(String, &'static str)> {
    let mut terms = sample();
    *terms.pointer_mut(path).unwrap() = value;
    check_terms(terms)
}

fn one(path: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(path.to_owned(), code)]
}

#[test]
fn good_terms_pass() {
    assert_eq!(check_terms(sample()), []);
    assert_eq!(spoilt("/caps", json!([])), []);
    assert_eq!(spoilt("/schedule/windows", json!([])), []);
    assert_eq!(spoilt("/return_window_s", json!(0)), []);
}

#[test]
fn goals_are_one_of_each_with_their_own_rules() {
    let lead = json!({"kind": "LEAD", "price": 50_000});
    assert_eq!(spoilt("/goals", json!([])), one("terms.goals", "TERMS_GOALS"));
    assert_eq!(spoilt("/goals", json!([lead, lead])), one("terms.goals", "TERMS_GOALS"));
    assert_eq!(spoilt("/goals/1/price", json!(0)), one("terms.goals[1].price", "TERMS_PRICE"));
    assert_eq!(
        spoilt("/goals/1/price", json!(MAX_PRICE + 1)).last(),
        one("terms.caps[1].money", "TERMS_CAP").last()
    );
    assert_eq!(
        spoilt("/goals/0/price", json!(9_999)),
        one("terms.goals[0].price", "TERMS_PRICE_FLOOR")
    );
    for window in [0, 3_599, MAX_ATTRIBUTION_S + 1] {
        assert_eq!(
            spoilt("/goals/1/attribution_window_s", json!(window)),
            one("terms.goals[1].attributionWindowS", "TERMS_SALE_WINDOW")
        );
    }
    assert_eq!(
        spoilt("/goals/0", json!({"kind": "LEAD", "price": 50_000, "attribution_window_s": 9})),
        one("terms.goals[0].attributionWindowS", "TERMS_LEAD_WINDOW")
    );
    assert_eq!(
        spoilt("/goals/1/reserve_bps", json!(10_001)),
        one("terms.goals[1].reserveBps", "OUT_OF_RANGE")
    );
    let sale = json!({"kind": "SALE", "price": 9, "attribution_window_s": 3_600});
    let call = json!({"kind": "CALL", "price": 9});
    assert_eq!(spoilt("/goals", json!([lead, sale, call])), one("terms.goals", "TERMS_GOALS"));
}

#[test]
fn any_two_different_goals_make_an_offer() {
    let lead = json!({"kind": "LEAD", "price": 50_000});
    let sale = json!({"kind": "SALE", "attribution_window_s": 3_600, "several": true,
        "price": {"bps": 10_000, "min": 1, "max": 1}});
    let call = json!({"kind": "CALL", "price": 9, "min_call_seconds": 3_600,
        "repeat_caller_window_s": MAX_REPEAT_S});
    let registration = json!({"kind": "REGISTRATION", "price": 9, "attribution_window_s": 3_600,
        "reserve_bps": 10_000});
    for goals in [
        json!([lead, call]),
        json!([registration, sale]),
        json!([call, sale]),
        json!([registration]),
        json!([call]),
    ] {
        assert_eq!(spoilt("/goals", goals), []);
    }
}

#[test]
fn each_goal_has_only_its_own_rules() {
    let with = |kind: &str, part: &str, value: Value| {
        let mut goal = json!({"kind": kind, "price": 50_000});
        if kind == "SALE" || kind == "REGISTRATION" {
            goal["attribution_window_s"] = json!(3_600);
        }
        goal[part] = value;
        spoilt("/goals", json!([goal]))
    };
    let percent = |bps: i64, min: i64, max: i64| json!({"bps": bps, "min": min, "max": max});
    for (kind, part, value, path, code) in [
        ("LEAD", "price", percent(1, 1, 1), "percent", "TERMS_PERCENT"),
        ("CALL", "price", percent(1, 1, 1), "percent", "TERMS_PERCENT"),
        ("REGISTRATION", "price", percent(1, 1, 1), "percent", "TERMS_PERCENT"),
        ("SALE", "price", percent(0, 1, 1), "percent.bps", "TERMS_PERCENT"),
        ("SALE", "price", percent(10_001, 1, 1), "percent.bps", "TERMS_PERCENT"),
        ("SALE", "price", percent(1, 0, 1), "percent.min", "TERMS_PERCENT"),
        ("SALE", "price", percent(1, 2, 1), "percent.max", "TERMS_PERCENT"),
        ("SALE", "price", percent(1, 2, MAX_PRICE + 1), "percent.max", "TERMS_PERCENT"),
        ("CALL", "min_call_seconds", json!(3_601), "minCallSeconds", "TERMS_CALL"),
        ("CALL", "min_call_seconds", json!(-1), "minCallSeconds", "TERMS_CALL"),
        ("LEAD", "min_call_seconds", json!(1), "minCallSeconds", "TERMS_CALL"),
        ("SALE", "repeat_caller_window_s", json!(1), "repeatCallerWindowS", "TERMS_CALL"),
        ("CALL", "repeat_caller_window_s", json!(-1), "repeatCallerWindowS", "TERMS_CALL"),
        ("SALE", "calls_at_once", json!(1), "callsAtOnce", "TERMS_CALL"),
        ("CALL", "calls_at_once", json!(10_001), "callsAtOnce", "TERMS_CALL"),
        ("REGISTRATION", "several", json!(true), "several", "TERMS_SEVERAL"),
        (
            "REGISTRATION",
            "attribution_window_s",
            json!(0),
            "attributionWindowS",
            "TERMS_SALE_WINDOW",
        ),
        ("CALL", "attribution_window_s", json!(9_999), "attributionWindowS", "TERMS_LEAD_WINDOW"),
        ("CALL", "reserve_bps", json!(1), "attributionWindowS", "TERMS_LEAD_WINDOW"),
    ] {
        let found = with(kind, part, value);
        assert_eq!(found, one(&format!("terms.goals[0].{path}"), code), "{kind} {part}");
    }
}

#[test]
fn caps_bound_something_that_one_lead_fits_into() {
    let cases = [
        (json!([{"period": "DAY"}]), "terms.caps[0]"),
        (json!([{"period": "DAY", "count": 0}]), "terms.caps[0].count"),
        (json!([{"period": "DAY", "money": 0}]), "terms.caps[0].money"),
        (json!([{"period": "DAY", "money": 99_999}]), "terms.caps[0].money"),
        (
            json!([{"period": "DAY", "count": 1}, {"period": "DAY", "count": 2}]),
            "terms.caps[1].period",
        ),
    ];
    for (caps, path) in cases {
        assert_eq!(spoilt("/caps", caps), one(path, "TERMS_CAP"));
    }
    assert_eq!(spoilt("/caps", json!([{"period": "TOTAL", "money": 100_000}])), []);
}

#[test]
fn clocks_are_in_order_and_within_the_niche() {
    assert_eq!(spoilt("/hold_s", json!(259_199)), one("terms.holdS", "TERMS_CLOCKS"));
    assert_eq!(spoilt("/lock_s", json!(604_799)), one("terms.lockS", "TERMS_CLOCKS"));
    assert_eq!(
        spoilt("/return_window_s", json!(604_801)),
        [
            ("terms.returnWindowS".to_owned(), "TERMS_RETURN_WINDOW"),
            ("terms.holdS".to_owned(), "TERMS_CLOCKS")
        ]
    );
    assert_eq!(spoilt("/return_window_s", json!(-1)), one("terms.returnWindowS", "OUT_OF_RANGE"));
}

#[test]
fn the_lock_leaves_time_to_hear_both_sides() {
    // Three days to return, three to answer, three to decide.
    assert_eq!(spoilt("/lock_s", json!(9 * DAY_S)), []);
    assert_eq!(spoilt("/lock_s", json!(9 * DAY_S - 1)), one("terms.lockS", "TERMS_LOCK_TOO_SOON"));
    let mut terms = sample();
    terms["lock_s"] = json!(7 * DAY_S);
    let fields = Fields::parse(&annotations::tests::sample()).unwrap();
    let niche: NichePolicy = serde_json::from_value(check::tests::sample_policy()).unwrap();
    let read: Terms = serde_json::from_value(terms.clone()).unwrap();
    let problem = super::terms(&read, &fields, &niche).remove(0);
    let detail = problem.message;
    assert!(detail.contains("777600 seconds (9 days) or more"), "{detail}");
    // Where nothing can be returned there is nothing to hear.
    terms["return_window_s"] = json!(0);
    assert_eq!(check_terms(terms), []);
}

#[test]
fn the_rest_has_limits_and_conditions_fit() {
    let cases = [
        ("/min_score", json!(101), "terms.minScore", "OUT_OF_RANGE"),
        ("/max_sales", json!(0), "terms.maxSales", "OUT_OF_RANGE"),
        ("/max_sales", json!(11), "terms.maxSales", "OUT_OF_RANGE"),
        ("/conditions/0/field", json!("nobody"), "terms.conditions[0]", "CONDITION_UNKNOWN_FIELD"),
        ("/conditions/0/value", json!(7), "terms.conditions[0]", "CONDITION_BAD_VALUE"),
        ("/schedule/time_zone", json!("Moscow"), "terms.schedule.timeZone", "SCHEDULE_TIME_ZONE"),
    ];
    for (at, value, path, code) in cases {
        assert_eq!(spoilt(at, value), one(path, code));
    }
    let mut terms = sample();
    terms["priority"] = json!(-101);
    terms["description"] = json!("x".repeat(4_001));
    terms["dedupe_window_s"] = json!(-1);
    terms["max_return_share_bps"] = json!(10_001);
    let condition = terms["conditions"][0].clone();
    terms["conditions"] = json!(vec![condition; 51]);
    let paths: Vec<_> = check_terms(terms).into_iter().map(|(path, _)| path).collect();
    assert_eq!(
        paths,
        [
            "terms.conditions",
            "terms.dedupeWindowS",
            "terms.maxReturnShareBps",
            "terms.priority",
            "terms.description"
        ]
    );
}

#[test]
fn what_an_award_costs_is_the_lead_and_the_reserved_share() {
    let terms: Terms = serde_json::from_value(sample()).unwrap();
    assert_eq!(terms.cost_at_award(), 50_000 + 50_000);
    assert_eq!(terms.goal(GoalKind::Sale).unwrap().price, Price::Fixed(500_000));
}

#[test]
fn an_own_price_obeys_the_floor_the_caps_and_the_goals() {
    let niche: NichePolicy = serde_json::from_value(check::tests::sample_policy()).unwrap();
    let with = |goals: Value, caps: Value| -> Terms {
        let mut terms = sample();
        terms["goals"] = goals;
        terms["caps"] = caps;
        serde_json::from_value(terms).unwrap()
    };
    let lead = json!({"kind": "LEAD", "price": 50_000});
    let sale = json!({"kind": "SALE", "price": 500_000, "attribution_window_s": 3_600,
        "reserve_bps": 1_000});
    let both = with(json!([lead, sale]), json!([{"period": "DAY", "money": 150_000}]));
    let code = |terms: &Terms, price| {
        own_price(terms, price, &niche).map_or_else(
            |problem| {
                assert_eq!(problem.field.as_deref(), Some("price"));
                problem.code.name
            },
            |()| "OK",
        )
    };
    let floor = niche.price_floor;
    assert!((1..100_000).contains(&floor));
    assert_eq!(code(&both, floor), "OK");
    assert_eq!(
        code(&both, floor - 1),
        if floor == 1 { "TERMS_PRICE" } else { "TERMS_PRICE_FLOOR" }
    );
    assert_eq!(code(&both, 0), "TERMS_PRICE");
    assert_eq!(code(&both, MAX_PRICE + 1), "TERMS_PRICE");
    // 50 000 of the sale are reserved: 100 000 are left for the lead.
    assert_eq!(code(&both, 100_000), "OK");
    assert_eq!(code(&both, 100_001), "TERMS_CAP");
    // A shared copy at half the price would fall below the floor first.
    let mut halved = both.clone();
    halved.max_sales = 2;
    halved.shared_prices = vec![crate::offer::terms::SharedPrice { copies: 2, price: 25_000 }];
    assert_eq!(code(&halved, 2 * floor), "OK");
    assert_eq!(
        code(&halved, 2 * floor - 2),
        if floor == 1 { "TERMS_PRICE" } else { "TERMS_PRICE_FLOOR" }
    );
    let only_sales = with(json!([sale]), json!([]));
    assert_eq!(code(&only_sales, 60_000), "OWN_PRICE_NO_LEAD");
    assert_eq!((both.cost_at(Some(60_000)), both.cost_at(None)), (110_000, 100_000));
}
