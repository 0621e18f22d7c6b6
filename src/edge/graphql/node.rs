//! `node(id)`: anything by its printed id, with the rights of its own query.

use async_graphql::{Context, ID, Interface, Object};
use leadbourse_core::access::{Actor, OrgKind, Principal};
use leadbourse_core::error::{self as core, Problem};
use leadbourse_core::ids::BadId;
use leadbourse_core::ids::{
    AccountId, ApiKeyId, AwardId, ConversionId, DeliveryId, DisputeId, EndpointId, LeadId,
    LedgerTxId, NicheId, OfferId, OfferVersionId, OrderId, OrganizationId, ParticipationId,
    PayoutId, SettlementRunId, SourceId, StatementId, TopUpId, UserId,
};
use std::str::FromStr;
use std::sync::Arc;

use super::accounts::{ApiKey, Organization, User};
use super::awards::Award;
use super::catalogue::{CatalogueOffer, Participation};
use super::context::{actor, app};
use super::conversions::Conversion;
use super::delivery::{Delivery, Endpoint};
use super::disputes::Dispute;
use super::leads::Lead;
use super::ledger::{LedgerAccount, LedgerTransaction, TopUp};
use super::market::or_null;
use super::niches::Niche;
use super::offers::{Offer, OfferVersion};
use super::orders::Order;
use super::payouts::Payout;
use super::settlements::{SettlementRun, Statement};
use super::sources::Source;
use crate::boot::App;
use crate::platform::error::Result;

/// `node(id)`.
#[derive(Default)]
pub struct NodeQuery;

/// Anything that has an id of its own.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID"))]
#[allow(clippy::large_enum_variant, reason = "one at a time, and short-lived")]
pub enum Node {
    /// A person.
    User(User),
    /// An organization.
    Organization(Organization),
    /// A machine's key.
    ApiKey(ApiKey),
    /// A niche.
    Niche(Niche),
    /// An offer, for its buyer and operators.
    Offer(Offer),
    /// A version of an offer.
    OfferVersion(OfferVersion),
    /// An offer, for publishers.
    CatalogueOffer(CatalogueOffer),
    /// An order with a deadline.
    Order(Order),
    /// A participation.
    Participation(Participation),
    /// A source.
    Source(Source),
    /// A lead.
    Lead(Lead),
    /// An award.
    Award(Award),
    /// A conversion.
    Conversion(Conversion),
    /// A dispute.
    Dispute(Dispute),
    /// A top-up.
    TopUp(TopUp),
    /// A statement.
    Statement(Statement),
    /// A payout.
    Payout(Payout),
    /// A settlement run.
    SettlementRun(SettlementRun),
    /// An account of the ledger.
    LedgerAccount(LedgerAccount),
    /// A movement of money.
    LedgerTransaction(LedgerTransaction),
    /// An endpoint.
    Endpoint(Endpoint),
    /// A delivery.
    Delivery(Delivery),
}

#[Object]
impl NodeQuery {
    /// Anything by its id; null when there is nothing that the asker may see.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "id")] wanted: ID,
    ) -> async_graphql::Result<Option<Node>> {
        let (app, actor) = (app(ctx)?, actor(ctx)?);
        Ok(or_null(find(app, &actor, &wanted).await)?)
    }
}

/// An id of a kind whose prefix was looked at.
fn id<T: FromStr<Err = BadId>>(text: &str) -> Result<T> {
    let bad = |bad: BadId| Problem::new(core::BAD_ID).field("id").detail(bad.to_string());
    Ok(text.parse().map_err(bad)?)
}

async fn find(app: &Arc<App>, asker: &Actor, text: &str) -> Result<Node> {
    let prefix = text.split_once('_').map(|(prefix, _)| prefix).unwrap_or_default();
    match prefix {
        OrganizationId::PREFIX | UserId::PREFIX | ApiKeyId::PREFIX | NicheId::PREFIX => {
            party(app, asker, prefix, text).await
        }
        OfferId::PREFIX
        | OfferVersionId::PREFIX
        | OrderId::PREFIX
        | ParticipationId::PREFIX
        | SourceId::PREFIX
        | LeadId::PREFIX
        | AwardId::PREFIX => market(app, asker, prefix, text).await,
        EndpointId::PREFIX => {
            Ok(Node::Endpoint(Endpoint(app.deliveries.endpoint(asker, id(text)?).await?)))
        }
        DeliveryId::PREFIX => {
            Ok(Node::Delivery(Delivery(app.deliveries.delivery(asker, id(text)?).await?)))
        }
        _ => money(app, asker, prefix, text).await,
    }
}

async fn party(app: &Arc<App>, asker: &Actor, prefix: &str, text: &str) -> Result<Node> {
    match prefix {
        OrganizationId::PREFIX => {
            let found = app.accounts.organization(asker, id(text)?).await?;
            Ok(Node::Organization(Organization::new(app, *asker, found)))
        }
        UserId::PREFIX => {
            let wanted: UserId = id(text)?;
            // Oneself, a colleague, anybody for operators.
            let colleagues = app.accounts.members(asker, &[asker.org]).await?;
            let known = colleagues.values().flatten().any(|place| place.user_id == wanted);
            let own = asker.principal == Principal::User(wanted);
            if !(own || known || asker.kind == OrgKind::Operator) {
                return Err(core::NOT_FOUND.into());
            }
            let found = app.accounts.users(&[wanted]).await?.remove(&wanted);
            Ok(Node::User(User(found.ok_or(core::NOT_FOUND)?)))
        }
        ApiKeyId::PREFIX => {
            let wanted: ApiKeyId = id(text)?;
            let keys = app.accounts.keys(asker).await?;
            let found = keys.into_iter().find(|key| key.id == wanted);
            Ok(Node::ApiKey(ApiKey(found.ok_or(core::NOT_FOUND)?)))
        }
        _ => Ok(Node::Niche(Niche(app.niches.get(id(text)?).await?))),
    }
}

async fn market(app: &Arc<App>, asker: &Actor, prefix: &str, text: &str) -> Result<Node> {
    match prefix {
        OfferId::PREFIX if asker.kind == OrgKind::Publisher => {
            let found = app.offers.catalogue_entry(asker, id(text)?).await?;
            Ok(Node::CatalogueOffer(CatalogueOffer(Arc::new(found))))
        }
        OfferId::PREFIX => Ok(Node::Offer(Offer(app.offers.get(asker, id(text)?).await?))),
        OfferVersionId::PREFIX => {
            let inner = app.offers.version(asker, id(text)?).await?;
            let offer = app.offers.get(asker, inner.offer_id).await?;
            Ok(Node::OfferVersion(OfferVersion { offer, inner }))
        }
        OrderId::PREFIX => {
            Ok(Node::Order(Order(Arc::new(app.orders.get(asker, id(text)?).await?))))
        }
        ParticipationId::PREFIX => {
            let found = app.offers.participation(asker, id(text)?).await?;
            Ok(Node::Participation(Participation(found)))
        }
        SourceId::PREFIX => Ok(Node::Source(Source(app.offers.source(asker, id(text)?).await?))),
        LeadId::PREFIX => Ok(Node::Lead(Lead(app.leads.get(asker, id(text)?).await?))),
        _ => Ok(Node::Award(Award(app.conversions.award(asker, id(text)?).await?))),
    }
}

async fn money(app: &Arc<App>, asker: &Actor, prefix: &str, text: &str) -> Result<Node> {
    match prefix {
        ConversionId::PREFIX => {
            let found = app.conversions.conversion(asker, id(text)?).await?;
            Ok(Node::Conversion(Conversion(found)))
        }
        DisputeId::PREFIX => {
            Ok(Node::Dispute(Dispute(app.disputes.dispute(asker, id(text)?).await?)))
        }
        TopUpId::PREFIX => Ok(Node::TopUp(TopUp(app.ledger.top_up(asker, id(text)?).await?))),
        StatementId::PREFIX => {
            Ok(Node::Statement(Statement(app.settlements.statement(asker, id(text)?).await?)))
        }
        PayoutId::PREFIX => {
            Ok(Node::Payout(Payout(app.settlements.payout(asker, id(text)?).await?)))
        }
        SettlementRunId::PREFIX => {
            Ok(Node::SettlementRun(SettlementRun(app.settlements.run(asker, id(text)?).await?)))
        }
        AccountId::PREFIX => {
            let found = app.ledger.account(asker, id(text)?).await?;
            Ok(Node::LedgerAccount(LedgerAccount(found)))
        }
        LedgerTxId::PREFIX => {
            let found = app.ledger.transaction(asker, id(text)?).await?;
            Ok(Node::LedgerTransaction(found.into()))
        }
        _ => Err(core::NOT_FOUND.into()),
    }
}
