//! The dictionary of macros: the one source of the documentation, the API and the UI.

/// A word in braces that an address may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Macro {
    /// Its name, without the braces.
    pub name: &'static str,
    /// What stands in its place, in English.
    pub en: &'static str,
    /// The same in Russian.
    pub ru: &'static str,
    /// What it may look like.
    pub example: &'static str,
}

const fn word(
    name: &'static str,
    en: &'static str,
    ru: &'static str,
    example: &'static str,
) -> Macro {
    Macro { name, en, ru, example }
}

const SUB_EN: &str = "a sub-id of the lead, as you sent it";
const SUB_RU: &str = "саб-id лида, как вы его передали";

/// Every macro.
pub const MACROS: &[Macro] = &[
    word(
        "event_id",
        "the event; the same at every try, so that a repetition can be told",
        "событие; одно и то же при каждой попытке, чтобы узнать повтор",
        "hap_01jq2v5x9ge5wtxm3fzv0f8k2q",
    ),
    word("event", "what happened", "что произошло", "SOLD"),
    word("lead_id", "the lead", "лид", "lead_01jq2v5x8seq9r1h8m3q2k7t4c"),
    word("external_id", "your own id of the lead", "ваш собственный id лида", "order-77"),
    word("source_id", "the source", "источник", "src_01jq2v4m2ffxk8d7s9h3w5n6pa"),
    word("status", "the state of the lead when it happened", "состояние лида в тот момент", "SOLD"),
    word(
        "reason",
        "the code of the first reason; empty for a sold lead",
        "код первой причины; пусто для проданного лида",
        "DUPLICATE_PHONE_30D",
    ),
    word(
        "offer_id",
        "the offer, for events of conversions",
        "оффер, для событий конверсий",
        "ofr_01jq2v3c7bf0mv2kz4e8y1x5nd",
    ),
    word(
        "award_id",
        "the sale of the lead, for events of conversions",
        "продажа лида, для событий конверсий",
        "awd_01jq2v5x9ae7nvd2c6w4r8t0hs",
    ),
    word(
        "conversion_id",
        "the conversion, for events of conversions",
        "конверсия, для событий конверсий",
        "cnv_01jq2v5x9bf3sat5j1p9m6q8ew",
    ),
    word(
        "goal",
        "what is paid for: LEAD, CALL, SALE or REGISTRATION; for events of conversions",
        "за что платят: LEAD, CALL, SALE или REGISTRATION; для событий конверсий",
        "SALE",
    ),
    word(
        "earning",
        "what you earn by it, less what was given back: of a sold lead at once, of a conversion",
        "ваш доход за вычетом возвращённого: с проданного лида сразу, с конверсии",
        "425.00",
    ),
    word("earning_minor", "the same in minor units", "то же в минимальных единицах", "42500"),
    word("returned", "what was given back of it so far", "сколько из него уже возвращено", "0.00"),
    word("returned_minor", "the same in minor units", "то же в минимальных единицах", "0"),
    word("currency", "the currency", "валюта", "RUB"),
    word(
        "click_id",
        "the click that led to the lead",
        "клик, который привёл к лиду",
        "clk_01jq2v5w3tf6grd4y7c0s8b2ma",
    ),
    word("sub1", SUB_EN, SUB_RU, "radio"),
    word("sub2", SUB_EN, SUB_RU, "morning"),
    word("sub3", SUB_EN, SUB_RU, ""),
    word("sub4", SUB_EN, SUB_RU, ""),
    word("sub5", SUB_EN, SUB_RU, ""),
    word("sub6", SUB_EN, SUB_RU, ""),
    word("sub7", SUB_EN, SUB_RU, ""),
    word("sub8", SUB_EN, SUB_RU, ""),
    word("sub9", SUB_EN, SUB_RU, ""),
    word("sub10", SUB_EN, SUB_RU, ""),
    word(
        "time",
        "when it happened, in seconds since 1970",
        "когда это произошло, в секундах с 1970 года",
        "1772442000",
    ),
    word(
        "time_iso",
        "when it happened, RFC 3339",
        "когда это произошло, RFC 3339",
        "2026-03-02T09:00:00Z",
    ),
];

/// The dictionary as a table of the documentation, in English.
pub fn table() -> String {
    let mut text = "| macro | stands for | like |\n|---|---|---|\n".to_owned();
    for one in MACROS {
        let example =
            if one.example.is_empty() { String::new() } else { format!("`{}`", one.example) };
        let row = format!("| `{{{}}}` | {} | {example} |\n", one.name, one.en);
        text.push_str(&row.replace(" |  |", " | |"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_the_dictionary_as_it_is() {
        let page = include_str!("../../../../docs/PUBLISHERS.md");
        assert!(page.contains(&table()), "docs/PUBLISHERS.md should have:\n{}", table());
    }

    #[test]
    fn every_macro_has_one_meaning() {
        let mut names: Vec<_> = MACROS.iter().map(|one| one.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), MACROS.len());
    }
}
