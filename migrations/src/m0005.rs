//! Pings: what was asked, the bids that are reserved, and what each publisher holds.

crate::ddl::migration!("m0005_pings", DDL);

const DDL: &str = "
CREATE TABLE pings (
  id UUID PRIMARY KEY,
  niche_id UUID NOT NULL,
  niche_version_id UUID NOT NULL,
  publisher_id UUID NOT NULL,
  source_id UUID NOT NULL,
  channel TEXT NOT NULL,
  state TEXT NOT NULL,
  reason_code TEXT,
  score INTEGER NOT NULL,
  features TEXT NOT NULL,
  prints TEXT NOT NULL,
  verdict TEXT NOT NULL,
  trace TEXT NOT NULL,
  lead_id UUID,
  received_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL
)

CREATE INDEX pings_publisher ON pings (publisher_id, id)

CREATE INDEX pings_open ON pings (expires_at) WHERE state = 'OPEN'

CREATE TABLE ping_bids (
  id UUID PRIMARY KEY,
  ping_id UUID NOT NULL,
  offer_id UUID NOT NULL,
  offer_version_id UUID NOT NULL,
  buyer_id UUID NOT NULL,
  publisher_id UUID NOT NULL,
  copies INTEGER NOT NULL,
  place INTEGER NOT NULL,
  price BIGINT NOT NULL,
  earning BIGINT NOT NULL,
  take_rate_bps INTEGER NOT NULL,
  reserve BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  currency TEXT NOT NULL,
  seller_capped INTEGER NOT NULL,
  state TEXT NOT NULL,
  award_id UUID,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL
)

CREATE INDEX ping_bids_ping ON ping_bids (ping_id)

CREATE INDEX ping_bids_open ON ping_bids (buyer_id) WHERE state = 'OPEN'

CREATE TABLE ping_meters (
  publisher_id UUID PRIMARY KEY,
  open_bids BIGINT NOT NULL DEFAULT 0,
  window_start BIGINT NOT NULL DEFAULT 0,
  posted BIGINT NOT NULL DEFAULT 0,
  lapsed BIGINT NOT NULL DEFAULT 0,
  posted_before BIGINT NOT NULL DEFAULT 0,
  lapsed_before BIGINT NOT NULL DEFAULT 0
) CLUSTERED
";
