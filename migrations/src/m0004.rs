//! Telephone calls: where an offer takes them, what was told about each, and what came of it.

crate::ddl::migration!("m0004_calls", DDL);

const DDL: &str = "
ALTER TABLE offers ADD COLUMN connect_to TEXT

CREATE TABLE calls (
  id UUID PRIMARY KEY,
  source_id UUID NOT NULL,
  publisher_id UUID NOT NULL,
  niche_id UUID NOT NULL,
  ref_hash BYTES NOT NULL,
  state TEXT NOT NULL,
  start_hash BYTES,
  caller_hash BYTES,
  dialled_hash BYTES,
  started_at BIGINT,
  connected_at BIGINT,
  ended_at BIGINT,
  connected_s BIGINT,
  lead_id UUID,
  award_id UUID,
  offer_id UUID,
  offer_version_id UUID,
  buyer_id UUID,
  connect_to TEXT,
  min_call_s BIGINT,
  price BIGINT,
  earning BIGINT,
  currency TEXT,
  conversion_id UUID,
  created_at BIGINT NOT NULL,
  close_at BIGINT NOT NULL,
  decided_at BIGINT
)

CREATE UNIQUE INDEX calls_ref ON calls (source_id, ref_hash)

CREATE INDEX calls_publisher ON calls (publisher_id, id)

CREATE INDEX calls_buyer ON calls (buyer_id, id) WHERE buyer_id IS NOT NULL

CREATE INDEX calls_close ON calls (close_at)
  WHERE state IN ('ANNOUNCED', 'RINGING', 'CONNECTED')

CREATE INDEX reservations_calls ON reservations (offer_id)
  WHERE state = 'OPEN' AND goal = 'CALL'
";
