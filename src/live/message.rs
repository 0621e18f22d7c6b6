//! The bodies of requests to live buyers.

use leadbourse_core::ids::{AwardId, LeadId, OfferId, derive};
use leadbourse_core::money::Currency;
use leadbourse_core::time::Timestamp;
use serde_json::{Map, Value, json};

use super::caller::Message;

/// The id of an ask, the same in its post. It names nothing of the lead.
fn ask_id(lead: LeadId, offer: OfferId) -> String {
    let id = derive(&[b"live ask", lead.uuid().as_bytes(), offer.uuid().as_bytes()]);
    format!("ask_{}", id.simple())
}

fn money(minor: i64, currency: Currency) -> Value {
    json!({"minor": minor.to_string(), "currency": currency})
}

/// What is asked before a purchase: the fields that the niche shows to everybody, nothing of the
/// publisher, nothing of other bids.
pub fn ask(
    (lead, offer): (LeadId, OfferId),
    fields: &Map<String, Value>,
    (price, currency): (i64, Currency),
    score: i32,
    at: Timestamp,
    test: bool,
) -> Message {
    let id = ask_id(lead, offer);
    let body = json!({
        "type": "live.ask", "test": test, "timestamp": at.rfc3339(),
        "data": {
            "ask_id": id, "offer_id": offer, "fields": fields, "score": score, "max_sales": 1,
            "price": money(price, currency),
        },
    });
    Message { id, body: body.to_string() }
}

/// The whole lead, for the winner alone. `person` is what of it is handed over.
pub fn post(
    (lead, offer, award): (LeadId, OfferId, AwardId),
    person: &Value,
    (price, currency): (i64, Currency),
    at: Timestamp,
    test: bool,
) -> Message {
    let body = json!({
        "type": "live.post", "test": test, "timestamp": at.rfc3339(),
        "data": {
            "ask_id": ask_id(lead, offer), "award_id": award, "lead_id": lead, "offer_id": offer,
            "price": money(price, currency), "person": person,
        },
    });
    Message { id: award.to_string(), body: body.to_string() }
}

/// The question what became of a post.
pub fn status(
    (lead, offer, award): (LeadId, OfferId, AwardId),
    at: Timestamp,
    test: bool,
) -> Message {
    let body = json!({
        "type": "live.status", "test": test, "timestamp": at.rfc3339(),
        "data": {
            "ask_id": ask_id(lead, offer), "award_id": award, "lead_id": lead, "offer_id": offer,
        },
    });
    Message { id: format!("{award}:status"), body: body.to_string() }
}
