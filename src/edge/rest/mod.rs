//! The REST surface.

pub mod calls;
pub mod click;
pub mod conversions;
pub mod documents;
pub mod health;
pub mod intake;
pub mod openapi;
pub mod pings;
pub mod postback;
pub mod problem;
pub mod schemas;
pub mod stripe;

use axum::Router;
use std::sync::Arc;

use crate::boot::App;

/// Every route of the REST surface.
pub fn routes(app: &Arc<App>) -> Router {
    Router::new()
        .merge(health::routes(Arc::clone(app)))
        .merge(intake::routes(Arc::clone(app)))
        .merge(conversions::routes(Arc::clone(app)))
        .merge(documents::routes(Arc::clone(app)))
        .merge(calls::routes(Arc::clone(app)))
        .merge(click::routes(Arc::clone(app)))
        .merge(postback::routes(Arc::clone(app)))
        .merge(pings::routes(Arc::clone(app)))
        .merge(stripe::routes(Arc::clone(app)))
        .merge(openapi::routes())
}
