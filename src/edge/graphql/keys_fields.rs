//! Replacing API keys.

use async_graphql::{Context, ID, InputObject, Object};

use super::accounts::ApiKey;
use super::context::{actor, app};
use super::scalars::parse_id;
use crate::payload;

/// Mutations of keys that are there already.
#[derive(Default)]
pub struct KeysMutation;

payload! { RotateApiKeyPayload { api_key: ApiKey, secret: String } }

/// A key to be replaced.
#[derive(InputObject)]
pub struct RotateApiKeyInput {
    /// The key.
    pub id: ID,
}

#[Object]
impl KeysMutation {
    /// Replaces a key by a fresh one with the same rights; the old one ends at once.
    async fn rotate_api_key(
        &self,
        ctx: &Context<'_>,
        input: RotateApiKeyInput,
    ) -> async_graphql::Result<RotateApiKeyPayload> {
        let actor = actor(ctx)?;
        let run = async {
            let id = parse_id(&input.id, "id")?;
            let (key, secret) = app(ctx)?.accounts.rotate_key(&actor, id).await?;
            Ok((ApiKey(key), secret))
        };
        RotateApiKeyPayload::of(run.await)
    }
}
