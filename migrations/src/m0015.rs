//! FINANCE's desk: changes of credit, conversions between currencies, closed periods.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

const DDL: &str = "
CREATE TABLE credit_changes (
  id UUID NOT NULL PRIMARY KEY,
  buyer_id UUID NOT NULL,
  currency TEXT NOT NULL,
  before_limit BIGINT NOT NULL,
  after_limit BIGINT NOT NULL,
  note TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  at BIGINT NOT NULL
)

CREATE INDEX credit_changes_buyer ON credit_changes (buyer_id, id)

CREATE TABLE fx_conversions (
  id UUID NOT NULL PRIMARY KEY,
  buyer_id UUID NOT NULL,
  sold BIGINT NOT NULL,
  sold_currency TEXT NOT NULL,
  bought BIGINT NOT NULL,
  bought_currency TEXT NOT NULL,
  rate TEXT NOT NULL,
  note TEXT,
  decided_by TEXT NOT NULL,
  at BIGINT NOT NULL
)

CREATE INDEX fx_conversions_buyer ON fx_conversions (buyer_id, id)

CREATE TABLE ledger_closes (
  id UUID NOT NULL PRIMARY KEY,
  closed_until BIGINT NOT NULL,
  note TEXT,
  closed_by TEXT NOT NULL,
  at BIGINT NOT NULL
)

CREATE UNIQUE INDEX ledger_closes_until ON ledger_closes (closed_until)
";

/// The database itself refuses what is dated before a close, whichever statement brings it.
const GUARD_POSTGRES: &str = "
CREATE FUNCTION ledger_period_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM fresh
             WHERE at < (SELECT MAX(closed_until) FROM ledger_closes)) THEN
    RAISE EXCEPTION 'the period is closed' USING ERRCODE = 'LB001';
  END IF;
  RETURN NULL;
END $$

CREATE TRIGGER ledger_period_is_open AFTER INSERT ON ledger_txs
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_period_is_open()
";

const GUARD_SQLITE: &str = "
CREATE TRIGGER ledger_period_is_open BEFORE INSERT ON ledger_txs
WHEN NEW.at < (SELECT MAX(closed_until) FROM ledger_closes)
BEGIN SELECT RAISE(ABORT, 'the period is closed'); END
";

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0015_finance_desk"
    }
}

#[allow(
    elided_lifetimes_in_paths,
    reason = "the trait elides it, and a spelled one would not match"
)]
#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::ddl::run(manager, DDL).await?;
        let guard = match manager.get_connection().get_database_backend() {
            DbBackend::Sqlite => GUARD_SQLITE,
            _ => GUARD_POSTGRES,
        };
        crate::ddl::run(manager, guard).await
    }
}
