//! Offers in immutable versions, who may sell to them, and the sources of traffic.

mod catalogue;
mod connection;
mod error;
mod forms;
mod jobs;
mod lifecycle;
mod links;
mod live;
mod model;
mod participations;
mod reads;
mod repo;
mod review;
mod rows;
mod service;
mod sources;
mod standing;
mod usage;

pub use catalogue::{CatalogueEntry, CatalogueVersion};
pub use connection::connect_to;
pub use error::*;
pub use forms::SourceForm;
pub use jobs::{VERSION_DUE, VersionDue};
pub use lifecycle::{PauseReason, pause_all_in, pause_in};
pub use links::{Behind, Link, LinkOffer, links};
pub use live::{LiveConnection, live_connections};
pub use model::{Offer, OfferVersion, Participation, Source};
pub use participations::{Answer, ParticipationFilter};
pub use reads::{OfferFilter, diff_of, names, owns, terms_of, terms_of_all};
pub use repo::meters::{
    METERS, Moved, ReturnMeter, SELLER_METERS, SELLER_PLACES, count_events, count_returns,
    lock_meter, lock_meters, move_all, move_money, seller_id,
};
pub use review::Review;
pub use service::Offers;
pub use sources::{NewSource, SourceFilter, SourcePatch, owns_source, posting_key_hash};
pub use standing::{Standing, standings};
pub use usage::Usage;
