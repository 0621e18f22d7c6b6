//! People and keys: the first operator, and keys for machines.

use clap::Subcommand;
use leadbourse_core::access::{Action, Actor, Principal, Role, allowed};
use leadbourse_core::error::{self as core, Problem};
use leadbourse_core::ids::OrganizationId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

use crate::accounts::{NewKey, NewOperator, mint};
use crate::boot::App;
use crate::platform::error::Result;

/// What can be done about people.
#[derive(Serialize, Deserialize, Subcommand)]
#[serde(rename_all = "snake_case")]
pub enum UserCommand {
    /// Make an administrator of the exchange; the first one makes the operator's organization too.
    /// Prints a random password unless one is given in `LEADBOURSE_PASSWORD`.
    Operator {
        /// E-mail address to sign in with.
        #[arg(long)]
        email: String,
        /// The person's name.
        #[arg(long)]
        name: String,
        /// The exchange's name, if it has no organization yet.
        #[arg(long, default_value = "Leadbourse")]
        organization: String,
        /// The exchange's IANA time zone, if it has no organization yet.
        #[arg(long, default_value = "UTC")]
        time_zone: String,
        /// The password; read from the environment so that it is in no list of processes.
        #[arg(long, env = "LEADBOURSE_PASSWORD", hide = true, hide_env_values = true)]
        password: Option<String>,
    },
}

impl fmt::Debug for UserCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Operator { organization, .. } = self;
        write!(f, "Operator of {organization}")
    }
}

/// What can be done about keys.
#[derive(Debug, Serialize, Deserialize, Subcommand)]
#[serde(rename_all = "snake_case")]
pub enum KeyCommand {
    /// Make an API key and print its secret, once.
    Create {
        /// What people will call it.
        #[arg(long)]
        name: String,
        /// Whose key it is; the operator's when not given.
        #[arg(long)]
        organization: Option<String>,
        /// The role that it acts in, like FINANCE or MANAGER.
        #[arg(long)]
        role: String,
        /// What it may do of what the role may; everything when not given.
        #[arg(long = "scope")]
        scopes: Vec<String>,
        /// Networks that it may be used from; any when not given.
        #[arg(long = "ip-allow")]
        ip_allow: Vec<String>,
    },
    /// List the keys of an organization, without their secrets.
    List {
        /// Whose keys; the operator's when not given.
        #[arg(long)]
        organization: Option<String>,
    },
    /// End a key at once.
    Revoke {
        /// The key's id.
        id: String,
        /// Whose key it is; the operator's when not given.
        #[arg(long)]
        organization: Option<String>,
    },
}

/// Runs a command about people.
pub(super) async fn user(app: &App, command: UserCommand) -> Result<Value> {
    let UserCommand::Operator { email, name, organization, time_zone, password } = command;
    let given = password.is_some();
    let password = password.unwrap_or_else(|| mint("pw").0);
    let new = NewOperator {
        email: email.clone(),
        name,
        password: password.clone(),
        organization_name: organization,
        time_zone,
    };
    let (user, organization) = app.accounts.create_operator(new).await?;
    let mut made = json!({ "user": user.id, "email": email, "organization": organization });
    if !given && let Some(fields) = made.as_object_mut() {
        fields.insert("password".to_owned(), password.into());
    }
    Ok(made)
}

/// Runs a command about keys.
pub(super) async fn key(app: &App, command: KeyCommand) -> Result<Value> {
    match command {
        KeyCommand::Create { name, organization, role, scopes, ip_allow } => {
            let actor = acting_for(app, organization.as_deref()).await?;
            let role: Role = word(&role, "role")?;
            let scopes = if scopes.is_empty() {
                let all = Action::ALL.iter().copied();
                all.filter(|action| allowed(actor.kind, role, *action)).collect()
            } else {
                scopes.iter().map(|scope| word(scope, "scope")).collect::<Result<_>>()?
            };
            let new = NewKey { name, role, scopes, ip_allow };
            let (key, secret) = app.accounts.create_key(&actor, &new).await?;
            Ok(json!({ "id": key.id, "name": key.name, "secret": secret }))
        }
        KeyCommand::List { organization } => {
            let actor = acting_for(app, organization.as_deref()).await?;
            let keys = app.accounts.keys(&actor).await?;
            Ok(keys.iter().map(shown).collect())
        }
        KeyCommand::Revoke { id, organization } => {
            let actor = acting_for(app, organization.as_deref()).await?;
            let id = id.parse().map_err(|_| Problem::new(core::BAD_ID).field("id"))?;
            Ok(shown(&app.accounts.revoke_key(&actor, id).await?))
        }
    }
}

fn shown(key: &crate::accounts::ApiKey) -> Value {
    json!({
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "role": key.role,
        "scopes": key.scopes,
        "created_at": key.created_at.rfc3339(),
        "revoked_at": key.revoked_at.map(leadbourse_core::time::Timestamp::rfc3339),
    })
}

/// A word of one of core's enums.
fn word<T: serde::de::DeserializeOwned>(text: &str, field: &'static str) -> Result<T> {
    let upper = text.to_ascii_uppercase().replace('-', "_");
    serde_json::from_value(Value::String(upper))
        .map_err(|_| Problem::new(core::BAD_INPUT).field(field).into())
}

/// The system, acting for an organization with its highest role; for the operator when none is
/// named.
pub(super) async fn acting_for(app: &App, organization: Option<&str>) -> Result<Actor> {
    let Some(text) = organization else {
        let operator = app.accounts.operator().await?;
        let missing = "There is no operator yet: leadbourse user operator --email … --name …";
        let operator = operator.ok_or(Problem::new(core::NOT_FOUND).detail(missing))?;
        return Ok(Actor::system(operator));
    };
    let id: OrganizationId =
        text.parse().map_err(|_| Problem::new(core::BAD_ID).field("organization"))?;
    let found = app.accounts.organizations(&[id]).await?;
    let organization = found.get(&id).ok_or(core::NOT_FOUND)?;
    let role = Role::founder(organization.kind);
    Ok(Actor { principal: Principal::System, kind: organization.kind, role, ..Actor::system(id) })
}
