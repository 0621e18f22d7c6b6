//! What an offer's terms would have bought lately.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use leadbourse_core::access::Action;

use super::context::{actor, app};
use super::errors::UserError;
use super::scalars::{DateTime, Money, money, parse_id};
use super::terms::OfferTermsInput;
use crate::insights;
use crate::platform::error::Result;

/// Queries for who drafts an offer.
#[derive(Default)]
pub struct EstimateQuery;

/// Terms to be tried out.
#[derive(InputObject)]
pub struct OfferEstimateInput {
    /// The niche.
    pub niche_id: ID,
    /// The terms.
    pub terms: OfferTermsInput,
    /// An offer of one's own, whose measured rates count.
    pub offer_id: Option<ID>,
}

/// What terms would have bought of the niche's newest leads of thirty days.
#[derive(SimpleObject, Default)]
pub struct OfferEstimate {
    /// From when on leads were looked at.
    pub since: Option<DateTime>,
    /// Whether there were more leads in thirty days than were looked at.
    pub sampled: bool,
    /// The numbers; null when so few leads match that they could point at a person, or when
    /// something speaks against the terms.
    pub numbers: Option<OfferEstimateNumbers>,
    /// What speaks against the terms; nothing was reckoned then.
    pub user_errors: Vec<UserError>,
}

/// The numbers of an estimate.
#[derive(SimpleObject)]
pub struct OfferEstimateNumbers {
    /// Leads that were looked at.
    pub leads: i64,
    /// Of them within conditions and score.
    pub matched: i64,
    /// Of them bought.
    pub bought: i64,
    /// Of those bought, how many nobody had bought.
    pub unsold_before: i64,
    /// What the leads themselves would have cost.
    pub spent: Money,
    /// The average price of one, rounded down; null if none was bought or the offer does not pay
    /// for leads.
    pub average_price: Option<Money>,
    /// All goals at their expected rates.
    pub expected_value: Money,
    /// Why the others would not have been bought, the most frequent reason first.
    pub missed: Vec<OfferEstimateMiss>,
}

/// One reason, and how many leads it cost.
#[derive(SimpleObject)]
pub struct OfferEstimateMiss {
    /// The stable code, like `SCORE_TOO_LOW` or `OUTBID`.
    pub code: String,
    /// How many leads.
    pub leads: i64,
}

#[Object]
impl EstimateQuery {
    /// What these terms would have bought, played against the niche's leads of thirty days.
    async fn offer_estimate(
        &self,
        ctx: &Context<'_>,
        input: OfferEstimateInput,
    ) -> async_graphql::Result<OfferEstimate> {
        Ok(estimated(ctx, input).await?)
    }
}

async fn estimated(ctx: &Context<'_>, input: OfferEstimateInput) -> Result<OfferEstimate> {
    let (actor, app) = (actor(ctx)?, app(ctx)?);
    actor.require(Action::ManageOffers)?;
    let niche = parse_id(&input.niche_id, "nicheId")?;
    let offer = input.offer_id.map(|id| parse_id(&id, "offerId")).transpose()?;
    let terms = match input.terms.parse(app.niches.get(niche).await?.currency) {
        Ok(terms) => terms,
        Err(problem) => return Ok(OfferEstimate::refused(&[problem])),
    };
    let problems = app.offers.problems(&actor, niche, &terms).await?;
    if !problems.is_empty() {
        return Ok(OfferEstimate::refused(&problems));
    }
    Ok(app.insights.offer_estimate(&actor, niche, terms, offer).await?.into())
}

impl OfferEstimate {
    fn refused(problems: &[leadbourse_core::error::Problem]) -> Self {
        let user_errors = problems.iter().map(UserError::from).collect();
        Self { user_errors, ..Self::default() }
    }
}

impl From<insights::OfferEstimate> for OfferEstimate {
    fn from(made: insights::OfferEstimate) -> Self {
        let insights::OfferEstimate { currency, since, sampled, found } = made;
        let sum = |minor| money(minor, currency);
        let numbers = found.map(|found| {
            let mut missed: Vec<OfferEstimateMiss> = found
                .missed
                .into_iter()
                .map(|(code, leads)| OfferEstimateMiss { code, leads })
                .collect();
            missed.sort_by(|a, b| b.leads.cmp(&a.leads).then_with(|| a.code.cmp(&b.code)));
            let paid = found.bought > 0 && found.spent > 0;
            OfferEstimateNumbers {
                leads: found.leads,
                matched: found.matched,
                bought: found.bought,
                unsold_before: found.unsold_before,
                spent: sum(found.spent),
                average_price: paid.then(|| sum(found.spent / found.bought.max(1))),
                expected_value: sum(found.value),
                missed,
            }
        });
        Self { since: Some(since.into()), sampled, numbers, user_errors: Vec::new() }
    }
}
