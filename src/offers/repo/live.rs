//! `live_connections`.

use leadbourse_core::ids::{OfferId, OrganizationId};
use leadbourse_core::time::Timestamp;
use sea_orm::{QueryResult, Value};
use std::collections::HashMap;
use uuid::Uuid;

use crate::offers::live::LiveConnection;
use crate::platform::db::{Reader, WriteTx, sql};
use crate::platform::error::{Context, Result};

fn read(row: &QueryResult) -> Result<LiveConnection> {
    let settings: String = row.try_get("", "settings")?;
    Ok(LiveConnection {
        offer_id: OfferId(row.try_get("", "offer_id")?),
        buyer_id: OrganizationId(row.try_get("", "buyer_id")?),
        settings: serde_json::from_str(&settings).context("reading a live connection")?,
        secret_ciphertext: row.try_get("", "secret_ciphertext")?,
        updated_at: Timestamp::from_micros(row.try_get("", "updated_at")?),
    })
}

pub(in crate::offers) async fn by_offers(
    tx: &impl Reader,
    ids: &[Uuid],
) -> Result<HashMap<OfferId, LiveConnection>> {
    let mut found = HashMap::new();
    for chunk in ids.chunks(500) {
        let (marks, values) = sql::ids(1, chunk);
        let text = format!(
            "SELECT offer_id, buyer_id, settings, secret_ciphertext, updated_at \
             FROM live_connections WHERE offer_id IN ({marks})"
        );
        for row in sql::all(tx, &text, values).await? {
            let one = read(&row)?;
            found.insert(one.offer_id, one);
        }
    }
    Ok(found)
}

pub(in crate::offers) async fn save(tx: &WriteTx, one: &LiveConnection) -> Result<()> {
    let text = "INSERT INTO live_connections \
         (offer_id, buyer_id, settings, secret_ciphertext, updated_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (offer_id) DO UPDATE SET \
         settings = excluded.settings, secret_ciphertext = excluded.secret_ciphertext, \
         updated_at = excluded.updated_at";
    let values: [Value; 5] = [
        one.offer_id.uuid().into(),
        one.buyer_id.uuid().into(),
        serde_json::to_string(&one.settings).context("printing a live connection")?.into(),
        one.secret_ciphertext.clone().into(),
        one.updated_at.micros().into(),
    ];
    sql::run(tx, text, values).await.map(drop)
}
