//! What moves the money of conversions after their birth. Everything here runs in the caller's
//! transaction, and locks in one order: meters, conversions and reservations, balances.

use std::collections::HashMap;

use leadbourse_core::conversion::{
    ConversionState, HOLD_NOT_OVER, ReservationState, UNFUNDED, pay_debts,
};
use leadbourse_core::error::INVALID_STATE;
use leadbourse_core::ids::{ConversionId, DisputeId, LeadId, OrganizationId};
use leadbourse_core::ledger::{Account, Difference, LedgerTx, Verifier, templates};
use leadbourse_core::money::{Bps, Currency};
use leadbourse_core::offer::terms::GoalKind;
use uuid::Uuid;

use super::model::{Conversion, Seen};
use super::repo;
use super::rows::CONVERSION_MONEY;
use crate::ledger;
use crate::offers;
use crate::platform::db::bulk::{self, Lock, LockMode, Sets};
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::{Error, Result};

/// What a granted return moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenBack {
    /// From the publisher's earning, minor units.
    pub earning: i64,
    /// From the exchange's fee, minor units.
    pub fee: i64,
    /// Whether nothing of the conversion is left.
    pub whole: bool,
}

/// One conversion, if it is seen.
pub async fn read(tx: &impl Reader, seen: Seen, id: ConversionId) -> Result<Option<Conversion>> {
    Ok(repo::conversions(tx, seen, &[id]).await?.pop())
}

/// All conversions of a lead, whoever bought it.
pub async fn of_lead(tx: &impl Reader, seen: Seen, lead: LeadId) -> Result<Vec<Conversion>> {
    let awards = repo::awards_of_leads(tx, seen, &[lead]).await?;
    let awards: Vec<_> = awards.iter().map(|award| award.id).collect();
    repo::conversions_of_awards(tx, seen, &awards).await
}

/// Locks conversions and reads them as they are then, in the order of their ids.
pub async fn lock(tx: &WriteTx, ids: &[ConversionId]) -> Result<Vec<Conversion>> {
    let keys: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    bulk::lock_rows(tx, &Lock::new(&CONVERSION_MONEY, &["price"], &keys, LockMode::Update)).await?;
    let mut found = repo::conversions(tx, Seen::All, ids).await?;
    found.sort_unstable_by_key(|conversion| conversion.id);
    Ok(found)
}

/// Raises the returned share of a locked conversion to `to` and gives the difference back. The
/// cause is the decision, so a decision gives back once.
///
/// # Errors
/// `INVALID_STATE` if the money is not held any more, `RETURNED_LESS` if the share does not grow.
pub async fn give_back(
    tx: &WriteTx,
    conversion: &Conversion,
    to: Bps,
    decision: DisputeId,
) -> Result<GivenBack> {
    if conversion.state != ConversionState::Held {
        return Err(INVALID_STATE.into());
    }
    let (now, all) = conversion.legs.give_back(conversion.given, to)?;
    let whole = all.bps == Bps::WHOLE;
    let awarded_at = repo::award(tx, Seen::All, conversion.award_id)
        .await?
        .map_or(conversion.created_at, |award| award.created_at);
    let freed = now.earning.saturating_add(now.fee);
    offers::move_money(tx, conversion.offer_id, awarded_at, freed.saturating_neg()).await?;
    let mut sets =
        Sets::new(&CONVERSION_MONEY, &["state", "returned_bps", "given_earning", "given_fee"]);
    let state = if whole { ConversionState::Returned } else { ConversionState::Held };
    sets.push(
        conversion.id.uuid(),
        [
            state.as_str().into(),
            i32::try_from(all.bps.0).unwrap_or(10_000).into(),
            all.earning.into(),
            all.fee.into(),
        ],
    );
    bulk::set_rows(tx, sets).await?;
    let (buyer, currency) = (conversion.buyer_id, conversion.currency);
    if freed > 0 {
        // The rows of debts are locked before the balance.
        let debts = lock_debts(tx, buyer, currency).await?;
        let debt = ledger::debt_of(tx, buyer, currency).await?;
        let parties = conversion.parties();
        let posted = templates::give_back(decision, parties, now.earning, now.fee, debt, tx.now())?;
        ledger::post(tx, &[posted]).await?;
        if debt > 0 {
            write_debts(tx, debts, Some(conversion.id), debt.saturating_sub(freed)).await?;
        }
    }
    Ok(GivenBack { earning: now.earning, fee: now.fee, whole })
}

/// Ends the hold of locked conversions: what was not given back becomes payable.
///
/// # Errors
/// `INVALID_STATE`, `HOLD_NOT_OVER`, `UNFUNDED`: the caller has asked for what is not due.
pub async fn approve(tx: &WriteTx, conversions: &[Conversion]) -> Result<()> {
    let now = tx.now();
    let mut sets = Sets::new(&CONVERSION_MONEY, &["state", "approved_at"]);
    let mut posted: Vec<LedgerTx> = Vec::with_capacity(conversions.len());
    for conversion in conversions {
        if conversion.state != ConversionState::Held {
            return Err(INVALID_STATE.into());
        }
        if conversion.clocks.hold_until() > now {
            return Err(HOLD_NOT_OVER.into());
        }
        if conversion.unfunded != 0 {
            return Err(UNFUNDED.into());
        }
        let (earning, fee) = (conversion.remaining_earning(), conversion.remaining_fee());
        if earning > 0 || fee > 0 {
            let parties = conversion.parties();
            posted.push(templates::hold_end(conversion.id, parties, earning, fee, now)?);
        }
        let state = ConversionState::Approved.as_str();
        sets.push(conversion.id.uuid(), [state.into(), now.micros().into()]);
    }
    bulk::set_rows(tx, sets).await?;
    ledger::post(tx, &posted).await
}

/// Conversions whose hold is over and that are paid for, by id after `after`.
pub async fn due(
    tx: &impl Reader,
    after: Option<ConversionId>,
    now: leadbourse_core::time::Timestamp,
    most: u32,
) -> Result<Vec<ConversionId>> {
    repo::due(tx, now, after, most).await
}

/// Marks as paid what a buyer does not owe any more, the oldest conversions first. Doing it
/// twice changes nothing.
pub async fn settle_debts(tx: &WriteTx, buyer: OrganizationId, currency: Currency) -> Result<()> {
    let debts = lock_debts(tx, buyer, currency).await?;
    if debts.is_empty() {
        return Ok(());
    }
    let debt = ledger::debt_of(tx, buyer, currency).await?;
    write_debts(tx, debts, None, debt).await
}

/// Locks a buyer's conversions that are not fully paid for, oldest first.
async fn lock_debts(
    tx: &WriteTx,
    buyer: OrganizationId,
    currency: Currency,
) -> Result<Vec<Conversion>> {
    let found = repo::unfunded_of(tx, buyer, currency).await?;
    if found.is_empty() {
        return Ok(found);
    }
    let keys: Vec<Uuid> = found.iter().map(|conversion| conversion.id.uuid()).collect();
    let lock = Lock::new(&CONVERSION_MONEY, &["price"], &keys, LockMode::Update);
    bulk::lock_rows(tx, &lock).await?;
    repo::unfunded_of(tx, buyer, currency).await
}

async fn write_debts(
    tx: &WriteTx,
    mut debts: Vec<Conversion>,
    first: Option<ConversionId>,
    debt: i64,
) -> Result<()> {
    // What a return gave back pays the returned conversion's own debt first.
    debts.sort_by_key(|conversion| Some(conversion.id) != first);
    let owed: Vec<(ConversionId, i64)> =
        debts.iter().map(|conversion| (conversion.id, conversion.unfunded)).collect();
    let mut sets = Sets::new(&CONVERSION_MONEY, &["unfunded"]);
    for (id, unfunded) in pay_debts(&owed, debt) {
        sets.push(id.uuid(), [unfunded.into()]);
    }
    bulk::set_rows(tx, sets).await
}

/// Gives back promises whose attribution window has ended; gives how many. A capture at the same
/// time and this meet in one compare-and-set, and one of them wins.
pub(super) async fn release_expired(tx: &WriteTx, most: u32) -> Result<usize> {
    let found = repo::expired(tx, tx.now(), most).await?;
    let mut offers: Vec<_> = found.iter().map(|reservation| reservation.offer_id).collect();
    offers.sort_unstable();
    offers.dedup();
    for offer in offers {
        offers::lock_meter(tx, offer).await?;
    }
    let mut released = 0;
    let mut buyers: Vec<(OrganizationId, Currency)> = Vec::new();
    for reservation in &found {
        let state = ReservationState::Released;
        if !repo::end_reservation(tx, reservation.id, state, 0).await? {
            continue;
        }
        released += 1;
        let (buyer, currency) = (reservation.buyer_id, reservation.currency);
        let (offer, amount) = (reservation.offer_id, reservation.amount);
        offers::move_money(tx, offer, reservation.created_at, amount.saturating_neg()).await?;
        let debt = ledger::debt_of(tx, buyer, currency).await?;
        let (award, goal) = (reservation.award_id, GoalKind::Sale.as_str());
        let posted = templates::release(award, goal, buyer, amount, currency, debt, tx.now())?;
        ledger::post(tx, &[posted]).await?;
        if debt > 0 {
            buyers.push((buyer, currency));
        }
    }
    for (buyer, currency) in buyers {
        settle_debts(tx, buyer, currency).await?;
    }
    Ok(released)
}

/// Compares what the tables of this slice say with the ledger, and adds every difference. Gives
/// the sum of what was approved, by publisher and currency, for the books of settlement.
pub async fn check_books(
    tx: &impl Reader,
    verifier: &mut Verifier,
) -> Result<HashMap<(OrganizationId, Currency), i64>> {
    let mut kept: HashMap<Account, i64> = HashMap::new();
    let mut approved = HashMap::new();
    for (owner, currency, what, amount) in repo::book_sums(tx).await? {
        let owner = OrganizationId(owner);
        let account = match what {
            "held" => Account::held(owner, currency),
            "fees_held" => Account::fees_held(owner, currency),
            "reserved" => Account::reserved(owner, currency),
            "owed" => Account::owed(owner, currency),
            "approved" => {
                approved.insert((owner, currency), amount);
                continue;
            }
            other => return Err(Error::broken(format!("no account for {other}"))),
        };
        kept.insert(account, amount);
    }
    use leadbourse_core::ledger::AccountKind as K;
    let compared = [K::PublisherHeld, K::PlatformFeesHeld, K::BuyerReserved, K::BuyerOwed];
    let computed: Vec<(Account, i64)> = verifier
        .balances()
        .filter(|(account, _)| compared.contains(&account.kind()))
        .map(|(account, sum)| (*account, sum))
        .collect();
    for (account, computed) in computed {
        let kept = kept.remove(&account).unwrap_or(0);
        if kept != computed {
            let what = account.code();
            verifier.report(Difference::Books { what, kept, computed });
        }
    }
    for (account, amount) in kept {
        if amount != 0 {
            let what = account.code();
            verifier.report(Difference::Books { what, kept: amount, computed: 0 });
        }
    }
    Ok(approved)
}
