//! The rules of a niche that are not its field schema: one document, versioned with the schema.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::routing::Routing;
use crate::money::Bps;
use crate::offer::conditions::Condition;

/// A text in every language that the exchange speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Localized {
    /// English.
    pub en: String,
    /// Russian.
    pub ru: String,
}

/// All rules of one niche version. Durations are in seconds, money in minor units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NichePolicy {
    /// Default region of phone numbers without a country code (ISO 3166-1 alpha-2).
    pub default_region: String,
    /// How repeats are recognised.
    pub dedupe: DedupePolicy,
    /// Points for conditions.
    pub scorecard: Scorecard,
    /// Coded reasons for which a buyer may return a lead.
    pub return_reasons: Vec<ReturnReason>,
    /// The longest return window that an offer may set.
    pub max_return_window_s: i64,
    /// How long a publisher has to answer a return.
    pub dispute_answer_s: i64,
    /// How long an operator has to decide a contested return.
    pub dispute_decide_s: i64,
    /// What a silent publisher means.
    pub on_silence: SilenceDefault,
    /// The lowest price of a lead that an offer may post, in minor units.
    pub price_floor: i64,
    /// The exchange's share of the price; `None` takes the installation's default.
    #[serde(default)]
    pub take_rate_bps: Option<Bps>,
    /// Whether a lead without consent is refused.
    pub consent_required: bool,
    /// How long contact data is kept after the lock.
    pub contact_retention_s: i64,
    /// Risk (0-100) from which a lead goes to quarantine.
    pub quarantine_risk: i32,
    /// How long a bid on a ping is reserved, in seconds; `None` takes the installation's default.
    #[serde(default)]
    pub bid_ttl_s: Option<i64>,
    /// How offers are chosen; an auction if nothing is said.
    #[serde(default)]
    pub routing: Routing,
}

/// The dispute's outcome if the publisher does not answer in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SilenceDefault {
    /// Silence accepts the return.
    Accept,
    /// Silence contests it; an operator decides.
    Contest,
}

/// Who a repeated lead concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DedupeScope {
    /// Refuse the lead if anybody in the niche bought this person.
    Niche,
    /// Refuse the lead if anybody on the exchange bought this person.
    Exchange,
    /// Exclude the buyers who bought this person.
    Buyer,
    /// Exclude the offers that bought this person.
    Offer,
}

/// Which fields make two leads the same person, for how long, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DedupePolicy {
    /// Sets of field names; a set matches when all its fields are filled and equal.
    pub key_sets: Vec<Vec<String>>,
    /// ANY: one matching set is enough. ALL: every filled set has to match.
    pub mode: DedupeMode,
    /// How long a sold person is taken, in seconds.
    pub window_s: i64,
    /// Where.
    pub scope: DedupeScope,
    /// Whether an upheld return frees the person.
    pub release_on_return: bool,
    /// Whether sold persons are kept under MD5 as well, so that pings with MD5 hashes find them.
    /// It doubles the claims that a sale writes.
    #[serde(default)]
    pub md5: bool,
}

/// How several key sets combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DedupeMode {
    /// One matching set is enough.
    Any,
    /// Every filled set has to match.
    All,
}

/// Points for conditions: `fit` grades the person, `intent` the wish.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scorecard {
    /// Rules that move the grade up or down from D, in steps.
    pub fit: Vec<ScoreRule>,
    /// Rules that add to or take from intent.
    pub intent: Vec<ScoreRule>,
    /// The most that one group of rules may give.
    #[serde(default)]
    pub group_caps: IndexMap<String, i32>,
    /// Score from which a lead is `MQL`.
    pub mql: i32,
    /// Score from which a lead is `SQL`.
    pub sql: i32,
    /// Intent loses half of itself in this many seconds after the wish was stated; 0 = never.
    #[serde(default)]
    pub intent_half_life_s: i64,
}

/// Points if a condition holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreRule {
    /// Stable name, shown as the reason.
    pub name: String,
    /// What people read.
    pub label: Localized,
    /// When it applies.
    pub when: Condition,
    /// Grade steps (fit) or points (intent); may be negative.
    pub points: i32,
    /// Group whose cap applies.
    #[serde(default)]
    pub group: Option<String>,
}

/// A coded reason for a return.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnReason {
    /// Stable code, like `PHONE_NOT_WORKING`.
    pub code: String,
    /// What people read.
    pub label: Localized,
    /// Whether a comment is required.
    #[serde(default)]
    pub comment_required: bool,
}
