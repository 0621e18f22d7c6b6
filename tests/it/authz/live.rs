//! A row of the matrix for a subscription: everybody listens, one lead is sold, who is told?

use futures::future::join_all;
use serde_json::json;
use std::net::SocketAddr;
use std::time::Duration;

use super::cast::Cast;
use super::fields::Field;
use super::member::Member;
use super::verdict;
use crate::ws::{Socket, hear, open, say, subscribe};

/// How long somebody who is told nothing is listened to.
const SILENCE: Duration = Duration::from_secs(2);

async fn listening(member: &Member, address: SocketAddr, field: &Field) -> Socket {
    let mut headers = Vec::new();
    if let Some(cookie) = &member.cookie {
        headers.push(("cookie", cookie.as_str()));
    }
    let mut socket = open(address, Some("graphql-transport-ws"), &headers).await;
    say(&mut socket, json!({"type": "connection_init", "payload": {}})).await;
    assert_eq!(hear(&mut socket).await["type"], "connection_ack");
    say(&mut socket, subscribe("s", &field.document)).await;
    socket
}

/// What each member hears of a sale, in the order of the members: `none` is silence.
pub async fn heard(cast: &Cast, field: &Field) -> Vec<&'static str> {
    let address = cast.market.base.trim_start_matches("http://").parse().unwrap();
    let mut sockets = Vec::new();
    for (_, member) in &cast.members {
        sockets.push(listening(member, address, field).await);
    }
    // A refusal comes at once; a subscription stands once a later message was answered.
    let first = join_all(sockets.iter_mut().map(|socket| async {
        say(socket, json!({"type": "ping"})).await;
        hear(socket).await
    }));
    let first = first.await;
    let sold = cast.market.send(&cast.source, 1_000).await;
    assert_eq!(sold["verdict"], "SOLD", "{sold}");
    let told = sockets.iter_mut().zip(first).map(|(socket, first)| async {
        let message = if first["type"] == "pong" {
            match tokio::time::timeout(SILENCE, hear(socket)).await {
                Ok(message) => message,
                Err(_) => return "none",
            }
        } else {
            first
        };
        let answer = match message["type"].as_str() {
            Some("error") => json!({"errors": message["payload"]}),
            Some("next") => message["payload"].clone(),
            _ => panic!("{message}"),
        };
        verdict(field, &answer)
    });
    join_all(told).await
}
