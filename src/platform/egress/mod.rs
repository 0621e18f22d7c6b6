//! The one door for outgoing HTTP.
//!
//! It resolves names itself and connects only to what it resolved, so that a name can't point to
//! a public address when it is checked and to a private one when it is called. Private,
//! link-local and other special addresses are refused unless the configuration lists them; plain
//! HTTP is spoken only to listed addresses. No proxy, no redirects, capped in size and time.

mod address;

use bytes::Bytes;
use http::{HeaderMap, Method};
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::{Host, Url};

use crate::platform::config::EgressConfig;
use crate::platform::error::{Context, Result};

pub use address::is_public;

/// The answer of the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// The first bytes of the body, up to the cap.
    pub body: Bytes,
    /// How long it took.
    pub took: Duration,
}

/// Why there is no answer. The texts name no path, query or credential of the URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// The URL can't be called.
    #[error("the address is not usable: {0}")]
    BadUrl(&'static str),
    /// The address is private or special, and not on the list.
    #[error("the address is private or special and not allowed here")]
    Refused,
    /// The name has no address.
    #[error("the host name was not found")]
    NotFound,
    /// No answer in time; the other side may have acted.
    #[error("no answer in time")]
    Timeout,
    /// No connection.
    #[error("no connection: {0}")]
    Connect(String),
    /// The exchange broke off; the other side may have acted.
    #[error("the exchange broke off: {0}")]
    Broken(String),
}

/// Sends requests out. Cheap to clone.
#[derive(Clone)]
pub struct Egress {
    /// For https: public and listed addresses.
    secure: reqwest::Client,
    /// For plain http: listed addresses only.
    plain: reqwest::Client,
    allow: Arc<[IpNet]>,
    cap: usize,
}

impl std::fmt::Debug for Egress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Egress(allow {:?})", self.allow)
    }
}

impl Egress {
    /// From the configuration.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new(config: &EgressConfig) -> Result<Self> {
        let allow: Arc<[IpNet]> = config.allow.clone().into();
        Ok(Self {
            secure: client(config, Guard { allow: allow.clone(), public: true })?,
            plain: client(config, Guard { allow: allow.clone(), public: false })?,
            allow,
            cap: config.max_response_bytes,
        })
    }

    /// Checks a URL as far as that goes without resolving: for the moment when somebody enters it.
    ///
    /// # Errors
    /// `BadUrl` or `Refused`.
    pub fn check(&self, url: &str) -> std::result::Result<Url, EgressError> {
        let url = Url::parse(url).map_err(|_| EgressError::BadUrl("it does not parse"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(EgressError::BadUrl("it is neither https nor http"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EgressError::BadUrl("it carries a user name or password"));
        }
        let secure = url.scheme() == "https";
        match url.host() {
            None => Err(EgressError::BadUrl("it has no host")),
            Some(Host::Domain("")) => Err(EgressError::BadUrl("no host")),
            Some(Host::Domain(_)) if !secure && self.allow.is_empty() => {
                Err(EgressError::BadUrl("it is plain http"))
            }
            Some(Host::Domain(_)) => Ok(url),
            Some(Host::Ipv4(ip)) => self.check_ip(IpAddr::V4(ip), secure).map(|()| url),
            Some(Host::Ipv6(ip)) => self.check_ip(IpAddr::V6(ip), secure).map(|()| url),
        }
    }

    fn check_ip(&self, ip: IpAddr, public: bool) -> std::result::Result<(), EgressError> {
        let guard = Guard { allow: self.allow.clone(), public };
        if guard.lets(ip) { Ok(()) } else { Err(EgressError::Refused) }
    }

    /// Posts a body; `headers` are sent as they are.
    ///
    /// # Errors
    /// See [`EgressError`]; a status of any kind is an answer, not an error.
    pub async fn post(
        &self,
        url: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> std::result::Result<Response, EgressError> {
        self.send(Method::POST, url, headers, body).await
    }

    /// As [`Egress::post`], by any method.
    ///
    /// # Errors
    /// See [`EgressError`].
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> std::result::Result<Response, EgressError> {
        let url = self.check(url)?;
        let client = if url.scheme() == "https" { &self.secure } else { &self.plain };
        let started = Instant::now();
        let sent = client.request(method, url).headers(headers).body(body).send().await;
        let mut answer = sent.map_err(explain)?;
        let status = answer.status().as_u16();
        let mut kept = Vec::new();
        while kept.len() < self.cap {
            match answer.chunk().await.map_err(explain)? {
                Some(chunk) => kept.extend(chunk.iter().take(self.cap - kept.len())),
                None => break,
            }
        }
        Ok(Response { status, body: kept.into(), took: started.elapsed() })
    }
}

#[allow(clippy::disallowed_methods, reason = "the one door to HTTP clients")]
fn client(config: &EgressConfig, guard: Guard) -> Result<reqwest::Client> {
    reqwest::Client::builder()
        .dns_resolver(Arc::new(guard))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(Duration::from_millis(config.connect_timeout_ms))
        .timeout(Duration::from_millis(config.timeout_ms))
        .pool_max_idle_per_host(8)
        .user_agent(concat!("leadbourse/", env!("CARGO_PKG_VERSION")))
        .build()
        .context("setting up outgoing HTTP")
}

/// Finds the cause in the chain of a client error.
fn explain(error: reqwest::Error) -> EgressError {
    use std::error::Error as _;
    let error = error.without_url();
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(own) = inner.downcast_ref::<EgressError>() {
            return own.clone();
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        return EgressError::Timeout;
    }
    let deepest = deepest(&error);
    if error.is_connect() { EgressError::Connect(deepest) } else { EgressError::Broken(deepest) }
}

fn deepest(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(inner) = deepest.source() {
        deepest = inner;
    }
    deepest.to_string()
}

/// Resolves names and drops what may not be called.
#[derive(Clone)]
struct Guard {
    allow: Arc<[IpNet]>,
    /// Whether public addresses may be called without being listed.
    public: bool,
}

impl Guard {
    fn lets(&self, ip: IpAddr) -> bool {
        // An IPv4 address in IPv6 clothes is judged as what it is.
        let ip = ip.to_canonical();
        self.allow.iter().any(|net| net.contains(&ip)) || (self.public && is_public(ip))
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let found = found.map_err(|_| EgressError::NotFound)?;
            let (mut any, mut let_through) = (false, Vec::<SocketAddr>::new());
            for address in found {
                any = true;
                if guard.lets(address.ip()) {
                    let_through.push(address);
                }
            }
            if let_through.is_empty() {
                let why = if any { EgressError::Refused } else { EgressError::NotFound };
                return Err(Box::new(why) as Box<dyn std::error::Error + Send + Sync>);
            }
            Ok(Box::new(let_through.into_iter()) as Addrs)
        })
    }
}
