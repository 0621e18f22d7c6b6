//! Refusals with stable codes.
//!
//! A `Code` is declared once, beside the rule that refuses, with its kind and an English
//! sentence. Edges translate the kind to an HTTP status; the UI translates the code into the
//! reader's language; `docs/ERRORS.md` is generated from the tables.

use serde::Serialize;
use std::borrow::Cow;
use std::fmt;

/// What sort of refusal a code is; decides the HTTP status and the log severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// The input is wrong: 400 or 422, `userErrors` in GraphQL.
    Invalid,
    /// Nobody is signed in, or the key is unknown: 401.
    Unauthenticated,
    /// Not there, or not for you: 404. Denied and invisible are the same answer.
    NotFound,
    /// The state does not allow it: 409.
    Conflict,
    /// Too much, too often, too large: 429 or 413.
    Limit,
    /// Not now, try again: 503.
    Unavailable,
    /// Our fault: 500. The cause is logged once, never sent.
    Internal,
}

/// A stable, documented refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Code {
    /// The stable name, `SCREAMING_SNAKE_CASE`.
    pub name: &'static str,
    /// The kind.
    pub kind: Kind,
    /// An English sentence that helps.
    pub message: &'static str,
}

/// A refusal as it is answered: code, the field it is about, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The stable code.
    pub code: Code,
    /// Path of the input field, like `terms.goals[0].price`.
    pub field: Option<Cow<'static, str>>,
    /// The sentence; the code's own unless a detail was given. Never contains contact data.
    pub message: Cow<'static, str>,
}

impl Problem {
    /// A refusal with the code's own sentence.
    pub const fn new(code: Code) -> Self {
        Self { code, field: None, message: Cow::Borrowed(code.message) }
    }

    /// Names the input field.
    #[must_use]
    pub fn field(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Replaces the sentence by a more exact one. Must not quote contact data.
    #[must_use]
    pub fn detail(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.message = message.into();
        self
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name, self.message)
    }
}

impl std::error::Error for Problem {}

/// Declares codes: `codes! { NOT_FOUND: NotFound = "There is nothing here."; }` makes one
/// constant per code and `CODES`, the table of all of them in this module.
#[macro_export]
macro_rules! codes {
    ($($name:ident : $kind:ident = $message:literal;)*) => {
        $(
            #[doc = $message]
            pub const $name: $crate::error::Code = $crate::error::Code {
                name: stringify!($name),
                kind: $crate::error::Kind::$kind,
                message: $message,
            };
        )*
        /// Every code that this module declares.
        pub const CODES: &[$crate::error::Code] = &[$($name),*];
    };
}

codes! {
    NOT_FOUND: NotFound = "There is nothing here with that id that you may see.";
    UNAUTHENTICATED: Unauthenticated = "Sign in, or send an API key.";
    BAD_ID: Invalid = "That is not an id of this kind.";
    BAD_INPUT: Invalid = "The value is not valid.";
    REQUIRED: Invalid = "This field is required.";
    TOO_LONG: Invalid = "The value is too long.";
    OUT_OF_RANGE: Invalid = "The value is out of range.";
    INVALID_STATE: Conflict = "The current state does not allow this.";
    STALE: Conflict = "Somebody changed this meanwhile; load it again.";
    IDEMPOTENCY_MISMATCH: Invalid = "This idempotency key was used with another request.";
    IN_FLIGHT: Conflict = "A request with this idempotency key is still being worked on.";
    RATE_LIMITED: Limit = "Too many requests; wait and try again.";
    TOO_LARGE: Limit = "The request is too large.";
    OVERLOADED: Unavailable = "The exchange is busy; try again in a moment.";
    SHUTTING_DOWN: Unavailable = "This instance is shutting down; try again.";
    INTERNAL: Internal = "Something failed on our side; nothing was changed.";
}
