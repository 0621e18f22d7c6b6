//! The niches that come ready-made. An operator installs one and may publish versions after.

use leadbourse_core::error::Problem;
use leadbourse_core::niche::annotations::NICHE_SCHEMA_INVALID;
use leadbourse_core::niche::pack::Pack;

/// The slug and the document of every ready-made niche.
const DOCUMENTS: &[(&str, &str)] = &[
    ("mortgage", include_str!("packs/mortgage.json")),
    ("car_insurance", include_str!("packs/car_insurance.json")),
    ("windows", include_str!("packs/windows.json")),
    ("legal_advice", include_str!("packs/legal_advice.json")),
    ("online_courses", include_str!("packs/online_courses.json")),
];

/// The slugs of all ready-made niches, in the order in which a new exchange shows them.
pub fn slugs() -> impl Iterator<Item = &'static str> {
    DOCUMENTS.iter().map(|(slug, _)| *slug)
}

/// The ready-made niche of this slug, if there is one.
pub fn find(slug: &str) -> Option<Result<Pack, Problem>> {
    DOCUMENTS.iter().find(|(name, _)| *name == slug).map(|(_, text)| {
        serde_json::from_str(text)
            .map_err(|error| Problem::new(NICHE_SCHEMA_INVALID).detail(error.to_string()))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use leadbourse_core::niche::annotations::{FieldKind, Fields};
    use leadbourse_core::niche::evolution;
    use serde_json::json;

    fn pack(slug: &str) -> Pack {
        find(slug).expect("a ready-made niche").expect("a readable document")
    }

    #[test]
    fn all_five_are_complete_and_sound() {
        assert_eq!(slugs().count(), 5);
        for slug in slugs() {
            let pack = pack(slug);
            assert_eq!(pack.slug, slug);
            let fields = pack.check().unwrap_or_else(|problems| panic!("{slug}: {problems:?}"));
            assert!((10..=17).contains(&fields.iter().count()), "{slug}");
            for kind in [FieldKind::Phone, FieldKind::Email, FieldKind::Name] {
                assert_eq!(fields.of_kind(kind).count(), 1, "{slug}: {kind}");
            }
            let card = &pack.policy.scorecard;
            assert!((8..=15).contains(&(card.fit.len() + card.intent.len())), "{slug}");
            assert!((6..=8).contains(&pack.policy.return_reasons.len()), "{slug}");
            assert!(fields.iter().any(|field| field.ping), "{slug}");
            assert!(evolution::breaks(&pack.schema, &pack.schema).is_empty(), "{slug}");
        }
        assert!(find("yachts").is_none());
    }

    #[test]
    fn online_courses_take_what_the_form_of_a_course_seller_sends() {
        let schema = pack("online_courses").schema;
        let fields = Fields::parse(&schema).unwrap();
        let lead = json!({
            "email": "ann@example.com", "phone": "+91 98765 43210",
            "lead_origin": "Landing Page Submission", "lead_source": "Direct Traffic",
            "do_not_email": false, "do_not_call": false, "total_visits": 5,
            "total_time_on_website_s": 674, "page_views_per_visit": 2.5, "country": "India",
            "specialization": "Business Administration", "heard_from": "Online Search",
            "occupation": "Student", "matters_most": "Better Career Prospects",
            "city": "Mumbai", "wants_interview_guide": true
        });
        for (name, value) in lead.as_object().unwrap() {
            let field = fields.get(name).expect(name);
            let known = |text: &str| field.options.is_empty() || field.options.contains_key(text);
            assert!(value.as_str().is_none_or(known), "{name}");
        }
        let missing = fields.iter().filter(|field| lead.get(&field.name).is_none());
        assert_eq!(missing.map(|field| field.name.as_str()).collect::<Vec<_>>(), ["name"]);
    }
}
