//! The GraphQL surface: the schema, and the two transports that reach it.

pub mod context;
pub mod doc_cache;
pub mod errors;
pub mod gate;
pub mod http;
pub mod limits;
pub mod negotiate;
pub mod nulls;
pub mod paging;
pub mod routes;
pub mod scalars;
pub mod ws;
