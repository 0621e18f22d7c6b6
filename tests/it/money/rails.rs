//! Accounts, files, holds, proofs, and payouts that are tried again.

use leadbourse::platform::config::{BankConfig, MoneyConfig};
use leadbourse::settlements::{
    NewProof, Payout, PayoutFilter, PayoutFormat, PayoutRail, Resolution, SetPayoutProfile,
    Settlements, Statement, base64,
};
use leadbourse_core::bank::AccountText;
use leadbourse_core::ids::{SettlementRunId, StatementId};
use leadbourse_core::ledger::{Account, Rail};
use leadbourse_core::settlement::{PayoutState, StatementState};
use leadbourse_core::time::DAY;

use super::scene::{RUB, Scene, code, member, page};
use super::settlements::russian;
use crate::bank_file::check;
use crate::each_engine;

fn german(holder: &str) -> AccountText {
    AccountText {
        holder: holder.to_owned(),
        country: "DE".to_owned(),
        iban: Some("DE89 3704 0044 0532 0130 00".to_owned()),
        ..AccountText::default()
    }
}

fn wish(rail: PayoutRail, account: Option<AccountText>, details: Option<&str>) -> SetPayoutProfile {
    let details = details.map(str::to_owned);
    SetPayoutProfile { currency: RUB, rail, account, details, min_payout: 0 }
}

impl Scene {
    /// The same service in an installation that has a bank account.
    pub fn with_bank(&self) -> Settlements {
        let bank = BankConfig {
            holder: Some("ООО «Биржа»".to_owned()),
            country: Some("RU".to_owned()),
            bik: Some("044525225".to_owned()),
            account: Some("40702810200000000001".to_owned()),
            ..BankConfig::default()
        };
        let money = MoneyConfig { bank, min_payout: 500, ..self.market.config.money.clone() };
        let (db, clock) = (self.market.db.clone(), self.market.clock.clone());
        Settlements::new(db, clock, self.market.vault.clone(), money)
    }

    /// Gives the publisher an account for the bank rail.
    pub async fn set_account(&self) {
        let set = wish(PayoutRail::BankFile, Some(russian("40702810500000001234")), None);
        self.settlements.set_payout_profile(&self.publisher, set).await.unwrap();
    }

    /// Sells the n-th lead, lets its hold end, plans and approves: one planned payout.
    pub async fn planned(&self, n: u64) -> (SettlementRunId, Statement, Payout) {
        self.sold(n).await;
        self.market.clock.advance(3 * DAY);
        let operator = self.operator();
        let run = self.settlements.plan(&operator, None, None).await.unwrap();
        let draft = self.settlements.statements_of_run(&operator, run.id).await.unwrap().remove(0);
        let approved = self.settlements.approve_statement(&operator, draft.id, None).await.unwrap();
        (run.id, approved, self.last_payout(draft.id).await)
    }

    pub async fn last_payout(&self, statement: StatementId) -> Payout {
        self.settlements.payouts_of(&self.operator(), statement).await.unwrap().pop().unwrap()
    }

    /// The publisher's payable money, that on its way, and what left through a rail.
    pub async fn moved(&self, rail: Rail) -> (i64, i64, i64) {
        let publisher = self.publisher.org;
        (
            self.payable().await,
            self.balance(Account::in_payout(publisher, RUB)).await,
            self.balance(Account::external(rail, RUB)).await,
        )
    }
}

each_engine! {
    async fn a_checked_account_goes_into_orders_and_tables(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        let (operator, settlements) = (scene.operator(), scene.with_bank());
        let set = wish(PayoutRail::BankFile, Some(russian("40702810500000001234")), None);
        let shown = settlements.set_payout_profile(&scene.publisher, set).await.unwrap();
        let masked = shown.account.unwrap();
        assert_eq!(
            (masked.holder.as_str(), masked.bik.as_deref(), masked.account.as_deref()),
            ("О••• «•••", Some("044525225"), Some("•••• 1234"))
        );
        let (run, _, payout) = scene.planned(1).await;
        let export = async |format, key| settlements.export_payouts(&operator, run, format, key).await;
        let bare = scene.settlements
            .export_payouts(&operator, run, PayoutFormat::Pain001, None).await;
        assert_eq!(code(bare), "NO_DEBTOR_ACCOUNT");
        let file = export(PayoutFormat::Pain001, Some("e")).await.unwrap();
        assert_eq!((file.payouts, file.skipped.len()), (1, 0));
        assert!(file.file_name.ends_with(".xml"), "{}", file.file_name);
        let root = check(&file.content);
        let order = root.find("CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf").unwrap();
        assert_eq!(order.at("Amt/InstdAmt"), "8.50");
        assert_eq!(order.at("CdtrAcct/Id/Othr/Id"), "40702810500000001234");
        assert_eq!(order.at("Cdtr/Nm"), "ООО «Лиды»");
        assert_eq!(order.at("RmtInf/Ustrd"), "Leads, statement 2026-0001");
        let named = leadbourse_core::bank::read_end_to_end(order.at("PmtId/EndToEndId"));
        assert_eq!(named, Some(payout.id));
        // The same key, and a print: the same file to the byte, with the account as it was.
        let other = wish(PayoutRail::BankFile, Some(german("Anna")), None);
        settlements.set_payout_profile(&scene.publisher, other).await.unwrap();
        scene.later(3_600);
        let again = export(PayoutFormat::Pain001, Some("e")).await.unwrap();
        assert_eq!(again.content, file.content);
        let print = settlements.print_payouts(&operator, run, PayoutFormat::Pain001, None);
        let printed = print.await.unwrap();
        assert_eq!((&printed.content, &printed.file_name), (&file.content, &file.file_name));
        let files = settlements.payout_files(&operator, run).await.unwrap();
        assert_eq!(files, [file.file.clone().unwrap()]);
        assert_eq!(code(settlements.payout_files(&scene.publisher, run).await), "NOT_FOUND");
        // As a table it has the same account, in parts.
        let print = settlements.print_payouts(&operator, run, PayoutFormat::Csv, files.first().map(|f| f.id));
        let table = print.await.unwrap().content;
        let line = table.lines().nth(1).unwrap();
        assert!(line.contains(",40702810500000001234,8.50,RUB,"), "{line}");
        assert!(line.contains(",ООО «Лиды»,RU,,044525225,PAY"), "{line}");
        let other_key = export(PayoutFormat::Csv, Some("e")).await;
        assert_eq!(code(other_key), "IDEMPOTENCY_MISMATCH");
        scene.close().await;
    }

    async fn words_of_an_earlier_version_work_until_they_are_changed(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        let (operator, settlements) = (scene.operator(), scene.with_bank());
        let sealed = scene.market.vault.seal_secret("Sberbank 4070 …42".as_bytes()).unwrap();
        scene.market.run(
            "INSERT INTO payout_profiles (publisher_id, currency, rail, details_ciphertext, \
             min_payout) VALUES ($1, 'RUB', 'BANK_FILE', $2, 0)",
            vec![scene.publisher.org.uuid().into(), sealed.into()],
        ).await;
        let shown = settlements.payout_profiles(&scene.publisher).await.unwrap().remove(0);
        assert_eq!((shown.details_masked.as_deref(), shown.account), (Some("••••  …42"), None));
        // A change of the minimum alone keeps them.
        let mut same = wish(PayoutRail::BankFile, None, None);
        same.min_payout = 700;
        settlements.set_payout_profile(&scene.publisher, same).await.unwrap();
        let (run, _, payout) = scene.planned(1).await;
        let orders = settlements.export_payouts(&operator, run, PayoutFormat::Pain001, None).await;
        assert_eq!(code(orders), "ACCOUNT_NOT_STRUCTURED");
        let table = settlements
            .export_payouts(&operator, run, PayoutFormat::Csv, None).await.unwrap();
        assert!(table.content.contains(",Sberbank 4070 …42,8.50,RUB,"), "{}", table.content);
        let orders = settlements.print_payouts(&operator, run, PayoutFormat::Pain001, None).await;
        assert_eq!(code(orders), "ACCOUNT_NOT_STRUCTURED");
        // New words are not taken for the bank any more.
        let words = wish(PayoutRail::BankFile, None, Some("another"));
        assert_eq!(code(settlements.set_payout_profile(&scene.publisher, words).await), "NO_BANK_DETAILS");
        let both = wish(PayoutRail::Manual, Some(german("A")), None);
        assert_eq!(code(settlements.set_payout_profile(&scene.publisher, both).await), "BAD_INPUT");
        let mut wrong = german("A");
        wrong.iban = Some("DE88 3704 0044 0532 0130 00".to_owned());
        let wrong = wish(PayoutRail::BankFile, Some(wrong), None);
        let refused = settlements.set_payout_profile(&scene.publisher, wrong).await.unwrap_err();
        let problem = refused.problem().unwrap();
        assert_eq!((problem.code.name, problem.field.as_deref()), ("IBAN_INVALID", Some("account.iban")));
        settlements.resolve_payout(&operator, payout.id, true, None, None).await.unwrap();
        scene.close().await;
    }

    async fn a_payout_is_held_refused_and_paid_again(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        let (operator, settlements) = (scene.operator(), scene.with_bank());
        let set = wish(PayoutRail::BankFile, Some(russian("40702810500000001234")), None);
        settlements.set_payout_profile(&scene.publisher, set).await.unwrap();
        let (run, statement, first) = scene.planned(1).await;
        let hold = async |payout: &Payout, key| {
            settlements.hold_payout(&operator, payout.id, Some("the bank is silent"), key).await
        };
        assert_eq!(code(hold(&first, None).await), "INVALID_STATE");
        assert_eq!(code(settlements.repay_statement(&operator, statement.id, None).await), "NOT_REPAYABLE");
        settlements.export_payouts(&operator, run, PayoutFormat::Pain001, None).await.unwrap();
        let held = hold(&first, Some("h")).await.unwrap();
        assert_eq!((held.state, held.reason.as_deref()), (PayoutState::Unknown, Some("HELD_BY_FINANCE")));
        assert_eq!(hold(&first, Some("h")).await.unwrap().state, PayoutState::Unknown);
        assert_eq!(code(hold(&first, None).await), "INVALID_STATE");
        let unknown = PayoutFilter { state: Some(PayoutState::Unknown), ..Default::default() };
        for actor in [operator, scene.publisher] {
            assert_eq!(settlements.payouts(&actor, unknown, &page()).await.unwrap().items.len(), 1);
        }
        assert_eq!(settlements.payouts(&scene.buyer, unknown, &page()).await.unwrap().items, []);
        let print = settlements.print_payouts(&operator, run, PayoutFormat::Pain001, None).await;
        assert_eq!(code(print), "NOTHING_TO_PRINT");
        assert_eq!(scene.moved(Rail::Bank).await, (0, 850, -50_000));
        scene.check().await;
        let (_, carried) = settlements
            .resolve_payout(&operator, first.id, false, Some("AC04"), None).await.unwrap();
        assert_eq!(carried.state, StatementState::Carried);
        assert_eq!(scene.moved(Rail::Bank).await, (850, 0, -50_000));
        // The next generation is another payout with another name.
        let repay = async |key| settlements.repay_statement(&operator, statement.id, key).await;
        assert_eq!(repay(Some("p")).await.unwrap().state, StatementState::Approved);
        assert_eq!(repay(Some("p")).await.unwrap().state, StatementState::Approved);
        assert_eq!(code(repay(None).await), "NOT_REPAYABLE");
        let second = scene.last_payout(statement.id).await;
        assert_eq!((second.generation, second.amount, second.state), (2, 850, PayoutState::Planned));
        assert_ne!(second.id, first.id);
        assert_eq!(scene.moved(Rail::Bank).await, (0, 850, -50_000));
        scene.check().await;
        let file = settlements.export_payouts(&operator, run, PayoutFormat::Pain001, None).await.unwrap();
        check(&file.content);
        settlements.resolve_payout(&operator, second.id, true, None, None).await.unwrap();
        assert_eq!(scene.moved(Rail::Bank).await, (0, 0, -49_150));
        // What came back later, and was taken in by the next statement, is not paid twice.
        settlements.resolve_payout(&operator, second.id, false, Some("AC04"), None).await.unwrap();
        let next = settlements.plan(&operator, None, None).await.unwrap();
        let draft = settlements.statements_of_run(&operator, next.id).await.unwrap().remove(0);
        assert_eq!(draft.carried_in, 850);
        assert_eq!(code(repay(None).await), "NOT_REPAYABLE");
        scene.close().await;
    }

    async fn a_statement_is_repaid_or_taken_in_but_not_both(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        let (operator, settlements) = (scene.operator(), &scene.settlements);
        for n in 0..6 {
            let (_, statement, payout) = scene.planned(n).await;
            settlements.resolve_payout(&operator, payout.id, false, None, None).await.unwrap();
            let (repaid, run) = tokio::join!(
                settlements.repay_statement(&operator, statement.id, None),
                settlements.plan(&operator, None, None),
            );
            let drafts = settlements.statements_of_run(&operator, run.unwrap().id).await.unwrap();
            assert_eq!(usize::from(repaid.is_ok()) + drafts.len(), 1, "{repaid:?} {drafts:?}");
            assert_eq!(scene.differences().await, []);
            // Everything is paid before the next try.
            for draft in drafts {
                settlements.approve_statement(&operator, draft.id, None).await.unwrap();
                let payout = scene.last_payout(draft.id).await;
                settlements.resolve_payout(&operator, payout.id, true, None, None).await.unwrap();
            }
            if repaid.is_ok() {
                let payout = scene.last_payout(statement.id).await;
                settlements.resolve_payout(&operator, payout.id, true, None, None).await.unwrap();
            }
        }
        assert_eq!(scene.moved(Rail::Manual).await, (0, 0, 6 * 850));
        scene.close().await;
    }

    async fn a_manual_payout_is_confirmed_with_a_proof(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        let (operator, settlements) = (scene.operator(), &scene.settlements);
        let (_, _, payout) = scene.planned(1).await;
        let file = b"%PDF-1.4 paid by hand";
        let said = |confirmed: bool, bytes: &[u8]| Resolution {
            confirmed,
            reference: Some("order 7".to_owned()),
            proof: Some(NewProof { file_name: "Чек.pdf".to_owned(), content_base64: base64(bytes) }),
        };
        let resolve = async |said, key| settlements.resolve_with(&operator, payout.id, said, key).await;
        assert_eq!(code(resolve(said(true, b"<svg>"), None).await), "PROOF_UNREADABLE");
        assert_eq!(code(resolve(said(false, file), None).await), "PROOF_NOT_TAKEN");
        assert_eq!(settlements.proof_record(&operator, payout.id).await.unwrap(), None);
        for _ in 0..2 {
            let (done, statement) = resolve(said(true, file), Some("r")).await.unwrap();
            assert_eq!((done.state, statement.state), (PayoutState::Confirmed, StatementState::Paid));
        }
        assert_eq!(code(resolve(said(true, b"%PDF-1.5"), Some("r")).await), "IDEMPOTENCY_MISMATCH");
        for actor in [operator, scene.publisher] {
            let (record, bytes) = settlements.proof(&actor, payout.id).await.unwrap();
            assert_eq!((record.file_name.as_str(), record.media_type.as_str()), ("Чек.pdf", "application/pdf"));
            assert_eq!((record.size, bytes.as_slice()), (21, &file[..]));
        }
        let other = scene.market.source(1, None).await;
        let other = member(&scene.market, other.publisher, scene.publisher.kind);
        for actor in [scene.buyer, other] {
            assert_eq!(code(settlements.proof(&actor, payout.id).await), "NOT_FOUND");
        }
        // The database has it sealed, and the audit log its hash.
        let text = "SELECT COUNT(*) AS n FROM payout_proofs WHERE size = 21 AND file_name = 'Чек.pdf'";
        assert_eq!(scene.market.number(text, vec![]).await, 1);
        let (record, _) = settlements.proof(&operator, payout.id).await.unwrap();
        let hash = hex::encode(record.sha256);
        let text = "SELECT COUNT(*) AS n FROM audit_log WHERE action = 'payout.resolve' AND detail LIKE $1";
        assert_eq!(scene.market.number(text, vec![format!("%{hash}%").into()]).await, 1);
        assert_eq!(scene.moved(Rail::Manual).await, (0, 0, 850));
        scene.close().await;
    }
}
