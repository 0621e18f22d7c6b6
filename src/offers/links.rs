//! Tracking links: where a source sends the people who click, and which offer stands behind it.

use leadbourse_core::access::{Action, Actor, Scope};
use leadbourse_core::click::{self, BAD_LINK_PARAM, BAD_LINK_URL, CLICK_PARAM};
use leadbourse_core::error::Problem;
use leadbourse_core::ids::{NicheId, OfferId, OfferVersionId, OrganizationId, SourceId};
use leadbourse_core::offer::participation::may_sell;
use leadbourse_core::offer::schedule::ZoneSchedule;
use leadbourse_core::offer::source::SourceState;
use leadbourse_core::time::Timestamp;
use serde_json::json;
use std::collections::HashMap;
use url::Url;

use super::error::SOURCE_REFUSED;
use super::model::Source;
use super::{Offers, repo};
use crate::platform::audit;
use crate::platform::db::Reader;
use crate::platform::error::{Context, Result};

/// The longest address of a landing page, in bytes.
const MAX_URL: usize = 2_000;

/// A tracking link as it stands at one moment.
#[derive(Clone, Debug)]
pub struct Link {
    /// The source.
    pub source_id: SourceId,
    /// Whose traffic it is.
    pub publisher_id: OrganizationId,
    /// The niche.
    pub niche_id: NicheId,
    /// The landing page.
    pub url: String,
    /// The parameter that carries the click id.
    pub param: String,
    /// What stands behind it.
    pub behind: Behind,
}

/// What stands behind a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// Nothing takes its clicks now: the source or its offer is paused, closed, or not the
    /// publisher's to sell to.
    Closed,
    /// The whole market: its clicks may become leads by a form.
    Market,
    /// One offer.
    Offer(LinkOffer),
}

/// The offer behind a link, as a click pins it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkOffer {
    /// The offer.
    pub offer_id: OfferId,
    /// The version that rules.
    pub version_id: OfferVersionId,
    /// Who pays.
    pub buyer_id: OrganizationId,
    /// The publisher's own price of the LEAD goal, in minor units.
    pub own_price: Option<i64>,
}

impl Link {
    /// Where somebody who clicked goes: the landing page, with the click's id.
    ///
    /// # Errors
    /// A stored address that does not read: a fault.
    pub fn landing(&self, click: &str) -> Result<String> {
        let mut url = Url::parse(&self.url).context("reading a stored landing page")?;
        url.query_pairs_mut().append_pair(&self.param, click);
        Ok(url.to_string())
    }
}

/// Checks the address of a landing page and the name of its parameter.
fn checked(url: &str, param: Option<&str>) -> Result<(String, String), Problem> {
    let bad = || Problem::new(BAD_LINK_URL).field("linkUrl");
    let parsed = Url::parse(url.trim()).map_err(|_| bad())?;
    let plain = parsed.scheme() == "https"
        && parsed.host_str().is_some_and(|host| host.contains('.'))
        && parsed.username().is_empty()
        && parsed.password().is_none();
    if !plain || parsed.as_str().len() > MAX_URL {
        return Err(bad());
    }
    let param = click::param(param.unwrap_or(CLICK_PARAM))?;
    if parsed.query_pairs().any(|(name, _)| name == param) {
        return Err(Problem::new(BAD_LINK_PARAM).field("linkParam"));
    }
    Ok((parsed.to_string(), param))
}

/// The links of these sources as they stand at `now`; those without one are left out.
pub async fn links(
    tx: &impl Reader,
    sources: &[SourceId],
    now: Timestamp,
) -> Result<HashMap<SourceId, Link>> {
    let mut found = HashMap::with_capacity(sources.len());
    for row in repo::links::rows(tx, sources).await? {
        let behind = behind(tx, &row, now).await?;
        let link = Link {
            source_id: row.source_id,
            publisher_id: row.publisher_id,
            niche_id: row.niche_id,
            url: row.url,
            param: row.param,
            behind,
        };
        found.insert(link.source_id, link);
    }
    Ok(found)
}

async fn behind(tx: &impl Reader, row: &repo::links::LinkRow, now: Timestamp) -> Result<Behind> {
    if !row.active {
        return Ok(Behind::Closed);
    }
    let Some(target) = row.target else { return Ok(Behind::Market) };
    let Some(open) = row.offer else { return Ok(Behind::Closed) };
    let terms = super::terms_of(tx, open.version_id).await?;
    let sold = may_sell(terms.visibility, row.participation);
    let hours = ZoneSchedule::new(&terms.schedule).is_ok_and(|schedule| schedule.open_at(now));
    debug_assert_eq!(target, open.offer_id);
    Ok(if sold && hours { Behind::Offer(open) } else { Behind::Closed })
}

impl Offers {
    /// Sets a source's landing page and the parameter that carries the click id; `None` takes the
    /// link away. Clicks after the answer go there.
    ///
    /// # Errors
    /// `NOT_FOUND`, `SOURCE_REFUSED`, `BAD_LINK_URL`, `BAD_LINK_PARAM`.
    pub async fn set_link(
        &self,
        actor: &Actor,
        id: SourceId,
        link: Option<(&str, Option<&str>)>,
    ) -> Result<Source> {
        actor.require(Action::ManageSources)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let mut source = self.lock_source(&tx, Scope::Org(actor.org), id).await?;
        if source.state == SourceState::Refused {
            return Err(SOURCE_REFUSED.into());
        }
        let link = link.map(|(url, param)| checked(url, param)).transpose()?;
        (source.link_url, source.link_param) = link.unzip();
        repo::links::set(&tx, &source).await?;
        let detail = json!({"url": source.link_url, "param": source.link_param});
        audit::record(&tx, actor, "source.set_link", &id.to_string(), detail).await?;
        tx.commit().await?;
        Ok(source)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_landing_page_is_https_and_leaves_room_for_the_id() {
        let (url, param) = checked(" https://shop.example.com/a?x=1#top ", None).unwrap();
        assert_eq!(
            (url.as_str(), param.as_str()),
            ("https://shop.example.com/a?x=1#top", "click_id")
        );
        let link = Link {
            source_id: SourceId::default(),
            publisher_id: OrganizationId::default(),
            niche_id: NicheId::default(),
            url,
            param,
            behind: Behind::Market,
        };
        let landing = link.landing("clk_1").unwrap();
        assert_eq!(landing, "https://shop.example.com/a?x=1&click_id=clk_1#top");
        for bad in [
            "http://shop.example.com",
            "https://a:b@shop.example.com",
            "javascript:alert(1)",
            "//shop.example.com",
            "https://localhost",
            "",
        ] {
            assert_eq!(checked(bad, None).unwrap_err().code, BAD_LINK_URL, "{bad}");
        }
        let taken = checked("https://shop.example.com/?cid=1", Some("cid"));
        assert_eq!(taken.unwrap_err().code, BAD_LINK_PARAM);
    }
}
