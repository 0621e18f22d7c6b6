//! Orders with a deadline, publishers' claims on them, and the awards that served them.

crate::ddl::migration!("m0010_orders", DDL);

const DDL: &str = "
CREATE TABLE orders (
  id UUID PRIMARY KEY,
  offer_id UUID NOT NULL,
  offer_version_id UUID NOT NULL,
  buyer_id UUID NOT NULL,
  niche_id UUID NOT NULL,
  wanted BIGINT NOT NULL,
  price BIGINT NOT NULL,
  take_rate_bps INTEGER NOT NULL,
  currency TEXT NOT NULL,
  deadline BIGINT NOT NULL,
  state TEXT NOT NULL,
  delivered BIGINT NOT NULL DEFAULT 0,
  released BIGINT NOT NULL DEFAULT 0,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL DEFAULT 0
)

CREATE INDEX orders_buyer ON orders (buyer_id, id)

CREATE INDEX orders_offer ON orders (offer_id)

CREATE INDEX orders_due ON orders (deadline) WHERE ended_at = 0

CREATE TABLE order_claims (
  id UUID PRIMARY KEY,
  order_id UUID NOT NULL,
  publisher_id UUID NOT NULL,
  wanted BIGINT NOT NULL,
  delivered BIGINT NOT NULL DEFAULT 0,
  deadline BIGINT NOT NULL,
  state TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL DEFAULT 0
)

CREATE INDEX order_claims_order ON order_claims (order_id)

CREATE INDEX order_claims_publisher ON order_claims (publisher_id, id)

CREATE INDEX order_claims_due ON order_claims (deadline) WHERE ended_at = 0

CREATE UNIQUE INDEX order_claims_open ON order_claims (order_id, publisher_id) WHERE ended_at = 0

CREATE TABLE order_awards (
  award_id UUID PRIMARY KEY,
  claim_id UUID NOT NULL,
  order_id UUID NOT NULL,
  at BIGINT NOT NULL
)

CREATE INDEX order_awards_claim ON order_awards (claim_id)
";
