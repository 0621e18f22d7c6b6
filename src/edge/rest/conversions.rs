//! `POST /v1/conversions`: a buyer's server reports sales, registrations and refunds.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::post};
use leadbourse_core::access::{Action, Actor};
use leadbourse_core::error::{BAD_INPUT, Problem, REQUIRED, UNAUTHENTICATED};
use leadbourse_core::money::Money;
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::OpenApi;

use super::intake::{IDEMPOTENCY_KEY, REPLAYED, header_text, is_json, read};
use super::problem::ApiError;
use crate::boot::App;
use crate::conversions::{Place, ReportConversion, Reported};
use crate::disputes::{RefundSale, Sale};
use crate::edge::errors::{BAD_REQUEST, UNSUPPORTED_MEDIA_TYPE};
use crate::edge::session_layer::{Authenticator, Credentials};
use crate::exchange::ReportOnClick;
use crate::platform::error::Result;

/// The route of reports.
pub fn routes(app: Arc<App>) -> Router {
    Router::new().route("/v1/conversions", post(report)).with_state(app)
}

/// Describes the route of this file.
pub fn describe() -> utoipa::openapi::OpenApi {
    Described::openapi()
}

#[derive(OpenApi)]
#[openapi(paths(report))]
struct Described;

/// What happened to a reported event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Happened {
    /// It happened.
    #[default]
    Reported,
    /// Its customer got the money back.
    Refunded,
}

/// A sum as it is sent: minor units as a decimal integer, and an ISO 4217 code.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SentMoney {
    minor: String,
    currency: String,
}

impl SentMoney {
    fn parse(&self, field: &str) -> Result<Money, Problem> {
        let bad = |part: &str| Problem::new(BAD_INPUT).field(format!("{field}.{part}"));
        let minor = self.minor.parse().map_err(|_| bad("minor"))?;
        Ok(Money::new(minor, self.currency.parse().map_err(|_| bad("currency"))?))
    }
}

/// A report.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportBody {
    /// The award, `awd_…`. Either this or `lead_id`.
    award_id: Option<String>,
    /// The lead, `lead_…`: its award to the reporting buyer.
    lead_id: Option<String>,
    /// The click, `clk_…`, as the buyer's own page got it; instead of award and lead.
    click_id: Option<String>,
    /// `SALE` or `REGISTRATION`, on a click also `LEAD`; a sale if not said.
    goal: Option<String>,
    /// The buyer's own reference; the same one is billed once.
    external_id: String,
    /// `REPORTED` or `REFUNDED`; reported if not said.
    #[serde(default)]
    status: Happened,
    /// What the customer paid; needed where a share of the sale is paid.
    amount: Option<SentMoney>,
    /// For `REFUNDED`: what the customer got back in all; everything if not said.
    refunded: Option<SentMoney>,
    /// When it happened, RFC 3339; now if not said.
    occurred_at: Option<String>,
}

/// The conversion that a report led to.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ConversionBody {
    conversion_id: String,
    award_id: String,
    lead_id: String,
    #[schema(value_type = String)]
    goal: GoalKind,
    external_id: Option<String>,
    state: &'static str,
    /// What the buyer pays.
    #[schema(value_type = Object)]
    price: ShownMoney,
    /// Whether the buyer still owes a part of it.
    unfunded: bool,
    /// The share of the price that was given back, basis points.
    returned_bps: u32,
    return_until: String,
    hold_until: String,
    lock_at: String,
}

/// A sum as it is answered.
#[derive(Clone, Debug, Serialize)]
struct ShownMoney {
    minor: String,
    currency: String,
}

impl ConversionBody {
    fn of(done: &Reported) -> Self {
        let one = &done.conversion;
        Self {
            conversion_id: one.id.to_string(),
            award_id: one.award_id.to_string(),
            lead_id: one.lead_id.to_string(),
            goal: one.goal,
            external_id: one.external_ref.clone(),
            state: one.state.as_str(),
            price: ShownMoney {
                minor: one.legs.price().to_string(),
                currency: one.currency.code().to_owned(),
            },
            unfunded: one.unfunded > 0,
            returned_bps: one.given.bps.0,
            return_until: one.clocks.return_until().rfc3339(),
            hold_until: one.clocks.hold_until().rfc3339(),
            lock_at: one.clocks.lock_at().rfc3339(),
        }
    }
}

/// Reports a sale or a registration on an award, or a refund of one.
#[utoipa::path(
    post, path = "/v1/conversions", tag = "outcomes", operation_id = "reportConversion",
    security(("key" = [])), request_body = ReportBody,
    params(
        ("Authorization" = String, Header, description = "Bearer <API key of the buyer> with the scope REPORT_OUTCOMES"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and body give the same answer for seven days; the reference does so for ever"),
    ),
    responses(
        (status = 200, description = "The conversion; with `Idempotent-Replayed: true` if it was billed before", body = ConversionBody),
        (status = 400, description = "The body does not parse", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "The key is not known", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such award of this buyer, or no right to report", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The goal was reached before, the reference was used with another amount, or the money was released", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON", body = super::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A value is wrong, outside the attribution window, or in another currency", body = super::problem::ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn report(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> std::result::Result<Response, ApiError> {
    if !is_json(&headers) {
        return Err(UNSUPPORTED_MEDIA_TYPE.into());
    }
    let caller = app.caller(&Credentials::from_headers(&headers), None).await?;
    // A cookie would make this a way round the CSRF rules of the browser's surface.
    let by_key = Credentials::from_headers(&headers).bearer.is_some();
    let actor = caller.filter(|_| by_key).ok_or(UNAUTHENTICATED)?.actor;
    actor.require(Action::ReportOutcomes)?;
    let bytes = read(body, app.config.limits.body_bytes).await?;
    let sent: ReportBody = serde_json::from_slice(&bytes).map_err(|error| {
        let at = format!("line {}, column {}", error.line(), error.column());
        Problem::new(BAD_REQUEST).detail(format!("The body is no report ({at})."))
    })?;
    let key = header_text(&headers, IDEMPOTENCY_KEY);
    let key = key.as_deref();
    let done = match sent.status {
        Happened::Reported if sent.click_id.is_some() => on_click(&app, &actor, &sent).await?,
        Happened::Reported => app.conversions.report(&actor, &sent.report()?, key).await?,
        Happened::Refunded => app.disputes.refund(&actor, &sent.refund()?, key).await?,
    };
    Ok(answer(&done))
}

/// What came of a click; its reference makes that it is done once.
async fn on_click(app: &App, actor: &Actor, sent: &ReportBody) -> Result<Reported> {
    let report = sent.click()?;
    let counted = app.exchange.report_on_click(actor, &report).await?;
    let conversion = app.conversions.conversion(actor, counted.conversion).await?;
    Ok(Reported { conversion, replayed: counted.replayed })
}

impl ReportBody {
    fn click(&self) -> Result<ReportOnClick, Problem> {
        let bad = || Problem::new(BAD_INPUT).field("click_id");
        if self.award_id.is_some() || self.lead_id.is_some() {
            return Err(bad());
        }
        let named = self.click_id.as_deref().ok_or_else(bad)?;
        Ok(ReportOnClick {
            click: named.parse().map_err(|_| bad())?,
            goal: self.goal()?,
            external_id: Some(self.external_id.clone()),
            amount: self.amount.as_ref().map(|sum| sum.parse("amount")).transpose()?,
            occurred_at: self.occurred_at()?,
            offer: None,
        })
    }

    fn occurred_at(&self) -> Result<Option<Timestamp>, Problem> {
        let read = |text: &String| {
            Timestamp::parse_rfc3339(text)
                .ok_or_else(|| Problem::new(BAD_INPUT).field("occurred_at"))
        };
        self.occurred_at.as_ref().map(read).transpose()
    }

    fn place(&self) -> Result<Place, Problem> {
        match (&self.award_id, &self.lead_id) {
            (Some(id), None) => id.parse().map_err(|bad: Problem| bad.field("award_id")),
            (None, Some(id)) => id.parse().map_err(|bad: Problem| bad.field("lead_id")),
            _ => Err(Problem::new(REQUIRED).field("award_id")),
        }
    }

    fn goal(&self) -> Result<GoalKind, Problem> {
        match &self.goal {
            Some(text) => text.parse().map_err(|_| Problem::new(BAD_INPUT).field("goal")),
            None => Ok(GoalKind::Sale),
        }
    }

    fn report(&self) -> Result<ReportConversion, Problem> {
        Ok(ReportConversion {
            place: self.place()?,
            goal: self.goal()?,
            external_id: self.external_id.clone(),
            amount: self.amount.as_ref().map(|sum| sum.parse("amount")).transpose()?,
            occurred_at: self.occurred_at()?,
        })
    }

    fn refund(&self) -> Result<RefundSale, Problem> {
        let sale = Sale::Event {
            place: self.place()?,
            goal: self.goal()?,
            external_id: self.external_id.clone(),
        };
        let refunded = self.refunded.as_ref().map(|sum| sum.parse("refunded")).transpose()?;
        Ok(RefundSale { sale, refunded })
    }
}

/// The answer to a report, on every route that takes them.
pub(super) fn answer(done: &Reported) -> Response {
    let body = serde_json::to_vec(&ConversionBody::of(done)).unwrap_or_default();
    let mut response = (StatusCode::OK, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if done.replayed {
        headers.insert(REPLAYED.clone(), HeaderValue::from_static("true"));
    }
    response
}
