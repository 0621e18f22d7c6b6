//! What holds after every step of a walk:
//!
//! 1. the postings of each currency sum to zero;
//! 2. each balance is the sum of its postings, and the documents say what the ledger says;
//! 3. nobody's free money is below zero (credit is a balance of its own, so this is "never below
//!    minus the credit"), and no account has a sign that it can't have;
//! 4. what is reserved is what reservations, bids and orders hold;
//! 5. what is held is what open conversions hold;
//! 6. a refused wish leaves nothing (proven in [`super::world`]);
//! 7. the same wish once more changes nothing (there too);
//! 8. every conversion has a next step, or was given back, or is in a statement.

use leadbourse::platform::db::sql;

use super::world::World;

/// Tables whose rows are about money, and the numbers in them that may move.
const MONEY: &[(&str, &str, &str)] = &[
    ("ledger_txs", "kind", "0"),
    ("postings", "'-'", "amount"),
    ("top_ups", "rail", "amount"),
    ("awards", "state", "price + 3 * earning"),
    (
        "conversions",
        "state",
        "price + 3 * earning + 5 * fee + 7 * returned_bps + 11 * given_earning + 13 * given_fee \
         + 17 * unfunded",
    ),
    ("reservations", "state", "amount + 3 * captured"),
    ("pings", "state", "score"),
    ("ping_bids", "state", "amount + 3 * price"),
    ("orders", "state", "wanted + 3 * delivered + 1000 * released + price"),
    ("order_claims", "state", "wanted + 3 * delivered"),
    ("disputes", "state", "claimed_bps + 3 * COALESCE(decided_bps, 0)"),
    ("settlement_runs", "state", "0"),
    ("statements", "state", "gross + 3 * total + 5 * carried_in + 7 * lines"),
    ("statement_lines", "'-'", "amount + 3 * given_back"),
    ("payouts", "state", "amount + 3 * generation"),
    ("leads", "state", "0"),
];

impl World {
    /// The money of the whole exchange in a few numbers: equal if nothing happened.
    pub async fn shape(&self) -> Vec<(String, i64, i64)> {
        let parts: Vec<String> = MONEY
            .iter()
            .map(|(table, state, sum)| {
                format!(
                    "SELECT '{table} ' || {state} AS what, COUNT(*) AS n, \
                     CAST(COALESCE(SUM({sum}), 0) AS BIGINT) AS total FROM {table} GROUP BY 1"
                )
            })
            .collect();
        let tx = self.app.app.db.begin_read().await.unwrap();
        let rows = sql::all(&tx, &parts.join(" UNION ALL "), []).await.unwrap();
        let mut shape: Vec<(String, i64, i64)> = rows
            .iter()
            .map(|row| {
                let number = |name| row.try_get::<i64>("", name).unwrap();
                (row.try_get("", "what").unwrap(), number("n"), number("total"))
            })
            .collect();
        shape.sort();
        shape
    }

    /// The laws that can be seen in the books.
    pub async fn laws(&self, at: &str) {
        let none: Vec<(String, i64)> = Vec::new();
        assert_eq!(self.lines(NETS).await, none, "{at}: currencies that do not net to zero");
        let found = self.app.app.settlements.verify().await.unwrap();
        let differences: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert!(differences.is_empty(), "{at}: the books differ:\n{}", differences.join("\n"));
        assert_eq!(self.lines(SIGNS).await, none, "{at}: balances of a sign that can't be");
        let (kept, open) = (self.sum(RESERVED).await, self.sum(OPEN).await);
        assert_eq!(kept, open, "{at}: reserved, and what holds it");
        let (kept, open) = (self.sum(HELD).await, self.sum(CONVERSIONS).await);
        assert_eq!(kept, open, "{at}: held, and the conversions that hold it");
    }

    /// The eighth law. What was paid or decided just now is taken up by a job within a minute.
    pub async fn next_steps(&self, at: &str) {
        let none: Vec<(String, i64)> = Vec::new();
        let now = self.app.clock.now().micros();
        let stuck = STUCK.replace("$now", &now.to_string());
        assert_eq!(
            self.lines(&stuck).await,
            none,
            "{at}: conversions without a next step, at {now}"
        );
    }

    /// What holds when everything was brought to its end.
    pub async fn all_is_over(&self) {
        assert_eq!(self.sum(RESERVED).await, 0, "something is still reserved");
        assert_eq!(self.sum(HELD).await, 0, "something is still held");
        let none: Vec<(String, i64)> = Vec::new();
        assert_eq!(self.lines(UNPAID).await, none, "conversions that were not paid");
    }

    async fn sum(&self, query: &str) -> i64 {
        self.count(query).await
    }

    async fn lines(&self, query: &str) -> Vec<(String, i64)> {
        let tx = self.app.app.db.begin_read().await.unwrap();
        let rows = sql::all(&tx, query, []).await.unwrap();
        let line = |row: &sea_orm::QueryResult| {
            (row.try_get("", "what").unwrap(), row.try_get("", "n").unwrap())
        };
        rows.iter().map(line).collect()
    }
}

const NETS: &str = "SELECT a.currency AS what, CAST(SUM(p.amount) AS BIGINT) AS n \
    FROM postings p JOIN ledger_accounts a ON a.id = p.account_id \
    GROUP BY a.currency HAVING SUM(p.amount) <> 0";

/// From the postings themselves. A publisher's payable may be below zero: a return may come after
/// the payout.
const SIGNS: &str = "SELECT a.code AS what, CAST(SUM(p.amount) AS BIGINT) AS n \
    FROM postings p JOIN ledger_accounts a ON a.id = p.account_id \
    WHERE a.kind IN ('BUYER_AVAILABLE', 'BUYER_RESERVED', 'PUBLISHER_HELD', 'PUBLISHER_IN_PAYOUT', \
      'PLATFORM_FEES_HELD', 'BUYER_OWED', 'BUYER_CREDIT') \
    GROUP BY a.code, a.kind \
    HAVING (a.kind IN ('BUYER_OWED', 'BUYER_CREDIT') AND SUM(p.amount) > 0) \
      OR (a.kind NOT IN ('BUYER_OWED', 'BUYER_CREDIT') AND SUM(p.amount) < 0)";

const RESERVED: &str = "SELECT CAST(COALESCE(SUM(p.amount), 0) AS BIGINT) AS n FROM postings p \
    JOIN ledger_accounts a ON a.id = p.account_id WHERE a.kind = 'BUYER_RESERVED'";

const OPEN: &str = "SELECT CAST( \
    COALESCE((SELECT SUM(amount - captured) FROM reservations WHERE state = 'OPEN'), 0) \
    + COALESCE((SELECT SUM(amount) FROM ping_bids WHERE state = 'OPEN'), 0) \
    + COALESCE((SELECT SUM((wanted - delivered - released) * price) FROM orders), 0) \
    AS BIGINT) AS n";

const HELD: &str = "SELECT CAST(COALESCE(SUM(p.amount), 0) AS BIGINT) AS n FROM postings p \
    JOIN ledger_accounts a ON a.id = p.account_id \
    WHERE a.kind IN ('PUBLISHER_HELD', 'PLATFORM_FEES_HELD')";

const CONVERSIONS: &str = "SELECT CAST(COALESCE(SUM(earning - given_earning + fee - given_fee), 0) \
    AS BIGINT) AS n FROM conversions WHERE state = 'HELD'";

/// A held conversion waits for its hold's end, a dispute or its buyer's money. An approved one is
/// in a statement that goes on, or in none and is taken by the next plan.
const STUCK: &str = "SELECT c.state || ' ' || c.goal || ', held until ' || c.hold_until AS what, CAST(COUNT(*) AS BIGINT) AS n FROM conversions c \
    LEFT JOIN statement_lines l ON l.conversion_id = c.id \
    LEFT JOIN statements s ON s.id = l.statement_id \
    WHERE (c.state = 'HELD' AND c.hold_until <= $now AND c.unfunded = 0 AND NOT EXISTS ( \
        SELECT 1 FROM disputes d WHERE d.conversion_id = c.id AND d.state IN ('OPEN', 'CONTESTED'))) \
      OR (c.state = 'RETURNED' AND (c.returned_bps <> 10000 OR c.given_earning <> c.earning \
        OR c.given_fee <> c.fee)) \
      OR (c.state <> 'APPROVED' AND l.conversion_id IS NOT NULL) \
      OR (s.id IS NOT NULL AND s.state IN ('CANCELLED', 'VOID')) \
    GROUP BY 1";

const UNPAID: &str = "SELECT c.state AS what, CAST(COUNT(*) AS BIGINT) AS n FROM conversions c \
    LEFT JOIN statement_lines l ON l.conversion_id = c.id \
    LEFT JOIN statements s ON s.id = l.statement_id \
    WHERE c.state <> 'RETURNED' AND COALESCE(s.state, '') NOT IN ('PAID', 'CARRIED') \
    GROUP BY c.state";
