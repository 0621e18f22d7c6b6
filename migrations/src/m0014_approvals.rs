//! The first of two approvals of a large statement.

crate::ddl::migration!("m0014_approvals", DDL);

const DDL: &str = "
ALTER TABLE statements ADD COLUMN first_approved_by TEXT

ALTER TABLE statements ADD COLUMN first_approved_at BIGINT
";
