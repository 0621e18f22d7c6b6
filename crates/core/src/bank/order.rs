//! Payment orders for a bank: `pain.001.001.09`, the customer credit transfer initiation of
//! ISO 20022.
//!
//! One file is one message. Its payments are grouped into parts (`PmtInf`) by currency and by
//! whether SEPA carries them; all are executed on the day of the file. Element order, lengths and
//! what is obligatory are the standard's; a test reads the files again and checks each of them.

use std::collections::BTreeMap;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::ORDER_UNPRINTABLE;
use super::account::{Number, Payee};
use super::naming::{end_to_end, message_id, part_id};
use super::words::{Letters, written};
use crate::error::Problem;
use crate::ids::{PayoutFileId, PayoutId};
use crate::money::{Currency, Money};
use crate::time::Timestamp;

/// The message's name and version.
const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";
/// Most digits of an amount or a sum.
const MAX_DIGITS: usize = 18;
/// The largest exponent of a currency's minor unit.
const SCALE: u32 = 4;

/// One payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The payout.
    pub payout: PayoutId,
    /// How much, minor units, above zero.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
    /// Who gets it, and where.
    pub payee: Payee,
    /// What it is for.
    pub purpose: String,
    /// The file's part that it is in, from 1; see [`parts`].
    pub part: i32,
}

impl std::fmt::Debug for Payee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Payee(…)")
    }
}

/// A file of payments.
#[derive(Clone, Copy, Debug)]
pub struct OrderFile<'a> {
    /// Its id: the message's identification.
    pub id: PayoutFileId,
    /// When it was made; its day is the day of execution.
    pub at: Timestamp,
    /// Who pays.
    pub debtor: &'a Payee,
    /// In which letters.
    pub letters: Letters,
    /// The payments, not empty.
    pub orders: &'a [Order],
}

/// Whether SEPA carries a payment.
fn is_sepa(debtor: &Payee, payee: &Payee, currency: Currency) -> bool {
    let reached = |one: &Payee| matches!(&one.number, Number::Iban(iban) if iban.in_sepa());
    currency == Currency::EUR && reached(debtor) && reached(payee)
}

/// The part of each payment of a new file, from 1, in the order of the payments.
pub fn parts<'a>(
    debtor: &Payee,
    payments: impl Iterator<Item = (Currency, &'a Payee)>,
) -> Vec<i32> {
    let mut known: Vec<(Currency, bool)> = Vec::new();
    payments
        .map(|(currency, payee)| {
            let kind = (currency, is_sepa(debtor, payee, currency));
            let place = known.iter().position(|one| *one == kind).unwrap_or_else(|| {
                known.push(kind);
                known.len() - 1
            });
            i32::try_from(place + 1).unwrap_or(i32::MAX)
        })
        .collect()
}

/// Prints a file.
///
/// # Errors
/// `ORDER_UNPRINTABLE`: no payment, an amount that is not above zero or has too many digits, or a
/// part with several currencies.
pub fn print(file: &OrderFile<'_>) -> Result<String, Problem> {
    let mut parts: BTreeMap<i32, Vec<&Order>> = BTreeMap::new();
    for order in file.orders {
        if order.amount <= 0 {
            return Err(unprintable("an amount is not above zero"));
        }
        parts.entry(order.part).or_default().push(order);
    }
    if parts.is_empty() {
        return Err(unprintable("there is no payment"));
    }
    let mut xml = Xml(Writer::new_with_indent(Vec::new(), b' ', 2));
    xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut root = BytesStart::new("Document");
    root.push_attribute(("xmlns", NAMESPACE));
    xml.event(Event::Start(root))?;
    xml.nest("CstmrCdtTrfInitn", |xml| {
        header(xml, file)?;
        for (part, orders) in &parts {
            payments(xml, file, *part, orders)?;
        }
        Ok(())
    })?;
    xml.event(Event::End(BytesEnd::new("Document")))?;
    let mut bytes = xml.0.into_inner();
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(|_| unprintable("the text is no UTF-8"))
}

fn unprintable(why: &'static str) -> Problem {
    Problem::new(ORDER_UNPRINTABLE).detail(why)
}

/// The elements of one message, written one after the other.
struct Xml(Writer<Vec<u8>>);

impl Xml {
    fn event(&mut self, event: Event<'_>) -> Result<(), Problem> {
        self.0.write_event(event).map_err(|_| unprintable("the writer failed"))
    }

    fn nest(
        &mut self,
        name: &str,
        inside: impl FnOnce(&mut Self) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        self.event(Event::Start(BytesStart::new(name)))?;
        inside(self)?;
        self.event(Event::End(BytesEnd::new(name)))
    }

    fn leaf(&mut self, name: &str, text: &str) -> Result<(), Problem> {
        self.nest(name, |xml| xml.event(Event::Text(BytesText::new(text))))
    }

    /// Elements in each other, the innermost with a text.
    fn path(&mut self, names: &[&str], text: &str) -> Result<(), Problem> {
        match names {
            [] => Ok(()),
            [name] => self.leaf(name, text),
            [name, rest @ ..] => self.nest(name, |xml| xml.path(rest, text)),
        }
    }
}

/// The sum of payments in major units, whatever their currencies, as the standard wants it.
fn control_sum<'a>(orders: impl Iterator<Item = &'a Order>) -> Result<String, Problem> {
    let (mut sum, mut digits) = (0i128, 0u32);
    for order in orders {
        let exponent = order.currency.exponent();
        digits = digits.max(exponent);
        let unit = 10i128.pow(SCALE.saturating_sub(exponent));
        sum = sum.saturating_add(i128::from(order.amount).saturating_mul(unit));
    }
    let sum = sum / 10i128.pow(SCALE.saturating_sub(digits));
    let scale = 10i128.pow(digits);
    let (whole, part) = (sum / scale, sum % scale);
    let width = usize::try_from(digits).unwrap_or(0);
    let text = if width == 0 { whole.to_string() } else { format!("{whole}.{part:0width$}") };
    digits_fit(text)
}

fn digits_fit(text: String) -> Result<String, Problem> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits > MAX_DIGITS { Err(unprintable("an amount has too many digits")) } else { Ok(text) }
}

fn header(xml: &mut Xml, file: &OrderFile<'_>) -> Result<(), Problem> {
    let sepa = file.letters != Letters::All;
    let sum = control_sum(file.orders.iter())?;
    xml.nest("GrpHdr", |xml| {
        xml.leaf("MsgId", &message_id(file.id))?;
        xml.leaf("CreDtTm", &file.at.to_chrono().format("%Y-%m-%dT%H:%M:%SZ").to_string())?;
        xml.leaf("NbOfTxs", &file.orders.len().to_string())?;
        xml.leaf("CtrlSum", &sum)?;
        xml.path(&["InitgPty", "Nm"], &name(&file.debtor.holder, sepa))
    })
}

/// A party's name; SEPA takes 70 characters of it.
fn name(holder: &str, sepa: bool) -> String {
    let text = written(holder, sepa, if sepa { 70 } else { 140 });
    // A name of nothing but signs that are not spelled at all.
    if text.is_empty() { "NOTPROVIDED".to_owned() } else { text }
}

fn payments(
    xml: &mut Xml,
    file: &OrderFile<'_>,
    part: i32,
    orders: &[&Order],
) -> Result<(), Problem> {
    let Some(first) = orders.first() else { return Ok(()) };
    let currency = first.currency;
    let sepa = orders.iter().all(|order| is_sepa(file.debtor, &order.payee, order.currency));
    if orders.iter().any(|order| order.currency != currency) {
        return Err(unprintable("a part has several currencies"));
    }
    let plain = match file.letters {
        Letters::Sepa => true,
        Letters::All => false,
        Letters::Auto => currency == Currency::EUR,
    };
    let sum = control_sum(orders.iter().copied())?;
    xml.nest("PmtInf", |xml| {
        xml.leaf("PmtInfId", &part_id(file.id, part))?;
        xml.leaf("PmtMtd", "TRF")?;
        xml.leaf("NbOfTxs", &orders.len().to_string())?;
        xml.leaf("CtrlSum", &sum)?;
        if sepa {
            xml.path(&["PmtTpInf", "SvcLvl", "Cd"], "SEPA")?;
        }
        let day = file.at.to_chrono().format("%Y-%m-%d").to_string();
        xml.path(&["ReqdExctnDt", "Dt"], &day)?;
        xml.nest("Dbtr", |xml| party(xml, file.debtor, plain))?;
        xml.nest("DbtrAcct", |xml| account(xml, file.debtor))?;
        // Obligatory; where the IBAN says all, the standard has a word for it.
        xml.nest("DbtrAgt", |xml| {
            if agent_known(file.debtor) {
                agent(xml, file.debtor)
            } else {
                xml.path(&["FinInstnId", "Othr", "Id"], "NOTPROVIDED")
            }
        })?;
        xml.leaf("ChrgBr", if sepa { "SLEV" } else { "SHAR" })?;
        for order in orders {
            xml.nest("CdtTrfTxInf", |xml| payment(xml, order, plain))?;
        }
        Ok(())
    })
}

fn payment(xml: &mut Xml, order: &Order, plain: bool) -> Result<(), Problem> {
    let reference = end_to_end(order.payout);
    xml.nest("PmtId", |xml| {
        xml.leaf("InstrId", &reference)?;
        xml.leaf("EndToEndId", &reference)
    })?;
    let amount = digits_fit(Money::new(order.amount, order.currency).decimal())?;
    xml.nest("Amt", |xml| {
        let mut element = BytesStart::new("InstdAmt");
        element.push_attribute(("Ccy", order.currency.code()));
        xml.event(Event::Start(element))?;
        xml.event(Event::Text(BytesText::new(&amount)))?;
        xml.event(Event::End(BytesEnd::new("InstdAmt")))
    })?;
    if agent_known(&order.payee) {
        xml.nest("CdtrAgt", |xml| agent(xml, &order.payee))?;
    }
    xml.nest("Cdtr", |xml| party(xml, &order.payee, plain))?;
    xml.nest("CdtrAcct", |xml| account(xml, &order.payee))?;
    xml.path(&["RmtInf", "Ustrd"], &written(&order.purpose, plain, 140))
}

fn party(xml: &mut Xml, payee: &Payee, plain: bool) -> Result<(), Problem> {
    xml.leaf("Nm", &name(&payee.holder, plain))?;
    xml.path(&["PstlAdr", "Ctry"], &payee.country)
}

fn account(xml: &mut Xml, payee: &Payee) -> Result<(), Problem> {
    xml.nest("Id", |xml| match &payee.number {
        Number::Iban(iban) => xml.leaf("IBAN", iban.as_str()),
        Number::Russian { account, .. } => xml.nest("Othr", |xml| {
            xml.leaf("Id", account.as_str())?;
            xml.path(&["SchmeNm", "Cd"], "BBAN")
        }),
    })
}

fn agent_known(payee: &Payee) -> bool {
    payee.bic.is_some() || payee.bik().is_some()
}

fn agent(xml: &mut Xml, payee: &Payee) -> Result<(), Problem> {
    xml.nest("FinInstnId", |xml| {
        if let Some(bic) = &payee.bic {
            xml.leaf("BICFI", bic.as_str())?;
        }
        let Some(bik) = payee.bik() else { return Ok(()) };
        xml.nest("ClrSysMmbId", |xml| {
            xml.path(&["ClrSysId", "Cd"], "RUCBC")?;
            xml.leaf("MmbId", bik)
        })
    })
}
