//! Top-ups by card: payment pages, saved cards, auto-recharge, refunds of unused credit,
//! chargebacks.
//!
//! Each of them is a row that is written before the provider is asked for anything. Requests run
//! outside of transactions, under a key that is the row's id; what came of them is written by
//! compare-and-set. What the provider tells is stored, answered, and only then looked at; it says
//! *what* to look at, never what happened: that is asked for. So neither order nor repetition
//! matters, and whoever was cut off is taken up by a job.

mod cards;
mod chargebacks;
mod decide;
mod events;
mod jobs;
mod model;
mod pay;
mod reads;
mod recharge;
mod refunds;
mod repo;
mod service;
mod settle;
mod steps;

pub use cards::SetAutoRecharge;
pub use jobs::{LOOK, LookAgain, PROVIDER_EVENT, ProviderEvents, RECHARGE, RechargeWallets};
pub use model::{
    AutoRecharge, CardTopUp, CardTopUpFilter, CardTopUpView, Chargeback, CreditRefund,
    ProviderEvent, SavedCard,
};
pub use pay::CreateCheckout;
pub use repo::books::{Books, books};
pub use service::TopUps;
pub use steps::{STEPS, Steps};
