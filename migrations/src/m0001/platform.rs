//! Outbox, jobs, idempotency, audit, epochs.

pub(super) const DDL: &str = "
CREATE TABLE outbox (
  id UUID PRIMARY KEY,
  topic TEXT NOT NULL,
  key UUID NOT NULL,
  payload TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  lease_token UUID,
  leased_until BIGINT NOT NULL DEFAULT 0
)

CREATE TABLE jobs (
  id UUID PRIMARY KEY,
  kind TEXT NOT NULL,
  queue_key TEXT,
  dedup_key TEXT,
  payload TEXT NOT NULL,
  state TEXT NOT NULL,
  run_at BIGINT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  max_attempts INTEGER NOT NULL,
  lease_token UUID,
  leased_until BIGINT NOT NULL DEFAULT 0,
  last_error TEXT,
  created_at BIGINT NOT NULL,
  finished_at BIGINT
)

CREATE UNIQUE INDEX jobs_dedup ON jobs (kind, dedup_key)

CREATE INDEX jobs_ready ON jobs (run_at) WHERE state = 'READY'

CREATE INDEX jobs_state ON jobs (state, id)

CREATE TABLE idempotency (
  id UUID PRIMARY KEY,
  request_hash BYTES NOT NULL,
  response TEXT,
  status INTEGER NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
)

CREATE TABLE audit_log (
  id UUID PRIMARY KEY,
  organization_id UUID NOT NULL,
  day INTEGER NOT NULL,
  seq BIGINT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,
  at BIGINT NOT NULL,
  prev_hash BYTES NOT NULL,
  hash BYTES NOT NULL
)

CREATE UNIQUE INDEX audit_log_chain ON audit_log (organization_id, day, seq)

CREATE TABLE audit_heads (
  organization_id UUID NOT NULL,
  day INTEGER NOT NULL,
  seq BIGINT NOT NULL,
  hash BYTES NOT NULL,
  PRIMARY KEY (organization_id, day)
) CLUSTERED

CREATE TABLE market_epochs (
  niche_id UUID PRIMARY KEY,
  epoch BIGINT NOT NULL
) CLUSTERED
";
