//! `/graphql`: one path for HTTP and WebSocket.

use async_graphql::Executor;
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::HeaderValue;
use axum::response::Response;
use axum::routing::any;
use std::net::SocketAddr;
use std::sync::Arc;

use super::gate::Gate;
use super::{http, ws};
use crate::edge::errors;
use crate::edge::rest::problem;
use crate::edge::session_layer::{self, Credentials};

/// The routes of the GraphQL surface.
pub fn routes<E: Executor>(gate: Arc<Gate<E>>) -> Router {
    Router::new().route("/graphql", any(endpoint::<E>)).with_state(gate)
}

async fn endpoint<E: Executor>(State(gate): State<Arc<Gate<E>>>, request: Request) -> Response {
    let ip = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(peer)| peer.ip().to_canonical());
    let (mut parts, body) = request.into_parts();
    if let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        if !session_layer::origin_is_ours(&parts.headers, gate.public_url.as_deref()) {
            return problem::respond(&errors::ORIGIN_REFUSED.into());
        }
        let limit = gate.body_bytes;
        let mut upgrade = upgrade.max_message_size(limit).max_frame_size(limit);
        let offered =
            upgrade.requested_protocols().any(|name| name.as_bytes() == ws::PROTOCOL.as_bytes());
        if !offered {
            return upgrade.on_upgrade(ws::refuse_protocol);
        }
        upgrade.set_selected_protocol(HeaderValue::from_static(ws::PROTOCOL));
        let credentials = Credentials::from_headers(&parts.headers);
        return upgrade.on_upgrade(move |socket| ws::serve(gate, socket, credentials, ip));
    }
    let incoming = http::Incoming {
        method: parts.method,
        query: parts.uri.query().map(ToOwned::to_owned),
        headers: parts.headers,
        body,
        ip,
    };
    http::answer(&gate, incoming).await
}
