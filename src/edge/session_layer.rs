//! Who is asking: credentials out of a request, and the checks that keep browsers honest.
//!
//! A browser has a session cookie; its mutations also need the session's CSRF token in
//! `X-CSRF-Token`, and its `Origin` must be ours. A machine has a key in
//! `Authorization: Bearer`. The organization acted for is named by `X-Organization`; without it
//! the first membership counts.

use async_trait::async_trait;
use axum::http::{HeaderMap, HeaderValue, header};
use leadbourse_core::access::Principal;
use leadbourse_core::error::{self as core, Problem};
use leadbourse_core::ids::OrganizationId;
use std::net::IpAddr;
use subtle::ConstantTimeEq;

use crate::accounts::{Known, KnownBy};
use crate::boot::App;
use crate::edge::errors;
use crate::platform::error::Result;

/// The session cookie's name.
pub const COOKIE: &str = "leadbourse_session";
/// The header that carries the CSRF token of a cookie session.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// The header that names the organization acted for.
pub const ORGANIZATION_HEADER: &str = "x-organization";

/// What a request shows of its sender. Secrets inside: it has no `Debug`.
#[derive(Clone, Default)]
pub struct Credentials {
    /// The session cookie's value.
    pub session: Option<String>,
    /// The key of `Authorization: Bearer`; it wins over a cookie.
    pub bearer: Option<String>,
    /// The organization asked for, as sent.
    pub organization: Option<String>,
}

impl Credentials {
    /// Reads cookie, bearer key and organization out of the headers.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
        Self {
            session: cookie(headers, COOKIE),
            bearer: text("authorization").and_then(bearer),
            organization: text(ORGANIZATION_HEADER)
                .map(str::trim)
                .filter(|value| !value.is_empty())
                .map(ToOwned::to_owned),
        }
    }

    /// The organization asked for.
    ///
    /// # Errors
    /// `BAD_ID` when the header holds no organization's id.
    pub fn organization(&self) -> Result<Option<OrganizationId>, Problem> {
        let parse = |text: &String| {
            let bad = |_| Problem::new(core::BAD_ID).field("X-Organization");
            text.parse().map_err(bad)
        };
        self.organization.as_ref().map(parse).transpose()
    }

    /// Whether only a cookie speaks for the sender: then the CSRF rules apply.
    pub fn by_cookie(&self) -> bool {
        self.bearer.is_none() && self.session.is_some()
    }
}

/// The token of an `Authorization` value, when its scheme is `Bearer`.
pub fn bearer(value: &str) -> Option<String> {
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
}

/// The value of the named cookie.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

/// The `Set-Cookie` value that starts a session: not readable by scripts, never sent cross-site.
pub fn set_cookie(token: &str, max_age_s: i64, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}")
}

/// The `Set-Cookie` value that ends a session in the browser.
pub fn clear_cookie(secure: bool) -> String {
    set_cookie("", 0, secure)
}

/// Refuses a mutation of a cookie session that does not repeat the session's token.
///
/// # Errors
/// `CSRF_FAILED`.
pub fn check_csrf(caller: &Known, headers: &HeaderMap) -> Result<(), Problem> {
    let KnownBy::Session { csrf_token, .. } = &caller.by else { return Ok(()) };
    let sent = headers.get(CSRF_HEADER).map(HeaderValue::as_bytes).unwrap_or_default();
    if bool::from(sent.ct_eq(csrf_token.as_bytes())) && !csrf_token.is_empty() {
        Ok(())
    } else {
        Err(errors::CSRF_FAILED.into())
    }
}

/// Recognises callers. The composition root implements it over the accounts slice.
#[async_trait]
pub trait Authenticator: Send + Sync + 'static {
    /// `None` for a stranger (no credentials, or a session that has ended); an error for a key
    /// that is wrong and for an organization that the caller is no member of.
    async fn caller(&self, credentials: &Credentials, ip: Option<IpAddr>) -> Result<Option<Known>>;

    /// Counts one request; `RATE_LIMITED` when its sender has made too many in this minute.
    async fn admit(&self, caller: Option<&Known>, ip: Option<IpAddr>) -> Result<(), Problem>;
}

#[async_trait]
impl Authenticator for App {
    async fn caller(&self, credentials: &Credentials, ip: Option<IpAddr>) -> Result<Option<Known>> {
        if let Some(key) = &credentials.bearer {
            let known = self.accounts.by_key(key, ip).await?;
            // A key acts for its own organization; naming another one is a mistake.
            return match credentials.organization()? {
                Some(other) if other != known.actor.org => Err(core::NOT_FOUND.into()),
                _ => Ok(Some(known)),
            };
        }
        match &credentials.session {
            Some(token) => self.accounts.by_session(token, credentials.organization()?).await,
            None => Ok(None),
        }
    }

    async fn admit(&self, caller: Option<&Known>, ip: Option<IpAddr>) -> Result<(), Problem> {
        let limits = &self.config.limits;
        let (limit, who) = match (caller.map(|known| known.actor.principal), ip) {
            (Some(Principal::User(user)), _) => (limits.requests_per_minute, user.to_string()),
            (Some(Principal::ApiKey(key)), _) => (limits.requests_per_minute, key.to_string()),
            (None, Some(ip)) => {
                (limits.anonymous_requests_per_minute, ip.to_canonical().to_string())
            }
            // Postback addresses have a limit of their own.
            (Some(Principal::System | Principal::Postback(_)), _) | (None, None) => return Ok(()),
        };
        if limit == 0 || self.hints.rate_limit(&format!("requests:{who}"), limit, 60).await {
            Ok(())
        } else {
            Err(core::RATE_LIMITED.into())
        }
    }
}

/// Whether a browser's `Origin` is ours: the host that was asked, or the configured public URL.
/// Without the header (not a browser, or a same-origin GET) there is nothing to refuse.
pub fn origin_is_ours(headers: &HeaderMap, public_url: Option<&str>) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let Ok(origin) = url::Url::parse(origin) else { return false };
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    if host.is_some_and(|host| authority(&origin).eq_ignore_ascii_case(host)) {
        return true;
    }
    public_url
        .and_then(|text| url::Url::parse(text).ok())
        .is_some_and(|ours| ours.origin().is_tuple() && ours.origin() == origin.origin())
}

/// Host and, when not the scheme's default, port.
fn authority(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (k.parse().unwrap(), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn credentials_come_from_cookie_and_bearer() {
        let found = Credentials::from_headers(&headers(&[
            ("cookie", "theme=dark; leadbourse_session=abc"),
            ("x-organization", " org_1 "),
        ]));
        assert_eq!(found.session.as_deref(), Some("abc"));
        assert!(found.by_cookie());
        assert_eq!(found.organization.as_deref(), Some("org_1"));
        let found = Credentials::from_headers(&headers(&[("authorization", "bearer k1")]));
        assert_eq!(found.bearer.as_deref(), Some("k1"));
        assert!(!found.by_cookie());
        assert!(bearer("Basic abc").is_none());
    }

    #[test]
    fn only_our_origin_passes() {
        let ours = [("host", "a.example:8080"), ("origin", "http://a.example:8080")];
        assert!(origin_is_ours(&headers(&ours), None));
        assert!(origin_is_ours(&headers(&[("host", "a.example")]), None));
        let other = headers(&[("host", "a.example"), ("origin", "https://evil.example")]);
        assert!(!origin_is_ours(&other, None));
        assert!(!origin_is_ours(&headers(&[("host", "a"), ("origin", "null")]), None));
        let behind_proxy = headers(&[("host", "10.0.0.1"), ("origin", "https://bourse.example")]);
        assert!(origin_is_ours(&behind_proxy, Some("https://bourse.example/")));
    }
}
