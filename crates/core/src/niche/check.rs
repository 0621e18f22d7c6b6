//! Whether a niche's rules make sense, and fit its fields.

use std::collections::HashSet;

use super::annotations::Fields;
use super::fit;
use super::policy::{DedupePolicy, Localized, NichePolicy, ReturnReason, ScoreRule, Scorecard};
use crate::error::Problem;
use crate::money::Bps;

crate::codes! {
    NICHE_POLICY_INVALID: Invalid = "The niche's rules do not fit together.";
}

const DAY: i64 = 86_400;
/// Longest time that a sold person stays taken, in seconds: two years.
pub const MAX_DEDUPE_WINDOW_S: i64 = 730 * DAY;
/// Longest return window of a niche, in seconds: 60 days.
pub const MAX_RETURN_WINDOW_S: i64 = 60 * DAY;
/// Longest term of a dispute's step, in seconds: 30 days.
pub const MAX_DISPUTE_STEP_S: i64 = 30 * DAY;
/// Longest that contact data may be kept after the lock, in seconds: three years.
pub const MAX_RETENTION_S: i64 = 1_095 * DAY;
/// The least and the longest time that a bid on a ping is reserved, in seconds.
pub const MIN_BID_TTL_S: i64 = 1;
/// See [`MIN_BID_TTL_S`].
pub const MAX_BID_TTL_S: i64 = 600;
/// Most rules of one scorecard.
pub const MAX_RULES: usize = 100;

/// Every way in which the rules are wrong. Empty: they can be published with these fields.
pub fn policy(policy: &NichePolicy, fields: &Fields) -> Vec<Problem> {
    let mut found = Vec::new();
    let region = policy.default_region.as_bytes();
    if region.len() != 2 || !region.iter().all(u8::is_ascii_uppercase) {
        found.push(wrong("default_region", "A region is two capital letters, like RU."));
    }
    dedupe(&policy.dedupe, fields, &mut found);
    scorecard(&policy.scorecard, fields, &mut found);
    return_reasons(&policy.return_reasons, &mut found);
    within("max_return_window_s", policy.max_return_window_s, 0, MAX_RETURN_WINDOW_S, &mut found);
    within("dispute_answer_s", policy.dispute_answer_s, 3_600, MAX_DISPUTE_STEP_S, &mut found);
    within("dispute_decide_s", policy.dispute_decide_s, 3_600, MAX_DISPUTE_STEP_S, &mut found);
    within("price_floor", policy.price_floor, 0, crate::offer::validate::MAX_PRICE, &mut found);
    within("contact_retention_s", policy.contact_retention_s, 0, MAX_RETENTION_S, &mut found);
    within("quarantine_risk", i64::from(policy.quarantine_risk), 1, 100, &mut found);
    if let Some(ttl) = policy.bid_ttl_s {
        within("bid_ttl_s", ttl, MIN_BID_TTL_S, MAX_BID_TTL_S, &mut found);
    }
    if policy.take_rate_bps.is_some_and(|rate| rate > Bps::WHOLE) {
        found.push(wrong("take_rate_bps", "The share is at most 10000 basis points."));
    }
    super::routing_check::routing(&policy.routing, &mut found);
    found
}

pub(super) fn wrong(path: impl AsRef<str>, detail: impl Into<String>) -> Problem {
    Problem::new(NICHE_POLICY_INVALID)
        .field(format!("policy.{}", path.as_ref()))
        .detail(detail.into())
}

pub(super) fn within(path: &str, value: i64, least: i64, most: i64, found: &mut Vec<Problem>) {
    if value < least || value > most {
        found.push(wrong(path, format!("The value must be from {least} to {most}.")));
    }
}

fn dedupe(rules: &DedupePolicy, fields: &Fields, found: &mut Vec<Problem>) {
    within("dedupe.window_s", rules.window_s, 0, MAX_DEDUPE_WINDOW_S, found);
    if rules.key_sets.is_empty() || rules.key_sets.len() > 5 {
        found.push(wrong("dedupe.key_sets", "There are 1 to 5 key sets."));
    }
    for (index, set) in rules.key_sets.iter().enumerate() {
        let path = format!("dedupe.key_sets[{index}]");
        if set.is_empty() || set.len() > 5 {
            found.push(wrong(&path, "A key set has 1 to 5 fields."));
        }
        for name in set.iter().filter(|name| fields.get(name).is_none()) {
            found.push(wrong(&path, format!("The niche has no field `{name}`.")));
        }
    }
}

fn scorecard(card: &Scorecard, fields: &Fields, found: &mut Vec<Problem>) {
    let mut names = HashSet::new();
    for (part, rules) in [("fit", &card.fit), ("intent", &card.intent)] {
        if rules.len() > MAX_RULES {
            found.push(wrong(format!("scorecard.{part}"), "There are at most 100 rules."));
        }
        let most = if part == "fit" { 3 } else { 100 };
        for (index, rule) in rules.iter().enumerate() {
            let path = format!("scorecard.{part}[{index}]");
            score_rule(rule, card, most, &path, found);
            fit::check(&rule.when, fields, &format!("policy.{path}.when"), found);
            if !names.insert(rule.name.as_str()) {
                found.push(wrong(&path, format!("The rule `{}` is there twice.", rule.name)));
            }
        }
    }
    within("scorecard.mql", i64::from(card.mql), 0, 100, found);
    within("scorecard.sql", i64::from(card.sql), i64::from(card.mql), 100, found);
    within("scorecard.intent_half_life_s", card.intent_half_life_s, 0, 365 * DAY, found);
    for (group, cap) in &card.group_caps {
        within(&format!("scorecard.group_caps.{group}"), i64::from(*cap), 0, 100, found);
    }
}

fn score_rule(rule: &ScoreRule, card: &Scorecard, most: i32, path: &str, found: &mut Vec<Problem>) {
    if !is_code(&rule.name) {
        found.push(wrong(path, "A rule's name is SCREAMING_SNAKE_CASE."));
    }
    if rule.points == 0 || rule.points.abs() > most {
        found.push(wrong(path, format!("Points are from 1 to {most}, or less than none.")));
    }
    if let Some(group) = rule.group.as_ref().filter(|group| !card.group_caps.contains_key(*group)) {
        found.push(wrong(path, format!("The group `{group}` has no cap.")));
    }
    label(&rule.label, path, found);
}

fn return_reasons(reasons: &[ReturnReason], found: &mut Vec<Problem>) {
    if reasons.len() > 30 {
        found.push(wrong("return_reasons", "There are at most 30 reasons."));
    }
    let mut codes = HashSet::new();
    for (index, reason) in reasons.iter().enumerate() {
        let path = format!("return_reasons[{index}]");
        if !is_code(&reason.code) {
            found.push(wrong(&path, "A code is SCREAMING_SNAKE_CASE."));
        }
        if !codes.insert(reason.code.as_str()) {
            found.push(wrong(&path, format!("The code `{}` is there twice.", reason.code)));
        }
        label(&reason.label, &path, found);
    }
}

fn label(label: &Localized, path: &str, found: &mut Vec<Problem>) {
    for text in [&label.en, &label.ru] {
        if text.trim().is_empty() || text.chars().count() > 200 {
            found.push(wrong(path, "A label has 1 to 200 characters in each language."));
        }
    }
}

fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 60
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::super::annotations::tests::sample;
    use super::*;
    use serde_json::{Value, json};

    /// Rules that fit the sample schema.
    pub(crate) fn sample_policy() -> Value {
        json!({
            "default_region": "RU",
            "dedupe": {"key_sets": [["phone"]], "mode": "ANY", "window_s": 2_592_000,
                "scope": "NICHE", "release_on_return": true},
            "scorecard": {
                "fit": [{"name": "OWNER", "label": {"en": "Owner", "ru": "Владелец"},
                    "when": {"op": "EQ", "field": "owner", "value": true}, "points": 1}],
                "intent": [{"name": "LARGE", "label": {"en": "Large", "ru": "Крупная"},
                    "when": {"op": "GTE", "field": "amount", "value": 500}, "points": 30,
                    "group": "sum"}],
                "group_caps": {"sum": 40}, "mql": 40, "sql": 70
            },
            "return_reasons": [{"code": "PHONE_NOT_WORKING",
                "label": {"en": "Phone not working", "ru": "Телефон не работает"}}],
            "bid_ttl_s": 30, "max_return_window_s": 604_800, "dispute_answer_s": 259_200,
            "dispute_decide_s": 259_200, "on_silence": "ACCEPT", "price_floor": 10_000,
            "consent_required": true, "contact_retention_s": 2_592_000, "quarantine_risk": 80
        })
    }

    #[test]
    fn good_rules_pass() {
        let fields = Fields::parse(&sample()).unwrap();
        let rules: NichePolicy = serde_json::from_value(sample_policy()).unwrap();
        assert_eq!(policy(&rules, &fields), []);
    }

    #[test]
    fn each_wrong_rule_is_named() {
        let fields = Fields::parse(&sample()).unwrap();
        let cases = [
            ("/default_region", json!("Russia")),
            ("/dedupe/key_sets", json!([])),
            ("/dedupe/key_sets", json!([["email"]])),
            ("/bid_ttl_s", json!(0)),
            ("/dedupe/window_s", json!(-1)),
            ("/scorecard/fit/0/name", json!("owner rule")),
            ("/scorecard/fit/0/points", json!(9)),
            ("/scorecard/fit/0/when/field", json!("nobody")),
            ("/scorecard/intent/0/group", json!("none")),
            ("/scorecard/intent/0/label/ru", json!(" ")),
            ("/scorecard/intent/0/name", json!("OWNER")),
            ("/scorecard/sql", json!(30)),
            ("/return_reasons/0/code", json!("phone")),
            ("/max_return_window_s", json!(61 * DAY)),
            ("/dispute_answer_s", json!(0)),
            ("/price_floor", json!(-1)),
            ("/quarantine_risk", json!(101)),
        ];
        for (path, value) in cases {
            let mut rules = sample_policy();
            *rules.pointer_mut(path).unwrap() = value;
            let rules: NichePolicy = serde_json::from_value(rules).unwrap();
            assert_eq!(policy(&rules, &fields).len(), 1, "{path}");
        }
        let mut rules = sample_policy();
        rules["take_rate_bps"] = json!(10_001);
        let rules: NichePolicy = serde_json::from_value(rules).unwrap();
        assert_eq!(policy(&rules, &fields).len(), 1);
    }
}
