//! Payout types: what a reservation is promised to, how often each kind of event happened, and what
//! a sale was worth.

use sea_orm_migration::prelude::*;

/// Adds columns.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_payouts"
    }
}

#[allow(
    elided_lifetimes_in_paths,
    reason = "the trait elides it, and a spelled one would not match"
)]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::ddl::run(manager, DDL).await
    }
}

const DDL: &str = "
ALTER TABLE reservations ADD COLUMN goal TEXT NOT NULL DEFAULT 'SALE'

ALTER TABLE offer_meters ADD COLUMN call_count BIGINT NOT NULL DEFAULT 0

ALTER TABLE offer_meters ADD COLUMN registration_count BIGINT NOT NULL DEFAULT 0

ALTER TABLE conversions ADD COLUMN amount BIGINT

ALTER TABLE conversions ADD COLUMN refunded BIGINT NOT NULL DEFAULT 0
";
