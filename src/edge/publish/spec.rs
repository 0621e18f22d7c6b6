//! The posting specification of a source: `/spec/{source}` for people, `/v1/spec/{source}` for
//! machines. Whoever knows the source's id may read it; it holds no secret.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use leadbourse_core::error::NOT_FOUND;
use leadbourse_core::ids::SourceId;
use leadbourse_core::lang::Lang;
use leadbourse_core::offer::source::SourceState;
use leadbourse_core::publish::spec::{About, Spec, spec};
use serde::Deserialize;
use std::fmt::Write as _;
use std::sync::Arc;
use utoipa::OpenApi;

use super::html::{document, esc};
use super::{accept_language, asset, origin, page};
use crate::boot::App;
use crate::edge::rest::problem::ApiError;
use crate::offers::Source;
use crate::platform::error::Result;

/// Its own style sheet, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// What may be asked.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// `en` or `ru`.
    pub lang: Option<String>,
}

/// The routes.
pub fn routes(app: Arc<App>) -> Router {
    let style = || async { asset("text/css; charset=utf-8", include_str!("assets/spec.css")) };
    Router::new()
        .route("/spec/assets/spec.css", get(style))
        .route("/spec/{source}", get(shown))
        .route("/v1/spec/{source}", get(machine))
        .with_state(app)
}

/// Describes the routes of this file.
pub fn describe() -> utoipa::openapi::OpenApi {
    Described::openapi()
}

#[derive(OpenApi)]
#[openapi(paths(machine))]
struct Described;

/// The specification of a source that exists and was not refused.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn of_source(app: &App, source: &Source, lang: Lang, origin: &str) -> Result<Spec> {
    let niche = app.niches.get(source.niche_id).await?;
    let version = app.niches.version(niche.current_version_id).await?;
    let about = About {
        source: source.id,
        active: source.state == SourceState::Active,
        slug: &niche.slug,
        niche: &niche.names,
        version: version.version,
        currency: niche.currency,
        origin,
    };
    Ok(spec(&about, &version.schema, &version.policy, lang))
}

async fn read(app: &App, id: &str, asked: &Asked, headers: &HeaderMap) -> Result<Spec> {
    let id: SourceId = id.parse().map_err(|_| NOT_FOUND)?;
    let source = app.offers.published_source(id).await?;
    let lang = Lang::choose(asked.lang.as_deref(), accept_language(headers));
    of_source(app, &source, lang, &origin(app, headers)).await
}

/// The posting specification of a source.
#[utoipa::path(
    get, path = "/v1/spec/{source}", tag = "intake",
    params(
        ("source" = String, Path, description = "The source's id"),
        ("lang" = Option<String>, Query, description = "`en` or `ru`; else as Accept-Language wishes"),
    ),
    responses(
        (status = 200, description = "Fields, codes, test values and samples", body = Object),
        (status = 404, description = "No such source", body = crate::edge::rest::problem::ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn machine(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> std::result::Result<Response, ApiError> {
    let spec = read(&app, &id, &asked, &headers).await?;
    let vary = [(header::VARY, HeaderValue::from_static("Accept-Language"))];
    Ok((vary, Json(spec)).into_response())
}

async fn shown(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> std::result::Result<Response, ApiError> {
    let spec = read(&app, &id, &asked, &headers).await?;
    Ok(page(StatusCode::OK, render(&spec), POLICY))
}

/// The words of the page.
struct Words {
    title: &'static str,
    inactive: &'static str,
    where_to: &'static str,
    version: &'static str,
    fields: &'static str,
    field_head: [&'static str; 7],
    yes: &'static str,
    all_values: &'static str,
    consent: &'static str,
    beside: &'static str,
    beside_head: [&'static str; 2],
    answer: &'static str,
    code_head: [&'static str; 2],
    reasons: &'static str,
    statuses: &'static str,
    test: &'static str,
    test_text: &'static str,
    test_head: [&'static str; 4],
    samples: &'static str,
    samples_text: &'static str,
    other: (&'static str, &'static str),
}

const EN: Words = Words {
    title: "Posting specification",
    inactive: "The source does not take leads at the moment. Test leads with the values below are answered all the same.",
    where_to: "Where to send",
    version: "Version of the fields",
    fields: "Fields",
    field_head: ["Name", "Meaning", "Type", "Format", "Required", "Ping", "Example"],
    yes: "yes",
    all_values: "All values",
    consent: "A lead without the person's consent is refused.",
    beside: "Beside the fields",
    beside_head: ["Name", "Format"],
    answer: "The answer",
    code_head: ["Code", "Meaning"],
    reasons: "Codes of reasons",
    statuses: "HTTP statuses",
    test: "Test leads",
    test_text: "A lead with \"test\": true goes through the same checks and gets the same kind of answer, marked \"test\": true. Nobody buys it, and it is counted nowhere. These values ask for an answer; the telephone number goes before the e-mail address:",
    test_head: ["Gives", "Telephone number", "E-mail address", "verdict"],
    samples: "Samples",
    samples_text: "They send a test lead that is SOLD. Put the posting key of the source in the place of YOUR_POSTING_KEY.",
    other: ("ru", "По-русски"),
};

const RU: Words = Words {
    title: "Спецификация приёма",
    inactive: "Источник сейчас не принимает лиды. На тестовые лиды со значениями ниже ответ всё равно будет.",
    where_to: "Куда отправлять",
    version: "Версия полей",
    fields: "Поля",
    field_head: ["Имя", "Смысл", "Тип", "Формат", "Обязательно", "Пинг", "Пример"],
    yes: "да",
    all_values: "Все значения",
    consent: "Лид без согласия человека отклоняется.",
    beside: "Рядом с полями",
    beside_head: ["Имя", "Формат"],
    answer: "Ответ",
    code_head: ["Код", "Смысл"],
    reasons: "Коды причин",
    statuses: "Статусы HTTP",
    test: "Тестовые лиды",
    test_text: "Лид с \"test\": true проходит те же проверки и получает такой же ответ с пометкой \"test\": true. Его никто не покупает, и он нигде не считается. Эти значения задают ответ; номер телефона важнее адреса почты:",
    test_head: ["Ответ", "Номер телефона", "Адрес почты", "verdict"],
    samples: "Примеры",
    samples_text: "Они отправляют тестовый лид, который будет SOLD. Поставьте ключ источника на место YOUR_POSTING_KEY.",
    other: ("en", "In English"),
};

fn table(out: &mut String, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    out.push_str("<div class=\"wide\" tabindex=\"0\"><table><thead><tr>");
    for cell in head {
        let _ = write!(out, "<th scope=\"col\">{}</th>", esc(cell));
    }
    out.push_str("</tr></thead><tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for cell in row {
            let _ = write!(out, "<td>{cell}</td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", esc(text))
}

fn render(spec: &Spec) -> String {
    let words = match spec.language {
        Lang::En => &EN,
        Lang::Ru => &RU,
    };
    let mut out = String::with_capacity(32 * 1024);
    let (other, name) = words.other;
    let title = format!("{}: {}", words.title, spec.niche_name);
    let _ = write!(
        out,
        "<main>\n<p class=\"lang\"><a href=\"?lang={other}\" lang=\"{other}\" hreflang=\"{other}\">{name}</a></p>\n\
         <h1>{}</h1>\n<p>{}</p>\n",
        esc(&title),
        code(&spec.source.to_string()),
    );
    if !spec.active {
        let _ = writeln!(out, "<p class=\"note\">{}</p>", words.inactive);
    }
    let _ = write!(
        out,
        "<h2>{}</h2>\n<pre tabindex=\"0\">{} {}\n{}\nContent-Type: {}</pre>\n<p>{}: {}</p>\n",
        words.where_to,
        spec.method,
        esc(&spec.url),
        esc(&spec.authorization),
        spec.content_types.join(" | "),
        words.version,
        spec.version,
    );
    fields(&mut out, spec, words);
    answers(&mut out, spec, words);
    let _ = writeln!(out, "<h2>{}</h2>\n<p>{}</p>", words.samples, words.samples_text);
    for sample in &spec.samples {
        let _ = writeln!(
            out,
            "<h3>{}</h3>\n<pre id=\"sample-{}\" tabindex=\"0\">{}</pre>",
            sample.title,
            sample.language,
            esc(&sample.code)
        );
    }
    out.push_str("</main>\n");
    let head = "<link rel=\"stylesheet\" href=\"/spec/assets/spec.css\">\n\
                <meta name=\"robots\" content=\"noindex\">\n";
    document(spec.language.as_str(), &title, head, &out)
}

fn fields(out: &mut String, spec: &Spec, words: &Words) {
    let _ = writeln!(out, "<h2>{}</h2>", words.fields);
    let mark = |on: bool| if on { words.yes.to_owned() } else { String::new() };
    let rows = spec.fields.iter().map(|field| {
        let mut label = esc(&field.label);
        if !field.values.is_empty() {
            let _ = write!(label, "<details><summary>{}</summary><ul>", words.all_values);
            for value in &field.values {
                let _ = write!(label, "<li>{} {}</li>", code(&value.value), esc(&value.label));
            }
            label.push_str("</ul></details>");
        }
        vec![
            code(&field.name),
            label,
            field.ty.as_str().to_owned(),
            esc(&field.format),
            mark(field.required),
            mark(field.ping),
            code(&field.example.to_string()),
        ]
    });
    table(out, &words.field_head, rows);
    if spec.consent_required {
        let _ = writeln!(out, "<p>{}</p>", words.consent);
    }
    let _ = writeln!(out, "<h2>{}</h2>", words.beside);
    let rows = spec.envelope.iter().map(|part| vec![code(part.name), esc(&part.format)]);
    table(out, &words.beside_head, rows);
}

fn answers(out: &mut String, spec: &Spec, words: &Words) {
    let _ = writeln!(out, "<h2>{}</h2>", words.answer);
    let codes = |list: &[leadbourse_core::publish::spec::SpecCode]| {
        list.iter().map(|one| vec![code(one.code), esc(&one.meaning)]).collect::<Vec<_>>()
    };
    table(out, &words.code_head, codes(&spec.verdicts).into_iter());
    let _ = writeln!(out, "<details><summary>{}</summary>", words.reasons);
    table(out, &words.code_head, codes(&spec.reasons).into_iter());
    out.push_str("</details>\n");
    let _ = writeln!(out, "<details><summary>{}</summary>", words.statuses);
    let statuses = spec.statuses.iter().map(|one| vec![one.status.to_string(), esc(&one.meaning)]);
    table(out, &words.code_head, statuses);
    out.push_str("</details>\n");
    let _ = writeln!(out, "<h2>{}</h2>\n<p>{}</p>", words.test, esc(words.test_text));
    let magic = spec.magic.iter().map(|one| {
        vec![
            code(one.gives.as_str()),
            one.phones.map(code).join(", "),
            code(one.email),
            code(one.verdict),
        ]
    });
    table(out, &words.test_head, magic);
}
