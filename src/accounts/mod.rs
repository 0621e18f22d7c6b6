//! Users, organizations, memberships, sessions and API keys: who somebody is, and for whom they
//! act. What they may do then is core's policy table.

mod authenticate;
mod bootstrap;
mod error;
mod jobs;
mod keys;
mod members;
mod model;
mod organizations;
mod passwords;
mod repo;
mod rows;
mod secrets;
mod service;
mod settings;

pub use bootstrap::NewOperator;
pub use error::*;
pub use jobs::{SWEEP_SESSIONS, SweepSessions};
pub use keys::NewKey;
pub use members::NewMember;
pub use model::{ApiKey, Known, KnownBy, Membership, Organization, SignedIn, User};
pub use organizations::{
    OrganizationFilter, count_postbacks, listening, operator_in, organization_in, organizations_in,
    require_active, suspend_in,
};
pub use secrets::{digest, mint};
pub use service::{Accounts, NewAccount};
pub use settings::OrganizationPatch;

/// Channel of the hints on which ended sessions and changed rights are told; the message is
/// empty. Whoever holds a connection open looks again at whether its owner still may.
pub const RIGHTS_CHANGED: &str = "accounts.rights_changed";
