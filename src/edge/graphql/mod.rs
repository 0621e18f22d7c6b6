//! The GraphQL surface: the schema, and the two transports that reach it.

pub mod accounts;
pub mod accounts_fields;
pub mod audit;
pub mod awards;
pub mod awards_fields;
pub mod bank_answers;
pub mod calls;
pub mod catalogue;
pub mod clicks;
pub mod context;
pub mod conversions;
pub mod curve;
pub mod dashboard;
pub mod delivery;
pub mod disputes;
pub mod doc_cache;
pub mod documents;
pub mod enums;
pub mod errors;
pub mod estimate;
pub mod explain;
mod finance;
mod forms;
pub mod gate;
pub mod http;
pub mod keys_fields;
pub mod leads;
pub mod leads_fields;
pub mod ledger;
pub mod limits;
pub mod live;
pub mod loaders;
pub mod loaders_leads;
pub mod loaders_market;
pub mod loaders_money;
pub mod market;
pub mod negotiate;
pub mod niches;
pub mod node;
pub mod notices;
pub mod nulls;
pub mod offers;
pub mod offers_mutations;
pub mod orders;
pub mod paging;
pub mod payouts;
pub mod pings;
pub mod postbacks;
pub mod publishing;
pub mod reconciliations;
pub mod routes;
pub mod scalars;
pub mod schema;
pub mod settlements;
pub mod settlements_mutations;
pub mod simulate;
pub mod sources;
pub mod submit;
pub mod system;
pub mod terms;
pub mod topups;
pub mod topups_mutations;
pub mod ws;

use futures::StreamExt;
use futures::stream::BoxStream;
use std::sync::Arc;
use std::time::Duration;

use self::context::Viewer;
use self::gate::{Furnish, Gate, SessionWatch};
use self::schema::ApiSchema;
use crate::accounts::RIGHTS_CHANGED;
use crate::boot::App;
use crate::edge::session_layer::Authenticator;
use crate::platform::error::{Error, Result};

/// Everything between the routes and the schema, over the running exchange.
///
/// # Errors
/// When the printed schema does not parse, which a test excludes.
pub fn gate_of(app: &Arc<App>) -> Result<Arc<Gate<ApiSchema>>> {
    let schema = schema::builder().data(Arc::clone(app)).finish();
    let limits = &app.config.limits;
    let types = nulls::TypeMap::from_sdl(&schema.sdl())
        .map_err(|why| Error::broken(format!("the schema's text: {why}")))?;
    Ok(Arc::new(Gate {
        executor: schema,
        types,
        documents: doc_cache::DocCache::new(limits.graphql_cached_documents),
        limits: limits.into(),
        body_bytes: limits.body_bytes,
        upload_bytes: limits.upload_body_bytes,
        batch: limits.graphql_batch,
        authenticator: Arc::clone(app) as Arc<dyn Authenticator>,
        furnish: Arc::new(Furnisher(Arc::clone(app))),
        sessions: Arc::new(Changes(Arc::clone(app))),
        public_url: app.config.server.public_url.clone(),
        ws: ws::WsLimits {
            init_timeout: Duration::from_millis(limits.ws_init_timeout_ms),
            ping_every: Duration::from_secs(limits.ws_ping_s),
            recheck_every: Duration::from_secs(limits.ws_recheck_s),
            operations: limits.ws_operations,
        },
        shutdown: app.closing.clone(),
    }))
}

struct Changes(Arc<App>);

impl SessionWatch for Changes {
    fn changes(&self) -> BoxStream<'static, ()> {
        self.0.hints.subscribe(RIGHTS_CHANGED).map(drop).boxed()
    }
}

struct Furnisher(Arc<App>);

impl Furnish for Furnisher {
    fn furnish(&self, request: async_graphql::Request, viewer: &Viewer) -> async_graphql::Request {
        let actor = viewer.0.as_ref().map(|known| known.actor);
        request.data(loaders::Loaders::new(Arc::clone(&self.0), actor))
    }
}
