//! Loaders of what hangs on conversions; see [`super::loaders`].

use async_graphql::dataloader::Loader;
use leadbourse_core::ids::{ConversionId, OrganizationId};
use leadbourse_core::settlement::StatementState;
use std::collections::HashMap;
use std::sync::Arc;

use super::loaders::Batch;
use crate::disputes::Dispute;
use crate::orders::OnTimeShare;
use crate::platform::error::Error;

/// Key: the state of the statement that a conversion is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SettledOf(pub ConversionId);

/// Key: the newest dispute of a conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DisputeOf(pub ConversionId);

impl Loader<SettledOf> for Batch {
    type Value = StatementState;
    type Error = Arc<Error>;

    async fn load(
        &self,
        keys: &[SettledOf],
    ) -> Result<HashMap<SettledOf, StatementState>, Arc<Error>> {
        self.actor()?;
        let ids: Vec<ConversionId> = keys.iter().map(|key| key.0).collect();
        let found = self.app.settlements.settled(&ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, state)| (SettledOf(id), state)).collect())
    }
}

impl Loader<DisputeOf> for Batch {
    type Value = Dispute;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[DisputeOf]) -> Result<HashMap<DisputeOf, Dispute>, Arc<Error>> {
        let ids: Vec<ConversionId> = keys.iter().map(|key| key.0).collect();
        let actor = self.actor()?;
        let found = self.app.disputes.of_conversions(actor, &ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, dispute)| (DisputeOf(id), dispute)).collect())
    }
}

/// Key: how a publisher keeps its promises. Whoever sees a claim of its may see that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OnTimeOf(pub OrganizationId);

impl Loader<OnTimeOf> for Batch {
    type Value = OnTimeShare;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[OnTimeOf]) -> Result<HashMap<OnTimeOf, OnTimeShare>, Arc<Error>> {
        self.actor()?;
        let ids: Vec<OrganizationId> = keys.iter().map(|key| key.0).collect();
        let found = self.app.orders.on_time(&ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(id, share)| (OnTimeOf(id), share)).collect())
    }
}
