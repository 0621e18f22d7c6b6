//! Routing and caps: the turn of an offer's last award, meters of the hour, of a schedule's window
//! and of single publishers, and what a source falls back to.

crate::ddl::migration!("m0002_routing", DDL);

const DDL: &str = "
ALTER TABLE offer_meters ADD COLUMN hour_start BIGINT NOT NULL DEFAULT 0

ALTER TABLE offer_meters ADD COLUMN hour_count BIGINT NOT NULL DEFAULT 0

ALTER TABLE offer_meters ADD COLUMN hour_money BIGINT NOT NULL DEFAULT 0

ALTER TABLE offer_meters ADD COLUMN window_start BIGINT NOT NULL DEFAULT 0

ALTER TABLE offer_meters ADD COLUMN window_count BIGINT NOT NULL DEFAULT 0

ALTER TABLE offer_meters ADD COLUMN window_money BIGINT NOT NULL DEFAULT 0

ALTER TABLE offer_meters ADD COLUMN last_award BIGINT NOT NULL DEFAULT 0

CREATE TABLE seller_meters (
  id UUID PRIMARY KEY,
  offer_id UUID NOT NULL,
  publisher_id UUID NOT NULL,
  hour_start BIGINT NOT NULL DEFAULT 0,
  hour_count BIGINT NOT NULL DEFAULT 0,
  hour_money BIGINT NOT NULL DEFAULT 0,
  day_start BIGINT NOT NULL DEFAULT 0,
  day_count BIGINT NOT NULL DEFAULT 0,
  day_money BIGINT NOT NULL DEFAULT 0,
  week_start BIGINT NOT NULL DEFAULT 0,
  week_count BIGINT NOT NULL DEFAULT 0,
  week_money BIGINT NOT NULL DEFAULT 0,
  month_start BIGINT NOT NULL DEFAULT 0,
  month_count BIGINT NOT NULL DEFAULT 0,
  month_money BIGINT NOT NULL DEFAULT 0,
  total_count BIGINT NOT NULL DEFAULT 0,
  total_money BIGINT NOT NULL DEFAULT 0
) CLUSTERED

CREATE UNIQUE INDEX seller_meters_place ON seller_meters (offer_id, publisher_id)

ALTER TABLE sources ADD COLUMN fallback TEXT NOT NULL DEFAULT 'NONE'

ALTER TABLE sources ADD COLUMN fallback_offer_id UUID
";
