//! GraphQL: the HTTP transport, and the schema against its committed text.

mod audit;
mod schema;
pub mod toy;
mod transport;
