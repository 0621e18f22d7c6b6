//! Conversions, reservations, the ledger, top-ups.

pub(super) const DDL: &str = "
CREATE TABLE conversions (
  id UUID PRIMARY KEY,
  award_id UUID NOT NULL,
  lead_id UUID NOT NULL,
  offer_id UUID NOT NULL,
  offer_version_id UUID NOT NULL,
  buyer_id UUID NOT NULL,
  publisher_id UUID NOT NULL,
  niche_id UUID NOT NULL,
  goal TEXT NOT NULL,
  external_ref TEXT,
  state TEXT NOT NULL,
  price BIGINT NOT NULL,
  earning BIGINT NOT NULL,
  fee BIGINT NOT NULL,
  take_rate_bps INTEGER NOT NULL,
  currency TEXT NOT NULL,
  returned_bps INTEGER NOT NULL DEFAULT 0,
  given_earning BIGINT NOT NULL DEFAULT 0,
  given_fee BIGINT NOT NULL DEFAULT 0,
  unfunded BIGINT NOT NULL DEFAULT 0,
  return_until BIGINT NOT NULL,
  hold_until BIGINT NOT NULL,
  lock_at BIGINT NOT NULL,
  occurred_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  approved_at BIGINT
)

CREATE INDEX conversions_publisher ON conversions (publisher_id, id)

CREATE INDEX conversions_buyer ON conversions (buyer_id, id)

CREATE INDEX conversions_award ON conversions (award_id)

CREATE INDEX conversions_hold ON conversions (hold_until) WHERE state = 'HELD'

CREATE TABLE reservations (
  id UUID PRIMARY KEY,
  award_id UUID NOT NULL,
  offer_id UUID NOT NULL,
  buyer_id UUID NOT NULL,
  amount BIGINT NOT NULL,
  captured BIGINT NOT NULL DEFAULT 0,
  currency TEXT NOT NULL,
  state TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL
)

CREATE INDEX reservations_open ON reservations (expires_at) WHERE state = 'OPEN'

CREATE INDEX reservations_award ON reservations (award_id)

CREATE TABLE ledger_txs (
  id UUID PRIMARY KEY,
  kind TEXT NOT NULL,
  cause TEXT NOT NULL,
  currency TEXT NOT NULL,
  at BIGINT NOT NULL
) CLUSTERED

CREATE TABLE postings (
  tx_id UUID NOT NULL,
  n INTEGER NOT NULL,
  account_id UUID NOT NULL,
  amount BIGINT NOT NULL,
  currency TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (tx_id, n)
) CLUSTERED

CREATE INDEX postings_account ON postings (account_id, at)

CREATE TABLE ledger_accounts (
  id UUID PRIMARY KEY,
  code TEXT NOT NULL,
  kind TEXT NOT NULL,
  owner_id UUID,
  currency TEXT NOT NULL
)

CREATE UNIQUE INDEX ledger_accounts_code ON ledger_accounts (code)

CREATE INDEX ledger_accounts_owner ON ledger_accounts (owner_id)

CREATE TABLE balances (
  account_id UUID PRIMARY KEY,
  amount BIGINT NOT NULL DEFAULT 0
) CLUSTERED

CREATE TABLE balance_deltas (
  id UUID PRIMARY KEY,
  account_id UUID NOT NULL,
  amount BIGINT NOT NULL,
  at BIGINT NOT NULL
) CLUSTERED

CREATE INDEX balance_deltas_account ON balance_deltas (account_id)

CREATE TABLE top_ups (
  id UUID PRIMARY KEY,
  buyer_id UUID NOT NULL,
  amount BIGINT NOT NULL,
  currency TEXT NOT NULL,
  rail TEXT NOT NULL,
  reference TEXT NOT NULL,
  note TEXT,
  recorded_by TEXT NOT NULL,
  at BIGINT NOT NULL
)

CREATE INDEX top_ups_buyer ON top_ups (buyer_id, id)
";
