//! Scoring: how well a person fits (A-F), how strong the wish is (0-100), and both together.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

use crate::niche::policy::{ScoreRule, Scorecard};
use crate::time::{SECOND, Timestamp};

crate::text_enum! {
    /// How well the person fits. Everyone starts at D.
    pub enum Grade {
        /// Not at all.
        F = "F",
        /// Barely.
        E = "E",
        /// Nothing is known.
        D = "D",
        /// Somewhat.
        C = "C",
        /// Well.
        B = "B",
        /// Perfectly.
        A = "A",
    }
}

impl Grade {
    /// D moved by so many steps, within A and F.
    fn from_steps(steps: i32) -> Self {
        let index = steps.saturating_add(2).clamp(0, 5);
        usize::try_from(index).ok().and_then(|i| Grade::ALL.get(i)).copied().unwrap_or(Grade::D)
    }

    /// 0 for F, 20 a step, 100 for A.
    fn value(self) -> i32 {
        match self {
            Self::F => 0,
            Self::E => 20,
            Self::D => 40,
            Self::C => 60,
            Self::B => 80,
            Self::A => 100,
        }
    }
}

crate::text_enum! {
    /// How promising a lead is.
    pub enum Temperature {
        /// Sales-ready: the score reaches the niche's SQL threshold.
        Hot = "HOT",
        /// The score reaches the niche's MQL threshold.
        Warm = "WARM",
        /// Below it.
        Cold = "COLD",
        /// The person does not fit at all, whatever the wish.
        OffTarget = "OFF_TARGET",
    }
}

crate::text_enum! {
    /// Which half of the score a reason belongs to.
    pub enum ReasonKind {
        /// Moved the grade.
        Fit = "FIT",
        /// Moved the intent.
        Intent = "INTENT",
    }
}

/// One contribution to the score. Its label stands in the scorecard under `name`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreReason {
    /// The rule.
    pub name: String,
    /// Fit or intent.
    pub kind: ReasonKind,
    /// Grade steps or intent points, after the group's cap.
    pub points: i32,
    /// What that made of the combined score, in tenths of a point.
    pub weight_tenths: i32,
}

/// A lead's score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// How well the person fits.
    pub grade: Grade,
    /// How strong the wish is now, 0-100.
    pub intent: i32,
    /// Both together, 0-100: half the grade's value, half the intent.
    pub score: i32,
    /// In words.
    pub temperature: Temperature,
    /// The five largest contributions, largest first.
    pub reasons: Vec<ScoreReason>,
}

/// How many reasons are kept.
const KEPT_REASONS: usize = 5;

/// Scores normalised fields. `stated_at` is when the wish was stated: intent decays from there.
pub fn score(
    card: &Scorecard,
    fields: &Map<String, Value>,
    stated_at: Timestamp,
    now: Timestamp,
) -> Score {
    let mut groups = BTreeMap::new();
    let fit = applied(&card.fit, card, fields, &mut groups);
    let intent = applied(&card.intent, card, fields, &mut groups);
    let grade =
        Grade::from_steps(fit.iter().map(|(_, points)| *points).fold(0, i32::saturating_add));
    let raw = intent.iter().map(|(_, points)| *points).fold(0, i32::saturating_add).clamp(0, 100);
    let intent_now = decayed(raw, card.intent_half_life_s, stated_at, now);
    let score = (grade.value() + intent_now + 1) / 2;
    let temperature = if grade == Grade::F {
        Temperature::OffTarget
    } else if score >= card.sql {
        Temperature::Hot
    } else if score >= card.mql {
        Temperature::Warm
    } else {
        Temperature::Cold
    };
    let mut reasons: Vec<ScoreReason> = Vec::with_capacity(fit.len() + intent.len());
    // A grade step is 20 of 100, an intent point 1 of 100; each half weighs one half.
    for (kind, rules, tenths) in [(ReasonKind::Fit, fit, 100), (ReasonKind::Intent, intent, 5)] {
        reasons.extend(rules.into_iter().filter(|(_, points)| *points != 0).map(
            |(rule, points)| ScoreReason {
                name: rule.name.clone(),
                kind,
                points,
                weight_tenths: points.saturating_mul(tenths),
            },
        ));
    }
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.weight_tenths.saturating_abs()));
    reasons.truncate(KEPT_REASONS);
    Score { grade, intent: intent_now, score, temperature, reasons }
}

/// The rules that hold, with their points cut to what their group may still give.
fn applied<'a>(
    rules: &'a [ScoreRule],
    card: &Scorecard,
    fields: &Map<String, Value>,
    groups: &mut BTreeMap<&'a str, i32>,
) -> Vec<(&'a ScoreRule, i32)> {
    let mut out = Vec::new();
    for rule in rules.iter().filter(|rule| rule.when.holds(fields)) {
        let cap = rule
            .group
            .as_deref()
            .and_then(|group| card.group_caps.get(group).map(|cap| (group, *cap)));
        let points = match cap {
            Some((group, cap)) => {
                let used = groups.entry(group).or_default();
                let allowed = used.saturating_add(rule.points).clamp(-cap.abs(), cap.abs());
                let points = allowed - *used;
                *used = allowed;
                points
            }
            None => rule.points,
        };
        out.push((rule, points));
    }
    out
}

/// Halves every half-life. Floating point is fine here: a score is an opinion, not money.
fn decayed(raw: i32, half_life_s: i64, stated_at: Timestamp, now: Timestamp) -> i32 {
    let age_s = now.since(stated_at).max(0) / SECOND;
    if half_life_s <= 0 || age_s == 0 {
        return raw;
    }
    #[allow(clippy::cast_precision_loss)]
    let halves = age_s as f64 / half_life_s as f64;
    #[allow(clippy::cast_possible_truncation)]
    let left = (f64::from(raw) * (-halves).exp2()).round() as i32;
    left.clamp(0, 100)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use crate::time::DAY;
    use serde_json::json;

    fn card() -> Scorecard {
        let rule = |name: &str, field: &str, points: i32, group: Option<&str>| {
            json!({"name": name, "label": {"en": name, "ru": name},
                   "when": {"op": "PRESENT", "field": field}, "points": points, "group": group})
        };
        serde_json::from_value(json!({
            "fit": [rule("owner", "owner", 2, None), rule("renter", "renter", -3, None)],
            "intent": [rule("urgent", "urgent", 60, None), rule("visit", "v1", 30, Some("visits")),
                       rule("visit2", "v2", 30, Some("visits"))],
            "group_caps": {"visits": 40},
            "mql": 40, "sql": 70, "intent_half_life_s": 86_400
        }))
        .unwrap()
    }

    fn scored(fields: Value, age_us: i64) -> Score {
        let now = Timestamp::from_micros(10 * DAY);
        score(&card(), fields.as_object().unwrap(), now.plus(-age_us), now)
    }

    #[test]
    fn everyone_starts_at_d_and_cold() {
        let got = scored(json!({}), 0);
        assert_eq!((got.grade, got.intent, got.score), (Grade::D, 0, 20));
        assert_eq!(got.temperature, Temperature::Cold);
    }

    #[test]
    fn group_caps_bound_their_rules() {
        let got = scored(json!({"v1": 1, "v2": 1}), 0);
        assert_eq!(got.intent, 40);
        assert_eq!(got.reasons.iter().map(|r| r.points).collect::<Vec<_>>(), [30, 10]);
    }

    #[test]
    fn fit_and_intent_make_the_temperature() {
        let hot = scored(json!({"owner": 1, "urgent": 1, "v1": 1}), 0);
        assert_eq!((hot.grade, hot.score, hot.temperature), (Grade::B, 85, Temperature::Hot));
        assert_eq!(hot.reasons[0].weight_tenths, 300);
        let off = scored(json!({"renter": 1, "urgent": 1, "v1": 1}), 0);
        assert_eq!(off.temperature, Temperature::OffTarget);
    }

    #[test]
    fn intent_halves_with_its_half_life() {
        assert_eq!(scored(json!({"urgent": 1}), DAY).intent, 30);
        assert_eq!(scored(json!({"urgent": 1}), 2 * DAY).intent, 15);
    }
}
