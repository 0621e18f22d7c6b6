//! What a buyer was charged, transaction by transaction.

use leadbourse_core::ids::{ConversionId, DisputeId, LedgerTxId, OrganizationId};
use leadbourse_core::ledger::{Account, TxKind};
use leadbourse_core::money::Currency;
use leadbourse_core::time::Timestamp;
use uuid::Uuid;

use super::repo;
use crate::platform::db::Reader;
use crate::platform::error::{Error, Result};

/// What a movement of a buyer's money derives from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Charged {
    /// A conversion was billed.
    Conversion(ConversionId),
    /// A decision gave something back.
    GiveBack(DisputeId),
}

/// One movement of a buyer's money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The transaction.
    pub tx: LedgerTxId,
    /// What it derives from.
    pub what: Charged,
    /// When.
    pub at: Timestamp,
    /// What the buyer paid, minor units; negative where it got something back.
    pub charged: i64,
    /// The exchange's part of it.
    pub fee: i64,
}

/// Charges of a buyer within a period (its end is not in it), oldest first, after a transaction;
/// a page of them, none when there are no more.
///
/// # Errors
/// Faults of the database.
pub async fn charges(
    tx: &impl Reader,
    buyer: OrganizationId,
    currency: Currency,
    period: (Timestamp, Timestamp),
    after: Option<Uuid>,
) -> Result<Vec<Charge>> {
    let accounts = Account::of_buyer(buyer, currency).map(|account| account.id());
    let fees = Account::fees_held(buyer, currency).id();
    let rows = repo::charges(tx, &accounts, fees, period, after).await?;
    let charge = |row: repo::ChargeRow| {
        let bad = || Error::broken(format!("{} of kind {} has a strange cause", row.tx, row.kind));
        let what = match TxKind::parse(&row.kind) {
            Some(TxKind::Conversion) => Charged::Conversion(row.cause.parse().map_err(|_| bad())?),
            Some(TxKind::GiveBack) => Charged::GiveBack(row.cause.parse().map_err(|_| bad())?),
            _ => return Err(bad()),
        };
        Ok(Charge {
            tx: row.tx,
            what,
            at: row.at,
            charged: row.moved.saturating_neg(),
            fee: row.fee,
        })
    };
    rows.into_iter().map(charge).collect()
}

/// Buyers and currencies that have a wallet.
///
/// # Errors
/// Faults of the database.
pub async fn wallets(tx: &impl Reader) -> Result<Vec<(OrganizationId, Currency)>> {
    repo::wallets(tx).await
}
