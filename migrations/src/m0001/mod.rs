//! The first schema: everything of the first release.

mod accounts;
mod leads;
mod market;
mod money;
mod platform;
mod settlements;

use sea_orm_migration::prelude::*;

/// Makes all tables.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001_first_schema"
    }
}

#[allow(
    elided_lifetimes_in_paths,
    reason = "the trait elides it, and a spelled one would not match"
)]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for script in
            [platform::DDL, accounts::DDL, market::DDL, leads::DDL, money::DDL, settlements::DDL]
        {
            crate::ddl::run(manager, script).await?;
        }
        Ok(())
    }
}
