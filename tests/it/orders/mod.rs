//! Orders with a deadline, through GraphQL and REST.

mod ending;
mod money;
mod rules;
mod seen;
mod stage;
