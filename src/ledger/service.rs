//! Use cases of the ledger.

use std::collections::BTreeMap;

use leadbourse_core::access::{Action, Actor, OrgKind, Scope};
use leadbourse_core::error::{NOT_FOUND, Problem};
use leadbourse_core::ids::{AccountId, LedgerTxId, OrganizationId, TopUpId};
use leadbourse_core::ledger::{
    AMOUNT_NOT_POSITIVE, Account, AccountKind, Difference, Rail, templates,
};
use leadbourse_core::money::{Currency, Money};
use leadbourse_core::time::{DAY, Timestamp};
use serde::Serialize;
use serde_json::json;

use super::entries::{AccountLine, Entry, Summary, TopUp, Transaction};
use super::funds::Funds;
use super::{BAD_REFERENCE, BUYER_CREDITED, NO_SUCH_BUYER, jobs, post, repo, verify};
use crate::accounts;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, WriteTx};
use crate::platform::error::Result;
use crate::platform::outbox::{self, Message};
use crate::platform::paging::{Page, Paged};
use crate::platform::{audit, once};

/// A top-up as FINANCE enters it.
#[derive(Clone, Debug, Serialize)]
pub struct RecordTopUp {
    /// Whose money it is.
    pub buyer_id: OrganizationId,
    /// How much came in; greater than zero.
    pub amount: Money,
    /// `BANK` or `MANUAL`.
    pub rail: String,
    /// The bank's reference.
    pub reference: String,
    /// A note for colleagues.
    pub note: Option<String>,
}

/// A buyer's money in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wallet {
    /// Whose.
    pub buyer_id: OrganizationId,
    /// The currency of all sums.
    pub currency: Currency,
    /// Free to be spent.
    pub available: i64,
    /// Promised to goals billed later.
    pub reserved: i64,
    /// What the buyer owes, not negative.
    pub owed: i64,
    /// What the exchange lends, not negative; part of what is available.
    pub credit_limit: i64,
    /// The exchange's fees that are on hold.
    pub held_fees: i64,
    /// Billed in the last 30 days, less what was given back.
    pub spent_30d: i64,
    /// Funds against promises and debts, in basis points; `None` without either.
    pub coverage_bps: Option<i64>,
}

/// A publisher's money in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earnings {
    /// Whose.
    pub publisher_id: OrganizationId,
    /// The currency of all sums.
    pub currency: Currency,
    /// On hold.
    pub held: i64,
    /// May be settled.
    pub payable: i64,
    /// On its way.
    pub in_payout: i64,
    /// Arrived, in all.
    pub paid: i64,
}

/// The ledger's use cases.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(super) db: Db,
    pub(super) clock: Clock,
}

impl Ledger {
    /// On a database.
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    /// Records money that came in for a buyer; what the buyer owes is paid first.
    ///
    /// # Errors
    /// `AMOUNT_NOT_POSITIVE`, `BAD_REFERENCE`, `NO_SUCH_BUYER`, and those of idempotency keys.
    pub async fn record_top_up(
        &self,
        actor: &Actor,
        input: RecordTopUp,
        key: Option<&str>,
    ) -> Result<TopUp> {
        actor.require(Action::RecordMoney)?;
        let rail = check(&input)?;
        let tx = self.db.begin_write(&self.clock).await?;
        let replay: Option<TopUpId> = once::begin(&tx, actor, key, "recordTopUp", &input).await?;
        if let Some(id) = replay {
            return repo::top_up(&tx, id, None).await?.ok_or(NOT_FOUND.into());
        }
        wanted_buyer(&tx, input.buyer_id).await?;
        let now = tx.now();
        let top_up = TopUp {
            id: TopUpId::new(now),
            buyer_id: input.buyer_id,
            amount: input.amount,
            rail: rail.as_str().to_owned(),
            reference: input.reference.trim().to_owned(),
            note: input.note.filter(|note| !note.trim().is_empty()),
            recorded_by: actor.name(),
            at: now,
        };
        credit(&tx, &top_up, rail).await?;
        let detail = json!({"buyer": input.buyer_id, "amount": input.amount.to_string()});
        audit::record(&tx, actor, "topup.record", &top_up.id.to_string(), detail).await?;
        once::finish(&tx, actor, key, &top_up.id).await?;
        tx.commit().await?;
        Ok(top_up)
    }

    /// A top-up that the actor may see.
    pub async fn top_up(&self, actor: &Actor, id: TopUpId) -> Result<TopUp> {
        let tx = self.db.begin_read().await?;
        repo::top_up(&tx, id, buyer_scope(actor, None)?).await?.ok_or(NOT_FOUND.into())
    }

    /// Top-ups, newest first; operators may ask for one buyer's.
    pub async fn top_ups(
        &self,
        actor: &Actor,
        buyer: Option<OrganizationId>,
        page: &Page,
    ) -> Result<Paged<TopUp>> {
        let buyer = buyer_scope(actor, buyer)?;
        let tx = self.db.begin_read().await?;
        repo::top_ups(&tx, buyer, page).await
    }

    /// The buyer's own wallets, one per currency.
    pub async fn wallets(&self, actor: &Actor) -> Result<Vec<Wallet>> {
        actor.require(Action::ReadMoney)?;
        if actor.kind != OrgKind::Buyer {
            return Ok(Vec::new());
        }
        self.wallets_of(actor.org).await
    }

    /// Wallets of a buyer, without asking who wants to know.
    async fn wallets_of(&self, buyer: OrganizationId) -> Result<Vec<Wallet>> {
        let tx = self.db.begin_read().await?;
        let since = self.clock.now().plus(-30 * DAY);
        let mut out = Vec::new();
        for (currency, sums) in by_currency(repo::accounts_of(&tx, buyer).await?) {
            let sum = |kind: AccountKind| sums.get(kind.as_str()).copied().unwrap_or(0);
            let accounts = Account::of_buyer(buyer, currency);
            let charged: Vec<AccountId> = accounts
                .iter()
                .filter(|account| account.kind() != AccountKind::PlatformFeesHeld)
                .map(Account::id)
                .collect();
            let moved = repo::moved(&tx, &charged, &["CONVERSION", "GIVE_BACK"], since).await?;
            let (available, reserved) =
                (sum(AccountKind::BuyerAvailable), sum(AccountKind::BuyerReserved));
            let owed = sum(AccountKind::BuyerOwed).saturating_neg();
            let lent = sum(AccountKind::BuyerCredit).saturating_neg();
            out.push(Wallet {
                buyer_id: buyer,
                currency,
                available,
                reserved,
                owed,
                credit_limit: lent,
                held_fees: sum(AccountKind::PlatformFeesHeld),
                spent_30d: moved.saturating_neg(),
                coverage_bps: Funds { available, reserved, owed, lent }.coverage_bps(),
            });
        }
        Ok(out)
    }

    /// The publisher's own earnings, one per currency.
    pub async fn earnings(&self, actor: &Actor) -> Result<Vec<Earnings>> {
        actor.require(Action::ReadMoney)?;
        if actor.kind != OrgKind::Publisher {
            return Ok(Vec::new());
        }
        let tx = self.db.begin_read().await?;
        let mut out = Vec::new();
        for (currency, sums) in by_currency(repo::accounts_of(&tx, actor.org).await?) {
            let sum = |kind: AccountKind| sums.get(kind.as_str()).copied().unwrap_or(0);
            let start = Timestamp::from_micros(0);
            let sent = [Account::in_payout(actor.org, currency).id()];
            let sent = repo::moved(&tx, &sent, &["PAYOUT_CONFIRMED"], start).await?;
            let back = [Account::payable(actor.org, currency).id()];
            let back = repo::moved(&tx, &back, &["PAYOUT_RETURNED"], start).await?;
            out.push(Earnings {
                publisher_id: actor.org,
                currency,
                held: sum(AccountKind::PublisherHeld),
                payable: sum(AccountKind::PublisherPayable),
                in_payout: sum(AccountKind::PublisherInPayout),
                paid: sent.saturating_neg().saturating_sub(back),
            });
        }
        Ok(out)
    }

    /// The postings of an account that the actor owns, or of any for who may read the ledger.
    pub async fn entries(
        &self,
        actor: &Actor,
        account: AccountId,
        page: &Page,
    ) -> Result<Paged<Entry>> {
        let tx = self.db.begin_read().await?;
        let line = repo::account(&tx, account).await?.ok_or(NOT_FOUND)?;
        see(actor, &line)?;
        let mut found = repo::entries(&tx, account, page).await?;
        // The balance after the first entry of the page, and downwards from there.
        let first = found.items.first().map(|entry| entry.tx_id);
        let newer = repo::desk::gained_after(&tx, account, first).await?;
        let mut after = line.balance.minor.saturating_sub(newer);
        for entry in &mut found.items {
            entry.balance.minor = after;
            after = after.saturating_sub(entry.amount.minor);
        }
        Ok(found)
    }

    /// One account.
    pub async fn account(&self, actor: &Actor, id: AccountId) -> Result<AccountLine> {
        let tx = self.db.begin_read().await?;
        let line = repo::account(&tx, id).await?.ok_or(NOT_FOUND)?;
        see(actor, &line)?;
        Ok(line)
    }

    /// All accounts whose code begins with a prefix.
    pub async fn accounts(
        &self,
        actor: &Actor,
        prefix: Option<&str>,
        page: &Page,
    ) -> Result<Paged<AccountLine>> {
        actor.require(Action::ReadLedger)?;
        let tx = self.db.begin_read().await?;
        repo::accounts(&tx, prefix, page).await
    }

    /// One transaction with all its postings.
    pub async fn transaction(&self, actor: &Actor, id: LedgerTxId) -> Result<Transaction> {
        actor.require(Action::ReadLedger)?;
        let tx = self.db.begin_read().await?;
        repo::transaction(&tx, id).await?.ok_or(NOT_FOUND.into())
    }

    /// The exchange's books, one summary per currency.
    pub async fn summary(&self, actor: &Actor) -> Result<Vec<Summary>> {
        actor.require(Action::ReadLedger)?;
        let tx = self.db.begin_read().await?;
        let mut by: BTreeMap<Currency, BTreeMap<String, i64>> = BTreeMap::new();
        for (currency, kind, amount) in repo::sums(&tx).await? {
            by.entry(currency).or_default().insert(kind, amount);
        }
        Ok(by.into_iter().map(|(currency, sums)| summarise(currency, &sums)).collect())
    }

    /// Adds waiting deltas to their balances until none is left; gives how many.
    pub async fn fold(&self) -> Result<usize> {
        let mut all = 0;
        loop {
            let tx = self.db.begin_write(&self.clock).await?;
            let folded = jobs::fold(&tx).await?;
            tx.commit().await?;
            all += folded;
            if folded == 0 {
                return Ok(all);
            }
        }
    }

    /// Recomputes the ledger alone and names every difference. The books of the slices above are
    /// compared by `Settlements::verify`.
    pub async fn verify(&self) -> Result<Vec<Difference>> {
        let tx = self.db.begin_read().await?;
        Ok(verify::collect(&tx).await?.finish())
    }
}

/// Refuses what is no buyer.
pub(super) async fn wanted_buyer(tx: &WriteTx, id: OrganizationId) -> Result<()> {
    let owner = accounts::organization_in(tx, id).await?;
    if owner.is_none_or(|owner| owner.kind != OrgKind::Buyer) {
        return Err(Problem::new(NO_SUCH_BUYER).field("buyerId").into());
    }
    Ok(())
}

/// Puts money that came in by `rail` into a buyer's wallet, in somebody else's transaction: what
/// the buyer owes is paid first, and whoever waits for that is told. A top-up's id is its cause: it
/// is credited once.
///
/// # Errors
/// `AMOUNT_NOT_POSITIVE`, `ALREADY_POSTED`.
pub async fn credit(tx: &WriteTx, top_up: &TopUp, rail: Rail) -> Result<()> {
    let TopUp { id, buyer_id, amount: Money { minor, currency }, at, .. } = *top_up;
    post::ensure_accounts(tx, &Account::of_buyer(buyer_id, currency)).await?;
    let debt = post::debt_of(tx, buyer_id, currency).await?;
    let posted = templates::top_up(id, buyer_id, rail, minor, currency, debt, at)?;
    repo::insert_top_up(tx, top_up).await?;
    post::post(tx, &[posted]).await?;
    tell_credited(tx, buyer_id, currency).await
}

/// What tells that a buyer's debts may be paid now.
pub fn credited(buyer: OrganizationId, currency: Currency) -> Message {
    Message::new(BUYER_CREDITED, buyer.uuid(), json!({"currency": currency}))
}

/// Tells that a buyer's debts may be paid now.
///
/// # Errors
/// Faults of the database.
pub async fn tell_credited(tx: &WriteTx, buyer: OrganizationId, currency: Currency) -> Result<()> {
    outbox::enqueue(tx, credited(buyer, currency)).await
}

fn check(input: &RecordTopUp) -> Result<Rail, Problem> {
    if input.amount.minor <= 0 {
        return Err(Problem::new(AMOUNT_NOT_POSITIVE).field("amount"));
    }
    let reference = input.reference.trim().chars().count();
    if !(1..=200).contains(&reference) {
        return Err(Problem::new(BAD_REFERENCE).field("reference"));
    }
    if input.note.as_ref().is_some_and(|note| note.chars().count() > 1_000) {
        return Err(Problem::new(leadbourse_core::error::TOO_LONG).field("note"));
    }
    Rail::parse(&input.rail)
        .filter(|rail| rail.by_hand())
        .ok_or_else(|| Problem::new(leadbourse_core::error::BAD_INPUT).field("rail"))
}

/// Whose money the actor sees: buyers their own, FINANCE all or the asked one's.
pub(super) fn buyer_scope(
    actor: &Actor,
    asked: Option<OrganizationId>,
) -> Result<Option<OrganizationId>, Problem> {
    actor.require(Action::ReadMoney)?;
    match actor.scope() {
        Scope::All => Ok(asked),
        Scope::Org(own) => Ok(Some(own)),
    }
}

fn see(actor: &Actor, line: &AccountLine) -> Result<(), Problem> {
    let own = line.owner == Some(actor.org) && actor.may(Action::ReadMoney);
    if own || actor.may(Action::ReadLedger) { Ok(()) } else { Err(NOT_FOUND.into()) }
}

fn by_currency(lines: Vec<AccountLine>) -> BTreeMap<Currency, BTreeMap<String, i64>> {
    let mut out: BTreeMap<Currency, BTreeMap<String, i64>> = BTreeMap::new();
    for line in lines {
        out.entry(line.balance.currency).or_default().insert(line.kind, line.balance.minor);
    }
    out
}

fn summarise(currency: Currency, sums: &BTreeMap<String, i64>) -> Summary {
    let sum = |kind: AccountKind| sums.get(kind.as_str()).copied().unwrap_or(0);
    let all: i128 = sums.values().map(|amount| i128::from(*amount)).sum();
    Summary {
        currency,
        buyer_funds: sum(AccountKind::BuyerAvailable),
        reserved: sum(AccountKind::BuyerReserved),
        owed: sum(AccountKind::BuyerOwed),
        publisher_held: sum(AccountKind::PublisherHeld),
        publisher_payable: sum(AccountKind::PublisherPayable),
        in_payout: sum(AccountKind::PublisherInPayout),
        fees_held: sum(AccountKind::PlatformFeesHeld),
        fees: sum(AccountKind::PlatformFees),
        external: sum(AccountKind::External(Rail::Bank)),
        balanced: all == 0,
    }
}
