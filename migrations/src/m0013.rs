//! Top-ups by card: what was asked for, what the provider told, refunds, chargebacks.

crate::ddl::migration!("m0013_card_top_ups", DDL);

const DDL: &str = "
CREATE TABLE provider_customers (
  buyer_id UUID NOT NULL PRIMARY KEY,
  customer TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL
)

CREATE TABLE card_top_ups (
  id UUID NOT NULL PRIMARY KEY,
  buyer_id UUID NOT NULL,
  kind TEXT NOT NULL,
  amount BIGINT NOT NULL,
  currency TEXT NOT NULL,
  state TEXT NOT NULL,
  hold_reason TEXT,
  error TEXT,
  save_card INTEGER NOT NULL,
  card_id UUID,
  customer TEXT,
  session TEXT UNIQUE,
  url TEXT,
  payment TEXT UNIQUE,
  came_in BIGINT,
  came_currency TEXT,
  fee_known INTEGER NOT NULL,
  note TEXT,
  created_by TEXT NOT NULL,
  decided_by TEXT,
  first_sent_at BIGINT,
  check_at BIGINT,
  looks INTEGER NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT
)

CREATE INDEX card_top_ups_buyer ON card_top_ups (buyer_id, id)

CREATE INDEX card_top_ups_due ON card_top_ups (check_at) WHERE check_at IS NOT NULL

CREATE INDEX card_top_ups_held ON card_top_ups (id) WHERE state = 'HELD'

CREATE TABLE saved_cards (
  id UUID NOT NULL PRIMARY KEY,
  buyer_id UUID NOT NULL,
  method TEXT NOT NULL,
  brand TEXT,
  last4 TEXT,
  exp_month INTEGER,
  exp_year INTEGER,
  created_at BIGINT NOT NULL,
  removed_at BIGINT
)

CREATE INDEX saved_cards_buyer ON saved_cards (buyer_id, id)

CREATE TABLE auto_recharges (
  buyer_id UUID NOT NULL,
  currency TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  threshold BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  monthly_max BIGINT NOT NULL,
  card_id UUID NOT NULL,
  failures INTEGER NOT NULL,
  retry_at BIGINT,
  stop TEXT,
  updated_by TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (buyer_id, currency)
)

CREATE TABLE credit_refunds (
  id UUID NOT NULL PRIMARY KEY,
  buyer_id UUID NOT NULL,
  card_top_up_id UUID NOT NULL,
  amount BIGINT NOT NULL,
  currency TEXT NOT NULL,
  state TEXT NOT NULL,
  refund TEXT UNIQUE,
  error TEXT,
  requested_by TEXT NOT NULL,
  first_sent_at BIGINT,
  check_at BIGINT,
  looks INTEGER NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT
)

CREATE INDEX credit_refunds_buyer ON credit_refunds (buyer_id, id)

CREATE INDEX credit_refunds_top_up ON credit_refunds (card_top_up_id)

CREATE INDEX credit_refunds_due ON credit_refunds (check_at) WHERE check_at IS NOT NULL

CREATE TABLE chargebacks (
  id UUID NOT NULL PRIMARY KEY,
  dispute TEXT NOT NULL UNIQUE,
  card_top_up_id UUID NOT NULL,
  buyer_id UUID NOT NULL,
  amount BIGINT NOT NULL,
  currency TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  from_available BIGINT NOT NULL,
  from_owed BIGINT NOT NULL,
  written_off BIGINT NOT NULL,
  evidence_due BIGINT,
  note TEXT,
  opened_at BIGINT NOT NULL,
  ended_at BIGINT
)

CREATE INDEX chargebacks_buyer ON chargebacks (buyer_id, id)

CREATE INDEX chargebacks_top_up ON chargebacks (card_top_up_id)

CREATE TABLE provider_fees (
  id UUID NOT NULL PRIMARY KEY,
  reference TEXT NOT NULL,
  about TEXT NOT NULL,
  amount BIGINT NOT NULL,
  currency TEXT NOT NULL,
  at BIGINT NOT NULL
)

CREATE INDEX provider_fees_about ON provider_fees (about)

CREATE TABLE provider_events (
  id UUID NOT NULL PRIMARY KEY,
  event TEXT NOT NULL,
  kind TEXT NOT NULL,
  about TEXT,
  sealed BYTES NOT NULL,
  state TEXT NOT NULL,
  note TEXT,
  received_at BIGINT NOT NULL,
  ended_at BIGINT
)

CREATE INDEX provider_events_held ON provider_events (id) WHERE state = 'HELD'
";
