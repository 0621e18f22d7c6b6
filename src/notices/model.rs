//! Publishers' postbacks and notices as they are stored.

use leadbourse_core::delivery::{DeliveryState, EndpointState};
use leadbourse_core::ids::{
    HappeningId, LeadId, NoticeId, OrganizationId, PublisherPostbackId, SourceId,
};
use leadbourse_core::notice::{Happening, NoticeEvent, NoticeMethod};
use leadbourse_core::time::Timestamp;

use crate::delivery::Attempt;

/// An address of a publisher's that is told what happens.
#[derive(Clone, PartialEq, Eq)]
pub struct PublisherPostback {
    /// Its id.
    pub id: PublisherPostbackId,
    /// Whose it is.
    pub publisher_id: OrganizationId,
    /// Only for this source; for all of the publisher's when not given.
    pub source_id: Option<SourceId>,
    /// What people call it.
    pub name: String,
    /// The address with its macros.
    pub url: String,
    /// How it is called.
    pub method: NoticeMethod,
    /// For what it is called.
    pub events: Vec<NoticeEvent>,
    /// Whether it is called.
    pub state: EndpointState,
    /// Since when nothing but failures came back.
    pub failing_since: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The signing secret, sealed.
    pub(super) secret_ciphertext: Vec<u8>,
}

impl std::fmt::Debug for PublisherPostback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublisherPostback({}, {})", self.id, self.state)
    }
}

impl PublisherPostback {
    /// Whether it is told of this. What happened before it was made is not its business.
    pub(super) fn wants(&self, happening: &Happening) -> bool {
        self.publisher_id == happening.publisher
            && self.created_at <= happening.at
            && self.source_id.is_none_or(|only| only == happening.source)
            && self.events.contains(&happening.event)
    }
}

/// What a publisher says about a postback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostbackInput {
    /// What people will call it.
    pub name: String,
    /// The address with its macros.
    pub url: String,
    /// How it is called.
    pub method: NoticeMethod,
    /// For what.
    pub events: Vec<NoticeEvent>,
    /// Only for this source.
    pub source_id: Option<SourceId>,
}

/// One happening on its way to one postback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Derived from happening and postback: one is told to the other once.
    pub id: NoticeId,
    /// What happened; the same for every postback that is told of it.
    pub happening_id: HappeningId,
    /// The postback.
    pub postback_id: PublisherPostbackId,
    /// Whose it is.
    pub publisher_id: OrganizationId,
    /// The lead.
    pub lead_id: LeadId,
    /// What happened.
    pub happening: Happening,
    /// How far it is.
    pub state: DeliveryState,
    /// Tries so far.
    pub attempts: i32,
    /// When it is tried next, while pending.
    pub next_at: Timestamp,
    /// What the last failure said.
    pub last_error: Option<String>,
    /// When it happened.
    pub created_at: Timestamp,
    /// When the postback took it.
    pub delivered_at: Option<Timestamp>,
}

/// A notice with its tries, first one first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeView {
    /// The notice.
    pub notice: Notice,
    /// Its tries.
    pub attempts: Vec<Attempt>,
}

/// Which notices are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoticeFilter {
    /// To this postback.
    pub postback: Option<PublisherPostbackId>,
    /// About this lead.
    pub lead: Option<LeadId>,
    /// In this state.
    pub state: Option<DeliveryState>,
}
