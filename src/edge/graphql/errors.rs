//! How refusals and faults look in GraphQL.
//!
//! Queries: `?` on a service's result; the error carries `extensions.code`. Mutations: a refusal
//! of the input or the state comes back in the payload's `userErrors`, see [`payload!`];
//! authentication, limits and faults stay top-level errors.

use async_graphql::{Response, ServerError, SimpleObject};
use leadbourse_core::error::{self as core, Kind, Problem};

use crate::edge::errors;
use crate::platform::error::{Error, Result};

/// A refusal that a person can act on.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct UserError {
    /// The stable code, for translation.
    pub code: String,
    /// Path of the input field, like `terms.goals[0].price`.
    pub field: Option<String>,
    /// An English sentence.
    pub message: String,
}

impl From<&Problem> for UserError {
    fn from(problem: &Problem) -> Self {
        Self {
            code: problem.code.name.to_owned(),
            field: problem.field.as_deref().map(ToOwned::to_owned),
            message: problem.message.to_string(),
        }
    }
}

/// Splits a use case's result into the object and the user errors of a payload. What is not for
/// the user to mend (no session, limits, overload, faults) stays an error.
pub fn split<T>(result: Result<T>) -> Result<(Option<T>, Vec<UserError>)> {
    match result {
        Ok(value) => Ok((Some(value), Vec::new())),
        Err(Error::Problem(problem)) if is_for_user(&problem) => {
            Ok((None, vec![UserError::from(&problem)]))
        }
        Err(error) => Err(error),
    }
}

/// Whether a refusal goes to `userErrors`.
fn is_for_user(problem: &Problem) -> bool {
    match problem.code.kind {
        Kind::Invalid | Kind::NotFound | Kind::Conflict => true,
        // Wrong credentials are the answer of `signIn`, not a missing session.
        Kind::Unauthenticated => problem.code != core::UNAUTHENTICATED,
        Kind::Limit | Kind::Unavailable | Kind::Internal => false,
    }
}

/// Declares a mutation's payload: the object, null when refused, and `userErrors`.
///
/// `payload! { CreateOfferPayload { offer: Offer } }` makes the type and
/// `CreateOfferPayload::of(result)`, which takes `Result<Offer>`. With more fields, `of` takes a
/// tuple in their order: `payload! { CreateSourcePayload { source: Source, posting_key: String } }`
/// takes `Result<(Source, String)>`. Inside the resolver run the use case in an `async` block so
/// that `?` on ids and money ends in `userErrors` too:
/// `CreateOfferPayload::of(async { … Ok(offer.into()) }.await)`.
#[macro_export]
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident { $field:ident : $type:ty }) => {
        $(#[$doc])*
        #[doc = concat!("The answer of the mutation: `", stringify!($field), "`, or why not.")]
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            /// The object; null when the mutation was refused.
            pub $field: Option<$type>,
            /// Why it was refused; empty when it was done.
            pub user_errors: Vec<$crate::edge::graphql::errors::UserError>,
        }

        impl $name {
            /// From the use case's result; what is not for the user to mend stays an error.
            pub fn of(result: $crate::platform::error::Result<$type>) -> async_graphql::Result<Self> {
                let ($field, user_errors) = $crate::edge::graphql::errors::split(result)?;
                Ok(Self { $field, user_errors })
            }
        }
    };
    ($(#[$doc:meta])* $name:ident { $($field:ident : $type:ty),+ $(,)? }) => {
        $(#[$doc])*
        #[doc = "The answer of the mutation, or why it was refused."]
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            $(
                /// Null when the mutation was refused.
                pub $field: Option<$type>,
            )+
            /// Why it was refused; empty when it was done.
            pub user_errors: Vec<$crate::edge::graphql::errors::UserError>,
        }

        impl $name {
            /// From the use case's result, a tuple in the order of the fields.
            pub fn of(
                result: $crate::platform::error::Result<($($type),+)>,
            ) -> async_graphql::Result<Self> {
                let (value, user_errors) = $crate::edge::graphql::errors::split(result)?;
                Ok(match value {
                    Some(($($field),+)) => Self { $($field: Some($field)),+, user_errors },
                    None => Self { $($field: None),+, user_errors },
                })
            }
        }
    };
}

/// Gives every error of a response its public form: the code in `extensions.code`, the field in
/// `extensions.field`, and no internal cause.
pub fn finish(response: &mut Response) {
    for error in &mut response.errors {
        finish_one(error);
    }
}

/// The public form of one error.
pub fn finish_one(error: &mut ServerError) {
    if error.extensions.as_ref().is_some_and(|values| values.get("code").is_some()) {
        return;
    }
    let problem = if let Some(cause) = error.source::<Error>() {
        errors::answer(cause)
    } else if let Some(problem) = error.source::<Problem>() {
        problem.clone()
    } else if error.source.is_some() {
        tracing::error!(path = ?error.path, error = %error.message, "a resolver failed");
        Problem::new(core::INTERNAL)
    } else if error.path.is_empty() {
        Problem::new(errors::GRAPHQL_VALIDATION_FAILED).detail(error.message.clone())
    } else {
        Problem::new(core::BAD_INPUT).detail(error.message.clone())
    };
    dress(error, &problem);
}

/// Writes a refusal into an error.
fn dress(error: &mut ServerError, problem: &Problem) {
    error.message = problem.message.to_string();
    error.source = None;
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("code", problem.code.name);
    if let Some(field) = &problem.field {
        extensions.set("field", field.as_ref());
    }
}

/// A refusal as a GraphQL error without a place.
pub fn server_error(problem: &Problem) -> ServerError {
    let mut error = ServerError::new(problem.message.to_string(), None);
    dress(&mut error, problem);
    error
}

/// A response that was refused before execution.
pub fn refused(problem: &Problem) -> Response {
    Response::from_errors(vec![server_error(problem)])
}

/// Whether a response never reached execution: then it has no `data` entry.
pub fn is_request_error(response: &Response) -> bool {
    response.data == async_graphql::Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}
