//! Leads: what can be asked and done.

use async_graphql::{Context, ID, InputObject, Json, Object, SimpleObject};
use leadbourse_core::ids::LeadId;

use super::context::{actor, app};
use super::errors::{UserError, split};
use super::leads::Lead;
use super::market::or_null;
use super::paging::{Conn, connection, page};
use super::scalars::{JsonValue, parse_id, parse_opt_id};
use super::submit::LeadState;
use crate::leads::LeadFilter;
use crate::payload;
use crate::platform::error::{Context as _, Result};

/// Queries of leads.
#[derive(Default)]
pub struct LeadsQuery;

/// Mutations of leads.
#[derive(Default)]
pub struct LeadsMutation;

/// Deciding a quarantined lead.
#[derive(InputObject)]
pub struct DecideQuarantineInput {
    /// Which.
    pub lead_id: ID,
    /// Into the market, or refused for good.
    pub release: bool,
    /// Why; for the audit log.
    pub note: Option<String>,
    /// The same key with the same input gives the same answer.
    pub idempotency_key: Option<String>,
}

/// Revealing contact data.
#[derive(InputObject)]
pub struct RevealLeadInput {
    /// Which.
    pub lead_id: ID,
    /// Why; it is logged with the lead.
    pub reason: String,
}

payload! { DecideQuarantinePayload { lead: Lead } }

/// What was revealed.
#[derive(SimpleObject)]
pub struct RevealLeadPayload {
    /// The fields, unmasked.
    pub fields: Option<JsonValue>,
    /// Address, browser, page, consent.
    pub envelope: Option<JsonValue>,
    /// Why not.
    pub user_errors: Vec<UserError>,
}

#[Object]
impl LeadsQuery {
    /// A lead: its publisher's, one that the buyer bought, any for operators.
    async fn lead(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<Lead>> {
        let found = app(ctx)?.leads.get(&actor(ctx)?, parse_id(&id, "id")?).await;
        Ok(or_null(found)?.map(Lead))
    }

    /// Leads, newest first: the publisher's own, or all for operators.
    async fn leads(
        &self,
        ctx: &Context<'_>,
        state: Option<LeadState>,
        niche_id: Option<ID>,
        source_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Lead>> {
        let page = page(first, after.as_deref())?;
        let filter = LeadFilter {
            state: state.map(Into::into),
            niche: parse_opt_id(niche_id.as_ref(), "nicheId")?,
            source: parse_opt_id(source_id.as_ref(), "sourceId")?,
        };
        let found = app(ctx)?.leads.list(&actor(ctx)?, &filter, &page).await?;
        Ok(connection(&page, found, |lead| (lead.id.uuid(), Lead(lead))))
    }
}

#[Object]
impl LeadsMutation {
    /// Lets a quarantined lead into the market, or refuses it for good. For operators.
    async fn decide_quarantine(
        &self,
        ctx: &Context<'_>,
        input: DecideQuarantineInput,
    ) -> async_graphql::Result<DecideQuarantinePayload> {
        DecideQuarantinePayload::of(
            async {
                let (app, actor) = (app(ctx)?, actor(ctx)?);
                let id: LeadId = parse_id(&input.lead_id, "leadId")?;
                let note = input.note.as_deref();
                let key = input.idempotency_key.as_deref();
                app.exchange.decide_quarantine(&actor, id, input.release, note, key).await?;
                Ok(Lead(app.leads.get(&actor, id).await?))
            }
            .await,
        )
    }

    /// Shows a lead's contact data to an operator; the reason is logged with the lead first.
    async fn reveal_lead(
        &self,
        ctx: &Context<'_>,
        input: RevealLeadInput,
    ) -> async_graphql::Result<RevealLeadPayload> {
        let (seen, user_errors) = split(reveal(ctx, input).await)?;
        let (fields, envelope) = seen.unzip();
        Ok(RevealLeadPayload { fields, envelope, user_errors })
    }
}

async fn reveal(ctx: &Context<'_>, input: RevealLeadInput) -> Result<(JsonValue, JsonValue)> {
    let id = parse_id(&input.lead_id, "leadId")?;
    let contact = app(ctx)?.leads.reveal(&actor(ctx)?, id, &input.reason).await?;
    let envelope = serde_json::to_value(&contact.envelope).context("writing an envelope")?;
    Ok((Json(serde_json::Value::Object(contact.fields)), Json(envelope)))
}
