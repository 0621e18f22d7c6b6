//! Notices: what happens to a publisher's leads and conversions, told to its own postbacks.
//!
//! A happening leaves its transaction as an outbox message, for publishers who have postbacks only;
//! here it becomes one notice per postback that wants it, under a derived id. The courier of
//! deliveries sends them. What a publisher sent about a person is read from its one place at the
//! moment of sending, and is neither in the log nor in an address as it is stored.

mod handlers;
mod model;
mod repo;
mod route;
mod service;

pub use handlers::{NOTICE_LOG, NoticeLog, OnHappening};
pub use model::{Notice, NoticeFilter, NoticeView, PostbackInput, PublisherPostback};
pub use route::Worker;
pub use service::Notices;
