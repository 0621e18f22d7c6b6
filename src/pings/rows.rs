//! Tables as bulk statements see them, and the rows that intake writes.

use leadbourse_core::ids::{AwardId, BidId, LeadId, OrganizationId, PingId};
use leadbourse_core::ping::{BidState, PingMeter, PingState};
use leadbourse_core::time::Timestamp;

use super::model::{Bid, Ping};
use crate::platform::db::bulk::{Rows, Sets, TableDef, Ty, Value};
use crate::platform::error::{Context, Result};

/// Pings.
pub static PINGS: TableDef = TableDef {
    name: "pings",
    cols: &[
        ("id", Ty::Uuid),
        ("niche_id", Ty::Uuid),
        ("niche_version_id", Ty::Uuid),
        ("publisher_id", Ty::Uuid),
        ("source_id", Ty::Uuid),
        ("channel", Ty::Text),
        ("state", Ty::Text),
        ("reason_code", Ty::OptText),
        ("score", Ty::I32),
        ("features", Ty::Text),
        ("prints", Ty::Text),
        ("verdict", Ty::Text),
        ("trace", Ty::Text),
        ("lead_id", Ty::OptUuid),
        ("received_at", Ty::I64),
        ("expires_at", Ty::I64),
        ("ended_at", Ty::I64),
    ],
};

/// What intake reads of a ping under its lock: when it ended (0 while it is open), and when it
/// lapses.
pub const PING_COLUMNS: &[&str] = &["ended_at", "expires_at"];

/// Bids.
pub static PING_BIDS: TableDef = TableDef {
    name: "ping_bids",
    cols: &[
        ("id", Ty::Uuid),
        ("ping_id", Ty::Uuid),
        ("offer_id", Ty::Uuid),
        ("offer_version_id", Ty::Uuid),
        ("buyer_id", Ty::Uuid),
        ("publisher_id", Ty::Uuid),
        ("copies", Ty::I32),
        ("place", Ty::I32),
        ("price", Ty::I64),
        ("earning", Ty::I64),
        ("take_rate_bps", Ty::I32),
        ("reserve", Ty::I64),
        ("amount", Ty::I64),
        ("currency", Ty::Text),
        ("seller_capped", Ty::I32),
        ("state", Ty::Text),
        ("award_id", Ty::OptUuid),
        ("created_at", Ty::I64),
        ("expires_at", Ty::I64),
        ("ended_at", Ty::I64),
    ],
};

/// What each publisher holds: one locked row.
pub static PING_METERS: TableDef = TableDef {
    name: "ping_meters",
    cols: &[
        ("publisher_id", Ty::Uuid),
        ("open_bids", Ty::I64),
        ("window_start", Ty::I64),
        ("posted", Ty::I64),
        ("lapsed", Ty::I64),
        ("posted_before", Ty::I64),
        ("lapsed_before", Ty::I64),
    ],
};

/// The columns of a publisher's meter, in the order in which they are locked, read and written.
pub const METER_COLUMNS: &[&str] =
    &["open_bids", "window_start", "posted", "lapsed", "posted_before", "lapsed_before"];

/// Reads a locked meter.
pub fn read_meter(row: &[i64]) -> PingMeter {
    let at = |index: usize| row.get(index).copied().unwrap_or_default();
    PingMeter {
        open: at(0),
        window_start: Timestamp::from_micros(at(1)),
        posted: at(2),
        lapsed: at(3),
        posted_before: at(4),
        lapsed_before: at(5),
    }
}

/// The new meters of publishers.
pub fn meter_sets<'m>(
    meters: impl IntoIterator<Item = (&'m OrganizationId, &'m PingMeter)>,
) -> Sets {
    let mut sets = Sets::new(&PING_METERS, METER_COLUMNS);
    for (publisher, meter) in meters {
        sets.push(
            publisher.uuid(),
            [
                meter.open.into(),
                meter.window_start.micros().into(),
                meter.posted.into(),
                meter.lapsed.into(),
                meter.posted_before.into(),
                meter.lapsed_before.into(),
            ],
        );
    }
    sets
}

/// A ping that is about to be stored.
#[derive(Clone, Debug)]
pub struct NewPing {
    /// What is known of it.
    pub ping: Ping,
    /// The answer, printed.
    pub verdict_text: String,
}

/// The rows of new pings.
///
/// # Errors
/// When a document does not print.
pub fn ping_rows(pings: &[NewPing]) -> Result<Rows> {
    let mut rows = Rows::new(&PINGS);
    for NewPing { ping, verdict_text } in pings {
        let features = serde_json::to_string(&ping.fields).context("printing a ping's fields")?;
        let prints = serde_json::to_string(&ping.prints).context("printing fingerprints")?;
        let reason = ping.verdict.reasons.first().map(|reason| reason.code.to_string());
        rows.push([
            ping.id.uuid().into(),
            ping.niche.uuid().into(),
            ping.niche_version.uuid().into(),
            ping.publisher.uuid().into(),
            ping.source.uuid().into(),
            ping.channel.clone().into(),
            ping.state.as_str().into(),
            Value::from(reason),
            ping.score.into(),
            features.into(),
            prints.into(),
            verdict_text.clone().into(),
            ping.trace_text.clone().into(),
            Value::from(ping.lead.map(LeadId::uuid)),
            ping.received_at.micros().into(),
            ping.expires_at.micros().into(),
            ping.ended_at.map_or(0, Timestamp::micros).into(),
        ]);
    }
    Ok(rows)
}

/// The rows of new bids.
pub fn bid_rows(bids: &[Bid]) -> Rows {
    let mut rows = Rows::new(&PING_BIDS);
    for bid in bids {
        rows.push([
            bid.id.uuid().into(),
            bid.ping.uuid().into(),
            bid.offer.uuid().into(),
            bid.offer_version.uuid().into(),
            bid.buyer.uuid().into(),
            bid.publisher.uuid().into(),
            bid.copies.into(),
            bid.place.into(),
            bid.price.into(),
            bid.earning.into(),
            // A rate is at most 10000, so it always fits.
            i32::try_from(bid.take_rate.0).unwrap_or(10_000).into(),
            bid.reserve.into(),
            bid.amount.into(),
            bid.currency.code().into(),
            i32::from(bid.seller_capped).into(),
            bid.state.as_str().into(),
            Value::from(bid.award.map(AwardId::uuid)),
            bid.created_at.micros().into(),
            bid.expires_at.micros().into(),
            bid.ended_at.map_or(0, Timestamp::micros).into(),
        ]);
    }
    rows
}

/// The end of a ping. Its row is locked and was open.
#[derive(Clone, Copy, Debug)]
pub struct EndedPing {
    /// The ping.
    pub id: PingId,
    /// POSTED or EXPIRED.
    pub state: PingState,
    /// The lead of the post.
    pub lead: Option<LeadId>,
}

/// The end of a bid. Its ping's row is locked and was open.
#[derive(Clone, Copy, Debug)]
pub struct EndedBid {
    /// The bid.
    pub id: BidId,
    /// CAPTURED, RELEASED or EXPIRED.
    pub state: BidState,
    /// The award that it became.
    pub award: Option<AwardId>,
}

/// What changes at pings.
pub fn ping_sets(ended: &[EndedPing], now: Timestamp) -> Sets {
    let mut sets = Sets::new(&PINGS, &["state", "lead_id", "ended_at"]);
    for one in ended {
        let lead = Value::from(one.lead.map(LeadId::uuid));
        sets.push(one.id.uuid(), [one.state.as_str().into(), lead, now.micros().into()]);
    }
    sets
}

/// What changes at bids.
pub fn bid_sets(ended: &[EndedBid], now: Timestamp) -> Sets {
    let mut sets = Sets::new(&PING_BIDS, &["state", "award_id", "ended_at"]);
    for one in ended {
        let award = Value::from(one.award.map(AwardId::uuid));
        sets.push(one.id.uuid(), [one.state.as_str().into(), award, now.micros().into()]);
    }
    sets
}
