//! Recognising a person again without keeping the person: keyed fingerprints and claim ids.
//!
//! `fingerprint = HMAC-SHA-256(k, H(f1) ‖ H(f2) …)` over the canonical forms of a key set's
//! fields, with H = SHA-256. Whoever sends hashes instead of values is matched, because the hash is
//! only wrapped; and nobody without the key can try all telephone numbers. Claims need no other
//! inner hash: MD5, which old suppression lists are made of, comes with those lists.

use hmac::{Hmac, Mac};
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

/// The inner hash of a canonical value.
fn inner(canonical: &str) -> [u8; 32] {
    Sha256::digest(canonical.as_bytes()).into()
}

/// The keyed fingerprint of a key set whose fields' inner hashes are given in order.
fn fingerprint(key: &FingerprintKey, digests: &[[u8; 32]]) -> [u8; 32] {
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(&key.secret) else {
        return [0; 32]; // HMAC takes keys of every length.
    };
    for digest in digests {
        mac.update(digest);
    }
    mac.finalize().into_bytes().into()
}

/// The inner hashes of the named fields; `None` if one of them is empty: an empty field never
/// matches.
fn digests(names: &[String], canonical: &BTreeMap<String, String>) -> Option<Vec<[u8; 32]>> {
    let filled = |name| canonical.get(name).filter(|text: &&String| !text.is_empty());
    let digests = names.iter().map(|name| filled(name).map(|text| inner(text)));
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
}

/// One place to be claimed for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The row that a sale takes.
    pub id: Uuid,
    /// The same place under older keys: read only.
    pub older: Vec<Uuid>,
    /// How long it is taken, in seconds.
    pub window_s: i64,
    /// Names of the key set, for the reason's code.
    pub names: Vec<String>,
}

impl Person {
    /// Fingerprints every filled key set under every live key (newest first).
    pub fn new(
        policy: &DedupePolicy,
        keys: &[FingerprintKey],
        canonical: &BTreeMap<String, String>,
    ) -> Self {
        let sets = policy
            .key_sets
            .iter()
            .filter(|_| !keys.is_empty())
            .filter_map(|names| {
                let digests = digests(names, canonical)?;
                let prints = keys.iter().map(|key| (key.id, fingerprint(key, &digests)));
                Some(PersonSet { names: names.clone(), prints: prints.collect() })
            })
            .collect();
        Self { sets }
    }

    /// Somebody who calls, known by the number (E.164) alone.
    pub fn caller(keys: &[FingerprintKey], number: &str) -> Self {
        let digests = [inner(number)];
        let prints: Vec<_> = keys.iter().map(|key| (key.id, fingerprint(key, &digests))).collect();
        let set = PersonSet { names: vec!["caller".to_owned()], prints };
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
                Some(Claim { id, older: ids.collect(), window_s, names: set.names.clone() })
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
        }
    }

    fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn a_sent_hash_is_only_wrapped() {
        let canonical = fields(&[("phone", "+79161234567")]);
        let names = ["phone".to_owned()];
        let sent_hash = <[u8; 32]>::from(Sha256::digest(b"+79161234567"));
        assert_eq!(digests(&names, &canonical), Some(vec![sent_hash]));
        let mut policy = policy(DedupeScope::Niche);
        policy.key_sets = vec![names.to_vec()];
        let person = Person::new(&policy, &[key(1)], &canonical);
        assert_eq!(person.sets[0].prints, [(1, fingerprint(&key(1), &[sent_hash]))]);
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
