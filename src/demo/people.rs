//! Made-up persons: leads for any niche, from its field schema alone, the same ones for the same
//! seed. Phones are of valid ranges, mail domains are reserved for examples, so nobody real is meant.

use leadbourse_core::niche::annotations::{Field, FieldKind, Fields, ValueType};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Map, Value, json};

const GIVEN: &[(&str, &str)] = &[
    ("Анна", "anna"),
    ("Иван", "ivan"),
    ("Мария", "maria"),
    ("Пётр", "petr"),
    ("Ольга", "olga"),
    ("Сергей", "sergey"),
    ("Елена", "elena"),
    ("Дмитрий", "dmitry"),
    ("Наталья", "natalia"),
    ("Алексей", "alexey"),
    ("Юлия", "yulia"),
    ("Никита", "nikita"),
];

const FAMILY: &[(&str, &str)] = &[
    ("Коваленко", "kovalenko"),
    ("Лебедь", "lebed"),
    ("Шевчук", "shevchuk"),
    ("Гончар", "gonchar"),
    ("Черных", "chernykh"),
    ("Бондаренко", "bondarenko"),
    ("Седых", "sedykh"),
    ("Франко", "franko"),
    ("Мельник", "melnik"),
    ("Долгих", "dolgikh"),
    ("Савченко", "savchenko"),
    ("Штерн", "stern"),
];

/// Town, ISO 3166-2 region, first three digits of its postal codes.
const TOWNS: &[(&str, &str, &str)] = &[
    ("Москва", "RU-MOW", "101"),
    ("Санкт-Петербург", "RU-SPE", "190"),
    ("Новосибирск", "RU-NVS", "630"),
    ("Екатеринбург", "RU-SVE", "620"),
    ("Казань", "RU-TA", "420"),
    ("Самара", "RU-SAM", "443"),
    ("Краснодар", "RU-KDA", "350"),
];

const STREETS: &[&str] = &["Садовая", "Лесная", "Школьная", "Речная", "Полевая", "Новая"];

const COMMENTS: &[&str] = &[
    "Позвоните вечером, пожалуйста",
    "Удобнее после обеда",
    "Хочу сравнить условия",
    "Please call after six",
    "Нужна консультация на этой неделе",
];

/// What people usually answer, where a field's bounds are wider than life.
const TYPICAL: &[(&str, i64, i64)] = &[
    ("loan_amount", 1_500_000, 15_000_000),
    ("down_payment_percent", 10, 60),
    ("term_years", 7, 30),
    ("monthly_income", 60_000, 400_000),
    ("car_year", 2005, 2025),
    ("car_value", 400_000, 4_500_000),
    ("engine_power_hp", 75, 250),
    ("youngest_driver_age", 19, 60),
    ("driving_experience_years", 1, 30),
    ("accidents_3y", 0, 2),
    ("debt_amount", 150_000, 3_000_000),
    ("creditors_count", 1, 9),
    ("windows_count", 1, 8),
    ("area_m2", 28, 110),
    ("budget", 60_000, 900_000),
    ("total_visits", 1, 12),
    ("total_time_on_website_s", 20, 2_400),
    ("page_views_per_visit", 1, 6),
];

/// The browser that everybody uses here.
pub const USER_AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36";

/// Codes of Russian mobile numbers.
const MOBILE_CODES: &[&str] = &["903", "905", "906", "909", "910", "915", "916", "917", "925"];

/// A source of persons that never repeats one by itself.
pub struct People {
    rng: StdRng,
    /// Number of the next person, which makes phone and mail unique.
    next: u64,
}

/// One made-up person with the answers to a niche's form.
#[derive(Clone, Debug)]
pub struct Person {
    /// The niche's fields.
    pub fields: Map<String, Value>,
}

impl People {
    /// The same seed gives the same persons.
    pub fn new(seed: u64) -> Self {
        // Seeds far apart give phones far apart, so that two sources do not meet.
        Self { rng: StdRng::seed_from_u64(seed), next: seed.wrapping_mul(1_000_003) % 10_000_000 }
    }

    /// The next person, answering this form.
    pub fn next(&mut self, fields: &Fields) -> Person {
        self.next += 1;
        let identity = self.identity();
        let mut answers = Map::new();
        for field in fields.iter() {
            // Some leave out what need not be filled; contact data is always given.
            if !field.required && field.kind.is_none() && self.rng.random_bool(0.2) {
                continue;
            }
            if let Some(value) = self.answer(field, &identity) {
                answers.insert(field.name.clone(), value);
            }
        }
        Person { fields: answers }
    }

    /// A number below `bound`; for the caller's own dice, so that one seed rules everything.
    pub fn below(&mut self, bound: u32) -> u32 {
        if bound == 0 { 0 } else { self.rng.random_range(0..bound) }
    }

    /// Whether a thing happens that does so in `percent` of the cases.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    fn identity(&mut self) -> Identity {
        let (given, given_latin) = pick(&mut self.rng, GIVEN);
        let (family, family_latin) = pick(&mut self.rng, FAMILY);
        let (city, region, postal) = pick(&mut self.rng, TOWNS);
        let code = pick(&mut self.rng, MOBILE_CODES);
        // A bijection of the last seven digits: neighbours look unlike, nobody comes twice.
        let digits = self.next.wrapping_mul(7_654_321) % 10_000_000;
        let turn = usize::try_from(self.next / 10_000_000).unwrap_or_default();
        let code = MOBILE_CODES.get(turn).copied().filter(|_| turn > 0).unwrap_or(code);
        Identity {
            name: format!("{given} {family}"),
            email: format!("{given_latin}.{family_latin}{}@mail.example.com", self.next),
            phone: format!("+7{code}{digits:07}"),
            city,
            region,
            postal: format!("{postal}{:03}", self.rng.random_range(0..1_000)),
        }
    }

    fn answer(&mut self, field: &Field, identity: &Identity) -> Option<Value> {
        if field.options.contains_key(identity.region) {
            return Some(json!(identity.region));
        }
        if !field.options.is_empty() {
            let last = field.options.len();
            let at = self.rng.random_range(0..last);
            return field.options.get_index(at).map(|(value, _)| json!(value));
        }
        match field.ty {
            ValueType::Boolean => Some(json!(self.rng.random_bool(0.6))),
            ValueType::Integer | ValueType::Number => Some(json!(self.number(field))),
            ValueType::Text => self.text(field, identity),
        }
    }

    /// A number between the field's bounds, more often a small one.
    fn number(&mut self, field: &Field) -> i64 {
        let bound = |number: &Option<serde_json::Number>| {
            number.as_ref().and_then(|n| n.as_i64().or_else(|| n.as_f64().map(whole)))
        };
        let least = bound(&field.minimum).unwrap_or(0);
        let most = bound(&field.maximum).unwrap_or(least.saturating_add(100)).max(least);
        let typical = TYPICAL.iter().find(|(name, ..)| *name == field.name);
        let (least, most) = typical.map_or((least, most), |(_, from, to)| (*from, *to));
        let first = self.rng.random_range(least..=most);
        let second = self.rng.random_range(least..=most);
        let value = first.min(second);
        // People give round sums.
        if value > 10_000 { value - value % 1_000 } else { value }.max(least)
    }

    fn text(&mut self, field: &Field, identity: &Identity) -> Option<Value> {
        let text = match field.kind {
            Some(FieldKind::Phone) => identity.phone.clone(),
            Some(FieldKind::Email) => identity.email.clone(),
            Some(FieldKind::Name) => identity.name.clone(),
            Some(FieldKind::Region) => identity.region.to_owned(),
            Some(FieldKind::City) => identity.city.to_owned(),
            Some(FieldKind::Country) => "RU".to_owned(),
            Some(FieldKind::PostalCode) => identity.postal.clone(),
            Some(FieldKind::Address) => {
                // No two live at one address: that would be a repeat where addresses count.
                let (house, flat) = (self.next % 211 + 1, self.next / 211 % 997 + 1);
                format!("ул. {}, {house}, кв. {flat}", pick(&mut self.rng, STREETS))
            }
            Some(FieldKind::Ip) => format!("198.51.100.{}", self.rng.random_range(1..=254)),
            Some(FieldKind::Url) => "https://www.example.com/form".to_owned(),
            Some(FieldKind::Date) => {
                let (month, day) = (self.rng.random_range(1..=12), self.rng.random_range(1..=28));
                format!("{}-{month:02}-{day:02}", self.rng.random_range(1960..=2004))
            }
            Some(FieldKind::Comment) => pick(&mut self.rng, COMMENTS).to_owned(),
            Some(FieldKind::Consent) => "I agree to be called about my request.".to_owned(),
            // A free text of unknown meaning is only filled when it must be.
            None if !field.required => return None,
            None => "1".to_owned(),
        };
        let most = field.max_length.and_then(|most| usize::try_from(most).ok());
        Some(json!(text.chars().take(most.unwrap_or(usize::MAX)).collect::<String>()))
    }
}

struct Identity {
    name: String,
    email: String,
    phone: String,
    city: &'static str,
    region: &'static str,
    postal: String,
}

fn pick<T: Copy + Default>(rng: &mut StdRng, list: &[T]) -> T {
    list.choose(rng).copied().unwrap_or_default()
}

/// Bounds of a schema are small; anything else is cut.
#[allow(clippy::cast_possible_truncation, reason = "clamped first")]
fn whole(number: f64) -> i64 {
    number.clamp(-1e15, 1e15) as i64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;
    use std::collections::HashSet;

    fn form() -> Fields {
        let text = |en: &str| json!({"en": en, "ru": en});
        Fields::parse(&json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["phone", "sum"],
            "properties": {
                "phone": {"type": "string", "maxLength": 20, "x-kind": "phone", "x-pii": true,
                          "x-label": text("Phone")},
                "sum": {"type": "integer", "minimum": 5, "maximum": 9, "x-label": text("Sum")},
                "kind": {"type": "string", "enum": ["a", "b"], "x-label": text("Kind"),
                         "x-options": {"a": text("A"), "b": text("B")}}
            }
        }))
        .unwrap()
    }

    #[test]
    fn nobody_comes_twice_and_the_form_is_answered() {
        let form = form();
        let mut people = People::new(7);
        let mut phones = HashSet::new();
        for _ in 0..5_000 {
            let person = people.next(&form);
            let sum = person.fields["sum"].as_i64().unwrap();
            assert!((5..=9).contains(&sum));
            assert!(phones.insert(person.fields["phone"].as_str().unwrap()[5..].to_owned()));
        }
    }

    #[test]
    fn one_seed_gives_one_history() {
        let form = form();
        let (mut a, mut b) = (People::new(1), People::new(1));
        assert!((0..50).all(|_| a.next(&form).fields == b.next(&form).fields));
        assert_ne!(People::new(2).next(&form).fields, People::new(1).next(&form).fields);
    }
}
