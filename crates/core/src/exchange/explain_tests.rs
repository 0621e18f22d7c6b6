#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use super::*;
use serde_json::{Value, json};
use std::borrow::Cow;
use uuid::Uuid;

fn terms(more: Value) -> Terms {
    let mut value = json!({
        "goals": [{"kind": "LEAD", "price": 1_000}], "schedule": {"time_zone": "Europe/Moscow"},
        "max_sales": 3, "return_window_s": 0, "hold_s": 0, "lock_s": 0, "visibility": "PUBLIC"
    });
    for (key, part) in more.as_object().unwrap() {
        value[key] = part.clone();
    }
    serde_json::from_value(value).unwrap()
}

fn entry(n: u128, outcome: Standing, code: Option<&'static str>) -> TraceEntry {
    TraceEntry {
        offer: OfferId(Uuid::from_u128(n)),
        version: OfferVersionId(Uuid::from_u128(n)),
        outcome,
        code: code.map(Cow::Borrowed),
        rank: None,
        bid: None,
        price: None,
        detail: String::new(),
        need: None,
        group: None,
    }
}

fn said(found: &[Explanation]) -> Vec<String> {
    found
        .iter()
        .map(|one| {
            let facts = one.facts.iter().map(|(name, fact)| match fact {
                Fact::Money(n) | Fact::Count(n) => format!(" {name}={n}"),
                Fact::Text(text) => format!(" {name}={text}"),
                Fact::At(at) => format!(" {name}={at}"),
            });
            let mut text = one.why.to_string() + &facts.collect::<String>();
            if one.offers > 1 {
                text = format!("{text} x{}", one.offers);
            }
            text
        })
        .collect()
}

fn sold(terms: &Terms, price: i64, copies: i32, reader: Reader) -> Vec<String> {
    let entries = [
        TraceEntry {
            rank: Some(1),
            bid: Some(price * 95 / 100),
            price: Some(price),
            ..entry(1, Standing::Won, None)
        },
        TraceEntry { rank: Some(3), bid: Some(700), ..entry(3, Standing::Lost, Some("OUTBID")) },
        TraceEntry { rank: Some(2), bid: Some(800), ..entry(2, Standing::Lost, Some("OUTBID")) },
    ];
    let basis = Basis {
        strategy: Strategy::Auction,
        group: Some(4),
        fallback: true,
        copies,
        sum: 950,
        alternative: Some((2, 900)),
    };
    let sale = Sale {
        offer: OfferId(Uuid::from_u128(1)),
        terms,
        price,
        earning: price * 85 / 100,
        copies,
        basis: Some(&basis),
        entries: &entries,
    };
    said(&why_this_price(reader, &sale))
}

#[test]
fn an_operator_is_told_everything() {
    assert_eq!(
        sold(&terms(json!({})), 1_000, 1, Reader::Operator),
        [
            "CHOSEN_BY_AUCTION rank=1",
            "CHOSEN_IN_GROUP group=4",
            "CHOSEN_AS_FALLBACK",
            "PRICE_DECLARED price=1000",
            "FEE price=1000 fee=150 earning=850",
            "ONLY_COPY",
            "BID_COUNTED bid=950 price=1000",
            "RUNNER_UP bid=800",
            "ALTERNATIVE copies=1 sum=950 other_copies=2 other_sum=900",
        ]
    );
}

#[test]
fn a_buyer_sees_its_own_bid_and_a_publisher_its_own_earning() {
    assert_eq!(
        sold(&terms(json!({})), 1_000, 1, Reader::Buyer),
        [
            "CHOSEN_BY_AUCTION",
            "PRICE_DECLARED price=1000",
            "ONLY_COPY",
            "BID_COUNTED bid=950 price=1000"
        ]
    );
    let shared = terms(json!({"shared_prices": [{"copies": 2, "price": 600}]}));
    assert_eq!(
        sold(&shared, 600, 2, Reader::Publisher),
        [
            "CHOSEN_BY_AUCTION",
            "CHOSEN_AS_FALLBACK",
            "EARNING_SHARED earning=510 copies=2",
            "ONE_OF_COPIES copies=2"
        ]
    );
    assert_eq!(
        sold(&shared, 600, 2, Reader::Buyer)[1],
        "PRICE_SHARED price=600 copies=2 alone=1000"
    );
    // Another price than that of the terms is one agreed with the publisher.
    assert_eq!(sold(&shared, 720, 2, Reader::Buyer)[1], "PRICE_AGREED price=720 declared=600");
    assert_eq!(sold(&shared, 1_200, 1, Reader::Publisher)[2], "EARNING_AGREED earning=1020");
}

#[test]
fn no_publisher_reads_a_price_and_no_buyer_a_rival() {
    let shared = terms(json!({"shared_prices": [{"copies": 2, "price": 600}]}));
    for (price, copies) in [(1_000, 1), (600, 2), (720, 2)] {
        for line in sold(&shared, price, copies, Reader::Publisher) {
            assert!(!line.contains(&format!("={price}")), "{line}");
            assert!(!line.contains("bid") && !line.contains("fee"), "{line}");
        }
        for line in sold(&shared, price, copies, Reader::Buyer) {
            assert!(!line.contains("=800") && !line.contains("sum"), "{line}");
        }
    }
}

fn excluded(n: u128, code: &'static str, detail: &str, need: Option<i64>) -> TraceEntry {
    TraceEntry { detail: detail.to_owned(), need, ..entry(n, Standing::Excluded, Some(code)) }
}

fn missed(reader: Reader, rest: &[(&str, u32)]) -> Vec<String> {
    let entries = [
        excluded(1, "NO_OFFER_FUNDED", "", Some(40)),
        excluded(2, "OFFER_CAPPED", "DAY_MONEY", None),
        excluded(3, "OFFER_CLOSED_NOW", "", None),
        excluded(4, "MIN_EARNING", "", Some(700)),
        excluded(5, "MIN_EARNING", "", Some(800)),
        excluded(6, "SCORE_TOO_LOW", "", Some(80)),
        excluded(7, "SCORE_TOO_LOW", "", Some(60)),
        excluded(8, "CONDITION_FAILED", "region", None),
        excluded(9, "CONDITION_FAILED", "amount", None),
        excluded(10, "CONDITION_FAILED", "region", None),
        excluded(11, "NOT_APPROVED", "", None),
        excluded(12, "NOT_APPROVED", "", None),
    ];
    let work = json!([{"days": [1, 2, 3, 4, 5], "from_minute": 540, "to_minute": 1_080}]);
    let mut all: BTreeMap<OfferVersionId, Arc<Terms>> = BTreeMap::new();
    for entry in &entries {
        let n = entry.version.0.as_u128();
        let visibility = if n == 12 { "PRIVATE" } else { "BY_APPLICATION" };
        let schedule = json!({"time_zone": "Europe/Moscow", "windows": work});
        let one = terms(json!({"visibility": visibility, "schedule": schedule}));
        all.insert(entry.version, Arc::new(one));
    }
    let rest: BTreeMap<String, u32> =
        rest.iter().map(|(code, n)| ((*code).to_owned(), *n)).collect();
    let miss = Miss {
        entries: &entries,
        rest: &rest,
        terms: &all,
        score: 55,
        decided_at: Timestamp::parse_rfc3339("2026-11-20T17:00:00Z").unwrap(),
    };
    said(&what_would_have_sold(reader, &miss))
}

#[test]
fn an_operator_reads_each_offers_need() {
    assert_eq!(
        missed(Reader::Operator, &[("SCORE_TOO_LOW", 4)]),
        [
            "NEEDS_FUNDS missing=40",
            "NEEDS_ROOM cap=DAY_MONEY at=2026-11-20T21:00:00Z",
            "NEEDS_HOUR at=2026-11-23T06:00:00Z",
            "NEEDS_LOWER_ASK earning=700",
            "NEEDS_LOWER_ASK earning=800",
            "NEEDS_SCORE wanted=80 score=55",
            "NEEDS_SCORE wanted=60 score=55",
            "NEEDS_SCORE x4",
            "NEEDS_FIELD field=region",
            "NEEDS_FIELD field=amount",
            "NEEDS_FIELD field=region",
            "NEEDS_APPROVAL",
            "NEEDS_APPROVAL",
        ]
    );
}

#[test]
fn a_publisher_reads_what_would_have_been_enough() {
    assert_eq!(
        missed(Reader::Publisher, &[("SCORE_TOO_LOW", 4), ("NOT_APPROVED", 9)]),
        [
            "NEEDS_FUNDS",
            "NEEDS_ROOM",
            "NEEDS_HOUR at=2026-11-23T06:00:00Z",
            "NEEDS_LOWER_ASK earning=800 x2",
            "NEEDS_SCORE wanted=60 score=55 x6",
            "NEEDS_FIELD field=region x2",
            "NEEDS_FIELD field=amount",
            "NEEDS_APPROVAL",
        ]
    );
    assert!(missed(Reader::Buyer, &[]).is_empty());
}

#[test]
fn a_lead_that_was_promised_to_an_order_says_so_to_everybody() {
    let entries = [TraceEntry {
        rank: Some(1),
        bid: Some(400),
        price: Some(400),
        detail: BY_ORDER.to_owned(),
        ..entry(1, Standing::Won, None)
    }];
    let ordered = |reader| {
        let sale = Sale {
            offer: OfferId(Uuid::from_u128(1)),
            terms: &terms(json!({})),
            price: 400,
            earning: 340,
            copies: 1,
            basis: None,
            entries: &entries,
        };
        said(&why_this_price(reader, &sale))
    };
    assert_eq!(
        ordered(Reader::Operator),
        [
            "CHOSEN_BY_ORDER",
            "PRICE_ORDERED price=400",
            "FEE price=400 fee=60 earning=340",
            "ONLY_COPY"
        ]
    );
    assert_eq!(ordered(Reader::Buyer), ["CHOSEN_BY_ORDER", "PRICE_ORDERED price=400", "ONLY_COPY"]);
    assert_eq!(
        ordered(Reader::Publisher),
        ["CHOSEN_BY_ORDER", "EARNING_ORDERED earning=340", "ONLY_COPY"]
    );
}
