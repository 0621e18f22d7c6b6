//! Every surface: GraphQL, REST, public pages, UI, command line.

pub mod cli;
pub mod errors;
pub mod graphql;
pub mod publish;
pub mod rest;
pub mod server;
pub mod session_layer;
pub mod source_limit;
pub mod ui;
