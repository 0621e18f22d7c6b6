//! The body of a delivery, rendered at the moment of sending.

use serde_json::json;

use crate::conversions::Award;
use crate::leads::{Contact, LeadRecord};

/// What the buyer is told: the award, the lead's score, the person. The publisher's own things
/// (sub-ids, click, external id) and its earning are not for the buyer.
pub(super) fn body(award: &Award, lead: &LeadRecord, niche: &str, contact: &Contact) -> String {
    let envelope = &contact.envelope;
    json!({
        "type": "lead.awarded",
        "timestamp": award.created_at.rfc3339(),
        "data": {
            "award_id": award.id,
            "lead_id": award.lead_id,
            "offer_id": award.offer_id,
            "offer_version_id": award.offer_version_id,
            "niche": niche,
            "copy_no": award.copy_no,
            "max_sales": award.max_sales,
            "price": { "minor": award.price.to_string(), "currency": award.currency },
            "channel": lead.channel,
            "received_at": lead.received_at.rfc3339(),
            "score": {
                "score": lead.score,
                "grade": lead.grade,
                "intent": lead.intent,
                "temperature": lead.temperature,
            },
            "fields": contact.fields,
            "preferred_time": envelope.preferred_time,
            "consent": envelope.consent,
            "certificate_urls": envelope.certificate_urls,
            "landing_url": envelope.landing_url,
            "ip": envelope.ip,
            "user_agent": envelope.user_agent,
        }
    })
    .to_string()
}
