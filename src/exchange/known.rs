//! What a source has sent before.

use leadbourse_core::ids::SourceId;
use leadbourse_core::lead::verdict::Verdict;

use super::service::Exchange;
use crate::leads;
use crate::platform::error::Result;

impl Exchange {
    /// The verdict on the newest lead that a source sent under its own id. The caller acts for the
    /// source.
    ///
    /// # Errors
    /// Database errors.
    pub async fn sent_before(
        &self,
        source: SourceId,
        external_id: &str,
    ) -> Result<Option<Verdict>> {
        let hash = self.0.vault.mac(EXTERNAL_ID, external_id.as_bytes());
        let tx = self.0.db.begin_read().await?;
        let found = leads::by_external_ref(&tx, source, &hash).await?;
        Ok(found.map(|lead| lead.verdict))
    }
}

/// What the keyed hash of a sender's own id is for.
const EXTERNAL_ID: &str = "external id";
