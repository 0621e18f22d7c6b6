//! GraphQL: the HTTP transport, and the schema against its committed text.

mod audit;
pub mod toy;
mod transport;
