//! The routing simulator of operators.

use async_graphql::{Context, ID, InputObject, Object};
use leadbourse_core::exchange::explain::Sale;
use leadbourse_core::lead::envelope::Consent;
use leadbourse_core::money::Currency;

use super::context::{actor, app};
use super::explain::{self, Decided, Explanation};
use super::leads::{TraceEntry, trace_entries};
use super::loaders::loaders;
use super::offers::Offer;
use super::scalars::{JsonValue, Money, money, parse_id};
use super::submit::{LeadVerdict, submission};
use crate::exchange::{Simulated, SimulatedSale, Submitted};
use crate::platform::error::Result;

/// Trying the routing.
#[derive(Default)]
pub struct SimulateMutation;

/// A made-up lead.
#[derive(InputObject)]
pub struct SimulateLeadInput {
    /// The source that it would come from.
    pub source_id: ID,
    /// The niche's fields.
    pub fields: JsonValue,
    /// The envelope: `ip`, `user_agent`, `sub_ids` …
    pub meta: Option<JsonValue>,
    /// Whether the person has agreed.
    #[graphql(default = true)]
    pub consent: bool,
    /// To how many buyers it may go, if fewer than the source allows.
    pub max_sales: Option<i32>,
}

crate::payload! { SimulateLeadPayload { simulation: Simulation } }

/// What would become of a lead now, and why. Nothing of it is stored, sold or counted.
pub struct Simulation(Simulated);

#[Object]
impl Simulation {
    /// What the sender would be told. Its ids exist nowhere.
    async fn verdict(&self) -> LeadVerdict {
        Submitted { verdict: self.0.verdict.clone(), replayed: false }.into()
    }

    /// Who would buy it, by copy.
    async fn sales(&self) -> Vec<SaleView<'_>> {
        self.0.sales.iter().map(|sale| SaleView { sale, all: &self.0 }).collect()
    }

    /// Why each offer would or would not buy.
    async fn trace(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<TraceEntry>> {
        Ok(trace_entries(ctx, self.0.entries.clone(), self.0.currency()).await?)
    }

    /// What would have sold it if it is unsold, the nearest first.
    #[graphql(complexity = "5 + child_complexity")]
    async fn would_have_sold(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Explanation>> {
        let decided = Decided {
            state: self.0.verdict.state,
            entries: &self.0.entries,
            rest: &self.0.rest,
            score: self.0.verdict.score.unwrap_or(0),
            at: self.0.at,
        };
        explain::of_miss(ctx, &decided, self.0.currency()).await
    }
}

impl Simulated {
    fn currency(&self) -> Currency {
        self.verdict.earning.currency
    }
}

/// A sale that would be made.
pub struct SaleView<'a> {
    sale: &'a SimulatedSale,
    all: &'a Simulated,
}

#[Object(name = "SimulatedSale")]
impl SaleView<'_> {
    /// 1 for the first copy.
    async fn copy_no(&self) -> i32 {
        self.sale.copy_no
    }

    /// Who would buy.
    async fn offer(&self, ctx: &Context<'_>) -> async_graphql::Result<Offer> {
        Ok(Offer(loaders(ctx)?.must(self.sale.offer).await?))
    }

    /// What the buyer would pay for the lead itself.
    async fn price(&self) -> Money {
        money(self.sale.price, self.all.currency())
    }

    /// What the publisher would get of it.
    async fn earning(&self) -> Money {
        money(self.sale.earning, self.all.currency())
    }

    /// Why this offer, at this price.
    #[graphql(complexity = "5 + child_complexity")]
    async fn why_this_price(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Explanation>> {
        let version = loaders(ctx)?.must(self.sale.version).await?;
        let sale = Sale {
            offer: self.sale.offer,
            terms: &version.terms,
            price: self.sale.price,
            earning: self.sale.earning,
            copies: i32::try_from(self.all.sales.len()).unwrap_or(i32::MAX),
            basis: self.all.basis.as_ref(),
            entries: &self.all.entries,
        };
        explain::of_sale(ctx, &sale, self.all.currency()).await
    }
}

#[Object]
impl SimulateMutation {
    /// Tells what would become of a lead if it came now; for moderators. Nothing of it is stored.
    async fn simulate_lead(
        &self,
        ctx: &Context<'_>,
        input: SimulateLeadInput,
    ) -> async_graphql::Result<SimulateLeadPayload> {
        SimulateLeadPayload::of(simulate(ctx, input).await)
    }
}

async fn simulate(ctx: &Context<'_>, input: SimulateLeadInput) -> Result<Simulation> {
    let source = parse_id(&input.source_id, "sourceId")?;
    let mut sent = submission(input.meta, input.fields)?;
    sent.envelope.consent = Some(Consent { given: input.consent, ..Consent::default() });
    sent.max_sales = input.max_sales.or(sent.max_sales);
    Ok(Simulation(app(ctx)?.exchange.simulate(&actor(ctx)?, source, sent).await?))
}
