//! What the niches slice shows to others.

use leadbourse_core::ids::{NicheId, NicheVersionId};
use leadbourse_core::money::Currency;
use leadbourse_core::niche::annotations::Fields;
use leadbourse_core::niche::policy::{Localized, NichePolicy};
use leadbourse_core::niche::schema::FieldSchema;
use leadbourse_core::time::Timestamp;
use serde_json::Value;
use std::sync::Arc;

leadbourse_core::text_enum! {
    /// Whether a niche takes leads.
    pub enum NicheState {
        /// It does.
        Active = "ACTIVE",
        /// It does not any more; what is in it stays readable.
        Archived = "ARCHIVED",
    }
}

/// A niche.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Niche {
    /// The id.
    pub id: NicheId,
    /// Its name in addresses.
    pub slug: String,
    /// What people read.
    pub names: Localized,
    /// Its one currency.
    pub currency: Currency,
    /// Whether it takes leads.
    pub state: NicheState,
    /// The version that new leads are checked by.
    pub current_version_id: NicheVersionId,
    /// When it was made.
    pub created_at: Timestamp,
}

/// One immutable version of a niche: read, and its schema compiled, once per process.
#[derive(Debug)]
pub struct NicheVersion {
    /// The id.
    pub id: NicheVersionId,
    /// The niche.
    pub niche_id: NicheId,
    /// Its number, from 1.
    pub version: i32,
    /// The JSON Schema as it was published.
    pub document: Value,
    /// The same, compiled.
    pub schema: Arc<FieldSchema>,
    /// The rules.
    pub policy: Arc<NichePolicy>,
    /// When it was published.
    pub created_at: Timestamp,
}

impl NicheVersion {
    /// The fields, in the order in which a form shows them.
    pub fn fields(&self) -> &Fields {
        self.schema.fields()
    }
}
