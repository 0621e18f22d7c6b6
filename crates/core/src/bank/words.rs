//! Names and purposes in the letters that a bank takes.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::account::is_unprintable;

/// Which letters go into a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Letters {
    /// SEPA's for payments in euros, all letters for the others.
    #[default]
    Auto,
    /// SEPA's only: Latin letters without accents, digits and a few signs. Others are written with
    /// them.
    Sepa,
    /// All of them.
    All,
}

/// Small Cyrillic letters in Latin ones.
const CYRILLIC: &[(char, &str)] = &[
    ('а', "a"),
    ('б', "b"),
    ('в', "v"),
    ('г', "g"),
    ('д', "d"),
    ('е', "e"),
    ('ё', "e"),
    ('ж', "zh"),
    ('з', "z"),
    ('и', "i"),
    ('й', "i"),
    ('к', "k"),
    ('л', "l"),
    ('м', "m"),
    ('н', "n"),
    ('о', "o"),
    ('п', "p"),
    ('р', "r"),
    ('с', "s"),
    ('т', "t"),
    ('у', "u"),
    ('ф', "f"),
    ('х', "kh"),
    ('ц', "ts"),
    ('ч', "ch"),
    ('ш', "sh"),
    ('щ', "shch"),
    ('ъ', ""),
    ('ы', "y"),
    ('ь', ""),
    ('э', "e"),
    ('ю', "iu"),
    ('я', "ia"),
    ('і', "i"),
    ('ї', "i"),
    ('є', "ie"),
    ('ґ', "g"),
    ('ў', "u"),
    ('ә', "a"),
    ('ғ', "g"),
    ('қ', "k"),
    ('ң', "n"),
    ('ө', "o"),
    ('ұ', "u"),
    ('ү', "u"),
    ('һ', "h"),
];

/// Latin letters that are no plain letter with an accent.
const LATIN: &[(char, &str)] = &[
    ('ß', "ss"),
    ('æ', "ae"),
    ('œ', "oe"),
    ('ø', "o"),
    ('đ', "d"),
    ('ð', "d"),
    ('ł', "l"),
    ('þ', "th"),
    ('ı', "i"),
    ('ħ', "h"),
    ('&', "+"),
    ('«', "'"),
    ('»', "'"),
    ('"', "'"),
    ('„', "'"),
    ('“', "'"),
    ('”', "'"),
    ('’', "'"),
    ('–', "-"),
    ('—', "-"),
    ('№', "No"),
    ('_', "-"),
];

/// Whether SEPA's character set has it.
pub(super) fn is_sepa(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "/-?:().,'+ ".contains(letter)
}

/// A text in one line, in these letters, of at most so many characters.
pub fn written(text: &str, sepa: bool, most: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if sepa {
            latin(letter, &mut out);
        } else if letter.is_whitespace() || letter.is_control() {
            out.push(' ');
        } else if !is_unprintable(letter) {
            out.push(letter);
        }
    }
    let line = out.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = line.chars().take(most).collect();
    cut.trim_end().to_owned()
}

fn latin(letter: char, out: &mut String) {
    if is_sepa(letter) {
        out.push(letter);
        return;
    }
    if letter.is_whitespace() || letter.is_control() {
        out.push(' ');
        return;
    }
    let small: String = letter.to_lowercase().collect();
    let known = |table: &[(char, &'static str)]| {
        let mut letters = small.chars();
        let only = letters.next().filter(|_| letters.next().is_none())?;
        table.iter().find(|(from, _)| *from == only).map(|(_, to)| *to)
    };
    let spelled =
        known(CYRILLIC).or_else(|| known(LATIN)).map(str::to_owned).unwrap_or_else(|| {
            letter.nfkd().filter(|part| is_sepa(*part) && !part.is_whitespace()).collect()
        });
    if spelled.is_empty() && known(CYRILLIC).is_none() {
        out.push('.');
    } else if letter.is_uppercase() {
        let mut letters = spelled.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.extend(letters);
    } else {
        out.push_str(&spelled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_spelled_in_the_banks_letters() {
        let spelled = |text| written(text, true, 70);
        assert_eq!(spelled("ООО «Щедрые Лиды»"), "OOO 'Shchedrye Lidy'");
        assert_eq!(spelled("Jürgen Weiß & Søn"), "Jurgen Weiss + Son");
        assert_eq!(spelled("Объект №7"), "Obekt No7");
        assert_eq!(spelled("日本\n x"), ".. x");
        assert_eq!(written("Имя\tи\u{202e} знак", false, 70), "Имя и знак");
        assert_eq!(written("abcdef gh", false, 7), "abcdef");
    }

    proptest! {
        #[test]
        fn nothing_else_comes_through(text in "\\PC{0,200}", most in 1usize..150) {
            let spelled = written(&text, true, most);
            prop_assert!(spelled.chars().all(is_sepa));
            prop_assert!(spelled.chars().count() <= most);
            let all = written(&text, false, most);
            prop_assert!(all.chars().count() <= most);
            prop_assert!(!all.chars().any(|letter| letter.is_control() || is_unprintable(letter)));
        }
    }
}
