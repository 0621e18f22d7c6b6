#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
use super::*;
use crate::ids::PayoutId;
use crate::money::{Currency, Money};
use crate::settlement::PayoutState;
use proptest::prelude::*;
use uuid::Uuid;

fn payout(n: u128) -> PayoutId {
    PayoutId(Uuid::from_u128(n))
}

fn transaction(n: u128, status: &str, more: &str) -> String {
    let id = end_to_end(payout(n));
    format!(
        "<TxInfAndSts><StsId>s{n}</StsId><OrgnlEndToEndId>{id}</OrgnlEndToEndId><TxSts>{status}</TxSts>{more}</TxInfAndSts>"
    )
}

fn report(version: &str, group: &str, inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}\">\
         <CstmrPmtStsRpt><GrpHdr><MsgId>BANK 1</MsgId><CreDtTm>2026-03-06T09:00:00Z</CreDtTm></GrpHdr>\
         <OrgnlGrpInfAndSts><OrgnlMsgId>PYF0000000000000000000000002D</OrgnlMsgId>\
         <OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{group}</OrgnlGrpInfAndSts>{inside}\
         </CstmrPmtStsRpt></Document>"
    )
}

const REASON: &str =
    "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>Account closed &amp; gone</AddtlInf></StsRsnInf>";

#[test]
fn an_answer_is_read_whatever_the_version() {
    for version in ["03", "10"] {
        let inside = format!(
            "<OrgnlPmtInfAndSts><OrgnlPmtInfId>PYF0000000000000000000000002D-1</OrgnlPmtInfId>{}{}{}</OrgnlPmtInfAndSts>",
            transaction(1, "ACSC", "<AcctSvcrRef>B-77</AcctSvcrRef>"),
            transaction(2, "RJCT", REASON),
            transaction(
                3,
                "PDNG",
                "<OrgnlTxRef><Amt><InstdAmt Ccy=\"EUR\">42.5000</InstdAmt></Amt></OrgnlTxRef>"
            ),
        );
        let answer = read(report(version, "<GrpSts>PART</GrpSts>", &inside).as_bytes()).unwrap();
        assert_eq!(answer.format, AnswerFormat::Pain002);
        assert_eq!(answer.message.as_deref(), Some("BANK 1"));
        let file = answer.original.as_deref().and_then(read_message_id).unwrap();
        assert_eq!(file.uuid(), Uuid::from_u128(77));
        let lines: Vec<_> =
            answer.lines.iter().map(|line| (line.scope, line.status.as_str())).collect();
        assert_eq!(
            lines,
            [
                (Scope::File, "PART"),
                (Scope::Payment, "ACSC"),
                (Scope::Payment, "RJCT"),
                (Scope::Payment, "PDNG"),
            ]
        );
        assert_eq!(answer.lines[1].bank_reference.as_deref(), Some("B-77"));
        assert_eq!(answer.lines[2].reason.as_deref(), Some("AC04"));
        assert_eq!(answer.lines[3].amount, Some(Money::new(4_250, Currency::EUR)));
        assert_eq!(read_end_to_end(&answer.lines[3].reference), Some(payout(3)));
    }
}

#[test]
fn prefixes_parts_and_reasons_of_parts_are_read() {
    let text = report(
        "10",
        "",
        "<OrgnlPmtInfAndSts><OrgnlPmtInfId>P-1</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts>\
         <StsRsnInf><Rsn><Prtry>NOFUNDS</Prtry></Rsn></StsRsnInf></OrgnlPmtInfAndSts>",
    );
    let prefixed = text
        .replace("</", "</x:")
        .replace("<", "<x:")
        .replace("<x:/x:", "</x:")
        .replace("<x:?", "<?");
    for text in [text, prefixed] {
        let answer = read(text.as_bytes()).unwrap();
        assert_eq!(answer.lines.len(), 1, "{text}");
        let line = &answer.lines[0];
        assert_eq!(
            (line.scope, line.reference.as_str(), line.reason.as_deref()),
            (Scope::Part, "P-1", Some("NOFUNDS"))
        );
    }
}

#[test]
fn what_is_no_answer_is_refused_as_a_whole() {
    let good = report("10", "", &transaction(1, "ACSC", ""));
    assert!(read(good.as_bytes()).is_ok());
    let cut = &good[..good.len() - 5];
    let entity = good.replace("<Document", "<!DOCTYPE a [<!ENTITY b \"c\">]><Document");
    let unknown = good.replace("BANK 1", "BANK &b;");
    let other = good.replace("CstmrPmtStsRpt", "CstmrCdtTrfInitn");
    let crossed = good.replace("</GrpHdr>", "</GrpHead>");
    let empty = report("10", "", "");
    let deep = format!("{}{}", "<a>".repeat(40), "</a>".repeat(40));
    let deep = report("10", "", &deep);
    for text in ["", "no header\nx", cut, &entity, &unknown, &other, &crossed, &empty, &deep, "<"] {
        assert_eq!(read(text.as_bytes()).unwrap_err().code.name, "ANSWER_UNREADABLE", "{text}");
    }
    assert_eq!(read(&[0xff, 0xfe, b'<']).unwrap_err().code.name, "ANSWER_UNREADABLE");
    assert_eq!(read(&vec![b' '; MAX_BYTES + 1]).unwrap_err().code.name, "TOO_LARGE");
    let many = transaction(1, "ACSC", "").repeat(MAX_LINES + 1);
    assert_eq!(read(report("10", "", &many).as_bytes()).unwrap_err().code.name, "TOO_LARGE");
}

#[test]
fn csv_is_read_with_commas_or_semicolons() {
    let text = format!(
        "\u{feff}Payout;Status;Amount;Currency;Reference;Reason;Note\r\n{};ACSC;12.50;RUB;B 1;;x\r\n{};refused;;;;AC04\r\n;ACSC;1;;;\r\n",
        payout(1),
        end_to_end(payout(2)),
    );
    let answer = read(text.as_bytes()).unwrap();
    assert_eq!(answer.format, AnswerFormat::Csv);
    let [one, two, three] = answer.lines.as_slice() else { panic!("{answer:?}") };
    assert_eq!(read_end_to_end(&one.reference), Some(payout(1)));
    assert_eq!(one.amount, Some(Money::new(1_250, Currency::RUB)));
    assert_eq!((one.bank_reference.as_deref(), one.reason.as_deref()), (Some("B 1"), None));
    assert_eq!((said(&two.status), two.reason.as_deref()), (Some(Said::Refused), Some("AC04")));
    assert_eq!(three.fault.map(|code| code.name), Some("ANSWER_UNREADABLE"));
    let commas = text.replace(';', ",");
    assert_eq!(read(commas.as_bytes()).unwrap(), answer);
    assert!(read(b"status,amount\nACSC,1\n").is_err());
}

fn line(status: &str, amount: Option<i64>) -> AnswerLine {
    AnswerLine {
        n: 1,
        scope: Scope::Payment,
        reference: String::new(),
        status: status.to_owned(),
        reason: None,
        amount: amount.map(|minor| Money::new(minor, Currency::EUR)),
        bank_reference: None,
        fault: None,
    }
}

fn known(n: u128, state: PayoutState) -> Option<Known> {
    Some(Known { payout: payout(n), state, amount: Money::new(100, Currency::EUR) })
}

#[test]
fn the_whole_table_of_states_and_statuses() {
    for state in PayoutState::ALL {
        let got: Vec<String> = ["ACCC", "RJCT", "ACSP"]
            .iter()
            .map(|status| {
                let line = line(status, Some(100));
                let (finding, code) = judge(&[(&line, known(1, *state))]).remove(0);
                code.map_or(finding.as_str(), |code| code.name).to_owned()
            })
            .collect();
        let want = match state {
            PayoutState::Planned => ["ANSWER_NOT_SENT"; 3],
            PayoutState::Exported | PayoutState::Sent | PayoutState::Unknown => {
                ["CONFIRMS", "REFUSES", "PENDING"]
            }
            PayoutState::Confirmed => ["KNOWN", "ANSWER_CONTRADICTS", "KNOWN"],
            PayoutState::Refused => ["ANSWER_CONTRADICTS", "KNOWN", "KNOWN"],
        };
        assert_eq!(got, want, "{state}");
    }
    let one = |line: AnswerLine, known| judge(&[(&line, known)]).remove(0).1.unwrap().name;
    let sent = known(1, PayoutState::Exported);
    assert_eq!(one(line("XXXX", None), sent), "ANSWER_STATUS_UNKNOWN");
    assert_eq!(one(line("ACSC", None), None), "ANSWER_PAYOUT_UNKNOWN");
    assert_eq!(one(line("ACSC", Some(99)), sent), "ANSWER_AMOUNT_DIFFERS");
}

#[test]
fn one_file_says_one_thing_of_a_payout() {
    let (yes, no, wait) = (line("ACSC", None), line("RJCT", None), line("ACSP", None));
    let (a, b) = (known(1, PayoutState::Exported), known(2, PayoutState::Exported));
    let found = |lines: &[(&AnswerLine, Option<Known>)]| -> Vec<&'static str> {
        judge(lines)
            .into_iter()
            .map(|(finding, code)| code.map_or(finding.as_str(), |c| c.name))
            .collect()
    };
    assert_eq!(
        found(&[(&wait, a), (&yes, a), (&yes, a), (&no, b)]),
        ["PENDING", "CONFIRMS", "KNOWN", "REFUSES"]
    );
    assert_eq!(
        found(&[(&yes, a), (&no, a), (&no, b)]),
        ["ANSWER_AMBIGUOUS", "ANSWER_AMBIGUOUS", "REFUSES"]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[<>&;/\"=A-Za-z0-9 ,\\n\\PC]{0,300}") {
        let _ = read(text.as_bytes());
        let _ = read(format!("<Document><CstmrPmtStsRpt>{text}").as_bytes());
        let _ = read(format!("payout,status,amount,currency\n{text}").as_bytes());
    }

    #[test]
    fn a_damaged_answer_is_read_or_refused(
        at in 0usize..900, len in 0usize..40, with in proptest::collection::vec(any::<u8>(), 0..6),
    ) {
        let mut bytes = report("10", "<GrpSts>RJCT</GrpSts>", &transaction(1, "RJCT", REASON)).into_bytes();
        let start = at.min(bytes.len());
        let end = (start + len).min(bytes.len());
        bytes.splice(start..end, with);
        if let Ok(answer) = read(&bytes) {
            prop_assert!(answer.lines.len() <= 3);
        }
    }
}
