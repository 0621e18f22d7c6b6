//! The first operator, made on the command line: there is nobody yet who could approve them.

use leadbourse_core::access::{Actor, OrgKind, Principal, Role};
use leadbourse_core::account::input;
use leadbourse_core::account::state::OrgState;
use leadbourse_core::error::{NOT_FOUND, Problem};
use leadbourse_core::ids::OrganizationId;
use serde_json::json;

use super::authenticate::actor_of;
use super::model::{Organization, User};
use super::service::{checked_person, insert_person, insert_place};
use super::{Accounts, repo};
use crate::platform::audit;
use crate::platform::error::Result;

/// An administrator to be made. No `Debug`: the password is in it.
#[derive(Clone)]
pub struct NewOperator {
    /// The address to sign in with.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// The password.
    pub password: String,
    /// The name of the exchange; used if it has no organization yet.
    pub organization_name: String,
    /// IANA time zone of the exchange; used if it has no organization yet.
    pub time_zone: String,
}

impl Accounts {
    /// Makes an administrator, and the operator's organization if there is none. Whoever may call
    /// this may write the database: it asks for no rights, and is recorded as the system's deed.
    ///
    /// # Errors
    /// Refusals of single fields, `EMAIL_TAKEN`.
    pub async fn create_operator(&self, new: NewOperator) -> Result<(User, OrganizationId)> {
        let person = checked_person(&new.email, &new.name, None)?;
        input::password(&new.password, "password")?;
        let name = input::name(&new.organization_name, "organizationName")?;
        let time_zone = input::time_zone(&new.time_zone, "timeZone")?;
        let hash = self.passwords.hash(new.password).await?;
        let tx = self.db.begin_write(&self.clock).await?;
        let organization = match repo::operator_organization(&tx).await? {
            Some(id) => id,
            None => {
                let organization = Organization {
                    id: OrganizationId::new(tx.now()),
                    kind: OrgKind::Operator,
                    name,
                    state: OrgState::Active,
                    country: None,
                    time_zone,
                    created_at: tx.now(),
                    decided_at: None,
                    note: None,
                };
                repo::insert_organization(&tx, &organization).await?;
                organization.id
            }
        };
        let user = insert_person(&tx, person, &hash).await?;
        insert_place(&tx, user.id, organization, Role::Admin).await?;
        let actor = Actor::system(organization);
        let detail = json!({"role": Role::Admin});
        audit::record(&tx, &actor, "operator.create", &user.id.to_string(), detail).await?;
        tx.commit().await?;
        Ok((user, organization))
    }

    /// The operator's organization, if it was made: jobs and the command line act for it.
    ///
    /// # Errors
    /// Faults only.
    pub async fn operator(&self) -> Result<Option<OrganizationId>> {
        let tx = self.db.begin_read().await?;
        repo::operator_organization(&tx).await
    }

    /// A member of the operator's organization by its address, for the command line: what it does
    /// is that member's deed, with that member's rights.
    ///
    /// # Errors
    /// `NOT_FOUND` when nobody there has this address.
    pub async fn operator_member(&self, email: &str) -> Result<Actor> {
        let email = input::login_email(email, "email")?;
        let nobody =
            || Problem::new(NOT_FOUND).detail("No member of the operator has this e-mail address.");
        let tx = self.db.begin_read().await?;
        let user = repo::user_by_email(&tx, &email).await?.ok_or_else(nobody)?;
        if user.disabled_at.is_some() {
            return Err(nobody().into());
        }
        let user = user.read();
        for place in repo::places(&tx, user.id.uuid()).await? {
            let actor = actor_of(Principal::User(user.id), &place)?;
            if actor.kind == OrgKind::Operator {
                return Ok(actor);
            }
        }
        Err(nobody().into())
    }
}
