//! What the story leaves open, so that the demo's operator and buyers have something to decide.

use serde_json::{Value, json};

use leadbourse_core::niche::annotations::Fields;
use leadbourse_core::time::{DAY, Timestamp};

use super::cast;
use super::client::{Client, at};
use super::market::{Market, password, terms};
use super::people::People;
use crate::platform::error::{Error, Result};

/// Starts the made-up people of the held leads far from those of the story.
const HELD_SEED: u64 = 20_260_777;

/// How many leads wait in quarantine.
const HELD: usize = 2;

/// How many leads the open order is for, and how many of them are claimed.
const ORDERED: i64 = 12;
const CLAIMED: i64 = 5;

/// A form filled faster than any person does, in milliseconds.
const HASTY_MS: u32 = 850;

impl Market {
    /// Leaves something to decide: a new publisher, an offer and a source in review, held leads,
    /// a publisher that asks to sell to an offer.
    ///
    /// # Errors
    /// When the exchange refuses.
    pub async fn leave_work(&self) -> Result<()> {
        self.leave_newcomer().await?;
        self.leave_reviews().await?;
        self.leave_held_leads().await?;
        self.leave_application().await
    }

    /// Leaves an open order for the coming week, of which a publisher has claimed a part. The first
    /// buyer whose offer can be ordered places it.
    ///
    /// # Errors
    /// When the exchange does not answer.
    pub async fn leave_order(&self, now: Timestamp) -> Result<()> {
        for buyer in &self.buyers {
            let offers = buyer.client.all("offers", "id state").await?;
            for offer in offers.iter().filter(|offer| *at(offer, "/state") == "ACTIVE") {
                let input = json!({
                    "offerId": at(offer, "/id"), "wanted": ORDERED,
                    "deadline": now.plus(7 * DAY).rfc3339(), "idempotencyKey": "demo/order",
                });
                let placed = buyer.client.try_mutate("placeOrder", input, "order { id }").await?;
                if let Ok(placed) = placed {
                    return self.leave_claim(at(&placed, "/order/id"), now).await;
                }
            }
        }
        Ok(())
    }

    /// The first publisher that may promises a part.
    async fn leave_claim(&self, order: &Value, now: Timestamp) -> Result<()> {
        for publisher in &self.publishers {
            let input = json!({
                "orderId": order, "wanted": CLAIMED, "deadline": now.plus(4 * DAY).rfc3339(),
                "idempotencyKey": "demo/claim",
            });
            let claimed = publisher.client.try_mutate("claimOrder", input, "claim { id }").await?;
            if claimed.is_ok() {
                break;
            }
        }
        Ok(())
    }

    async fn leave_newcomer(&self) -> Result<()> {
        let mut newcomer = Client::new(self.operator.base())?;
        newcomer
            .sign_up(json!({
                "email": "newcomer@demo.example.com", "password": password(),
                "name": "Nina Newcomer", "organizationName": "Fresh Traffic", "kind": "PUBLISHER",
                "country": "RU", "timeZone": "Europe/Moscow", "locale": "ru",
            }))
            .await?;
        Ok(())
    }

    async fn leave_reviews(&self) -> Result<()> {
        let offer = cast::IN_REVIEW;
        if let Some(buyer) = self.buyers.last() {
            let niche = self.niche(offer.niche)?;
            let input = json!({
                "nicheId": niche.id, "name": offer.name, "terms": terms(&offer, &niche.currency)?,
            });
            let payload = buyer.client.mutate("createOffer", input, "offer { id }").await?;
            let input = json!({"offerId": at(&payload, "/offer/id")});
            buyer.client.mutate("submitOffer", input, "offer { state }").await?;
        }
        if let Some(seat) = self.publishers.last() {
            let input = json!({
                "nicheId": self.niche("mortgage")?.id, "name": "Student housing blog",
                "kind": "FORM", "traffic": "SEO", "maxSales": 1,
            });
            seat.client.mutate("createSource", input, "source { id }").await?;
        }
        Ok(())
    }

    /// Leads that were filled in faster than a person can, with a throw-away mailbox.
    async fn leave_held_leads(&self) -> Result<()> {
        let Some(publisher) = self.publishers.first() else { return Ok(()) };
        let Some(source) = publisher.sources.first() else { return Ok(()) };
        let niche = self.niche(source.niche)?;
        let form = Fields::parse(&niche.schema)
            .map_err(|_| Error::broken(format!("the schema of {} does not parse", source.niche)))?;
        let mut people = People::new(HELD_SEED);
        for n in 1..=HELD {
            let mut fields = people.next(&form).fields;
            fields.insert("email".to_owned(), json!(format!("held{n}@mailinator.com")));
            let input = json!({
                "sourceId": source.id, "fields": fields, "consent": {"text": "I agree."},
                "meta": {"fill_ms": HASTY_MS}, "externalId": format!("held-{n}"),
            });
            let payload = publisher.client.mutate("submitLead", input, "verdict { state }").await?;
            let state = at(&payload, "/verdict/state");
            if *state != "QUARANTINED" {
                return Err(Error::broken(format!("a lead to be held is {state}")));
            }
        }
        Ok(())
    }

    /// The publisher that did not apply at the start asks now, and its buyer has not answered.
    async fn leave_application(&self) -> Result<()> {
        let late = self.publishers.iter().find(|seat| seat.login.email == cast::LATE_APPLICANT);
        let Some(publisher) = late else { return Ok(()) };
        let offers = publisher.client.all("catalogue", "id visibility").await?;
        let Some(offer) = offers.iter().find(|offer| *at(offer, "/visibility") == "BY_APPLICATION")
        else {
            return Ok(());
        };
        let input = json!({
            "offerId": at(offer, "/id"), "message": "Drivers ask our lawyers about accidents.",
        });
        publisher.client.mutate("applyToOffer", input, "participation { id }").await?;
        Ok(())
    }
}
