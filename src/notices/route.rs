//! The route of notices: a happening to a publisher's postback.

use async_trait::async_trait;
use http::Method;
use leadbourse_core::access::{Actor, OrgKind, Scope};
use leadbourse_core::delivery::{DeliveryState, EndpointState, Patience};
use leadbourse_core::ids::{ClickId, LeadId, NoticeId, OrganizationId, PublisherPostbackId};
use leadbourse_core::lead::Channel;
use leadbourse_core::notice::{NoticeEvent, NoticeMethod, Private, Template};
use leadbourse_core::time::{HOUR, Timestamp};
use serde_json::json;

use super::repo::{self, QUEUE};
use super::service::Notices;
use crate::delivery::{Call, Courier, Ground, Leased, Load, Queue, Route};
use crate::leads;
use crate::platform::audit;
use crate::platform::config::NoticeConfig;
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::{Error, Result};

/// Sends the notices that are due.
pub type Worker = Courier<Notices>;

impl Courier<Notices> {
    /// A worker over the same database as the service.
    pub fn new(own: Notices, config: &NoticeConfig) -> Self {
        let patience = Patience {
            give_up: i64::from(config.give_up_hours).saturating_mul(HOUR),
            pause_after: i64::from(config.pause_after_hours).saturating_mul(HOUR),
        };
        let ground = own.ground();
        Self::over(own, ground, config.concurrency, patience)
    }
}

impl Notices {
    /// What the courier stands on.
    pub(super) fn ground(&self) -> Ground {
        Ground {
            db: self.db.clone(),
            clock: self.clock.clone(),
            vault: self.vault.clone(),
            egress: self.egress.clone(),
            bell: self.bell.clone(),
        }
    }

    /// What the publisher sent with the lead; nothing once it was erased.
    async fn private(&self, tx: &impl Reader, lead: LeadId) -> Result<Private> {
        let ids = [lead.uuid()];
        let Some(record) = leads::by_ids(tx, &ids).await?.remove(&lead) else {
            return Ok(Private::default());
        };
        let stored = leads::contacts(tx, &ids).await?.remove(&lead.uuid());
        let whole =
            |stored: &leads::StoredContact| record.erased_at.is_none() && !stored.is_erased();
        let Some(stored) = stored.filter(whole) else {
            return Ok(Private::default());
        };
        let envelope = leads::open_contact(&self.vault, &stored)?.envelope;
        // A lead that was made of a click has the click's own id.
        let made = (record.channel == Channel::Click).then(|| ClickId(lead.uuid()).to_string());
        Ok(Private {
            external_id: envelope.external_id,
            click_id: envelope.click_id.or(made),
            sub_ids: envelope.sub_ids,
        })
    }
}

#[async_trait]
impl Route for Notices {
    fn queue(&self) -> &'static Queue {
        &QUEUE
    }

    async fn load(&self, leased: &Leased) -> Result<Load> {
        let tx = self.db.begin_read().await?;
        let id = NoticeId(leased.id);
        let notice = repo::notice(&tx, Scope::All, id).await?;
        let notice = notice.ok_or_else(|| Error::broken(format!("{id} is gone")))?;
        let happening = notice.happening;
        let once = happening.event == NoticeEvent::Test;
        let postback = PublisherPostbackId(leased.target);
        let Some(postback) = repo::postback(&tx, Scope::All, postback).await? else {
            return Ok(Load::Pointless("the postback is gone"));
        };
        match postback.state {
            EndpointState::Active => {}
            EndpointState::Paused if once => {}
            EndpointState::Paused => return Ok(Load::NotNow),
            EndpointState::Deleted => return Ok(Load::Pointless("the postback was deleted")),
        }
        let private = match once {
            true => Private::sample(),
            false => self.private(&tx, happening.lead).await?,
        };
        let Ok(template) = Template::parse(&postback.url) else {
            return Ok(Load::Pointless("the address does not read"));
        };
        let (method, body) = match postback.method {
            NoticeMethod::Get => (Method::GET, None),
            NoticeMethod::Post => (Method::POST, Some(happening.body(&private))),
        };
        Ok(Load::Call(Box::new(Call {
            method,
            url: happening.address(&template, &private),
            body,
            id: happening.id().to_string(),
            secret: postback.secret_ciphertext,
            once,
        })))
    }

    async fn came_to(
        &self,
        _tx: &WriteTx,
        _leased: &Leased,
        _state: DeliveryState,
        _blameless: bool,
    ) -> Result<()> {
        Ok(())
    }

    async fn paused(&self, tx: &WriteTx, leased: &Leased, since: Timestamp) -> Result<()> {
        let publisher = OrganizationId(leased.owner);
        let actor = Actor { kind: OrgKind::Publisher, ..Actor::system(publisher) };
        let subject = PublisherPostbackId(leased.target).to_string();
        let detail = json!({ "reason": "failing", "since": since.rfc3339() });
        audit::record(tx, &actor, "publisher_postback.pause", &subject, detail).await
    }
}
