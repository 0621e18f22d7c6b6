//! Whom to pay, and where.

use serde::{Deserialize, Serialize};

use super::numbers::{Bic, Bik, Iban, RuAccount, key_fits};
use super::{ACCOUNT_AMBIGUOUS, ACCOUNT_NEEDED, COUNTRY_INVALID, HOLDER_INVALID};
use crate::error::{Code, Problem, REQUIRED};

/// Most characters of a holder's name: as many as `pain.001` takes.
const MAX_HOLDER: usize = 140;

/// An account as people type it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AccountText {
    /// Whose it is.
    pub holder: String,
    /// The holder's country, two letters.
    pub country: String,
    /// The IBAN; instead of BIK and account.
    pub iban: Option<String>,
    /// The bank's BIC, where one is wanted.
    pub bic: Option<String>,
    /// The Russian bank's code.
    pub bik: Option<String>,
    /// The Russian account.
    pub account: Option<String>,
}

// Account numbers are nothing for logs.
impl std::fmt::Debug for AccountText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccountText(…)")
    }
}

/// Where an account is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Number {
    /// By IBAN.
    Iban(Iban),
    /// At a Russian bank.
    Russian {
        /// The bank.
        bik: Bik,
        /// The account.
        account: RuAccount,
    },
}

/// Somebody with an account: who is paid, or who pays.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payee {
    /// Whose account it is.
    pub holder: String,
    /// The holder's country: an ISO 3166 code.
    pub country: String,
    /// Where the account is.
    pub number: Number,
    /// The bank's BIC, if given.
    pub bic: Option<Bic>,
}

/// What may be shown of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    /// The first letter of each word of the holder's name.
    pub holder: String,
    /// The holder's country.
    pub country: String,
    /// The IBAN's country and last four characters.
    pub iban: Option<String>,
    /// The bank's BIC.
    pub bic: Option<String>,
    /// The Russian bank's code.
    pub bik: Option<String>,
    /// The Russian account's last four digits.
    pub account: Option<String>,
}

/// A text that says something, or nothing.
fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

impl AccountText {
    /// Checks every part. `path` is the field's own, like `account`; refusals name a part of it.
    ///
    /// # Errors
    /// `REQUIRED`, `HOLDER_INVALID`, `COUNTRY_INVALID`, `ACCOUNT_NEEDED`, `ACCOUNT_AMBIGUOUS`,
    /// `IBAN_INVALID`, `BIC_INVALID`, `BIK_INVALID`, `ACCOUNT_SHAPE_INVALID`,
    /// `ACCOUNT_KEY_INVALID`.
    pub fn read(&self, path: &str) -> Result<Payee, Problem> {
        let at = |part: &'static str| {
            move |code: Code| Problem::new(code).field(format!("{path}.{part}"))
        };
        let holder = holder(&self.holder).map_err(|code| at("holder")(code))?;
        let country = self.country.trim().to_ascii_uppercase();
        if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(at("country")(COUNTRY_INVALID));
        }
        let (iban, bik) = (given(self.iban.as_ref()), given(self.bik.as_ref()));
        let number = match (iban, bik, given(self.account.as_ref())) {
            (Some(iban), None, None) => Number::Iban(iban.parse().map_err(at("iban"))?),
            (None, Some(bik), Some(account)) => {
                let bik: Bik = bik.parse().map_err(at("bik"))?;
                let account: RuAccount = account.parse().map_err(at("account"))?;
                key_fits(&bik, &account).map_err(at("account"))?;
                Number::Russian { bik, account }
            }
            (None, Some(_), None) => return Err(at("account")(REQUIRED)),
            (None, None, Some(_)) => return Err(at("bik")(REQUIRED)),
            (None, None, None) => return Err(at("iban")(ACCOUNT_NEEDED)),
            _ => return Err(at("iban")(ACCOUNT_AMBIGUOUS)),
        };
        let bic = given(self.bic.as_ref());
        let bic = bic.map(str::parse::<Bic>).transpose().map_err(at("bic"))?;
        Ok(Payee { holder, country, number, bic })
    }
}

/// A name in one line, with something to read in it.
fn holder(text: &str) -> Result<String, Code> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(REQUIRED);
    }
    let strange = name.chars().any(|letter| letter.is_control() || is_unprintable(letter));
    let readable = name.chars().any(char::is_alphanumeric);
    let fits = name.chars().count() <= MAX_HOLDER;
    if strange || !readable || !fits { Err(HOLDER_INVALID) } else { Ok(name) }
}

/// What XML 1.0 has no place for, and what turns text around.
pub(super) fn is_unprintable(letter: char) -> bool {
    matches!(letter, '\u{fffe}' | '\u{ffff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The last four characters behind dots.
fn tail(text: &str) -> String {
    let start = text.len().saturating_sub(4);
    format!("•••• {}", text.get(start..).unwrap_or_default())
}

impl Payee {
    /// The account's number as a bank writes it: the IBAN, or the Russian account.
    pub fn account(&self) -> &str {
        match &self.number {
            Number::Iban(iban) => iban.as_str(),
            Number::Russian { account, .. } => account.as_str(),
        }
    }

    /// The Russian bank's code.
    pub fn bik(&self) -> Option<&str> {
        match &self.number {
            Number::Iban(_) => None,
            Number::Russian { bik, .. } => Some(bik.as_str()),
        }
    }

    /// What may be shown of it.
    pub fn masked(&self) -> Masked {
        let initials: Vec<String> = self
            .holder
            .split(' ')
            .filter_map(|word| word.chars().next())
            .map(|letter| format!("{letter}•••"))
            .collect();
        let (iban, account) = match &self.number {
            Number::Iban(iban) => {
                (Some(format!("{} {}", iban.country(), tail(iban.as_str()))), None)
            }
            Number::Russian { account, .. } => (None, Some(tail(account.as_str()))),
        };
        Masked {
            holder: initials.join(" "),
            country: self.country.clone(),
            iban,
            bic: self.bic.as_ref().map(|bic| bic.as_str().to_owned()),
            bik: self.bik().map(ToOwned::to_owned),
            account,
        }
    }

    /// The same in one line.
    pub fn masked_line(&self) -> String {
        tail(self.account())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn text() -> AccountText {
        AccountText {
            holder: "  Anna   Schmidt ".to_owned(),
            country: "de".to_owned(),
            iban: Some("DE89 3704 0044 0532 0130 00".to_owned()),
            bic: Some("cobadeff".to_owned()),
            ..AccountText::default()
        }
    }

    fn refusal(change: impl FnOnce(&mut AccountText)) -> (String, &'static str) {
        let mut wrong = text();
        change(&mut wrong);
        let problem = wrong.read("account").map(|_| ()).unwrap_err();
        (problem.field.unwrap().into_owned(), problem.code.name)
    }

    #[test]
    fn an_account_is_read_kept_and_masked() {
        let payee = text().read("account").unwrap();
        assert_eq!(payee.holder, "Anna Schmidt");
        assert_eq!(payee.account(), "DE89370400440532013000");
        let kept = serde_json::to_string(&payee).unwrap();
        assert_eq!(serde_json::from_str::<Payee>(&kept).unwrap(), payee);
        assert!(serde_json::from_str::<Payee>(&kept.replace("DE89", "DE88")).is_err());
        let masked = payee.masked();
        assert_eq!(
            (masked.holder.as_str(), masked.iban.as_deref(), masked.bic.as_deref()),
            ("A••• S•••", Some("DE •••• 3000"), Some("COBADEFF"))
        );
        let russian = AccountText {
            holder: "ООО «Лиды»".to_owned(),
            country: "RU".to_owned(),
            bik: Some("044525225".to_owned()),
            account: Some("40702810200000000001".to_owned()),
            ..AccountText::default()
        };
        let payee = russian.read("account").unwrap();
        assert_eq!((payee.bik(), payee.account()), (Some("044525225"), "40702810200000000001"));
        assert_eq!(payee.masked().account.as_deref(), Some("•••• 0001"));
        assert_eq!(payee.masked_line(), "•••• 0001");
    }

    #[test]
    fn a_refusal_names_the_part_that_is_wrong() {
        let field = |part: &str| format!("account.{part}");
        let long = "x".repeat(141);
        for (part, code, got) in [
            ("holder", "REQUIRED", refusal(|text| text.holder = "  ".to_owned())),
            ("holder", "HOLDER_INVALID", refusal(|text| text.holder = long)),
            ("holder", "HOLDER_INVALID", refusal(|text| text.holder = "--".to_owned())),
            ("holder", "HOLDER_INVALID", refusal(|text| text.holder = "a\u{202e}b".to_owned())),
            ("country", "COUNTRY_INVALID", refusal(|text| text.country = "DEU".to_owned())),
            ("iban", "ACCOUNT_NEEDED", refusal(|text| text.iban = None)),
            ("iban", "IBAN_INVALID", refusal(|text| text.iban = Some("DE00".to_owned()))),
            ("iban", "ACCOUNT_AMBIGUOUS", refusal(|text| text.bik = Some("044525225".to_owned()))),
            ("bic", "BIC_INVALID", refusal(|text| text.bic = Some("DE".to_owned()))),
        ] {
            assert_eq!(got, (field(part), code));
        }
        let russian = |bik: Option<&str>, account: Option<&str>| {
            refusal(|text| {
                text.iban = None;
                text.bik = bik.map(ToOwned::to_owned);
                text.account = account.map(ToOwned::to_owned);
            })
        };
        let good = "40702810200000000001";
        assert_eq!(russian(None, Some(good)), (field("bik"), "REQUIRED"));
        assert_eq!(russian(Some("044525225"), None), (field("account"), "REQUIRED"));
        assert_eq!(russian(Some("44525225"), Some(good)), (field("bik"), "BIK_INVALID"));
        let key = "40702810900000000001";
        assert_eq!(
            russian(Some("044525225"), Some(key)),
            (field("account"), "ACCOUNT_KEY_INVALID")
        );
        let short = "4070281020000000000";
        assert_eq!(
            russian(Some("044525225"), Some(short)),
            (field("account"), "ACCOUNT_SHAPE_INVALID")
        );
    }
}
