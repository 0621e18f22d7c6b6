//! The offer book in memory: built from one snapshot, swapped whole, refreshed by niche.

use arc_swap::ArcSwap;
use leadbourse_core::error::Problem;
use leadbourse_core::exchange::{BookClaim, BookOffer, BookSource, NicheBook, Seller};
use leadbourse_core::ids::{NicheId, OfferId, OrganizationId, SourceId};
use leadbourse_core::niche::policy::NichePolicy;
use leadbourse_core::niche::schema::FieldSchema;
use leadbourse_core::offer::source::{Fallback, FallbackKind};
use leadbourse_core::offer::terms::Terms;
use leadbourse_core::time::Timestamp;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OnceCell};
use tokio::time::Instant;

use super::error::{BAD_POSTING_KEY, UNKNOWN_SOURCE};
use super::repo::{self, ClaimRow, NicheRow, OfferRow, Snapshot, SourceRow};
use crate::platform::db::{Db, epoch};
use crate::platform::error::{Context, Error, Result};

/// The whole market at some epochs.
#[derive(Debug, Default)]
pub(super) struct Book {
    niches: HashMap<NicheId, Arc<NicheBook>>,
    sources: HashMap<SourceId, Arc<BookSource>>,
    keys: HashMap<Vec<u8>, SourceId>,
    /// Sources whose publishers have postbacks.
    heard: HashSet<SourceId>,
}

impl Book {
    pub(super) fn niche(&self, id: NicheId) -> Option<&Arc<NicheBook>> {
        self.niches.get(&id)
    }

    pub(super) fn source(&self, id: SourceId) -> Option<&Arc<BookSource>> {
        self.sources.get(&id)
    }

    /// A source with its niche, both as this book knows them.
    ///
    /// # Errors
    /// `UNKNOWN_SOURCE` when the book does not have them, `BAD_POSTING_KEY` when the key by which
    /// the sender was recognised is no longer the source's.
    pub(super) fn desk(
        &self,
        id: SourceId,
        posting_key: Option<&[u8]>,
    ) -> std::result::Result<(&Arc<NicheBook>, &Arc<BookSource>), Problem> {
        let source = self.sources.get(&id).ok_or(UNKNOWN_SOURCE)?;
        let niche = self.niches.get(&source.niche).ok_or(UNKNOWN_SOURCE)?;
        if posting_key.is_some_and(|key| self.keys.get(key) != Some(&id)) {
            return Err(BAD_POSTING_KEY.into());
        }
        Ok((niche, source))
    }

    /// Whether the source's publisher wants to hear what happens to its leads.
    pub(super) fn is_heard(&self, id: SourceId) -> bool {
        self.heard.contains(&id)
    }

    fn by_key(&self, key_hash: &[u8]) -> Option<Arc<BookSource>> {
        self.keys.get(key_hash).and_then(|id| self.sources.get(id)).cloned()
    }
}

/// The least time between two looks for something that the book does not have.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// The book that everybody reads, and the one way to renew it.
#[derive(Debug)]
pub(super) struct SharedBook {
    db: Db,
    current: ArcSwap<Book>,
    renewing: Mutex<()>,
    /// When the last look for something unknown began.
    looking: Mutex<Option<Instant>>,
    filled: OnceCell<()>,
}

impl SharedBook {
    /// An empty book; the first use fills it.
    pub(super) fn new(db: Db) -> Self {
        Self {
            db,
            current: ArcSwap::from_pointee(Book::default()),
            renewing: Mutex::new(()),
            looking: Mutex::new(None),
            filled: OnceCell::new(),
        }
    }

    /// The book as it is now in memory.
    pub(super) fn load(&self) -> Arc<Book> {
        self.current.load_full()
    }

    /// Reads everything, once.
    pub(super) async fn filled(&self) -> Result<()> {
        let fill = async {
            let _turn = self.renewing.lock().await;
            self.renew(None).await
        };
        self.filled.get_or_try_init(|| fill).await.copied()
    }

    /// Reads these niches again.
    pub(super) async fn refresh(&self, niches: &HashSet<NicheId>) -> Result<()> {
        let _turn = self.renewing.lock().await;
        self.renew(Some(niches)).await
    }

    /// Reads those niches again whose epoch is newer than the book's. Many who ask at once share
    /// one look, and looks keep a distance: made-up keys can't keep the database busy.
    pub(super) async fn catch_up(&self) -> Result<()> {
        self.filled().await?;
        let asked = Instant::now();
        let mut looked = self.looking.lock().await;
        if let Some(last) = *looked {
            if last > asked {
                return Ok(());
            }
            tokio::time::sleep_until(last + BETWEEN_LOOKS).await;
        }
        let began = Instant::now();
        let tx = self.db.begin_read().await?;
        let book = self.load();
        let behind: HashSet<NicheId> = epoch::read_all(&tx)
            .await?
            .into_iter()
            .map(|(id, epoch)| (NicheId(id), epoch))
            .filter(|(id, epoch)| book.niche(*id).is_none_or(|niche| niche.epoch != *epoch))
            .map(|(id, _)| id)
            .collect();
        drop(tx);
        if !behind.is_empty() {
            self.refresh(&behind).await?;
        }
        *looked = Some(began);
        Ok(())
    }

    /// The source with this posting key. A key that is not in the book may be newer than it.
    pub(super) async fn source_by_key(&self, key_hash: &[u8]) -> Result<Option<Arc<BookSource>>> {
        if let Some(source) = self.load().by_key(key_hash) {
            return Ok(Some(source));
        }
        self.catch_up().await?;
        Ok(self.load().by_key(key_hash))
    }

    /// The source with this id.
    pub(super) async fn source(&self, id: SourceId) -> Result<Option<Arc<BookSource>>> {
        if let Some(source) = self.load().source(id) {
            return Ok(Some(Arc::clone(source)));
        }
        self.catch_up().await?;
        Ok(self.load().source(id).cloned())
    }

    async fn renew(&self, only: Option<&HashSet<NicheId>>) -> Result<()> {
        let tx = self.db.begin_read().await?;
        let snapshot = repo::snapshot(&tx, only).await?;
        drop(tx);
        let old = self.load();
        let mut next = Book::default();
        if let Some(only) = only {
            let kept = |niche: &NicheId| !only.contains(niche);
            next.niches.extend(
                old.niches.iter().filter(|(id, _)| kept(id)).map(|(id, n)| (*id, Arc::clone(n))),
            );
            next.sources.extend(
                old.sources
                    .iter()
                    .filter(|(_, source)| kept(&source.niche))
                    .map(|(id, source)| (*id, Arc::clone(source))),
            );
            next.keys.extend(
                old.keys
                    .iter()
                    .filter(|(_, id)| next.sources.contains_key(id))
                    .map(|(hash, id)| (hash.clone(), *id)),
            );
            let heard = old.heard.iter().filter(|id| next.sources.contains_key(*id));
            next.heard.extend(heard.copied());
        }
        build(snapshot, &old, &mut next);
        self.current.store(Arc::new(next));
        metrics::counter!("exchange_book_refreshes_total").increment(1);
        Ok(())
    }
}

/// Puts a snapshot into a book. A niche or an offer that does not read is left out and logged: it
/// must not stop the others.
fn build(snapshot: Snapshot, old: &Book, next: &mut Book) {
    let Snapshot { epochs, niches, offers, sellers, sources, claims } = snapshot;
    let mut by_offer: HashMap<OfferId, HashMap<OrganizationId, Seller>> = HashMap::new();
    for row in sellers {
        let Ok(state) = row.state.parse() else { continue };
        let seller = Seller { state, price_override: row.price_override };
        by_offer.entry(row.offer_id.into()).or_default().insert(row.publisher_id.into(), seller);
    }
    let mut by_niche: HashMap<NicheId, Vec<BookOffer>> = HashMap::new();
    for row in offers {
        let (id, ..) = row.ids();
        match read_offer(&row, by_offer.remove(&id).unwrap_or_default()) {
            Ok(offer) => by_niche.entry(row.niche_id.into()).or_default().push(offer),
            Err(error) => tracing::error!(offer = %id, %error, "an offer does not read"),
        }
    }
    let mut claimed: HashMap<NicheId, Vec<BookClaim>> = HashMap::new();
    for row in claims {
        match read_claim(&row) {
            Ok(claim) => claimed.entry(row.claim.niche).or_default().push(claim),
            Err(error) => {
                tracing::error!(claim = %row.claim.claim, %error, "a claim does not read")
            }
        }
    }
    for row in niches {
        let (id, _) = row.ids();
        let epoch = epochs.get(&row.id).copied().unwrap_or_default();
        let offers = by_niche.remove(&id).unwrap_or_default();
        match read_niche(&row, epoch, offers, old.niche(id)) {
            Ok(niche) => {
                let niche = niche.with_claims(claimed.remove(&id).unwrap_or_default());
                drop(next.niches.insert(id, Arc::new(niche)));
            }
            Err(error) => tracing::error!(niche = %id, %error, "a niche does not read"),
        }
    }
    for row in sources {
        let id = SourceId(row.id);
        let source = BookSource {
            id,
            publisher: row.publisher_id.into(),
            niche: row.niche_id.into(),
            active: row.state == "ACTIVE" && row.publisher_state == "ACTIVE",
            target: row.target_offer_id.map(Into::into),
            fallback: read_fallback(&row),
            max_sales: row.max_sales,
            min_earning: row.min_earning,
        };
        if row.postbacks > 0 {
            next.heard.insert(id);
        }
        next.keys.insert(row.posting_key_hash, id);
        next.sources.insert(id, Arc::new(source));
    }
}

/// A claim with the offer in the version that was ordered, whatever rules now.
fn read_claim(row: &ClaimRow) -> Result<BookClaim> {
    let ClaimRow { claim, buyer, name, terms } = row;
    // It comes into no ranking, so its age breaks no tie.
    let made = Timestamp::default();
    let terms = terms.as_ref().clone();
    let offer =
        BookOffer::new(claim.offer, claim.offer_version, *buyer, made, terms, HashMap::new())?;
    Ok(BookClaim {
        order: claim.order,
        claim: claim.claim,
        publisher: claim.publisher,
        offer: Arc::new(offer.named(name.clone())),
        price: claim.price,
        take_rate: claim.take_rate,
        deadline: claim.deadline,
    })
}

/// What does not read is no fallback: the lead is then sold to nobody else.
fn read_fallback(row: &SourceRow) -> Fallback {
    let kind = row.fallback.parse().unwrap_or(FallbackKind::None);
    Fallback::of(kind, row.fallback_offer_id.map(Into::into)).unwrap_or_default()
}

fn read_offer(row: &OfferRow, sellers: HashMap<OrganizationId, Seller>) -> Result<BookOffer> {
    let (id, version, buyer) = row.ids();
    let terms: Terms = serde_json::from_str(&row.terms).context("reading the terms")?;
    let created_at = Timestamp::from_micros(row.created_at);
    let offer =
        BookOffer::new(id, version, buyer, created_at, terms, sellers)?.named(row.name.clone());
    Ok(BookOffer { takes_calls: row.connect_to.is_some(), ..offer })
}

fn read_niche(
    row: &NicheRow,
    epoch: i64,
    offers: Vec<BookOffer>,
    old: Option<&Arc<NicheBook>>,
) -> Result<NicheBook> {
    let (id, version) = row.ids();
    // Versions are immutable: what was compiled once need not be compiled again.
    let (schema, policy) = match old.filter(|old| old.version == version) {
        Some(old) => (Arc::clone(&old.schema), Arc::clone(&old.policy)),
        None => {
            let schema = serde_json::from_str(&row.schema).context("reading a niche's schema")?;
            let policy: NichePolicy =
                serde_json::from_str(&row.policy).context("reading a niche's policy")?;
            (Arc::new(FieldSchema::compile(&schema).map_err(Error::from)?), Arc::new(policy))
        }
    };
    let currency = row.currency.parse().context("reading a niche's currency")?;
    let active = row.state == "ACTIVE";
    Ok(NicheBook::new(id, version, active, currency, schema, policy, epoch, offers))
}
