//! Sums of what leads brought.

use leadbourse_core::ids::LeadId;
use std::collections::HashMap;
use uuid::Uuid;

use crate::conversions::clicks::BilledOfLead;
use crate::conversions::model::Seen;
use crate::platform::db::{Reader, sql};
use crate::platform::error::Result;

/// What was billed on each of these leads; one without anything is left out.
pub(in crate::conversions) async fn billed(
    tx: &impl Reader,
    seen: Seen,
    leads: &[LeadId],
) -> Result<HashMap<LeadId, BilledOfLead>> {
    let mut found = HashMap::with_capacity(leads.len());
    for chunk in leads.chunks(500) {
        let keys: Vec<Uuid> = chunk.iter().map(|id| id.uuid()).collect();
        let (marks, mut values) = sql::ids(1, &keys);
        let own = match seen {
            Seen::All => String::new(),
            Seen::Buyer(own) => {
                values.push(own.uuid().into());
                format!(" AND c.buyer_id = ${}", values.len())
            }
            Seen::Publisher(own) => {
                values.push(own.uuid().into());
                format!(" AND c.publisher_id = ${}", values.len())
            }
        };
        let text = format!(
            "SELECT a.lead_id, COUNT(*) AS n, \
             CAST(SUM(c.earning - c.given_earning) AS BIGINT) AS earning \
             FROM awards a JOIN conversions c ON c.award_id = a.id \
             WHERE a.lead_id IN ({marks}) AND c.state <> 'RETURNED'{own} GROUP BY a.lead_id"
        );
        for row in sql::all(tx, &text, values).await? {
            let billed =
                BilledOfLead { count: row.try_get("", "n")?, earning: row.try_get("", "earning")? };
            found.insert(LeadId(row.try_get("", "lead_id")?), billed);
        }
    }
    Ok(found)
}
