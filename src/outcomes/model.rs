//! Postback addresses, their log and reconciliations, as they are stored.

use leadbourse_core::error::Problem;
use leadbourse_core::ids::{
    AwardId, ConversionId, OfferId, OrganizationId, PostbackId, PostbackTokenId, ReconciliationId,
};
use leadbourse_core::money::Currency;
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::reconcile::Finding;
use leadbourse_core::time::Timestamp;
use std::collections::BTreeMap;

/// An address to which a buyer's server reports. The token itself is kept as a hash.
#[derive(Clone, PartialEq, Eq)]
pub struct PostbackToken {
    /// Its id.
    pub id: PostbackTokenId,
    /// Whose it is.
    pub buyer_id: OrganizationId,
    /// Only for this offer's awards; all of the buyer's when not given.
    pub offer_id: Option<OfferId>,
    /// What people call it.
    pub name: String,
    /// The beginning of the token, to recognise it.
    pub prefix: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// When it ended.
    pub revoked_at: Option<Timestamp>,
    /// The signing secret, sealed; postbacks have to be signed where there is one.
    pub(super) secret: Option<Vec<u8>>,
}

impl PostbackToken {
    /// Whether postbacks have to be signed.
    pub fn signed(&self) -> bool {
        self.secret.is_some()
    }
}

impl std::fmt::Debug for PostbackToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PostbackToken({})", self.id)
    }
}

/// One postback that came in. It holds ids and codes, and nothing that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedPostback {
    /// Its id.
    pub id: PostbackId,
    /// The address.
    pub token_id: PostbackTokenId,
    /// Whose.
    pub buyer_id: OrganizationId,
    /// `GET` or `POST`.
    pub method: String,
    /// The award, if it named one of the buyer's.
    pub award_id: Option<AwardId>,
    /// What it reported, if it said so.
    pub goal: Option<GoalKind>,
    /// The conversion that it led to.
    pub conversion_id: Option<ConversionId>,
    /// `OK`, or the code of the refusal.
    pub code: String,
    /// The input that was refused.
    pub field: Option<String>,
    /// Whether it had been done before.
    pub replayed: bool,
    /// When.
    pub at: Timestamp,
}

/// A file that was compared with what the exchange knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// Its id, derived from buyer and content.
    pub id: ReconciliationId,
    /// Whose it is.
    pub buyer_id: OrganizationId,
    /// When it was compared last.
    pub created_at: Timestamp,
    /// When it was applied.
    pub applied_at: Option<Timestamp>,
    /// How many rows of each finding there are.
    pub counts: BTreeMap<Finding, i64>,
}

/// One row of it. Sums in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciled {
    /// Its number in the file, from 1; what only the exchange knows is numbered on.
    pub n: i32,
    /// What the comparison says.
    pub finding: Finding,
    /// Why it is refused or can't be read.
    pub code: Option<String>,
    /// The award.
    pub award_id: Option<AwardId>,
    /// The conversion under its reference.
    pub conversion_id: Option<ConversionId>,
    /// What happened.
    pub goal: GoalKind,
    /// The buyer's reference.
    pub reference: Option<String>,
    /// The currency of the sums.
    pub currency: Option<Currency>,
    /// The amount in the file.
    pub amount: Option<i64>,
    /// The amount that the exchange knows.
    pub known_amount: Option<i64>,
    /// What was refunded in all, by the file; `Some(None)` is everything.
    pub refunded: Option<Option<i64>>,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
    /// What applying it came to: `OK`, or the code of the refusal.
    pub outcome: Option<String>,
}

impl Reconciled {
    /// A row that can't be read.
    pub(super) fn unreadable(n: i32, problem: &Problem) -> Self {
        Self {
            n,
            finding: Finding::Unreadable,
            code: Some(problem.code.name.to_owned()),
            award_id: None,
            conversion_id: None,
            goal: GoalKind::Sale,
            reference: None,
            currency: None,
            amount: None,
            known_amount: None,
            refunded: None,
            occurred_at: None,
            outcome: None,
        }
    }
}
