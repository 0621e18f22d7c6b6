//! Loaders of what hangs on leads and awards; see [`super::loaders`].

use async_graphql::dataloader::Loader;
use leadbourse_core::access::Actor;
use leadbourse_core::ids::{AwardId, LeadId, NicheVersionId, OfferVersionId, PingId};
use leadbourse_core::lead::mask::masked;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;

use super::loaders::Batch;
use crate::conversions::{Award, Conversion, DispositionEntry};
use crate::delivery::DeliveryView;
use crate::leads::Chain;
use crate::offers::OfferVersion;
use crate::pings::Bid;
use crate::platform::error::{Error, Result};

/// Key: a lead's fields, as the asker may see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FieldsOf(pub LeadId);

/// A lead's fields, as somebody may see them.
#[derive(Clone, Debug)]
pub struct SeenFields {
    /// The fields; none once they are erased.
    pub fields: Map<String, Value>,
    /// Whether contact data is hidden.
    pub masked: bool,
}

impl Default for SeenFields {
    fn default() -> Self {
        Self { fields: Map::new(), masked: true }
    }
}

/// Key: a lead's chain of verdicts, as the asker may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChainOf(pub LeadId);

/// Key: the sales of a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AwardsOf(pub LeadId);

/// Key: the conversions of an award.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConversionsOf(pub AwardId);

/// Key: the history of an award's dispositions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DispositionsOf(pub AwardId);

/// Key: the deliveries of an award.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeliveriesOf(pub AwardId);

/// Key: the bids of a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BidsOf(pub PingId);

impl Loader<BidsOf> for Batch {
    type Value = Vec<Bid>;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[BidsOf]) -> Result<HashMap<BidsOf, Vec<Bid>>, Arc<Error>> {
        let ids: Vec<PingId> = keys.iter().map(|key| key.0).collect();
        let all = self.app.pings.bids(self.actor()?, &ids).await.map_err(Arc::new)?;
        Ok(grouped(all, |bid| BidsOf(bid.ping)))
    }
}

impl Loader<FieldsOf> for Batch {
    type Value = SeenFields;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[FieldsOf]) -> Result<HashMap<FieldsOf, SeenFields>, Arc<Error>> {
        let asker = *self.actor()?;
        self.fields(&asker, keys).await.map_err(Arc::new)
    }
}

impl Batch {
    async fn fields(
        &self,
        asker: &Actor,
        keys: &[FieldsOf],
    ) -> Result<HashMap<FieldsOf, SeenFields>> {
        let ids: Vec<LeadId> = keys.iter().map(|key| key.0).collect();
        let leads = self.leads(asker, &ids).await?;
        let versions: Vec<NicheVersionId> = leads.values().map(|lead| lead.version).collect();
        let versions = self.app.niches.versions(&versions).await?;
        let ids: Vec<LeadId> = leads.keys().copied().collect();
        let shown = self.app.conversions.show_contacts(asker, &ids).await?;
        let tx = self.app.db.begin_read().await?;
        let contacts = self.app.leads.open_contacts(&tx, &ids).await?;
        let mut seen = HashMap::with_capacity(contacts.len());
        for (id, contact) in contacts {
            let Some(lead) = leads.get(&id) else { continue };
            let open = shown.contains(&id);
            let fields = if open {
                contact.fields
            } else {
                let version = versions.get(&lead.version);
                let version = version.ok_or_else(|| Error::broken("a version is gone"))?;
                masked(&version.schema, &contact.fields)
            };
            seen.insert(FieldsOf(id), SeenFields { fields, masked: !open });
        }
        Ok(seen)
    }
}

impl Loader<ChainOf> for Batch {
    type Value = Arc<Chain>;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[ChainOf]) -> Result<HashMap<ChainOf, Arc<Chain>>, Arc<Error>> {
        let asker = *self.actor()?;
        let ids: Vec<LeadId> = keys.iter().map(|key| key.0).collect();
        let leads = self.leads(&asker, &ids).await.map_err(Arc::new)?;
        let chains = self.app.leads.chains(&asker, leads.values()).await.map_err(Arc::new)?;
        Ok(chains.into_iter().map(|(id, chain)| (ChainOf(id), Arc::new(chain))).collect())
    }
}

impl Loader<AwardsOf> for Batch {
    type Value = Vec<Award>;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[AwardsOf]) -> Result<HashMap<AwardsOf, Vec<Award>>, Arc<Error>> {
        let ids: Vec<LeadId> = keys.iter().map(|key| key.0).collect();
        let conversions = &self.app.conversions;
        let all = conversions.awards_of_leads(self.actor()?, &ids).await.map_err(Arc::new)?;
        Ok(grouped(all, |award| AwardsOf(award.lead_id)))
    }
}

impl Loader<ConversionsOf> for Batch {
    type Value = Vec<Conversion>;
    type Error = Arc<Error>;

    async fn load(
        &self,
        keys: &[ConversionsOf],
    ) -> Result<HashMap<ConversionsOf, Vec<Conversion>>, Arc<Error>> {
        let ids: Vec<AwardId> = keys.iter().map(|key| key.0).collect();
        let conversions = &self.app.conversions;
        let all = conversions.conversions_of_awards(self.actor()?, &ids).await.map_err(Arc::new)?;
        Ok(grouped(all, |conversion| ConversionsOf(conversion.award_id)))
    }
}

impl Loader<DispositionsOf> for Batch {
    type Value = Vec<DispositionEntry>;
    type Error = Arc<Error>;

    async fn load(
        &self,
        keys: &[DispositionsOf],
    ) -> Result<HashMap<DispositionsOf, Vec<DispositionEntry>>, Arc<Error>> {
        let ids: Vec<AwardId> = keys.iter().map(|key| key.0).collect();
        let conversions = &self.app.conversions;
        let all = conversions.dispositions(self.actor()?, &ids).await.map_err(Arc::new)?;
        Ok(grouped(all, |entry| DispositionsOf(entry.award_id)))
    }
}

impl Loader<DeliveriesOf> for Batch {
    type Value = Vec<DeliveryView>;
    type Error = Arc<Error>;

    async fn load(
        &self,
        keys: &[DeliveriesOf],
    ) -> Result<HashMap<DeliveriesOf, Vec<DeliveryView>>, Arc<Error>> {
        let ids: Vec<AwardId> = keys.iter().map(|key| key.0).collect();
        let deliveries = &self.app.deliveries;
        let all = deliveries.deliveries_of_awards(self.actor()?, &ids).await.map_err(Arc::new)?;
        Ok(all.into_iter().map(|(id, views)| (DeliveriesOf(id), views)).collect())
    }
}

impl Loader<OfferVersionId> for Batch {
    type Value = OfferVersion;
    type Error = Arc<Error>;

    /// For the number beside an award that the asker has seen.
    async fn load(
        &self,
        keys: &[OfferVersionId],
    ) -> Result<HashMap<OfferVersionId, OfferVersion>, Arc<Error>> {
        self.actor()?;
        self.app.offers.versions(keys).await.map_err(Arc::new)
    }
}

/// Rows by their key, each group in the order of the rows.
fn grouped<K: std::hash::Hash + Eq, T>(rows: Vec<T>, key: impl Fn(&T) -> K) -> HashMap<K, Vec<T>> {
    let mut groups: HashMap<K, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}
