//! Publishers' postbacks, what is told to them, and every try of it.

crate::ddl::migration!("m0009_notices", DDL);

const DDL: &str = "
ALTER TABLE organizations ADD COLUMN postbacks INTEGER NOT NULL DEFAULT 0

CREATE TABLE publisher_postbacks (
  id UUID PRIMARY KEY,
  publisher_id UUID NOT NULL,
  source_id UUID,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  method TEXT NOT NULL,
  events TEXT NOT NULL,
  secret_ciphertext BYTES NOT NULL,
  state TEXT NOT NULL,
  failing_since BIGINT,
  created_at BIGINT NOT NULL
)

CREATE INDEX publisher_postbacks_publisher ON publisher_postbacks (publisher_id, id)

CREATE TABLE notices (
  id UUID PRIMARY KEY,
  happening_id UUID NOT NULL,
  postback_id UUID NOT NULL,
  publisher_id UUID NOT NULL,
  lead_id UUID NOT NULL,
  event TEXT NOT NULL,
  facts TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at BIGINT NOT NULL,
  lease_token UUID,
  leased_until BIGINT NOT NULL DEFAULT 0,
  last_error TEXT,
  created_at BIGINT NOT NULL,
  delivered_at BIGINT
)

CREATE INDEX notices_publisher ON notices (publisher_id, id)

CREATE INDEX notices_lead ON notices (lead_id)

CREATE INDEX notices_due ON notices (next_at) WHERE state = 'PENDING'

CREATE TABLE notice_attempts (
  id UUID PRIMARY KEY,
  notice_id UUID NOT NULL,
  n INTEGER NOT NULL,
  at BIGINT NOT NULL,
  status INTEGER,
  error TEXT,
  duration_us BIGINT NOT NULL
)

CREATE INDEX notice_attempts_notice ON notice_attempts (notice_id)
";
