//! Buyers' invoices: exact sums from the ledger, one per month, taken back by credit notes.

use futures::TryStreamExt;
use leadbourse::papers::{Document, DocumentFilter, Form, IssueInvoice, Papers, SetBillingProfile};
use leadbourse::platform::error::Result;
use leadbourse::platform::shutdown::Shutdown;
use leadbourse_core::paper::{PaperKind, SettlementModel};
use leadbourse_core::time::DAY;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::scene::{RUB, Scene, code, page};
use crate::each_engine;

impl Scene {
    fn desk(&self, model: SettlementModel) -> Papers {
        let mut config = self.market.config.clone();
        config.money.settlement_model = model;
        let (db, clock) = (self.market.db.clone(), self.market.clock.clone());
        Papers::new(db, clock, &config, Shutdown::new())
    }

    /// The present month, like `2026-10`.
    fn month(&self) -> String {
        self.market.clock.now().to_chrono().format("%Y-%m").to_string()
    }

    async fn invoice(&self, papers: &Papers, month: &str) -> Result<Document> {
        let wish = IssueInvoice { buyer: self.buyer.org, currency: RUB, month: month.to_owned() };
        papers.issue_invoice(&self.operator(), &wish, None).await
    }

    async fn json(&self, papers: &Papers, document: &Document) -> Value {
        let seen = papers.document(&self.buyer, document.id).await.unwrap();
        let file = papers.download_charges(seen, Form::Json).await.unwrap();
        let parts: Vec<_> = file.body.try_collect().await.unwrap();
        let bytes = parts.concat();
        assert_eq!(<[u8; 32]>::from(Sha256::digest(&bytes)), document.json_sha256);
        serde_json::from_slice(&bytes).unwrap()
    }

    /// Sells four people at 1,000, and gives one of them back.
    async fn trade(&self, from: u64) {
        for n in from..from + 3 {
            self.sold(n).await;
        }
        let returned = self.sold(from + 3).await;
        let dispute = self.open_return(returned.id, None).await.unwrap();
        self.disputes.answer_return(&self.publisher, dispute.id, true, None, None).await.unwrap();
    }
}

each_engine! {
    async fn a_month_is_invoiced_once_with_tax_on_the_fee(db: TestDb) {
        let scene = Scene::open(&db, 90_000).await;
        let papers = scene.desk(SettlementModel::Agent);
        let wish = SetBillingProfile { tax_rate_bps: 2_000, ..SetBillingProfile::default() };
        papers.set_billing_profile(&scene.buyer, wish).await.unwrap();
        let month = scene.month();
        scene.trade(0).await;
        assert_eq!(code(scene.invoice(&papers, &month).await), "PERIOD_NOT_OVER");
        assert_eq!(code(scene.invoice(&papers, "2026-13").await), "BAD_MONTH");
        assert_eq!(code(scene.invoice(&papers, "2020-01").await), "NOTHING_TO_INVOICE");
        scene.market.clock.advance(32 * DAY);
        let denied = IssueInvoice { buyer: scene.buyer.org, currency: RUB, month: month.clone() };
        assert_eq!(code(papers.issue_invoice(&scene.buyer, &denied, None).await), "NOT_FOUND");

        // Several at once: one is the invoice.
        let all = futures::future::join_all((0..5).map(|_| scene.invoice(&papers, &month))).await;
        let (good, bad): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
        assert_eq!(good.len(), 1);
        assert!(bad.into_iter().all(|one| code(one) == "ALREADY_INVOICED"));
        let invoice = good.into_iter().next().unwrap().unwrap();
        assert_eq!(invoice.head.number, "INV-2026-000001");
        assert_eq!((invoice.lines, invoice.total), (5, 3_000));
        let json = scene.json(&papers, &invoice).await;
        assert_eq!(json["totals"].to_string(), "{\"adjustments\":\"0\",\"carriedIn\":\"0\",\
            \"fee\":\"450\",\"givenBack\":\"1000\",\"gross\":\"4000\",\"lines\":\"5\",\"total\":\"3000\"}");
        // 20 % within a fee of 4.50.
        assert_eq!(json["tax"].to_string(),
            "{\"amount\":\"75\",\"base\":\"450\",\"included\":true,\"rateBps\":\"2000\"}");
        let kinds = json["lines"].as_array().unwrap().iter();
        assert_eq!(kinds.filter(|line| line["kind"] == "GIVE_BACK").count(), 1);
        // The wallet lost exactly that.
        assert_eq!(scene.available().await, 90_000 - 3_000);
        assert_eq!(code(papers.document(&scene.publisher, invoice.id).await), "NOT_FOUND");

        // What happens later is in a later month.
        scene.sold(50).await;
        assert_eq!(scene.json(&papers, &invoice).await, json);
        scene.close().await;
    }

    async fn a_credit_note_takes_an_invoice_back_and_the_month_is_invoiced_again(db: TestDb) {
        let scene = Scene::open(&db, 90_000).await;
        let papers = scene.desk(SettlementModel::Principal);
        let month = scene.month();
        scene.trade(0).await;
        scene.market.clock.advance(32 * DAY);
        let wrong = scene.invoice(&papers, &month).await.unwrap();
        assert_eq!(scene.json(&papers, &wrong).await["tax"]["amount"], "0");
        let wish = SetBillingProfile { tax_rate_bps: 2_000, ..SetBillingProfile::default() };
        papers.set_billing_profile(&scene.buyer, wish).await.unwrap();
        let operator = scene.operator();
        let (void, note) =
            papers.void_invoice(&operator, wrong.id, Some("no tax"), Some("v")).await.unwrap();
        let again = papers.void_invoice(&operator, wrong.id, Some("no tax"), Some("v")).await.unwrap();
        assert_eq!((&void, &note), (&again.0, &again.1));
        assert_eq!(void.voided.unwrap().reason.as_deref(), Some("no tax"));
        assert_eq!((note.kind, note.total), (PaperKind::CreditNote, -3_000));
        assert_eq!(note.head.number, "CN-2026-000001");
        assert_eq!(note.head.refers_to.as_deref(), Some("INV-2026-000001"));
        assert_eq!(scene.json(&papers, &note).await["totals"]["gross"], "-4000");
        let twice = papers.void_invoice(&operator, wrong.id, None, None).await;
        assert_eq!(code(twice), "INVALID_STATE");

        scene.later(60);
        let right = scene.invoice(&papers, &month).await.unwrap();
        assert_eq!((right.head.number.as_str(), right.total), ("INV-2026-000002", 3_000));
        let json = scene.json(&papers, &right).await;
        assert_eq!(json["tax"]["amount"], "500", "20 % within 30.00");
        let filter = DocumentFilter { kind: PaperKind::Invoice, organization: None };
        let own = papers.documents(&scene.buyer, filter, &page()).await.unwrap();
        assert_eq!(own.items.iter().map(|one| one.id).collect::<Vec<_>>(), [right.id, wrong.id]);
        assert!(papers.documents(&scene.publisher, filter, &page()).await.unwrap().items.is_empty());
        let shown = papers.credit_note(&own.items[1]).await.unwrap();
        assert_eq!(shown.map(|one| one.id), Some(note.id));
        scene.close().await;
    }

    async fn the_job_invoices_every_month_without_gap_or_overlap(db: TestDb) {
        let scene = Scene::open(&db, 900_000).await;
        let papers = scene.desk(SettlementModel::Agent);
        // Three months of trade, and the job looks in between.
        for round in 0..12 {
            scene.trade(round * 10).await;
            scene.market.clock.advance(8 * DAY);
            papers.invoice_months().await.unwrap();
        }
        for _ in 0..2 {
            scene.market.clock.advance(20 * DAY);
            papers.invoice_months().await.unwrap();
        }
        assert_eq!(papers.invoice_months().await.unwrap(), 0);
        let filter = DocumentFilter { kind: PaperKind::Invoice, organization: None };
        let mut all = papers.documents(&scene.operator(), filter, &page()).await.unwrap().items;
        all.reverse();
        assert!(all.len() >= 3);
        for (n, pair) in all.windows(2).enumerate() {
            assert_eq!(pair[0].head.period_to, pair[1].head.period_from, "invoice {n}");
        }
        let total: i64 = all.iter().map(|one| one.total).sum();
        assert_eq!(total, 12 * 3_000);
        assert_eq!(scene.available().await, 900_000 - total);
        scene.close().await;
    }
}
