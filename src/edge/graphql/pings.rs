//! Pings: asking for bids, and what came of it. The same pipeline as `POST /v1/pings`.

use async_graphql::{Context, Enum, ID, InputObject, Json, Object, SimpleObject};
use leadbourse_core::access::OrgKind;
use leadbourse_core::lead::Channel;
use leadbourse_core::lead::verdict::ShownMoney;
use leadbourse_core::ping::{PingSubmission, ShownBid, limit};
use leadbourse_core::time::Timestamp;
use serde_json::Value;

use super::awards::Award;
use super::context::{actor, app};
use super::explain::StoredTrace;
use super::leads::{Lead, TraceEntry, trace_entries};
use super::loaders::loaders;
use super::loaders_leads::BidsOf;
use super::market::or_null;
use super::niches::Niche;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, JsonValue, Money, id, money, parse_id, parse_opt_id};
use super::sources::Source;
use super::submit::{VerdictReason, sender, submission};
use crate::edge::source_limit;
use crate::exchange::{PingRequest, Pinged};
use crate::payload;
use crate::pings::{self, PingFilter};
use crate::platform::error::Result;

/// Where a ping is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "leadbourse_core::ping::PingState")]
pub enum PingState {
    /// Its bids are reserved.
    Open,
    /// Nobody bid.
    NoBid,
    /// Refused for its content, as a repeat, or past a limit.
    Refused,
    /// Its post came in time.
    Posted,
    /// No post came in time.
    Expired,
}

/// Where a bid is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "leadbourse_core::ping::BidState")]
pub enum BidState {
    /// Money and caps are held.
    Open,
    /// The post was bought at it.
    Captured,
    /// The post went without it.
    Released,
    /// No post came in time.
    Expired,
}

/// The answer to a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "leadbourse_core::ping::PingOutcome")]
pub enum PingOutcome {
    /// There are bids.
    Bids,
    /// Nobody bid.
    NoBid,
    /// Refused.
    Refused,
}

/// One bid of an answer, as its publisher sees it.
#[derive(Clone, Debug, SimpleObject)]
pub struct VerdictBid {
    /// The bid.
    pub bid_id: ID,
    /// The offer that bids.
    pub offer_id: ID,
    /// Its name.
    pub offer_name: String,
    /// What the lead itself earns.
    pub earning: Money,
    /// To how many buyers in all the lead may go at this price.
    pub copies: i32,
    /// Whether it may go to this buyer only.
    pub exclusive: bool,
    /// Until when it is reserved.
    pub expires_at: DateTime,
}

/// The answer to a ping.
#[derive(Clone, Debug, SimpleObject)]
pub struct PingVerdict {
    /// The ping.
    pub ping_id: ID,
    /// BIDS, NO_BID or REFUSED.
    pub outcome: PingOutcome,
    /// Whether an earlier request had this answer.
    pub replayed: bool,
    /// Every reason, most important first; empty if there are bids.
    pub reasons: Vec<VerdictReason>,
    /// The bids, best first.
    pub bids: Vec<VerdictBid>,
    /// What all bids together earn.
    pub earning: Money,
    /// Until when the bids are reserved.
    pub expires_at: Option<DateTime>,
    /// When it came in.
    pub received_at: DateTime,
}

fn time(text: &str) -> DateTime {
    DateTime(Timestamp::parse_rfc3339(text).unwrap_or_default())
}

fn sum(shown: &ShownMoney) -> Money {
    money(shown.minor.parse().unwrap_or_default(), shown.currency)
}

impl From<&ShownBid> for VerdictBid {
    fn from(bid: &ShownBid) -> Self {
        Self {
            bid_id: id(bid.bid_id),
            offer_id: id(bid.offer_id),
            offer_name: bid.offer.clone(),
            earning: sum(&bid.earning),
            copies: bid.copies,
            exclusive: bid.exclusive,
            expires_at: time(&bid.expires_at),
        }
    }
}

impl From<Pinged> for PingVerdict {
    fn from(Pinged { verdict, replayed }: Pinged) -> Self {
        Self {
            ping_id: id(verdict.ping_id),
            outcome: verdict.outcome.into(),
            replayed,
            reasons: verdict.reasons.iter().map(Into::into).collect(),
            bids: verdict.bids.iter().map(Into::into).collect(),
            earning: sum(&verdict.earning),
            expires_at: verdict.expires_at.as_deref().map(time),
            received_at: time(&verdict.received_at),
        }
    }
}

/// One bid as it is stored. Its publisher sees the earning, operators the price as well.
pub struct Bid(pings::Bid);

#[Object]
impl Bid {
    /// Its id.
    async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// The offer that bid.
    async fn offer_id(&self) -> ID {
        id(self.0.offer)
    }

    /// Its name.
    async fn offer_name(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(loaders(ctx)?.must(self.0.offer).await?.name)
    }

    /// Where it is in its life.
    async fn state(&self) -> BidState {
        self.0.state.into()
    }

    /// To how many buyers in all the lead may go at this price.
    async fn copies(&self) -> i32 {
        self.0.copies
    }

    /// Whether the lead may go to this buyer only.
    async fn exclusive(&self) -> bool {
        self.0.copies == 1
    }

    /// What the lead itself earns.
    async fn earning(&self) -> Money {
        money(self.0.earning, self.0.currency)
    }

    /// What the buyer pays for the lead itself; for operators.
    async fn price(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Money>> {
        let shown = actor(ctx)?.kind == OrgKind::Operator;
        Ok(shown.then(|| money(self.0.price, self.0.currency)))
    }

    /// The money that it holds or held; for operators.
    async fn reserved(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Money>> {
        let shown = actor(ctx)?.kind == OrgKind::Operator;
        Ok(shown.then(|| money(self.0.amount, self.0.currency)))
    }

    /// The award that it became.
    async fn award(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Award>> {
        let Some(award) = self.0.award else { return Ok(None) };
        Ok(or_null(app(ctx)?.conversions.award(&actor(ctx)?, award).await)?.map(Award))
    }

    /// Until when it is or was reserved.
    async fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }

    /// When it ended.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }
}

/// A request for bids.
pub struct Ping(pub pings::Ping);

#[Object]
impl Ping {
    /// Its id.
    async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Where it is in its life.
    async fn state(&self) -> PingState {
        self.0.state.into()
    }

    /// The niche.
    async fn niche(&self, ctx: &Context<'_>) -> async_graphql::Result<Niche> {
        Ok(Niche(loaders(ctx)?.must(self.0.niche).await?))
    }

    /// For which source.
    async fn source(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Source>> {
        Ok(loaders(ctx)?.one(self.0.source).await?.map(Source))
    }

    /// What was asked: fields that the niche shows before a purchase, never contact data. Empty if
    /// it was refused.
    async fn fields(&self) -> JsonValue {
        Json(Value::Object(self.0.fields.clone()))
    }

    /// Contact fields of which a hash came with it.
    async fn hashed_fields(&self) -> Vec<String> {
        self.0.prints.keys().cloned().collect()
    }

    /// The score of what was asked, 0-100.
    async fn score(&self) -> i32 {
        self.0.score
    }

    /// Why there are no bids, most important first.
    async fn reasons(&self) -> Vec<VerdictReason> {
        self.0.verdict.reasons.iter().map(Into::into).collect()
    }

    /// Its bids, best first.
    async fn bids(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Bid>> {
        let found = loaders(ctx)?.one(BidsOf(self.0.id)).await?.unwrap_or_default();
        Ok(found.into_iter().map(Bid).collect())
    }

    /// The lead that it was posted with.
    async fn lead(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Lead>> {
        let Some(lead) = self.0.lead else { return Ok(None) };
        Ok(loaders(ctx)?.one(lead).await?.map(Lead))
    }

    /// Why each offer did or did not bid; for operators.
    async fn trace(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Vec<TraceEntry>>> {
        if actor(ctx)?.kind != OrgKind::Operator {
            return Ok(None);
        }
        let stored = StoredTrace::read(&self.0.trace_text)?;
        Ok(Some(trace_entries(ctx, stored.entries, self.0.verdict.earning.currency).await?))
    }

    /// When it came in.
    async fn received_at(&self) -> DateTime {
        self.0.received_at.into()
    }

    /// Until when its bids are or were reserved; null without bids.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.verdict.expires_at.as_deref().map(time)
    }

    /// When it ended.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }
}

/// What became of a source's pings.
pub struct PingRatio(pings::SourceRatio);

#[Object]
impl PingRatio {
    /// The source.
    async fn source(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Source>> {
        Ok(loaders(ctx)?.one(self.0.source).await?.map(Source))
    }

    /// Pings in all.
    async fn pings(&self) -> i64 {
        self.0.pings
    }

    /// Those that got bids.
    async fn with_bids(&self) -> i64 {
        self.0.with_bids
    }

    /// Those that were posted in time.
    async fn posted(&self) -> i64 {
        self.0.posted
    }

    /// Those that nobody posted in time.
    async fn expired(&self) -> i64 {
        self.0.expired
    }

    /// Posted among those that ended, basis points; null before the first has ended.
    async fn post_ratio_bps(&self) -> Option<i64> {
        limit::post_ratio(self.0.posted, self.0.posted.saturating_add(self.0.expired))
    }
}

/// A request for bids.
#[derive(InputObject)]
pub struct SubmitPingInput {
    /// The source; needs a session or an API key of its publisher.
    pub source_id: Option<ID>,
    /// The source's posting key, instead of a session.
    pub posting_key: Option<String>,
    /// The niche's ping fields; others are refused.
    pub fields: JsonValue,
    /// SHA-256 (or MD5, where the niche takes it) of normalised contact fields, hex, by field.
    pub hashes: Option<JsonValue>,
    /// The envelope: `sub_ids`, `max_sales`, `min_earning` …
    pub meta: Option<JsonValue>,
    /// The same key and content give the same answer for seven days.
    pub idempotency_key: Option<String>,
}

payload! { SubmitPingPayload { verdict: PingVerdict } }

/// Queries of pings.
#[derive(Default)]
pub struct PingsQuery;

/// Asking for bids.
#[derive(Default)]
pub struct PingsMutation;

#[Object]
impl PingsQuery {
    /// A ping: its publisher's, any for operators.
    async fn ping(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<Ping>> {
        let found = app(ctx)?.pings.get(&actor(ctx)?, parse_id(&id, "id")?).await;
        Ok(or_null(found)?.map(Ping))
    }

    /// Pings, newest first: the publisher's own, or all for operators.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn pings(
        &self,
        ctx: &Context<'_>,
        state: Option<PingState>,
        source_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Ping>> {
        let page = page(first, after.as_deref())?;
        let filter = PingFilter {
            state: state.map(Into::into),
            source: parse_opt_id(source_id.as_ref(), "sourceId")?,
        };
        let found = app(ctx)?.pings.list(&actor(ctx)?, &filter, &page).await?;
        Ok(connection(&page, found, |ping| (ping.id.uuid(), Ping(ping))))
    }

    /// What became of the pings of the last 24 hours, by source.
    async fn ping_ratios(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<PingRatio>> {
        let found = app(ctx)?.pings.ratios(&actor(ctx)?).await?;
        Ok(found.into_iter().map(PingRatio).collect())
    }
}

#[Object]
impl PingsMutation {
    /// Asks for bids, which are reserved for a short time; `submitLead` with the ping's id posts.
    async fn submit_ping(
        &self,
        ctx: &Context<'_>,
        input: SubmitPingInput,
    ) -> async_graphql::Result<SubmitPingPayload> {
        SubmitPingPayload::of(
            async {
                let request = request(ctx, input).await?;
                Ok(app(ctx)?.exchange.ping(request).await?.into())
            }
            .await,
        )
    }
}

async fn request(ctx: &Context<'_>, input: SubmitPingInput) -> Result<PingRequest> {
    let sender = sender(ctx, input.posting_key.as_ref(), input.source_id.as_ref()).await?;
    source_limit::admit(app(ctx)?, &sender.source).await?;
    let mut sent = submission(input.meta, input.fields)?;
    sent.idempotency_key = input.idempotency_key;
    let mut ping = PingSubmission { sent, ..PingSubmission::default() };
    ping.read_hashes(input.hashes.map(|hashes| hashes.0));
    Ok(PingRequest { sender, channel: Channel::Api, ping })
}
