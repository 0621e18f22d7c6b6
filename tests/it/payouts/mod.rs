//! Every payout type from the offer to the paid statement, and every way to report, through HTTP.

mod bank;
mod documents;
mod postback;
mod reconcile;
mod report;
mod stage;
mod tour;
