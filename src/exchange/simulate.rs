//! The routing simulator: what would become of a lead if it came now, and why.

use leadbourse_core::access::{Action, Actor, OrgKind};
use leadbourse_core::error::NOT_FOUND;
use leadbourse_core::exchange::{Basis, TraceEntry};
use leadbourse_core::ids::{OfferId, OfferVersionId, SourceId};
use leadbourse_core::lead::Channel;
use leadbourse_core::lead::submission::Submission;
use leadbourse_core::lead::verdict::Verdict;
use leadbourse_core::time::Timestamp;
use std::collections::BTreeMap;

use super::Exchange;
use super::prepare::SubmitRequest;
use super::rehearse::shown;
use crate::platform::error::Result;

/// What would become of a lead. Nothing of it is stored.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// What its sender would be told.
    pub verdict: Verdict,
    /// Who would buy it, by copy.
    pub sales: Vec<SimulatedSale>,
    /// The bid log and the excluded offers nearest to a sale.
    pub entries: Vec<TraceEntry>,
    /// How the choice would come about; `None` where nothing would be chosen.
    pub basis: Option<Basis>,
    /// How many other offers there are, by code.
    pub rest: BTreeMap<String, u32>,
    /// When it was decided.
    pub at: Timestamp,
}

/// A sale that would be made. Money in minor units of the niche's currency.
#[derive(Clone, Debug)]
pub struct SimulatedSale {
    /// Who would buy.
    pub offer: OfferId,
    /// Under which terms.
    pub version: OfferVersionId,
    /// 1 for the first copy.
    pub copy_no: i32,
    /// What the buyer would pay for the lead itself.
    pub price: i64,
    /// What the publisher would get of it.
    pub earning: i64,
}

impl Exchange {
    /// Decides a lead by the very rules, locks and claims of a true one, and takes everything
    /// back. Unlike a test lead it knows no magic values, and nobody is told of it.
    ///
    /// # Errors
    /// `NOT_FOUND` for everybody but moderators. `UNKNOWN_SOURCE`, `RATE_LIMITED`, `SHUTTING_DOWN`.
    pub async fn simulate(
        &self,
        actor: &Actor,
        source: SourceId,
        sent: Submission,
    ) -> Result<Simulated> {
        actor.require(Action::Moderate)?;
        if actor.kind != OrgKind::Operator {
            return Err(NOT_FOUND.into());
        }
        let sender = self.source_for(actor, source).await?;
        let request = SubmitRequest::new(sender, Channel::Api, sent);
        let prepared = self.untried(request, "simulate").await?;
        let (prepared, outcome) = self.true_to_life(prepared).await?;
        let at = self.inner().clock.now();
        let verdict = shown(&prepared, &outcome, at);
        let sales = outcome.awards.iter().map(|award| SimulatedSale {
            offer: award.offer.id,
            version: award.offer.version,
            copy_no: award.copy_no,
            price: award.lead.map_or(0, |legs| legs.price()),
            earning: award.lead.map_or(0, |legs| legs.earning()),
        });
        Ok(Simulated {
            verdict,
            sales: sales.collect(),
            entries: outcome.trace,
            basis: outcome.basis,
            rest: outcome.rest,
            at,
        })
    }
}
