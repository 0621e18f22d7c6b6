//! The GraphQL surface.
