//! Live buyers: their connections, the test of an endpoint, and what was offered to them.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use leadbourse_core::error::{BAD_INPUT, Problem};
use leadbourse_core::live::connection::Connection;
use leadbourse_core::live::contract::Shown;
use leadbourse_core::live::mapping::{Accept, Find, Mapping};
use leadbourse_core::money::Currency;

use super::context::{actor, app};
use super::enums::{LiveAwardState, LiveOnSilence, LivePriceUnit, LiveProbe};
use super::errors::{UserError, split};
use super::market::minor;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, Money, MoneyInput, id, money, parse_id};
use crate::live::{LiveAward as Offered, Report};
use crate::offers::LiveConnection as Stored;
use crate::payload;
use crate::platform::error::Error;

/// Queries of live buyers.
#[derive(Default)]
pub struct LiveQuery;

/// Mutations of live buyers.
#[derive(Default)]
pub struct LiveMutation;

/// Where a value is found in an answer: one of the two.
#[derive(SimpleObject)]
pub struct LiveFind {
    /// A JSON pointer, like `/bid/price`.
    pub pointer: Option<String>,
    /// A regular expression; the value is its first group.
    pub regex: Option<String>,
}

/// How an endpoint's answers are read.
#[derive(SimpleObject)]
pub struct LiveMapping {
    /// Where the answer says yes or no; null: every answer of 200-299 with a body means yes.
    pub accept: Option<LiveFind>,
    /// The values that mean yes.
    pub accept_words: Vec<String>,
    /// The price; null: the offer's own price is bid.
    pub price: Option<LiveFind>,
    /// In which units prices are answered.
    pub price_unit: LivePriceUnit,
    /// Why not.
    pub reason: Option<LiveFind>,
    /// Where the person's browser is sent after a purchase.
    pub redirect: Option<LiveFind>,
}

/// Where and how an offer's buyer is asked. The signing secret is never shown again.
#[derive(SimpleObject)]
pub struct LiveConnection {
    /// The offer.
    pub offer_id: ID,
    /// Where the offer is asked.
    pub ask_url: String,
    /// Where the lead is posted.
    pub post_url: String,
    /// Where it is asked whether a posted lead was taken.
    pub status_url: Option<String>,
    /// How answers are read.
    pub mapping: LiveMapping,
    /// The longest wait for an answer to an ask, milliseconds.
    pub ask_timeout_ms: i32,
    /// The longest wait for an answer to a post, milliseconds.
    pub post_timeout_ms: i32,
    /// How many requests it gets at once.
    pub concurrency: i32,
    /// What silence about a posted lead means in the end.
    pub on_silence: LiveOnSilence,
    /// Less than this is no bid.
    pub min_bid: Money,
    /// When it was set last.
    pub updated_at: DateTime,
}

/// An award that a live buyer has to accept. Accepted, it is an award with the same id.
#[derive(SimpleObject)]
pub struct LiveAward {
    /// Its id.
    pub id: ID,
    /// The lead.
    pub lead_id: ID,
    /// The offer.
    pub offer_id: ID,
    /// How far it is.
    pub state: LiveAwardState,
    /// The bid: what is charged when it is accepted.
    pub price: Money,
    /// Why it was declined, as a code.
    pub reason: Option<String>,
    /// The price that the answer to the post named.
    pub posted_price: Option<Money>,
    /// When it was offered.
    pub created_at: DateTime,
    /// When it ended.
    pub ended_at: Option<DateTime>,
}

/// What one step of a test has shown.
#[derive(SimpleObject)]
pub struct LiveTestStep {
    /// The step.
    pub probe: LiveProbe,
    /// Whether the endpoint did what the protocol asks.
    pub passed: bool,
    /// HTTP status, if there was an answer.
    pub status: Option<i32>,
    /// How long it took, milliseconds.
    pub took_ms: i32,
    /// Whether it accepted, if that was understood.
    pub accepted: Option<bool>,
    /// The price, if one was understood.
    pub price: Option<Money>,
    /// The reason, if one was understood.
    pub reason: Option<String>,
    /// Where it would send the person's browser.
    pub redirect: Option<String>,
    /// What was understood, in a sentence.
    pub says: String,
}

/// What a test of an endpoint has shown.
#[derive(SimpleObject)]
pub struct LiveTestReport {
    /// Whether every step passed.
    pub passed: bool,
    /// The steps, in order.
    pub steps: Vec<LiveTestStep>,
}

/// Where a value is found in an answer: give one of the two.
#[derive(InputObject)]
pub struct LiveFindInput {
    /// A JSON pointer, like `/bid/price`.
    pub pointer: Option<String>,
    /// A regular expression; the value is its first group.
    pub regex: Option<String>,
}

/// How an endpoint's answers are read.
#[derive(InputObject)]
pub struct LiveMappingInput {
    /// Where the answer says yes or no; without it every answer of 200-299 with a body means yes.
    pub accept: Option<LiveFindInput>,
    /// The values that mean yes; `true` if not given.
    pub accept_words: Option<Vec<String>>,
    /// The price; without it the offer's own price is bid.
    pub price: Option<LiveFindInput>,
    /// In which units prices are answered; MAJOR if not given.
    pub price_unit: Option<LivePriceUnit>,
    /// Why not.
    pub reason: Option<LiveFindInput>,
    /// Where the person's browser is sent after a purchase.
    pub redirect: Option<LiveFindInput>,
}

/// Where and how an offer's buyer is asked.
#[derive(InputObject)]
pub struct SetLiveConnectionInput {
    /// The offer.
    pub offer_id: ID,
    /// Where the offer is asked: https, at a public address.
    pub ask_url: String,
    /// Where the lead is posted.
    pub post_url: String,
    /// Where it is asked whether a posted lead was taken.
    pub status_url: Option<String>,
    /// How answers are read; the protocol's own answer if not given.
    pub mapping: Option<LiveMappingInput>,
    /// The longest wait for an answer to an ask, milliseconds; 1000 if not given.
    pub ask_timeout_ms: Option<i32>,
    /// The longest wait for an answer to a post, milliseconds; 3000 if not given.
    pub post_timeout_ms: Option<i32>,
    /// How many requests it gets at once; 16 if not given.
    pub concurrency: Option<i32>,
    /// What silence about a posted lead means in the end.
    pub on_silence: LiveOnSilence,
    /// Less than this is no bid; one minor unit if not given.
    pub min_bid: Option<MoneyInput>,
    /// Makes a new signing secret. The first connection of an offer always has one.
    pub rotate_secret: Option<bool>,
}

/// The connection to be tested.
#[derive(InputObject)]
pub struct TestLiveConnectionInput {
    /// The offer.
    pub offer_id: ID,
}

payload! { TestLiveConnectionPayload { report: LiveTestReport } }

/// The answer of the mutation, or why it was refused.
#[derive(SimpleObject)]
pub struct SetLiveConnectionPayload {
    /// The connection; null when the mutation was refused.
    pub connection: Option<LiveConnection>,
    /// The signing secret, if it is new. It is shown this once.
    pub secret: Option<String>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

impl LiveFind {
    fn of(find: &Find) -> Self {
        match find {
            Find::Pointer(text) => Self { pointer: Some(text.clone()), regex: None },
            Find::Regex(text) => Self { pointer: None, regex: Some(text.clone()) },
        }
    }
}

impl LiveFindInput {
    fn parse(self, path: &str) -> Result<Find, Problem> {
        match (self.pointer, self.regex) {
            (Some(pointer), None) => Ok(Find::Pointer(pointer)),
            (None, Some(regex)) => Ok(Find::Regex(regex)),
            _ => Err(Problem::new(BAD_INPUT)
                .field(format!("mapping.{path}"))
                .detail("Give either a pointer or a regular expression.")),
        }
    }
}

impl LiveMapping {
    fn of(mapping: &Mapping) -> Self {
        Self {
            accept: mapping.accept.as_ref().map(|accept| LiveFind::of(&accept.find)),
            accept_words: mapping.accept.iter().flat_map(|a| a.words.clone()).collect(),
            price: mapping.price.as_ref().map(LiveFind::of),
            price_unit: mapping.price_unit.into(),
            reason: mapping.reason.as_ref().map(LiveFind::of),
            redirect: mapping.redirect.as_ref().map(LiveFind::of),
        }
    }
}

impl LiveMappingInput {
    fn parse(self) -> Result<Mapping, Problem> {
        let words = self.accept_words.unwrap_or_else(|| vec!["true".to_owned()]);
        let accept = self.accept.map(|find| find.parse("accept")).transpose()?;
        let unit = leadbourse_core::live::mapping::PriceUnit::Major;
        Ok(Mapping {
            accept: accept.map(|find| Accept { find, words }),
            price: self.price.map(|find| find.parse("price")).transpose()?,
            price_unit: self.price_unit.map_or(unit, Into::into),
            reason: self.reason.map(|find| find.parse("reason")).transpose()?,
            redirect: self.redirect.map(|find| find.parse("redirect")).transpose()?,
        })
    }
}

fn shown(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl LiveConnection {
    fn of(stored: &Stored, currency: Currency) -> Self {
        let settings = &stored.settings;
        Self {
            offer_id: id(stored.offer_id),
            ask_url: settings.ask_url.clone(),
            post_url: settings.post_url.clone(),
            status_url: settings.status_url.clone(),
            mapping: LiveMapping::of(&settings.mapping),
            ask_timeout_ms: shown(settings.ask_timeout_ms),
            post_timeout_ms: shown(settings.post_timeout_ms),
            concurrency: shown(settings.concurrency),
            on_silence: settings.on_silence.into(),
            min_bid: money(settings.min_bid, currency),
            updated_at: stored.updated_at.into(),
        }
    }
}

impl From<Offered> for LiveAward {
    fn from(award: Offered) -> Self {
        let sum = |minor: i64| money(minor, award.currency);
        Self {
            id: id(award.id),
            lead_id: id(award.lead),
            offer_id: id(award.offer),
            state: award.state.into(),
            price: sum(award.price),
            posted_price: award.posted_price.map(sum),
            reason: award.reason,
            created_at: award.created_at.into(),
            ended_at: award.ended_at.map(DateTime),
        }
    }
}

impl LiveTestReport {
    fn of(report: Report) -> Self {
        let Report { passed, steps, currency } = report;
        let step = |step: Shown| LiveTestStep {
            probe: step.probe.into(),
            passed: step.passed,
            status: step.status.map(i32::from),
            took_ms: shown(step.took_ms),
            accepted: step.accepted,
            price: step.price.map(|price| money(price, currency)),
            reason: step.reason,
            redirect: step.redirect,
            says: step.says,
        };
        Self { passed, steps: steps.into_iter().map(step).collect() }
    }
}

impl SetLiveConnectionInput {
    /// Numbers below nothing become nothing, which the limits refuse.
    fn parse(self, currency: Currency) -> Result<Connection, Problem> {
        let number = |given: Option<i32>, default: u32| {
            given.map_or(default, |number| u32::try_from(number).unwrap_or(0))
        };
        let min_bid = self.min_bid.as_ref().map(|sum| minor(sum, currency, "minBid"));
        Ok(Connection {
            ask_url: self.ask_url,
            post_url: self.post_url,
            status_url: self.status_url.filter(|url| !url.trim().is_empty()),
            mapping: self.mapping.map(LiveMappingInput::parse).transpose()?.unwrap_or_default(),
            ask_timeout_ms: number(self.ask_timeout_ms, 1_000),
            post_timeout_ms: number(self.post_timeout_ms, 3_000),
            concurrency: number(self.concurrency, 16),
            on_silence: self.on_silence.into(),
            min_bid: min_bid.transpose()?.unwrap_or(1),
        })
    }
}

#[Object]
impl LiveQuery {
    /// Where and how a live offer's buyer is asked; null if nobody has said.
    async fn live_connection(
        &self,
        ctx: &Context<'_>,
        offer_id: ID,
    ) -> async_graphql::Result<Option<LiveConnection>> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        let offer = app.offers.get(&actor, parse_id(&offer_id, "offerId")?).await?;
        let currency = app.niches.get(offer.niche_id).await?.currency;
        let found = app.live.connection(&actor, offer.id).await?;
        Ok(found.map(|stored| LiveConnection::of(&stored, currency)))
    }

    /// Awards that were offered to live buyers, newest first: the buyer's own, operators see all.
    async fn live_awards(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<LiveAward>> {
        let page = page(first, after.as_deref())?;
        let found = app(ctx)?.live.awards(&actor(ctx)?, &page).await?;
        Ok(connection(&page, found, |award| (award.id.uuid(), award.into())))
    }
}

#[Object]
impl LiveMutation {
    /// Sets where and how an offer's buyer is asked. The signing secret is shown this once.
    async fn set_live_connection(
        &self,
        ctx: &Context<'_>,
        input: SetLiveConnectionInput,
    ) -> async_graphql::Result<SetLiveConnectionPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        let done = async {
            let offer = parse_id(&input.offer_id, "offerId")?;
            let rotate = input.rotate_secret.unwrap_or(false);
            let wanted = |currency| input.parse(currency);
            let set = app.live.set_connection(&actor, offer, wanted, rotate).await?;
            Ok::<_, Error>((LiveConnection::of(&set.connection, set.currency), set.secret))
        };
        let (done, user_errors) = split(done.await)?;
        let (connection, secret) = done.unzip();
        Ok(SetLiveConnectionPayload { connection, secret: secret.flatten(), user_errors })
    }

    /// Sends a made-up ask and post with test marks, and says step by step what was understood.
    async fn test_live_connection(
        &self,
        ctx: &Context<'_>,
        input: TestLiveConnectionInput,
    ) -> async_graphql::Result<TestLiveConnectionPayload> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        TestLiveConnectionPayload::of(
            async {
                let offer = parse_id(&input.offer_id, "offerId")?;
                Ok(LiveTestReport::of(app.live.test(&actor, offer).await?))
            }
            .await,
        )
    }
}
