//! Postbacks: a buyer's server calls an address, often by GET, because that is what trackers and
//! shops know. The token in the address is the sender's right; a signature proves what was sent.
//!
//! Every call to a known address is logged with ids and codes. What is reported is done once by its
//! reference, so a repeated call is answered like the first.

use leadbourse_core::access::{Action, Actor, OrgKind, Principal, Role};
use leadbourse_core::error::{BAD_ID, BAD_INPUT, NOT_FOUND, Problem, REQUIRED};
use leadbourse_core::ids::{AwardId, ClickId, PostbackId};
use leadbourse_core::money::{Currency, Money};
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::time::{SECOND, Timestamp};

use super::error::{POSTBACK_STATUS, POSTBACK_TOKEN};
use super::model::{LoggedPostback, PostbackToken};
use super::repo;
use super::signature::{self, Proof};
use super::tokens::Outcomes;
use crate::accounts::digest;
use crate::clicks;
use crate::conversions::{self, Award, Place, ReportConversion, Reported};
use crate::disputes::{RefundSale, Sale};
use crate::exchange::ReportOnClick;
use crate::platform::error::{Error, Result};

/// The names of the sender's reference.
const REFERENCE: &[&str] = &["txid", "external_id"];

/// How a postback was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Its values are in the query.
    Get,
    /// Its values are in the body.
    Post,
}

/// A postback as it was sent.
pub struct Postback<'a> {
    /// The last part of the address.
    pub token: &'a str,
    /// How it was sent.
    pub method: Method,
    /// Its values by name.
    pub values: &'a [(String, String)],
    /// When it was signed, in seconds since 1970, as sent.
    pub signed_at: Option<&'a str>,
    /// Its signature, as sent.
    pub signature: Option<&'a str>,
    /// The raw bytes that were signed.
    pub raw: &'a [u8],
}

impl Postback<'_> {
    /// The first value that is there under one of these names, and is not empty.
    fn value(&self, names: &[&str]) -> Option<&str> {
        let found = self
            .values
            .iter()
            .find(|(name, value)| names.contains(&name.as_str()) && !value.trim().is_empty());
        found.map(|(_, value)| value.trim())
    }

    /// What it is about. A further name of an award is one more line here and a variant of
    /// [`Place`].
    fn about(&self) -> Result<About, Problem> {
        let award = self.value(&["award", "award_id", "lead", "lead_id"]);
        match (award, self.value(&["click_id", "click"])) {
            (Some(text), None) => {
                text.parse().map(About::Award).map_err(|bad: Problem| bad.field("award"))
            }
            (None, Some(text)) => {
                text.parse().map(About::Click).map_err(|_| Problem::new(BAD_ID).field("click_id"))
            }
            (Some(_), Some(_)) => Err(Problem::new(BAD_INPUT).field("click_id")),
            (None, None) => Err(Problem::new(REQUIRED).field("award")),
        }
    }

    fn goal(&self) -> Result<GoalKind, Problem> {
        let Some(text) = self.value(&["goal"]) else { return Ok(GoalKind::Sale) };
        text.to_ascii_uppercase().parse().map_err(|_| Problem::new(BAD_INPUT).field("goal"))
    }

    fn reference(&self) -> Result<&str, Problem> {
        self.value(REFERENCE).ok_or_else(|| Problem::new(REQUIRED).field("txid"))
    }

    /// A sum in major units; in the award's currency unless another is named.
    fn sum(&self, name: &'static str, currency: Currency) -> Result<Option<Money>, Problem> {
        let Some(text) = self.value(&[name]) else { return Ok(None) };
        let currency = match self.value(&["currency"]) {
            Some(code) => code
                .to_ascii_uppercase()
                .parse()
                .map_err(|_| Problem::new(BAD_INPUT).field("currency"))?,
            None => currency,
        };
        let sum = Money::parse_decimal(text, currency);
        sum.map(Some).ok_or_else(|| Problem::new(BAD_INPUT).field(name))
    }

    /// RFC 3339, or seconds since 1970.
    fn occurred_at(&self) -> Result<Option<Timestamp>, Problem> {
        let Some(text) = self.value(&["occurred_at"]) else { return Ok(None) };
        let seconds = text.parse::<i64>().ok();
        let seconds = seconds.map(|s| Timestamp::from_micros(s.saturating_mul(SECOND)));
        let at = seconds.or_else(|| Timestamp::parse_rfc3339(text));
        at.map(Some).ok_or_else(|| Problem::new(BAD_INPUT).field("occurred_at"))
    }

    /// Whether it reports a refund.
    fn is_refund(&self) -> Result<bool, Problem> {
        match self.value(&["status"]).map(str::to_ascii_lowercase).as_deref() {
            None | Some("ok" | "approved") => Ok(false),
            Some("refund" | "refunded") => Ok(true),
            Some(_) => Err(Problem::new(POSTBACK_STATUS).field("status")),
        }
    }
}

/// What a postback is about.
#[derive(Clone, Copy, Debug)]
enum About {
    /// An award, by its own id or its lead's.
    Award(Place),
    /// A click, which may have no award yet.
    Click(ClickId),
}

/// What was learnt of a postback before it was refused or done: for the log.
#[derive(Default)]
struct Learnt {
    award: Option<AwardId>,
    goal: Option<GoalKind>,
}

impl Outcomes {
    /// Does what a postback reports, and logs it.
    ///
    /// # Errors
    /// `POSTBACK_TOKEN`, which is not logged for an unknown address; `POSTBACK_UNSIGNED`,
    /// `POSTBACK_STALE`, `POSTBACK_SIGNATURE`, `POSTBACK_STATUS`; wrong and missing values; what a
    /// report and a refund are refused for.
    pub async fn postback(&self, sent: &Postback<'_>) -> Result<Reported> {
        let tx = self.db.begin_read().await?;
        let token = repo::by_hash(&tx, digest(sent.token)).await?.ok_or(POSTBACK_TOKEN)?;
        drop(tx);
        let mut learnt = Learnt::default();
        let done = self.handle(&token, sent, &mut learnt).await;
        self.note(&token, sent, &learnt, &done).await?;
        done
    }

    async fn handle(
        &self,
        token: &PostbackToken,
        sent: &Postback<'_>,
        learnt: &mut Learnt,
    ) -> Result<Reported> {
        if token.revoked_at.is_some() {
            return Err(POSTBACK_TOKEN.into());
        }
        if let Some(sealed) = &token.secret {
            let proof = Proof { at: sent.signed_at, signature: sent.signature, signed: sent.raw };
            signature::check(&self.vault.open_secret(sealed)?, proof, self.clock.now())?;
        }
        let goal = sent.goal()?;
        learnt.goal = Some(goal);
        let award = match sent.about()? {
            About::Award(place) => {
                let tx = self.db.begin_read().await?;
                conversions::award_at(&tx, token.buyer_id, place).await?
            }
            About::Click(click) if sent.is_refund()? => self.award_of(token, click).await?,
            About::Click(click) => {
                let done = self.on_click(token, sent, click, goal).await?;
                learnt.award = Some(done.conversion.award_id);
                return Ok(done);
            }
        };
        learnt.award = Some(award.id);
        self.on_award(token, sent, &award, goal).await
    }

    /// An event on an award, or a refund of one.
    async fn on_award(
        &self,
        token: &PostbackToken,
        sent: &Postback<'_>,
        award: &Award,
        goal: GoalKind,
    ) -> Result<Reported> {
        if token.offer_id.is_some_and(|offer| offer != award.offer_id) {
            return Err(Problem::new(NOT_FOUND).field("award").into());
        }
        let currency = award.currency;
        let (place, external_id) = (Place::Award(award.id), sent.reference()?.to_owned());
        let actor = actor_of(token);
        if sent.is_refund()? {
            let refunded = sent.sum("refunded", currency)?;
            let sale = Sale::Event { place, goal, external_id };
            return self.disputes.refund(&actor, &RefundSale { sale, refunded }, None).await;
        }
        let amount = sent.sum("amount", currency)?;
        let occurred_at = sent.occurred_at()?;
        let report = ReportConversion { place, goal, external_id, amount, occurred_at };
        self.conversions.report(&actor, &report, None).await
    }

    /// What came of a click. The first report makes the award, so the sum is read before there is
    /// one: in the currency of the click's niche.
    async fn on_click(
        &self,
        token: &PostbackToken,
        sent: &Postback<'_>,
        id: ClickId,
        goal: GoalKind,
    ) -> Result<Reported> {
        let tx = self.db.begin_read().await?;
        let click = clicks::find(&tx, id).await?;
        drop(tx);
        let click = click.ok_or_else(|| Problem::new(NOT_FOUND).field("click_id"))?;
        let currency = self.niches.get(click.niche_id).await?.currency;
        let report = ReportOnClick {
            click: id,
            goal,
            external_id: sent.value(REFERENCE).map(ToOwned::to_owned),
            amount: sent.sum("amount", currency)?,
            occurred_at: sent.occurred_at()?,
            offer: token.offer_id,
        };
        let actor = actor_of(token);
        let counted = self.exchange.report_on_click(&actor, &report).await?;
        let conversion = self.conversions.conversion(&actor, counted.conversion).await?;
        Ok(Reported { conversion, replayed: counted.replayed })
    }

    /// The award that a click led to.
    async fn award_of(&self, token: &PostbackToken, id: ClickId) -> Result<Award> {
        let missing = || Problem::new(NOT_FOUND).field("click_id");
        let tx = self.db.begin_read().await?;
        let click = clicks::find(&tx, id).await?.ok_or_else(missing)?;
        let leads = clicks::leads_of(&tx, &click).await?;
        let found = conversions::awards_of(&tx, token.buyer_id, &leads).await?;
        Ok(found.into_iter().next().ok_or_else(missing)?)
    }

    async fn note(
        &self,
        token: &PostbackToken,
        sent: &Postback<'_>,
        learnt: &Learnt,
        done: &Result<Reported>,
    ) -> Result<()> {
        let tx = self.db.begin_write(&self.clock).await?;
        let problem = done.as_ref().err().and_then(Error::problem);
        let code = match (done, problem) {
            (Ok(_), _) => "OK",
            (Err(_), Some(problem)) => problem.code.name,
            (Err(_), None) => leadbourse_core::error::INTERNAL.name,
        };
        let field = problem.and_then(|problem| problem.field.as_deref());
        let line = LoggedPostback {
            id: PostbackId::new(tx.now()),
            token_id: token.id,
            buyer_id: token.buyer_id,
            method: match sent.method {
                Method::Get => "GET".to_owned(),
                Method::Post => "POST".to_owned(),
            },
            award_id: learnt.award,
            goal: learnt.goal,
            conversion_id: done.as_ref().ok().map(|done| done.conversion.id),
            code: code.to_owned(),
            field: field.map(ToOwned::to_owned),
            replayed: done.as_ref().is_ok_and(|done| done.replayed),
            at: tx.now(),
        };
        repo::log(&tx, &line).await?;
        repo::note_used(&tx, token.id).await?;
        tx.commit().await
    }
}

/// The address as an actor: it reports for its buyer, and reads what it reported.
fn actor_of(token: &PostbackToken) -> Actor {
    Actor {
        principal: Principal::Postback(token.id),
        org: token.buyer_id,
        kind: OrgKind::Buyer,
        role: Role::Manager,
        scopes: [Action::ReportOutcomes, Action::ReadLeads].into_iter().collect(),
    }
}
