//! Through HTTP: publishers with accounts, a file for the bank, what the bank answers.

use leadbourse::platform::config::BankConfig;
use leadbourse_core::time::DAY;
use serde_json::{Value, json};
use std::collections::BTreeMap;

use crate::bank_file::check;
use crate::each_engine;
use crate::harness::market::{Market, Seat};
use crate::harness::{Kind, TestApp};

/// A market in an installation that has a bank account, three publishers who each sold a lead of
/// 2,000.00, and a payout for each of them in a file.
struct Bank {
    app: TestApp,
    market: Market,
    publishers: Vec<Seat>,
    run: Value,
    file: Value,
    /// Payouts of the publishers, and their end-to-end identifications.
    payouts: Vec<(Value, String)>,
}

const ACCOUNTS: [&str; 3] =
    ["40702810200000000001", "40702810500000001234", "40702810300000009999"];

async fn installation(kind: Kind) -> Option<TestApp> {
    TestApp::with(kind, |config| {
        config.money.bank = BankConfig {
            holder: Some("Биржа лидов".to_owned()),
            country: Some("RU".to_owned()),
            bik: Some("044525225".to_owned()),
            account: Some("40702810200000000001".to_owned()),
            ..BankConfig::default()
        };
    })
    .await
}

impl Bank {
    async fn open(app: TestApp) -> Self {
        let market = Market::open(&app).await;
        let buyer = market.buyer("Berta Buyer", 10_000_000).await;
        let mut terms = market.terms(1);
        terms["goals"] = json!([{"kind": "LEAD", "price": market.money(200_000)}]);
        market.offer(&buyer, "Offer", terms).await;
        let mut publishers = Vec::new();
        for (n, account) in (0u64..).zip(ACCOUNTS) {
            let publisher = market.publisher(&format!("Publisher {n}")).await;
            let input = profile(&market.currency, "044525225", account, &market.money(1));
            let selection = "profile { rail account { account bik } detailsMasked }";
            let kept = publisher.client.mutate("setPayoutProfile", input, selection).await.unwrap();
            assert_eq!(kept["profile"]["account"]["account"], format!("•••• {}", &account[16..]));
            let source = market.source(&publisher, "Site", 1).await;
            let verdict = market.send(&source, n).await;
            assert_eq!(verdict["verdict"], "SOLD", "{verdict}");
            publishers.push(publisher);
        }
        app.advance(6 * DAY).await;
        let operator = &market.operator;
        let selection = "run { id statements(first: 9) { nodes { id } } }";
        let input = json!({"idempotencyKey": "plan"});
        let planned = operator.mutate("planSettlement", input, selection).await.unwrap();
        let run = planned["run"]["id"].clone();
        let mut payouts = BTreeMap::new();
        for statement in planned["run"]["statements"]["nodes"].as_array().unwrap() {
            let id = &statement["id"];
            let input = json!({"id": id, "idempotencyKey": format!("approve {id}")});
            let selection = "statement { publisher { id } payouts { id endToEndId } }";
            let done = operator.mutate("approveStatement", input, selection).await.unwrap();
            let payout = &done["statement"]["payouts"][0];
            let name = payout["endToEndId"].as_str().unwrap().to_owned();
            let publisher = done["statement"]["publisher"]["id"].as_str().unwrap().to_owned();
            payouts.insert(publisher, (payout["id"].clone(), name));
        }
        let payouts = publishers.iter().map(|seat| payouts[&seat.organization].clone()).collect();
        let input = json!({"runId": run, "format": "PAIN_001", "idempotencyKey": "export"});
        let selection = "content csv mediaType file { id messageId payoutCount } skipped { id }";
        let file = operator.mutate("exportPayouts", input, selection).await.unwrap();
        assert_eq!((&file["csv"], &file["skipped"]), (&Value::Null, &json!([])));
        Self { app, market, publishers, run, file, payouts }
    }

    async fn check(&self, content: &str) -> Value {
        let selection = "answer { id appliedAt counts { finding lines } \
            lines(first: 50) { line scope finding code outcome reason payout { id state } } }";
        let input = json!({"content": content});
        let done = self.market.operator.mutate("checkBankAnswer", input, selection).await.unwrap();
        done["answer"].clone()
    }

    async fn apply(&self, id: &Value) -> Value {
        let selection = "answer { id appliedAt lines(first: 50) { finding outcome } }";
        let input = json!({"id": id});
        let done = self.market.operator.mutate("applyBankAnswer", input, selection).await.unwrap();
        done["answer"].clone()
    }

    /// Payable, on its way, paid: of each publisher; and the states of its payout.
    async fn books(&self) -> Vec<(i64, i64, i64, String)> {
        let mut all = Vec::new();
        for (seat, (payout, _)) in self.publishers.iter().zip(&self.payouts) {
            let query = "query($id: ID!) { earnings { payable { minor } inPayout { minor } \
                paid { minor } } node(id: $id) { ... on Payout { state } } }";
            let found = seat.client.query(query, json!({"id": payout})).await.unwrap();
            let earned = &found["earnings"][0];
            let sum = |name: &str| super::stage::minor(&earned[name]);
            let state = found["node"]["state"].as_str().unwrap().to_owned();
            all.push((sum("payable"), sum("inPayout"), sum("paid"), state));
        }
        all
    }

    /// The refused one is paid again as a payout of its own; the old name says nothing of it.
    async fn repaid(&self) {
        let query = "query($id: ID!) { node(id: $id) { ... on Payout { statement { id } } } }";
        let operator = &self.market.operator;
        let found = operator.query(query, json!({"id": self.payouts[1].0})).await.unwrap();
        let input = json!({"id": found["node"]["statement"]["id"], "idempotencyKey": "repay"});
        let selection = "statement { payouts { generation state endToEndId } }";
        let repaid = operator.mutate("repayStatement", input, selection).await.unwrap();
        let tries = repaid["statement"]["payouts"].as_array().unwrap();
        assert_eq!((&tries[1]["generation"], &tries[1]["state"]), (&json!(2), &json!("PLANNED")));
        assert_ne!(tries[1]["endToEndId"], tries[0]["endToEndId"]);
        let new = tries[1]["endToEndId"].as_str().unwrap();
        let csv = format!(
            "end_to_end;status\n{new};ACSC\n{};CONFIRMED\nPAY0;ACSC\n{new};WHAT\n",
            self.payouts[2].1
        );
        let answer = self.check(&csv).await;
        assert_eq!(
            findings(&answer),
            ["ANSWER_NOT_SENT", "CONFIRMS", "ANSWER_PAYOUT_UNKNOWN", "ANSWER_STATUS_UNKNOWN"]
        );
        self.apply(&answer["id"]).await;
        let after = books(&[
            (0, 0, EARNED, "CONFIRMED"),
            (0, EARNED, 0, "REFUSED"),
            (0, 0, EARNED, "CONFIRMED"),
        ]);
        assert_eq!(self.books().await, after);
    }

    /// A `pain.002` that says this of the payouts.
    fn report(&self, group: &str, said: &[(usize, &str, &str)]) -> String {
        let message = self.file["file"]["messageId"].as_str().unwrap();
        let lines: String = said
            .iter()
            .map(|(at, status, more)| {
                let name = &self.payouts[*at].1;
                format!(
                    "<TxInfAndSts><OrgnlEndToEndId>{name}</OrgnlEndToEndId>\
                     <TxSts>{status}</TxSts>{more}</TxInfAndSts>"
                )
            })
            .collect();
        let part = if lines.is_empty() {
            String::new()
        } else {
            format!(
                "<OrgnlPmtInfAndSts><OrgnlPmtInfId>{message}-1</OrgnlPmtInfId>{lines}</OrgnlPmtInfAndSts>"
            )
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt>\
             <GrpHdr><MsgId>B1</MsgId><CreDtTm>2026-03-09T09:00:00Z</CreDtTm></GrpHdr>\
             <OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId>\
             <OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{group}</OrgnlGrpInfAndSts>{part}\
             </CstmrPmtStsRpt></Document>"
        )
    }
}

fn profile(currency: &str, bik: &str, account: &str, least: &Value) -> Value {
    json!({
        "currency": currency, "rail": "BANK_FILE", "minPayout": least,
        "account": {"holder": "ООО «Лиды»", "country": "RU", "bik": bik, "account": account},
    })
}

fn books(all: &[(i64, i64, i64, &str)]) -> Vec<(i64, i64, i64, String)> {
    all.iter().map(|(a, b, c, state)| (*a, *b, *c, (*state).to_owned())).collect()
}

/// Finding or code of each line.
fn findings(answer: &Value) -> Vec<&str> {
    let lines = answer["lines"].as_array().unwrap().iter();
    lines.map(|line| line["code"].as_str().or(line["finding"].as_str()).unwrap()).collect()
}

const EARNED: i64 = 170_000;

each_engine! {
    async fn the_bank_confirms_one_refuses_one_and_is_still_at_one(kind: Kind) {
        let Some(app) = installation(kind).await else { return };
        let bank = Bank::open(app).await;
        let root = check(bank.file["content"].as_str().unwrap());
        let header = root.find("CstmrCdtTrfInitn/GrpHdr").unwrap();
        assert_eq!((header.at("NbOfTxs"), header.at("CtrlSum")), ("3", "5100.00"));
        assert_eq!(header.at("MsgId"), bank.file["file"]["messageId"]);
        let mut named: Vec<&str> = root
            .find("CstmrCdtTrfInitn/PmtInf")
            .unwrap()
            .all("CdtTrfTxInf")
            .map(|one| one.at("PmtId/EndToEndId"))
            .collect();
        named.sort_unstable();
        let mut sent: Vec<&str> = bank.payouts.iter().map(|(_, name)| name.as_str()).collect();
        sent.sort_unstable();
        assert_eq!(named, sent);

        let reason = "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>";
        let amount = "<OrgnlTxRef><Amt><InstdAmt Ccy=\"RUB\">1700.00</InstdAmt></Amt></OrgnlTxRef>";
        let said = [(0, "ACSC", amount), (1, "RJCT", reason), (2, "PDNG", "")];
        let report = bank.report("<GrpSts>PART</GrpSts>", &said);
        let before = bank.books().await;
        let answer = bank.check(&report).await;
        assert_eq!(findings(&answer), ["PENDING", "CONFIRMS", "REFUSES", "PENDING"]);
        assert_eq!(answer["appliedAt"], Value::Null);
        assert_eq!(bank.books().await, before, "looking changes nothing");
        let applied = bank.apply(&answer["id"]).await;
        assert!(applied["appliedAt"].is_string());
        let outcomes: Vec<_> =
            applied["lines"].as_array().unwrap().iter().map(|line| line["outcome"].clone()).collect();
        assert_eq!(outcomes, [json!(null), json!("OK"), json!("OK"), json!(null)]);
        let after = books(&[
            (0, 0, EARNED, "CONFIRMED"),
            (EARNED, 0, 0, "REFUSED"),
            (0, EARNED, 0, "EXPORTED"),
        ]);
        assert_eq!(bank.books().await, after);
        let refused = bank.publishers[1].client
            .query("{ payouts { nodes { reason state } } }", json!({})).await.unwrap();
        assert_eq!(refused["payouts"]["nodes"], json!([{"reason": "AC04", "state": "REFUSED"}]));
        // The same file again, and once more applied: nothing.
        let again = bank.check(&report).await;
        assert_eq!((&again["id"], &again["appliedAt"]), (&applied["id"], &applied["appliedAt"]));
        bank.apply(&answer["id"]).await;
        assert_eq!(bank.books().await, after);
        // Another file that says the same is known; one that says otherwise is a problem.
        let said = [(0, "RJCT", ""), (1, "CANC", ""), (2, "ACSC", "<OrgnlTxRef><Amt><InstdAmt Ccy=\"RUB\">1700.01</InstdAmt></Amt></OrgnlTxRef>")];
        let other = bank.check(&bank.report("", &said)).await;
        assert_eq!(findings(&other), ["ANSWER_CONTRADICTS", "KNOWN", "ANSWER_AMOUNT_DIFFERS"]);
        bank.apply(&other["id"]).await;
        assert_eq!(bank.books().await, after);
        bank.repaid().await;
        bank.app.finish().await;
    }

    async fn what_is_said_of_a_whole_file_is_said_of_each_payout(kind: Kind) {
        let Some(app) = installation(kind).await else { return };
        let bank = Bank::open(app).await;
        // Taken in: nobody is paid by that.
        let taken = bank.check(&bank.report("<GrpSts>ACCP</GrpSts>", &[])).await;
        assert_eq!(findings(&taken), ["PENDING"]);
        // Everything refused, but for one that went through on its own.
        let group = "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf>";
        let answer = bank.check(&bank.report(group, &[(0, "ACCC", "")])).await;
        assert_eq!(findings(&answer), ["KNOWN", "CONFIRMS", "REFUSES", "REFUSES"]);
        assert_eq!(answer["lines"][2]["reason"], "AM04");
        bank.apply(&answer["id"]).await;
        let after = books(&[
            (0, 0, EARNED, "CONFIRMED"),
            (EARNED, 0, 0, "REFUSED"),
            (EARNED, 0, 0, "REFUSED"),
        ]);
        assert_eq!(bank.books().await, after);
        let operator = &bank.market.operator;
        let input = json!({"content": "<Document><Other/></Document>"});
        let refused = operator.try_mutate("checkBankAnswer", input, "answer { id }").await;
        assert_eq!(refused.unwrap().unwrap_err()[0].code, "ANSWER_UNREADABLE");
        let input = json!({"runId": bank.run, "format": "PAIN_001"});
        let nothing = operator.try_mutate("printPayouts", input, "content").await;
        assert_eq!(nothing.unwrap().unwrap_err()[0].code, "NOTHING_TO_PRINT");
        bank.app.finish().await;
    }

    async fn a_large_file_of_who_settles_is_taken_and_a_wrong_account_is_named(kind: Kind) {
        let Some(app) = installation(kind).await else { return };
        let market = Market::open(&app).await;
        let mut csv = "payout,status\n".to_owned();
        while csv.len() < 400_000 {
            csv.push_str("nobody,ACSC,                                            \n");
        }
        let input = json!({"content": csv});
        let selection = "answer { counts { finding lines } }";
        let done = market.operator.mutate("checkBankAnswer", input.clone(), selection).await.unwrap();
        assert_eq!(done["answer"]["counts"][0]["finding"], "PROBLEM");
        let publisher = market.publisher("Paul").await;
        let refused = publisher.client.mutate("checkBankAnswer", input, selection).await;
        assert!(refused.is_err());
        let least = market.money(1);
        for (bik, account, field, code) in [
            ("044525225", "40702810900000000001", "account.account", "ACCOUNT_KEY_INVALID"),
            ("04452522", "40702810200000000001", "account.bik", "BIK_INVALID"),
        ] {
            let document = "mutation($input: SetPayoutProfileInput!) { setPayoutProfile(input: $input) \
                { userErrors { code field } } }";
            let input = profile(&market.currency, bik, account, &least);
            let done = publisher.client.query(document, json!({"input": input})).await.unwrap();
            let errors = &done["setPayoutProfile"]["userErrors"];
            assert_eq!(errors, &json!([{"code": code, "field": field}]));
        }
        app.finish().await;
    }
}
