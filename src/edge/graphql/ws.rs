//! GraphQL over WebSocket: the graphql-transport-ws protocol, to the letter.
//!
//! Close codes: 4400 a message that is none of the protocol's, 4401 an operation before the
//! connection was acknowledged, 4403 refused (also when the session ends or its rights change),
//! 4406 another subprotocol, 4408 no `connection_init` in time, 4409 an id that is in use, 4429 a
//! second `connection_init`; 1001 when this instance shuts down.

use async_graphql::parser::types::OperationType;
use async_graphql::{Executor, Response as GraphqlResponse};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures::stream::{BoxStream, StreamExt};
use leadbourse_core::error::Problem;
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_stream::StreamMap;

use super::context::{Client, Viewer};
use super::errors as graphql_errors;
use super::gate::{Gate, Params};
use super::http::INTAKE;
use crate::accounts::Known;
use crate::edge::errors;
use crate::edge::session_layer::{self, Credentials};

/// The subprotocol's name.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// Times and counts of one connection.
#[derive(Clone, Copy, Debug)]
pub struct WsLimits {
    /// How long a client may take to send `connection_init`.
    pub init_timeout: Duration,
    /// How often an idle connection is pinged; two silent periods end it.
    pub ping_every: Duration,
    /// How often rights are looked at again, should a hint have been lost.
    pub recheck_every: Duration,
    /// Operations that run at once on one connection.
    pub operations: usize,
}

/// Why a connection ends: the close code and its reason.
type Close = (u16, String);

fn close(code: u16, reason: impl Into<String>) -> Close {
    (code, reason.into())
}

/// A message of the client.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum FromClient {
    ConnectionInit {
        #[serde(default)]
        payload: Option<serde_json::Map<String, Value>>,
    },
    Ping {
        #[serde(default)]
        payload: Option<serde_json::Map<String, Value>>,
    },
    Pong {},
    Subscribe {
        id: String,
        payload: Params,
    },
    Complete {
        id: String,
    },
}

/// What an operation brought.
#[allow(clippy::large_enum_variant, reason = "lives for one turn of a loop")]
enum Event {
    Next(GraphqlResponse),
    Complete,
}

/// Serves one connection whose handshake chose the subprotocol.
pub async fn serve<E: Executor>(
    gate: Arc<Gate<E>>,
    mut socket: WebSocket,
    credentials: Credentials,
    ip: Option<IpAddr>,
) {
    let mut connection = Connection {
        client: Client { ip, cookies: false, secure: false },
        credentials,
        viewer: Viewer::default(),
        acknowledged: false,
        initialised: false,
        operations: StreamMap::new(),
        heard: Instant::now(),
        gate,
    };
    if let Some((code, reason)) = connection.run(&mut socket).await {
        say_goodbye(&mut socket, code, &reason).await;
    }
}

/// Refuses a connection that offered no protocol of ours: 4406.
pub async fn refuse_protocol(mut socket: WebSocket) {
    say_goodbye(&mut socket, 4406, "Subprotocol not acceptable").await;
}

/// Sends the close frame and waits a moment for the peer's.
async fn say_goodbye(socket: &mut WebSocket, code: u16, reason: &str) {
    // A close reason holds at most 123 bytes.
    let reason: String = reason.chars().take(60).collect();
    let frame = CloseFrame { code, reason: reason.into() };
    if socket.send(Message::Close(Some(frame))).await.is_err() {
        return;
    }
    let drained = async { while let Some(Ok(_)) = socket.recv().await {} };
    let _ = tokio::time::timeout(Duration::from_secs(1), drained).await;
}

struct Connection<E> {
    gate: Arc<Gate<E>>,
    client: Client,
    credentials: Credentials,
    viewer: Viewer,
    initialised: bool,
    acknowledged: bool,
    operations: StreamMap<String, BoxStream<'static, Event>>,
    heard: Instant,
}

/// What woke the connection.
enum Wake {
    Message(Option<Result<Message, axum::Error>>),
    Operation(String, Event),
    InitTimeout,
    Ping,
    Rights,
    Shutdown,
}

impl<E: Executor> Connection<E> {
    /// Runs until an end; `None` when the peer is already gone.
    async fn run(&mut self, socket: &mut WebSocket) -> Option<Close> {
        let limits = self.gate.ws;
        let shutdown = self.gate.shutdown.clone();
        let init_deadline = tokio::time::sleep(limits.init_timeout);
        tokio::pin!(init_deadline);
        let mut pings = ticks(limits.ping_every);
        let mut rechecks = ticks(limits.recheck_every);
        let mut changes = self.gate.sessions.changes();
        loop {
            let wake = tokio::select! {
                biased;
                () = shutdown.cancelled() => Wake::Shutdown,
                message = socket.recv() => Wake::Message(message),
                () = &mut init_deadline, if !self.initialised => Wake::InitTimeout,
                Some(()) = changes.next(), if self.acknowledged => Wake::Rights,
                _ = rechecks.tick(), if self.acknowledged => Wake::Rights,
                _ = pings.tick() => Wake::Ping,
                Some((id, event)) = self.operations.next(), if !self.operations.is_empty() =>
                    Wake::Operation(id, event),
            };
            let outcome = match wake {
                Wake::Shutdown => return Some(close(1001, "Shutting down")),
                Wake::InitTimeout => {
                    return Some(close(4408, "Connection initialisation timeout"));
                }
                Wake::Message(None | Some(Err(_) | Ok(Message::Close(_)))) => return None,
                Wake::Message(Some(Ok(message))) => {
                    self.heard = Instant::now();
                    self.message(socket, message).await
                }
                Wake::Operation(id, event) => self.event(socket, id, event).await,
                Wake::Rights => self.recheck().await.map_or(Ok(()), Err),
                Wake::Ping => self.ping(socket, limits.ping_every).await,
            };
            if let Err(end) = outcome {
                return end.code();
            }
        }
    }

    async fn message(&mut self, socket: &mut WebSocket, message: Message) -> Result<(), End> {
        let text = match &message {
            Message::Text(text) => text.as_str(),
            Message::Binary(_) => return Err(End::with(4400, "Only text messages are read")),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return Ok(()),
        };
        let message: FromClient =
            serde_json::from_str(text).map_err(|_| End::with(4400, "Invalid message received"))?;
        match message {
            FromClient::ConnectionInit { payload } => self.init(socket, payload).await,
            FromClient::Ping { payload } => {
                let pong = match payload {
                    Some(payload) => json!({"type": "pong", "payload": payload}),
                    None => json!({"type": "pong"}),
                };
                send(socket, &pong).await
            }
            FromClient::Pong {} => Ok(()),
            FromClient::Subscribe { id, payload } => self.subscribe(socket, id, payload).await,
            FromClient::Complete { id } => {
                self.operations.remove(&id);
                Ok(())
            }
        }
    }

    /// `connection_init`: once, with optional `authorization` and `organization` in the payload.
    async fn init(
        &mut self,
        socket: &mut WebSocket,
        payload: Option<serde_json::Map<String, Value>>,
    ) -> Result<(), End> {
        if self.initialised {
            return Err(End::with(4429, "Too many initialisation requests"));
        }
        self.initialised = true;
        let given =
            |name: &str| payload.as_ref().and_then(|map| map.get(name)).and_then(Value::as_str);
        if let Some(key) = given("authorization").and_then(session_layer::bearer) {
            self.credentials.bearer = Some(key);
        }
        if let Some(organization) = given("organization") {
            self.credentials.organization = Some(organization.to_owned());
        }
        match self.gate.authenticator.caller(&self.credentials, self.client.ip).await {
            Ok(caller) => self.viewer = Viewer(caller.map(Arc::new)),
            Err(error) => {
                let problem = errors::answer(&error);
                return Err(End::with(4403, format!("Forbidden: {}", problem.code.name)));
            }
        }
        self.acknowledged = true;
        send(socket, &json!({"type": "connection_ack"})).await
    }

    async fn subscribe(
        &mut self,
        socket: &mut WebSocket,
        id: String,
        params: Params,
    ) -> Result<(), End> {
        if !self.acknowledged {
            return Err(End::with(4401, "Unauthorized"));
        }
        if id.is_empty() {
            return Err(End::with(4400, "The id is empty"));
        }
        if self.operations.contains_key(&id) {
            return Err(End::with(4409, format!("Subscriber for {id} already exists")));
        }
        if self.operations.len() >= self.gate.ws.operations {
            let refused = graphql_errors::refused(&Problem::new(errors::TOO_MANY_OPERATIONS));
            return send_errors(socket, &id, &refused).await;
        }
        let prepared = match self.gate.prepare(params) {
            Ok(prepared) => prepared,
            Err(refused) => return send_errors(socket, &id, &refused).await,
        };
        // Intake has a limit of its own, per source.
        if !prepared.asks_only(INTAKE) {
            let caller = self.viewer.0.as_deref();
            if let Err(problem) = self.gate.authenticator.admit(caller, self.client.ip).await {
                return send_errors(socket, &id, &graphql_errors::refused(&problem)).await;
            }
        }
        let subscription = prepared.operation == OperationType::Subscription;
        let request = self.gate.request(&prepared, &self.viewer, &self.client);
        let responses = self.gate.executor.execute_stream(request, None);
        // A query or mutation answers once.
        let responses = if subscription { responses } else { responses.take(1).boxed() };
        let gate = Arc::clone(&self.gate);
        let events = responses
            .map(move |mut response| {
                gate.finish(&prepared, &mut response);
                Event::Next(response)
            })
            .chain(futures::stream::once(async { Event::Complete }))
            .boxed();
        self.operations.insert(id, events);
        Ok(())
    }

    async fn event(&mut self, socket: &mut WebSocket, id: String, event: Event) -> Result<(), End> {
        match event {
            Event::Next(response) if ends_with_error(&response) => {
                self.operations.remove(&id);
                send_errors(socket, &id, &response).await
            }
            Event::Next(response) => {
                let payload = serde_json::to_value(&response).unwrap_or(Value::Null);
                send(socket, &json!({"type": "next", "id": id, "payload": payload})).await
            }
            Event::Complete => {
                self.operations.remove(&id);
                send(socket, &json!({"type": "complete", "id": id})).await
            }
        }
    }

    /// Ends the connection when its caller is not who it was: session over, role changed.
    async fn recheck(&mut self) -> Option<End> {
        let before: Option<&Arc<Known>> = self.viewer.0.as_ref();
        before?;
        match self.gate.authenticator.caller(&self.credentials, self.client.ip).await {
            Ok(now) if now.as_ref() == before.map(AsRef::as_ref) => None,
            // A database that is away for a moment is no change of rights.
            Err(error) if error.problem().is_none() => None,
            Ok(_) | Err(_) => Some(End::with(4403, "Forbidden: the session or its rights changed")),
        }
    }

    async fn ping(&mut self, socket: &mut WebSocket, period: Duration) -> Result<(), End> {
        if self.heard.elapsed() > period * 2 {
            return Err(End::Gone);
        }
        socket.send(Message::Ping(Vec::new().into())).await.map_err(|_| End::Gone)
    }
}

/// A subscription or document that never ran answers `error`, which also ends it.
fn ends_with_error(response: &GraphqlResponse) -> bool {
    graphql_errors::is_request_error(response)
}

/// Why the loop ends.
enum End {
    /// With a close frame.
    Close(Close),
    /// The peer is gone already.
    Gone,
}

impl End {
    fn with(code: u16, reason: impl Into<String>) -> Self {
        Self::Close(close(code, reason))
    }

    fn code(self) -> Option<Close> {
        match self {
            Self::Close(close) => Some(close),
            Self::Gone => None,
        }
    }
}

async fn send(socket: &mut WebSocket, message: &Value) -> Result<(), End> {
    socket.send(Message::Text(message.to_string().into())).await.map_err(|_| End::Gone)
}

async fn send_errors(
    socket: &mut WebSocket,
    id: &str,
    response: &GraphqlResponse,
) -> Result<(), End> {
    let errors = serde_json::to_value(&response.errors).unwrap_or(Value::Null);
    send(socket, &json!({"type": "error", "id": id, "payload": errors})).await
}

/// Ticks that begin after one period and do not pile up.
fn ticks(period: Duration) -> Interval {
    let mut ticks = tokio::time::interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
