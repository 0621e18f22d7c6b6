//! People, organizations, members, keys: what can be asked and done.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use leadbourse_core::access::Action;
use leadbourse_core::error::{self as core, Problem};

use super::accounts::{ApiKey, Membership, Organization, Viewer};
use super::context::{actor, app, caller, clear_session_cookie, client, set_session_cookie};
use super::enums::{OrganizationKind, OrganizationState, Role};
use super::errors::UserError;
use super::paging::{Conn, connection, page};
use super::scalars::parse_id;
use crate::accounts::{
    NewAccount, NewKey, NewMember, OrganizationFilter, OrganizationPatch, SignedIn,
};
use crate::payload;
use crate::platform::error::Result;

/// Queries about people and organizations.
#[derive(Default)]
pub struct AccountsQuery;

/// Mutations of people and organizations.
#[derive(Default)]
pub struct AccountsMutation;

/// Signing up.
#[derive(InputObject)]
pub struct SignUpInput {
    /// The address to sign in with.
    pub email: String,
    /// The password.
    pub password: String,
    /// The person's name.
    pub name: String,
    /// The organization's name.
    pub organization_name: String,
    /// Buyer or publisher.
    pub kind: OrganizationKind,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// IANA time zone; UTC when not given.
    pub time_zone: Option<String>,
    /// `en` or `ru`.
    pub locale: Option<String>,
}

/// Signing in.
#[derive(InputObject)]
pub struct SignInInput {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
}

/// Signing out.
#[derive(InputObject)]
pub struct SignOutInput {
    /// End every session of the person, not only this one.
    pub all: Option<bool>,
}

/// Choosing a language.
#[derive(InputObject)]
pub struct SetLocaleInput {
    /// `en` or `ru`.
    pub locale: String,
}

/// Deciding on an organization.
#[derive(InputObject)]
pub struct DecideOrganizationInput {
    /// Which.
    pub id: ID,
    /// Where it shall stand.
    pub state: OrganizationState,
    /// Why; the organization sees it.
    pub note: Option<String>,
    /// The same key with the same input gives the same answer.
    pub idempotency_key: Option<String>,
}

/// Changing the acting organization's own settings; what is not given stays.
#[derive(InputObject)]
pub struct UpdateOrganizationInput {
    /// Its name; public on the exchange.
    pub name: Option<String>,
    /// ISO 3166-1 alpha-2; null takes it off.
    pub country: MaybeUndefined<String>,
    /// IANA time zone.
    pub time_zone: Option<String>,
}

/// Adding a member.
#[derive(InputObject)]
pub struct AddMemberInput {
    /// The address to sign in with.
    pub email: String,
    /// The person's name; ignored if the person is known.
    pub name: String,
    /// As what.
    pub role: Role,
    /// The first password; needed if the person is new.
    pub password: Option<String>,
}

/// Changing a member's role.
#[derive(InputObject)]
pub struct SetMemberRoleInput {
    /// Whose.
    pub membership_id: ID,
    /// The new role.
    pub role: Role,
}

/// Removing a member.
#[derive(InputObject)]
pub struct RemoveMemberInput {
    /// Whom.
    pub membership_id: ID,
}

/// Making a key.
#[derive(InputObject)]
pub struct CreateApiKeyInput {
    /// What people will call it.
    pub name: String,
    /// The role it acts in.
    pub role: Role,
    /// Names of the actions that it may do.
    pub scopes: Vec<String>,
    /// Networks it may be used from; none means any.
    pub ip_allow: Option<Vec<String>>,
}

/// Revoking a key.
#[derive(InputObject)]
pub struct RevokeApiKeyInput {
    /// Which.
    pub id: ID,
}

payload! { SignUpPayload { viewer: Viewer } }
payload! { SignInPayload { viewer: Viewer } }
payload! { SetLocalePayload { viewer: Viewer } }
payload! { DecideOrganizationPayload { organization: Organization } }
payload! { UpdateOrganizationPayload { organization: Organization } }
payload! { AddMemberPayload { membership: Membership } }
payload! { SetMemberRolePayload { membership: Membership } }
payload! { CreateApiKeyPayload { api_key: ApiKey, secret: String } }
payload! { RevokeApiKeyPayload { api_key: ApiKey } }

/// Whether it was done.
#[derive(SimpleObject)]
pub struct SignOutPayload {
    /// Done.
    pub ok: bool,
    /// Why not.
    pub user_errors: Vec<UserError>,
}

/// Whether it was done.
#[derive(SimpleObject)]
pub struct RemoveMemberPayload {
    /// Done.
    pub ok: bool,
    /// Why not.
    pub user_errors: Vec<UserError>,
}

#[Object]
impl AccountsQuery {
    /// Who is signed in; null for strangers and for keys.
    async fn viewer(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Viewer>> {
        match caller(ctx) {
            Some(known) => Ok(Viewer::of(app(ctx)?, known).await?),
            None => Ok(None),
        }
    }

    /// An organization: the own one, or any for operators.
    async fn organization(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> async_graphql::Result<Option<Organization>> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        let found = app.accounts.organization(&actor, parse_id(&id, "id")?).await?;
        Ok(Some(Organization::new(app, actor, found)))
    }

    /// Organizations; operators see all.
    async fn organizations(
        &self,
        ctx: &Context<'_>,
        kind: Option<OrganizationKind>,
        state: Option<OrganizationState>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Organization>> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        let page = page(first, after.as_deref())?;
        let filter =
            OrganizationFilter { kind: kind.map(Into::into), state: state.map(Into::into) };
        let found = app.accounts.list_organizations(&actor, filter, &page).await?;
        Ok(connection(&page, found, |one| (one.id.uuid(), Organization::new(app, actor, one))))
    }

    /// Keys of the acting organization.
    async fn api_keys(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<ApiKey>> {
        let actor = actor(ctx)?;
        Ok(app(ctx)?.accounts.keys(&actor).await?.into_iter().map(ApiKey).collect())
    }
}

/// Puts the cookie of a fresh session into the answer.
async fn signed_in(ctx: &Context<'_>, signed_in: SignedIn) -> Result<Viewer> {
    set_session_cookie(ctx, &signed_in.token, signed_in.max_age_s);
    Viewer::of(app(ctx)?, &signed_in.known).await?.ok_or_else(|| core::NOT_FOUND.into())
}

#[Object]
impl AccountsMutation {
    /// Makes a user with an organization that waits for approval, and signs in.
    async fn sign_up(
        &self,
        ctx: &Context<'_>,
        input: SignUpInput,
    ) -> async_graphql::Result<SignUpPayload> {
        SignUpPayload::of(
            async {
                let new = NewAccount {
                    email: input.email,
                    password: input.password,
                    name: input.name,
                    organization_name: input.organization_name,
                    kind: input.kind.into(),
                    country: input.country,
                    time_zone: input.time_zone,
                    locale: input.locale,
                };
                let fresh = app(ctx)?.accounts.sign_up(new, client(ctx).ip).await?;
                signed_in(ctx, fresh).await
            }
            .await,
        )
    }

    /// Starts a session and sets its cookie.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        input: SignInInput,
    ) -> async_graphql::Result<SignInPayload> {
        SignInPayload::of(
            async {
                let SignInInput { email, password } = input;
                let accounts = &app(ctx)?.accounts;
                let fresh = accounts.sign_in(&email, &password, client(ctx).ip).await?;
                signed_in(ctx, fresh).await
            }
            .await,
        )
    }

    /// Ends the session.
    async fn sign_out(
        &self,
        ctx: &Context<'_>,
        input: SignOutInput,
    ) -> async_graphql::Result<SignOutPayload> {
        let known = caller(ctx).ok_or(Problem::new(core::UNAUTHENTICATED))?;
        app(ctx)?.accounts.sign_out(known, input.all.unwrap_or(false)).await?;
        clear_session_cookie(ctx);
        Ok(SignOutPayload { ok: true, user_errors: Vec::new() })
    }

    /// Chooses the person's language.
    async fn set_locale(
        &self,
        ctx: &Context<'_>,
        input: SetLocaleInput,
    ) -> async_graphql::Result<SetLocalePayload> {
        SetLocalePayload::of(
            async {
                let app = app(ctx)?;
                app.accounts.set_locale(&actor(ctx)?, &input.locale).await?;
                let known = caller(ctx).ok_or(Problem::new(core::UNAUTHENTICATED))?;
                Viewer::of(app, known).await?.ok_or_else(|| core::NOT_FOUND.into())
            }
            .await,
        )
    }

    /// Approves, suspends, reinstates or closes an organization. For operators.
    async fn decide_organization(
        &self,
        ctx: &Context<'_>,
        input: DecideOrganizationInput,
    ) -> async_graphql::Result<DecideOrganizationPayload> {
        DecideOrganizationPayload::of(
            async {
                let (app, actor) = (app(ctx)?, actor(ctx)?);
                let id = parse_id(&input.id, "id")?;
                let (to, note) = (input.state.into(), input.note.as_deref());
                let key = input.idempotency_key.as_deref();
                let decided = app.accounts.decide_organization(&actor, id, to, note, key).await?;
                Ok(Organization::new(app, actor, decided))
            }
            .await,
        )
    }

    /// Changes the acting organization's name, country or time zone. For its owner.
    async fn update_organization(
        &self,
        ctx: &Context<'_>,
        input: UpdateOrganizationInput,
    ) -> async_graphql::Result<UpdateOrganizationPayload> {
        UpdateOrganizationPayload::of(
            async {
                let (app, actor) = (app(ctx)?, actor(ctx)?);
                let country = match input.country {
                    MaybeUndefined::Undefined => None,
                    MaybeUndefined::Null => Some(None),
                    MaybeUndefined::Value(code) => Some(Some(code)),
                };
                let patch =
                    OrganizationPatch { name: input.name, country, time_zone: input.time_zone };
                let changed = app.accounts.update_organization(&actor, patch).await?;
                Ok(Organization::new(app, actor, changed))
            }
            .await,
        )
    }

    /// Adds a person to the acting organization.
    async fn add_member(
        &self,
        ctx: &Context<'_>,
        input: AddMemberInput,
    ) -> async_graphql::Result<AddMemberPayload> {
        AddMemberPayload::of(
            async {
                let (app, actor) = (app(ctx)?, actor(ctx)?);
                let AddMemberInput { email, name, role, password } = input;
                let new = NewMember { email, name, role: role.into(), password };
                let place = app.accounts.add_member(&actor, new).await?;
                Membership::one(app, actor, place).await
            }
            .await,
        )
    }

    /// Changes a member's role.
    async fn set_member_role(
        &self,
        ctx: &Context<'_>,
        input: SetMemberRoleInput,
    ) -> async_graphql::Result<SetMemberRolePayload> {
        SetMemberRolePayload::of(
            async {
                let (app, actor) = (app(ctx)?, actor(ctx)?);
                let id = parse_id(&input.membership_id, "membershipId")?;
                let place = app.accounts.set_member_role(&actor, id, input.role.into()).await?;
                Membership::one(app, actor, place).await
            }
            .await,
        )
    }

    /// Removes a member from the acting organization.
    async fn remove_member(
        &self,
        ctx: &Context<'_>,
        input: RemoveMemberInput,
    ) -> async_graphql::Result<RemoveMemberPayload> {
        let removed = async {
            let id = parse_id(&input.membership_id, "membershipId")?;
            app(ctx)?.accounts.remove_member(&actor(ctx)?, id).await
        };
        let (done, user_errors) = super::errors::split(removed.await)?;
        Ok(RemoveMemberPayload { ok: done.is_some(), user_errors })
    }

    /// Makes a key of the acting organization; its secret is in this answer and nowhere else.
    async fn create_api_key(
        &self,
        ctx: &Context<'_>,
        input: CreateApiKeyInput,
    ) -> async_graphql::Result<CreateApiKeyPayload> {
        CreateApiKeyPayload::of(
            async {
                let actor = actor(ctx)?;
                actor.require(Action::ManageOrganization)?;
                let scopes = input.scopes.iter().map(|scope| scope.parse::<Action>());
                let scopes = scopes.collect::<Result<_, _>>().map_err(|unknown| {
                    Problem::new(core::BAD_INPUT).field("scopes").detail(unknown.to_string())
                })?;
                let new = NewKey {
                    name: input.name,
                    role: input.role.into(),
                    scopes,
                    ip_allow: input.ip_allow.unwrap_or_default(),
                };
                let (key, secret) = app(ctx)?.accounts.create_key(&actor, &new).await?;
                Ok((ApiKey(key), secret))
            }
            .await,
        )
    }

    /// Ends a key at once.
    async fn revoke_api_key(
        &self,
        ctx: &Context<'_>,
        input: RevokeApiKeyInput,
    ) -> async_graphql::Result<RevokeApiKeyPayload> {
        RevokeApiKeyPayload::of(
            async {
                let id = parse_id(&input.id, "id")?;
                Ok(ApiKey(app(ctx)?.accounts.revoke_key(&actor(ctx)?, id).await?))
            }
            .await,
        )
    }
}
