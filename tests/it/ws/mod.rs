//! graphql-transport-ws, message by message, on a small schema: one test per close code, and the
//! life of an operation.

mod live;

use std::net::SocketAddr;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::graphql::toy;

pub type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

pub async fn open(address: SocketAddr, protocol: Option<&str>, headers: &[(&str, &str)]) -> Socket {
    let mut request = format!("ws://{address}/graphql").into_client_request().unwrap();
    if let Some(protocol) = protocol {
        request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
    }
    for (name, value) in headers {
        let name: tokio_tungstenite::tungstenite::http::HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    tokio_tungstenite::connect_async(request).await.unwrap().0
}

async fn connect(address: SocketAddr) -> Socket {
    open(address, Some("graphql-transport-ws"), &[]).await
}

pub async fn say(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

/// The next message of the protocol; a close frame is `{"close": code, "reason": …}`.
pub async fn hear(socket: &mut Socket) -> Value {
    loop {
        let next = tokio::time::timeout(Duration::from_secs(5), socket.next()).await;
        match next.expect("silence").expect("the stream ended").unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Close(Some(frame)) => {
                return json!({"close": u16::from(frame.code), "reason": frame.reason.as_str()});
            }
            Message::Close(None) => return json!({"close": null}),
            _ => {}
        }
    }
}

async fn greeted(address: SocketAddr) -> Socket {
    let mut socket = connect(address).await;
    say(&mut socket, json!({"type": "connection_init"})).await;
    assert_eq!(hear(&mut socket).await, json!({"type": "connection_ack"}));
    socket
}

pub fn subscribe(id: &str, query: &str) -> Value {
    json!({"type": "subscribe", "id": id, "payload": {"query": query}})
}

#[tokio::test]
async fn an_invalid_message_closes_with_4400() {
    let toy = toy::serve().await;
    for wrong in
        ["not json", "[]", "{\"type\":\"nonsense\"}", "{\"type\":\"connection_ack\"}", "{}"]
    {
        let mut socket = connect(toy.address).await;
        socket.send(Message::text(wrong)).await.unwrap();
        assert_eq!(hear(&mut socket).await["close"], 4400, "{wrong}");
    }
    let mut socket = greeted(toy.address).await;
    socket.send(Message::binary(b"{}".to_vec())).await.unwrap();
    assert_eq!(hear(&mut socket).await["close"], 4400);
    let mut socket = greeted(toy.address).await;
    say(&mut socket, json!({"type": "subscribe", "id": "1", "payload": {}})).await;
    assert_eq!(hear(&mut socket).await["close"], 4400);
    let mut socket = greeted(toy.address).await;
    say(&mut socket, subscribe("", "{ hello }")).await;
    assert_eq!(hear(&mut socket).await["close"], 4400);
}

#[tokio::test]
async fn an_operation_before_the_acknowledgement_closes_with_4401() {
    let toy = toy::serve().await;
    let mut socket = connect(toy.address).await;
    say(&mut socket, subscribe("1", "{ hello }")).await;
    let closed = hear(&mut socket).await;
    assert_eq!(closed, json!({"close": 4401, "reason": "Unauthorized"}));
}

#[tokio::test]
async fn wrong_credentials_and_changed_rights_close_with_4403() {
    let toy = toy::serve().await;
    let mut socket = connect(toy.address).await;
    let init = json!({"type": "connection_init", "payload": {"authorization": "Bearer wrong"}});
    say(&mut socket, init).await;
    assert_eq!(hear(&mut socket).await["close"], 4403);

    let cookie = [("cookie", "leadbourse_session=good")];
    let mut socket = open(toy.address, Some("graphql-transport-ws"), &cookie).await;
    say(&mut socket, json!({"type": "connection_init"})).await;
    assert_eq!(hear(&mut socket).await["type"], "connection_ack");
    say(&mut socket, subscribe("1", "subscription { ticks }")).await;
    assert_eq!(hear(&mut socket).await["payload"]["data"]["ticks"], 1);
    toy.sign_out();
    loop {
        let message = hear(&mut socket).await;
        if message["type"] != "next" {
            assert_eq!(message["close"], 4403);
            break;
        }
    }
}

#[tokio::test]
async fn a_handshake_from_another_origin_is_refused() {
    let toy = toy::serve().await;
    let mut request = format!("ws://{}/graphql", toy.address).into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
    headers.insert("origin", "https://evil.example".parse().unwrap());
    match tokio_tungstenite::connect_async(request).await {
        Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => {
            assert_eq!(answer.status().as_u16(), 403);
        }
        other => panic!("the handshake was not refused: {:?}", other.map(|_| ())),
    }
}

#[tokio::test]
async fn another_subprotocol_closes_with_4406() {
    let toy = toy::serve().await;
    let mut socket = open(toy.address, None, &[]).await;
    assert_eq!(hear(&mut socket).await["close"], 4406);
}

#[tokio::test]
async fn silence_at_the_start_closes_with_4408() {
    let toy = toy::serve().await;
    let mut socket = connect(toy.address).await;
    let closed = hear(&mut socket).await;
    let expected = json!({"close": 4408, "reason": "Connection initialisation timeout"});
    assert_eq!(closed, expected);
}

#[tokio::test]
async fn an_id_in_use_closes_with_4409() {
    let toy = toy::serve().await;
    let mut socket = greeted(toy.address).await;
    say(&mut socket, subscribe("one", "subscription { ticks }")).await;
    say(&mut socket, subscribe("one", "subscription { ticks }")).await;
    loop {
        let message = hear(&mut socket).await;
        if message["type"] != "next" {
            let expected = json!({"close": 4409, "reason": "Subscriber for one already exists"});
            assert_eq!(message, expected);
            break;
        }
    }
}

#[tokio::test]
async fn a_second_init_closes_with_4429() {
    let toy = toy::serve().await;
    let mut socket = greeted(toy.address).await;
    say(&mut socket, json!({"type": "connection_init"})).await;
    let closed = hear(&mut socket).await;
    assert_eq!(closed, json!({"close": 4429, "reason": "Too many initialisation requests"}));
}

#[tokio::test]
async fn pings_are_answered_with_their_payload() {
    let toy = toy::serve().await;
    let mut socket = connect(toy.address).await;
    say(&mut socket, json!({"type": "ping", "payload": {"n": 1}})).await;
    assert_eq!(hear(&mut socket).await, json!({"type": "pong", "payload": {"n": 1}}));
    say(&mut socket, json!({"type": "ping"})).await;
    assert_eq!(hear(&mut socket).await, json!({"type": "pong"}));
    say(&mut socket, json!({"type": "pong"})).await;
    say(&mut socket, json!({"type": "ping"})).await;
    assert_eq!(hear(&mut socket).await, json!({"type": "pong"}));
}

#[tokio::test]
async fn a_query_answers_once_and_completes_and_its_id_is_free_again() {
    let toy = toy::serve().await;
    let mut socket = greeted(toy.address).await;
    for _ in 0..2 {
        say(&mut socket, subscribe("q", "{ hello }")).await;
        let next = hear(&mut socket).await;
        let data = json!({"data": {"hello": "world"}});
        assert_eq!(next, json!({"type": "next", "id": "q", "payload": data}));
        assert_eq!(hear(&mut socket).await, json!({"type": "complete", "id": "q"}));
    }
}

#[tokio::test]
async fn a_document_that_is_not_valid_answers_error_and_the_connection_lives() {
    let toy = toy::serve().await;
    let mut socket = greeted(toy.address).await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        say(&mut socket, subscribe("e", query)).await;
        let message = hear(&mut socket).await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("e")), "{query}");
        assert_eq!(message["payload"][0]["extensions"]["code"], code);
    }
    say(&mut socket, subscribe("e", "{ hello }")).await;
    assert_eq!(hear(&mut socket).await["type"], "next");
}

#[tokio::test]
async fn a_subscription_runs_until_it_is_completed() {
    let toy = toy::serve().await;
    let mut socket = greeted(toy.address).await;
    say(&mut socket, subscribe("s", "subscription { ticks }")).await;
    for n in 1..=3 {
        assert_eq!(hear(&mut socket).await["payload"]["data"]["ticks"], n);
    }
    say(&mut socket, json!({"type": "complete", "id": "s"})).await;
    say(&mut socket, subscribe("q", "{ hello }")).await;
    // What was on its way may still come; after the answer to `q` nothing of `s` does.
    while hear(&mut socket).await["id"] == "s" {}
    assert_eq!(hear(&mut socket).await, json!({"type": "complete", "id": "q"}));
    say(&mut socket, json!({"type": "ping"})).await;
    assert_eq!(hear(&mut socket).await["type"], "pong");
}

#[tokio::test]
async fn shutting_down_closes_with_1001() {
    let toy = toy::serve().await;
    let mut socket = greeted(toy.address).await;
    toy.shutdown.cancel();
    assert_eq!(hear(&mut socket).await["close"], 1001);
}
