//! Sending leads: `submitLead`, `submitLeads`. The same pipeline as `POST /v1/leads`.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use leadbourse_core::error::{OUT_OF_RANGE, Problem, REQUIRED, UNAUTHENTICATED};
use leadbourse_core::lead::Channel;
use leadbourse_core::lead::envelope::Consent;
use leadbourse_core::lead::submission::{Submission, text_hash};
use leadbourse_core::lead::verdict::{Reason, SoldCopy, Verdict};
use leadbourse_core::time::Timestamp;
use serde_json::{Map, Value};

use super::context::{actor, app};
use super::errors::{UserError, split};
use super::scalars::{DateTime, JsonValue, Money, id, money, parse_id};
use crate::edge::source_limit;
use crate::exchange::{Sender, SubmitRequest, Submitted};
use crate::platform::error::{Error, Result};

/// Where a lead is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "leadbourse_core::lead::LeadState")]
pub enum LeadState {
    /// Stored, not decided yet.
    Received,
    /// Refused for its content or as a repeat.
    Rejected,
    /// Held for a moderator.
    Quarantined,
    /// Valid, but nobody bought it.
    Unsold,
    /// Bought at least once.
    Sold,
    /// Was unsold for too long.
    Expired,
}

/// How promising a lead is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "leadbourse_core::score::Temperature")]
pub enum Temperature {
    /// Sales-ready.
    Hot,
    /// Worth a call.
    Warm,
    /// Not yet.
    Cold,
    /// The person does not fit at all.
    OffTarget,
}

/// One reason of a verdict.
#[derive(Clone, Debug, SimpleObject)]
pub struct VerdictReason {
    /// The stable code, like `DUPLICATE_PHONE_30D`.
    pub code: String,
    /// The field or envelope part.
    pub path: Option<String>,
    /// An English sentence.
    pub message: String,
}

impl From<&Reason> for VerdictReason {
    fn from(reason: &Reason) -> Self {
        Self {
            code: reason.code.to_string(),
            path: reason.path.clone(),
            message: reason.message.to_string(),
        }
    }
}

/// One sale, as the publisher sees it.
#[derive(Clone, Debug, SimpleObject)]
pub struct VerdictAward {
    /// The award.
    pub award_id: ID,
    /// 1 for the first copy.
    pub copy_no: i32,
    /// The offer that bought.
    pub offer_id: ID,
    /// What is earned now.
    pub earning: Money,
}

impl From<&SoldCopy> for VerdictAward {
    fn from(copy: &SoldCopy) -> Self {
        let minor = copy.earning.minor.parse().unwrap_or_default();
        Self {
            award_id: id(copy.award_id),
            copy_no: copy.copy_no,
            offer_id: id(copy.offer_id),
            earning: money(minor, copy.earning.currency),
        }
    }
}

/// The answer to a submission.
#[derive(Clone, Debug, SimpleObject)]
pub struct LeadVerdict {
    /// The lead.
    pub lead_id: ID,
    /// A test: nothing was sold, taken or counted.
    pub test: bool,
    /// SOLD, UNSOLD, REJECTED or QUARANTINED.
    pub state: LeadState,
    /// Whether an earlier request had this answer.
    pub replayed: bool,
    /// Every reason, most important first.
    pub reasons: Vec<VerdictReason>,
    /// 0-100.
    pub score: Option<i32>,
    /// How promising the lead is.
    pub temperature: Option<Temperature>,
    /// The sales.
    pub awards: Vec<VerdictAward>,
    /// Where to send the person's browser.
    pub redirect_url: Option<String>,
    /// When it came in.
    pub received_at: DateTime,
}

impl From<Submitted> for LeadVerdict {
    fn from(Submitted { verdict, replayed }: Submitted) -> Self {
        let Verdict { lead_id, state, reasons, awards, score, temperature, .. } = &verdict;
        Self {
            lead_id: id(lead_id),
            test: verdict.test,
            state: (*state).into(),
            replayed,
            reasons: reasons.iter().map(Into::into).collect(),
            score: *score,
            temperature: temperature.map(Into::into),
            awards: awards.iter().map(Into::into).collect(),
            redirect_url: verdict.redirect_url.clone(),
            received_at: DateTime(
                Timestamp::parse_rfc3339(&verdict.received_at).unwrap_or_default(),
            ),
        }
    }
}

/// The person's consent.
#[derive(Clone, Debug, InputObject)]
pub struct ConsentInput {
    /// The rendered text; only its hash is kept.
    pub text: String,
    /// When it was given.
    pub given_at: Option<DateTime>,
    /// The page on which it was given.
    pub page_url: Option<String>,
}

/// A lead.
#[derive(InputObject)]
pub struct SubmitLeadInput {
    /// The source; needs a session or an API key of its publisher.
    pub source_id: Option<ID>,
    /// The source's posting key, instead of a session.
    pub posting_key: Option<String>,
    /// The niche's fields.
    pub fields: JsonValue,
    /// Consent.
    pub consent: Option<ConsentInput>,
    /// The envelope: `ip`, `user_agent`, `landing_url`, `sub_ids`, `click_id` …
    pub meta: Option<JsonValue>,
    /// The sender's own id of this lead.
    pub external_id: Option<String>,
    /// The ping that it follows: the lead is bought at its bids.
    pub ping_id: Option<ID>,
    /// The bids that are taken; all of them if none is named.
    pub bid_ids: Option<Vec<ID>>,
    /// What a post is that comes after its bids have expired; refused if not said.
    pub late_as: Option<LateAs>,
    /// The same key and content give the same verdict for seven days.
    pub idempotency_key: Option<String>,
    /// A test: checked and answered, never sold, billed or counted.
    #[graphql(default)]
    pub test: bool,
}

/// What becomes of a post whose bids have expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum LateAs {
    /// It is refused with `BID_EXPIRED`.
    Refused,
    /// It goes to the market as it is.
    Direct,
}

/// Leads, at most 100.
#[derive(InputObject)]
pub struct SubmitLeadsInput {
    /// The leads.
    pub leads: Vec<SubmitLeadInput>,
}

crate::payload! { SubmitLeadPayload { verdict: LeadVerdict } }

/// What became of one lead of several.
#[derive(SimpleObject)]
pub struct SubmitResult {
    /// The verdict; null when the lead was not taken.
    pub verdict: Option<LeadVerdict>,
    /// Why it was not taken.
    pub user_errors: Vec<UserError>,
}

/// What became of several leads.
#[derive(SimpleObject)]
pub struct SubmitLeadsPayload {
    /// One result per lead, in order.
    pub results: Vec<SubmitResult>,
    /// Why nothing was taken.
    pub user_errors: Vec<UserError>,
}

/// The most leads of one `submitLeads`.
const MOST_LEADS: usize = 100;

/// Sending leads.
#[derive(Default)]
pub struct SubmitMutation;

#[Object]
impl SubmitMutation {
    /// Sends a lead and answers its verdict.
    async fn submit_lead(
        &self,
        ctx: &Context<'_>,
        input: SubmitLeadInput,
    ) -> async_graphql::Result<SubmitLeadPayload> {
        SubmitLeadPayload::of(
            async {
                let request = request(ctx, input).await?;
                Ok(app(ctx)?.exchange.submit(request).await?.into())
            }
            .await,
        )
    }

    /// Sends up to 100 leads; each has its own result.
    async fn submit_leads(
        &self,
        ctx: &Context<'_>,
        input: SubmitLeadsInput,
    ) -> async_graphql::Result<SubmitLeadsPayload> {
        let (results, user_errors) = split(several(ctx, input.leads).await)?;
        Ok(SubmitLeadsPayload { results: results.unwrap_or_default(), user_errors })
    }
}

async fn several(ctx: &Context<'_>, leads: Vec<SubmitLeadInput>) -> Result<Vec<SubmitResult>> {
    if leads.is_empty() || leads.len() > MOST_LEADS {
        return Err(Problem::new(OUT_OF_RANGE)
            .field("leads")
            .detail("Send 1 to 100 leads.")
            .into());
    }
    let mut slots = Vec::with_capacity(leads.len());
    let mut requests = Vec::with_capacity(leads.len());
    for lead in leads {
        match request(ctx, lead).await {
            Ok(request) => {
                requests.push(request);
                slots.push(None);
            }
            Err(error) => slots.push(Some(error)),
        }
    }
    let mut submitted = app(ctx)?.exchange.submit_many(requests).await.into_iter();
    slots
        .into_iter()
        .map(|slot| {
            let result = match slot {
                Some(error) => Err(error),
                None => submitted.next().unwrap_or_else(|| Err(Error::broken("no answer"))),
            };
            let (verdict, user_errors) = split(result.map(LeadVerdict::from))?;
            Ok(SubmitResult { verdict, user_errors })
        })
        .collect()
}

async fn request(ctx: &Context<'_>, input: SubmitLeadInput) -> Result<SubmitRequest> {
    let source = sender(ctx, input.posting_key.as_ref(), input.source_id.as_ref()).await?;
    source_limit::admit(app(ctx)?, &source.source).await?;
    let mut sent = submission(input.meta, input.fields)?;
    if let Some(consent) = input.consent {
        sent.envelope.consent = Some(Consent {
            given: true,
            text_hash: Some(text_hash(&consent.text)),
            version: None,
            page: consent.page_url,
            at: consent.given_at.map(|at| at.0.rfc3339()),
        });
    }
    sent.envelope.external_id = input.external_id.or(sent.envelope.external_id);
    if let Some(ping) = input.ping_id {
        sent.ping.ping_id = Some(ping.0);
    }
    if let Some(bids) = input.bid_ids {
        sent.ping.bid_ids = bids.into_iter().map(|bid| bid.0).collect();
    }
    if let Some(late_as) = input.late_as {
        sent.ping.late_direct = late_as == LateAs::Direct;
    }
    sent.idempotency_key = input.idempotency_key;
    sent.test |= input.test;
    Ok(SubmitRequest::new(source, Channel::Api, sent))
}

/// Envelope and fields of a lead or a ping.
pub(super) fn submission(meta: Option<JsonValue>, fields: JsonValue) -> Result<Submission> {
    let mut sent = match meta.map(|meta| meta.0) {
        Some(Value::Object(mut meta)) => {
            meta.insert("fields".to_owned(), Value::Object(Map::new()));
            Submission::from_json(meta)
        }
        _ => Submission::default(),
    };
    match fields.0 {
        Value::Object(fields) => sent.fields = fields,
        _ => {
            let problem = Problem::new(REQUIRED).field("fields");
            return Err(problem.detail("`fields` has to be a JSON object.").into());
        }
    }
    Ok(sent)
}

/// The source that is spoken for: by its posting key, or as a member or key of its publisher.
pub(super) async fn sender(
    ctx: &Context<'_>,
    posting_key: Option<&String>,
    source_id: Option<&ID>,
) -> Result<Sender> {
    let exchange = &app(ctx)?.exchange;
    match (posting_key, source_id) {
        (Some(key), None) => exchange.source_by_key(key).await,
        (None, Some(source)) => {
            exchange.source_for(&actor(ctx)?, parse_id(source, "sourceId")?).await
        }
        (Some(key), Some(source)) => {
            let found = exchange.source_by_key(key).await?;
            if found.source.id == parse_id(source, "sourceId")? {
                Ok(found)
            } else {
                Err(Problem::new(leadbourse_core::error::NOT_FOUND).field("sourceId").into())
            }
        }
        (None, None) => Err(UNAUTHENTICATED.into()),
    }
}
