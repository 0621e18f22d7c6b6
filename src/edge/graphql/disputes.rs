//! Returns, as all three sides see them.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use leadbourse_core::access::{Action, OrgKind};
use leadbourse_core::dispute::{BAD_SHARE, Verdict};
use leadbourse_core::error::{NOT_FOUND, Problem};
use leadbourse_core::ids::OrganizationId;
use leadbourse_core::money::Bps;

use super::accounts::Organization;
use super::context::{actor, app};
use super::conversions::Conversion;
use super::enums::{GoalKind, OrganizationKind};
use super::loaders::loaders;
use super::market::or_null;
use super::paging::{Conn, connection, page};
use super::scalars::{DateTime, LocalizedText, Money, MoneyInput, id, money, parse_id};
use crate::disputes::{self, ClaimConversion, OpenReturn};
use crate::payload;

crate::graphql_enum! {
    /// What a dispute is about.
    DisputeKind = "leadbourse_core::dispute::DisputeKind" {
        /// A buyer's claim on a conversion.
        Return,
        /// A publisher's claim that an event was not reported.
        MissingConversion,
        /// A claim that a verdict was wrong.
        WrongVerdict,
        /// A claim of fraud.
        Fraud,
    }
}

crate::graphql_enum! {
    /// Where a dispute is.
    DisputeState = "leadbourse_core::dispute::DisputeState" {
        /// Waits for the publisher.
        Open,
        /// The publisher agreed; the claim is given back.
        Accepted,
        /// The publisher disagreed; waits for an operator.
        Contested,
        /// Decided for the claimant in full.
        Upheld,
        /// Decided for the claimant in part.
        Partial,
        /// Decided against the claimant.
        Refused,
        /// The claimant took it back.
        Withdrawn,
    }
}

/// An operator's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum DisputeOutcome {
    /// The claim, in full.
    Upheld,
    /// A smaller share.
    Partial,
    /// Nothing.
    Refused,
}

/// Queries of disputes.
#[derive(Default)]
pub struct DisputesQuery;

/// Mutations of disputes.
#[derive(Default)]
pub struct DisputesMutation;

/// A disagreement about a conversion.
#[derive(Clone)]
pub struct Dispute(pub disputes::Dispute);

impl Dispute {
    async fn party(ctx: &Context<'_>, id: OrganizationId) -> async_graphql::Result<Organization> {
        let found = loaders(ctx)?.must(id).await?;
        Ok(Organization::new(app(ctx)?, actor(ctx)?, found))
    }
}

#[Object]
impl Dispute {
    /// Its id.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// What it is about.
    async fn kind(&self) -> DisputeKind {
        self.0.kind.into()
    }

    /// Where it is.
    async fn state(&self) -> DisputeState {
        self.0.state.into()
    }

    /// The coded reason.
    async fn reason_code(&self) -> &str {
        &self.0.reason_code
    }

    /// What people read for it; the code itself if the niche has dropped it since.
    async fn reason_label(&self, ctx: &Context<'_>) -> async_graphql::Result<LocalizedText> {
        let label = app(ctx)?.disputes.reason_label(&self.0).await?;
        let code =
            || LocalizedText { en: self.0.reason_code.clone(), ru: self.0.reason_code.clone() };
        Ok(label.map_or_else(code, |label| LocalizedText { en: label.en, ru: label.ru }))
    }

    /// The share of the price that is claimed in all, basis points.
    async fn claimed_bps(&self) -> i64 {
        i64::from(self.0.claimed.0)
    }

    /// The share that was granted in all, once it has ended.
    async fn decided_bps(&self) -> Option<i64> {
        self.0.decided.map(|share| i64::from(share.0))
    }

    /// The conversion; of a claim that something was not reported, the one that the claim led to.
    async fn conversion(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Conversion>> {
        match self.0.conversion_id {
            Some(id) => Ok(Some(loaders(ctx)?.must(id).await.map(Conversion)?)),
            None => Ok(None),
        }
    }

    /// The award.
    async fn award_id(&self) -> ID {
        id(self.0.award_id)
    }

    /// What is claimed not to have been reported; null for every other kind.
    async fn claim(&self) -> Option<DisputeClaim> {
        self.0.claim.as_ref().map(|claim| DisputeClaim {
            goal: claim.goal.into(),
            amount: claim.amount.map(|sum| money(sum, claim.currency)),
            decided_amount: claim.decided_amount.map(|sum| money(sum, claim.currency)),
            occurred_at: claim.occurred_at.into(),
        })
    }

    /// The lead.
    async fn lead_id(&self) -> ID {
        id(self.0.lead_id)
    }

    /// The offer.
    async fn offer_id(&self) -> ID {
        id(self.0.offer_id)
    }

    /// The offer's name.
    async fn offer_name(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        let offer = loaders(ctx)?.one(self.0.offer_id).await?;
        Ok(offer.map(|offer| offer.name).unwrap_or_default())
    }

    /// Who bought.
    async fn buyer(&self, ctx: &Context<'_>) -> async_graphql::Result<Organization> {
        Self::party(ctx, self.0.buyer_id).await
    }

    /// Who sold.
    async fn publisher(&self, ctx: &Context<'_>) -> async_graphql::Result<Organization> {
        Self::party(ctx, self.0.publisher_id).await
    }

    /// The claimed share of the price; of the earning for publishers.
    async fn amount(&self, ctx: &Context<'_>) -> async_graphql::Result<Money> {
        let kind = actor(ctx)?.kind;
        if let Some(claim) = &self.0.claim {
            let leg = if kind == OrgKind::Publisher { claim.earning } else { claim.price };
            return Ok(money(leg, claim.currency));
        }
        let about = self.0.conversion_id.ok_or_else(|| Problem::new(NOT_FOUND))?;
        let conversion = loaders(ctx)?.must(about).await?;
        let leg = match kind {
            OrgKind::Publisher => conversion.legs.earning(),
            OrgKind::Buyer | OrgKind::Operator => conversion.legs.price(),
        };
        Ok(money(self.0.claimed.of_half_even(leg), conversion.currency))
    }

    /// Until when the publisher may answer.
    async fn answer_by(&self) -> DateTime {
        self.0.deadlines.answer_by.into()
    }

    /// When an operator should have decided.
    async fn decide_by(&self) -> DateTime {
        self.0.deadlines.decide_by.into()
    }

    /// When the niche's default decides.
    async fn lock_at(&self) -> DateTime {
        self.0.deadlines.lock_at.into()
    }

    /// When it was opened.
    async fn opened_at(&self) -> DateTime {
        self.0.opened_at.into()
    }

    /// When it ended.
    async fn resolved_at(&self) -> Option<DateTime> {
        self.0.resolved_at.map(DateTime)
    }

    /// Its history, first event first.
    async fn events(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<DisputeEvent>> {
        let one = std::slice::from_ref(&self.0);
        let events = app(ctx)?.disputes.events(&actor(ctx)?, one).await?;
        Ok(events.into_iter().map(DisputeEvent).collect())
    }
}

/// An event that a publisher says was not reported.
#[derive(SimpleObject)]
pub struct DisputeClaim {
    /// What happened.
    pub goal: GoalKind,
    /// What the customer paid, if the publisher said so.
    pub amount: Option<Money>,
    /// The amount for which it was granted.
    pub decided_amount: Option<Money>,
    /// When it happened.
    pub occurred_at: DateTime,
}

/// One entry of a dispute's history.
pub struct DisputeEvent(disputes::DisputeEvent);

#[Object]
impl DisputeEvent {
    /// Its place in the history, from 1.
    async fn seq(&self) -> i32 {
        self.0.seq
    }

    /// What happened, a stable code.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Who did it.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// For which side; null for the exchange's clock.
    async fn organization_kind(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<Option<OrganizationKind>> {
        let found = loaders(ctx)?.one(self.0.organization_id).await?;
        Ok(found.map(|organization| organization.kind.into()))
    }

    /// What was said; null if nothing was, or the lead is erased.
    async fn comment(&self) -> Option<&str> {
        self.0.comment.as_deref()
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }
}

#[Object]
impl DisputesQuery {
    /// One dispute that the viewer may see.
    async fn dispute(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<Dispute>> {
        let (actor, id) = (actor(ctx)?, parse_id(&id, "id")?);
        Ok(or_null(app(ctx)?.disputes.dispute(&actor, id).await)?.map(Dispute))
    }

    /// Disputes, newest first: the viewer's own, all for operators.
    #[graphql(complexity = "first.unwrap_or(25) as usize * child_complexity")]
    async fn disputes(
        &self,
        ctx: &Context<'_>,
        state: Option<DisputeState>,
        open: Option<bool>,
        first: Option<i32>,
        after: Option<String>,
    ) -> async_graphql::Result<Conn<Dispute>> {
        let page = page(first, after.as_deref())?;
        let (actor, state) = (actor(ctx)?, state.map(Into::into));
        let found = app(ctx)?.disputes.disputes(&actor, state, open, &page).await?;
        Ok(connection(&page, found, |one| (one.id.uuid(), Dispute(one))))
    }
}

/// A buyer's claim.
#[derive(InputObject)]
struct OpenReturnInput {
    /// The conversion.
    conversion_id: ID,
    /// One of the niche's reasons.
    reason_code: String,
    /// What is wrong, in words.
    comment: Option<String>,
    /// The share of the price that is claimed in all, basis points; the whole if not said.
    share_bps: Option<i32>,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// A buyer takes a claim back.
#[derive(InputObject)]
struct WithdrawReturnInput {
    /// The dispute.
    dispute_id: ID,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// A publisher's claim that an event was not reported.
#[derive(InputObject)]
struct ClaimConversionInput {
    /// Its award.
    award_id: ID,
    /// What was not reported: a sale or a registration.
    goal: GoalKind,
    /// What the customer paid; needed where a share of the sale is paid.
    amount: Option<MoneyInput>,
    /// When it happened.
    occurred_at: DateTime,
    /// How the publisher knows.
    comment: String,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// A publisher takes a claim back.
#[derive(InputObject)]
struct WithdrawClaimInput {
    /// The dispute.
    dispute_id: ID,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// A buyer's answer to a claim.
#[derive(InputObject)]
struct AnswerClaimInput {
    /// The dispute.
    dispute_id: ID,
    /// Agrees, and is billed; or contests.
    accept: bool,
    /// Why.
    comment: Option<String>,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// A publisher's answer.
#[derive(InputObject)]
struct AnswerReturnInput {
    /// The dispute.
    dispute_id: ID,
    /// Agrees, or contests.
    accept: bool,
    /// Why.
    comment: Option<String>,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// An operator's decision.
#[derive(InputObject)]
struct DecideDisputeInput {
    /// The dispute.
    dispute_id: ID,
    /// The decision.
    outcome: DisputeOutcome,
    /// For `PARTIAL` of a return: the share that is granted in all, basis points.
    share_bps: Option<i32>,
    /// For `PARTIAL` of a claim: the sale for which it is granted, less than was claimed.
    amount: Option<MoneyInput>,
    /// Why.
    comment: Option<String>,
    /// The sender's own key of this wish: the same key with the same input gives the same answer,
    /// and is done once.
    idempotency_key: String,
}

/// A word in a dispute.
#[derive(InputObject)]
struct CommentDisputeInput {
    /// The dispute.
    dispute_id: ID,
    /// What is said.
    comment: String,
}

payload! { OpenReturnPayload { dispute: Dispute } }
payload! { ClaimConversionPayload { dispute: Dispute } }
payload! { AnswerClaimPayload { dispute: Dispute } }
payload! { WithdrawClaimPayload { dispute: Dispute } }
payload! { WithdrawReturnPayload { dispute: Dispute } }
payload! { AnswerReturnPayload { dispute: Dispute } }
payload! { DecideDisputePayload { dispute: Dispute } }
payload! { CommentDisputePayload { dispute: Dispute } }

/// A share as it was sent. What is no share is more than the whole, and the service refuses that,
/// after it has looked whether the asker may see the thing at all.
fn share(bps: i32) -> Bps {
    Bps(u32::try_from(bps).unwrap_or(u32::MAX))
}

#[Object]
impl DisputesMutation {
    /// Opens a return on a conversion, within its window.
    async fn open_return(
        &self,
        ctx: &Context<'_>,
        input: OpenReturnInput,
    ) -> async_graphql::Result<OpenReturnPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        OpenReturnPayload::of(
            async {
                actor.require(Action::OpenReturns)?;
                let claim = OpenReturn {
                    conversion_id: parse_id(&input.conversion_id, "conversionId")?,
                    reason_code: input.reason_code,
                    comment: input.comment,
                    share: input.share_bps.map(share),
                };
                let key = Some(input.idempotency_key.as_str());
                app.disputes.open_return(&actor, claim, key).await.map(Dispute)
            }
            .await,
        )
    }

    /// Takes a return back.
    async fn withdraw_return(
        &self,
        ctx: &Context<'_>,
        input: WithdrawReturnInput,
    ) -> async_graphql::Result<WithdrawReturnPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        WithdrawReturnPayload::of(
            async {
                let id = parse_id(&input.dispute_id, "disputeId")?;
                let key = Some(input.idempotency_key.as_str());
                app.disputes.withdraw_return(&actor, id, key).await.map(Dispute)
            }
            .await,
        )
    }

    /// Claims, as its publisher, that a sale or a registration on an award was not reported.
    async fn claim_conversion(
        &self,
        ctx: &Context<'_>,
        input: ClaimConversionInput,
    ) -> async_graphql::Result<ClaimConversionPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        ClaimConversionPayload::of(
            async {
                actor.require(Action::AnswerDisputes)?;
                let award_id = parse_id(&input.award_id, "awardId")?;
                let amount = input.amount.map(|sum| sum.parse("amount")).transpose();
                if amount.is_err() {
                    // What is wrong is told only to those who may see the award.
                    app.conversions.award(&actor, award_id).await?;
                }
                let claim = ClaimConversion {
                    award_id,
                    goal: input.goal.into(),
                    amount: amount?,
                    occurred_at: input.occurred_at.into(),
                    comment: input.comment,
                };
                let key = Some(input.idempotency_key.as_str());
                app.disputes.claim(&actor, &claim, key).await.map(Dispute)
            }
            .await,
        )
    }

    /// Accepts or contests a claim, as its buyer. What is accepted is billed.
    async fn answer_claim(
        &self,
        ctx: &Context<'_>,
        input: AnswerClaimInput,
    ) -> async_graphql::Result<AnswerClaimPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        AnswerClaimPayload::of(
            async {
                let id = parse_id(&input.dispute_id, "disputeId")?;
                let (comment, key) =
                    (input.comment.as_deref(), Some(input.idempotency_key.as_str()));
                let done = app.disputes.answer_claim(&actor, id, input.accept, comment, key).await;
                done.map(Dispute)
            }
            .await,
        )
    }

    /// Takes a claim back.
    async fn withdraw_claim(
        &self,
        ctx: &Context<'_>,
        input: WithdrawClaimInput,
    ) -> async_graphql::Result<WithdrawClaimPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        WithdrawClaimPayload::of(
            async {
                let id = parse_id(&input.dispute_id, "disputeId")?;
                let key = Some(input.idempotency_key.as_str());
                app.disputes.withdraw_claim(&actor, id, key).await.map(Dispute)
            }
            .await,
        )
    }

    /// Accepts or contests a return, as its publisher.
    async fn answer_return(
        &self,
        ctx: &Context<'_>,
        input: AnswerReturnInput,
    ) -> async_graphql::Result<AnswerReturnPayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        AnswerReturnPayload::of(
            async {
                let id = parse_id(&input.dispute_id, "disputeId")?;
                let (comment, key) =
                    (input.comment.as_deref(), Some(input.idempotency_key.as_str()));
                let done = app.disputes.answer_return(&actor, id, input.accept, comment, key).await;
                done.map(Dispute)
            }
            .await,
        )
    }

    /// Decides a contested dispute, as an operator.
    async fn decide_dispute(
        &self,
        ctx: &Context<'_>,
        input: DecideDisputeInput,
    ) -> async_graphql::Result<DecideDisputePayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        DecideDisputePayload::of(
            async {
                actor.require(Action::DecideDisputes)?;
                let id = parse_id(&input.dispute_id, "disputeId")?;
                let (comment, key) =
                    (input.comment.as_deref(), Some(input.idempotency_key.as_str()));
                if let (DisputeOutcome::Partial, Some(sum)) = (input.outcome, &input.amount) {
                    let sum = sum.parse("amount")?;
                    let done = app.disputes.decide_amount(&actor, id, sum, comment, key).await;
                    return done.map(Dispute);
                }
                let verdict = match input.outcome {
                    DisputeOutcome::Upheld => Verdict::Upheld,
                    DisputeOutcome::Refused => Verdict::Refused,
                    DisputeOutcome::Partial => {
                        let bps = input.share_bps;
                        let bps = bps.ok_or_else(|| Problem::new(BAD_SHARE).field("shareBps"))?;
                        Verdict::Partial(share(bps))
                    }
                };
                app.disputes.decide(&actor, id, verdict, comment, key).await.map(Dispute)
            }
            .await,
        )
    }

    /// Says something in an open dispute; all three sides read it.
    async fn comment_dispute(
        &self,
        ctx: &Context<'_>,
        input: CommentDisputeInput,
    ) -> async_graphql::Result<CommentDisputePayload> {
        let (actor, app) = (actor(ctx)?, app(ctx)?);
        CommentDisputePayload::of(
            async {
                let id = parse_id(&input.dispute_id, "disputeId")?;
                app.disputes.comment(&actor, id, &input.comment).await.map(Dispute)
            }
            .await,
        )
    }
}
