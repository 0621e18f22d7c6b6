//! Click-only: where a link leads to the buyer's own page, the exchange never sees a form. The first
//! report on a click makes its lead, its award and the conversion in one transaction, under the
//! offer version that the click pinned.
//!
//! Locks, in the one order: the click, the offer's meter and the buyer's balances, then the epoch if
//! the offer has to pause. Whoever comes second waits at the click and finds what the first did.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::click::{BotReason, CLICK_BOT, CLICK_NOT_PINNED, CLICK_TOO_OLD};
use leadbourse_core::conversion::event::{charge, in_currency, reported_goal, same_amount};
use leadbourse_core::conversion::{
    AWARD_TAKEN_BACK, GOAL_DONE, Legs, NO_SUCH_GOAL, OUTSIDE_WINDOW, conversion_id,
};
use leadbourse_core::error::{INTERNAL, NOT_FOUND, Problem};
use leadbourse_core::exchange::allocate::Item;
use leadbourse_core::exchange::{BookOffer, Candidate, Live, NicheBook, Shortlist, allocate};
use leadbourse_core::ids::{AwardId, ClickId, ConversionId, OfferId};
use leadbourse_core::lead::fingerprint::Person;
use leadbourse_core::lead::risk::Risk;
use leadbourse_core::lead::verdict as v;
use leadbourse_core::lead::{Channel, LeadState};
use leadbourse_core::money::{Bps, Money};
use leadbourse_core::offer::terms::{Goal, GoalKind, Pacing, Terms};
use leadbourse_core::score::score;
use leadbourse_core::time::{DAY, SECOND, Timestamp};
use serde_json::{Map, json};
use std::collections::HashMap;
use std::sync::Arc;

use super::batch;
use super::finish::Kept;
use super::locks::{self, Keys};
use super::plan::Gathered;
use super::prepare::{Body, NewBody, Prepared, Wish};
use super::service::Exchange;
use crate::accounts;
use crate::clicks::{self, Click, Pin};
use crate::conversions::{self, Award, Billed, Charge, Event};
use crate::leads::{self, NewLead};
use crate::ledger;
use crate::offers::{self, PauseReason};
use crate::platform::audit;
use crate::platform::db::WriteTx;
use crate::platform::db::bulk;
use crate::platform::error::{Context, Error, Result, retry};

/// How long after a click its lead may be reported, where the goal has no window of its own.
const LEAD_WINDOW: i64 = 30 * DAY;

/// A report of what came of a click.
#[derive(Clone, Debug)]
pub struct ReportOnClick {
    /// The click.
    pub click: ClickId,
    /// What happened.
    pub goal: GoalKind,
    /// The reporter's own reference; the click's id where it has none.
    pub external_id: Option<String>,
    /// What the customer paid.
    pub amount: Option<Money>,
    /// When it happened; now if not said.
    pub occurred_at: Option<Timestamp>,
    /// The only offer that the reporter may report on.
    pub offer: Option<OfferId>,
}

/// What became of a report on a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The conversion.
    pub conversion: ConversionId,
    /// Whether it was there before.
    pub replayed: bool,
}

impl Exchange {
    /// Bills what a buyer reports on a click: on the lead that names the click, if this buyer bought
    /// one, else on the lead that is made of the click. The same report again gives the first
    /// result.
    ///
    /// # Errors
    /// `NOT_FOUND` at `click`, `CLICK_BOT`, `CLICK_NOT_PINNED`, `CLICK_TOO_OLD`, `OUTSIDE_WINDOW`,
    /// `NO_SUCH_GOAL`, `GOAL_DONE`, those of a reported event, and where the award is not made the
    /// reason of the market: `OFFER_CAPPED`, `PUBLISHER_CAPPED`, `NO_OFFER_FUNDED`.
    pub async fn report_on_click(&self, actor: &Actor, report: &ReportOnClick) -> Result<Counted> {
        actor.require(Action::ReportOutcomes)?;
        let tx = self.inner().db.begin_read().await?;
        let known = clicks::find(&tx, report.click).await?;
        drop(tx);
        // Nobody may have sent a lead of this niche yet: the book then does not have it.
        if known.is_some_and(|click| self.niche(click.niche_id).is_none()) {
            self.inner().book.catch_up().await?;
        }
        retry(|| self.try_click(actor, report)).await
    }

    async fn try_click(&self, actor: &Actor, report: &ReportOnClick) -> Result<Counted> {
        let tx = self.inner().db.begin_write(&self.inner().clock).await?;
        let missing = || Problem::new(NOT_FOUND).field("click");
        let click = clicks::lock(&tx, report.click).await?.ok_or_else(missing)?;
        let leads = clicks::leads_of(&tx, &click).await?;
        let known = conversions::awards_of(&tx, actor.org, &leads).await?.into_iter().next();
        let pinned = click.pin.filter(|pin| pin.buyer_id == actor.org).map(|pin| pin.offer_id);
        let about = known.as_ref().map(|award| award.offer_id).or(pinned).ok_or_else(missing)?;
        if report.offer.is_some_and(|only| only != about) {
            return Err(missing().into());
        }
        let (done, award) = match known {
            Some(award) if award.lead_id != click.lead() => {
                (self.on_lead(&tx, &award, report).await?, award)
            }
            Some(award) => {
                offers::lock_meter(&tx, award.offer_id).await?;
                (self.on_click(&tx, &click, &award, report).await?, award)
            }
            None => {
                let award = self.award_click(&tx, &click, report).await?;
                let done = self.on_click(&tx, &click, &award, report).await?;
                (Billed { fresh: true, ..done }, award)
            }
        };
        if done.owed > 0 {
            // Last of all: the pause raises the market's epoch.
            offers::pause_in(&tx, award.offer_id, PauseReason::Unfunded).await?;
        }
        if done.fresh {
            let detail = json!({"click": click.id, "goal": report.goal, "owed": done.owed});
            audit::record(&tx, actor, "click.report", &done.id.to_string(), detail).await?;
        }
        tx.commit().await?;
        Ok(Counted { conversion: done.id, replayed: !done.fresh })
    }

    /// An event on a lead that came by a form and names the click.
    async fn on_lead(&self, tx: &WriteTx, award: &Award, report: &ReportOnClick) -> Result<Billed> {
        offers::lock_meter(tx, award.offer_id).await?;
        let reference = report.reference();
        let event = Event {
            goal: report.goal,
            reference: conversions::reference(&reference)?,
            amount: report.amount,
            occurred_at: report.occurred_at,
        };
        conversions::bill(tx, award.id, &event, self.inner().take_rate).await
    }

    /// An event on the lead that is made of the click. Its window runs from the click.
    async fn on_click(
        &self,
        tx: &WriteTx,
        click: &Click,
        award: &Award,
        report: &ReportOnClick,
    ) -> Result<Billed> {
        let billed = conversions::of_award(tx, award.id).await?;
        let terms = offers::terms_of(tx, award.offer_version_id).await?;
        if report.goal == GoalKind::Lead {
            // It was billed with the award.
            let id = conversion_id(award.id, GoalKind::Lead, None);
            let known = billed.iter().find(|one| one.id == id);
            let known = known.ok_or_else(|| Problem::new(NO_SUCH_GOAL).field("goal"))?;
            return Ok(Billed { id: known.id, fresh: false, owed: 0 });
        }
        let reference = report.reference();
        let reference = conversions::reference(&reference)?;
        let id = conversion_id(award.id, report.goal, Some(reference));
        let amount = in_currency(award.currency, report.amount, "amount")?;
        if let Some(known) = billed.iter().find(|one| one.id == id) {
            same_amount(known.amount, amount)?;
            return Ok(Billed { id, fresh: false, owed: 0 });
        }
        if award.returned_at.is_some() {
            return Err(AWARD_TAKEN_BACK.into());
        }
        let goal = reported_goal(&terms, report.goal)?;
        if !goal.several && conversions::reached(&billed, report.goal).is_some() {
            return Err(GOAL_DONE.into());
        }
        let occurred_at = in_time(click, goal, report, tx.now())?;
        let charge = Charge { goal: goal.kind, price: charge(goal, amount)?, amount, occurred_at };
        let reference = Some(reference.to_owned());
        let take = self.inner().take_rate;
        let funding = conversions::charge_goal(tx, award, &terms, reference, charge, take).await?;
        Ok(Billed { id, fresh: true, owed: funding.owed })
    }

    /// Makes lead and award of a click, if what is reported would be billed at all.
    async fn award_click(
        &self,
        tx: &WriteTx,
        click: &Click,
        report: &ReportOnClick,
    ) -> Result<Award> {
        let pin = click.pin.ok_or(CLICK_NOT_PINNED)?;
        if click.bot == Some(BotReason::UserAgent) {
            return Err(CLICK_BOT.into());
        }
        let terms = offers::terms_of(tx, pin.offer_version_id).await?;
        let goal = terms.goal(report.goal).filter(|goal| goal.kind != GoalKind::Call);
        let goal = goal.ok_or_else(|| Problem::new(NO_SUCH_GOAL).field("goal"))?;
        in_time(click, goal, report, tx.now())?;
        let id = self.sell(tx, click, pin, &terms).await?;
        conversions::note_seen(tx, pin.buyer_id, id).await?;
        let award = conversions::awards_to_deliver(tx, &[id]).await?.pop();
        award.ok_or_else(|| Error::broken("a new award is gone"))
    }

    /// The pipeline's last part for one click: lock, decide, write.
    async fn sell(&self, tx: &WriteTx, click: &Click, pin: Pin, terms: &Terms) -> Result<AwardId> {
        let inner = self.inner();
        let niche = self.niche(click.niche_id).ok_or(NOT_FOUND)?;
        let prepared = self.prepared(tx, click, pin, terms, &niche).await?;
        let open = [&prepared];
        // No epoch: the click pinned its version, whatever the market is now.
        let keys = Keys::of(&open, false).without_epochs();
        let claimed = bulk::claim_and_lock(tx, locks::request(&open, &keys, vec![], tx)).await?;
        let items = [&prepared.item];
        let (market, _) = batch::market(tx, &items, &claimed, inner.ping_limits()).await?;
        let allocation = allocate(&items, &market);
        let outcome = allocation.outcomes.first().ok_or(INTERNAL)?;
        if outcome.state != LeadState::Sold {
            return Err(refusal(outcome.reasons.first()).into());
        }
        // No epoch was read here: who wants to hear is asked, not known.
        let heard = !accounts::listening(tx, [click.publisher_id]).await?.is_empty();
        let heard = heard.then_some(click.source_id);
        let mut gathered = Gathered::new(&inner.vault, tx.now()).telling(heard);
        let verdict = gathered.decided(&prepared, outcome, None, &HashMap::new())?;
        let new_accounts = inner.unknown_accounts(&gathered.accounts);
        if !new_accounts.is_empty() {
            ledger::ensure_accounts(tx, &new_accounts).await?;
        }
        tx.will_wake_outbox();
        leads::drop_contact(tx, click.lead()).await?;
        bulk::write_all(tx, gathered.into_plan(&allocation, Kept::default(), false)?).await?;
        let sold = verdict.awards.first().ok_or(INTERNAL)?;
        Ok(sold.award_id)
    }

    async fn prepared(
        &self,
        tx: &WriteTx,
        click: &Click,
        pin: Pin,
        terms: &Terms,
        niche: &Arc<NicheBook>,
    ) -> Result<Prepared> {
        let inner = self.inner();
        let lead = click.lead();
        let key = lead.uuid();
        let stored = leads::contacts(tx, &[key]).await?.remove(&key);
        let stored = stored.ok_or_else(|| Error::broken("a click without what it told"))?;
        let (contact, salts) = leads::reopen(&inner.vault, &stored, click.evidence_hash)?;
        let scored = score(&niche.policy.scorecard, &Map::new(), click.created_at, tx.now());
        let features = json!({
            "fields": {}, "source": click.source_id, "channel": Channel::Click.as_str(), "risk": 0,
        });
        let new = NewLead {
            id: lead,
            niche: niche.niche,
            version: niche.version,
            publisher: click.publisher_id,
            source: click.source_id,
            channel: Channel::Click,
            score: scored.score,
            grade: scored.grade.as_str(),
            intent: scored.intent,
            temperature: scored.temperature.as_str(),
            features: features.to_string(),
            score_reasons: serde_json::to_string(&scored.reasons)
                .context("printing score reasons")?,
            external_ref_hash: None,
            received_at: tx.now(),
        };
        let body = NewBody {
            lead: new,
            contact,
            salts,
            external_claim: None,
            score: Some(scored),
            click: Some(click.id),
        };
        Ok(Prepared {
            item: item(click, pin, terms, niche, inner.take_rate, tx.now())?,
            body: Body::New(Box::new(body)),
            wish: Wish {
                source: click.source_id,
                channel: Channel::Click,
                posting_key: None,
                fields: Map::new(),
                score: 0,
                person: Person::default(),
                max_sales: None,
                min_earning: None,
                holds: false,
                found: None,
            },
            idempotency: None,
            risk: Risk::default(),
            retention_s: niche.policy.contact_retention_s,
            epoch: niche.epoch,
            refused: None,
            live: false,
        })
    }
}

impl ReportOnClick {
    fn reference(&self) -> String {
        self.external_id.clone().unwrap_or_else(|| self.click.to_string())
    }
}

/// A click as an item of the market with one candidate, the offer that it pinned. Whether the offer
/// was open was asked when the person clicked, and what the person wants the buyer's page has asked:
/// hours, conditions, score and pace do not count again. Caps and money do.
fn item(
    click: &Click,
    pin: Pin,
    terms: &Terms,
    niche: &Arc<NicheBook>,
    default_take: Bps,
    now: Timestamp,
) -> Result<Item> {
    let mut terms = terms.clone();
    terms.schedule.windows.clear();
    terms.schedule.holidays.clear();
    terms.conditions.clear();
    terms.pacing = Pacing::None;
    let take_rate = niche.take_rate(default_take);
    let lead = terms.lead_price(1, pin.own_price).map(|price| Legs::split(price, take_rate));
    let reserve = terms.reserve_at_award();
    let offer = BookOffer::new(
        pin.offer_id,
        pin.offer_version_id,
        pin.buyer_id,
        now,
        terms,
        HashMap::new(),
    )?;
    let candidate = Candidate {
        offer: Arc::new(offer),
        lead,
        shared: Vec::new(),
        fallback: false,
        reserve,
        claims: Vec::new(),
        lines: None,
        // The person has been to the buyer's page: there is nothing to ask.
        live: Live::Instant,
    };
    Ok(Item {
        lead: click.lead(),
        niche: click.niche_id,
        currency: niche.currency,
        publisher: click.publisher_id,
        max_sales: 1,
        min_earning: None,
        take_rate,
        dedupe_mode: niche.policy.dedupe.mode,
        claims: Vec::new(),
        shortlist: Shortlist { candidates: vec![candidate], ..Shortlist::default() },
        policy: Arc::clone(&niche.policy),
        may_wait: false,
        settled: None,
        holds: false,
        promise: None,
    })
}

/// When the event happened: after the click, within the goal's window, not in the future.
fn in_time(
    click: &Click,
    goal: &Goal,
    report: &ReportOnClick,
    now: Timestamp,
) -> Result<Timestamp, Problem> {
    let window = if goal.kind.is_reported() {
        goal.attribution_window_s.max(0).saturating_mul(SECOND)
    } else {
        LEAD_WINDOW
    };
    let at = report.occurred_at.unwrap_or(now);
    if at < click.created_at || at > now {
        return Err(Problem::new(OUTSIDE_WINDOW).field("occurredAt"));
    }
    if at > click.created_at.plus(window) {
        return Err(Problem::new(CLICK_TOO_OLD).field("click"));
    }
    Ok(at)
}

/// A reason of the market as a refusal.
fn refusal(reason: Option<&v::Reason>) -> Problem {
    let named = |reason: &v::Reason| v::CODES.iter().find(|code| code.name == reason.code);
    let code = reason.and_then(named).copied().unwrap_or(v::NO_OFFER);
    Problem::new(code)
}
