//! The first schema: everything of the first release.

mod accounts;
mod leads;
mod market;
mod money;
mod platform;
mod settlements;

crate::ddl::migration!(
    "m0001_first_schema",
    platform::DDL,
    accounts::DDL,
    market::DDL,
    leads::DDL,
    money::DDL,
    settlements::DDL,
);
