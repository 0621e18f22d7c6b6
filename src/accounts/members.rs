//! Who belongs to an organization, and as what.

use leadbourse_core::access::{Action, Actor, Role};
use leadbourse_core::account::input;
use leadbourse_core::error::{NOT_FOUND, Problem, REQUIRED};
use leadbourse_core::ids::MembershipId;
use serde_json::json;

use super::error::{ALREADY_MEMBER, LAST_OWNER, ROLE_NOT_HERE};
use super::model::Membership;
use super::service::{checked_person, insert_person, insert_place};
use super::{Accounts, repo};
use crate::platform::audit;
use crate::platform::error::Result;

/// A person to be added. No `Debug`: the password is in it.
#[derive(Clone)]
pub struct NewMember {
    /// The address to sign in with.
    pub email: String,
    /// The person's name; ignored if the person is known.
    pub name: String,
    /// As what.
    pub role: Role,
    /// The first password; needed if the person is new, ignored if known.
    pub password: Option<String>,
}

fn fitting(actor: &Actor, role: Role) -> Result<(), Problem> {
    if role.fits(actor.kind) { Ok(()) } else { Err(Problem::new(ROLE_NOT_HERE).field("role")) }
}

/// Refuses to take the last person who may manage the organization away.
fn keep_an_owner(actor: &Actor, members: &[Membership], leaving: MembershipId) -> Result<()> {
    let founder = Role::founder(actor.kind);
    let stays = members.iter().any(|place| place.id != leaving && place.role == founder);
    if stays { Ok(()) } else { Err(LAST_OWNER.into()) }
}

impl Accounts {
    /// Adds a person to the own organization. Somebody new gets the given password; somebody who
    /// is known keeps theirs.
    ///
    /// # Errors
    /// Refusals of single fields, `ROLE_NOT_HERE`, `ALREADY_MEMBER`.
    pub async fn add_member(&self, actor: &Actor, new: NewMember) -> Result<Membership> {
        actor.require(Action::ManageOrganization)?;
        fitting(actor, new.role)?;
        let person = checked_person(&new.email, &new.name, None)?;
        let email = input::login_email(&new.email, "email")?;
        let hash = match &new.password {
            Some(password) => {
                input::password(password, "password")?;
                Some(self.passwords.hash(password.clone()).await?)
            }
            None => None,
        };
        let tx = self.db.begin_write(&self.clock).await?;
        let user = match repo::user_by_email(&tx, &email).await? {
            Some(row) => row.read(),
            None => {
                let hash = hash.ok_or_else(|| Problem::new(REQUIRED).field("password"))?;
                insert_person(&tx, person, &hash).await?
            }
        };
        let place = match insert_place(&tx, user.id, actor.org, new.role).await {
            Err(error) if error.is_unique_violation() => return Err(ALREADY_MEMBER.into()),
            outcome => outcome?,
        };
        let detail = json!({"user": user.id, "role": new.role});
        audit::record(&tx, actor, "member.add", &place.id.to_string(), detail).await?;
        tx.commit().await?;
        Ok(place)
    }

    /// Changes a member's role in the own organization.
    ///
    /// # Errors
    /// `NOT_FOUND`, `ROLE_NOT_HERE`, `LAST_OWNER`.
    pub async fn set_member_role(
        &self,
        actor: &Actor,
        id: MembershipId,
        role: Role,
    ) -> Result<Membership> {
        actor.require(Action::ManageOrganization)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let members = repo::lock_members(&tx, actor.org).await?;
        let mut place = *members.iter().find(|place| place.id == id).ok_or(NOT_FOUND)?;
        fitting(actor, role)?;
        if role != Role::founder(actor.kind) {
            keep_an_owner(actor, &members, id)?;
        }
        let detail = json!({"user": place.user_id, "from": place.role, "to": role});
        place.role = role;
        repo::set_role(&tx, id, role.as_str()).await?;
        audit::record(&tx, actor, "member.role", &id.to_string(), detail).await?;
        tx.commit().await?;
        self.rights_changed().await;
        Ok(place)
    }

    /// Takes a person out of the own organization.
    ///
    /// # Errors
    /// `NOT_FOUND`, `LAST_OWNER`.
    pub async fn remove_member(&self, actor: &Actor, id: MembershipId) -> Result<()> {
        actor.require(Action::ManageOrganization)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let members = repo::lock_members(&tx, actor.org).await?;
        let place = members.iter().find(|place| place.id == id).ok_or(NOT_FOUND)?;
        keep_an_owner(actor, &members, id)?;
        repo::delete_membership(&tx, id).await?;
        let detail = json!({"user": place.user_id, "role": place.role});
        audit::record(&tx, actor, "member.remove", &id.to_string(), detail).await?;
        tx.commit().await?;
        self.rights_changed().await;
        Ok(())
    }
}
