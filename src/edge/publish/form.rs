//! Hosted forms: `GET /f/{source}` shows one, `POST /f/{source}` sends it into the one pipeline.
//!
//! No cookies and no scripts are needed. What belongs to the person travels in bodies only; the
//! page around a frame tells its address and sub-ids by a message.

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use leadbourse_core::error::{IDEMPOTENCY_MISMATCH, IN_FLIGHT, Kind, Problem, RATE_LIMITED};
use leadbourse_core::ids::SourceId;
use leadbourse_core::lang::Lang;
use leadbourse_core::lead::submission::text_hash;
use leadbourse_core::lead::verdict::{DUPLICATE, Reason, SOURCE_NOT_ACTIVE, Verdict};
use leadbourse_core::lead::{Channel, LeadState};
use leadbourse_core::offer::source::{SourceKind, SourceState};
use leadbourse_core::publish::form::FormMode;
use leadbourse_core::publish::words;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use super::form_page::{self, FIELD, Thanks, View};
use super::form_read::{Posted, submission};
use super::form_words::Words;
use super::stamp::Stamp;
use super::{accept_language, asset, page};
use crate::boot::App;
use crate::edge::{errors, source_limit};
use crate::exchange::{STILL_DECIDED, SubmitRequest};
use crate::niches::{Niche, NicheVersion};
use crate::offers::SourceForm;
use crate::platform::error::{Error, Result};

/// Sub-ids and the click of a link that leads straight to the form.
const CARRIED: &[&str] =
    &["sub1", "sub2", "sub3", "sub4", "sub5", "sub6", "sub7", "sub8", "sub9", "sub10", "click_id"];

/// The routes.
pub fn routes(app: Arc<App>) -> Router {
    let script = "text/javascript; charset=utf-8";
    let style = || async { asset("text/css; charset=utf-8", include_str!("assets/form.css")) };
    let form = move || async move { asset(script, include_str!("assets/form.js")) };
    let embed = move || async move { asset(script, include_str!("assets/embed.js")) };
    Router::new()
        .route("/embed.js", get(embed))
        .route("/f/assets/form.js", get(form))
        .route("/f/assets/form.css", get(style))
        .route("/f/{source}", get(show).post(take))
        .with_state(app)
}

/// How the form is shown, as the address or the form itself says.
struct Way {
    lang: Lang,
    mode: FormMode,
    embedded: bool,
    test: bool,
}

impl Way {
    fn of(values: &BTreeMap<String, String>, headers: &HeaderMap) -> Self {
        let text = |name: &str| values.get(name).map(String::as_str);
        Self {
            lang: Lang::choose(text("lang"), accept_language(headers)),
            mode: text("mode").and_then(|mode| mode.parse().ok()).unwrap_or(FormMode::Inline),
            embedded: text("embed").is_some(),
            test: text("test").is_some(),
        }
    }
}

/// A form that takes leads.
struct Open {
    source: SourceId,
    form: SourceForm,
    niche: Niche,
    version: Arc<NicheVersion>,
}

/// What is shown instead of a form.
struct Closed {
    status: StatusCode,
    /// Who may frame the page.
    ancestors: String,
    say: fn(&Words) -> &'static str,
}

/// Only active sources of the kind FORM answer.
async fn open(app: &App, id: &str) -> Result<std::result::Result<Open, Closed>> {
    let closed = |say: fn(&Words) -> &'static str, ancestors: &str| Closed {
        status: StatusCode::NOT_FOUND,
        ancestors: ancestors.to_owned(),
        say,
    };
    let unknown = || Ok(Err(closed(|words| words.unknown, "*")));
    let Ok(id) = id.parse::<SourceId>() else { return unknown() };
    let source = match app.offers.published_source(id).await {
        Ok(source) if source.kind == SourceKind::Form => source,
        Ok(_) => return unknown(),
        Err(Error::Problem(problem)) if problem.code.kind == Kind::NotFound => return unknown(),
        Err(error) => return Err(error),
    };
    let form = app.offers.form(id).await?;
    // The book knows also whether the publisher may send.
    let known = app.exchange.form_sender(id).await?;
    if source.state != SourceState::Active || !known.source.active {
        return Ok(Err(closed(|words| words.closed, &form.settings.frame_ancestors())));
    }
    let niche = app.niches.get(source.niche_id).await?;
    let version = app.niches.version(niche.current_version_id).await?;
    Ok(Ok(Open { source: id, form, niche, version }))
}

fn policy(ancestors: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    )
}

impl Open {
    fn consent(&self, lang: Lang) -> (String, i32) {
        let text = self.form.settings.consent_text(lang);
        (text_hash(text), self.form.consent_version)
    }

    fn policy(&self) -> String {
        policy(&self.form.settings.frame_ancestors())
    }

    /// The form with what was sent before.
    fn render(
        &self,
        app: &App,
        way: &Way,
        stamp: &Stamp,
        told: &Told<'_>,
        status: StatusCode,
    ) -> Result<Response> {
        let view = View {
            path: format!("/f/{}", self.source),
            niche: &self.niche.names,
            fields: self.version.fields(),
            settings: &self.form.settings,
            lang: way.lang,
            mode: way.mode,
            embedded: way.embedded,
            test: way.test,
            stamp: stamp.sign(&app.vault)?,
            values: told.values,
            errors: &told.errors,
            notice: told.notice,
        };
        Ok(page(status, form_page::form(&view), &self.policy()))
    }
}

/// What a form is shown with after it was sent.
struct Told<'a> {
    values: &'a BTreeMap<String, String>,
    errors: BTreeMap<String, String>,
    notice: Option<&'a str>,
}

fn refusal(way: &Way, closed: &Closed) -> Response {
    let text = (closed.say)(Words::of(way.lang));
    let html = form_page::message(way.lang, way.embedded, text);
    page(closed.status, html, &policy(&closed.ancestors))
}

/// A fault is logged and told as a page.
fn answered(result: Result<Response>, lang: Lang) -> Response {
    result.unwrap_or_else(|error| {
        let status = errors::status(&errors::answer(&error).code);
        let html = form_page::message(lang, true, Words::of(lang).fault);
        page(status, html, &policy("*"))
    })
}

async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(asked): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let way = Way::of(&asked, &headers);
    answered(shown(&app, &id, asked, &way).await, way.lang)
}

async fn shown(
    app: &App,
    id: &str,
    mut asked: BTreeMap<String, String>,
    way: &Way,
) -> Result<Response> {
    let open = match open(app, id).await? {
        Ok(open) => open,
        Err(closed) => return Ok(refusal(way, &closed)),
    };
    asked.retain(|name, _| CARRIED.contains(&name.as_str()));
    let stamp = Stamp::new(open.source, way.lang, open.consent(way.lang), app.clock.now());
    let told = Told { values: &asked, errors: BTreeMap::new(), notice: None };
    open.render(app, way, &stamp, &told, StatusCode::OK)
}

async fn take(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let is_form =
        headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).is_some_and(|kind| {
            kind.split(';').next().unwrap_or("").trim() == "application/x-www-form-urlencoded"
        });
    let bytes = axum::body::to_bytes(body, app.config.limits.body_bytes).await;
    let (Ok(bytes), true) = (bytes, is_form) else {
        let lang = Lang::choose(None, accept_language(&headers));
        let html = form_page::message(lang, true, Words::of(lang).stale);
        return page(StatusCode::BAD_REQUEST, html, &policy("*"));
    };
    let posted = Posted::read(&bytes, &headers, peer.ip());
    let way = Way::of(&posted.values, &headers);
    answered(taken(&app, &id, &posted, &way).await, way.lang)
}

async fn taken(app: &App, id: &str, posted: &Posted, way: &Way) -> Result<Response> {
    let open = match open(app, id).await? {
        Ok(open) => open,
        Err(closed) => return Ok(refusal(way, &closed)),
    };
    let words = Words::of(way.lang);
    let now = app.clock.now();
    let stamp = Stamp::read(&app.vault, posted.stamp(), open.source, now);
    let fresh = || match &stamp {
        Some(stamp) => stamp.again(open.consent(way.lang)),
        None => Stamp::new(open.source, way.lang, open.consent(way.lang), now),
    };
    let again = |status, notice| {
        let errors = BTreeMap::new();
        let told = Told { values: &posted.values, errors, notice: Some(notice) };
        open.render(app, way, &fresh(), &told, status)
    };
    let most = app.config.limits.form_posts_per_minute;
    let place = format!("form:{}:{}", open.source, posted.ip);
    if most > 0 && !app.hints.rate_limit(&place, most, 60).await {
        let mut response = again(StatusCode::TOO_MANY_REQUESTS, words.too_often)?;
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        return Ok(response);
    }
    let Some(stamp) = &stamp else { return again(StatusCode::UNPROCESSABLE_ENTITY, words.stale) };
    let sender = app.exchange.form_sender(open.source).await?;
    let sent = submission(posted, stamp, way.test, now);
    let admitted = source_limit::admit(app, &sender.source).await;
    let submitted = match admitted {
        Ok(()) => app.exchange.submit(SubmitRequest::new(sender, Channel::Form, sent)).await,
        Err(error) => Err(error),
    };
    match submitted {
        Ok(submitted) => verdict(app, &open, way, posted, stamp, &submitted.verdict),
        // The form was sent twice at once, or the answer takes long: the lead is being decided.
        Err(Error::Problem(problem)) if [IN_FLIGHT, STILL_DECIDED].contains(&problem.code) => {
            Ok(thanked(&open, way, None))
        }
        Err(Error::Problem(problem)) => {
            let (status, notice) = refused(&problem, words);
            again(status, notice)
        }
        Err(error) => {
            errors::answer(&error);
            again(StatusCode::INTERNAL_SERVER_ERROR, words.fault)
        }
    }
}

fn refused(problem: &Problem, words: &'static Words) -> (StatusCode, &'static str) {
    let notice = match problem.code {
        IDEMPOTENCY_MISMATCH => words.stale,
        RATE_LIMITED => words.too_often,
        _ if problem.code.kind == Kind::Unavailable => words.busy,
        _ => words.fault,
    };
    (errors::status(&problem.code), notice)
}

/// What the person is told of a verdict: what to correct, or thanks. Whether somebody bought the
/// lead is nothing for the person.
fn verdict(
    app: &App,
    open: &Open,
    way: &Way,
    posted: &Posted,
    stamp: &Stamp,
    verdict: &Verdict,
) -> Result<Response> {
    let first = verdict.reasons.first().map(|reason| reason.code.as_ref());
    if first == Some(SOURCE_NOT_ACTIVE.name) {
        let ancestors = open.form.settings.frame_ancestors();
        let say: fn(&Words) -> &'static str = |words| words.closed;
        return Ok(refusal(way, &Closed { status: StatusCode::NOT_FOUND, ancestors, say }));
    }
    let errors = match verdict.state {
        LeadState::Rejected => complaints(&verdict.reasons, way.lang),
        _ => BTreeMap::new(),
    };
    if errors.is_empty() {
        return Ok(thanked(open, way, Some(verdict)));
    }
    let notice = Words::of(way.lang).wrong;
    let told = Told { values: &posted.values, errors, notice: Some(notice) };
    let next = stamp.again(open.consent(way.lang));
    open.render(app, way, &next, &told, StatusCode::UNPROCESSABLE_ENTITY)
}

/// Sentences about inputs, by their names. A repeat is nothing that the person can correct.
fn complaints(reasons: &[Reason], lang: Lang) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for reason in reasons.iter().filter(|reason| !reason.code.starts_with(DUPLICATE.name)) {
        let Some(path) = &reason.path else { continue };
        let input = match path.strip_prefix("fields.") {
            Some(field) => format!("{FIELD}{field}"),
            None if path == "consent" => "consent".to_owned(),
            None => continue,
        };
        // The code's own sentence speaks of the person, not to it.
        let sentence = match input.as_str() {
            "consent" => Words::of(lang).agree,
            _ => words::of_code(&reason.code, lang).unwrap_or(&reason.message),
        };
        let sentence = sentence.to_owned();
        out.entry(input).or_insert(sentence);
    }
    out
}

fn thanked(open: &Open, way: &Way, verdict: Option<&Verdict>) -> Response {
    let settings = &open.form.settings;
    let winner = verdict.and_then(|verdict| verdict.redirect_url.as_deref());
    let shown = verdict.filter(|verdict| verdict.test);
    let view = Thanks {
        settings,
        lang: way.lang,
        embedded: way.embedded,
        lead: verdict.map(|verdict| verdict.lead_id.to_string()),
        redirect: winner.or(settings.redirect_url.as_deref()),
        test: shown.and_then(|verdict| serde_json::to_string_pretty(verdict).ok()),
    };
    page(StatusCode::OK, form_page::thanks(&view), &open.policy())
}
