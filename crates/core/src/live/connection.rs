//! A live connection: how one offer's endpoint is asked, and what it may be set to.

use serde::{Deserialize, Serialize};

use super::mapping::{Mapping, Reader};
use crate::error::{OUT_OF_RANGE, Problem, REQUIRED};
use crate::offer::terms::{GoalKind, Mode, Terms};
use crate::offer::validate::MAX_PRICE;

crate::codes! {
    LIVE_CONNECTION_MISSING: Conflict = "A live offer needs a connection before it can buy: set one, and test it.";
    LIVE_ADDRESS: Invalid = "The exchange does not call this address.";
    TERMS_LIVE: Invalid = "A live offer buys leads at a price of their own, exclusively (max sales 1), without shared prices, and no calls.";
}

crate::text_enum! {
    /// What a buyer's silence about a posted lead means in the end.
    pub enum OnSilence {
        /// It bought.
        Sold = "SOLD",
        /// It did not.
        Released = "RELEASED",
    }
}

/// Everything of a connection that is no secret. Times in milliseconds, money in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Where the offer is asked.
    pub ask_url: String,
    /// Where the lead is posted.
    pub post_url: String,
    /// Where it is asked whether a posted lead was taken.
    pub status_url: Option<String>,
    /// How answers are read.
    pub mapping: Mapping,
    /// The longest wait for an answer to an ask; the exchange's own deadline may be shorter.
    pub ask_timeout_ms: u32,
    /// The longest wait for an answer to a post.
    pub post_timeout_ms: u32,
    /// How many requests it gets at once.
    pub concurrency: u32,
    /// What silence means.
    pub on_silence: OnSilence,
    /// Less than this is no bid.
    pub min_bid: i64,
}

/// What connections may be set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest wait for an answer to an ask, in milliseconds.
    pub ask_timeout_ms: u32,
    /// The longest wait for an answer to a post, in milliseconds.
    pub post_timeout_ms: u32,
    /// The most requests at once.
    pub concurrency: u32,
}

/// The shortest wait, in milliseconds.
pub const MIN_TIMEOUT_MS: u32 = 50;

impl Connection {
    /// Everything that is wrong with it, whatever its addresses lead to.
    pub fn faults(&self, limits: &Limits) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut within = |path: &'static str, value: i64, least: i64, most: i64| {
            if value < least || value > most {
                let detail = format!("The value must be from {least} to {most}.");
                found.push(Problem::new(OUT_OF_RANGE).field(path).detail(detail));
            }
        };
        let (least, ask, post) =
            (i64::from(MIN_TIMEOUT_MS), self.ask_timeout_ms.into(), self.post_timeout_ms.into());
        within("askTimeoutMs", ask, least, limits.ask_timeout_ms.into());
        within("postTimeoutMs", post, least, limits.post_timeout_ms.into());
        within("concurrency", self.concurrency.into(), 1, limits.concurrency.into());
        within("minBid", self.min_bid, 1, MAX_PRICE);
        for (path, url) in [("askUrl", &self.ask_url), ("postUrl", &self.post_url)] {
            if url.trim().is_empty() {
                found.push(Problem::new(REQUIRED).field(path));
            }
        }
        found.extend(Reader::new(&self.mapping).err().into_iter().flatten());
        found
    }
}

/// Whether terms may be those of a live offer. The buyer's bid is the price of one exclusive lead.
pub fn may_be_live(terms: &Terms) -> bool {
    let lead = terms.goal(GoalKind::Lead).is_some_and(|goal| goal.price.fixed().is_some());
    let call = terms.goal(GoalKind::Call).is_some();
    lead && !call && terms.max_sales == 1 && terms.shared_prices.is_empty()
}

/// The fault of terms that say LIVE and may not be, if so.
pub fn terms_fault(terms: &Terms) -> Option<Problem> {
    let wrong = terms.mode == Mode::Live && !may_be_live(terms);
    wrong.then(|| Problem::new(TERMS_LIVE).field("terms.mode"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::offer::validate::tests::sample;
    use serde_json::json;

    const LIMITS: Limits =
        Limits { ask_timeout_ms: 1_500, post_timeout_ms: 5_000, concurrency: 64 };

    fn connection() -> Connection {
        Connection {
            ask_url: "https://buyer.example/ask".to_owned(),
            post_url: "https://buyer.example/post".to_owned(),
            status_url: None,
            mapping: Mapping::default(),
            ask_timeout_ms: 1_000,
            post_timeout_ms: 3_000,
            concurrency: 8,
            on_silence: OnSilence::Released,
            min_bid: 1,
        }
    }

    #[test]
    fn every_bound_is_named() {
        assert!(connection().faults(&LIMITS).is_empty());
        let wrong = Connection {
            post_url: " ".to_owned(),
            ask_timeout_ms: 1_501,
            post_timeout_ms: 10,
            concurrency: 0,
            min_bid: 0,
            ..connection()
        };
        let named: Vec<_> =
            wrong.faults(&LIMITS).iter().map(|p| p.field.clone().unwrap().into_owned()).collect();
        assert_eq!(named, ["askTimeoutMs", "postTimeoutMs", "concurrency", "minBid", "postUrl"]);
    }

    #[test]
    fn live_terms_buy_exclusive_leads_at_a_price_of_their_own() {
        let terms = |change: &dyn Fn(&mut serde_json::Value)| -> Terms {
            let mut value = sample();
            value["mode"] = json!("LIVE");
            value["max_sales"] = json!(1);
            change(&mut value);
            serde_json::from_value(value).unwrap()
        };
        let lead = json!({"kind": "LEAD", "price": 50_000});
        assert!(may_be_live(&terms(&|value| value["goals"] = json!([lead]))));
        assert!(!may_be_live(&terms(&|value| value["max_sales"] = json!(2))));
        let sale = json!({"kind": "SALE", "price": 50_000, "attribution_window_s": 3_600});
        assert!(!may_be_live(&terms(&|value| value["goals"] = json!([sale]))));
        let instant = Terms { mode: Mode::Instant, max_sales: 3, ..terms(&|_| {}) };
        assert_eq!(terms_fault(&instant), None);
        let shared = Terms { max_sales: 3, ..terms(&|_| {}) };
        assert_eq!(terms_fault(&shared).unwrap().code.name, "TERMS_LIVE");
    }
}
