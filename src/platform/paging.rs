//! Keyset pages: newest first, at most a hundred, by the uuid of the last row.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use leadbourse_core::error::{BAD_INPUT, OUT_OF_RANGE, Problem};
use uuid::Uuid;

/// The largest page.
pub const MAX_FIRST: u32 = 100;
/// The page when nobody says.
pub const DEFAULT_FIRST: u32 = 25;

/// Where a page begins: after the row with this key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(pub Uuid);

impl Cursor {
    /// As clients see it.
    pub fn encode(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.as_bytes())
    }

    /// From what a client sent.
    pub fn decode(text: &str) -> Result<Self, Problem> {
        let bad = || Problem::new(BAD_INPUT).field("after").detail("This is not a cursor.");
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| bad())?;
        Uuid::from_slice(&bytes).map(Self).map_err(|_| bad())
    }
}

/// Which rows are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many at most; 1 to 100.
    pub first: u32,
    /// After which row.
    pub after: Option<Cursor>,
}

impl Default for Page {
    fn default() -> Self {
        Self { first: DEFAULT_FIRST, after: None }
    }
}

impl Page {
    /// From what a client sent.
    ///
    /// # Errors
    /// `OUT_OF_RANGE` when `first` is not between 1 and 100, `BAD_INPUT` for a broken cursor.
    pub fn new(first: Option<i64>, after: Option<&str>) -> Result<Self, Problem> {
        let first = match first {
            None => DEFAULT_FIRST,
            Some(n) => {
                u32::try_from(n).ok().filter(|n| (1..=MAX_FIRST).contains(n)).ok_or_else(|| {
                    Problem::new(OUT_OF_RANGE)
                        .field("first")
                        .detail("`first` is between 1 and 100.")
                })?
            }
        };
        Ok(Self { first, after: after.map(Cursor::decode).transpose()? })
    }

    /// How many rows to read: one more than wanted, to see whether there is a next page.
    pub fn limit(&self) -> u64 {
        u64::from(self.first) + 1
    }

    /// The key that rows must be smaller than (newest first).
    pub fn before_key(&self) -> Option<Uuid> {
        self.after.map(|cursor| cursor.0)
    }
}

/// A page of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged<T> {
    /// The rows, newest first.
    pub items: Vec<T>,
    /// Whether there are more.
    pub has_next: bool,
}

impl<T> Paged<T> {
    /// From rows that were read with `page.limit()`.
    pub fn cut(mut rows: Vec<T>, page: &Page) -> Self {
        let first = usize::try_from(page.first).unwrap_or(usize::MAX);
        let has_next = rows.len() > first;
        rows.truncate(first);
        Self { items: rows, has_next }
    }

    /// The same page of other things.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Paged<U> {
        Paged { items: self.items.into_iter().map(f).collect(), has_next: self.has_next }
    }

    /// The same page of things whose making may fail.
    pub fn try_map<U, E>(self, f: impl FnMut(T) -> Result<U, E>) -> Result<Paged<U>, E> {
        let items = self.items.into_iter().map(f).collect::<Result<_, E>>()?;
        Ok(Paged { items, has_next: self.has_next })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn cursors_go_there_and_back() {
        let cursor = Cursor(Uuid::from_u128(77));
        assert_eq!(Cursor::decode(&cursor.encode()).unwrap(), cursor);
        assert!(Cursor::decode("nonsense!").is_err());
    }

    #[test]
    fn a_page_has_its_bounds() {
        assert!(Page::new(Some(0), None).is_err());
        assert!(Page::new(Some(101), None).is_err());
        let page = Page::new(Some(2), None).unwrap();
        assert_eq!(page.limit(), 3);
        assert_eq!(Paged::cut(vec![1, 2, 3], &page), Paged { items: vec![1, 2], has_next: true });
        assert_eq!(Paged::cut(vec![1, 2], &page), Paged { items: vec![1, 2], has_next: false });
    }
}
