//! Reads and writes of the offers' tables.

pub(super) mod forms;
pub(super) mod links;
pub(super) mod live;
pub(super) mod meters;
pub(super) mod offers;
pub(super) mod participations;
pub(super) mod sources;
pub(super) mod versions;

use sea_orm::Value;
use uuid::Uuid;

use crate::platform::paging::Page;

/// A `WHERE` clause that is put together from the filters that are given.
struct Wanted {
    sql: String,
    values: Vec<Value>,
}

impl Wanted {
    /// A page of rows whose key is `key`, newest first: `$1` bounds the key, `$2` the number.
    fn page(key: &str, page: &Page) -> Self {
        let limit = i64::try_from(page.limit()).unwrap_or(1);
        let before = page.before_key().unwrap_or(Uuid::max());
        Self { sql: format!("{key} < $1"), values: vec![before.into(), limit.into()] }
    }

    /// `column = value`.
    fn and(mut self, column: &str, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self.sql.push_str(&format!(" AND {column} = ${}", self.values.len()));
        self
    }

    /// `column = value`, if there is a value.
    fn and_some(self, column: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.and(column, value),
            None => self,
        }
    }

    /// A condition without a value.
    fn and_text(mut self, condition: &str) -> Self {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self
    }
}
