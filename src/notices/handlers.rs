//! What messages and jobs call.

use async_trait::async_trait;
use leadbourse_core::notice::Happening;
use leadbourse_core::time::{DAY, HOUR};
use std::collections::BTreeSet;
use uuid::Uuid;

use super::repo::{self, QUEUE};
use super::service::Notices;
use crate::platform::config::NoticeConfig;
use crate::platform::error::{Context, Result};
use crate::platform::outbox::Delivered;
use crate::platform::{jobs, outbox};

/// The hourly job that ends notices which waited too long and removes old ones.
pub const NOTICE_LOG: &str = "notices.log";

/// Notices that one transaction ends or removes.
const MANY: usize = 500;

/// Makes the notices of what happened.
#[derive(Clone, Debug)]
pub struct OnHappening(pub Notices);

#[async_trait]
impl outbox::Handler for OnHappening {
    async fn handle(&self, messages: &[Delivered]) -> Result<()> {
        let own = &self.0;
        let read = |message: &Delivered| serde_json::from_value(message.payload.clone());
        let happenings: Vec<Happening> =
            messages.iter().map(read).collect::<Result<_, _>>().context("reading a happening")?;
        let publishers: BTreeSet<Uuid> =
            happenings.iter().map(|happening| happening.publisher.uuid()).collect();
        let publishers: Vec<Uuid> = publishers.into_iter().collect();
        let tx = own.db.begin_read().await?;
        let postbacks = repo::postbacks_of(&tx, &publishers).await?;
        drop(tx);
        let mut new = Vec::new();
        for happening in &happenings {
            let told = postbacks.iter().filter(|postback| postback.wants(happening));
            new.extend(told.map(|postback| (postback.id, happening)));
        }
        if new.is_empty() {
            return Ok(());
        }
        let tx = own.db.begin_write(&own.clock).await?;
        repo::insert(&tx, &new).await?;
        tx.commit().await?;
        own.bell.ring();
        Ok(())
    }
}

/// Keeps the log within its bounds.
#[derive(Clone, Debug)]
pub struct NoticeLog(pub Notices, pub NoticeConfig);

#[async_trait]
impl jobs::Handler for NoticeLog {
    async fn run(&self, _job: &jobs::Job) -> Result<()> {
        let NoticeLog(own, config) = self;
        let most = i64::try_from(MANY).unwrap_or(i64::MAX);
        loop {
            let tx = own.db.begin_write(&own.clock).await?;
            let before = tx.now().plus(-i64::from(config.give_up_hours).saturating_mul(HOUR));
            let dead = QUEUE.give_up(&tx, before, "not taken in time", most).await?;
            tx.commit().await?;
            if dead.len() < MANY {
                break;
            }
        }
        loop {
            let tx = own.db.begin_write(&own.clock).await?;
            let before = tx.now().plus(-i64::from(config.keep_days).saturating_mul(DAY));
            let gone = repo::prune(&tx, before, MANY).await?;
            tx.commit().await?;
            if gone < MANY {
                return Ok(());
            }
        }
    }
}
