//! Live buyers: where they are asked, leads that wait for them, and what was offered to them.

crate::ddl::migration!("m0008_live", DDL);

const DDL: &str = "
CREATE TABLE live_connections (
  offer_id UUID PRIMARY KEY,
  buyer_id UUID NOT NULL,
  settings TEXT NOT NULL,
  secret_ciphertext BYTES NOT NULL,
  updated_at BIGINT NOT NULL
)

CREATE TABLE live_runs (
  lead_id UUID PRIMARY KEY,
  step TEXT NOT NULL,
  asks TEXT NOT NULL,
  replies TEXT NOT NULL,
  trace TEXT NOT NULL,
  claims TEXT NOT NULL,
  answer_id UUID,
  post_until BIGINT NOT NULL,
  silent_until BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL
) CLUSTERED

CREATE TABLE live_awards (
  id UUID PRIMARY KEY,
  lead_id UUID NOT NULL,
  offer_id UUID NOT NULL,
  offer_version_id UUID NOT NULL,
  buyer_id UUID NOT NULL,
  publisher_id UUID NOT NULL,
  state TEXT NOT NULL,
  price BIGINT NOT NULL,
  earning BIGINT NOT NULL,
  take_rate_bps INTEGER NOT NULL,
  reserve BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  currency TEXT NOT NULL,
  seller_capped INTEGER NOT NULL,
  on_silence TEXT NOT NULL,
  reason TEXT,
  posted_price BIGINT,
  created_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL
)

CREATE INDEX live_awards_lead ON live_awards (lead_id)

CREATE INDEX live_awards_buyer ON live_awards (buyer_id, id)

CREATE INDEX live_awards_open ON live_awards (buyer_id) WHERE ended_at = 0
";
