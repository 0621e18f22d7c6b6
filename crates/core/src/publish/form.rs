//! A hosted form: what its publisher sets, what it shows of a niche's fields, and in which steps.

use serde::{Deserialize, Serialize};

use crate::error::Problem;
use crate::lang::Lang;
use crate::niche::annotations::{Field, FieldKind, Fields};

crate::codes! {
    FORM_TEXT_TOO_LONG: Invalid = "The text is too long.";
    FORM_ADDRESS: Invalid = "Give a whole address that begins with https://.";
    FORM_SITE: Invalid = "A site looks like https://example.com or https://*.example.com.";
    FORM_TOO_MANY: Invalid = "That are too many.";
    FORM_FIELD: Invalid = "The niche has no such field, or a form does not show it.";
}

crate::text_enum! {
    /// How a form is put on a page.
    pub enum FormMode {
        /// Where the script stands.
        Inline = "inline",
        /// Over the page, after a delay, some scrolling, or on the way out.
        Popup = "popup",
        /// Behind a button: contact, what the niche requires, and a time to call.
        Callback = "callback",
    }
}

crate::text_enum! {
    /// When the person wants to be called.
    pub enum PreferredTime {
        /// At once.
        Now = "NOW",
        /// 9 to 12.
        Morning = "MORNING",
        /// 12 to 17.
        Afternoon = "AFTERNOON",
        /// 17 to 21.
        Evening = "EVENING",
    }
}

/// A text in both languages; an empty one stands for the exchange's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FormText {
    /// English.
    pub en: String,
    /// Russian.
    pub ru: String,
}

impl FormText {
    /// The text in a language, or these words.
    pub fn or<'a>(&'a self, lang: Lang, words: &'a str) -> &'a str {
        let text = match lang {
            Lang::En => &self.en,
            Lang::Ru => &self.ru,
        };
        if text.is_empty() { words } else { text }
    }

    fn trimmed(self) -> Self {
        Self { en: self.en.trim().to_owned(), ru: self.ru.trim().to_owned() }
    }
}

/// What a publisher sets on a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FormSettings {
    /// Above the form.
    pub title: FormText,
    /// On the button.
    pub button: FormText,
    /// After the form was sent.
    pub thanks: FormText,
    /// What the person agrees to.
    pub consent: FormText,
    /// Where the consent is explained.
    pub policy_url: Option<String>,
    /// Where the browser goes after the thanks.
    pub redirect_url: Option<String>,
    /// A file or page that is given with the thanks.
    pub file_url: Option<String>,
    /// Origins that may show the form in a frame; empty for all.
    pub sites: Vec<String>,
    /// Fields to show beside those that the niche requires; empty for all.
    pub fields: Vec<String>,
}

const MAX_LINE: usize = 120;
const MAX_TEXT: usize = 1_000;
const MAX_URL: usize = 2_048;
const MAX_SITES: usize = 50;

/// The exchange's own words of consent; their version is 0.
pub const CONSENT: [(Lang, &str); 2] = [
    (
        Lang::En,
        "I agree to the processing of my personal data, to its transfer to companies that can \
         fulfil my request, and to being contacted about it.",
    ),
    (
        Lang::Ru,
        "Я согласен на обработку моих персональных данных, на их передачу компаниям, которые могут \
         выполнить мою заявку, и на обратную связь по ней.",
    ),
];

impl FormSettings {
    /// The checked and trimmed settings for a niche with these fields, or every reason against
    /// them.
    ///
    /// # Errors
    /// Refusals of single fields, by their names in the API.
    pub fn checked(self, fields: &Fields) -> Result<FormSettings, Vec<Problem>> {
        let mut found = Vec::new();
        let out = FormSettings {
            title: self.title.trimmed(),
            button: self.button.trimmed(),
            thanks: self.thanks.trimmed(),
            consent: self.consent.trimmed(),
            policy_url: address(self.policy_url, "policyUrl", &mut found),
            redirect_url: address(self.redirect_url, "redirectUrl", &mut found),
            file_url: address(self.file_url, "fileUrl", &mut found),
            sites: sites(self.sites, &mut found),
            fields: self.fields,
        };
        let limits = [
            ("title", &out.title, MAX_LINE),
            ("button", &out.button, MAX_LINE),
            ("thanks", &out.thanks, MAX_TEXT),
            ("consent", &out.consent, MAX_TEXT),
        ];
        for (name, text, most) in limits {
            if text.en.chars().count() > most || text.ru.chars().count() > most {
                found.push(Problem::new(FORM_TEXT_TOO_LONG).field(name));
            }
        }
        for name in &out.fields {
            if !fields.get(name).is_some_and(can_show) {
                found.push(Problem::new(FORM_FIELD).field("fields"));
                break;
            }
        }
        if found.is_empty() { Ok(out) } else { Err(found) }
    }

    /// The text that the person agrees to.
    pub fn consent_text(&self, lang: Lang) -> &str {
        let own = CONSENT.iter().find(|(known, _)| *known == lang).map_or("", |(_, text)| *text);
        self.consent.or(lang, own)
    }

    /// The sources of `frame-ancestors` in a content policy.
    pub fn frame_ancestors(&self) -> String {
        if self.sites.is_empty() {
            return "*".to_owned();
        }
        format!("'self' {}", self.sites.join(" "))
    }
}

fn address(url: Option<String>, name: &'static str, found: &mut Vec<Problem>) -> Option<String> {
    let url = url.map(|url| url.trim().to_owned()).filter(|url| !url.is_empty())?;
    if is_https(&url) {
        return Some(url);
    }
    found.push(Problem::new(FORM_ADDRESS).field(name));
    None
}

/// A whole https address without credentials.
fn is_https(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let clean =
        |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '<' | '>' | '\\');
    !authority.is_empty()
        && !authority.contains('@')
        && is_host(authority, false)
        && url.len() <= MAX_URL
        && url.chars().all(clean)
}

fn sites(sites: Vec<String>, found: &mut Vec<Problem>) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(sites.len());
    for text in sites.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        match site(text) {
            Some(site) if out.contains(&site) => {}
            Some(site) => out.push(site),
            None => {
                found.push(Problem::new(FORM_SITE).field("sites"));
                return Vec::new();
            }
        }
    }
    if out.len() > MAX_SITES {
        found.push(Problem::new(FORM_TOO_MANY).field("sites"));
    }
    out
}

/// An origin as a content policy names it. Plain http only on one's own machine.
fn site(text: &str) -> Option<String> {
    let text = text.trim_end_matches('/').to_ascii_lowercase();
    let (scheme, host) = text.split_once("://")?;
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let own = matches!(name, "localhost" | "127.0.0.1");
    let good = match scheme {
        "https" => is_host(host, true),
        "http" => own && is_host(host, false),
        _ => false,
    };
    good.then(|| text.clone())
}

/// `example.com`, `example.com:8443`, and `*.example.com` where that is allowed.
fn is_host(host: &str, wild: bool) -> bool {
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let name = if wild { name.strip_prefix("*.").unwrap_or(name) } else { name };
    let label = |part: &str| {
        !part.is_empty()
            && part.len() <= 63
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    name.len() <= 253
        && name.split('.').all(label)
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// Whether a form has an input for it: the exchange knows address, page and consent itself.
pub fn can_show(field: &Field) -> bool {
    !matches!(field.kind, Some(FieldKind::Ip | FieldKind::Url | FieldKind::Consent))
}

/// More fields than this are shown in steps.
const ONE_STEP: usize = 6;
/// Fields of one step.
const PER_STEP: usize = 4;

/// The fields of a form by steps: what the wish is about first, the contact last.
pub fn steps<'a>(
    fields: &'a Fields,
    settings: &FormSettings,
    mode: FormMode,
) -> Vec<Vec<&'a Field>> {
    let wanted = |field: &&Field| {
        let listed = match mode {
            FormMode::Callback => {
                matches!(field.kind, Some(FieldKind::Name | FieldKind::Phone))
            }
            FormMode::Inline | FormMode::Popup => {
                settings.fields.is_empty() || settings.fields.contains(&field.name)
            }
        };
        can_show(field) && (field.required || listed)
    };
    let (contact, others): (Vec<&Field>, Vec<&Field>) =
        fields.iter().filter(wanted).partition(|field| field.pii);
    if contact.len() + others.len() <= ONE_STEP {
        return vec![others.into_iter().chain(contact).collect()];
    }
    let mut steps: Vec<Vec<&Field>> = others.chunks(PER_STEP).map(<[_]>::to_vec).collect();
    if !contact.is_empty() {
        steps.push(contact);
    }
    steps
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::niche::annotations::tests::sample;
    use serde_json::{Value, json};

    fn fields() -> Fields {
        Fields::parse(&sample()).unwrap()
    }

    #[test]
    fn settings_are_trimmed_and_each_fault_is_named() {
        let text = |text: &str| FormText { en: text.to_owned(), ru: String::new() };
        let good = FormSettings {
            title: text("  Loans "),
            redirect_url: Some(" https://example.com/thanks?x=1 ".to_owned()),
            file_url: Some(String::new()),
            sites: vec!["https://Example.com/".to_owned(), "https://example.com".to_owned()],
            fields: vec!["region".to_owned()],
            ..FormSettings::default()
        };
        let checked = good.clone().checked(&fields()).unwrap();
        assert_eq!(checked.title.or(Lang::En, "Form"), "Loans");
        assert_eq!(checked.title.or(Lang::Ru, "Форма"), "Форма");
        assert_eq!(checked.redirect_url.as_deref(), Some("https://example.com/thanks?x=1"));
        assert_eq!(
            (checked.file_url, checked.sites),
            (None, vec!["https://example.com".to_owned()])
        );
        let bad = FormSettings {
            title: text(&"x".repeat(121)),
            redirect_url: Some("http://example.com".to_owned()),
            policy_url: Some("javascript:alert(1)".to_owned()),
            sites: vec!["https://example.com; script-src *".to_owned()],
            fields: vec!["nobody".to_owned()],
            ..good
        };
        let named: Vec<_> = bad
            .checked(&fields())
            .unwrap_err()
            .into_iter()
            .map(|p| (p.code.name, p.field.unwrap().into_owned()))
            .collect();
        assert_eq!(
            named,
            [
                ("FORM_ADDRESS", "policyUrl"),
                ("FORM_ADDRESS", "redirectUrl"),
                ("FORM_SITE", "sites"),
                ("FORM_TEXT_TOO_LONG", "title"),
                ("FORM_FIELD", "fields"),
            ]
            .map(|(code, field)| (code, field.to_owned()))
        );
    }

    #[test]
    fn sites_are_origins_and_nothing_else() {
        for good in [
            "https://example.com",
            "https://*.example.com",
            "https://example.com:8443",
            "http://localhost:3000",
            "http://127.0.0.1:5173/",
        ] {
            assert!(site(good).is_some(), "{good}");
        }
        for bad in [
            "example.com",
            "*",
            "http://example.com",
            "https://",
            "https://*",
            "https://exa mple.com",
            "https://example.com/path",
            "https://a.*.com",
            "https://user@example.com",
            "https://example.com:99999",
            "https://'self'",
            "data:text/html",
        ] {
            assert!(site(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_frame_is_open_to_all_or_to_the_named_sites() {
        let mut settings = FormSettings::default();
        assert_eq!(settings.frame_ancestors(), "*");
        settings.sites = vec!["https://a.example".to_owned(), "https://*.b.example".to_owned()];
        assert_eq!(settings.frame_ancestors(), "'self' https://a.example https://*.b.example");
    }

    fn shown(fields: &Fields, settings: &FormSettings, mode: FormMode) -> Vec<Vec<String>> {
        let steps = steps(fields, settings, mode);
        steps.into_iter().map(|step| step.into_iter().map(|f| f.name.clone()).collect()).collect()
    }

    #[test]
    fn few_fields_are_one_step_with_the_contact_last() {
        let fields = fields();
        let all = FormSettings::default();
        assert_eq!(
            shown(&fields, &all, FormMode::Inline),
            [["region", "amount", "owner", "phone"]]
        );
        let some = FormSettings { fields: vec!["owner".to_owned()], ..all.clone() };
        assert_eq!(shown(&fields, &some, FormMode::Popup), [["owner", "phone"]]);
        assert_eq!(shown(&fields, &all, FormMode::Callback), [["phone"]]);
    }

    #[test]
    fn many_fields_are_several_steps() {
        let mut schema = sample();
        let label = json!({"en": "x", "ru": "x"});
        let properties = schema["properties"].as_object_mut().unwrap();
        for n in 0..5 {
            properties.insert(format!("more_{n}"), json!({"type": "integer", "x-label": label}));
        }
        let ip: Value = json!({"type": "string", "x-kind": "ip", "x-pii": true, "maxLength": 40, "x-label": label});
        properties.insert("address".to_owned(), ip);
        let fields = Fields::parse(&schema).unwrap();
        let steps = shown(&fields, &FormSettings::default(), FormMode::Inline);
        let sizes: Vec<usize> = steps.iter().map(Vec::len).collect();
        assert_eq!(sizes, [4, 4, 1]);
        assert_eq!(steps[2], ["phone"], "an address of the browser is no input");
    }
}
