//! Tables as bulk statements see them.

use crate::platform::db::bulk::{TableDef, Ty};

/// Transactions.
pub(super) static TXS: TableDef = TableDef {
    name: "ledger_txs",
    cols: &[
        ("id", Ty::Uuid),
        ("kind", Ty::Text),
        ("cause", Ty::Text),
        ("currency", Ty::Text),
        ("at", Ty::I64),
    ],
};

/// Postings.
pub(super) static POSTINGS: TableDef = TableDef {
    name: "postings",
    cols: &[
        ("tx_id", Ty::Uuid),
        ("n", Ty::I32),
        ("account_id", Ty::Uuid),
        ("amount", Ty::I64),
        ("currency", Ty::Text),
        ("at", Ty::I64),
    ],
};

/// Registered accounts.
pub(super) static ACCOUNTS: TableDef = TableDef {
    name: "ledger_accounts",
    cols: &[
        ("id", Ty::Uuid),
        ("code", Ty::Text),
        ("kind", Ty::Text),
        ("owner_id", Ty::OptUuid),
        ("currency", Ty::Text),
    ],
};

/// One row per account. Intake locks the rows of the buyers that it may charge and reads `amount`.
pub static BALANCES: TableDef =
    TableDef { name: "balances", cols: &[("account_id", Ty::Uuid), ("amount", Ty::I64)] };

/// What was added to summed accounts and is not folded yet.
pub(super) static DELTAS: TableDef = TableDef {
    name: "balance_deltas",
    cols: &[("id", Ty::Uuid), ("account_id", Ty::Uuid), ("amount", Ty::I64), ("at", Ty::I64)],
};

/// Top-ups.
pub(super) static TOP_UPS: TableDef = TableDef {
    name: "top_ups",
    cols: &[
        ("id", Ty::Uuid),
        ("buyer_id", Ty::Uuid),
        ("amount", Ty::I64),
        ("currency", Ty::Text),
        ("rail", Ty::Text),
        ("reference", Ty::Text),
        ("note", Ty::OptText),
        ("recorded_by", Ty::Text),
        ("at", Ty::I64),
    ],
};

/// The tables that [`super::rows`] fills, in its order.
pub fn tables() -> [&'static TableDef; 3] {
    [&TXS, &POSTINGS, &DELTAS]
}
