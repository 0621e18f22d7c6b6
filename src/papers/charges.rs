//! What a buyer was charged, and what it got back: the lines of invoices, from the ledger.

use std::collections::HashMap;

use leadbourse_core::ids::{ConversionId, DisputeId, OrganizationId};
use leadbourse_core::money::Currency;
use leadbourse_core::paper::{Line, LineKind};
use leadbourse_core::time::Timestamp;
use uuid::Uuid;

use super::lines::Source;
use crate::conversions::{self, Conversion};
use crate::disputes;
use crate::ledger::{self, Charge, Charged};
use crate::platform::db::Reader;
use crate::platform::error::{Error, Result};

/// The movements of a buyer's money in a period, oldest first. The ledger is append-only, and the
/// period is over: they do not change.
#[derive(Clone, Copy, Debug)]
pub struct Charges {
    pub(super) buyer: OrganizationId,
    pub(super) currency: Currency,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    /// Whether the lines take back an invoice.
    pub(super) reversed: bool,
}

impl Source for Charges {
    async fn page(&self, tx: &impl Reader, after: Option<Uuid>) -> Result<Vec<(Uuid, Line)>> {
        let period = (self.from, self.to);
        let charges = ledger::charges(tx, self.buyer, self.currency, period, after).await?;
        let known = conversions_of(tx, &charges).await?;
        let line = |charge: &Charge| {
            let of = known.get(&charge.what);
            let of = of.ok_or_else(|| Error::broken(format!("{} has no cause", charge.tx)))?;
            let line = line(charge, of);
            Ok((charge.tx.uuid(), if self.reversed { line.reversed() } else { line }))
        };
        charges.iter().map(line).collect()
    }
}

/// The conversions that movements are about.
async fn conversions_of(
    tx: &impl Reader,
    charges: &[Charge],
) -> Result<HashMap<Charged, Conversion>> {
    let mut wanted: Vec<ConversionId> = Vec::new();
    let mut decisions: Vec<DisputeId> = Vec::new();
    for charge in charges {
        match charge.what {
            Charged::Conversion(id) => wanted.push(id),
            Charged::GiveBack(id) => decisions.push(id),
        }
    }
    let of_decision = disputes::conversions_of(tx, &decisions).await?;
    wanted.extend(of_decision.values());
    wanted.sort_unstable();
    wanted.dedup();
    let known: HashMap<ConversionId, Conversion> = conversions::read_all(tx, &wanted)
        .await?
        .into_iter()
        .map(|conversion| (conversion.id, conversion))
        .collect();
    let found = charges.iter().filter_map(|charge| {
        let id = match charge.what {
            Charged::Conversion(id) => id,
            Charged::GiveBack(decision) => *of_decision.get(&decision)?,
        };
        Some((charge.what, known.get(&id)?.clone()))
    });
    Ok(found.collect())
}

fn line(charge: &Charge, of: &Conversion) -> Line {
    let (kind, id, gross, given_back) = match charge.what {
        Charged::Conversion(id) => (LineKind::Conversion, id.to_string(), charge.charged, 0),
        Charged::GiveBack(id) => {
            (LineKind::GiveBack, id.to_string(), 0, charge.charged.saturating_neg())
        }
    };
    Line {
        kind,
        id,
        conversion: Some(of.id),
        award: Some(of.award_id),
        lead: Some(of.lead_id),
        offer: Some(of.offer_id),
        goal: Some(of.goal),
        at: charge.at,
        gross,
        given_back,
        fee: Some(charge.fee),
        amount: charge.charged,
        reason: None,
    }
}
