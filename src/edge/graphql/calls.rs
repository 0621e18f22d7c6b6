//! Telephone calls: the object, as its buyer, its publisher and operators may see it, and the
//! event interface for systems that speak GraphQL.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use leadbourse_core::access::OrgKind;
use leadbourse_core::error::{NOT_FOUND, Problem, UNAUTHENTICATED};
use leadbourse_core::lead::submission::Submission;
use leadbourse_core::niche::annotations::FieldKind;
use serde_json::{Map, Value};

use super::awards::Award;
use super::context::{actor, app};
use super::conversions::Conversion;
use super::leads::Lead;
use super::loaders::loaders;
use super::loaders_leads::FieldsOf;
use super::market::or_null;
use super::offers::Offer;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, JsonValue, Money, id, money, parse_id, parse_opt_id};
use super::sources::Source;
use super::submit::VerdictReason;
use crate::calls::{CallFilter, CallRecord, ReportCall, Told};
use crate::edge::source_limit;
use crate::exchange::Sender;
use crate::payload;
use crate::platform::error::Result;

crate::graphql_enum! {
    /// Where a call is.
    CallState = "leadbourse_core::call::CallState" {
        /// An event came, but not yet the one that says who calls.
        Announced,
        /// No offer bought it.
        Unsold,
        /// Sold, on its way to the buyer.
        Ringing,
        /// The buyer has answered.
        Connected,
        /// Over, and long enough: billed.
        Qualified,
        /// Over, and too short: not billed.
        TooShort,
        /// Over and long enough, but this person's call was billed a short while ago: not billed.
        Repeated,
        /// Nobody told its end in time: not billed.
        Closed,
    }
}

crate::graphql_enum! {
    /// What a telephone system tells.
    CallEvent = "leadbourse_core::call::CallEventKind" {
        /// Somebody calls; the exchange says where to connect the call.
        Started,
        /// The buyer has answered.
        Connected,
        /// The call is over.
        Ended,
    }
}

/// Queries of calls.
#[derive(Default)]
pub struct CallsQuery;

/// Mutations of calls.
#[derive(Default)]
pub struct CallsMutation;

/// A telephone call.
pub struct Call(pub CallRecord);

#[Object]
impl Call {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Where it is.
    async fn state(&self) -> CallState {
        self.0.machine.state().into()
    }

    /// Where it arose; for its publisher and operators.
    async fn source(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Source>> {
        Ok(loaders(ctx)?.one(self.0.source_id).await?.map(Source))
    }

    /// Its lead, once the market was asked.
    async fn lead(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Lead>> {
        let Some(lead) = self.0.lead_id else { return Ok(None) };
        Ok(loaders(ctx)?.one(lead).await?.map(Lead))
    }

    /// The caller's number, masked unless the asker bought the call.
    async fn caller(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<String>> {
        let Some(lead) = self.0.lead_id else { return Ok(None) };
        let Some(seen) = loaders(ctx)?.one(FieldsOf(lead)).await? else { return Ok(None) };
        let Some(niche) = app(ctx)?.exchange.niche(self.0.niche_id) else { return Ok(None) };
        let field = niche.schema.fields().of_kind(FieldKind::Phone).next();
        let number = field.and_then(|field| seen.fields.get(&field.name)?.as_str());
        Ok(number.map(ToOwned::to_owned))
    }

    /// The award; null if nobody bought it.
    async fn award(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Award>> {
        let Some(sold) = &self.0.sold else { return Ok(None) };
        Ok(loaders(ctx)?.one(sold.award_id).await?.map(Award))
    }

    /// The offer that bought it; for its buyer and operators.
    async fn offer(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Offer>> {
        let shown = self.0.sold.as_ref().filter(|_| !asks(ctx, OrgKind::Publisher));
        let Some(sold) = shown else { return Ok(None) };
        Ok(loaders(ctx)?.one(sold.offer_id).await?.map(Offer))
    }

    /// The name of the offer that bought it.
    async fn offer_name(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<String>> {
        let Some(sold) = &self.0.sold else { return Ok(None) };
        Ok(loaders(ctx)?.one(sold.offer_id).await?.map(|offer| offer.name))
    }

    /// What was billed.
    async fn conversion(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Conversion>> {
        let billed = self.0.sold.as_ref().and_then(|sold| sold.conversion_id);
        let Some(billed) = billed else { return Ok(None) };
        Ok(loaders(ctx)?.one(billed).await?.map(Conversion))
    }

    /// Where it is connected to.
    async fn connect_to(&self) -> Option<&str> {
        self.0.sold.as_ref().and_then(|sold| sold.connect_to.as_deref())
    }

    /// From how many connected seconds on it is paid for.
    async fn min_call_seconds(&self) -> Option<i64> {
        self.0.sold.as_ref().map(|sold| sold.min_call_s)
    }

    /// How long buyer and caller were connected, in seconds.
    async fn connected_seconds(&self) -> Option<i64> {
        self.0.machine.facts.ended.map(|ended| ended.connected_s)
    }

    /// What the buyer pays if it is long enough; null for publishers.
    async fn price(&self, ctx: &Context<'_>) -> Option<Money> {
        let shown = self.0.sold.as_ref().filter(|_| !asks(ctx, OrgKind::Publisher));
        shown.map(|sold| money(sold.price, sold.currency))
    }

    /// What the publisher gets if it is long enough; null for buyers.
    async fn earning(&self, ctx: &Context<'_>) -> Option<Money> {
        let shown = self.0.sold.as_ref().filter(|_| !asks(ctx, OrgKind::Buyer));
        shown.map(|sold| money(sold.earning, sold.currency))
    }

    /// When it began.
    async fn started_at(&self) -> Option<DateTime> {
        self.0.machine.facts.started.map(|started| started.at.into())
    }

    /// When the buyer answered.
    async fn connected_at(&self) -> Option<DateTime> {
        self.0.machine.facts.connected_at.map(DateTime)
    }

    /// When it ended. Later than `decidedAt` for an end that was told too late.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.machine.facts.ended.map(|ended| ended.at.into())
    }

    /// When it was decided.
    async fn decided_at(&self) -> Option<DateTime> {
        self.0.decided_at.map(DateTime)
    }

    /// When it is closed without a bill if nobody tells its end.
    async fn close_at(&self) -> DateTime {
        self.0.close_at.into()
    }

    /// When its first event came.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }
}

fn asks(ctx: &Context<'_>, kind: OrgKind) -> bool {
    actor(ctx).is_ok_and(|actor| actor.kind == kind)
}

#[Object]
impl CallsQuery {
    /// A call: one that the buyer bought, the publisher's own, any for operators.
    async fn call(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<Call>> {
        let found = app(ctx)?.calls.get(&actor(ctx)?, parse_id(&id, "id")?).await;
        Ok(or_null(found)?.map(Call))
    }

    /// Calls, newest first: those that the buyer bought, the publisher's own, all for operators.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn calls(
        &self,
        ctx: &Context<'_>,
        state: Option<CallState>,
        offer_id: Option<ID>,
        source_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Call>> {
        let page = page(first, after.as_deref())?;
        let filter = CallFilter {
            state: state.map(Into::into),
            offer: parse_opt_id(offer_id.as_ref(), "offerId")?,
            source: parse_opt_id(source_id.as_ref(), "sourceId")?,
        };
        let found = app(ctx)?.calls.list(&actor(ctx)?, &filter, &page).await?;
        Ok(connection(&page, found, |call| (call.id.uuid(), Call(call))))
    }
}

/// An event of a call.
#[derive(InputObject)]
pub struct ReportCallInput {
    /// The source; needs a session or an API key of its publisher.
    pub source_id: Option<ID>,
    /// The source's posting key, instead of a session.
    pub posting_key: Option<String>,
    /// What happened.
    pub event: CallEvent,
    /// The telephone system's own id of the call.
    pub external_id: String,
    /// When it happened.
    pub at: DateTime,
    /// The caller's number.
    pub caller: Option<String>,
    /// The number that was dialled.
    pub dialled: Option<String>,
    /// ENDED: how long buyer and caller were connected, in seconds.
    pub connected_seconds: Option<i64>,
    /// STARTED: more of the niche's fields.
    pub fields: Option<JsonValue>,
    /// STARTED: the envelope: `sub_ids`, `click_id` …
    pub meta: Option<JsonValue>,
}

/// Where a call stands, as its telephone system is told.
#[derive(SimpleObject)]
pub struct CallAnswer {
    /// The call.
    pub call_id: ID,
    /// Where it is.
    pub state: CallState,
    /// Where to connect it; null unless it was sold.
    pub connect_to: Option<String>,
    /// Its lead.
    pub lead_id: Option<ID>,
    /// Its award.
    pub award_id: Option<ID>,
    /// What was billed.
    pub conversion_id: Option<ID>,
    /// From how many connected seconds on it is paid for.
    pub min_call_seconds: Option<i64>,
    /// What is earned then.
    pub earning: Option<Money>,
    /// Why nobody bought it.
    pub reasons: Vec<VerdictReason>,
}

impl From<Told> for CallAnswer {
    fn from(Told { call, reasons }: Told) -> Self {
        let sold = call.sold.as_ref();
        Self {
            call_id: id(call.id),
            state: call.machine.state().into(),
            connect_to: sold.and_then(|sold| sold.connect_to.clone()),
            lead_id: call.lead_id.map(id),
            award_id: sold.map(|sold| id(sold.award_id)),
            conversion_id: sold.and_then(|sold| sold.conversion_id).map(id),
            min_call_seconds: sold.map(|sold| sold.min_call_s),
            earning: sold.map(|sold| money(sold.earning, sold.currency)),
            reasons: reasons.iter().map(Into::into).collect(),
        }
    }
}

payload! { ReportCallPayload { call: CallAnswer } }

/// Where calls go.
#[derive(InputObject)]
pub struct SetOfferConnectionInput {
    /// The offer.
    pub offer_id: ID,
    /// A telephone number with its country code, or a SIP address; null takes it away, and the
    /// offer buys no calls then.
    pub connect_to: Option<String>,
}

payload! { SetOfferConnectionPayload { offer: Offer } }

#[Object]
impl CallsMutation {
    /// Tells an event of a call. The same pipeline as `POST /v1/calls/events`.
    async fn report_call(
        &self,
        ctx: &Context<'_>,
        input: ReportCallInput,
    ) -> async_graphql::Result<ReportCallPayload> {
        ReportCallPayload::of(report(ctx, input).await)
    }

    /// Sets where an offer's calls are connected to.
    async fn set_offer_connection(
        &self,
        ctx: &Context<'_>,
        input: SetOfferConnectionInput,
    ) -> async_graphql::Result<SetOfferConnectionPayload> {
        SetOfferConnectionPayload::of(
            async {
                let (offers, actor) = (&app(ctx)?.offers, actor(ctx)?);
                let id = parse_id(&input.offer_id, "offerId")?;
                offers.set_connection(&actor, id, input.connect_to.as_deref()).await.map(Offer)
            }
            .await,
        )
    }
}

async fn report(ctx: &Context<'_>, input: ReportCallInput) -> Result<CallAnswer> {
    let sender = sender(ctx, &input).await?;
    source_limit::admit(app(ctx)?, &sender.source).await?;
    let mut lead = match input.meta.map(|meta| meta.0) {
        Some(Value::Object(mut meta)) => {
            meta.insert("fields".to_owned(), Value::Object(Map::new()));
            Submission::from_json(meta)
        }
        _ => Submission::default(),
    };
    if let Some(Value::Object(fields)) = input.fields.map(|fields| fields.0) {
        lead.fields = fields;
    }
    let sent = ReportCall {
        sender,
        kind: input.event.into(),
        external_id: input.external_id,
        at: input.at.into(),
        caller: input.caller,
        dialled: input.dialled,
        connected_s: input.connected_seconds,
        lead,
    };
    Ok(app(ctx)?.calls.report(sent).await?.into())
}

async fn sender(ctx: &Context<'_>, input: &ReportCallInput) -> Result<Sender> {
    let exchange = &app(ctx)?.exchange;
    match (&input.posting_key, &input.source_id) {
        (Some(key), named) => {
            let found = exchange.source_by_key(key).await?;
            match named {
                Some(named) if found.source.id != parse_id(named, "sourceId")? => {
                    Err(Problem::new(NOT_FOUND).field("sourceId").into())
                }
                _ => Ok(found),
            }
        }
        (None, Some(source)) => {
            exchange.source_for(&actor(ctx)?, parse_id(source, "sourceId")?).await
        }
        (None, None) => Err(UNAUTHENTICATED.into()),
    }
}
