//! Writing, reviewing and steering offers; participations.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use leadbourse_core::access::{Action, Actor};
use leadbourse_core::ids::{NicheId, OfferId};
use leadbourse_core::offer::terms::Terms;

use super::catalogue::Participation;
use super::context::{actor, app};
use super::enums::ParticipationState;
use super::errors::UserError;
use super::market::minor;
use super::offers::Offer;
use super::scalars::{DateTime, MoneyInput, parse_id};
use super::terms::OfferTermsInput;
use crate::offers::{Answer, Review};
use crate::payload;
use crate::platform::error::Result;

/// Mutations of offers.
#[derive(Default)]
pub struct OffersMutation;

payload! { CreateOfferPayload { offer: Offer } }
payload! { ReviseOfferPayload { offer: Offer } }
payload! { SubmitOfferPayload { offer: Offer } }
payload! { ReviewOfferPayload { offer: Offer } }
payload! { PauseOfferPayload { offer: Offer } }
payload! { ResumeOfferPayload { offer: Offer } }
payload! { CloseOfferPayload { offer: Offer } }
payload! { ApplyToOfferPayload { participation: Participation } }
payload! { DecideParticipationPayload { participation: Participation } }
payload! { InviteToOfferPayload { participation: Participation } }

/// An offer to be drafted.
#[derive(InputObject)]
pub struct CreateOfferInput {
    /// Its niche.
    pub niche_id: ID,
    /// Its name; publishers see it.
    pub name: String,
    /// The terms of its first version.
    pub terms: OfferTermsInput,
}

/// Another name, other terms.
#[derive(InputObject)]
pub struct ReviseOfferInput {
    /// The offer.
    pub offer_id: ID,
    /// The new name; as it was if not given.
    pub name: Option<String>,
    /// The terms of the new version.
    pub terms: OfferTermsInput,
}

/// A draft to be reviewed.
#[derive(InputObject)]
pub struct SubmitOfferInput {
    /// The offer.
    pub offer_id: ID,
}

/// An operator's decision on a version.
#[derive(InputObject)]
pub struct ReviewOfferInput {
    /// The version.
    pub version_id: ID,
    /// Whether it may rule.
    pub approve: bool,
    /// What the buyer should know; needed for a refusal.
    pub note: Option<String>,
    /// From when it rules; at once if not given or past.
    pub effective_at: Option<DateTime>,
    /// The same key with the same input gives the same answer.
    pub idempotency_key: Option<String>,
}

/// An offer to be paused.
#[derive(InputObject)]
pub struct PauseOfferInput {
    /// The offer.
    pub offer_id: ID,
    /// The same key with the same input gives the same answer.
    pub idempotency_key: Option<String>,
}

/// An offer to go on.
#[derive(InputObject)]
pub struct ResumeOfferInput {
    /// The offer.
    pub offer_id: ID,
    /// The same key with the same input gives the same answer.
    pub idempotency_key: Option<String>,
}

/// An offer to be ended.
#[derive(InputObject)]
pub struct CloseOfferInput {
    /// The offer.
    pub offer_id: ID,
    /// The same key with the same input gives the same answer.
    pub idempotency_key: Option<String>,
}

/// A publisher asks to take an offer.
#[derive(InputObject)]
pub struct ApplyToOfferInput {
    /// The offer.
    pub offer_id: ID,
    /// What the buyer should know.
    pub message: Option<String>,
}

/// The buyer's answer.
#[derive(InputObject)]
pub struct DecideParticipationInput {
    /// The participation.
    pub id: ID,
    /// `APPROVED`, `DECLINED` or `REVOKED`.
    pub state: ParticipationState,
    /// What the publisher should know.
    pub note: Option<String>,
    /// What is paid for this publisher's leads instead of the offer's price; null takes it off.
    /// Only with `APPROVED`, which then also changes the price of an approved publisher.
    pub price: MaybeUndefined<MoneyInput>,
    /// The same key with the same input gives the same answer.
    pub idempotency_key: Option<String>,
}

/// A publisher whom the buyer lets in.
#[derive(InputObject)]
pub struct InviteToOfferInput {
    /// The offer.
    pub offer_id: ID,
    /// The publisher.
    pub publisher_id: ID,
    /// What is paid for this publisher's leads instead of the offer's price.
    pub price: Option<MoneyInput>,
}

/// Either terms that may be written, or everything that speaks against them.
enum Draft {
    Good(Box<Terms>),
    Bad(Vec<UserError>),
}

async fn draft(
    ctx: &Context<'_>,
    actor: &Actor,
    niche: NicheId,
    input: OfferTermsInput,
) -> Result<Draft> {
    actor.require(Action::ManageOffers)?;
    let app = app(ctx)?;
    let terms = input.parse(app.niches.get(niche).await?.currency)?;
    let problems = app.offers.problems(actor, niche, &terms).await?;
    if problems.is_empty() {
        Ok(Draft::Good(Box::new(terms)))
    } else {
        Ok(Draft::Bad(problems.iter().map(UserError::from).collect()))
    }
}

/// Minor units of an own price in the niche's currency, for the offer's buyer.
async fn own_price(
    ctx: &Context<'_>,
    actor: &Actor,
    offer: OfferId,
    sum: &MoneyInput,
) -> Result<i64> {
    let app = app(ctx)?;
    let niche = app.offers.get(actor, offer).await?.niche_id;
    Ok(minor(sum, app.niches.get(niche).await?.currency, "price")?)
}

#[Object]
impl OffersMutation {
    /// Drafts an offer with its first version.
    async fn create_offer(
        &self,
        ctx: &Context<'_>,
        input: CreateOfferInput,
    ) -> async_graphql::Result<CreateOfferPayload> {
        let actor = actor(ctx)?;
        let run = async {
            let niche = parse_id(&input.niche_id, "nicheId")?;
            match draft(ctx, &actor, niche, input.terms).await? {
                Draft::Bad(errors) => Ok(Err(errors)),
                Draft::Good(terms) => {
                    let made = app(ctx)?.offers.create(&actor, niche, &input.name, *terms).await?;
                    Ok(Ok(Offer(made)))
                }
            }
        };
        match run.await {
            Ok(Err(user_errors)) => Ok(CreateOfferPayload { offer: None, user_errors }),
            Ok(Ok(offer)) => CreateOfferPayload::of(Ok(offer)),
            Err(error) => CreateOfferPayload::of(Err(error)),
        }
    }

    /// Changes name or terms; other terms make a new draft version.
    async fn revise_offer(
        &self,
        ctx: &Context<'_>,
        input: ReviseOfferInput,
    ) -> async_graphql::Result<ReviseOfferPayload> {
        let actor = actor(ctx)?;
        let run = async {
            let offers = &app(ctx)?.offers;
            let offer = offers.get(&actor, parse_id(&input.offer_id, "offerId")?).await?;
            match draft(ctx, &actor, offer.niche_id, input.terms).await? {
                Draft::Bad(errors) => Ok(Err(errors)),
                Draft::Good(terms) => {
                    let name = input.name.as_deref();
                    Ok(Ok(Offer(offers.revise(&actor, offer.id, name, *terms).await?)))
                }
            }
        };
        match run.await {
            Ok(Err(user_errors)) => Ok(ReviseOfferPayload { offer: None, user_errors }),
            Ok(Ok(offer)) => ReviseOfferPayload::of(Ok(offer)),
            Err(error) => ReviseOfferPayload::of(Err(error)),
        }
    }

    /// Asks for the review of the draft.
    async fn submit_offer(
        &self,
        ctx: &Context<'_>,
        input: SubmitOfferInput,
    ) -> async_graphql::Result<SubmitOfferPayload> {
        let actor = actor(ctx)?;
        let run = async {
            let id = parse_id(&input.offer_id, "offerId")?;
            Ok(Offer(app(ctx)?.offers.submit(&actor, id).await?))
        };
        SubmitOfferPayload::of(run.await)
    }

    /// An operator approves or refuses a version in review.
    async fn review_offer(
        &self,
        ctx: &Context<'_>,
        input: ReviewOfferInput,
    ) -> async_graphql::Result<ReviewOfferPayload> {
        let actor = actor(ctx)?;
        let run = async {
            let id = parse_id(&input.version_id, "versionId")?;
            let review = Review {
                approve: input.approve,
                note: input.note,
                effective_at: input.effective_at.map(Into::into),
            };
            let key = input.idempotency_key.as_deref();
            Ok(Offer(app(ctx)?.offers.review(&actor, id, &review, key).await?))
        };
        ReviewOfferPayload::of(run.await)
    }

    /// Stops the buying for now. When this has answered, nothing is bought any more.
    async fn pause_offer(
        &self,
        ctx: &Context<'_>,
        input: PauseOfferInput,
    ) -> async_graphql::Result<PauseOfferPayload> {
        let actor = actor(ctx)?;
        let run = async {
            let id = parse_id(&input.offer_id, "offerId")?;
            let key = input.idempotency_key.as_deref();
            Ok(Offer(app(ctx)?.offers.pause(&actor, id, key).await?))
        };
        PauseOfferPayload::of(run.await)
    }

    /// Goes on buying.
    async fn resume_offer(
        &self,
        ctx: &Context<'_>,
        input: ResumeOfferInput,
    ) -> async_graphql::Result<ResumeOfferPayload> {
        let actor = actor(ctx)?;
        let run = async {
            let id = parse_id(&input.offer_id, "offerId")?;
            let key = input.idempotency_key.as_deref();
            Ok(Offer(app(ctx)?.offers.resume(&actor, id, key).await?))
        };
        ResumeOfferPayload::of(run.await)
    }

    /// Ends the offer for good.
    async fn close_offer(
        &self,
        ctx: &Context<'_>,
        input: CloseOfferInput,
    ) -> async_graphql::Result<CloseOfferPayload> {
        let actor = actor(ctx)?;
        let run = async {
            let id = parse_id(&input.offer_id, "offerId")?;
            let key = input.idempotency_key.as_deref();
            Ok(Offer(app(ctx)?.offers.close(&actor, id, key).await?))
        };
        CloseOfferPayload::of(run.await)
    }

    /// A publisher asks to take an offer.
    async fn apply_to_offer(
        &self,
        ctx: &Context<'_>,
        input: ApplyToOfferInput,
    ) -> async_graphql::Result<ApplyToOfferPayload> {
        let actor = actor(ctx)?;
        let run = async {
            let id = parse_id(&input.offer_id, "offerId")?;
            let message = input.message.as_deref();
            Ok(Participation(app(ctx)?.offers.apply(&actor, id, message).await?))
        };
        ApplyToOfferPayload::of(run.await)
    }

    /// The buyer approves, declines or revokes a participation.
    async fn decide_participation(
        &self,
        ctx: &Context<'_>,
        input: DecideParticipationInput,
    ) -> async_graphql::Result<DecideParticipationPayload> {
        let actor = actor(ctx)?;
        let run = async {
            actor.require(Action::ManageOffers)?;
            let id = parse_id(&input.id, "id")?;
            let offers = &app(ctx)?.offers;
            let price = match &input.price {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(sum) => {
                    let place = offers.participation(&actor, id).await?;
                    Some(Some(own_price(ctx, &actor, place.offer_id, sum).await?))
                }
            };
            let answer = Answer { to: input.state.into(), note: input.note, price };
            let key = input.idempotency_key.as_deref();
            Ok(Participation(offers.decide_participation(&actor, id, &answer, key).await?))
        };
        DecideParticipationPayload::of(run.await)
    }

    /// The buyer lets a publisher in who has not asked.
    async fn invite_to_offer(
        &self,
        ctx: &Context<'_>,
        input: InviteToOfferInput,
    ) -> async_graphql::Result<InviteToOfferPayload> {
        let actor = actor(ctx)?;
        let run = async {
            let id = parse_id(&input.offer_id, "offerId")?;
            let publisher = parse_id(&input.publisher_id, "publisherId")?;
            actor.require(Action::ManageOffers)?;
            let price = match &input.price {
                Some(sum) => Some(own_price(ctx, &actor, id, sum).await?),
                None => None,
            };
            Ok(Participation(app(ctx)?.offers.invite(&actor, id, publisher, price).await?))
        };
        InviteToOfferPayload::of(run.await)
    }
}
