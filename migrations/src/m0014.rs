//! Documents about money, their numbers, and what organizations print on them.

crate::ddl::migration!("m0014_documents", DDL);

const DDL: &str = "
CREATE TABLE documents (
  id UUID PRIMARY KEY,
  kind TEXT NOT NULL,
  subject_id UUID NOT NULL,
  organization_id UUID NOT NULL,
  owner_id UUID NOT NULL,
  number TEXT NOT NULL,
  currency TEXT NOT NULL,
  period_from BIGINT NOT NULL,
  period_to BIGINT NOT NULL,
  head TEXT NOT NULL,
  lines BIGINT NOT NULL,
  total BIGINT NOT NULL,
  json_sha256 BYTES NOT NULL,
  csv_sha256 BYTES NOT NULL,
  issued_by TEXT NOT NULL,
  issued_at BIGINT NOT NULL,
  voided_by TEXT,
  voided_at BIGINT,
  void_reason TEXT
)

CREATE UNIQUE INDEX documents_subject ON documents (subject_id, kind)

CREATE UNIQUE INDEX documents_number ON documents (kind, owner_id, number)

CREATE INDEX documents_organization ON documents (organization_id, id)

CREATE TABLE document_counters (
  kind TEXT NOT NULL,
  owner_id UUID NOT NULL,
  year INTEGER NOT NULL,
  last BIGINT NOT NULL,
  PRIMARY KEY (kind, owner_id, year)
)

INSERT INTO document_counters (kind, owner_id, year, last)
SELECT 'STATEMENT', publisher_id, year, last FROM statement_counters

DROP TABLE statement_counters

CREATE TABLE void_lines (
  conversion_id UUID NOT NULL,
  statement_id UUID NOT NULL,
  earning BIGINT NOT NULL,
  given_back BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (statement_id, conversion_id)
)

CREATE TABLE billing_profiles (
  organization_id UUID PRIMARY KEY,
  language TEXT,
  legal_name TEXT,
  seat TEXT,
  tax_number TEXT,
  tax_rate_bps INTEGER NOT NULL,
  updated_at BIGINT NOT NULL
)
";
