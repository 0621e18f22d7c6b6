//! How a hosted form looks: one document for browsers with and without scripts.

use leadbourse_core::lang::Lang;
use leadbourse_core::niche::annotations::{Field, FieldKind, Fields, ValueType};
use leadbourse_core::niche::policy::Localized;
use leadbourse_core::publish::form::{FormMode, FormSettings, PreferredTime, steps};
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::form_words::Words;
use super::html::{attr, document, esc};

/// Inputs of the niche's fields begin with this, so that they meet no name of ours.
pub const FIELD: &str = "f.";
/// The field that no person sees.
pub const TRAP: &str = "company_website";

const HEAD: &str = "<meta name=\"robots\" content=\"noindex\">\n\
     <link rel=\"stylesheet\" href=\"/f/assets/form.css\">\n\
     <script src=\"/f/assets/form.js\" defer></script>\n";

/// What a form is rendered with.
pub struct View<'a> {
    /// The form's address on this exchange, like `/f/src_…`.
    pub path: String,
    /// The niche's name.
    pub niche: &'a Localized,
    /// Its fields.
    pub fields: &'a Fields,
    /// What the publisher set.
    pub settings: &'a FormSettings,
    /// The language.
    pub lang: Lang,
    /// How it is put on a page.
    pub mode: FormMode,
    /// Whether it stands in a frame.
    pub embedded: bool,
    /// Whether what is sent is a test.
    pub test: bool,
    /// The signed stamp.
    pub stamp: String,
    /// What was sent before, by input.
    pub values: &'a BTreeMap<String, String>,
    /// Sentences about single inputs.
    pub errors: &'a BTreeMap<String, String>,
    /// A sentence about the whole form.
    pub notice: Option<&'a str>,
}

impl View<'_> {
    fn words(&self) -> &'static Words {
        Words::of(self.lang)
    }

    fn value(&self, input: &str) -> Option<&str> {
        self.values.get(input).map(String::as_str)
    }
}

/// A page around a body that says what it is to the embedding script.
fn framed(lang: Lang, title: &str, embedded: bool, body: &str) -> String {
    let class = if embedded { "embedded" } else { "alone" };
    document(lang.as_str(), title, HEAD, &format!("<main class=\"{class}\">\n{body}</main>\n"))
}

/// The form.
pub fn form(view: &View<'_>) -> String {
    let words = view.words();
    let own_title = match view.mode {
        FormMode::Callback => words.call_title,
        FormMode::Inline | FormMode::Popup => view.niche.text(view.lang),
    };
    let title = view.settings.title.or(view.lang, own_title);
    let mut out = String::with_capacity(16 * 1024);
    let _ = writeln!(out, "<h1>{}</h1>", esc(title));
    if view.test {
        let _ = writeln!(out, "<p class=\"test\">{}</p>", words.test);
    }
    if let Some(notice) = view.notice {
        let _ = writeln!(out, "<p class=\"notice\" role=\"alert\">{}</p>", esc(notice));
    }
    let _ = writeln!(
        out,
        "<form method=\"post\" action=\"{}\" data-next=\"{}\" data-back=\"{}\" data-step=\"{}\">",
        esc(&view.path),
        words.next,
        words.back,
        words.step
    );
    hidden(&mut out, view);
    let steps = steps(view.fields, view.settings, view.mode);
    let last = steps.len().saturating_sub(1);
    for (number, step) in steps.into_iter().enumerate() {
        out.push_str("<div class=\"step\">\n");
        for field in step {
            input(&mut out, view, field);
        }
        if number == last {
            ending(&mut out, view);
        }
        out.push_str("</div>\n");
    }
    out.push_str("</form>\n");
    framed(view.lang, title, view.embedded, &out)
}

fn hidden(out: &mut String, view: &View<'_>) {
    let mut add = |name: &str, value: &str| {
        let (name, value) = (esc(name), esc(value));
        let _ = writeln!(out, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
    };
    add("stamp", &view.stamp);
    add("mode", view.mode.as_str());
    add("lang", view.lang.as_str());
    if view.embedded {
        add("embed", "1");
    }
    if view.test {
        add("test", "1");
    }
    // The page around a frame tells these by a message, never by an address.
    add("page", view.value("page").unwrap_or_default());
    add("click_id", view.value("click_id").unwrap_or_default());
    for number in 1..=10 {
        let name = format!("sub{number}");
        add(&name, view.value(&name).unwrap_or_default());
    }
    let _ = writeln!(
        out,
        "<div class=\"trap\" aria-hidden=\"true\"><label>{}<input type=\"text\" name=\"{TRAP}\" \
         tabindex=\"-1\" autocomplete=\"off\"></label></div>",
        view.words().trap
    );
}

/// Consent, the time of a call, the button.
fn ending(out: &mut String, view: &View<'_>) {
    let words = view.words();
    if view.mode == FormMode::Callback {
        let chosen = view.value("preferred_time");
        let options = PreferredTime::ALL.iter().map(|time| (time.as_str(), words.time(*time)));
        let _ = write!(
            out,
            "<div class=\"field\"><label for=\"preferred_time\">{}</label>\
             <select id=\"preferred_time\" name=\"preferred_time\">",
            words.when
        );
        for (value, text) in options {
            option(out, value, text, chosen == Some(value));
        }
        out.push_str("</select></div>\n");
    }
    let ticked = if view.value("consent").is_some() { " checked" } else { "" };
    let error = view.errors.get("consent");
    let described = error.map(|_| "consent-error");
    let invalid = error.map(|_| "true");
    let _ = write!(
        out,
        "<div class=\"field consent\"><label><input type=\"checkbox\" name=\"consent\" value=\"on\" \
         required{ticked}{}{}> <span>{}</span></label>",
        attr("aria-describedby", described),
        attr("aria-invalid", invalid),
        esc(view.settings.consent_text(view.lang)),
    );
    if let Some(url) = &view.settings.policy_url {
        let _ = write!(
            out,
            " <a href=\"{}\" target=\"_blank\" rel=\"noopener\">{}</a>",
            esc(url),
            words.policy
        );
    }
    complaint(out, "consent", error);
    let button = view.settings.button.or(view.lang, words.button(view.mode));
    let _ = writeln!(
        out,
        "</div>\n<p class=\"actions\"><button type=\"submit\">{}</button></p>",
        esc(button)
    );
}

fn complaint(out: &mut String, id: &str, error: Option<&String>) {
    if let Some(error) = error {
        let _ = write!(out, "<p class=\"error\" id=\"{}-error\">{}</p>", esc(id), esc(error));
    }
}

fn option(out: &mut String, value: &str, text: &str, chosen: bool) {
    let chosen = if chosen { " selected" } else { "" };
    let _ = write!(out, "<option value=\"{}\"{chosen}>{}</option>", esc(value), esc(text));
}

/// One field with its label and its complaint.
fn input(out: &mut String, view: &View<'_>, field: &Field) {
    let words = view.words();
    let name = format!("{FIELD}{}", field.name);
    let id = format!("f-{}", field.name);
    let error = view.errors.get(&name);
    let must = if field.required {
        format!(" <span class=\"must\">{}</span>", words.required)
    } else {
        String::new()
    };
    let _ = write!(
        out,
        "<div class=\"field\"><label for=\"{id}\">{}{must}</label>",
        esc(field.label.text(view.lang))
    );
    let described = format!("{id}-error");
    let common = format!(
        " id=\"{id}\" name=\"{}\"{}{}{}",
        esc(&name),
        if field.required { " required" } else { "" },
        attr("aria-describedby", error.map(|_| described.as_str())),
        attr("aria-invalid", error.map(|_| "true")),
    );
    let value = view.value(&name);
    if !field.options.is_empty() || field.ty == ValueType::Boolean {
        choice(out, view, field, &common, value);
    } else if field.kind == Some(FieldKind::Comment) {
        let most = field.max_length.map(|most| most.to_string());
        let _ = write!(
            out,
            "<textarea{common} rows=\"3\"{}>{}</textarea>",
            attr("maxlength", most.as_deref()),
            esc(value.unwrap_or_default())
        );
    } else {
        let _ = write!(out, "<input{common}{}{}>", kind(field), attr("value", value));
    }
    complaint(out, &id, error);
    out.push_str("</div>\n");
}

fn choice(out: &mut String, view: &View<'_>, field: &Field, common: &str, value: Option<&str>) {
    let words = view.words();
    let _ = write!(out, "<select{common}>");
    option(out, "", words.choose, value.is_none());
    if field.ty == ValueType::Boolean {
        let [yes, no] = words.yes_no;
        option(out, "true", yes, value == Some("true"));
        option(out, "false", no, value == Some("false"));
    }
    for (option_value, label) in &field.options {
        let chosen = value == Some(option_value.as_str());
        option(out, option_value, label.text(view.lang), chosen);
    }
    out.push_str("</select>");
}

/// The type of an input, what may be typed, and what the browser may fill in.
fn kind(field: &Field) -> String {
    let number = |bound: &Option<serde_json::Number>| bound.as_ref().map(ToString::to_string);
    if matches!(field.ty, ValueType::Integer | ValueType::Number) {
        let step = if field.ty == ValueType::Integer { "1" } else { "any" };
        return format!(
            " type=\"number\" inputmode=\"decimal\" step=\"{step}\"{}{}",
            attr("min", number(&field.minimum).as_deref()),
            attr("max", number(&field.maximum).as_deref()),
        );
    }
    let (ty, complete) = match field.kind {
        Some(FieldKind::Phone) => ("tel", "tel"),
        Some(FieldKind::Email) => ("email", "email"),
        Some(FieldKind::Name) => ("text", "name"),
        Some(FieldKind::City) => ("text", "address-level2"),
        Some(FieldKind::PostalCode) => ("text", "postal-code"),
        Some(FieldKind::Address) => ("text", "street-address"),
        Some(FieldKind::Country) => ("text", "country"),
        Some(FieldKind::Date) => ("date", "off"),
        _ => ("text", "off"),
    };
    let most = field.max_length.map(|most| most.to_string());
    format!(" type=\"{ty}\" autocomplete=\"{complete}\"{}", attr("maxlength", most.as_deref()))
}

/// What is shown after a form was taken.
pub struct Thanks<'a> {
    /// What the publisher set.
    pub settings: &'a FormSettings,
    /// The language.
    pub lang: Lang,
    /// Whether it stands in a frame.
    pub embedded: bool,
    /// The lead's id, for the page around the frame.
    pub lead: Option<String>,
    /// Where the browser goes now: the winner's page, else the publisher's.
    pub redirect: Option<&'a str>,
    /// The answer to a test, as it is sent to machines.
    pub test: Option<String>,
}

/// The page after a form was taken. Alone, the browser goes on by itself; in a frame the page
/// around it is told to.
pub fn thanks(view: &Thanks<'_>) -> String {
    let words = Words::of(view.lang);
    let text = view.settings.thanks.or(view.lang, words.thanks);
    let mut out = String::new();
    let _ = write!(
        out,
        "<div class=\"done\" id=\"done\"{}{}>\n<p role=\"status\">{}</p>\n",
        attr("data-lead", view.lead.as_deref()),
        attr("data-redirect", view.redirect),
        esc(text)
    );
    if let Some(url) = &view.settings.file_url {
        let _ = writeln!(
            out,
            "<p><a class=\"file\" href=\"{}\" target=\"_blank\" rel=\"noopener\">{}</a></p>",
            esc(url),
            words.file
        );
    }
    if let Some(url) = view.redirect {
        let _ = writeln!(
            out,
            "<p><a href=\"{}\" target=\"_top\" rel=\"noopener\">{}</a></p>",
            esc(url),
            words.go_on
        );
    }
    if let Some(test) = &view.test {
        let _ = writeln!(
            out,
            "<h2>{}</h2>\n<pre tabindex=\"0\">{}</pre>",
            words.test_answer,
            esc(test)
        );
    }
    out.push_str("</div>\n");
    let class = if view.embedded { "embedded" } else { "alone" };
    let mut head = HEAD.to_owned();
    if let (Some(url), false, None) = (view.redirect, view.embedded, &view.test) {
        let _ = writeln!(head, "<meta http-equiv=\"refresh\" content=\"2; url={}\">", esc(url));
    }
    let body = format!("<main class=\"{class}\">\n{out}</main>\n");
    document(view.lang.as_str(), text, &head, &body)
}

/// A page that says why there is no form.
pub fn message(lang: Lang, embedded: bool, text: &str) -> String {
    let words = Words::of(lang);
    let body = format!(
        "<h1>{}</h1>\n<p class=\"notice\" role=\"status\">{}</p>\n",
        words.no_form,
        esc(text)
    );
    framed(lang, words.no_form, embedded, &body)
}
