//! Rows of the offers' tables, and how they read.

use leadbourse_core::offer::meters::{Meter, Meters, Periods};
use leadbourse_core::offer::source::Fallback;
use leadbourse_core::time::Timestamp;
use sea_orm::FromQueryResult;
use std::sync::Arc;
use uuid::Uuid;

use super::model::{Offer, OfferVersion, Participation, Source};
use crate::platform::error::{Context, Result};

fn at(micros: Option<i64>) -> Option<Timestamp> {
    micros.map(Timestamp::from_micros)
}

#[derive(FromQueryResult)]
pub(super) struct OfferRow {
    id: Uuid,
    buyer_id: Uuid,
    niche_id: Uuid,
    name: String,
    state: String,
    current_version_id: Option<Uuid>,
    pause_reason: Option<String>,
    connect_to: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl OfferRow {
    pub(super) const COLUMNS: &str = "o.id, o.buyer_id, o.niche_id, o.name, o.state, \
         o.current_version_id, o.pause_reason, o.connect_to, o.created_at, o.updated_at";

    pub(super) fn read(self) -> Result<Offer> {
        Ok(Offer {
            id: self.id.into(),
            buyer_id: self.buyer_id.into(),
            niche_id: self.niche_id.into(),
            name: self.name,
            state: self.state.parse().context("reading an offer's state")?,
            current_version_id: self.current_version_id.map(Into::into),
            pause_reason: self.pause_reason,
            connect_to: self.connect_to,
            created_at: Timestamp::from_micros(self.created_at),
            updated_at: Timestamp::from_micros(self.updated_at),
        })
    }
}

#[derive(FromQueryResult)]
pub(super) struct VersionRow {
    id: Uuid,
    offer_id: Uuid,
    version: i32,
    terms: String,
    state: String,
    created_at: i64,
    submitted_at: Option<i64>,
    decided_at: Option<i64>,
    note: Option<String>,
    effective_at: Option<i64>,
}

impl VersionRow {
    pub(super) const COLUMNS: &str = "v.id, v.offer_id, v.version, v.terms, v.state, v.created_at, \
         v.submitted_at, v.decided_at, v.note, v.effective_at";

    pub(super) fn read(self) -> Result<OfferVersion> {
        Ok(OfferVersion {
            id: self.id.into(),
            offer_id: self.offer_id.into(),
            version: self.version,
            terms: Arc::new(serde_json::from_str(&self.terms).context("reading stored terms")?),
            state: self.state.parse().context("reading a version's state")?,
            created_at: Timestamp::from_micros(self.created_at),
            submitted_at: at(self.submitted_at),
            decided_at: at(self.decided_at),
            note: self.note,
            effective_at: at(self.effective_at),
        })
    }
}

#[derive(FromQueryResult)]
pub(super) struct ParticipationRow {
    id: Uuid,
    offer_id: Uuid,
    publisher_id: Uuid,
    state: String,
    message: Option<String>,
    price_override: Option<i64>,
    created_at: i64,
    decided_at: Option<i64>,
    note: Option<String>,
}

impl ParticipationRow {
    pub(super) const COLUMNS: &str = "p.id, p.offer_id, p.publisher_id, p.state, p.message, \
         p.price_override, p.created_at, p.decided_at, p.note";

    pub(super) fn read(self) -> Result<Participation> {
        Ok(Participation {
            id: self.id.into(),
            offer_id: self.offer_id.into(),
            publisher_id: self.publisher_id.into(),
            state: self.state.parse().context("reading a participation's state")?,
            message: self.message,
            price_override: self.price_override,
            created_at: Timestamp::from_micros(self.created_at),
            decided_at: at(self.decided_at),
            note: self.note,
        })
    }
}

#[derive(FromQueryResult)]
pub(super) struct SourceRow {
    id: Uuid,
    publisher_id: Uuid,
    niche_id: Uuid,
    name: String,
    kind: String,
    traffic: String,
    target_offer_id: Option<Uuid>,
    fallback: String,
    fallback_offer_id: Option<Uuid>,
    max_sales: i32,
    min_earning: Option<i64>,
    state: String,
    posting_key_prefix: String,
    link_url: Option<String>,
    link_param: Option<String>,
    created_at: i64,
    decided_at: Option<i64>,
    note: Option<String>,
}

impl SourceRow {
    pub(super) const COLUMNS: &str = "s.id, s.publisher_id, s.niche_id, s.name, s.kind, s.traffic, \
         s.target_offer_id, s.fallback, s.fallback_offer_id, s.max_sales, s.min_earning, s.state, s.posting_key_prefix, s.link_url, s.link_param, \
         s.created_at, s.decided_at, s.note";

    pub(super) fn read(self) -> Result<Source> {
        Ok(Source {
            id: self.id.into(),
            publisher_id: self.publisher_id.into(),
            niche_id: self.niche_id.into(),
            name: self.name,
            kind: self.kind.parse().context("reading a source's kind")?,
            traffic: self.traffic,
            target_offer_id: self.target_offer_id.map(Into::into),
            fallback: Fallback::of(
                self.fallback.parse().context("reading a source's fallback")?,
                self.fallback_offer_id.map(Into::into),
            )
            .unwrap_or_default(),
            max_sales: self.max_sales,
            min_earning: self.min_earning,
            state: self.state.parse().context("reading a source's state")?,
            posting_key_prefix: self.posting_key_prefix,
            link_url: self.link_url,
            link_param: self.link_param,
            created_at: Timestamp::from_micros(self.created_at),
            decided_at: at(self.decided_at),
            note: self.note,
        })
    }
}

#[derive(FromQueryResult)]
pub(super) struct MetersRow {
    pub(super) offer_id: Uuid,
    hour_start: i64,
    hour_count: i64,
    hour_money: i64,
    day_start: i64,
    day_count: i64,
    day_money: i64,
    week_start: i64,
    week_count: i64,
    week_money: i64,
    month_start: i64,
    month_count: i64,
    month_money: i64,
    total_count: i64,
    total_money: i64,
    window_start: i64,
    window_count: i64,
    window_money: i64,
    last_award: i64,
    returns_count: i64,
    awards_count: i64,
    sale_count: i64,
    sale_money: i64,
    call_count: i64,
    registration_count: i64,
}

impl MetersRow {
    pub(super) fn read(&self) -> Meters {
        let meter =
            |start, count, money| Meter { start: Timestamp::from_micros(start), count, money };
        Meters {
            periods: Periods {
                hour: meter(self.hour_start, self.hour_count, self.hour_money),
                day: meter(self.day_start, self.day_count, self.day_money),
                week: meter(self.week_start, self.week_count, self.week_money),
                month: meter(self.month_start, self.month_count, self.month_money),
                total: meter(0, self.total_count, self.total_money),
            },
            window: meter(self.window_start, self.window_count, self.window_money),
            last_award: Timestamp::from_micros(self.last_award),
            awards: self.awards_count,
            returns: self.returns_count,
            sales: self.sale_count,
            sale_money: self.sale_money,
            calls: self.call_count,
            registrations: self.registration_count,
        }
    }
}
