//! How publishers want to be paid.

use std::collections::HashMap;

use leadbourse_core::ids::OrganizationId;
use leadbourse_core::money::Currency;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use super::parsed;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::Result;
use crate::settlements::model::{DetailsForm, PayoutRail};

/// A profile as it is stored: the account's details sealed.
pub(in crate::settlements) struct StoredProfile {
    pub(in crate::settlements) publisher: OrganizationId,
    pub(in crate::settlements) currency: Currency,
    pub(in crate::settlements) rail: PayoutRail,
    pub(in crate::settlements) details: Option<Vec<u8>>,
    pub(in crate::settlements) form: DetailsForm,
    pub(in crate::settlements) min_payout: i64,
}

fn profile_of(row: &QueryResult) -> Result<StoredProfile> {
    Ok(StoredProfile {
        publisher: OrganizationId(row.try_get("", "publisher_id")?),
        currency: parsed(row, "currency")?,
        rail: parsed(row, "rail")?,
        details: row.try_get("", "details_ciphertext")?,
        form: parsed(row, "details_form")?,
        min_payout: row.try_get("", "min_payout")?,
    })
}

const COLUMNS: &str = "publisher_id, currency, rail, details_ciphertext, min_payout, details_form";

pub(in crate::settlements) async fn profile(
    tx: &impl Reader,
    publisher: OrganizationId,
    currency: Currency,
) -> Result<Option<StoredProfile>> {
    let text =
        format!("SELECT {COLUMNS} FROM payout_profiles WHERE publisher_id = $1 AND currency = $2");
    let values: [Value; 2] = [publisher.uuid().into(), currency.code().into()];
    sql::one(tx, &text, values).await?.as_ref().map(profile_of).transpose()
}

pub(in crate::settlements) async fn profiles(
    tx: &impl Reader,
    publisher: OrganizationId,
) -> Result<Vec<StoredProfile>> {
    let text =
        format!("SELECT {COLUMNS} FROM payout_profiles WHERE publisher_id = $1 ORDER BY currency");
    sql::all(tx, &text, [publisher.uuid().into()]).await?.iter().map(profile_of).collect()
}

/// The smallest payouts that these publishers wish, minor units.
pub(in crate::settlements) async fn minimums(
    tx: &impl Reader,
    publishers: impl Iterator<Item = OrganizationId>,
) -> Result<HashMap<(OrganizationId, Currency), i64>> {
    let keys: Vec<Uuid> = publishers.map(|publisher| publisher.uuid()).collect();
    let (marks, values) = sql::ids(1, &keys);
    let text = format!(
        "SELECT publisher_id, currency, min_payout FROM payout_profiles \
         WHERE publisher_id IN ({marks})"
    );
    sql::all(tx, &text, values)
        .await?
        .iter()
        .map(|row| {
            let publisher = OrganizationId(row.try_get("", "publisher_id")?);
            Ok(((publisher, parsed(row, "currency")?), row.try_get("", "min_payout")?))
        })
        .collect()
}

pub(in crate::settlements) async fn save_profile(
    tx: &WriteTx,
    profile: &StoredProfile,
) -> Result<()> {
    let text = format!(
        "INSERT INTO payout_profiles ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (publisher_id, currency) DO UPDATE SET rail = excluded.rail, \
         details_ciphertext = excluded.details_ciphertext, min_payout = excluded.min_payout, \
         details_form = excluded.details_form"
    );
    let values: [Value; 6] = [
        profile.publisher.uuid().into(),
        profile.currency.code().into(),
        profile.rail.as_str().into(),
        profile.details.clone().into(),
        profile.min_payout.into(),
        profile.form.as_str().into(),
    ];
    sql::run(tx, &text, values).await.map(drop)
}
