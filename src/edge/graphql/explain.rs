//! Decisions in words: why a lead was sold at its price, and what would have sold it.

use async_graphql::{Context, ID, SimpleObject};
use futures::future::try_join_all;
use leadbourse_core::access::OrgKind;
use leadbourse_core::exchange::explain::{
    self as core, Fact, Miss, Reader, Sale, what_would_have_sold, why_this_price,
};
use leadbourse_core::exchange::trace::{Basis, Standing, TraceEntry};
use leadbourse_core::ids::OfferVersionId;
use leadbourse_core::lead::LeadState;
use leadbourse_core::money::Currency;
use leadbourse_core::time::Timestamp;
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};

use super::context::actor;
use super::loaders::loaders;
use super::scalars::{DateTime, Money, id, money};
use crate::conversions::Award;
use crate::leads::LeadRecord;
use crate::platform::error::{Context as _, Result};

/// One sentence of an explanation, as a code with facts; clients word it.
#[derive(SimpleObject)]
pub struct Explanation {
    /// What it says, like `PRICE_SHARED` or `NEEDS_SCORE`.
    pub code: &'static str,
    /// The offer that it is about; for operators.
    pub offer_id: Option<ID>,
    /// The offer's name.
    pub offer_name: Option<String>,
    /// For how many offers it holds.
    pub offers: i32,
    /// The facts, by name.
    pub facts: Vec<ExplanationFact>,
}

/// A fact of an explanation: exactly one of its values is there.
#[derive(SimpleObject)]
pub struct ExplanationFact {
    /// Its name, like `price` or `wanted`.
    pub name: &'static str,
    /// A sum.
    pub money: Option<Money>,
    /// A number.
    pub count: Option<i64>,
    /// The name of a field, a cap or a key set; never a lead's value.
    pub text: Option<String>,
    /// An instant.
    pub at: Option<DateTime>,
}

/// What of the stored trace is read.
#[derive(Deserialize)]
pub(super) struct StoredTrace {
    /// The bid log and the excluded offers nearest to a sale.
    pub(super) entries: Vec<TraceEntry>,
    #[serde(default)]
    basis: Option<Basis>,
    #[serde(default)]
    rest: BTreeMap<String, u32>,
}

impl StoredTrace {
    pub(super) fn of(lead: &LeadRecord) -> Result<Self> {
        Self::read(&lead.trace_text)
    }

    /// Reads the stored text.
    pub(super) fn read(text: &str) -> Result<Self> {
        serde_json::from_str(text).context("reading a trace")
    }
}

fn reader(ctx: &Context<'_>) -> Result<Reader> {
    Ok(match actor(ctx)?.kind {
        OrgKind::Operator => Reader::Operator,
        OrgKind::Buyer => Reader::Buyer,
        OrgKind::Publisher => Reader::Publisher,
    })
}

/// Why an award's offer bought the lead, at its price.
pub async fn of_award(ctx: &Context<'_>, award: &Award) -> async_graphql::Result<Vec<Explanation>> {
    let lead: LeadRecord = loaders(ctx)?.must(award.lead_id).await?;
    let version = loaders(ctx)?.must(award.offer_version_id).await?;
    let trace = StoredTrace::of(&lead)?;
    let sale = Sale {
        offer: award.offer_id,
        terms: &version.terms,
        price: award.price,
        earning: award.earning,
        copies: lead.copies,
        basis: trace.basis.as_ref(),
        entries: &trace.entries,
    };
    of_sale(ctx, &sale, award.currency).await
}

/// Why an offer buys a lead, at its price.
pub(super) async fn of_sale(
    ctx: &Context<'_>,
    sale: &Sale<'_>,
    currency: Currency,
) -> async_graphql::Result<Vec<Explanation>> {
    shown(ctx, why_this_price(reader(ctx)?, sale), currency).await
}

/// What would have sold an unsold lead. Empty for every other one, and for buyers.
pub async fn of_lead(
    ctx: &Context<'_>,
    lead: &LeadRecord,
) -> async_graphql::Result<Vec<Explanation>> {
    let trace = StoredTrace::of(lead)?;
    let decided = Decided {
        state: lead.state,
        entries: &trace.entries,
        rest: &trace.rest,
        score: lead.score,
        at: lead.decided_at,
    };
    of_miss(ctx, &decided, lead.verdict.earning.currency).await
}

/// A decision that may have missed a sale.
pub(super) struct Decided<'a> {
    /// What was decided.
    pub(super) state: LeadState,
    /// The bid log and the excluded offers nearest to a sale.
    pub(super) entries: &'a [TraceEntry],
    /// How many other offers there were, by code.
    pub(super) rest: &'a BTreeMap<String, u32>,
    /// 0-100.
    pub(super) score: i32,
    /// When.
    pub(super) at: Timestamp,
}

/// What would have sold it. Empty unless it is unsold, and for buyers.
pub(super) async fn of_miss(
    ctx: &Context<'_>,
    decided: &Decided<'_>,
    currency: Currency,
) -> async_graphql::Result<Vec<Explanation>> {
    let reader = reader(ctx)?;
    if !matches!(decided.state, LeadState::Unsold | LeadState::Expired) || reader == Reader::Buyer {
        return Ok(Vec::new());
    }
    let excluded = decided.entries.iter().filter(|entry| entry.outcome == Standing::Excluded);
    let versions: HashSet<OfferVersionId> = excluded.map(|entry| entry.version).collect();
    let loaders = loaders(ctx)?;
    let read = versions.into_iter().map(|version| loaders.one(version));
    let terms = try_join_all(read).await?.into_iter().flatten();
    let terms = terms.map(|version| (version.id, version.terms)).collect();
    let miss = Miss {
        entries: decided.entries,
        rest: decided.rest,
        terms: &terms,
        score: decided.score,
        decided_at: decided.at,
    };
    shown(ctx, what_would_have_sold(reader, &miss), currency).await
}

async fn shown(
    ctx: &Context<'_>,
    found: Vec<core::Explanation>,
    currency: Currency,
) -> async_graphql::Result<Vec<Explanation>> {
    let mut list = Vec::with_capacity(found.len());
    for one in found {
        let name = match one.offer {
            Some(offer) => loaders(ctx)?.one(offer).await?.map(|offer| offer.name),
            None => None,
        };
        list.push(Explanation {
            code: one.why.as_str(),
            offer_id: one.offer.map(id),
            offer_name: name,
            offers: i32::try_from(one.offers).unwrap_or(i32::MAX),
            facts: one
                .facts
                .into_iter()
                .map(|(name, fact)| fact_of(name, fact, currency))
                .collect(),
        });
    }
    Ok(list)
}

fn fact_of(name: &'static str, fact: Fact, currency: Currency) -> ExplanationFact {
    let none = ExplanationFact { name, money: None, count: None, text: None, at: None };
    match fact {
        Fact::Money(minor) => ExplanationFact { money: Some(money(minor, currency)), ..none },
        Fact::Count(count) => ExplanationFact { count: Some(count), ..none },
        Fact::Text(text) => ExplanationFact { text: Some(text), ..none },
        Fact::At(at) => ExplanationFact { at: Some(DateTime(at)), ..none },
    }
}
