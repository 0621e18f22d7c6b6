#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
use super::order_check::check;
use super::words::is_sepa;
use super::*;
use crate::ids::{PayoutFileId, PayoutId};
use crate::money::Currency;
use crate::time::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

pub fn german(holder: &str, bic: Option<&str>) -> Payee {
    AccountText {
        holder: holder.to_owned(),
        country: "DE".to_owned(),
        iban: Some("DE89370400440532013000".to_owned()),
        bic: bic.map(ToOwned::to_owned),
        ..AccountText::default()
    }
    .read("account")
    .unwrap()
}

pub fn russian(holder: &str) -> Payee {
    AccountText {
        holder: holder.to_owned(),
        country: "RU".to_owned(),
        bik: Some("044525225".to_owned()),
        account: Some("40702810200000000001".to_owned()),
        ..AccountText::default()
    }
    .read("account")
    .unwrap()
}

fn order(n: u128, amount: i64, currency: &str, payee: Payee) -> Order {
    Order {
        payout: PayoutId(Uuid::from_u128(n)),
        amount,
        currency: currency.parse().unwrap(),
        payee,
        purpose: format!("Leads, statement 2026-{n:04}"),
        part: 0,
    }
}

fn file(debtor: &Payee, letters: Letters, mut orders: Vec<Order>) -> (String, Vec<Order>) {
    let places = parts(debtor, orders.iter().map(|one| (one.currency, &one.payee)));
    for (order, part) in orders.iter_mut().zip(places) {
        order.part = part;
    }
    let at = Timestamp::parse_rfc3339("2026-03-05T10:20:30Z").unwrap();
    let id = PayoutFileId(Uuid::from_u128(77));
    (print(&OrderFile { id, at, debtor, letters, orders: &orders }).unwrap(), orders)
}

/// One SEPA payment, whole.
const WANT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">
  <CstmrCdtTrfInitn>
    <GrpHdr>
      <MsgId>PYF0000000000000000000000002D</MsgId>
      <CreDtTm>2026-03-05T10:20:30Z</CreDtTm>
      <NbOfTxs>1</NbOfTxs>
      <CtrlSum>42.50</CtrlSum>
      <InitgPty>
        <Nm>Borse GmbH + Co</Nm>
      </InitgPty>
    </GrpHdr>
    <PmtInf>
      <PmtInfId>PYF0000000000000000000000002D-1</PmtInfId>
      <PmtMtd>TRF</PmtMtd>
      <NbOfTxs>1</NbOfTxs>
      <CtrlSum>42.50</CtrlSum>
      <PmtTpInf>
        <SvcLvl>
          <Cd>SEPA</Cd>
        </SvcLvl>
      </PmtTpInf>
      <ReqdExctnDt>
        <Dt>2026-03-05</Dt>
      </ReqdExctnDt>
      <Dbtr>
        <Nm>Borse GmbH + Co</Nm>
        <PstlAdr>
          <Ctry>DE</Ctry>
        </PstlAdr>
      </Dbtr>
      <DbtrAcct>
        <Id>
          <IBAN>DE89370400440532013000</IBAN>
        </Id>
      </DbtrAcct>
      <DbtrAgt>
        <FinInstnId>
          <BICFI>COBADEFFXXX</BICFI>
        </FinInstnId>
      </DbtrAgt>
      <ChrgBr>SLEV</ChrgBr>
      <CdtTrfTxInf>
        <PmtId>
          <InstrId>PAY00000000000000000000000001</InstrId>
          <EndToEndId>PAY00000000000000000000000001</EndToEndId>
        </PmtId>
        <Amt>
          <InstdAmt Ccy="EUR">42.50</InstdAmt>
        </Amt>
        <Cdtr>
          <Nm>Anna Sh</Nm>
          <PstlAdr>
            <Ctry>DE</Ctry>
          </PstlAdr>
        </Cdtr>
        <CdtrAcct>
          <Id>
            <IBAN>DE89370400440532013000</IBAN>
          </Id>
        </CdtrAcct>
        <RmtInf>
          <Ustrd>Leads, statement 2026-0001</Ustrd>
        </RmtInf>
      </CdtTrfTxInf>
    </PmtInf>
  </CstmrCdtTrfInitn>
</Document>
"#;

#[test]
fn a_file_is_what_the_standard_says_to_the_letter() {
    let debtor = german("Börse GmbH & Co", Some("COBADEFFXXX"));
    let (text, _) =
        file(&debtor, Letters::Auto, vec![order(1, 4_250, "EUR", german("Anna Ш", None))]);
    check(&text);
    assert_eq!(text, WANT);
}

#[test]
fn every_currency_has_its_decimals_and_its_part() {
    let debtor = russian("ООО «Биржа»");
    let (text, orders) = file(
        &debtor,
        Letters::Auto,
        vec![
            order(1, 1_234, "JPY", german("A", None)),
            order(2, 1_234, "KWD", german("B", Some("COBADEFF"))),
            order(3, 1_234, "RUB", russian("Иван <Иванов> & сын")),
            order(4, 99, "RUB", russian("Пётр")),
        ],
    );
    assert_eq!(orders.iter().map(|one| one.part).collect::<Vec<_>>(), [1, 2, 3, 3]);
    let root = check(&text);
    let message = root.find("CstmrCdtTrfInitn").unwrap();
    // 1234 + 1.234 + 12.34 + 0.99
    assert_eq!(message.at("GrpHdr/CtrlSum"), "1248.564");
    let parts: Vec<_> = message.all("PmtInf").collect();
    assert_eq!(parts.len(), 3);
    assert_eq!(parts[0].at("CtrlSum"), "1234");
    assert_eq!(parts[2].at("CtrlSum"), "13.33");
    let first = parts[2].find("CdtTrfTxInf").unwrap();
    assert_eq!(first.at("Cdtr/Nm"), "Иван <Иванов> & сын");
    assert_eq!(first.at("CdtrAgt/FinInstnId/ClrSysMmbId/MmbId"), "044525225");
    assert_eq!(first.at("CdtrAcct/Id/Othr/Id"), "40702810200000000001");
    assert_eq!(parts[0].at("DbtrAgt/FinInstnId/ClrSysMmbId/ClrSysId/Cd"), "RUCBC");
}

#[test]
fn what_can_not_be_paid_is_not_printed() {
    let debtor = german("A", None);
    let try_it = |orders: &[Order]| {
        let at = Timestamp::from_micros(0);
        let id = PayoutFileId(Uuid::from_u128(1));
        print(&OrderFile { id, at, debtor: &debtor, letters: Letters::Auto, orders }).is_err()
    };
    assert!(try_it(&[]));
    assert!(try_it(&[order(1, 0, "EUR", german("B", None))]));
    assert!(try_it(&[order(1, i64::MAX, "EUR", german("B", None))]));
    let mixed = [order(1, 1, "EUR", german("B", None)), order(2, 1, "USD", german("B", None))];
    assert!(try_it(&mixed));
}

fn payees() -> impl Strategy<Value = Payee> {
    let name = "[\\PC&&[^\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}\u{feff}\u{fffe}\u{ffff}]]{0,150}";
    (name, "[0-9]{18}", any::<bool>(), any::<bool>()).prop_map(|(name, bban, abroad, bic)| {
        let holder: String = format!("X{name}").chars().take(140).collect();
        if abroad {
            return russian(&holder);
        }
        AccountText {
            holder,
            country: "DE".to_owned(),
            iban: Iban::of("DE", &bban).map(|iban| iban.as_str().to_owned()),
            bic: bic.then(|| "COBADEFF".to_owned()),
            ..AccountText::default()
        }
        .read("account")
        .unwrap()
    })
}

proptest! {
    #[test]
    fn any_payouts_make_a_file_that_holds(
        debtor in payees(),
        letters in prop_oneof![Just(Letters::Auto), Just(Letters::Sepa), Just(Letters::All)],
        rows in proptest::collection::vec(
            (1i64..1_000_000_000_000, prop_oneof!["EUR", "RUB", "USD", "JPY", "KWD", "CLF"], payees()), 1..40),
    ) {
        let orders: Vec<Order> = (1u128..)
            .zip(rows)
            .map(|(n, (amount, currency, payee))| order(n, amount, &currency, payee))
            .collect();
        let (text, printed) = file(&debtor, letters, orders);
        let root = check(&text);
        let message = root.find("CstmrCdtTrfInitn").unwrap();
        let mut seen = 0;
        for part in message.all("PmtInf") {
            for one in part.all("CdtTrfTxInf") {
                let id = read_end_to_end(one.at("PmtId/EndToEndId")).unwrap();
                let meant = printed.iter().find(|order| order.payout == id).unwrap();
                let sum = crate::money::Money::new(meant.amount, meant.currency);
                prop_assert_eq!(one.at("Amt/InstdAmt"), sum.decimal());
                let plain = letters == Letters::Sepa
                    || (letters == Letters::Auto && meant.currency == Currency::EUR);
                if plain {
                    prop_assert!(one.at("Cdtr/Nm").chars().all(is_sepa));
                }
                seen += 1;
            }
        }
        prop_assert_eq!(seen, printed.len());
    }
}
