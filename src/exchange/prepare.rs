//! What a request does by itself, in parallel with all others: check, normalise, judge, score,
//! shortlist, fingerprint, seal. Nothing here touches the database.

use leadbourse_core::access::Actor;
use leadbourse_core::error::Problem;
use leadbourse_core::exchange::allocate::{Item, Settled};
use leadbourse_core::exchange::{BookSource, NicheBook, Seeker, Shortlist};
use leadbourse_core::ids::{AwardId, ClickId, LeadId, SourceId};
use leadbourse_core::lead::chain::LeadEvent;
use leadbourse_core::lead::envelope::Envelope;
use leadbourse_core::lead::fingerprint::{FingerprintKey, Person, external_claim_id};
use leadbourse_core::lead::normalise::{Normalised, normalise};
use leadbourse_core::lead::risk::{Risk, judge};
use leadbourse_core::lead::submission::{Submission, in_order};
use leadbourse_core::lead::verdict::{
    CALL_RISKY, CONSENT_MISSING, FIELD_REQUIRED, RISK_TOO_HIGH, Reason, SOURCE_NOT_ACTIVE,
};
use leadbourse_core::lead::{Channel, LeadState};
use leadbourse_core::money::Bps;
use leadbourse_core::niche::annotations::FieldKind;
use leadbourse_core::ping::PostedPing;
use leadbourse_core::score::{Score, score};
use leadbourse_core::time::Timestamp;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use uuid::Uuid;

use super::ping::PingDraft;
use super::posted::FoundPing;
use crate::leads::{Contact, LeadRecord, NewLead, Salts, SealedContact, StoredContact, seal};
use crate::platform::error::{Context, Result};
use crate::platform::idempotency;
use crate::platform::vault::Vault;

/// A source, and what proved that the sender may speak for it. The proof is looked at again with
/// every book by which the lead may be decided.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The source as it stood when the sender was recognised.
    pub source: Arc<BookSource>,
    /// The hash of the posting key; `None` when a member or an API key was recognised instead.
    pub(super) posting_key: Option<Vec<u8>>,
}

/// A submission from a known source.
#[derive(Clone, Debug)]
pub struct SubmitRequest {
    /// The source, authenticated.
    pub sender: Sender,
    /// How it came in.
    pub channel: Channel,
    /// The niche's fields as sent.
    pub fields: Map<String, Value>,
    /// Envelope.
    pub envelope: Envelope,
    /// To how many buyers it may go, if fewer than the source allows.
    pub max_sales: Option<i32>,
    /// The least earning, if more than the source asks.
    pub min_earning: Option<i64>,
    /// The sender's key against doing it twice.
    pub idempotency_key: Option<String>,
    /// The ping that it follows, if it does.
    pub ping: PostedPing,
    /// A test: checked and answered, but never sold.
    pub test: bool,
    /// Parts of the envelope that did not read; they become reasons of the verdict.
    pub problems: Vec<Reason>,
}

impl SubmitRequest {
    /// A submission of an authenticated source.
    pub fn new(sender: Sender, channel: Channel, sent: Submission) -> Self {
        Self {
            sender,
            channel,
            fields: sent.fields,
            envelope: sent.envelope,
            max_sales: sent.max_sales,
            min_earning: sent.min_earning,
            idempotency_key: sent.idempotency_key,
            ping: sent.ping,
            test: sent.test,
            problems: sent.problems,
        }
    }
}

/// What does not change between requests.
pub(super) struct Workshop<'a> {
    pub(super) vault: &'a Vault,
    pub(super) keys: &'a [FingerprintKey],
    pub(super) take_rate: Bps,
    pub(super) now: Timestamp,
}

/// A lead that is ready to be decided.
pub(super) struct Prepared {
    pub(super) item: Item,
    pub(super) body: Body,
    /// What a new shortlist is made from when the market has moved on.
    pub(super) wish: Wish,
    /// Record id and request hash.
    pub(super) idempotency: Option<(Uuid, [u8; 32])>,
    pub(super) risk: Risk,
    /// How long contact data is kept after the lock, in seconds.
    pub(super) retention_s: i64,
    /// The epoch of the book by which it was shortlisted.
    pub(super) epoch: i64,
    /// A refusal that the book brought: the posting key is no longer the source's.
    pub(super) refused: Option<Problem>,
    /// Whether live offers are within its reach.
    pub(super) live: bool,
}

/// A lead that is new, one that a moderator lets out of quarantine, or a ping.
pub(super) enum Body {
    New(Box<NewBody>),
    Stored(Box<StoredBody>),
    Ping(Box<PingDraft>),
}

impl Prepared {
    /// Whether it opens or ends bids. Such items have batches of their own, so that the statements
    /// of all others stay as short as they are.
    pub(super) fn is_pinged(&self) -> bool {
        matches!(self.body, Body::Ping(_)) || self.item.promise.is_some()
    }

    /// Whether its publisher has claims on orders that it may be sold to. The batches of all others
    /// are asked nothing about orders.
    pub(super) fn is_ordered(&self) -> bool {
        !self.item.shortlist.ordered.is_empty()
    }

    /// Whether live buyers may have to be asked about it. Such leads have batches of their own too.
    pub(super) fn is_live(&self) -> bool {
        self.live && matches!(self.body, Body::New(_)) && self.item.promise.is_none()
    }
}

pub(super) struct NewBody {
    pub(super) lead: NewLead,
    pub(super) contact: SealedContact,
    pub(super) salts: Salts,
    /// The claim of the sender's own id.
    pub(super) external_claim: Option<Uuid>,
    pub(super) score: Option<Score>,
    /// The click that it names, or that it is made of.
    pub(super) click: Option<ClickId>,
}

pub(super) struct StoredBody {
    pub(super) record: LeadRecord,
    pub(super) contact: StoredContact,
    /// The last event of its chain.
    pub(super) last: LeadEvent,
    /// Who decides; `None` is the exchange itself.
    pub(super) actor: Option<Actor>,
    /// Let into the market, or refused.
    pub(super) release: bool,
    /// Why, for the audit log.
    pub(super) note: Option<String>,
    /// The award that a live buyer has accepted, and where it sends the person's browser.
    pub(super) accepted: Option<(AwardId, Option<String>)>,
}

/// Everything that a shortlist depends on.
pub(super) struct Wish {
    pub(super) source: SourceId,
    pub(super) channel: Channel,
    pub(super) posting_key: Option<Vec<u8>>,
    pub(super) fields: Map<String, Value>,
    pub(super) score: i32,
    pub(super) person: Person,
    pub(super) max_sales: Option<i32>,
    pub(super) min_earning: Option<i64>,
    /// Whether it asks for bids only.
    pub(super) holds: bool,
    /// The ping that it follows.
    pub(super) found: Option<FoundPing>,
}

/// Prepares a submission by its niche and source, both of one book.
pub(super) fn prepare(
    shop: &Workshop<'_>,
    book: &NicheBook,
    source: &BookSource,
    mut request: SubmitRequest,
    found: Option<FoundPing>,
) -> Result<Prepared> {
    let idempotency = request
        .idempotency_key
        .as_deref()
        .map(|key| idempotency_of(shop.vault, &request, key))
        .transpose()?;
    let normalised = normalise(&book.schema, &book.policy.default_region, &request.fields);
    if let Some(found) = &found {
        request.problems.extend(found.differences(shop.vault, &book.schema, &normalised));
    }
    let Judged { risk, scored, settled } = judged(shop, book, &mut request, &normalised);
    let person = person_of(shop, book, request.channel, &normalised);
    let refused = settled.as_ref().is_some_and(|settled| settled.state == LeadState::Rejected);
    let kept = if refused { request.fields } else { normalised.fields.clone() };
    let external_hash = external_hash(shop.vault, &request.envelope);
    let click = request.envelope.click_id.as_deref().and_then(|id| id.trim().parse().ok());
    let salts = Salts::fresh();
    let contact = Contact {
        fields: kept,
        envelope: request.envelope,
        max_sales: request.max_sales,
        min_earning: request.min_earning,
    };
    let sealed = seal(shop.vault, &contact, &salts)?;
    let lead = LeadId::new(shop.now);
    // Values that the schema refused may be anything, also a phone in the wrong field.
    let open_fields = if refused { Map::new() } else { book.schema.features(&normalised.fields) };
    let features = json!({
        "fields": open_fields, "source": source.id, "channel": request.channel.as_str(),
        "risk": risk.total,
    });
    let new = NewLead {
        id: lead,
        niche: book.niche,
        version: book.version,
        publisher: source.publisher,
        source: source.id,
        channel: request.channel,
        score: scored.score,
        grade: scored.grade.as_str(),
        intent: scored.intent,
        temperature: scored.temperature.as_str(),
        features: features.to_string(),
        score_reasons: serde_json::to_string(&scored.reasons).context("printing score reasons")?,
        external_ref_hash: external_hash,
        received_at: shop.now,
    };
    let wish = Wish {
        source: source.id,
        channel: request.channel,
        posting_key: request.sender.posting_key,
        fields: normalised.fields,
        score: scored.score,
        person,
        max_sales: request.max_sales,
        min_earning: request.min_earning,
        holds: false,
        found,
    };
    let item = item_for(lead, book, source, &wish, settled, shop.take_rate);
    let body = Body::New(Box::new(NewBody {
        lead: new,
        contact: sealed,
        salts,
        external_claim: external_hash.map(|hash| external_claim_id(source.id, &hash)),
        score: (!refused).then_some(scored),
        click,
    }));
    let retention_s = book.policy.contact_retention_s;
    let epoch = book.epoch;
    let live = item.shortlist.has_live();
    Ok(Prepared { item, body, wish, idempotency, risk, retention_s, epoch, refused: None, live })
}

/// The fingerprints by which repeats are found. Who calls twice wants the same again: the offer's
/// repeat-caller window rules, at the end.
fn person_of(
    shop: &Workshop<'_>,
    book: &NicheBook,
    channel: Channel,
    normalised: &Normalised,
) -> Person {
    match channel {
        Channel::Call => Person::default(),
        _ => Person::new(&book.policy.dedupe, shop.keys, &normalised.canonical),
    }
}

/// The keyed hash of the sender's own id, if it gave one.
fn external_hash(vault: &Vault, envelope: &Envelope) -> Option<[u8; 32]> {
    let id = envelope.external_id.as_deref().filter(|id| !id.is_empty());
    id.map(|id| vault.mac("external id", id.as_bytes()))
}

/// What the content of a request gives by itself, whatever the market.
struct Judged {
    risk: Risk,
    scored: Score,
    settled: Option<Settled>,
}

/// Names every fault of the content, judges its risk and scores it.
fn judged(
    shop: &Workshop<'_>,
    book: &NicheBook,
    request: &mut SubmitRequest,
    normalised: &Normalised,
) -> Judged {
    let fields = Value::Object(normalised.fields.clone());
    let mut reasons = std::mem::take(&mut request.problems);
    reasons.extend(request.envelope.check());
    let is_call = request.channel == Channel::Call;
    let found = field_reasons(book, normalised, &fields).into_iter();
    // Nobody who calls fills in a form: of a call only the number is wanted.
    reasons.extend(found.filter(|reason| !is_call || !may_lack(book, reason)));
    in_order(&mut reasons, &book.schema);
    let consented = request.envelope.consent.as_ref().is_some_and(|consent| consent.given);
    if book.policy.consent_required && !consented && !is_call {
        reasons.push(Reason::at(CONSENT_MISSING, "consent"));
    }
    let risk = judge(&book.schema, normalised, &request.envelope);
    let stated = request.envelope.stated(shop.now);
    let scored = score(&book.policy.scorecard, &normalised.fields, stated, shop.now);
    let settled = settle(reasons, &risk, book, is_call);
    Judged { risk, scored, settled }
}

/// The item of a lead by a book. Called again when the market has moved on.
pub(super) fn item_for(
    lead: LeadId,
    book: &NicheBook,
    source: &BookSource,
    wish: &Wish,
    settled: Option<Settled>,
    default_take_rate: Bps,
) -> Item {
    let settled = settled.or_else(|| {
        (!source.active || !book.active).then(|| Settled {
            state: LeadState::Rejected,
            reasons: vec![Reason::new(SOURCE_NOT_ACTIVE)],
        })
    });
    let promise = wish.found.as_ref().map(|found| found.promise(book, &wish.person));
    let (shortlist, claims) = if settled.is_some() {
        (Shortlist::default(), Vec::new())
    } else if promise.as_ref().is_some_and(|promise| !promise.late_direct) {
        (Shortlist::default(), wish.person.lead_claims(&book.policy.dedupe, book.niche))
    } else {
        let seeker = Seeker {
            source,
            fields: &wish.fields,
            score: wish.score,
            person: &wish.person,
            is_call: wish.channel == Channel::Call,
            min_earning: wish.min_earning,
            default_take_rate,
        };
        let shortlist = book.shortlist(&seeker);
        let shortlist = if wish.holds { shortlist.for_ping(&book.schema) } else { shortlist };
        (shortlist, wish.person.lead_claims(&book.policy.dedupe, book.niche))
    };
    let most =
        wish.max_sales.map_or(source.max_sales, |most| most.clamp(1, source.max_sales.max(1)));
    Item {
        lead,
        niche: book.niche,
        currency: book.currency,
        publisher: source.publisher,
        max_sales: most,
        min_earning: wish.min_earning.max(source.min_earning),
        take_rate: book.take_rate(default_take_rate),
        dedupe_mode: book.policy.dedupe.mode,
        claims,
        shortlist,
        policy: Arc::clone(&book.policy),
        may_wait: !wish.holds && wish.channel != Channel::Call,
        settled,
        holds: wish.holds,
        promise,
    }
}

fn field_reasons(book: &NicheBook, normalised: &Normalised, fields: &Value) -> Vec<Reason> {
    let mut reasons = normalised.reasons.clone();
    let named: Vec<String> = reasons.iter().filter_map(|reason| reason.path.clone()).collect();
    // A phone that did not parse is not also "missing".
    reasons.extend(book.schema.check(fields).into_iter().filter(|reason| {
        reason.code != FIELD_REQUIRED.name
            || !reason.path.as_ref().is_some_and(|path| named.contains(path))
    }));
    for reason in &mut reasons {
        reason.path = reason.path.take().map(|path| format!("fields.{path}"));
    }
    reasons
}

/// Whether a reason is the lack of a field that is no telephone number.
fn may_lack(book: &NicheBook, reason: &Reason) -> bool {
    let field = reason.path.as_deref().and_then(|path| path.strip_prefix("fields."));
    let kind = field.and_then(|name| book.schema.field(name)).and_then(|field| field.kind);
    reason.code == FIELD_REQUIRED.name && kind != Some(FieldKind::Phone)
}

fn settle(reasons: Vec<Reason>, risk: &Risk, book: &NicheBook, is_call: bool) -> Option<Settled> {
    if !reasons.is_empty() {
        return Some(Settled { state: LeadState::Rejected, reasons });
    }
    // Who calls does not wait until a moderator has looked.
    let (state, code) = if is_call {
        (LeadState::Rejected, CALL_RISKY)
    } else {
        (LeadState::Quarantined, RISK_TOO_HIGH)
    };
    let risky = risk.total > 0 && risk.total >= book.policy.quarantine_risk;
    risky.then(|| Settled { state, reasons: vec![Reason::new(code)] })
}

/// The record id of a key and the keyed hash of the request.
fn idempotency_of(vault: &Vault, request: &SubmitRequest, key: &str) -> Result<(Uuid, [u8; 32])> {
    let source = request.sender.source.id;
    let mut what = json!({
        "source": source, "fields": request.fields, "envelope": request.envelope,
        "max_sales": request.max_sales, "min_earning": request.min_earning,
    });
    if let (false, Some(what)) = (request.ping.is_nothing(), what.as_object_mut()) {
        what.insert("ping".to_owned(), json!(request.ping));
    }
    let id = idempotency::record_id(source.uuid(), key);
    Ok((id, vault.mac_json("intake request", what)?))
}
