//! Publishers' tools: test leads, and the settings of hosted forms.

crate::ddl::migration!("m0006_publishing", DDL);

const DDL: &str = "
CREATE TABLE test_leads (
  id UUID PRIMARY KEY,
  publisher_id UUID NOT NULL,
  source_id UUID NOT NULL,
  channel TEXT NOT NULL,
  state TEXT NOT NULL,
  verdict TEXT NOT NULL,
  received_at BIGINT NOT NULL
)

CREATE INDEX test_leads_publisher ON test_leads (publisher_id, id)

CREATE INDEX test_leads_age ON test_leads (received_at)

CREATE TABLE source_forms (
  source_id UUID PRIMARY KEY,
  settings TEXT NOT NULL,
  consent_version INTEGER NOT NULL,
  updated_at BIGINT NOT NULL
)
";
