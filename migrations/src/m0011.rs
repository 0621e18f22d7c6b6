//! Leads that wait for a full cap.

crate::ddl::migration!("m0011_queued_leads", DDL);

const DDL: &str = "
CREATE TABLE queued_leads (
  lead_id UUID NOT NULL,
  retry_at BIGINT NOT NULL,
  PRIMARY KEY (lead_id, retry_at)
) CLUSTERED

CREATE INDEX queued_leads_due ON queued_leads (retry_at)
";
