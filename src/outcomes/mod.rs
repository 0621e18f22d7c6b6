//! What buyers' servers report: postbacks with a token in their address, and files of sales to be
//! compared with what the exchange knows.

mod error;
mod file;
mod model;
mod postback;
mod reconcile;
mod repo;
mod signature;
mod tokens;

pub use error::*;
pub use model::{LoggedPostback, PostbackToken, Reconciled, Reconciliation};
pub use postback::{Method, Postback};
pub use reconcile::NewFile;
pub use tokens::{NewToken, Outcomes, Secrets};
