//! The languages that the exchange speaks to people who have no account: forms, specifications.

use crate::niche::policy::Localized;

crate::text_enum! {
    /// A language.
    pub enum Lang {
        /// English.
        En = "en",
        /// Russian.
        Ru = "ru",
    }
}

impl Lang {
    /// The language asked for by name, else the one that a browser's `Accept-Language` likes best,
    /// else English.
    pub fn choose(asked: Option<&str>, accept: Option<&str>) -> Lang {
        if let Some(lang) = asked.and_then(Lang::of_tag) {
            return lang;
        }
        let mut best: Option<(u32, Lang)> = None;
        for part in accept.unwrap_or_default().split(',') {
            let (tag, weight) = part.split_once(";q=").unwrap_or((part, "1"));
            let Some(lang) = Lang::of_tag(tag.trim()) else { continue };
            let weight = thousandths(weight.trim());
            if weight > 0 && best.is_none_or(|(most, _)| weight > most) {
                best = Some((weight, lang));
            }
        }
        best.map_or(Lang::En, |(_, lang)| lang)
    }

    /// `ru-RU` is Russian.
    fn of_tag(tag: &str) -> Option<Lang> {
        tag.split(['-', '_']).next()?.to_ascii_lowercase().parse().ok()
    }
}

/// A quality value like `0.8` in thousandths; what does not read is none.
fn thousandths(text: &str) -> u32 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if whole != "0" {
        return if whole == "1" { 1_000 } else { 0 };
    }
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    digits.parse().unwrap_or(0)
}

impl Localized {
    /// The text in a language.
    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ru => &self.ru,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_language_goes_before_the_browsers_wish() {
        let cases = [
            (Some("ru"), Some("en"), Lang::Ru),
            (Some("en-GB"), Some("ru"), Lang::En),
            (Some("de"), Some("ru-RU,ru;q=0.9,en;q=0.8"), Lang::Ru),
            (None, Some("de, en;q=0.5, ru;q=0.7"), Lang::Ru),
            (None, Some("ru;q=0, en;q=0.1"), Lang::En),
            (None, Some("*"), Lang::En),
            (None, None, Lang::En),
        ];
        for (asked, accept, lang) in cases {
            assert_eq!(Lang::choose(asked, accept), lang, "{asked:?} {accept:?}");
        }
    }
}
