//! Documents: numbers without gaps, forms that print again byte for byte.

use futures::TryStreamExt;
use leadbourse::papers::{Document, Form, Papers, SetBillingProfile};
use leadbourse::platform::shutdown::Shutdown;
use leadbourse::settlements::Statement;
use leadbourse_core::ids::{SettlementRunId, StatementId};
use leadbourse_core::ledger::Account;
use leadbourse_core::settlement::StatementState;
use leadbourse_core::time::DAY;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

use super::scene::{RUB, Scene, code};
use crate::each_engine;

impl Scene {
    fn papers(&self) -> Papers {
        let (db, clock) = (self.market.db.clone(), self.market.clock.clone());
        Papers::new(db, clock, &self.market.config, Shutdown::new())
    }

    /// Sells these people, waits for the holds, and plans.
    async fn draft(&self, people: std::ops::Range<u64>) -> Statement {
        for n in people {
            self.sold(n).await;
        }
        self.market.clock.advance(3 * DAY);
        let run = self.settlements.plan(&self.operator(), None, None).await.unwrap();
        self.of(run.id).await
    }

    async fn of(&self, run: SettlementRunId) -> Statement {
        self.settlements.statements_of_run(&self.operator(), run).await.unwrap().remove(0)
    }

    async fn approve(&self, id: StatementId) -> Statement {
        self.settlements.approve_statement(&self.operator(), id, None).await.unwrap()
    }

    async fn download(&self, id: StatementId, form: Form) -> Vec<u8> {
        let (document, lines) = self.settlements.document(&self.publisher, id).await.unwrap();
        let file = self.papers().download(document, form, lines).await.unwrap();
        let parts: Vec<_> = file.body.try_collect().await.unwrap();
        parts.concat()
    }

    async fn paper(&self, id: StatementId) -> Document {
        self.settlements.document(&self.publisher, id).await.unwrap().0
    }

    /// All forms, the hashes of two of which are those of the document.
    async fn forms(&self, id: StatementId) -> [Vec<u8>; 3] {
        let json = self.download(id, Form::Json).await;
        let csv = self.download(id, Form::Csv).await;
        let document = self.paper(id).await;
        assert_eq!(<[u8; 32]>::from(Sha256::digest(&json)), document.json_sha256);
        assert_eq!(<[u8; 32]>::from(Sha256::digest(&csv)), document.csv_sha256);
        [json, csv, self.download(id, Form::Pdf).await]
    }
}

each_engine! {
    async fn a_document_prints_again_byte_for_byte_after_months(db: TestDb) {
        let scene = Scene::open(&db, 90_000).await;
        let draft = scene.draft(0..5).await;
        assert_eq!(code(scene.settlements.document(&scene.publisher, draft.id).await), "NOT_FOUND");
        let approved = scene.approve(draft.id).await;
        let document = scene.paper(draft.id).await;
        assert_eq!(approved.number.as_deref(), Some(document.head.number.as_str()));
        assert_eq!((document.lines, document.total), (5, 4_250));
        let first = scene.forms(draft.id).await;
        let json: serde_json::Value = serde_json::from_slice(&first[0]).unwrap();
        assert_eq!(json["totals"]["total"], "4250");
        assert_eq!(json["lines"].as_array().unwrap().len(), 5);
        assert_eq!(json["model"], "AGENT");
        assert_eq!(json["recipient"]["id"], scene.publisher.org.to_string());
        let csv = String::from_utf8(first[1].clone()).unwrap();
        assert_eq!(csv.lines().count(), 6);
        assert_eq!(csv.matches(",8.50,0.00,,8.50,RUB,").count(), 5, "{csv}");
        assert!(first[2].starts_with(b"%PDF-"));

        // Months pass: other leads are returned, paid and printed, the publisher moves and renames.
        let returned = scene.sold(50).await;
        let dispute = scene.open_return(returned.id, Some(5_000)).await.unwrap();
        scene.disputes.answer_return(&scene.publisher, dispute.id, true, None, None).await.unwrap();
        let wish = SetBillingProfile {
            language: Some("ru".to_owned()),
            legal_name: Some("ООО «Лиды»".to_owned()),
            tax_rate_bps: 2_000,
            ..SetBillingProfile::default()
        };
        scene.papers().set_billing_profile(&scene.publisher, wish).await.unwrap();
        scene.market.clock.advance(200 * DAY);
        let run = scene.settlements.plan(&scene.operator(), None, None).await.unwrap();
        let later = scene.of(run.id).await;
        assert_eq!(later.total, 425);
        scene.approve(later.id).await;
        assert_eq!(scene.forms(draft.id).await, first);
        let second = scene.paper(later.id).await;
        assert_eq!((second.head.language.as_str(), second.lines), ("ru", 1));
        assert_eq!(second.head.recipient.legal_name.as_deref(), Some("ООО «Лиды»"));
        scene.close().await;
    }

    async fn twenty_approvals_and_voids_at_once_number_without_gaps(db: TestDb) {
        let scene = Scene::open(&db, 90_000).await;
        let mut drafts = Vec::new();
        for n in 0..20 {
            drafts.push(scene.draft(n..n + 1).await.id);
        }
        let operator = scene.operator();
        // Every draft is approved; every third is voided, as soon as it can be, or cancelled.
        let work = drafts.iter().enumerate().map(|(n, id)| {
            let (settlements, operator) = (&scene.settlements, &operator);
            async move {
                if n % 5 == 4 {
                    // Whoever comes second is refused, and gives the number back.
                    let (a, b) = tokio::join!(
                        settlements.cancel_statement(operator, *id, None),
                        settlements.approve_statement(operator, *id, None),
                    );
                    assert_ne!(a.is_ok(), b.is_ok());
                    return;
                }
                settlements.approve_statement(operator, *id, None).await.unwrap();
                if n % 3 == 0 {
                    settlements.void_statement(operator, *id, Some("wrong"), None).await.unwrap();
                }
            }
        });
        futures::future::join_all(work).await;
        let mut numbers = BTreeSet::new();
        let (mut given, mut void) = (0, 0);
        for id in &drafts {
            let statement = scene.settlements.statement(&operator, *id).await.unwrap();
            match (statement.number, statement.state) {
                (None, StatementState::Cancelled) => {}
                (Some(number), state) => {
                    let document = scene.paper(*id).await;
                    assert_eq!(document.head.number, number);
                    assert_eq!(document.voided.is_some(), state == StatementState::Void);
                    void += usize::from(document.voided.is_some());
                    given += 1;
                    assert!(numbers.insert(number), "a number twice");
                }
                other => panic!("{other:?}"),
            }
        }
        let want: BTreeSet<String> = (1..=given).map(|n| format!("2026-{n:04}")).collect();
        assert_eq!(numbers, want);
        assert_eq!(void, 6, "0, 3, 6, 12, 15, 18");
        // What was freed is settled again, and the series goes on.
        let run = scene.settlements.plan(&operator, None, None).await.unwrap();
        let next = scene.of(run.id).await;
        assert_eq!(next.lines, 20 - i32::try_from(given).unwrap() + 6);
        assert_eq!(scene.approve(next.id).await.number, Some(format!("2026-{:04}", given + 1)));
        scene.close().await;
    }

    async fn a_void_document_keeps_its_number_and_its_lines(db: TestDb) {
        let scene = Scene::open(&db, 90_000).await;
        let draft = scene.draft(0..3).await;
        let operator = scene.operator();
        assert_eq!(code(scene.settlements.void_statement(&operator, draft.id, None, None).await), "INVALID_STATE");
        scene.approve(draft.id).await;
        let before = scene.forms(draft.id).await;
        let denied = scene.settlements.void_statement(&scene.publisher, draft.id, None, None).await;
        assert_eq!(code(denied), "NOT_FOUND");
        let void = scene.settlements
            .void_statement(&operator, draft.id, Some("two offers were swapped"), Some("v")).await.unwrap();
        let again = scene.settlements
            .void_statement(&operator, draft.id, Some("two offers were swapped"), Some("v")).await.unwrap();
        assert_eq!((void.state, void.number.as_deref()), (StatementState::Void, Some("2026-0001")));
        assert_eq!(again, void);
        assert_eq!(scene.payable().await, 2_550);
        assert_eq!(scene.balance(Account::in_payout(scene.publisher.org, RUB)).await, 0);
        assert_eq!(scene.market.count("statement_lines").await, 0);
        let after = scene.forms(draft.id).await;
        assert_eq!((&after[0], &after[1]), (&before[0], &before[1]));
        assert_ne!(after[2], before[2], "the PDF says that it is void");
        let document = scene.paper(draft.id).await;
        let voided = document.voided.unwrap();
        assert_eq!(voided.reason.as_deref(), Some("two offers were swapped"));
        assert_eq!(voided.by, operator.name());
        // Again, and this time the money goes.
        let run = scene.settlements.plan(&operator, None, None).await.unwrap();
        let draft = scene.of(run.id).await;
        assert_eq!((draft.lines, draft.total), (3, 2_550));
        let approved = scene.approve(draft.id).await;
        assert_eq!(approved.number.as_deref(), Some("2026-0002"));
        let payout = scene.settlements.payouts_of(&operator, draft.id).await.unwrap().remove(0);
        scene.settlements.resolve_payout(&operator, payout.id, true, None, None).await.unwrap();
        let late = scene.settlements.void_statement(&operator, draft.id, None, None).await;
        assert_eq!(code(late), "INVALID_STATE");
        scene.close().await;
    }

    async fn a_carried_statement_is_voided_only_while_it_waits(db: TestDb) {
        let scene = Scene::with(
            &db, 50_000, crate::exchange::market::terms(300, serde_json::json!({})),
            crate::exchange::market::policy(),
        ).await;
        let operator = scene.operator();
        let small = scene.draft(1..2).await;
        assert_eq!(scene.approve(small.id).await.state, StatementState::Carried);
        let void = scene.settlements.void_statement(&operator, small.id, None, None).await.unwrap();
        assert_eq!(void.state, StatementState::Void);
        let run = scene.settlements.plan(&operator, None, None).await.unwrap();
        let small = scene.of(run.id).await;
        scene.approve(small.id).await;
        let both = scene.draft(2..3).await;
        assert_eq!((both.carried_in, both.total), (255, 510));
        let taken = scene.settlements.void_statement(&operator, small.id, None, None).await;
        assert_eq!(code(taken), "INVALID_STATE");
        scene.approve(both.id).await;
        let json: serde_json::Value =
            serde_json::from_slice(&scene.download(both.id, Form::Json).await).unwrap();
        assert_eq!(json["carriedIn"][0]["number"], "2026-0002");
        assert_eq!(json["totals"]["carriedIn"], "255");
        // Void, it lets what it carried in wait again; its document still shows it.
        scene.settlements.void_statement(&operator, both.id, None, None).await.unwrap();
        let run = scene.settlements.plan(&operator, None, None).await.unwrap();
        let again = scene.of(run.id).await;
        assert_eq!((again.carried_in, again.total), (255, 510));
        scene.close().await;
    }

    async fn verify_names_a_document_that_was_tampered_with(db: TestDb) {
        let scene = Scene::open(&db, 50_000).await;
        let draft = scene.draft(0..2).await;
        scene.approve(draft.id).await;
        let document = scene.paper(draft.id).await;
        let change = |from: &'static str, to: &'static str| {
            let scene = &scene;
            async move {
                let tx = scene.market.db.begin_write(&scene.market.clock).await.unwrap();
                let text = "UPDATE documents SET head = REPLACE(head, $1, $2)";
                leadbourse::platform::db::sql::run(&tx, text, [from.into(), to.into()]).await.unwrap();
                tx.commit().await.unwrap();
            }
        };
        change("\"AGENT\"", "\"PRINCIPAL\"").await;
        let found: Vec<String> = scene.differences().await.iter().map(ToString::to_string).collect();
        assert_eq!(found, [format!("{} 2026-0001 JSON is not what was issued", document.id)]);
        change("\"PRINCIPAL\"", "\"AGENT\"").await;
        scene.close().await;
    }
}
