//! Tracking links and clicks.

use sea_orm_migration::prelude::*;

/// Adds columns and tables.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0007_clicks"
    }
}

#[allow(
    elided_lifetimes_in_paths,
    reason = "the trait elides it, and a spelled one would not match"
)]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::ddl::run(manager, DDL).await
    }
}

const DDL: &str = "
ALTER TABLE sources ADD COLUMN link_url TEXT

ALTER TABLE sources ADD COLUMN link_param TEXT

CREATE TABLE clicks (
  id UUID PRIMARY KEY,
  source_id UUID NOT NULL,
  publisher_id UUID NOT NULL,
  niche_id UUID NOT NULL,
  offer_id UUID,
  offer_version_id UUID,
  buyer_id UUID,
  own_price BIGINT,
  bot TEXT,
  evidence_hash BYTES NOT NULL,
  created_at BIGINT NOT NULL
)

CREATE INDEX clicks_publisher ON clicks (publisher_id, id)

CREATE INDEX clicks_source ON clicks (source_id, id)

CREATE TABLE click_leads (
  lead_id UUID PRIMARY KEY,
  click_id UUID NOT NULL,
  publisher_id UUID NOT NULL,
  created_at BIGINT NOT NULL
) CLUSTERED

CREATE INDEX click_leads_click ON click_leads (click_id)
";
