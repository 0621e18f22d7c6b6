//! A small schema behind the real transports, so that the protocols are tested without a market.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_graphql::{Object, Request, Schema, Subscription};
use async_trait::async_trait;
use futures::stream::{BoxStream, Stream, StreamExt};
use leadbourse::accounts::{Known, KnownBy};
use leadbourse::edge::graphql::context::Viewer;
use leadbourse::edge::graphql::doc_cache::DocCache;
use leadbourse::edge::graphql::gate::{Furnish, Gate, SessionWatch};
use leadbourse::edge::graphql::limits::DocumentLimits;
use leadbourse::edge::graphql::nulls::TypeMap;
use leadbourse::edge::graphql::routes;
use leadbourse::edge::graphql::ws::WsLimits;
use leadbourse::edge::session_layer::{Authenticator, Credentials};
use leadbourse::platform::error::Result;
use leadbourse_core::access::{Actor, OrgKind, Role};
use leadbourse_core::error as core;
use leadbourse_core::ids::{OrganizationId, SessionId, UserId};
use tokio_util::sync::CancellationToken;

pub struct Query;

#[Object]
impl Query {
    async fn hello(&self) -> &str {
        "world"
    }

    async fn sum(&self, a: i32, b: i32) -> i32 {
        a + b
    }

    async fn broken(&self) -> async_graphql::Result<Option<i32>> {
        Err(leadbourse::platform::error::Error::broken("the cause that nobody sees").into())
    }

    async fn hidden(&self) -> async_graphql::Result<Option<i32>> {
        Err(leadbourse::platform::error::Error::from(core::NOT_FOUND).into())
    }
}

pub struct Mutation;

#[Object]
impl Mutation {
    async fn bump(&self, ctx: &async_graphql::Context<'_>) -> usize {
        ctx.data_unchecked::<Arc<AtomicUsize>>().fetch_add(1, Ordering::SeqCst)
    }

    async fn sign_in(&self) -> bool {
        true
    }
}

pub struct Subscriptions;

#[Subscription]
impl Subscriptions {
    async fn ticks(&self) -> impl Stream<Item = i32> {
        let mut n = 0;
        tokio_stream::wrappers::IntervalStream::new(tokio::time::interval(Duration::from_millis(
            20,
        )))
        .map(move |_| {
            n += 1;
            n
        })
    }
}

struct Doors {
    signed_in: Arc<AtomicBool>,
    changes: tokio::sync::broadcast::Sender<()>,
}

#[async_trait]
impl Authenticator for Doors {
    async fn caller(&self, credentials: &Credentials, _: Option<IpAddr>) -> Result<Option<Known>> {
        if credentials.bearer.is_some() {
            return Err(core::UNAUTHENTICATED.into());
        }
        let good = credentials.session.as_deref() == Some("good");
        if !good || !self.signed_in.load(Ordering::SeqCst) {
            return Ok(None);
        }
        let user = UserId(uuid::Uuid::from_u128(1));
        Ok(Some(Known {
            actor: Actor::member(
                user,
                OrganizationId(uuid::Uuid::from_u128(2)),
                OrgKind::Buyer,
                Role::Owner,
            ),
            by: KnownBy::Session {
                id: SessionId(uuid::Uuid::from_u128(3)),
                user,
                csrf_token: "token".to_owned(),
            },
        }))
    }

    async fn admit(
        &self,
        _: Option<&Known>,
        _: Option<IpAddr>,
    ) -> std::result::Result<(), leadbourse_core::error::Problem> {
        Ok(())
    }
}

impl SessionWatch for Doors {
    fn changes(&self) -> BoxStream<'static, ()> {
        tokio_stream::wrappers::BroadcastStream::new(self.changes.subscribe())
            .filter_map(|change| async move { change.ok() })
            .boxed()
    }
}

impl Furnish for Doors {
    fn furnish(&self, request: Request, _: &Viewer) -> Request {
        request
    }
}

/// A running toy.
pub struct Toy {
    pub address: SocketAddr,
    pub shutdown: CancellationToken,
    /// How often `bump` ran.
    pub bumps: Arc<AtomicUsize>,
    doors: Arc<Doors>,
}

impl Toy {
    pub fn url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    /// Ends the session and says so.
    pub fn sign_out(&self) {
        self.doors.signed_in.store(false, Ordering::SeqCst);
        self.doors.changes.send(()).unwrap();
    }
}

/// Serves the toy on a free port.
pub async fn serve() -> Toy {
    let doors = Arc::new(Doors {
        signed_in: Arc::new(AtomicBool::new(true)),
        changes: tokio::sync::broadcast::channel(8).0,
    });
    let shutdown = CancellationToken::new();
    let bumps = Arc::new(AtomicUsize::new(0));
    let schema = Schema::build(Query, Mutation, Subscriptions).data(Arc::clone(&bumps)).finish();
    let gate = Gate {
        types: TypeMap::from_sdl(&schema.sdl()).unwrap(),
        executor: schema,
        documents: DocCache::new(100),
        limits: DocumentLimits { depth: 10, complexity: 1_000, aliases: 10, bytes: 10_000 },
        body_bytes: 50_000,
        upload_bytes: 100_000,
        batch: 3,
        authenticator: doors.clone(),
        furnish: doors.clone(),
        sessions: doors.clone(),
        public_url: None,
        ws: WsLimits {
            init_timeout: Duration::from_millis(400),
            ping_every: Duration::from_secs(10),
            recheck_every: Duration::from_secs(60),
            operations: 5,
        },
        shutdown: shutdown.clone(),
    };
    let router = routes::routes(Arc::new(gate));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
    Toy { address, shutdown, bumps, doors }
}
