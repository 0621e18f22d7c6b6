//! Relay connections over the platform's keyset pages.
//!
//! ```ignore
//! async fn offers(&self, ctx: &Context<'_>, first: Option<i32>, after: Option<String>) -> Result<Conn<Offer>> {
//!     let page = page(first, after.as_deref())?;
//!     let found = app(ctx)?.offers.list(&actor(ctx)?, filter, page).await?;
//!     Ok(connection(&page, found, |offer| (offer.id.uuid(), offer.into())))
//! }
//! ```

use async_graphql::OutputType;
use async_graphql::connection::{Connection, CursorType, Edge};
use leadbourse_core::error::Problem;
use uuid::Uuid;

use crate::platform::paging::{Cursor, Page, Paged};

/// The cursor of an edge: the key of its row.
pub struct Key(pub Uuid);

impl CursorType for Key {
    type Error = Problem;

    fn decode_cursor(text: &str) -> Result<Self, Problem> {
        Cursor::decode(text).map(|cursor| Self(cursor.0))
    }

    fn encode_cursor(&self) -> String {
        Cursor(self.0).encode()
    }
}

/// A connection of `N`: in the schema `NConnection { edges { cursor node } nodes pageInfo }`.
pub type Conn<N> = Connection<Key, N>;

/// The page that the arguments ask for.
///
/// # Errors
/// `OUT_OF_RANGE` when `first` is not between 1 and 100, `BAD_INPUT` for a broken cursor.
pub fn page(first: Option<i32>, after: Option<&str>) -> Result<Page, Problem> {
    Page::new(first.map(i64::from), after)
}

/// The connection of a page; `edge` gives each row's key and node.
pub fn connection<T, N: OutputType>(
    page: &Page,
    found: Paged<T>,
    mut edge: impl FnMut(T) -> (Uuid, N),
) -> Conn<N> {
    let mut connection = Connection::new(page.after.is_some(), found.has_next);
    connection.edges.extend(found.items.into_iter().map(|item| {
        let (key, node) = edge(item);
        Edge::new(Key(key), node)
    }));
    connection
}
