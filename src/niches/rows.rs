//! Rows of the niches' tables, and how they read.

use leadbourse_core::niche::schema::FieldSchema;
use leadbourse_core::time::Timestamp;
use sea_orm::FromQueryResult;
use std::sync::Arc;
use uuid::Uuid;

use super::model::{Niche, NicheVersion};
use crate::platform::error::{Context, Result};

#[derive(FromQueryResult)]
pub(super) struct NicheRow {
    id: Uuid,
    slug: String,
    names: String,
    currency: String,
    state: String,
    current_version_id: Uuid,
    created_at: i64,
}

impl NicheRow {
    pub(super) const COLUMNS: &str =
        "id, slug, names, currency, state, current_version_id, created_at";

    pub(super) fn read(self) -> Result<Niche> {
        Ok(Niche {
            id: self.id.into(),
            slug: self.slug,
            names: serde_json::from_str(&self.names).context("reading a niche's names")?,
            currency: self.currency.parse().context("reading a niche's currency")?,
            state: self.state.parse().context("reading a niche's state")?,
            current_version_id: self.current_version_id.into(),
            created_at: Timestamp::from_micros(self.created_at),
        })
    }
}

#[derive(FromQueryResult)]
pub(super) struct VersionRow {
    pub(super) id: Uuid,
    niche_id: Uuid,
    version: i32,
    schema: String,
    policy: String,
    created_at: i64,
}

impl VersionRow {
    pub(super) const COLUMNS: &str = "id, niche_id, version, schema, policy, created_at";

    /// Reads and compiles. Expensive: the service keeps the outcome.
    pub(super) fn read(self) -> Result<NicheVersion> {
        let document = serde_json::from_str(&self.schema).context("reading a niche's schema")?;
        let schema = Arc::new(FieldSchema::compile(&document)?);
        let policy = serde_json::from_str(&self.policy).context("reading a niche's rules")?;
        Ok(NicheVersion {
            id: self.id.into(),
            niche_id: self.niche_id.into(),
            version: self.version,
            document,
            schema,
            policy: Arc::new(policy),
            created_at: Timestamp::from_micros(self.created_at),
        })
    }
}
