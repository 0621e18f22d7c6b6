//! Leads, contacts, claims, events, awards.

pub(super) const DDL: &str = "
CREATE TABLE leads (
  id UUID PRIMARY KEY,
  niche_id UUID NOT NULL,
  niche_version_id UUID NOT NULL,
  publisher_id UUID NOT NULL,
  source_id UUID NOT NULL,
  channel TEXT NOT NULL,
  state TEXT NOT NULL,
  reason_code TEXT,
  score INTEGER NOT NULL,
  grade TEXT NOT NULL,
  intent INTEGER NOT NULL,
  temperature TEXT NOT NULL,
  features TEXT NOT NULL,
  reasons TEXT NOT NULL,
  verdict TEXT NOT NULL,
  trace TEXT NOT NULL,
  copies INTEGER NOT NULL,
  supersedes UUID,
  external_ref_hash BYTES,
  received_at BIGINT NOT NULL,
  decided_at BIGINT NOT NULL,
  erased_at BIGINT
)

CREATE INDEX leads_publisher ON leads (publisher_id, id)

CREATE INDEX leads_external_ref ON leads (source_id, external_ref_hash)
  WHERE external_ref_hash IS NOT NULL

CREATE INDEX leads_quarantine ON leads (id) WHERE state = 'QUARANTINED'

CREATE TABLE lead_contacts (
  lead_id UUID PRIMARY KEY,
  key_id INTEGER NOT NULL,
  wrapped_key BYTES,
  ciphertext BYTES,
  keep_until BIGINT NOT NULL,
  erased_at BIGINT
)

CREATE TABLE claims (
  id UUID PRIMARY KEY,
  lead_id UUID NOT NULL,
  expires_at BIGINT NOT NULL
) CLUSTERED

CREATE INDEX claims_lapse ON claims (expires_at)

CREATE TABLE lead_events (
  lead_id UUID NOT NULL,
  seq INTEGER NOT NULL,
  code TEXT NOT NULL,
  actor TEXT NOT NULL,
  at BIGINT NOT NULL,
  evidence_hash BYTES NOT NULL,
  prev_hash BYTES NOT NULL,
  hash BYTES NOT NULL,
  PRIMARY KEY (lead_id, seq)
) CLUSTERED

CREATE TABLE lead_evidence (
  lead_id UUID NOT NULL,
  seq INTEGER NOT NULL,
  ciphertext BYTES,
  PRIMARY KEY (lead_id, seq)
) CLUSTERED

CREATE TABLE awards (
  id UUID PRIMARY KEY,
  lead_id UUID NOT NULL,
  offer_id UUID NOT NULL,
  offer_version_id UUID NOT NULL,
  buyer_id UUID NOT NULL,
  publisher_id UUID NOT NULL,
  source_id UUID NOT NULL,
  niche_id UUID NOT NULL,
  copy_no INTEGER NOT NULL,
  state TEXT NOT NULL,
  price BIGINT NOT NULL,
  earning BIGINT NOT NULL,
  currency TEXT NOT NULL,
  max_sales INTEGER NOT NULL,
  disposition TEXT NOT NULL,
  disposition_at BIGINT,
  opened_at BIGINT,
  seen_at BIGINT,
  returned_at BIGINT,
  created_at BIGINT NOT NULL
)

CREATE INDEX awards_buyer ON awards (buyer_id, id)

CREATE INDEX awards_lead ON awards (lead_id)

CREATE TABLE dispositions (
  id UUID PRIMARY KEY,
  award_id UUID NOT NULL,
  value TEXT NOT NULL,
  actor TEXT NOT NULL,
  at BIGINT NOT NULL
)

CREATE INDEX dispositions_award ON dispositions (award_id)
";
