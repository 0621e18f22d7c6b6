//! Top-ups, wallets, and a verify that finds what was planted.

use leadbourse::ledger::RecordTopUp;
use leadbourse_core::access::{Actor, OrgKind, Role};
use leadbourse_core::ids::UserId;
use leadbourse_core::ledger::{Account, Rail};
use leadbourse_core::money::Money;

use super::scene::{RUB, Scene, code, page};
use crate::each_engine;

each_engine! {
    async fn a_top_up_is_recorded_once_and_by_finance(db: TestDb) {
        let scene = Scene::open(&db, 0).await;
        let first = scene.top_up(7_000, "a").await.unwrap();
        assert_eq!(scene.top_up(7_000, "a").await.unwrap(), first);
        assert_eq!(code(scene.top_up(7_001, "a").await), "IDEMPOTENCY_MISMATCH");
        assert_eq!(scene.available().await, 7_000);
        assert_eq!(scene.balance(Account::external(Rail::Bank, RUB)).await, -7_000);

        let input = RecordTopUp {
            buyer_id: scene.buyer.org, amount: Money::new(5, RUB), rail: "BANK".into(),
            reference: "x".into(), note: None,
        };
        let (org, user) = (scene.operator().org, UserId::new(scene.market.clock.now()));
        let moderator = Actor::member(user, org, OrgKind::Operator, Role::Moderator);
        for stranger in [scene.buyer, moderator] {
            let refused = scene.ledger.record_top_up(&stranger, input.clone(), None).await;
            assert_eq!(code(refused), "NOT_FOUND");
        }
        for (wrong, want) in [
            (RecordTopUp { amount: Money::new(0, RUB), ..input.clone() }, "AMOUNT_NOT_POSITIVE"),
            (RecordTopUp { reference: " ".into(), ..input.clone() }, "BAD_REFERENCE"),
            (RecordTopUp { rail: "CASH".into(), ..input.clone() }, "BAD_INPUT"),
            (RecordTopUp { buyer_id: scene.publisher.org, ..input.clone() }, "NO_SUCH_BUYER"),
        ] {
            let refused = scene.ledger.record_top_up(&scene.operator(), wrong, None).await;
            assert_eq!(code(refused), want);
        }
        let seen = scene.ledger.top_ups(&scene.buyer, None, &page()).await.unwrap().items;
        assert_eq!(seen, vec![first]);
        scene.close().await;
    }

    async fn wallets_and_earnings_show_each_side_its_own(db: TestDb) {
        let scene = Scene::open(&db, 10_000).await;
        scene.sold(1).await;
        scene.sold(2).await;
        let wallet = scene.ledger.wallets(&scene.buyer).await.unwrap().remove(0);
        assert_eq!((wallet.available, wallet.held_fees, wallet.spent_30d), (8_000, 300, 2_000));
        let earned = scene.ledger.earnings(&scene.publisher).await.unwrap().remove(0);
        assert_eq!((earned.held, earned.payable, earned.paid), (1_700, 0, 0));
        assert_eq!(scene.ledger.wallets(&scene.publisher).await.unwrap(), vec![]);

        let account = Account::available(scene.buyer.org, RUB).id();
        let entries = scene.ledger.entries(&scene.buyer, account, &page()).await.unwrap().items;
        assert_eq!(entries.iter().map(|e| e.amount.minor).sum::<i64>(), 8_000);
        assert_eq!(entries.len(), 3);
        let stranger = scene.ledger.entries(&scene.publisher, account, &page()).await;
        assert_eq!(code(stranger), "NOT_FOUND");
        let billed = entries.iter().find(|entry| entry.kind == "CONVERSION").unwrap();
        let whole = scene.ledger.transaction(&scene.operator(), billed.tx_id).await.unwrap();
        assert_eq!(whole.postings.iter().map(|p| p.amount.minor).sum::<i64>(), 0);
        assert_eq!(whole.postings.len(), 3);
        let books = scene.ledger.summary(&scene.operator()).await.unwrap().remove(0);
        assert!(books.balanced);
        assert_eq!((books.buyer_funds, books.publisher_held, books.fees_held), (8_000, 1_700, 300));
        scene.close().await;
    }

    async fn folding_changes_no_balance_and_two_folders_fold_once(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        for n in 0..8 {
            scene.sold(n).await;
        }
        let before = (scene.held().await, scene.available().await);
        let (a, b) = tokio::join!(scene.ledger.fold(), scene.ledger.fold());
        assert_eq!(a.unwrap() + b.unwrap(), 16);
        assert_eq!((scene.held().await, scene.available().await), before);
        assert_eq!(scene.market.count("balance_deltas").await, 0);
        scene.close().await;
    }

    async fn verify_names_every_planted_difference(db: TestDb) {
        let scene = Scene::open(&db, 10_000).await;
        let sold = scene.sold(1).await;
        scene.check().await;
        let plant = |sql: &'static str| scene.market.run(sql, vec![]);
        let named = |word: &'static str| {
            let scene = &scene;
            async move {
                let found = scene.differences().await;
                let text: Vec<String> = found.iter().map(ToString::to_string).collect();
                assert!(text.iter().any(|line| line.contains(word)), "{word}: {text:?}");
            }
        };
        plant("UPDATE balances SET amount = amount + 1 WHERE amount = 9000").await;
        named("keeps 9001, its postings give 9000").await;
        plant("UPDATE balances SET amount = amount - 1 WHERE amount = 9001").await;
        scene.check().await;

        plant("UPDATE postings SET amount = amount + 5 WHERE amount = 850").await;
        named("nets to 5").await;
        named("publisher:held").await;
        plant("UPDATE postings SET amount = amount - 5 WHERE amount = 855").await;

        plant("UPDATE conversions SET given_earning = 10").await;
        named("the table says 840, the ledger 850").await;
        plant("UPDATE conversions SET given_earning = 0").await;

        plant("UPDATE ledger_txs SET cause = 'cnv_other' WHERE kind = 'CONVERSION'").await;
        named("does not derive from its cause").await;
        scene.market.run(
            "UPDATE ledger_txs SET cause = $1 WHERE kind = 'CONVERSION'",
            vec![sold.id.to_string().into()],
        ).await;

        plant("DELETE FROM top_ups").await;
        named("top-ups and their transactions").await;
        assert!(scene.differences().await.len() >= 2);
        scene.market.close().await;
    }
}
