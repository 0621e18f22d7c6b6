//! Niches, offers, participations, sources, buyers' endpoints and deliveries.

pub(super) const DDL: &str = "
CREATE TABLE niches (
  id UUID PRIMARY KEY,
  slug TEXT NOT NULL,
  names TEXT NOT NULL,
  currency TEXT NOT NULL,
  state TEXT NOT NULL,
  current_version_id UUID NOT NULL,
  created_at BIGINT NOT NULL
)

CREATE UNIQUE INDEX niches_slug ON niches (slug)

CREATE TABLE niche_versions (
  id UUID PRIMARY KEY,
  niche_id UUID NOT NULL,
  version INTEGER NOT NULL,
  schema TEXT NOT NULL,
  policy TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by TEXT NOT NULL
)

CREATE UNIQUE INDEX niche_versions_number ON niche_versions (niche_id, version)

CREATE TABLE offers (
  id UUID PRIMARY KEY,
  buyer_id UUID NOT NULL,
  niche_id UUID NOT NULL,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  current_version_id UUID,
  pause_reason TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  rev BIGINT NOT NULL DEFAULT 0
)

CREATE INDEX offers_buyer ON offers (buyer_id, id)

CREATE INDEX offers_niche ON offers (niche_id, state)

CREATE TABLE offer_versions (
  id UUID PRIMARY KEY,
  offer_id UUID NOT NULL,
  version INTEGER NOT NULL,
  terms TEXT NOT NULL,
  state TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  submitted_at BIGINT,
  decided_by TEXT,
  decided_at BIGINT,
  note TEXT,
  effective_at BIGINT
)

CREATE UNIQUE INDEX offer_versions_number ON offer_versions (offer_id, version)

CREATE INDEX offer_versions_state ON offer_versions (state, id)

CREATE TABLE offer_meters (
  offer_id UUID PRIMARY KEY,
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
  total_money BIGINT NOT NULL DEFAULT 0,
  returns_count BIGINT NOT NULL DEFAULT 0,
  awards_count BIGINT NOT NULL DEFAULT 0,
  sale_count BIGINT NOT NULL DEFAULT 0,
  sale_money BIGINT NOT NULL DEFAULT 0
) CLUSTERED

CREATE TABLE participations (
  id UUID PRIMARY KEY,
  offer_id UUID NOT NULL,
  publisher_id UUID NOT NULL,
  state TEXT NOT NULL,
  message TEXT,
  price_override BIGINT,
  created_at BIGINT NOT NULL,
  decided_at BIGINT,
  decided_by TEXT,
  note TEXT
)

CREATE UNIQUE INDEX participations_place ON participations (offer_id, publisher_id)

CREATE INDEX participations_publisher ON participations (publisher_id, id)

CREATE TABLE sources (
  id UUID PRIMARY KEY,
  publisher_id UUID NOT NULL,
  niche_id UUID NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  traffic TEXT NOT NULL,
  target_offer_id UUID,
  max_sales INTEGER NOT NULL,
  min_earning BIGINT,
  state TEXT NOT NULL,
  posting_key_hash BYTES NOT NULL,
  posting_key_prefix TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  decided_at BIGINT,
  decided_by TEXT,
  note TEXT
)

CREATE UNIQUE INDEX sources_posting_key ON sources (posting_key_hash)

CREATE INDEX sources_publisher ON sources (publisher_id, id)

CREATE INDEX sources_state ON sources (state, id)

CREATE TABLE endpoints (
  id UUID PRIMARY KEY,
  buyer_id UUID NOT NULL,
  offer_id UUID,
  url TEXT NOT NULL,
  secret_ciphertext BYTES NOT NULL,
  state TEXT NOT NULL,
  failing_since BIGINT,
  created_at BIGINT NOT NULL
)

CREATE INDEX endpoints_buyer ON endpoints (buyer_id, id)

CREATE TABLE deliveries (
  id UUID PRIMARY KEY,
  award_id UUID NOT NULL,
  endpoint_id UUID NOT NULL,
  buyer_id UUID NOT NULL,
  offer_id UUID NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at BIGINT NOT NULL,
  lease_token UUID,
  leased_until BIGINT NOT NULL DEFAULT 0,
  last_error TEXT,
  created_at BIGINT NOT NULL,
  delivered_at BIGINT
)

CREATE INDEX deliveries_due ON deliveries (next_at) WHERE state = 'PENDING'

CREATE INDEX deliveries_award ON deliveries (award_id)

CREATE INDEX deliveries_buyer ON deliveries (buyer_id, id)

CREATE INDEX deliveries_endpoint ON deliveries (endpoint_id, id)

CREATE TABLE delivery_attempts (
  id UUID PRIMARY KEY,
  delivery_id UUID NOT NULL,
  n INTEGER NOT NULL,
  at BIGINT NOT NULL,
  status INTEGER,
  error TEXT,
  duration_us BIGINT NOT NULL
)

CREATE UNIQUE INDEX delivery_attempts_number ON delivery_attempts (delivery_id, n)
";
