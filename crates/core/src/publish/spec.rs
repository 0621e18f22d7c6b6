//! The posting specification of a source: everything that a programmer needs to send its leads.
//! It is made from the niche's schema at the moment when it is read, and holds no secret.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::magic::{Magic, VALUES};
use super::samples::{self, Sample};
use super::words;
use crate::ids::SourceId;
use crate::lang::Lang;
use crate::lead::envelope::{MAX_SUB_ID, MAX_TEXT};
use crate::lead::verdict::CODES;
use crate::money::Currency;
use crate::niche::annotations::{Field, FieldKind, ValueType};
use crate::niche::policy::{Localized, NichePolicy};
use crate::niche::schema::FieldSchema;

/// Of whose source the specification is, and where it posts to.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The source.
    pub source: SourceId,
    /// Whether its leads are taken now.
    pub active: bool,
    /// The niche's slug.
    pub slug: &'a str,
    /// The niche's name.
    pub niche: &'a Localized,
    /// The number of the niche's version.
    pub version: i32,
    /// The niche's currency.
    pub currency: Currency,
    /// Where the exchange answers, like `https://exchange.example`.
    pub origin: &'a str,
}

/// The specification in one language.
#[derive(Clone, Debug, Serialize)]
pub struct Spec {
    /// The source.
    pub source: SourceId,
    /// Whether its leads are taken now.
    pub active: bool,
    /// The niche's slug.
    pub niche: String,
    /// What people call the niche.
    pub niche_name: String,
    /// The number of the niche's version; a change of the fields makes a new one.
    pub version: i32,
    /// The currency of earnings.
    pub currency: Currency,
    /// The language of this text.
    pub language: Lang,
    /// `POST`.
    pub method: &'static str,
    /// Where to.
    pub url: String,
    /// What the body may be.
    pub content_types: [&'static str; 2],
    /// The header that says who sends.
    pub authorization: String,
    /// Whether a lead without the person's consent is refused.
    pub consent_required: bool,
    /// The niche's fields, in the order of its schema.
    pub fields: Vec<SpecField>,
    /// What may stand beside the fields.
    pub envelope: Vec<SpecPart>,
    /// What the answer's `verdict` may be.
    pub verdicts: Vec<SpecCode>,
    /// The codes of the answer's reasons.
    pub reasons: Vec<SpecCode>,
    /// HTTP statuses.
    pub statuses: Vec<SpecStatus>,
    /// Values that decide the verdict of a test lead.
    pub magic: Vec<SpecMagic>,
    /// A whole body.
    pub example: Value,
    /// The example as programs. They send a test lead that is SOLD.
    pub samples: Vec<Sample>,
}

/// One field.
#[derive(Clone, Debug, Serialize)]
pub struct SpecField {
    /// Its name.
    pub name: String,
    /// What people read.
    pub label: String,
    /// The JSON type.
    #[serde(rename = "type")]
    pub ty: ValueType,
    /// What it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<FieldKind>,
    /// How it is written, in words.
    pub format: String,
    /// Whether a lead must have it.
    pub required: bool,
    /// The allowed values, if they are few.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<SpecValue>,
    /// Whether it may be shown to buyers before the purchase: the column of a ping.
    pub ping: bool,
    /// Every field belongs to the post.
    pub post: bool,
    /// A good value.
    pub example: Value,
}

/// An allowed value.
#[derive(Clone, Debug, Serialize)]
pub struct SpecValue {
    /// What is sent.
    pub value: String,
    /// What people read.
    pub label: String,
}

/// A part of the envelope.
#[derive(Clone, Debug, Serialize)]
pub struct SpecPart {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub format: String,
}

/// A code with its meaning.
#[derive(Clone, Debug, Serialize)]
pub struct SpecCode {
    /// The stable code.
    pub code: &'static str,
    /// What it means.
    pub meaning: String,
}

/// An HTTP status with its meaning.
#[derive(Clone, Debug, Serialize)]
pub struct SpecStatus {
    /// The status.
    pub status: u16,
    /// What it means.
    pub meaning: String,
}

/// A test lead's verdict and the values that ask for it.
#[derive(Clone, Debug, Serialize)]
pub struct SpecMagic {
    /// The answer.
    pub gives: Magic,
    /// In a field of the kind `phone`.
    pub phones: [&'static str; 2],
    /// In a field of the kind `email`.
    pub email: &'static str,
    /// The answer's `verdict`.
    pub verdict: &'static str,
}

/// Both languages of a sentence.
struct Says(&'static str, &'static str);

impl Says {
    fn text(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.0.to_owned(),
            Lang::Ru => self.1.to_owned(),
        }
    }
}

/// The specification of a source.
pub fn spec(about: &About<'_>, schema: &FieldSchema, policy: &NichePolicy, lang: Lang) -> Spec {
    let url = format!("{}/v1/leads", about.origin.trim_end_matches('/'));
    let example = example(schema);
    Spec {
        source: about.source,
        active: about.active,
        niche: about.slug.to_owned(),
        niche_name: about.niche.text(lang).to_owned(),
        version: about.version,
        currency: about.currency,
        language: lang,
        method: "POST",
        content_types: ["application/json", "application/x-www-form-urlencoded"],
        authorization: format!("Authorization: Bearer {}", samples::KEY),
        consent_required: policy.consent_required,
        fields: schema.fields().iter().map(|field| told(field, policy, lang)).collect(),
        envelope: ENVELOPE
            .iter()
            .map(|(name, says)| SpecPart {
                name,
                format: says
                    .text(lang)
                    .replace("{sub}", &MAX_SUB_ID.to_string())
                    .replace("{text}", &MAX_TEXT.to_string()),
            })
            .collect(),
        verdicts: VERDICTS
            .iter()
            .map(|(code, says)| SpecCode { code, meaning: says.text(lang) })
            .collect(),
        reasons: CODES
            .iter()
            .map(|code| SpecCode {
                code: code.name,
                meaning: words::of_code(code.name, lang).unwrap_or(code.message).to_owned(),
            })
            .collect(),
        statuses: STATUSES
            .iter()
            .map(|(status, says)| SpecStatus { status: *status, meaning: says.text(lang) })
            .collect(),
        magic: VALUES
            .iter()
            .map(|values| SpecMagic {
                gives: values.gives,
                phones: values.phones,
                email: values.email,
                verdict: match values.gives {
                    Magic::Duplicate => Magic::Rejected.as_str(),
                    other => other.as_str(),
                },
            })
            .collect(),
        samples: samples::all(&url, &example),
        example,
        url,
    }
}

fn told(field: &Field, policy: &NichePolicy, lang: Lang) -> SpecField {
    let values = field.options.iter().map(|(value, label)| SpecValue {
        value: value.clone(),
        label: label.text(lang).to_owned(),
    });
    SpecField {
        name: field.name.clone(),
        label: field.label.text(lang).to_owned(),
        ty: field.ty,
        kind: field.kind,
        format: format(field, policy, lang),
        required: field.required,
        values: values.collect(),
        ping: field.ping,
        post: true,
        example: value(field),
    }
}

/// How a field is written.
fn format(field: &Field, policy: &NichePolicy, lang: Lang) -> String {
    let mut parts = Vec::new();
    let region = &policy.default_region;
    let kind = field.kind.and_then(|kind| {
        Some(match kind {
            FieldKind::Phone => match lang {
                Lang::En => format!("any usual spelling; without a country code: {region}"),
                Lang::Ru => format!("в любом обычном виде; без кода страны: {region}"),
            },
            FieldKind::Email => Says("an e-mail address", "адрес электронной почты").text(lang),
            FieldKind::Date => Says("YYYY-MM-DD", "ГГГГ-ММ-ДД").text(lang),
            FieldKind::Region => Says("ISO 3166-2", "ISO 3166-2").text(lang),
            FieldKind::Ip => Says("IPv4 or IPv6", "IPv4 или IPv6").text(lang),
            FieldKind::Url => Says("a web address", "адрес страницы").text(lang),
            _ => return None,
        })
    });
    parts.extend(kind);
    if field.ty == ValueType::Boolean {
        parts.push(Says("true or false", "true или false").text(lang));
    }
    if !field.options.is_empty() {
        parts.push(Says("one of the values", "одно из значений").text(lang));
    }
    match (&field.minimum, &field.maximum) {
        (Some(least), Some(most)) => parts.push(format!("{least} … {most}")),
        (Some(least), None) => parts.push(format!("≥ {least}")),
        (None, Some(most)) => parts.push(format!("≤ {most}")),
        (None, None) => {}
    }
    if let Some(most) = field.max_length.filter(|_| field.options.is_empty()) {
        parts.push(match lang {
            Lang::En => format!("up to {most} characters"),
            Lang::Ru => format!("до {most} знаков"),
        });
    }
    parts.join(", ")
}

/// A good value of a field; contact fields have the values of a test lead that is SOLD.
fn value(field: &Field) -> Value {
    if let Some((first, _)) = field.options.first() {
        return json!(first);
    }
    let sold = Magic::Sold.values();
    match (field.ty, field.kind) {
        (ValueType::Boolean, _) => json!(true),
        (ValueType::Integer | ValueType::Number, _) => number(field),
        (_, Some(FieldKind::Phone)) => {
            let [number, _] = sold.phones;
            json!(number)
        }
        (_, Some(FieldKind::Email)) => json!(sold.email),
        (_, Some(FieldKind::Name)) => json!("Anna Petrova"),
        (_, Some(FieldKind::Region)) => json!("RU-MOW"),
        (_, Some(FieldKind::Country)) => json!("RU"),
        (_, Some(FieldKind::City)) => json!("Moscow"),
        (_, Some(FieldKind::PostalCode)) => json!("101000"),
        (_, Some(FieldKind::Ip)) => json!("203.0.113.7"),
        (_, Some(FieldKind::Url)) => json!("https://example.com/form"),
        (_, Some(FieldKind::Date)) => json!("2026-01-31"),
        _ => json!("text"),
    }
}

/// A round number inside of the field's bounds.
fn number(field: &Field) -> Value {
    let whole = |bound: &Option<serde_json::Number>| {
        bound.as_ref().and_then(|n| n.as_i64().or(n.as_f64().map(truncated)))
    };
    let (least, most) = (whole(&field.minimum), whole(&field.maximum));
    let mut good = 100_i64.max(least.unwrap_or(0)).min(most.unwrap_or(i64::MAX));
    for round in [1_000_000, 100_000, 10_000, 1_000] {
        if least.is_none_or(|least| round >= least) && most.is_some_and(|most| round <= most / 2) {
            good = round;
            break;
        }
    }
    json!(good)
}

#[allow(clippy::cast_possible_truncation, reason = "an example only; it is clamped to the bounds")]
fn truncated(bound: f64) -> i64 {
    bound as i64
}

/// A made-up value for every field of a niche.
pub fn made_up(schema: &FieldSchema) -> Map<String, Value> {
    schema.fields().iter().map(|field| (field.name.clone(), value(field))).collect()
}

/// A body with what the niche requires and the contact: a test lead that is SOLD.
fn example(schema: &FieldSchema) -> Value {
    let contact = [FieldKind::Name, FieldKind::Phone, FieldKind::Email];
    let fields: Map<String, Value> = schema
        .fields()
        .iter()
        .filter(|field| field.required || field.kind.is_some_and(|kind| contact.contains(&kind)))
        .map(|field| (field.name.clone(), value(field)))
        .collect();
    json!({
        "test": true,
        "external_id": "form-1042",
        "fields": fields,
        "sub_ids": {"sub1": "spring"},
        "consent": {
            "text": "I agree to be contacted about my request",
            "page": "https://example.com/form",
        },
    })
}

const ENVELOPE: &[(&str, Says)] = &[
    (
        "test",
        Says(
            "true: a test lead that is never sold, billed or counted",
            "true: тестовый лид, он не продаётся, не оплачивается и не считается",
        ),
    ),
    (
        "external_id",
        Says("your own id of the lead, up to {sub} characters", "ваш номер лида, до {sub} знаков"),
    ),
    (
        "sub1 … sub10, sub_ids",
        Says("your sub-ids, up to {sub} characters each", "ваши субметки, до {sub} знаков каждая"),
    ),
    ("click_id", Says("the click that led to the form", "клик, который привёл к форме")),
    ("ip", Says("the person's IP address", "IP-адрес человека")),
    ("user_agent", Says("the person's browser", "браузер человека")),
    (
        "landing_url",
        Says("the page of the form, up to {text} characters", "страница формы, до {text} знаков"),
    ),
    (
        "consent",
        Says(
            "{text, page, at, version}: what the person agreed to; only the text's hash is kept",
            "{text, page, at, version}: с чем человек согласился; хранится только хеш текста",
        ),
    ),
    ("certificate_urls", Says("certificates of the consent", "сертификаты согласия")),
    (
        "fill_ms",
        Says(
            "milliseconds between showing and sending the form",
            "миллисекунды от показа до отправки формы",
        ),
    ),
    (
        "honeypot",
        Says(
            "a form field that no person sees; it must be empty",
            "поле, которого человек не видит; оно должно быть пустым",
        ),
    ),
    (
        "preferred_time",
        Says(
            "when the person wants to be called: NOW, MORNING, AFTERNOON or EVENING",
            "когда человеку позвонить: NOW, MORNING, AFTERNOON или EVENING",
        ),
    ),
    (
        "stated_at",
        Says("when the person stated the wish, RFC 3339", "когда человек оставил заявку, RFC 3339"),
    ),
    (
        "max_sales",
        Says(
            "to how many buyers the lead may go, if fewer than the source allows",
            "скольким покупателям можно продать, если меньше, чем разрешает источник",
        ),
    ),
    (
        "min_earning",
        Says(
            "the least earning in minor units, if more than the source asks",
            "наименьший доход в минимальных единицах, если больше, чем просит источник",
        ),
    ),
    (
        "idempotency_key",
        Says(
            "the same key and body give the same verdict for seven days; also as a header",
            "тот же ключ и тело дают тот же ответ семь дней; можно и заголовком",
        ),
    ),
];

const VERDICTS: &[(&str, Says)] = &[
    (
        "SOLD",
        Says(
            "Sold; awards and earning say what it earns.",
            "Продан; в awards и earning сказано, сколько это приносит.",
        ),
    ),
    (
        "UNSOLD",
        Says(
            "Valid, but nobody bought it; the reasons say why.",
            "Годный, но его никто не купил; причины в reasons.",
        ),
    ),
    (
        "REJECTED",
        Says(
            "Refused for its content or as a repeat; every reason has a code and a path. It may be sent again, corrected.",
            "Отклонён из-за содержания или как повтор; у каждой причины есть код и путь. Исправленный можно прислать снова.",
        ),
    ),
    ("QUARANTINED", Says("A moderator looks at it first.", "Сначала его посмотрит модератор.")),
];

const STATUSES: &[(u16, Says)] = &[
    (
        200,
        Says(
            "A verdict, also for wrong fields.",
            "Ответ по лиду, в том числе при ошибках в полях.",
        ),
    ),
    (400, Says("The body does not parse.", "Тело запроса не разбирается.")),
    (
        401,
        Says("The posting key is missing or not known.", "Ключа источника нет или он неизвестен."),
    ),
    (404, Says("The named source is not this key's.", "Названный источник не от этого ключа.")),
    (
        409,
        Says(
            "A request with this idempotency key is still being worked on.",
            "Запрос с этим ключом идемпотентности ещё обрабатывается.",
        ),
    ),
    (413, Says("The body is too large.", "Тело запроса слишком большое.")),
    (415, Says("Neither JSON nor a form.", "Это не JSON и не форма.")),
    (
        422,
        Says(
            "The idempotency key was used with another body.",
            "Ключ идемпотентности уже был с другим телом.",
        ),
    ),
    (
        429,
        Says(
            "Too many requests; try again after Retry-After.",
            "Слишком много запросов; повторите через Retry-After.",
        ),
    ),
    (
        503,
        Says(
            "Overloaded; try again after Retry-After.",
            "Перегрузка; повторите через Retry-After.",
        ),
    ),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use crate::lead::normalise::normalise;
    use crate::niche::annotations::tests::sample;
    use crate::time::Timestamp;

    fn policy() -> NichePolicy {
        serde_json::from_value(crate::niche::check::tests::sample_policy()).unwrap()
    }

    fn made(lang: Lang) -> (Spec, FieldSchema) {
        let schema = FieldSchema::compile(&sample()).unwrap();
        let name = Localized { en: "Loans".to_owned(), ru: "Кредиты".to_owned() };
        let about = About {
            source: SourceId::new(Timestamp::from_micros(1)),
            active: true,
            slug: "loans",
            niche: &name,
            version: 3,
            currency: Currency::RUB,
            origin: "https://x.example/",
        };
        (spec(&about, &schema, &policy(), lang), schema)
    }

    #[test]
    fn every_field_is_told_with_its_columns_and_a_good_example() {
        let (spec, schema) = made(Lang::Ru);
        assert_eq!(
            (spec.url.as_str(), spec.niche_name.as_str()),
            ("https://x.example/v1/leads", "Кредиты")
        );
        let row = |n: usize| {
            let field = &spec.fields[n];
            (field.name.as_str(), field.required, field.ping, field.format.as_str())
        };
        assert_eq!(
            row(0),
            ("phone", true, false, "в любом обычном виде; без кода страны: RU, до 40 знаков")
        );
        assert_eq!(row(1), ("region", false, true, "ISO 3166-2, одно из значений"));
        assert_eq!(row(2), ("amount", false, true, "0 … 1000"));
        assert_eq!(row(3), ("owner", false, false, "true или false"));
        assert_eq!(spec.fields[1].values[1].label, "Санкт-Петербург");
        let all: Map<String, Value> =
            spec.fields.iter().map(|f| (f.name.clone(), f.example.clone())).collect();
        let normalised = normalise(&schema, "RU", &all);
        assert_eq!(normalised.reasons, []);
        assert_eq!(schema.check(&Value::Object(normalised.fields)), []);
    }

    #[test]
    fn each_language_says_everything() {
        for lang in [Lang::En, Lang::Ru] {
            let (spec, _) = made(lang);
            let text = serde_json::to_string(&spec).unwrap();
            assert!(!text.contains("{sub}") && !text.contains("{text}"), "{text}");
            assert_eq!(spec.reasons.len(), CODES.len());
            let languages: Vec<_> = spec.samples.iter().map(|sample| sample.language).collect();
            assert_eq!(languages, ["curl", "javascript", "python", "php"]);
            assert_eq!(spec.magic[2].verdict, "REJECTED");
            assert_eq!(spec.example["test"], true);
        }
    }
}
