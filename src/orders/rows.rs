//! Tables as bulk statements see them, and what intake locks and writes of them.

use leadbourse_core::ids::{AwardId, OrderClaimId, OrderId};
use leadbourse_core::order::{OrderClaimState, state_when_done};
use leadbourse_core::time::Timestamp;
use std::collections::BTreeMap;

use crate::platform::db::bulk::{Locked, Rows, Sets, TableDef, Ty, WritePlan};
use crate::platform::error::{Error, Result};

/// Orders.
pub static ORDERS: TableDef = TableDef {
    name: "orders",
    cols: &[
        ("id", Ty::Uuid),
        ("offer_id", Ty::Uuid),
        ("offer_version_id", Ty::Uuid),
        ("buyer_id", Ty::Uuid),
        ("niche_id", Ty::Uuid),
        ("wanted", Ty::I64),
        ("price", Ty::I64),
        ("take_rate_bps", Ty::I32),
        ("currency", Ty::Text),
        ("deadline", Ty::I64),
        ("state", Ty::Text),
        ("delivered", Ty::I64),
        ("released", Ty::I64),
        ("created_by", Ty::Text),
        ("created_at", Ty::I64),
        ("ended_at", Ty::I64),
    ],
};

/// Claims.
pub static ORDER_CLAIMS: TableDef = TableDef {
    name: "order_claims",
    cols: &[
        ("id", Ty::Uuid),
        ("order_id", Ty::Uuid),
        ("publisher_id", Ty::Uuid),
        ("wanted", Ty::I64),
        ("delivered", Ty::I64),
        ("deadline", Ty::I64),
        ("state", Ty::Text),
        ("created_at", Ty::I64),
        ("ended_at", Ty::I64),
    ],
};

/// Which award served which claim.
static AWARDS: TableDef = TableDef {
    name: "order_awards",
    cols: &[
        ("award_id", Ty::Uuid),
        ("claim_id", Ty::Uuid),
        ("order_id", Ty::Uuid),
        ("at", Ty::I64),
    ],
};

/// What intake reads of an order under its lock.
pub const ORDER_COLUMNS: &[&str] = &["wanted", "delivered", "released"];

/// What intake reads of a claim under its lock; `ended_at` is 0 while it is open.
pub const CLAIM_COLUMNS: &[&str] = &["wanted", "delivered", "ended_at"];

/// How many leads locked claims still await.
pub fn room(claims: &Locked) -> impl Iterator<Item = (OrderClaimId, i64)> + '_ {
    claims.iter().filter_map(|(id, row)| match row.as_slice() {
        [wanted, delivered, 0] => Some((OrderClaimId(*id), wanted - delivered)),
        _ => None,
    })
}

/// An award that a batch made for a claim.
#[derive(Clone, Copy, Debug)]
pub struct Delivered {
    /// The award.
    pub award: AwardId,
    /// The claim that it served.
    pub claim: OrderClaimId,
    /// Its order.
    pub order: OrderId,
}

/// The claims that await nothing any more once so many leads were delivered to them.
pub fn finished(delivered: &BTreeMap<OrderClaimId, i64>, claims: &Locked) -> Vec<OrderClaimId> {
    let left: BTreeMap<OrderClaimId, i64> = room(claims).collect();
    delivered.iter().filter(|(id, more)| left.get(id) == Some(more)).map(|(id, _)| *id).collect()
}

/// Adds to a batch's plan what it delivered to orders; `orders` and `claims` are their rows under
/// lock. The tables are always the same, so that the statement's text is.
///
/// # Errors
/// A claim or an order that is not locked, or got more than it awaited.
pub fn writes(
    plan: &mut WritePlan,
    delivered: &[Delivered],
    (orders, claims): (&Locked, &Locked),
    now: Timestamp,
) -> Result<()> {
    let mut rows = Rows::new(&AWARDS);
    let mut by_claim: BTreeMap<OrderClaimId, i64> = BTreeMap::new();
    let mut by_order: BTreeMap<OrderId, i64> = BTreeMap::new();
    for one in delivered {
        let (claim, order) = (one.claim.uuid(), one.order.uuid());
        rows.push([one.award.uuid().into(), claim.into(), order.into(), now.micros().into()]);
        *by_claim.entry(one.claim).or_default() += 1;
        *by_order.entry(one.order).or_default() += 1;
    }
    let mut going = Sets::new(&ORDER_CLAIMS, &["delivered"]);
    let mut ended = Sets::new(&ORDER_CLAIMS, &["delivered", "state", "ended_at"]);
    for (id, more) in by_claim {
        let Some([wanted, before, 0]) = claims.get(&id.uuid()).map(Vec::as_slice) else {
            return Err(Error::broken(format!("{id} is not open")));
        };
        let all = before + more;
        if all < *wanted {
            going.push(id.uuid(), [all.into()]);
        } else if all == *wanted {
            let state = OrderClaimState::Delivered.as_str();
            ended.push(id.uuid(), [all.into(), state.into(), now.micros().into()]);
        } else {
            return Err(Error::broken(format!("{id} got more than it awaited")));
        }
    }
    let mut open = Sets::new(&ORDERS, &["delivered"]);
    let mut over = Sets::new(&ORDERS, &["delivered", "state", "ended_at"]);
    for (id, more) in by_order {
        let Some([wanted, before, released]) = orders.get(&id.uuid()).map(Vec::as_slice) else {
            return Err(Error::broken(format!("{id} is not locked")));
        };
        let all = before + more;
        match state_when_done(*wanted, all, *released) {
            None => open.push(id.uuid(), [all.into()]),
            Some(state) => {
                over.push(id.uuid(), [all.into(), state.as_str().into(), now.micros().into()]);
            }
        }
    }
    plan.inserts.push(rows);
    plan.sets.extend([going, ended, open, over]);
    Ok(())
}
