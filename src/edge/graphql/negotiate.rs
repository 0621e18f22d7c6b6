//! Media types: what the client sends, and what it accepts.

use axum::http::{HeaderMap, header};

/// How a response is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status says whether the document ran.
    Response,
    /// `application/json`, for older clients: 200 whenever the request was well formed.
    Json,
}

impl Media {
    /// The value of `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Response => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// Chooses by `Accept`: the highest weight wins, then the order. A wildcard means
/// `application/json`. `None` when nothing that we can write is accepted.
pub fn accepted(headers: &HeaderMap) -> Option<Media> {
    let mut best: Option<(Media, u16)> = None;
    let mut any = false;
    for value in headers.get_all(header::ACCEPT) {
        let Ok(value) = value.to_str() else { continue };
        for range in value.split(',') {
            any = any || !range.trim().is_empty();
            let Some((media, weight)) = range_of(range) else { continue };
            if weight > 0 && best.is_none_or(|(_, held)| weight > held) {
                best = Some((media, weight));
            }
        }
    }
    if any { best.map(|(media, _)| media) } else { Some(Media::Json) }
}

/// One media range with its weight in thousandths.
fn range_of(range: &str) -> Option<(Media, u16)> {
    let mut parts = range.split(';').map(str::trim);
    let media = match parts.next()?.to_ascii_lowercase().as_str() {
        "application/graphql-response+json" => Media::Response,
        "application/json" | "application/*" | "*/*" => Media::Json,
        _ => return None,
    };
    let mut weight = 1_000;
    for part in parts {
        let Some((name, value)) = part.split_once('=') else { continue };
        match name.trim().to_ascii_lowercase().as_str() {
            "q" => weight = thousandths(value.trim()).unwrap_or(0),
            "charset" if !is_utf8(value) => return None,
            _ => {}
        }
    }
    Some((media, weight))
}

/// `0.85` as 850, without floats.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let whole: u16 = whole.parse().ok()?;
    let part: u16 =
        if part.is_empty() { 0 } else { format!("{part:0<3}").get(..3)?.parse().ok()? };
    Some((whole.min(1) * 1_000 + part).min(1_000))
}

/// Whether the body is JSON in UTF-8, as POST must send it.
pub fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()) else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    let json = parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    json && parts.all(|part| match part.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => is_utf8(value),
        _ => true,
    })
}

fn is_utf8(charset: &str) -> bool {
    let charset = charset.trim().trim_matches('"');
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use axum::http::HeaderValue;

    fn accept(value: &'static str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(value));
        accepted(&headers)
    }

    #[test]
    fn the_heaviest_type_that_we_write_wins() {
        assert_eq!(accepted(&HeaderMap::new()), Some(Media::Json));
        assert_eq!(accept("*/*"), Some(Media::Json));
        assert_eq!(accept("application/graphql-response+json"), Some(Media::Response));
        let usual = "application/graphql-response+json, application/json;q=0.9";
        assert_eq!(accept(usual), Some(Media::Response));
        let reversed = "application/json;q=0.5, application/graphql-response+json;q=0.75";
        assert_eq!(accept(reversed), Some(Media::Response));
        assert_eq!(accept("text/html"), None);
        assert_eq!(accept("application/json;q=0"), None);
    }

    #[test]
    fn only_json_in_utf8_is_read() {
        let sends = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(value));
            is_json(&headers)
        };
        assert!(sends("application/json") && sends("application/json; charset=UTF-8"));
        assert!(!sends("application/json; charset=latin1") && !sends("text/plain"));
        assert!(!is_json(&HeaderMap::new()));
    }
}
