//! Tracking links and clicks.

crate::ddl::migration!("m0007_clicks", DDL);

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
