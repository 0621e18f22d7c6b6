//! Telephone calls, from outside: events over HTTP, money in wallets, statements.

mod closing;
mod desk;
mod races;
mod reads;
mod rules;
mod tour;
