//! What a resolver finds in its context, and how it asks for it.
//!
//! ```ignore
//! async fn offer(&self, ctx: &Context<'_>, id: ID) -> Result<Offer> {
//!     let actor = actor(ctx)?;                       // UNAUTHENTICATED for a stranger
//!     Ok(app(ctx)?.offers.get(&actor, parse_id(&id, "id")?).await?.into())
//! }
//! ```
//!
//! `?` works on whatever a service gives: `errors::finish` turns it into the public answer.

use async_graphql::Context;
use leadbourse_core::access::Actor;
use leadbourse_core::error as core;
use std::net::IpAddr;
use std::sync::Arc;

use crate::accounts::Known;
use crate::boot::App;
use crate::edge::session_layer;
use crate::platform::error::{Error, Result};

/// Who is asking; nobody when not signed in. In the context of every request.
#[derive(Clone, Default)]
pub struct Viewer(pub Option<Arc<Known>>);

/// Where the request came from.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The peer's address, for rate limits and allow-lists.
    pub ip: Option<IpAddr>,
    /// Whether a cookie may be set: only over HTTP.
    pub cookies: bool,
    /// Whether cookies must be `Secure`.
    pub secure: bool,
}

/// Every service of the exchange.
pub fn app<'c>(ctx: &Context<'c>) -> Result<&'c Arc<App>> {
    ctx.data::<Arc<App>>().map_err(|_| Error::broken("no application in the GraphQL context"))
}

/// The caller, or nobody.
pub fn caller<'c>(ctx: &Context<'c>) -> Option<&'c Arc<Known>> {
    ctx.data::<Viewer>().ok().and_then(|viewer| viewer.0.as_ref())
}

/// The acting member or key; `UNAUTHENTICATED` for a stranger.
pub fn actor(ctx: &Context<'_>) -> Result<Actor> {
    caller(ctx).map(|caller| caller.actor).ok_or_else(|| core::UNAUTHENTICATED.into())
}

/// Where the request came from.
pub fn client(ctx: &Context<'_>) -> Client {
    ctx.data::<Client>().cloned().unwrap_or_default()
}

/// Starts a session in the asking browser. Does nothing over a WebSocket, which cannot carry it.
pub fn set_session_cookie(ctx: &Context<'_>, token: &str, max_age_s: i64) {
    let client = client(ctx);
    if client.cookies {
        let value = session_layer::set_cookie(token, max_age_s, client.secure);
        ctx.append_http_header("set-cookie", value);
    }
}

/// Ends the session in the asking browser.
pub fn clear_session_cookie(ctx: &Context<'_>) {
    let client = client(ctx);
    if client.cookies {
        ctx.append_http_header("set-cookie", session_layer::clear_cookie(client.secure));
    }
}
