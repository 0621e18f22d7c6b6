//! What becomes of the claims that a batch took.

use leadbourse_core::exchange::{Item, Outcome};
use leadbourse_core::time::{DAY, SECOND, Timestamp};
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

use super::prepare::{Body, Prepared};
use crate::platform::db::bulk::Claim;

/// How long a sender's own id stands for its lead.
const EXTERNAL_KEEP: i64 = 365 * DAY;

/// The claims that a batch asks for. Of several leads that want one place the first stands in.
pub(super) fn wanted(batch: &[&Prepared], now: Timestamp) -> Vec<Claim> {
    let mut claims = Vec::new();
    // A ping only looks.
    for prepared in batch.iter().filter(|prepared| !prepared.item.holds) {
        let lead_id = prepared.item.lead.uuid();
        let mut add = |id: Uuid, until: Timestamp| {
            claims.push(Claim { id, lead_id, expires_at: until.micros() });
        };
        for claim in person_claims(&prepared.item) {
            let until = now.plus(claim.window_s.saturating_mul(SECOND));
            add(claim.id, until);
            if let Some(alias) = claim.alias {
                add(alias, until);
            }
        }
        if let Some(id) = external(prepared) {
            add(id, now.plus(EXTERNAL_KEEP));
        }
    }
    claims
}

/// Every place that the person of a lead may come to take.
pub(super) fn person_claims(
    item: &Item,
) -> impl Iterator<Item = &leadbourse_core::lead::fingerprint::Claim> {
    let of_offers = item.shortlist.candidates.iter().flat_map(|candidate| &candidate.claims);
    let promised = item.promise.iter().flat_map(|promise| &promise.bids);
    let of_bids = promised.flat_map(|bid| &bid.claims);
    let of_orders = item.shortlist.ordered.iter().flat_map(|one| &one.claims);
    item.claims.iter().chain(of_offers).chain(of_bids).chain(of_orders)
}

/// The claim of the sender's own id.
pub(super) fn external(prepared: &Prepared) -> Option<Uuid> {
    match &prepared.body {
        Body::New(body) => body.external_claim,
        Body::Stored(_) | Body::Ping(_) => None,
    }
}

/// What has to change in `claims` after the allocation.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Rows that have to name another lead or another end than the one that stood in.
    pub(super) moved: BTreeMap<Uuid, (Uuid, Timestamp)>,
    /// Rows that nobody keeps.
    pub(super) dropped: Vec<Uuid>,
}

/// Compares what was taken with what the outcomes keep. `decided` are the leads that the batch
/// really decided; `won` is what the database gave.
pub(super) fn keep(
    taken: &[Claim],
    won: &HashSet<Uuid>,
    decided: &[(&Prepared, &Outcome)],
    now: Timestamp,
) -> Kept {
    let mut rows: HashMap<Uuid, (Uuid, i64)> = HashMap::with_capacity(taken.len());
    for claim in taken {
        rows.entry(claim.id).or_insert((claim.lead_id, claim.expires_at));
    }
    let mut kept = Kept::default();
    let mut stays: HashSet<Uuid> = HashSet::with_capacity(won.len());
    let mut hold = |kept: &mut Kept, id: Uuid, lead: Uuid, until: Timestamp| {
        stays.insert(id);
        if !won.contains(&id) || rows.get(&id) != Some(&(lead, until.micros())) {
            kept.moved.insert(id, (lead, until));
        }
    };
    for (prepared, outcome) in decided {
        let lead = prepared.item.lead.uuid();
        for (id, until) in &outcome.claims {
            hold(&mut kept, *id, lead, *until);
        }
        if let Some(id) = external(prepared) {
            hold(&mut kept, id, lead, now.plus(EXTERNAL_KEEP));
        }
    }
    kept.dropped = won.iter().filter(|id| !stays.contains(id)).copied().collect();
    kept.dropped.sort_unstable();
    kept
}
