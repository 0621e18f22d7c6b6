//! Statements of tracking links.

use leadbourse_core::ids::{NicheId, OfferId, OrganizationId, SourceId};
use leadbourse_core::offer::participation::ParticipationState;
use uuid::Uuid;

use crate::offers::links::LinkOffer;
use crate::offers::model::Source;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Context, Result};

/// A link with what decides whether it is open.
pub(in crate::offers) struct LinkRow {
    pub(in crate::offers) source_id: SourceId,
    pub(in crate::offers) publisher_id: OrganizationId,
    pub(in crate::offers) niche_id: NicheId,
    pub(in crate::offers) url: String,
    pub(in crate::offers) param: String,
    /// Whether source and publisher are active.
    pub(in crate::offers) active: bool,
    /// The only offer that may buy.
    pub(in crate::offers) target: Option<OfferId>,
    /// That offer, if it is active and its buyer is.
    pub(in crate::offers) offer: Option<LinkOffer>,
    /// The publisher's participation in it.
    pub(in crate::offers) participation: Option<ParticipationState>,
}

const LINKS: &str = "SELECT s.id, s.publisher_id, s.niche_id, s.link_url, s.link_param, \
     s.target_offer_id, s.state, p.state AS publisher_state, o.id AS offer_id, \
     o.state AS offer_state, o.current_version_id, o.buyer_id, b.state AS buyer_state, \
     t.state AS participation, t.price_override \
     FROM sources s JOIN organizations p ON p.id = s.publisher_id \
     LEFT JOIN offers o ON o.id = s.target_offer_id \
     LEFT JOIN organizations b ON b.id = o.buyer_id \
     LEFT JOIN participations t ON t.offer_id = o.id AND t.publisher_id = s.publisher_id \
     WHERE s.link_url IS NOT NULL AND s.id IN";

pub(in crate::offers) async fn rows(
    tx: &impl Reader,
    sources: &[SourceId],
) -> Result<Vec<LinkRow>> {
    let keys: Vec<Uuid> = sources.iter().map(|id| id.uuid()).collect();
    let (marks, values) = sql::ids(1, &keys);
    let found = sql::all(tx, &format!("{LINKS} ({marks})"), values).await?;
    found.iter().map(read).collect()
}

fn read(row: &sea_orm::QueryResult) -> Result<LinkRow> {
    let text = |column: &str| -> Result<Option<String>> { Ok(row.try_get("", column)?) };
    let id = |column: &str| -> Result<Option<Uuid>> { Ok(row.try_get("", column)?) };
    let is_active =
        |column: &str| -> Result<bool> { Ok(text(column)?.as_deref() == Some("ACTIVE")) };
    let participation: Option<ParticipationState> = text("participation")?
        .map(|state| state.parse())
        .transpose()
        .context("reading a participation's state")?;
    let approved = participation == Some(ParticipationState::Approved);
    let own_price: Option<i64> = row.try_get("", "price_override")?;
    let open = is_active("offer_state")? && is_active("buyer_state")?;
    let version = id("current_version_id")?.filter(|_| open);
    let offer = match (id("offer_id")?, version, id("buyer_id")?) {
        (Some(offer), Some(version), Some(buyer)) => Some(LinkOffer {
            offer_id: offer.into(),
            version_id: version.into(),
            buyer_id: buyer.into(),
            own_price: own_price.filter(|_| approved),
        }),
        _ => None,
    };
    Ok(LinkRow {
        source_id: SourceId(row.try_get("", "id")?),
        publisher_id: OrganizationId(row.try_get("", "publisher_id")?),
        niche_id: NicheId(row.try_get("", "niche_id")?),
        url: row.try_get("", "link_url")?,
        param: text("link_param")?.unwrap_or_default(),
        active: is_active("state")? && is_active("publisher_state")?,
        target: id("target_offer_id")?.map(Into::into),
        offer,
        participation,
    })
}

pub(in crate::offers) async fn set(tx: &WriteTx, source: &Source) -> Result<()> {
    let text = "UPDATE sources SET link_url = $1, link_param = $2 WHERE id = $3";
    let values: [sea_orm::Value; 3] =
        [source.link_url.clone().into(), source.link_param.clone().into(), source.id.uuid().into()];
    sql::run(tx, text, values).await.map(drop)
}
