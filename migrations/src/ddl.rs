//! Words for what the engines spell differently.
//!
//! | word | PostgreSQL | SQLite |
//! |---|---|---|
//! | `UUID` | `UUID` | `BLOB` (16 bytes, as the driver binds them) |
//! | `BYTES` | `BYTEA` | `BLOB` |
//! | `CLUSTERED` (after the table) | nothing | `WITHOUT ROWID`: short rows live in their key's tree |

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// The statement in the engine's own words.
fn translate(statement: &str, backend: DbBackend) -> String {
    let words: [(&str, &str); 3] = match backend {
        DbBackend::Sqlite => {
            [(" UUID", " BLOB"), (" BYTES", " BLOB"), (" CLUSTERED", " WITHOUT ROWID")]
        }
        _ => [(" UUID", " UUID"), (" BYTES", " BYTEA"), (" CLUSTERED", "")],
    };
    words.iter().fold(statement.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Runs statements that are separated by blank lines.
pub(crate) async fn run(manager: &SchemaManager<'_>, script: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    for statement in script.split("\n\n").map(str::trim).filter(|text| !text.is_empty()) {
        db.execute_unprepared(&translate(statement, db.get_database_backend())).await?;
    }
    Ok(())
}

/// A migration that runs scripts, one after the other. Its name is how a database remembers it.
macro_rules! migration {
    ($name:literal, $($script:expr),+ $(,)?) => {
        pub(crate) struct Migration;

        impl sea_orm_migration::MigrationName for Migration {
            fn name(&self) -> &'static str {
                $name
            }
        }

        #[allow(
            elided_lifetimes_in_paths,
            reason = "the trait elides it, and a spelled one would not match"
        )]
        #[sea_orm_migration::async_trait::async_trait]
        impl sea_orm_migration::MigrationTrait for Migration {
            async fn up(
                &self,
                manager: &sea_orm_migration::SchemaManager,
            ) -> Result<(), sea_orm_migration::DbErr> {
                $(crate::ddl::run(manager, $script).await?;)+
                Ok(())
            }
        }
    };
}
pub(crate) use migration;
