//! What moves the money of conversions after their birth. Everything here runs in the caller's
//! transaction, and locks in one order: meters, then conversions and reservations sorted by id,
//! then balances. Whoever writes `unfunded` holds the buyer's balances, so what is read under them
//! is what the debt is made of.

use std::collections::{BTreeSet, HashMap};

use leadbourse_core::conversion::{ConversionState, HOLD_NOT_OVER, UNFUNDED, pay_debts};
use leadbourse_core::error::INVALID_STATE;
use leadbourse_core::ids::{
    AwardId, ConversionId, DisputeId, LeadId, OfferId, OrganizationId, ReservationId,
};
use leadbourse_core::ledger::{Account, Difference, LedgerTx, Verifier, templates};
use leadbourse_core::money::{Bps, Currency};
use leadbourse_core::notice::NoticeEvent;
use leadbourse_core::time::Timestamp;
use uuid::Uuid;

use super::model::{Award, Conversion, Reservation, Seen};
use super::repo;
use super::rows::CONVERSION_MONEY;
use super::tell;
use crate::ledger;
use crate::live;
use crate::offers::{self, Moved};
use crate::orders;
use crate::pings;
use crate::platform::db::bulk::{self, Lock, LockMode, Sets};
use crate::platform::db::{Reader, WriteTx};
use crate::platform::error::{Error, Result};

/// Things that one statement asks for.
const MANY: usize = 500;

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

/// Conversions by id, in no order.
///
/// # Errors
/// Faults of the database.
pub async fn read_all(tx: &impl Reader, ids: &[ConversionId]) -> Result<Vec<Conversion>> {
    repo::conversions(tx, Seen::All, ids).await
}

/// One award, if it is seen.
pub async fn read_award(tx: &impl Reader, seen: Seen, id: AwardId) -> Result<Option<Award>> {
    repo::award(tx, seen, id).await
}

/// Awards by id, those that are seen.
pub async fn read_awards(tx: &impl Reader, seen: Seen, ids: &[AwardId]) -> Result<Vec<Award>> {
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(MANY) {
        found.extend(repo::awards(tx, seen, some).await?);
    }
    Ok(found)
}

/// The awards of leads, those that are seen.
pub async fn read_awards_of_leads(
    tx: &impl Reader,
    seen: Seen,
    leads: &[LeadId],
) -> Result<Vec<Award>> {
    let mut found = Vec::with_capacity(leads.len());
    for some in leads.chunks(MANY) {
        found.extend(repo::awards_of_leads(tx, seen, some).await?);
    }
    Ok(found)
}

/// Everything that was billed on awards.
pub async fn of_awards(tx: &impl Reader, awards: &[AwardId]) -> Result<Vec<Conversion>> {
    let mut found = Vec::with_capacity(awards.len());
    for some in awards.chunks(MANY) {
        found.extend(repo::conversions_of_awards(tx, Seen::All, some).await?);
    }
    Ok(found)
}

/// What a buyer reported with these references.
pub async fn by_references(
    tx: &impl Reader,
    buyer: OrganizationId,
    references: &[String],
) -> Result<Vec<Conversion>> {
    let mut found = Vec::with_capacity(references.len());
    for some in references.chunks(MANY) {
        found.extend(repo::by_references(tx, buyer, some).await?);
    }
    Ok(found)
}

/// What a buyer reported to have happened from the first instant until before the second.
pub async fn reported_between(
    tx: &impl Reader,
    buyer: OrganizationId,
    period: (Timestamp, Timestamp),
    most: u32,
) -> Result<Vec<Conversion>> {
    repo::reported_between(tx, buyer, period, most).await
}

/// Locks conversions and reads them as they are then, in the order of their ids.
pub async fn lock(tx: &WriteTx, ids: &[ConversionId]) -> Result<Vec<Conversion>> {
    let keys: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    bulk::lock_rows(tx, &Lock::new(&CONVERSION_MONEY, &["price"], &keys, LockMode::Update)).await?;
    let mut found = repo::conversions(tx, Seen::All, ids).await?;
    found.sort_unstable_by_key(|conversion| conversion.id);
    Ok(found)
}

/// Locks a conversion for a return: together with all that the same buyer has not paid for yet,
/// because what is given back pays the buyer's debts. One sorted statement, so that two returns of
/// one buyer do not hold what the other wants.
pub async fn lock_for_return(tx: &WriteTx, id: ConversionId) -> Result<Option<Conversion>> {
    let Some(known) = read(tx, Seen::All, id).await? else { return Ok(None) };
    let mut ids = vec![id];
    let debts = repo::unfunded_of(tx, known.buyer_id, known.currency).await?;
    ids.extend(debts.iter().map(|debt| debt.id));
    let locked = lock(tx, &ids).await?;
    Ok(locked.into_iter().find(|conversion| conversion.id == id))
}

/// As [`lock_for_return`], for everything that was billed on an award.
pub async fn lock_award_for_return(tx: &WriteTx, award: &Award) -> Result<Vec<Conversion>> {
    let mut ids = repo::delivered::conversion_ids(tx, award.id).await?;
    let debts = repo::unfunded_of(tx, award.buyer_id, award.currency).await?;
    ids.extend(debts.iter().map(|debt| debt.id));
    let mut locked = lock(tx, &ids).await?;
    locked.retain(|conversion| conversion.award_id == award.id);
    Ok(locked)
}

/// Raises the returned share of a conversion to `to` and gives the difference back. The cause is
/// the decision, so a decision gives back once. The meter of its offer is locked, and the
/// conversion by [`lock_for_return`].
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
    let (offer, publisher) = (conversion.offer_id, conversion.publisher_id);
    offers::move_money(tx, (offer, publisher), awarded_at, freed.saturating_neg()).await?;
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
        let (debts, debt) = debts(tx, buyer, currency).await?;
        let parties = conversion.parties();
        let posted = templates::give_back(decision, parties, now.earning, now.fee, debt, tx.now())?;
        ledger::post(tx, &[posted]).await?;
        if debt > 0 {
            write_debts(tx, debts, Some(conversion.id), debt.saturating_sub(freed)).await?;
        }
    }
    let after = Conversion { given: all, ..conversion.clone() };
    tell::changed(tx, NoticeEvent::ConversionReturned, &[after]).await?;
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
    tell::changed(tx, NoticeEvent::ConversionApproved, conversions).await?;
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
    if lock_debts(tx, &[(buyer, currency)]).await? == 0 {
        return Ok(());
    }
    let (debts, debt) = debts(tx, buyer, currency).await?;
    write_debts(tx, debts, None, debt).await
}

/// Locks the conversions that these buyers have not fully paid for, all in one sorted statement;
/// gives how many.
async fn lock_debts(tx: &WriteTx, buyers: &[(OrganizationId, Currency)]) -> Result<usize> {
    let mut keys: Vec<Uuid> = Vec::new();
    for (buyer, currency) in buyers {
        let found = repo::unfunded_of(tx, *buyer, *currency).await?;
        keys.extend(found.iter().map(|conversion| conversion.id.uuid()));
    }
    if !keys.is_empty() {
        let lock = Lock::new(&CONVERSION_MONEY, &["price"], &keys, LockMode::Update);
        bulk::lock_rows(tx, &lock).await?;
    }
    Ok(keys.len())
}

/// Locks a buyer's balances; gives what the buyer has not paid for, oldest first, and the debt,
/// which is its sum. The rows were locked before; one that was billed since then is written under
/// the balances alone.
async fn debts(
    tx: &WriteTx,
    buyer: OrganizationId,
    currency: Currency,
) -> Result<(Vec<Conversion>, i64)> {
    let debt = ledger::debt_of(tx, buyer, currency).await?;
    Ok((repo::unfunded_of(tx, buyer, currency).await?, debt))
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
    release(tx, found).await
}

/// Gives back what is still promised to an award. Its offer's meter is locked.
pub async fn release_promise(tx: &WriteTx, award: &Award) -> Result<()> {
    let promises = repo::promised(tx, award.id).await?;
    release(tx, promises).await.map(drop)
}

/// Ends reservations in one go: every lock and every write is one statement, each sorted, however
/// many there are.
pub(super) async fn release(tx: &WriteTx, found: Vec<Reservation>) -> Result<usize> {
    let offers: Vec<OfferId> = found.iter().map(|reservation| reservation.offer_id).collect();
    let meters = offers::lock_meters(tx, &offers).await?;
    let buyers: BTreeSet<(OrganizationId, Currency)> =
        found.iter().map(|reservation| (reservation.buyer_id, reservation.currency)).collect();
    let buyers: Vec<_> = buyers.into_iter().collect();
    lock_debts(tx, &buyers).await?;
    let ids: Vec<ReservationId> = found.iter().map(|reservation| reservation.id).collect();
    let ours = repo::release_reservations(tx, &ids).await?;
    let ended: Vec<Reservation> =
        found.into_iter().filter(|reservation| ours.contains(&reservation.id)).collect();
    if ended.is_empty() {
        return Ok(0);
    }
    let mut publishers: HashMap<AwardId, OrganizationId> = HashMap::with_capacity(ended.len());
    for some in ended.chunks(100) {
        let awards: Vec<AwardId> = some.iter().map(|one| one.award_id).collect();
        let awards = repo::awards(tx, Seen::All, &awards).await?;
        publishers.extend(awards.into_iter().map(|award| (award.id, award.publisher_id)));
    }
    let moves: Vec<Moved> = ended
        .iter()
        .map(|one| Moved {
            offer: one.offer_id,
            publisher: publishers.get(&one.award_id).copied().unwrap_or_default(),
            awarded_at: one.created_at,
            by: one.amount.saturating_neg(),
        })
        .collect();
    offers::move_all(tx, &meters, &moves).await?;
    let mut accounts: Vec<Account> = Vec::new();
    for (buyer, currency) in &buyers {
        accounts.push(Account::available(*buyer, *currency));
        accounts.push(Account::reserved(*buyer, *currency));
        accounts.push(Account::owed(*buyer, *currency));
    }
    let balances = ledger::lock_balances(tx, &accounts).await?;
    let mut debts: HashMap<(OrganizationId, Currency), i64> = HashMap::new();
    for (buyer, currency) in &buyers {
        let owed = Account::owed(*buyer, *currency).id();
        let owed = balances.get(&owed).copied().unwrap_or(0).saturating_neg();
        if owed > 0 {
            debts.insert((*buyer, *currency), owed);
        }
    }
    let mut posted: Vec<LedgerTx> = Vec::with_capacity(ended.len());
    for one in &ended {
        let (buyer, currency, amount) = (one.buyer_id, one.currency, one.amount);
        let debt = debts.get(&(buyer, currency)).copied().unwrap_or(0);
        posted.push(templates::release(
            one.award_id,
            one.goal.as_str(),
            buyer,
            amount,
            currency,
            debt,
            tx.now(),
        )?);
        debts.entry((buyer, currency)).and_modify(|debt| *debt -= amount.min(*debt));
    }
    ledger::post(tx, &posted).await?;
    for ((buyer, currency), debt) in debts {
        let unpaid = repo::unfunded_of(tx, buyer, currency).await?;
        write_debts(tx, unpaid, None, debt).await?;
    }
    Ok(ended.len())
}

/// What a buyer has not paid of its conversions: the part of its debt that they explain.
pub async fn unfunded_sum(
    tx: &impl Reader,
    buyer: OrganizationId,
    currency: Currency,
) -> Result<i64> {
    let found = repo::unfunded_of(tx, buyer, currency).await?;
    Ok(found.iter().fold(0, |sum: i64, conversion| sum.saturating_add(conversion.unfunded)))
}

/// Compares what the tables of this slice say with the ledger, and adds every difference. A debt
/// may be larger than what was not paid for, by what `lost` says at most: chargebacks took it. Gives
/// the sum of what was approved, by publisher and currency, for the books of settlement.
pub async fn check_books(
    tx: &impl Reader,
    verifier: &mut Verifier,
    lost: &HashMap<Account, i64>,
) -> Result<HashMap<(OrganizationId, Currency), i64>> {
    let mut kept: HashMap<Account, i64> = HashMap::new();
    let mut approved = HashMap::new();
    for ((buyer, currency), amount) in pings::open_sums(tx).await? {
        kept.insert(Account::reserved(buyer, currency), amount);
    }
    orders::check_books(tx, verifier).await?;
    for ((buyer, currency), amount) in orders::open_sums(tx).await? {
        *kept.entry(Account::reserved(buyer, currency)).or_default() += amount;
    }
    for ((buyer, currency), amount) in live::open_sums(tx).await? {
        *kept.entry(Account::reserved(buyer, currency)).or_default() += amount;
    }
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
        *kept.entry(account).or_default() += amount;
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
        let most = kept.saturating_sub(lost.get(&account).copied().unwrap_or(0));
        if !(most..=kept).contains(&computed) {
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
