//! Every surface: GraphQL, REST, UI, command line.

pub mod cli;
pub mod graphql;
pub mod rest;
