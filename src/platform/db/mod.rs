//! The database: one schema, two engines, two doors.
//!
//! `begin_read` and `begin_write` are the only ways in. On SQLite a write transaction is `BEGIN
//! IMMEDIATE` on the single writer connection (a deferred one fails under concurrency whatever
//! the busy timeout); on PostgreSQL it is READ COMMITTED, and every row that is read in order to
//! be written must be locked. All locks of a write transaction come in one order, each sorted by
//! primary key: idempotency keys, claims, counters (meters), balances, market epochs. Where other
//! rows stand in it says docs/adr/0015-one-lock-order.md.

pub mod bulk;
pub mod epoch;
pub mod row;
pub mod sql;

mod connect;
mod tx;

pub use connect::{Db, Engine, STATEMENTS};
pub use tx::{ReadTx, Reader, WriteTx};
