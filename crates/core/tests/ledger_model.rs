//! A closed exchange under random operations: after every one the books must balance, every
//! account must stay in its range, and every sum must be explained by the things it is made of.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

use leadbourse_core::conversion::{Given, Legs};
use leadbourse_core::ids::{
    AwardId, ConversionId, DisputeId, LedgerTxId, OrganizationId, PayoutId, TopUpId, derive,
};
use leadbourse_core::ledger::templates::{self as t, Parties};
use leadbourse_core::ledger::{Account, Difference, Funding, LedgerTx, Rail, Verifier};
use leadbourse_core::money::{Bps, Currency};
use leadbourse_core::time::Timestamp;
use proptest::prelude::*;

const RUB: Currency = Currency::RUB;

#[derive(Clone, Debug)]
enum Op {
    TopUp { buyer: u8, amount: i64 },
    Lead { buyer: u8, publisher: u8, price: i64, rate: u32 },
    Reserve { buyer: u8, amount: i64 },
    Sale { pick: usize, publisher: u8, price: i64, rate: u32 },
    Release { pick: usize },
    Return { pick: usize, share: u32 },
    HoldEnd { pick: usize },
    Settle { publisher: u8, minimum: i64 },
    Answer { pick: usize, confirmed: bool },
    ComesBack { pick: usize },
}

fn op() -> impl Strategy<Value = Op> {
    let buyer = 0u8..3;
    let publisher = 0u8..3;
    let money = 1i64..100_000;
    let pick = any::<usize>();
    prop_oneof![
        3 => (buyer.clone(), money.clone()).prop_map(|(buyer, amount)| Op::TopUp { buyer, amount }),
        5 => (buyer.clone(), publisher.clone(), money.clone(), 0u32..=10_000)
            .prop_map(|(buyer, publisher, price, rate)| Op::Lead { buyer, publisher, price, rate }),
        2 => (buyer, money.clone()).prop_map(|(buyer, amount)| Op::Reserve { buyer, amount }),
        2 => (pick, publisher.clone(), money.clone(), 0u32..=10_000)
            .prop_map(|(pick, publisher, price, rate)| Op::Sale { pick, publisher, price, rate }),
        1 => pick.prop_map(|pick| Op::Release { pick }),
        3 => (pick, 1u32..=10_000).prop_map(|(pick, share)| Op::Return { pick, share }),
        3 => pick.prop_map(|pick| Op::HoldEnd { pick }),
        2 => (publisher, 0i64..50_000)
            .prop_map(|(publisher, minimum)| Op::Settle { publisher, minimum }),
        2 => (pick, any::<bool>()).prop_map(|(pick, confirmed)| Op::Answer { pick, confirmed }),
        1 => pick.prop_map(|pick| Op::ComesBack { pick }),
    ]
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    Pending,
    Confirmed,
    Over,
}

struct Conversion {
    id: ConversionId,
    parties: Parties,
    legs: Legs,
    given: Given,
    held: bool,
}

#[derive(Default)]
struct Model {
    balances: BTreeMap<Account, i64>,
    posted: BTreeSet<LedgerTxId>,
    log: Vec<LedgerTx>,
    conversions: Vec<Conversion>,
    reservations: Vec<(AwardId, OrganizationId, i64, bool)>,
    payouts: Vec<(PayoutId, OrganizationId, i64, Sent)>,
    serial: u64,
}

fn org(kind: &[u8], n: u8) -> OrganizationId {
    OrganizationId(derive(&[kind, &[n]]))
}

impl Model {
    fn next(&mut self) -> uuid::Uuid {
        self.serial += 1;
        derive(&[b"serial", &self.serial.to_be_bytes()])
    }

    fn balance(&self, account: Account) -> i64 {
        self.balances.get(&account).copied().unwrap_or(0)
    }

    fn debt(&self, buyer: OrganizationId) -> i64 {
        -self.balance(Account::owed(buyer, RUB))
    }

    fn post(&mut self, tx: LedgerTx) {
        assert!(self.posted.insert(tx.id()), "posted twice: {tx:?}");
        for posting in tx.postings() {
            let balance = self.balances.entry(posting.account).or_default();
            *balance += posting.amount;
            let in_range = posting.account.kind().guard().holds(*balance);
            assert!(in_range, "{:?} = {balance}", posting.account);
        }
        self.log.push(tx);
    }

    fn convert(&mut self, parties: Parties, funding: Funding, price: i64, rate: u32) {
        let id = ConversionId(self.next());
        let legs = Legs::split(price, Bps(rate));
        let tx =
            t::conversion_created(id, parties, funding, legs.earning(), legs.fee(), NOW).unwrap();
        self.post(tx);
        let given = Given::default();
        self.conversions.push(Conversion { id, parties, legs, given, held: true });
    }

    #[allow(clippy::too_many_lines)]
    fn run(&mut self, op: Op) {
        let rate_party =
            |buyer, publisher| Parties { buyer, publisher: org(b"pub", publisher), currency: RUB };
        match op {
            Op::TopUp { buyer, amount } => {
                let (id, buyer) = (TopUpId(self.next()), org(b"buy", buyer));
                let debt = self.debt(buyer);
                self.post(t::top_up(id, buyer, Rail::Bank, amount, RUB, debt, NOW).unwrap());
            }
            Op::Lead { buyer, publisher, price, rate } => {
                let parties = rate_party(org(b"buy", buyer), publisher);
                if self.balance(Account::available(parties.buyer, RUB)) >= price {
                    self.convert(parties, Funding::from_available(price), price, rate);
                }
            }
            Op::Reserve { buyer, amount } => {
                let (award, buyer) = (AwardId(self.next()), org(b"buy", buyer));
                if self.balance(Account::available(buyer, RUB)) >= amount {
                    self.post(t::reserve(award, "SALE", buyer, amount, RUB, NOW).unwrap());
                    self.reservations.push((award, buyer, amount, true));
                }
            }
            Op::Sale { pick, publisher, price, rate } => {
                let Some(slot) = pick.checked_rem(self.reservations.len()) else { return };
                let (award, buyer, amount, open) = self.reservations[slot];
                let reserved = if open { amount } else { 0 };
                let available = self.balance(Account::available(buyer, RUB));
                let funding = Funding::plan(price, reserved, available);
                assert_eq!(funding.total(), Some(price));
                self.convert(rate_party(buyer, publisher), funding, price, rate);
                if open {
                    self.reservations[slot].3 = false;
                    let rest = amount - funding.reserved;
                    if rest > 0 {
                        let debt = self.debt(buyer);
                        self.post(t::release(award, "SALE", buyer, rest, RUB, debt, NOW).unwrap());
                    }
                }
            }
            Op::Release { pick } => {
                let Some(slot) = pick.checked_rem(self.reservations.len()) else { return };
                let (award, buyer, amount, open) = self.reservations[slot];
                if open {
                    self.reservations[slot].3 = false;
                    let debt = self.debt(buyer);
                    self.post(t::release(award, "SALE", buyer, amount, RUB, debt, NOW).unwrap());
                }
            }
            Op::Return { pick, share } => self.give_back(pick, share),
            Op::HoldEnd { pick } => {
                let Some(slot) = pick.checked_rem(self.conversions.len()) else { return };
                let c = &mut self.conversions[slot];
                if c.held {
                    c.held = false;
                    let earning = c.legs.earning() - c.given.earning;
                    let fee = c.legs.fee() - c.given.fee;
                    if let Ok(tx) = t::hold_end(c.id, c.parties, earning, fee, NOW) {
                        self.post(tx);
                    }
                }
            }
            Op::Settle { publisher, minimum } => {
                let (id, publisher) = (PayoutId(self.next()), org(b"pub", publisher));
                let payable = self.balance(Account::payable(publisher, RUB));
                if payable > 0 && payable >= minimum {
                    self.post(t::payout_begin(id, publisher, payable, RUB, NOW).unwrap());
                    self.payouts.push((id, publisher, payable, Sent::Pending));
                }
            }
            Op::Answer { pick, confirmed } => {
                let Some(slot) = pick.checked_rem(self.payouts.len()) else { return };
                let (id, publisher, amount, Sent::Pending) = self.payouts[slot] else { return };
                let tx = if confirmed {
                    t::payout_confirmed(id, publisher, Rail::Bank, amount, RUB, NOW)
                } else {
                    t::payout_refused(id, publisher, amount, RUB, NOW)
                };
                self.post(tx.unwrap());
                self.payouts[slot].3 = if confirmed { Sent::Confirmed } else { Sent::Over };
            }
            Op::ComesBack { pick } => {
                let Some(slot) = pick.checked_rem(self.payouts.len()) else { return };
                let (id, publisher, amount, Sent::Confirmed) = self.payouts[slot] else { return };
                let tx = t::payout_returned(id, publisher, Rail::Bank, amount, RUB, NOW);
                self.post(tx.unwrap());
                self.payouts[slot].3 = Sent::Over;
            }
        }
    }

    fn give_back(&mut self, pick: usize, share: u32) {
        let Some(slot) = pick.checked_rem(self.conversions.len()) else { return };
        let decision = DisputeId(self.next());
        let c = &mut self.conversions[slot];
        if !c.held {
            return;
        }
        let Ok((now, all)) = c.legs.give_back(c.given, Bps(share)) else { return };
        c.given = all;
        c.held = share < 10_000;
        let parties = c.parties;
        let debt = self.debt(parties.buyer);
        if let Ok(tx) = t::give_back(decision, parties, now.earning, now.fee, debt, NOW) {
            self.post(tx);
        }
    }

    fn check(&self) {
        assert_eq!(self.balances.values().sum::<i64>(), 0, "money came from nowhere");
        for n in 0..3 {
            let publisher = org(b"pub", n);
            let held: i64 = self
                .conversions
                .iter()
                .filter(|c| c.held && c.parties.publisher == publisher)
                .map(|c| c.legs.earning() - c.given.earning)
                .sum();
            assert_eq!(self.balance(Account::held(publisher, RUB)), held);
            let sent: i64 = self
                .payouts
                .iter()
                .filter(|p| p.1 == publisher && p.3 == Sent::Pending)
                .map(|p| p.2)
                .sum();
            assert_eq!(self.balance(Account::in_payout(publisher, RUB)), sent);
            let buyer = org(b"buy", n);
            let fees: i64 = self
                .conversions
                .iter()
                .filter(|c| c.held && c.parties.buyer == buyer)
                .map(|c| c.legs.fee() - c.given.fee)
                .sum();
            assert_eq!(self.balance(Account::fees_held(buyer, RUB)), fees);
            let promised: i64 =
                self.reservations.iter().filter(|r| r.1 == buyer && r.3).map(|r| r.2).sum();
            assert_eq!(self.balance(Account::reserved(buyer, RUB)), promised);
        }
    }

    fn verifier(&self) -> Verifier {
        let mut verifier = Verifier::new();
        for account in self.balances.keys() {
            verifier.account(account.id(), &account.code());
        }
        for (account, balance) in &self.balances {
            verifier.kept(account.id(), *balance);
        }
        for tx in &self.log {
            let postings: Vec<_> =
                tx.postings().iter().map(|p| (p.account_id, p.amount, "RUB".to_owned())).collect();
            let derived = LedgerTx::id_of(tx.kind(), tx.cause());
            verifier.transaction(tx.id(), derived, "RUB", &postings);
        }
        verifier
    }
}

const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn the_books_balance_after_every_operation(ops in proptest::collection::vec(op(), 1..120)) {
        let mut model = Model::default();
        for op in ops {
            model.run(op);
            model.check();
        }
        prop_assert_eq!(model.verifier().finish(), Vec::new());
        if let Some((account, kept)) = model.balances.iter().next() {
            let mut planted = model.verifier();
            planted.kept(account.id(), 1);
            let found = planted.finish();
            let named = found.contains(&Difference::Balance {
                account: account.code(), kept: kept + 1, computed: *kept,
            });
            prop_assert!(named, "{:?}", found);
        }
    }
}

#[test]
fn a_transaction_that_does_not_net_to_zero_cannot_be_made() {
    use leadbourse_core::ledger::{LEDGER_EMPTY, LEDGER_MIXED, LEDGER_UNBALANCED, TxKind};
    let a = Account::available(org(b"buy", 1), RUB);
    let b = Account::held(org(b"pub", 1), RUB);
    let dollars = Account::held(org(b"pub", 1), Currency::USD);
    let code = |movements: &[(Account, i64)]| {
        LedgerTx::new(TxKind::Conversion, "x", movements, NOW).unwrap_err().code
    };
    assert_eq!(code(&[(a, -5), (b, 4)]), LEDGER_UNBALANCED);
    assert_eq!(code(&[(a, -5), (dollars, 5)]), LEDGER_MIXED);
    assert_eq!(code(&[(a, -5), (a, 5)]), LEDGER_EMPTY);
    assert_eq!(code(&[]), LEDGER_EMPTY);
    assert!(t::top_up(TopUpId::default(), org(b"b", 1), Rail::Bank, 0, RUB, 0, NOW).is_err());
}

#[test]
fn a_top_up_pays_the_debt_first() {
    let buyer = org(b"buy", 1);
    let tx = t::top_up(TopUpId::default(), buyer, Rail::Bank, 1_000, RUB, 300, NOW).unwrap();
    assert_eq!(tx.moved(Account::owed(buyer, RUB)), 300);
    assert_eq!(tx.moved(Account::available(buyer, RUB)), 700);
    assert_eq!(tx.moved(Account::external(Rail::Bank, RUB)), -1_000);
}
