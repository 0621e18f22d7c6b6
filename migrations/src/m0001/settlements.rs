//! Disputes, statements, payouts.

pub(super) const DDL: &str = "
CREATE TABLE disputes (
  id UUID PRIMARY KEY,
  kind TEXT NOT NULL,
  conversion_id UUID,
  award_id UUID NOT NULL,
  lead_id UUID NOT NULL,
  offer_id UUID NOT NULL,
  buyer_id UUID NOT NULL,
  publisher_id UUID NOT NULL,
  niche_id UUID NOT NULL,
  reason_code TEXT NOT NULL,
  claimed_bps INTEGER NOT NULL,
  decided_bps INTEGER,
  state TEXT NOT NULL,
  answer_by BIGINT NOT NULL,
  decide_by BIGINT NOT NULL,
  lock_at BIGINT NOT NULL,
  opened_by TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  answered_at BIGINT,
  resolved_at BIGINT,
  resolved_by TEXT,
  rev BIGINT NOT NULL DEFAULT 0
)

CREATE UNIQUE INDEX disputes_open ON disputes (conversion_id) WHERE state IN ('OPEN', 'CONTESTED')

CREATE INDEX disputes_conversion ON disputes (conversion_id)

CREATE INDEX disputes_state ON disputes (state, id)

CREATE INDEX disputes_buyer ON disputes (buyer_id, id)

CREATE INDEX disputes_publisher ON disputes (publisher_id, id)

CREATE INDEX disputes_award ON disputes (award_id)

CREATE TABLE dispute_events (
  id UUID PRIMARY KEY,
  dispute_id UUID NOT NULL,
  seq INTEGER NOT NULL,
  code TEXT NOT NULL,
  actor TEXT NOT NULL,
  organization_id UUID NOT NULL,
  comment_ciphertext BYTES,
  at BIGINT NOT NULL
)

CREATE UNIQUE INDEX dispute_events_seq ON dispute_events (dispute_id, seq)

CREATE TABLE settlement_runs (
  id UUID PRIMARY KEY,
  period_from BIGINT NOT NULL,
  period_to BIGINT NOT NULL,
  state TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL
)

CREATE TABLE statements (
  id UUID PRIMARY KEY,
  run_id UUID NOT NULL,
  publisher_id UUID NOT NULL,
  currency TEXT NOT NULL,
  period_from BIGINT NOT NULL,
  period_to BIGINT NOT NULL,
  number TEXT,
  state TEXT NOT NULL,
  carried_in BIGINT NOT NULL DEFAULT 0,
  gross BIGINT NOT NULL DEFAULT 0,
  total BIGINT NOT NULL DEFAULT 0,
  lines INTEGER NOT NULL DEFAULT 0,
  carried_into UUID,
  created_at BIGINT NOT NULL,
  approved_by TEXT,
  approved_at BIGINT,
  paid_at BIGINT
)

CREATE INDEX statements_run ON statements (run_id)

CREATE INDEX statements_publisher ON statements (publisher_id, id)

CREATE UNIQUE INDEX statements_number ON statements (publisher_id, number)

CREATE INDEX statements_carried ON statements (carried_into)

CREATE TABLE statement_counters (
  id UUID PRIMARY KEY,
  publisher_id UUID NOT NULL,
  year INTEGER NOT NULL,
  last BIGINT NOT NULL
)

CREATE TABLE statement_lines (
  conversion_id UUID PRIMARY KEY,
  statement_id UUID NOT NULL,
  earning BIGINT NOT NULL,
  given_back BIGINT NOT NULL,
  amount BIGINT NOT NULL
)

CREATE INDEX statement_lines_statement ON statement_lines (statement_id)

CREATE TABLE payouts (
  id UUID PRIMARY KEY,
  statement_id UUID NOT NULL,
  publisher_id UUID NOT NULL,
  amount BIGINT NOT NULL,
  currency TEXT NOT NULL,
  rail TEXT NOT NULL,
  state TEXT NOT NULL,
  generation INTEGER NOT NULL,
  reference TEXT,
  exported_at BIGINT,
  details_ciphertext BYTES,
  resolved_at BIGINT
)

CREATE INDEX payouts_statement ON payouts (statement_id)

CREATE INDEX payouts_publisher ON payouts (publisher_id, id)

CREATE TABLE payout_profiles (
  publisher_id UUID NOT NULL,
  currency TEXT NOT NULL,
  rail TEXT NOT NULL,
  details_ciphertext BYTES,
  min_payout BIGINT NOT NULL,
  PRIMARY KEY (publisher_id, currency)
)
";
