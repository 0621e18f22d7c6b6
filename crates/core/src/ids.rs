//! Every kind of identifier, in one registry.
//!
//! An id is a UUID with a printed prefix (`lead_01j…`, the TypeID form). New ids are UUIDv7, so
//! they sort by the time of their making. *Derived* ids are UUIDv8 computed from their cause, so
//! that doing a thing twice meets the same primary key: that is the exactly-once guard of the
//! ledger and the address of every account.

use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use type_safe_id::{StaticType, TypeSafeId};
use uuid::Uuid;

use crate::time::Timestamp;

/// The text was not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an id that starts with `{expected}_`")]
pub struct BadId {
    /// The prefix that the id should have had.
    pub expected: &'static str,
}

/// Derives a stable UUIDv8 from the parts of a cause. Same parts, same id, on every machine.
pub fn derive(parts: &[&[u8]]) -> Uuid {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut bytes = [0u8; 16];
    for (to, from) in bytes.iter_mut().zip(digest.iter()) {
        *to = *from;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Like [`derive`], but the first 48 bits are those of `anchor`. With a time-ordered anchor the
/// derived id sorts beside it, so lists by id stay in time order and inserts stay local.
pub fn derive_near(anchor: Uuid, parts: &[&[u8]]) -> Uuid {
    let mut bytes = derive(parts).into_bytes();
    for (to, from) in bytes.iter_mut().zip(anchor.as_bytes().iter().take(6)) {
        *to = *from;
    }
    Uuid::from_bytes(bytes)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub struct $name(pub Uuid);

            impl StaticType for $name {
                const TYPE: &'static str = $prefix;
            }

            impl $name {
                /// The printed prefix, without the underscore.
                pub const PREFIX: &'static str = $prefix;

                /// A new time-ordered id. `now` gives its time, so a moved clock moves ids too.
                pub fn new(now: Timestamp) -> Self {
                    Self(crate::time::uuid_v7(now))
                }

                /// An id derived from its cause: the same cause always gives the same id.
                pub fn derived(parts: &[&[u8]]) -> Self {
                    Self(derive(parts))
                }

                /// The bare UUID, as stored.
                pub fn uuid(self) -> Uuid {
                    self.0
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    fmt::Display::fmt(&TypeSafeId::<$name>::from_uuid(self.0), f)
                }
            }

            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    fmt::Display::fmt(self, f)
                }
            }

            impl FromStr for $name {
                type Err = BadId;
                fn from_str(text: &str) -> Result<Self, BadId> {
                    TypeSafeId::<$name>::from_str(text)
                        .map(|id| Self(id.uuid()))
                        .map_err(|_| BadId { expected: $prefix })
                }
            }

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                    s.collect_str(self)
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                    let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                    text.parse().map_err(serde::de::Error::custom)
                }
            }

            impl From<$name> for Uuid {
                fn from(id: $name) -> Uuid {
                    id.0
                }
            }

            impl From<Uuid> for $name {
                fn from(id: Uuid) -> $name {
                    $name(id)
                }
            }
        )*

        /// Every prefix in use, for documentation and for `node(id)`.
        pub const PREFIXES: &[(&str, &str)] = &[$((stringify!($name), $prefix)),*];
    };
}

/// The least id that can have been made at or after an instant: ids begin with their milliseconds,
/// so a range of time is a range of the primary key. Times before 1970 count as that.
pub fn first_at(at: Timestamp) -> Uuid {
    let millis = u128::try_from(at.micros() / 1_000).unwrap_or(0);
    Uuid::from_u128(millis << 80)
}

ids! {
    /// A company or the exchange itself.
    OrganizationId = "org";
    /// A person who signs in.
    UserId = "usr";
    /// A user's place in an organization.
    MembershipId = "mem";
    /// A signed-in browser.
    SessionId = "ses";
    /// A machine's key.
    ApiKeyId = "key";
    /// A market segment with its own schema and rules.
    NicheId = "nch";
    /// One immutable version of a niche's field schema and rules.
    NicheVersionId = "nsv";
    /// A buyer's public offer.
    OfferId = "ofr";
    /// One immutable version of an offer's terms.
    OfferVersionId = "ofv";
    /// A publisher's participation in an offer.
    ParticipationId = "prt";
    /// Where a publisher's traffic arises.
    SourceId = "src";
    /// A person's request.
    LeadId = "lead";
    /// Parts of a person's request, sent ahead to ask for bids.
    PingId = "png";
    /// What one offer pays for a pinged lead, reserved for a while.
    BidId = "bid";
    /// One verdict in a lead's chain.
    LeadEventId = "evt";
    /// One sale of a lead (a leg, a copy).
    AwardId = "awd";
    /// One billable event on an award.
    ConversionId = "cnv";
    /// Funds held for a goal that is billed later.
    ReservationId = "rsv";
    /// A disagreement with a life cycle and deadlines.
    DisputeId = "dsp";
    /// One settlement of a period.
    SettlementRunId = "run";
    /// What a publisher earned in a period.
    StatementId = "stm";
    /// One line of a statement.
    StatementLineId = "stl";
    /// Money sent to a publisher.
    PayoutId = "pay";
    /// A document about money, with a number.
    DocumentId = "doc";
    /// Payouts in one file for a bank.
    PayoutFileId = "pyf";
    /// A bank's answer to payouts, as it was imported.
    BankAnswerId = "bka";
    /// Money received from a buyer.
    TopUpId = "top";
    /// A change of a buyer's credit limit.
    CreditChangeId = "crd";
    /// A conversion of a buyer's money between currencies.
    FxConversionId = "fxc";
    /// The end of a period of the books.
    LedgerCloseId = "cls";
    /// A ledger account; always derived from its code.
    AccountId = "acc";
    /// A ledger transaction; always derived from its cause.
    LedgerTxId = "ltx";
    /// One posting of a ledger transaction.
    PostingId = "pst";
    /// A buyer's delivery endpoint.
    EndpointId = "ept";
    /// One thing to be delivered to one endpoint.
    DeliveryId = "dlv";
    /// One try of a delivery.
    AttemptId = "att";
    /// A message that leaves through the outbox.
    OutboxId = "obx";
    /// Deferred or scheduled work.
    JobId = "job";
    /// A line of the audit log.
    AuditId = "aud";
    /// A telephone call.
    CallId = "call";
    /// A click on a tracking link.
    ClickId = "clk";
    /// An address to which a buyer's server reports.
    PostbackTokenId = "pbt";
    /// A publisher's address that is told what happens.
    PublisherPostbackId = "ppb";
    /// Something that happened and that a publisher is told of.
    HappeningId = "hap";
    /// One happening on its way to one address.
    NoticeId = "ntc";
    /// One postback that came in.
    PostbackId = "pbl";
    /// A file of sales that was compared with what the exchange knows.
    ReconciliationId = "rec";
    /// So many leads by a date.
    OrderId = "ord";
    /// A publisher's part of an order.
    OrderClaimId = "ocl";
    /// An import of a file.
    ImportId = "imp";
    /// A buyer's wish to pay in by card, and what became of it.
    CardTopUpId = "ctu";
    /// A card that a buyer may be charged with again.
    SavedCardId = "crd";
    /// Unused credit that goes back to a card.
    CreditRefundId = "rfd";
    /// A card payment that its bank disputes.
    ChargebackId = "cbk";
    /// What a payment provider kept of one movement; derived from its own number.
    ProviderFeeId = "pfe";
    /// Something that a payment provider told; derived from its own number.
    ProviderEventId = "pev";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_prints_and_parses_with_its_prefix() {
        let id = LeadId::new(Timestamp::from_micros(1_700_000_000_000_000));
        let text = id.to_string();
        assert!(text.starts_with("lead_"));
        assert_eq!(text.parse::<LeadId>(), Ok(id));
        assert_eq!(text.parse::<OfferId>(), Err(BadId { expected: "ofr" }));
    }

    #[test]
    fn near_ids_sort_beside_their_anchor_and_differ_by_parts() {
        let early = LeadId::new(Timestamp::from_micros(1_000_000_000_000_000)).uuid();
        let late = LeadId::new(Timestamp::from_micros(1_000_000_000_002_000)).uuid();
        assert!(derive_near(early, &[b"x"]) < derive_near(late, &[b"a"]));
        assert_ne!(derive_near(early, &[b"x"]), derive_near(early, &[b"y"]));
        assert_eq!(derive_near(early, &[b"x"]), derive_near(early, &[b"x"]));
    }

    #[test]
    fn derived_ids_depend_on_every_part_and_its_border() {
        assert_eq!(derive(&[b"a", b"bc"]), derive(&[b"a", b"bc"]));
        assert_ne!(derive(&[b"a", b"bc"]), derive(&[b"ab", b"c"]));
    }
}
