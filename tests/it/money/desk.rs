//! Credit, currencies, closed periods, the journal, running balances.

use leadbourse::ledger::{ConvertMoney, JournalLayout, JournalPeriod, RecordTopUp};
use leadbourse::platform::paging::{Cursor, Page};
use leadbourse_core::ids::LedgerTxId;
use leadbourse_core::ledger::Account;
use leadbourse_core::money::{Currency, Money};
use leadbourse_core::time::{DAY, HOUR};

use super::scene::{RUB, Scene, code, hybrid, page};
use crate::each_engine;
use crate::exchange::market::{person, policy};
use crate::harness::start_of_time;

fn rub(minor: i64) -> Money {
    Money::new(minor, RUB)
}

each_engine! {
    async fn credit_buys_leads_and_is_paid_back_by_a_top_up(db: TestDb) {
        let scene = Scene::open(&db, 0).await;
        let (operator, buyer) = (scene.operator(), scene.buyer.org);
        let unfunded = scene.market.send(&scene.source, person(1)).await.unwrap().verdict;
        assert!(unfunded.awards.is_empty(), "no money, no lead");
        let set = async |limit: i64, key: &str| {
            scene.ledger.set_credit(&operator, (buyer, rub(limit)), "a good payer", Some(key)).await
        };
        let change = set(2_500, "a").await.unwrap();
        assert_eq!((change.before, change.after), (rub(0), rub(2_500)));
        assert_eq!(set(2_500, "a").await.unwrap(), change, "the same key is done once");
        assert_eq!(code(set(2_500, "b").await), "CREDIT_UNCHANGED");
        assert_eq!(code(set(-1, "c").await), "CREDIT_NEGATIVE");
        scene.sold(2).await;
        scene.sold(3).await;
        let refused = scene.market.send(&scene.source, person(4)).await.unwrap().verdict;
        assert!(refused.awards.is_empty(), "500 are left, a lead costs 1,000");
        let wallet = scene.ledger.wallets(&scene.buyer).await.unwrap().remove(0);
        assert_eq!((wallet.available, wallet.credit_limit, wallet.owed), (500, 2_500, 0));
        // What is spent can't be taken back: 2,000 are used.
        let refused = set(1_999, "d").await.unwrap_err();
        let problem = refused.problem().unwrap();
        assert_eq!(problem.code.name, "CREDIT_IN_USE");
        assert_eq!(problem.message, "The lowest limit now is 20.00 RUB.");
        assert_eq!(set(2_000, "e").await.unwrap().before, rub(2_500));
        scene.top_up(2_000, "pays back").await.unwrap();
        assert_eq!(set(0, "f").await.unwrap().after, rub(0));
        assert_eq!(scene.available().await, 0);
        assert_eq!(scene.balance(Account::credit(buyer, RUB)).await, 0);
        let own = scene.ledger.credit_changes(&scene.buyer, None, &page()).await.unwrap();
        let mut limits: Vec<i64> = own.items.iter().map(|one| one.after.minor).collect();
        limits.sort_unstable();
        assert_eq!(limits, [0, 2_000, 2_500]);
        let foreign = scene.ledger.credit_changes(&scene.publisher, Some(buyer), &page()).await;
        assert!(foreign.unwrap().items.is_empty());
        assert_eq!(code(scene.ledger.set_credit(&scene.buyer, (buyer, rub(1)), "x", None).await), "NOT_FOUND");
        scene.close().await;
    }

    async fn new_credit_pays_what_is_owed_first(db: TestDb) {
        let scene = Scene::with(&db, 3_000, hybrid(), policy()).await;
        let award = scene.sell(1).await;
        // 1,000 for the lead, 1,000 reserved of a sale that costs 4,000: 2,000 are missing less 1,000.
        let sale = scene.report(award.id, "s-1").await.unwrap();
        assert_eq!(sale.unfunded, 2_000);
        let change = scene.ledger
            .set_credit(&scene.operator(), (scene.buyer.org, rub(5_000)), "x", Some("k")).await.unwrap();
        scene.conversions.buyer_credited(scene.buyer.org, RUB).await.unwrap();
        assert_eq!(change.after, rub(5_000));
        assert_eq!(scene.available().await, 3_000);
        assert_eq!(scene.conversion(sale.id).await.unfunded, 0);
        scene.close().await;
    }

    async fn two_who_set_a_limit_at_once_leave_one_of_both(db: TestDb) {
        let scene = Scene::open(&db, 0).await;
        let operator = scene.operator();
        let set = |limit: i64| {
            scene.ledger.set_credit(&operator, (scene.buyer.org, rub(limit)), "race", None)
        };
        let (a, b) = tokio::join!(set(1_000), set(4_000));
        assert!(a.is_ok() || b.is_ok());
        let lent = scene.balance(Account::credit(scene.buyer.org, RUB)).await;
        assert!([-1_000, -4_000].contains(&lent), "{lent}");
        assert_eq!(scene.available().await, -lent);
        scene.close().await;
    }

    async fn own_money_changes_its_currency_at_a_recorded_rate(db: TestDb) {
        let scene = Scene::open(&db, 100_000).await;
        let (operator, buyer) = (scene.operator(), scene.buyer.org);
        let convert = async |minor: i64, to: &str, rate: &str, key: &str| {
            let input = ConvertMoney {
                buyer_id: buyer,
                sold: rub(minor),
                to: to.parse().unwrap(),
                rate: rate.to_owned(),
                note: Some("the bank's rate".to_owned()),
            };
            scene.ledger.convert(&operator, input, Some(key)).await
        };
        let done = convert(50_000, "USD", "0.01085", "a").await.unwrap();
        assert_eq!(done.bought, Money::new(542, Currency::USD), "542.5 cents, half to even");
        assert_eq!(convert(50_000, "USD", "0.01085", "a").await.unwrap(), done);
        let jpy: Currency = "JPY".parse().unwrap();
        assert_eq!(convert(10_000, "JPY", "1.6", "b").await.unwrap().bought, Money::new(160, jpy));
        let kwd: Currency = "KWD".parse().unwrap();
        assert_eq!(convert(10_000, "KWD", "0.0033", "c").await.unwrap().bought, Money::new(330, kwd));
        assert_eq!(scene.available().await, 30_000);
        assert_eq!(scene.balance(Account::fx(RUB)).await, 70_000);
        assert_eq!(scene.balance(Account::fx(Currency::USD)).await, -542);
        assert_eq!(scene.balance(Account::available(buyer, Currency::USD)).await, 542);
        // Lent money stays where it is.
        scene.ledger.set_credit(&operator, (buyer, rub(5_000)), "x", None).await.unwrap();
        assert_eq!(code(convert(30_001, "USD", "0.01", "d").await), "NOT_OWN_MONEY");
        assert_eq!(code(convert(1, "USD", "0.01", "e").await), "FX_NOTHING");
        assert_eq!(code(convert(1_000, "RUB", "1", "f").await), "FX_SAME_CURRENCY");
        assert_eq!(code(convert(1_000, "USD", "free", "g").await), "FX_RATE");
        assert_eq!(code(convert(0, "USD", "1", "h").await), "AMOUNT_NOT_POSITIVE");
        let found = scene.ledger.fx_conversions(&scene.buyer, None, &page()).await.unwrap();
        let mut rates: Vec<&str> = found.items.iter().map(|one| one.rate.as_str()).collect();
        rates.sort_unstable();
        assert_eq!(rates, ["0.0033", "0.01085", "1.6"]);
        scene.close().await;
    }

    async fn a_closed_period_takes_no_posting(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        let operator = scene.operator();
        scene.sold(1).await;
        let now = scene.market.clock.now();
        let close = async |until, key| {
            scene.ledger.close_period(&operator, until, Some("March"), Some(key)).await
        };
        assert_eq!(code(close(now, "a").await), "CLOSE_TOO_EARLY");
        scene.market.clock.advance(3 * DAY);
        let closed = close(now.plus(DAY), "b").await.unwrap();
        assert_eq!(close(now.plus(DAY), "b").await.unwrap(), closed);
        assert_eq!(code(close(now.plus(DAY), "c").await), "CLOSE_TOO_EARLY");
        assert_eq!(code(close(now.plus(HOUR), "d").await), "CLOSE_TOO_EARLY");
        // Nothing that is dated before gets in, whoever asks.
        scene.market.clock.set(now.plus(HOUR));
        assert_eq!(code(scene.top_up(5, "late").await), "PERIOD_CLOSED");
        let before = scene.market.count("ledger_txs").await;
        assert!(scene.market.send(&scene.source, person(2)).await.is_err());
        assert_eq!(scene.market.count("ledger_txs").await, before);
        scene.market.clock.set(now.plus(4 * DAY));
        scene.sold(3).await;
        assert_eq!(scene.ledger.closes(&operator).await.unwrap(), [closed]);
        assert_eq!(code(scene.ledger.closes(&scene.buyer).await), "NOT_FOUND");
        scene.close().await;
    }

    async fn the_journal_holds_every_posting_of_its_period_once(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        scene.sold(1).await;
        let (from, middle) = (start_of_time(), scene.market.clock.now().plus(1));
        scene.market.clock.advance(DAY);
        scene.sold(2).await;
        let to = scene.market.clock.now().plus(1);
        let print = async |from, to, layout| {
            let period = JournalPeriod { from, to };
            let page = scene.ledger.journal(period, layout, None).await.unwrap();
            assert_eq!(page.next, None::<LedgerTxId>);
            page.text
        };
        let all = print(from, to, JournalLayout::Csv).await;
        let first = print(from, middle, JournalLayout::Csv).await;
        let second = print(middle, to, JournalLayout::Csv).await;
        let rows = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
        // A top-up of two postings, two conversions of three.
        assert_eq!((rows(&first).len(), rows(&second).len(), rows(&all).len()), (5, 3, 8));
        let mut both = [rows(&first), rows(&second)].concat();
        let mut whole = rows(&all);
        both.sort();
        whole.sort();
        assert_eq!(both, whole);
        let head = "transaction,at,kind,cause,account,debit,credit,currency";
        assert_eq!(all.lines().next(), Some(head));
        let buyer = scene.buyer.org;
        let charged = format!("buyer:available:{buyer}:RUB,10.00,,RUB");
        assert_eq!(all.lines().filter(|line| line.ends_with(&charged)).count(), 2);

        let accounts = print(from, to, JournalLayout::OneC).await;
        let publisher = scene.publisher.org;
        let pair = format!(
            ";62.02;buyer:available:{buyer}:RUB;76.05.H;publisher:held:{publisher}:RUB;8,50;RUB;CONVERSION "
        );
        assert_eq!(accounts.lines().filter(|line| line.contains(&pair)).count(), 2, "{accounts}");
        let money_in = format!(";51;external:bank:RUB;62.02;buyer:available:{buyer}:RUB;500,00;RUB;TOP_UP ");
        assert_eq!(accounts.lines().filter(|line| line.contains(&money_in)).count(), 1);
        let turned = JournalPeriod { from: to, to: from };
        assert_eq!(code(scene.ledger.journal(turned, JournalLayout::Csv, None).await), "OUT_OF_RANGE");
        scene.close().await;
    }

    async fn entries_carry_the_balance_after_them(db: TestDb) {
        let scene = Scene::open(&db, 10_000).await;
        for n in 1..=3 {
            scene.market.clock.advance(HOUR);
            scene.sold(n).await;
        }
        scene.market.clock.advance(HOUR);
        scene.top_up(500, "more").await.unwrap();
        let account = Account::available(scene.buyer.org, RUB).id();
        let first = scene.ledger.entries(&scene.buyer, account, &page()).await.unwrap();
        let both = |entries: &[leadbourse::ledger::Entry]| -> Vec<(i64, i64)> {
            entries.iter().map(|one| (one.amount.minor, one.balance.minor)).collect()
        };
        let wanted = [(500, 7_500), (-1_000, 7_000), (-1_000, 8_000), (-1_000, 9_000), (10_000, 10_000)];
        assert_eq!(both(&first.items), wanted);
        // The same on later pages, and on an account that is kept in sums.
        let after = Some(Cursor(first.items[1].tx_id.uuid()));
        let rest = Page { first: 2, after };
        let rest = scene.ledger.entries(&scene.buyer, account, &rest).await.unwrap();
        assert_eq!(both(&rest.items), wanted[2..4]);
        let held = Account::held(scene.publisher.org, RUB).id();
        let held = scene.ledger.entries(&scene.operator(), held, &page()).await.unwrap();
        assert_eq!(both(&held.items), [(850, 2_550), (850, 1_700), (850, 850)]);
        scene.close().await;
    }

    async fn money_of_another_currency_is_recorded_in_its_own_wallet(db: TestDb) {
        let scene = Scene::open(&db, 1_000).await;
        for (currency, minor) in [("KZT", 5_000), ("JPY", 70), ("KWD", 1_234)] {
            let currency: Currency = currency.parse().unwrap();
            let input = RecordTopUp {
                buyer_id: scene.buyer.org,
                amount: Money::new(minor, currency),
                rail: "BANK".to_owned(),
                reference: "r".to_owned(),
                note: None,
            };
            scene.ledger.record_top_up(&scene.operator(), input, None).await.unwrap();
        }
        let wallets = scene.ledger.wallets(&scene.buyer).await.unwrap();
        let shown: Vec<String> =
            wallets.iter().map(|one| Money::new(one.available, one.currency).to_string()).collect();
        assert_eq!(shown, ["70 JPY", "1.234 KWD", "50.00 KZT", "10.00 RUB"]);
        scene.close().await;
    }
}
