//! Payout rails: structured accounts, files for the bank, what the bank answers, proofs, and the
//! clocks of rails that answer at once.
//!
//! Accounts that publishers entered before are free text (`FREE`). They stay as they are and go
//! into CSV files as before, until the publisher enters the account anew; ISO 20022 files take
//! structured ones (`ACCOUNT`) only.

crate::ddl::migration!("m0012_payout_rails", DDL);

const DDL: &str = "
ALTER TABLE payout_profiles ADD COLUMN details_form TEXT NOT NULL DEFAULT 'FREE'

ALTER TABLE payouts ADD COLUMN details_form TEXT NOT NULL DEFAULT 'FREE'

ALTER TABLE payouts ADD COLUMN file_id UUID

ALTER TABLE payouts ADD COLUMN file_part INTEGER

ALTER TABLE payouts ADD COLUMN reason TEXT

ALTER TABLE payouts ADD COLUMN sent_at BIGINT

ALTER TABLE payouts ADD COLUMN leased_until BIGINT NOT NULL DEFAULT 0

CREATE INDEX payouts_file ON payouts (file_id) WHERE file_id IS NOT NULL

CREATE INDEX payouts_open ON payouts (state, id) WHERE state IN ('PLANNED', 'EXPORTED', 'SENT', 'UNKNOWN')

CREATE TABLE payout_files (
  id UUID PRIMARY KEY,
  run_id UUID NOT NULL,
  format TEXT NOT NULL,
  file_name TEXT NOT NULL,
  payouts INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL
)

CREATE INDEX payout_files_run ON payout_files (run_id, id)

CREATE TABLE payout_proofs (
  payout_id UUID PRIMARY KEY,
  file_name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size INTEGER NOT NULL,
  sha256 BYTES NOT NULL,
  ciphertext BYTES NOT NULL,
  added_by TEXT NOT NULL,
  at BIGINT NOT NULL
)

CREATE TABLE bank_answers (
  id UUID PRIMARY KEY,
  format TEXT NOT NULL,
  message TEXT,
  original TEXT,
  lines INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  applied_at BIGINT
)

CREATE TABLE bank_answer_lines (
  answer_id UUID NOT NULL,
  n INTEGER NOT NULL,
  scope TEXT NOT NULL,
  reference TEXT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT,
  currency TEXT,
  amount BIGINT,
  bank_reference TEXT,
  payout_id UUID,
  finding TEXT NOT NULL,
  code TEXT,
  outcome TEXT,
  PRIMARY KEY (answer_id, n)
) CLUSTERED
";
