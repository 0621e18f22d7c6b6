//! Offers on both engines: versions and their review, lifecycle, participations, sources, and
//! what publishers see.

mod coverage;
mod estimate;
mod graphql;
mod history;
mod lifecycle;
mod once;
mod participations;
mod price;
mod sources;
mod versions;
