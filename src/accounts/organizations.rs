//! Organizations: who sees them, and an operator's decisions on them.

use leadbourse_core::access::{Action, Actor, OrgKind, Scope};
use leadbourse_core::account::input;
use leadbourse_core::account::state::{OrgCommand, OrgState};
use leadbourse_core::error::{INVALID_STATE, NOT_FOUND, Problem};
use leadbourse_core::ids::OrganizationId;
use serde_json::json;
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

use super::error::{OPERATOR_NOT_DECIDED, ORGANIZATION_NOT_ACTIVE};
use super::model::{Membership, Organization};
use super::{Accounts, repo};
use crate::platform::audit;
use crate::platform::db::{Reader, WriteTx, epoch};
use crate::platform::error::Result;
use crate::platform::once;
use crate::platform::paging::{Page, Paged};

/// Which organizations are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrganizationFilter {
    /// Only of this kind.
    pub kind: Option<OrgKind>,
    /// Only in this state.
    pub state: Option<OrgState>,
}

/// Which of these publishers have postbacks, and so want to hear what happens.
///
/// # Errors
/// Faults only.
pub async fn listening(
    tx: &impl Reader,
    publishers: impl IntoIterator<Item = OrganizationId>,
) -> Result<HashSet<OrganizationId>> {
    let asked: BTreeSet<Uuid> = publishers.into_iter().map(OrganizationId::uuid).collect();
    let asked: Vec<Uuid> = asked.into_iter().collect();
    repo::listening(tx, &asked).await
}

/// Notes that a publisher has one postback more, or one less. The first one and the last one raise
/// every market's epoch, so that intake tells from then on, or no more; they come last of all that
/// a transaction locks but the audit log.
///
/// # Errors
/// Faults only.
pub async fn count_postbacks(tx: &WriteTx, publisher: OrganizationId, by: i32) -> Result<()> {
    let now = repo::count_postbacks(tx, publisher, by).await?;
    if (now == 0) != (now.saturating_sub(by) == 0) {
        epoch::raise_all(tx).await?;
    }
    Ok(())
}

/// Refuses what only active organizations may do.
///
/// # Errors
/// `ORGANIZATION_NOT_ACTIVE`.
pub async fn require_active(tx: &impl Reader, id: OrganizationId) -> Result<()> {
    let found = organization_in(tx, id).await?;
    if found.is_some_and(|organization| organization.state.trades()) {
        Ok(())
    } else {
        Err(ORGANIZATION_NOT_ACTIVE.into())
    }
}

/// An organization as it is in somebody else's transaction; `None` if there is none of this id.
///
/// # Errors
/// Faults of the database.
pub async fn organization_in(tx: &impl Reader, id: OrganizationId) -> Result<Option<Organization>> {
    Ok(repo::organizations(tx, &[id.uuid()]).await?.pop())
}

/// Organizations as they are in somebody else's transaction, read at once. Those that are not
/// there are left out.
///
/// # Errors
/// Faults of the database.
pub async fn organizations_in(
    tx: &impl Reader,
    ids: impl IntoIterator<Item = OrganizationId>,
) -> Result<HashMap<OrganizationId, Organization>> {
    let mut wanted: Vec<_> = ids.into_iter().map(|id| id.uuid()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut found = HashMap::with_capacity(wanted.len());
    for some in wanted.chunks(512) {
        let organizations = repo::organizations(tx, some).await?;
        found.extend(organizations.into_iter().map(|one| (one.id, one)));
    }
    Ok(found)
}

/// Suspends an organization in somebody else's transaction, as the exchange itself. True if it was
/// active. All epochs rise: call it when claims, meters and balances are locked, and before the
/// audit log; and [`Accounts::rights_changed`] after the commit.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn suspend_in(tx: &WriteTx, id: OrganizationId, note: &str) -> Result<bool> {
    let mut organization = repo::lock_organization(tx, id).await?.ok_or(NOT_FOUND)?;
    epoch::raise_all(tx).await?;
    if organization.state != OrgState::Active {
        return Ok(false);
    }
    organization.state = organization.state.apply(OrgCommand::Suspend)?;
    organization.decided_at = Some(tx.now());
    organization.note = Some(note.to_owned());
    repo::decide_organization(tx, &organization, "system").await?;
    Ok(true)
}

/// The operator's organization in somebody else's transaction, if it was made.
///
/// # Errors
/// Faults of the database.
pub async fn operator_in(tx: &impl Reader) -> Result<Option<OrganizationId>> {
    repo::operator_organization(tx).await
}

/// The command that leads from one state to another.
fn towards(from: OrgState, to: OrgState) -> Option<OrgCommand> {
    match (from, to) {
        (OrgState::Pending, OrgState::Active) => Some(OrgCommand::Approve),
        (OrgState::Suspended, OrgState::Active) => Some(OrgCommand::Reinstate),
        (_, OrgState::Suspended) => Some(OrgCommand::Suspend),
        (_, OrgState::Closed) => Some(OrgCommand::Close),
        _ => None,
    }
}

impl Accounts {
    /// An organization that the actor may see whole: the own one, or any for operators.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn organization(&self, actor: &Actor, id: OrganizationId) -> Result<Organization> {
        actor.require(Action::ReadOwn)?;
        if let Scope::Org(own) = actor.scope()
            && own != id
        {
            return Err(NOT_FOUND.into());
        }
        let tx = self.db.begin_read().await?;
        let found = repo::organizations(&tx, &[id.uuid()]).await?;
        found.into_iter().next().ok_or_else(|| NOT_FOUND.into())
    }

    /// Organizations by id, for loaders. Kind, name and state are public on the exchange; what
    /// else is in there the caller shows only to whom it belongs.
    ///
    /// # Errors
    /// Faults only.
    pub async fn organizations(
        &self,
        ids: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, Organization>> {
        let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
        let tx = self.db.begin_read().await?;
        let found = repo::organizations(&tx, &ids).await?;
        Ok(found.into_iter().map(|organization| (organization.id, organization)).collect())
    }

    /// Organizations, newest first: all for operators, the own one for others.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right to read.
    pub async fn list_organizations(
        &self,
        actor: &Actor,
        filter: OrganizationFilter,
        page: &Page,
    ) -> Result<Paged<Organization>> {
        actor.require(Action::ReadOwn)?;
        let tx = self.db.begin_read().await?;
        repo::list_organizations(&tx, actor.scope(), &filter, page).await
    }

    /// How many organizations wait for an operator.
    ///
    /// # Errors
    /// `NOT_FOUND` for others than operators.
    pub async fn count_pending(&self, actor: &Actor) -> Result<i64> {
        actor.require(Action::ReadOwn)?;
        if actor.scope() != Scope::All {
            return Err(NOT_FOUND.into());
        }
        let tx = self.db.begin_read().await?;
        repo::count_pending(&tx).await
    }

    /// Members of these organizations that the actor may see, by organization.
    ///
    /// # Errors
    /// `NOT_FOUND` without the right to read.
    pub async fn members(
        &self,
        actor: &Actor,
        ids: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, Vec<Membership>>> {
        actor.require(Action::ReadOwn)?;
        let visible: Vec<_> = ids
            .iter()
            .filter(|id| match actor.scope() {
                Scope::All => true,
                Scope::Org(own) => own == **id,
            })
            .map(|id| id.uuid())
            .collect();
        let tx = self.db.begin_read().await?;
        let mut by_organization: HashMap<OrganizationId, Vec<Membership>> = HashMap::new();
        for place in repo::members_of(&tx, &visible).await? {
            by_organization.entry(place.organization_id).or_default().push(place);
        }
        Ok(by_organization)
    }

    /// An operator approves, suspends, reinstates or closes an organization. Every market sees it
    /// before this answers: the epochs rise in the same transaction.
    ///
    /// # Errors
    /// `NOT_FOUND`, `INVALID_STATE`, `OPERATOR_NOT_DECIDED`, `IDEMPOTENCY_MISMATCH`.
    pub async fn decide_organization(
        &self,
        actor: &Actor,
        id: OrganizationId,
        to: OrgState,
        note: Option<&str>,
        key: Option<&str>,
    ) -> Result<Organization> {
        actor.require(Action::Moderate)?;
        let note = input::note(note, 1_000, "note")?;
        let tx = self.db.begin_write(&self.clock).await?;
        let before: Option<OrganizationId> =
            once::begin(&tx, actor, key, "decideOrganization", &(id, to, &note)).await?;
        if let Some(id) = before {
            return organization_in(&tx, id).await?.ok_or(NOT_FOUND.into());
        }
        let mut organization = repo::lock_organization(&tx, id).await?.ok_or(NOT_FOUND)?;
        if organization.kind == OrgKind::Operator {
            return Err(OPERATOR_NOT_DECIDED.into());
        }
        let from = organization.state;
        let command = towards(from, to).ok_or_else(|| {
            Problem::new(INVALID_STATE)
                .field("state")
                .detail(format!("There is no way from {from} to {to}."))
        })?;
        organization.state = from.apply(command)?;
        organization.decided_at = Some(tx.now());
        organization.note = note;
        repo::decide_organization(&tx, &organization, &actor.name()).await?;
        epoch::raise_all(&tx).await?;
        let detail = json!({"from": from, "to": to, "note": organization.note});
        audit::record(&tx, actor, "organization.decide", &id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &id).await?;
        tx.commit().await?;
        self.rights_changed().await;
        Ok(organization)
    }
}
