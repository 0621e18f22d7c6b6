//! Orders with a deadline, through GraphQL and REST.

mod ending;
mod locks;
mod money;
mod rules;
mod seen;
mod stage;
