//! Parsed documents, kept by their text: clients send the same few documents over and over, and
//! parsing them was a good part of a GraphQL submission's cost.
//!
//! Only parsing is saved. Validation and every limit still run for each request.

use async_graphql::ServerError;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::ExecutableDocument;
use moka::sync::Cache;
use std::sync::Arc;

/// Texts longer than this are parsed each time, so that the cache's size stays bounded.
const LONGEST_CACHED: usize = 16 * 1024;

/// A bounded cache of parsed documents.
#[derive(Clone)]
pub struct DocCache(Cache<Arc<str>, Arc<ExecutableDocument>>);

impl DocCache {
    /// A cache that keeps at most `documents` of them, the least used leave first.
    pub fn new(documents: u64) -> Self {
        Self(Cache::new(documents))
    }

    /// The parsed document; parses when it is not there. A text that does not parse is not kept.
    pub fn parse(&self, text: &str) -> Result<Arc<ExecutableDocument>, ServerError> {
        if let Some(found) = self.0.get(text) {
            return Ok(found);
        }
        let parsed = Arc::new(parse_query(text).map_err(ServerError::from)?);
        if text.len() <= LONGEST_CACHED {
            self.0.insert(Arc::from(text), Arc::clone(&parsed));
        }
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;

    #[test]
    fn the_second_parse_is_the_first_ones_result() {
        let cache = DocCache::new(10);
        let first = cache.parse("{ a }").unwrap();
        let second = cache.parse("{ a }").unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        assert!(cache.parse("{").is_err());
    }
}
