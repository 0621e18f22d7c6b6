//! Payout types: what a reservation is promised to, how often each kind of event happened, what a
//! sale was worth; the addresses of postbacks and their log; reconciliations; claims that an event was not reported.

crate::ddl::migration!("m0003_payouts", DDL);

const DDL: &str = "
ALTER TABLE reservations ADD COLUMN goal TEXT NOT NULL DEFAULT 'SALE'

ALTER TABLE offer_meters ADD COLUMN call_count BIGINT NOT NULL DEFAULT 0

ALTER TABLE offer_meters ADD COLUMN registration_count BIGINT NOT NULL DEFAULT 0

ALTER TABLE conversions ADD COLUMN amount BIGINT

ALTER TABLE conversions ADD COLUMN refunded BIGINT NOT NULL DEFAULT 0

CREATE TABLE postback_tokens (
  id UUID PRIMARY KEY,
  buyer_id UUID NOT NULL,
  offer_id UUID,
  name TEXT NOT NULL,
  prefix TEXT NOT NULL,
  token_hash BYTES NOT NULL,
  secret_ciphertext BYTES,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT,
  revoked_at BIGINT
)

CREATE UNIQUE INDEX postback_tokens_hash ON postback_tokens (token_hash)

CREATE INDEX postback_tokens_buyer ON postback_tokens (buyer_id, id)

CREATE TABLE postbacks (
  id UUID PRIMARY KEY,
  token_id UUID NOT NULL,
  buyer_id UUID NOT NULL,
  method TEXT NOT NULL,
  award_id UUID,
  goal TEXT,
  conversion_id UUID,
  code TEXT NOT NULL,
  field TEXT,
  replayed INTEGER NOT NULL,
  at BIGINT NOT NULL
)

CREATE INDEX postbacks_buyer ON postbacks (buyer_id, id)

CREATE INDEX conversions_reference ON conversions (buyer_id, external_ref) WHERE external_ref IS NOT NULL

CREATE TABLE reconciliations (
  id UUID PRIMARY KEY,
  buyer_id UUID NOT NULL,
  file_hash BYTES NOT NULL,
  created_at BIGINT NOT NULL,
  applied_at BIGINT
)

CREATE INDEX reconciliations_buyer ON reconciliations (buyer_id, created_at)

CREATE TABLE reconciliation_rows (
  id UUID PRIMARY KEY,
  reconciliation_id UUID NOT NULL,
  n INTEGER NOT NULL,
  finding TEXT NOT NULL,
  code TEXT,
  award_id UUID,
  conversion_id UUID,
  goal TEXT NOT NULL,
  external_ref TEXT,
  currency TEXT,
  amount BIGINT,
  known_amount BIGINT,
  refund INTEGER NOT NULL,
  refunded BIGINT,
  occurred_at BIGINT,
  outcome TEXT
)

CREATE INDEX reconciliation_rows_place ON reconciliation_rows (reconciliation_id, n)

ALTER TABLE disputes ADD COLUMN goal TEXT

ALTER TABLE disputes ADD COLUMN currency TEXT

ALTER TABLE disputes ADD COLUMN amount BIGINT

ALTER TABLE disputes ADD COLUMN claimed_price BIGINT

ALTER TABLE disputes ADD COLUMN claimed_earning BIGINT

ALTER TABLE disputes ADD COLUMN occurred_at BIGINT

ALTER TABLE disputes ADD COLUMN decided_amount BIGINT

CREATE UNIQUE INDEX disputes_claim ON disputes (award_id, goal) WHERE kind = 'MISSING_CONVERSION' AND state IN ('OPEN', 'CONTESTED')
";
