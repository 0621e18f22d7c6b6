//! Recognising a person again without keeping the person: keyed fingerprints and claim ids.
//!
//! `fingerprint = HMAC-SHA-256(k, H(f1) ‖ H(f2) …)` over the canonical forms of a key set's
//! fields, with H = SHA-256. Whoever sends hashes instead of values is matched, because the hash is
//! only wrapped; and nobody without the key can try all telephone numbers. Where a niche says so, a
//! claim has an alias with H = MD5, so that senders who only have MD5 are matched as well
//! (docs/adr/0018).

use hmac::{Hmac, Mac};
use md5::Md5;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::ids::{NicheId, OfferId, OrganizationId, SourceId, derive};
use crate::niche::policy::{DedupePolicy, DedupeScope};

/// A key for fingerprints. The newest live key claims; all live keys look up.
#[derive(Clone)]
pub struct FingerprintKey {
    /// The key's id, part of every fingerprint's claim.
    pub id: i32,
    /// The secret.
    pub secret: [u8; 32],
}

impl std::fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FingerprintKey({})", self.id)
    }
}

/// The hash of a canonical value, as it is computed here or as somebody sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hashed {
    /// SHA-256.
    Sha256([u8; 32]),
    /// MD5, which old lists are made of.
    Md5([u8; 16]),
}

/// The two inner hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inner {
    Sha256,
    Md5,
}

impl Hashed {
    /// Reads 64 (SHA-256) or 32 (MD5) hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.len() {
            64 => hex::decode(text).ok()?.try_into().ok().map(Self::Sha256),
            32 => hex::decode(text).ok()?.try_into().ok().map(Self::Md5),
            _ => None,
        }
    }

    /// The SHA-256 of a canonical value.
    pub fn sha256(canonical: &str) -> Self {
        Self::Sha256(Sha256::digest(canonical.as_bytes()).into())
    }

    /// The MD5 of a canonical value.
    pub fn md5(canonical: &str) -> Self {
        Self::Md5(<Md5 as md5::Digest>::digest(canonical.as_bytes()).into())
    }

    fn of(inner: Inner, canonical: &str) -> Self {
        match inner {
            Inner::Sha256 => Self::sha256(canonical),
            Inner::Md5 => Self::md5(canonical),
        }
    }

    fn inner(&self) -> Inner {
        match self {
            Self::Sha256(_) => Inner::Sha256,
            Self::Md5(_) => Inner::Md5,
        }
    }

    /// Whether it is an MD5.
    pub fn is_md5(&self) -> bool {
        self.inner() == Inner::Md5
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Sha256(bytes) => bytes,
            Self::Md5(bytes) => bytes,
        }
    }
}

/// The keyed fingerprint of a key set whose fields' inner hashes are given in order.
fn fingerprint(key: &FingerprintKey, digests: &[Hashed]) -> [u8; 32] {
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(&key.secret) else {
        return [0; 32]; // HMAC takes keys of every length.
    };
    for digest in digests {
        mac.update(digest.bytes());
    }
    mac.finalize().into_bytes().into()
}

/// The inner hashes of the named fields: those that were sent as hashes, else of their values.
/// `None` if one of them is empty or was hashed otherwise: an empty field never matches.
fn digests(
    inner: Inner,
    names: &[String],
    canonical: &BTreeMap<String, String>,
    hashed: &BTreeMap<String, Hashed>,
) -> Option<Vec<Hashed>> {
    let filled = |name| canonical.get(name).filter(|text: &&String| !text.is_empty());
    let digests = names.iter().map(|name| match hashed.get(name) {
        Some(hash) => (hash.inner() == inner).then_some(*hash),
        None => filled(name).map(|text| Hashed::of(inner, text)),
    });
    digests.collect::<Option<_>>().filter(|digests: &Vec<_>| !digests.is_empty())
}

/// What a claim is about: where a person is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClaimScope {
    /// The whole exchange.
    Exchange,
    /// A niche.
    Niche(NicheId),
    /// A buyer.
    Buyer(OrganizationId),
    /// An offer.
    Offer(OfferId),
    /// An offer, for persons whose calls it has paid for.
    Caller(OfferId),
}

impl ClaimScope {
    fn parts(self) -> (&'static [u8], Uuid) {
        match self {
            Self::Exchange => (b"EXCHANGE", Uuid::nil()),
            Self::Niche(id) => (b"NICHE", id.uuid()),
            Self::Buyer(id) => (b"BUYER", id.uuid()),
            Self::Offer(id) => (b"OFFER", id.uuid()),
            Self::Caller(id) => (b"CALLER", id.uuid()),
        }
    }
}

/// The primary key of a claim.
pub fn claim_id(scope: ClaimScope, key_set: &[String], key_id: i32, print: &[u8; 32]) -> Uuid {
    let (kind, id) = scope.parts();
    derive(&[
        b"claim",
        kind,
        id.as_bytes(),
        key_set.join("+").as_bytes(),
        &key_id.to_be_bytes(),
        print,
    ])
}

/// The claim of a sender's own lead id within its source.
pub fn external_claim_id(source: SourceId, external_hash: &[u8; 32]) -> Uuid {
    derive(&[b"external", source.uuid().as_bytes(), external_hash])
}

/// A person's fingerprints under one niche's policy, computed once per lead.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// One entry per filled key set.
    pub sets: Vec<PersonSet>,
}

/// One filled key set of a person.
#[derive(Clone, Debug)]
pub struct PersonSet {
    /// The field names.
    pub names: Vec<String>,
    /// Key id and fingerprint under every live key, newest first.
    pub prints: Vec<(i32, [u8; 32])>,
    /// The same over MD5, under the newest key; where the niche keeps aliases.
    pub alias: Option<(i32, [u8; 32])>,
}

/// One place to be claimed for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The row that a sale takes.
    pub id: Uuid,
    /// The same place under older keys: read only.
    pub older: Vec<Uuid>,
    /// The same place under MD5: taken and dropped with it, never asked.
    pub alias: Option<Uuid>,
    /// How long it is taken, in seconds.
    pub window_s: i64,
    /// Names of the key set, for the reason's code.
    pub names: Vec<String>,
}

impl PersonSet {
    fn of(names: &[String], keys: &[FingerprintKey], digests: &[Hashed]) -> Self {
        let prints = keys.iter().map(|key| (key.id, fingerprint(key, digests)));
        Self { names: names.to_vec(), prints: prints.collect(), alias: None }
    }
}

/// The key sets, if there is a key to fingerprint them with.
fn filled<'p>(
    policy: &'p DedupePolicy,
    keys: &[FingerprintKey],
) -> impl Iterator<Item = &'p Vec<String>> {
    policy.key_sets.iter().filter(move |_| !keys.is_empty())
}

impl Person {
    /// Fingerprints every filled key set under every live key (newest first).
    pub fn new(
        policy: &DedupePolicy,
        keys: &[FingerprintKey],
        canonical: &BTreeMap<String, String>,
    ) -> Self {
        let none = BTreeMap::new();
        let of_set = |names: &Vec<String>| {
            let digests_of = |inner| digests(inner, names, canonical, &none);
            let mut set = PersonSet::of(names, keys, &digests_of(Inner::Sha256)?);
            if policy.md5 {
                let first = keys.first().zip(digests_of(Inner::Md5));
                set.alias = first.map(|(key, digests)| (key.id, fingerprint(key, &digests)));
            }
            Some(set)
        };
        Self { sets: filled(policy, keys).filter_map(of_set).collect() }
    }

    /// The fingerprints of a person of whom only some values are known, and hashes of others.
    /// A key set counts if all its hashes are of one kind; SHA-256 is tried first.
    pub fn hashed(
        policy: &DedupePolicy,
        keys: &[FingerprintKey],
        canonical: &BTreeMap<String, String>,
        hashed: &BTreeMap<String, Hashed>,
    ) -> Self {
        let of_set = |names: &Vec<String>| {
            let found = [Inner::Sha256, Inner::Md5]
                .into_iter()
                .filter(|inner| *inner == Inner::Sha256 || policy.md5)
                .find_map(|inner| digests(inner, names, canonical, hashed))?;
            Some(PersonSet::of(names, keys, &found))
        };
        Self { sets: filled(policy, keys).filter_map(of_set).collect() }
    }

    /// Somebody who calls, known by the number (E.164) alone.
    pub fn caller(keys: &[FingerprintKey], number: &str) -> Self {
        let digests = [Hashed::sha256(number)];
        let prints: Vec<_> = keys.iter().map(|key| (key.id, fingerprint(key, &digests))).collect();
        let set = PersonSet { names: vec!["caller".to_owned()], prints, alias: None };
        Self { sets: if number.is_empty() || keys.is_empty() { Vec::new() } else { vec![set] } }
    }

    /// The claims of this person in a scope, for `window_s` seconds. None for no window.
    pub fn claims(&self, scope: ClaimScope, window_s: i64) -> Vec<Claim> {
        if window_s <= 0 {
            return Vec::new();
        }
        self.sets
            .iter()
            .filter_map(|set| {
                let mut ids =
                    set.prints.iter().map(|(key, print)| claim_id(scope, &set.names, *key, print));
                let id = ids.next()?;
                let alias = set.alias.as_ref();
                Some(Claim {
                    id,
                    older: ids.collect(),
                    alias: alias.map(|(key, print)| claim_id(scope, &set.names, *key, print)),
                    window_s,
                    names: set.names.clone(),
                })
            })
            .collect()
    }

    /// The claims that the niche's policy asks for about the lead as a whole; empty where the
    /// policy speaks of buyers or offers.
    pub fn lead_claims(&self, policy: &DedupePolicy, niche: NicheId) -> Vec<Claim> {
        match policy.scope {
            DedupeScope::Niche => self.claims(ClaimScope::Niche(niche), policy.window_s),
            DedupeScope::Exchange => self.claims(ClaimScope::Exchange, policy.window_s),
            DedupeScope::Buyer | DedupeScope::Offer => Vec::new(),
        }
    }

    /// The claims about one offer: the niche's BUYER or OFFER scope and the offer's own window.
    pub fn offer_claims(
        &self,
        policy: &DedupePolicy,
        offer: OfferId,
        buyer: OrganizationId,
        own_window_s: i64,
    ) -> Vec<Claim> {
        let buyer_window = match policy.scope {
            DedupeScope::Buyer => policy.window_s.max(own_window_s),
            _ => own_window_s,
        };
        let mut claims = self.claims(ClaimScope::Buyer(buyer), buyer_window);
        if policy.scope == DedupeScope::Offer {
            claims.extend(self.claims(ClaimScope::Offer(offer), policy.window_s));
        }
        claims
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use crate::niche::policy::DedupeMode;

    fn key(id: i32) -> FingerprintKey {
        FingerprintKey { id, secret: [u8::try_from(id).unwrap(); 32] }
    }

    fn policy(scope: DedupeScope) -> DedupePolicy {
        DedupePolicy {
            key_sets: vec![
                vec!["phone".into()],
                vec!["email".into()],
                vec!["name".into(), "born".into()],
            ],
            mode: DedupeMode::Any,
            window_s: 86_400,
            scope,
            release_on_return: true,
            md5: false,
        }
    }

    fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn a_sent_hash_is_only_wrapped() {
        let canonical = fields(&[("phone", "+79161234567")]);
        let names = ["phone".to_owned()];
        let sent = Hashed::Sha256(Sha256::digest(b"+79161234567").into());
        let none = BTreeMap::new();
        assert_eq!(digests(Inner::Sha256, &names, &canonical, &none), Some(vec![sent]));
        let mut policy = policy(DedupeScope::Niche);
        policy.key_sets = vec![names.to_vec()];
        let person = Person::new(&policy, &[key(1)], &canonical);
        assert_eq!(person.sets[0].prints, [(1, fingerprint(&key(1), &[sent]))]);
        let hashes = BTreeMap::from([("phone".to_owned(), sent)]);
        let pinged = Person::hashed(&policy, &[key(1)], &none_known(), &hashes);
        assert_eq!(pinged.sets[0].prints, person.sets[0].prints);
    }

    fn none_known() -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    #[test]
    fn an_md5_finds_the_alias_where_the_niche_keeps_one() {
        let canonical = fields(&[("phone", "+79161234567"), ("name", "x"), ("born", "1990")]);
        let niche = NicheId(Uuid::from_u128(1));
        let mut policy = policy(DedupeScope::Niche);
        policy.key_sets = vec![vec!["phone".to_owned()]];
        let sent = BTreeMap::from([("phone".to_owned(), Hashed::md5("+79161234567"))]);
        assert_eq!(Some(Hashed::md5("")), Hashed::parse("d41d8cd98f00b204e9800998ecf8427e"));
        let plain = Person::new(&policy, &[key(1)], &canonical).lead_claims(&policy, niche);
        assert_eq!(plain[0].alias, None);
        assert!(Person::hashed(&policy, &[key(1)], &none_known(), &sent).sets.is_empty());
        policy.md5 = true;
        let keys = [key(2), key(1)];
        let claims = Person::new(&policy, &keys, &canonical).lead_claims(&policy, niche);
        assert_eq!(
            claims[0].id,
            Person::new(&policy, &[key(2)], &canonical).lead_claims(&policy, niche)[0].id
        );
        let asked = Person::hashed(&policy, &keys, &none_known(), &sent);
        assert_eq!(asked.lead_claims(&policy, niche)[0].id, claims[0].alias.unwrap());
    }

    #[test]
    fn a_key_set_of_two_takes_hashes_of_one_kind_beside_known_values() {
        let known = fields(&[("born", "1990")]);
        let full = fields(&[("born", "1990"), ("name", "x")]);
        let mut policy = policy(DedupeScope::Niche);
        policy.key_sets = vec![vec!["name".into(), "born".into()]];
        let sha = Hashed::Sha256(Sha256::digest(b"x").into());
        let hashes = BTreeMap::from([("name".to_owned(), sha)]);
        let pinged = Person::hashed(&policy, &[key(1)], &known, &hashes);
        assert_eq!(pinged.sets[0].prints, Person::new(&policy, &[key(1)], &full).sets[0].prints);
        let mixed =
            BTreeMap::from([("name".to_owned(), sha), ("born".to_owned(), Hashed::Md5([0; 16]))]);
        policy.md5 = true;
        assert!(Person::hashed(&policy, &[key(1)], &known, &mixed).sets.is_empty());
    }

    #[test]
    fn hashes_are_hex_of_two_lengths() {
        assert!(Hashed::parse(&"A0".repeat(32)).is_some_and(|hash| !hash.is_md5()));
        assert!(Hashed::parse(&"a0".repeat(16)).is_some_and(|hash| hash.is_md5()));
        for bad in ["", "a0", &"g0".repeat(32), &"a0".repeat(20)] {
            assert_eq!(Hashed::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_empty_field_never_matches() {
        let person = Person::new(
            &policy(DedupeScope::Niche),
            &[key(1)],
            &fields(&[("phone", ""), ("email", "a@b.cc"), ("name", "x")]),
        );
        assert_eq!(person.sets.len(), 1);
        assert_eq!(person.sets[0].names, ["email"]);
        assert!(Person::new(&policy(DedupeScope::Niche), &[key(1)], &fields(&[])).sets.is_empty());
    }

    #[test]
    fn rotation_claims_under_the_newest_and_reads_the_older() {
        let canonical = fields(&[("phone", "+7")]);
        let niche = NicheId(Uuid::from_u128(1));
        let policy = policy(DedupeScope::Niche);
        let before = Person::new(&policy, &[key(1)], &canonical).lead_claims(&policy, niche);
        let after = Person::new(&policy, &[key(2), key(1)], &canonical).lead_claims(&policy, niche);
        assert_ne!(before[0].id, after[0].id);
        assert_eq!(after[0].older, [before[0].id]);
    }

    #[test]
    fn a_caller_is_known_by_the_number_alone() {
        let (offer, number) = (OfferId(Uuid::from_u128(2)), "+79161234567");
        let claims = |keys: &[FingerprintKey]| {
            Person::caller(keys, number).claims(ClaimScope::Caller(offer), 60)
        };
        let (before, after) = (claims(&[key(1)]), claims(&[key(2), key(1)]));
        assert_eq!(after[0].older, [before[0].id]);
        assert!(Person::caller(&[key(1)], "").sets.is_empty());
        // Leads of the same person take another place.
        let mut policy = policy(DedupeScope::Offer);
        policy.key_sets = vec![vec!["caller".into()]];
        let lead = Person::new(&policy, &[key(1)], &fields(&[("caller", number)]));
        assert_ne!(lead.claims(ClaimScope::Offer(offer), 60)[0].id, before[0].id);
    }

    #[test]
    fn scopes_claim_different_rows() {
        let canonical = fields(&[("phone", "+7")]);
        let (offer, buyer) = (OfferId(Uuid::from_u128(2)), OrganizationId(Uuid::from_u128(3)));
        let policy = policy(DedupeScope::Offer);
        let person = Person::new(&policy, &[key(1)], &canonical);
        assert!(person.lead_claims(&policy, NicheId(Uuid::nil())).is_empty());
        let claims = person.offer_claims(&policy, offer, buyer, 60);
        assert_eq!(claims.iter().map(|c| c.window_s).collect::<Vec<_>>(), [60, 86_400]);
        assert_ne!(claims[0].id, claims[1].id);
    }
}
