//! Reads a printed file again and holds it against the structure of `pain.001.001.09`: which
//! elements there are, in which order, how often, how long; sums, counts, identifiers.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use quick_xml::Reader;
use quick_xml::events::Event;
use std::collections::{BTreeMap, BTreeSet};

use super::{Bic, Currency, Iban};

/// An element with what is in it.
#[derive(Debug, Default)]
pub struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    pub fn all(&self, name: &str) -> impl Iterator<Item = &Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub fn find(&self, path: &str) -> Option<&Element> {
        path.split('/').try_fold(self, |element, name| {
            element.children.iter().find(|child| child.name == name)
        })
    }

    pub fn at(&self, path: &str) -> &str {
        &self.find(path).unwrap_or_else(|| panic!("{}: no {path}", self.name)).text
    }
}

/// Parses a whole document; panics where it is not well formed.
pub fn parse(text: &str) -> Element {
    let mut reader = Reader::from_str(text);
    let mut stack = vec![Element::default()];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                let mut element =
                    Element { name: start.name().as_ref().to_owned(), ..Element::default() };
                for attribute in start.attributes() {
                    let attribute = attribute.unwrap();
                    let name = attribute.key.as_ref().to_owned();
                    element.attributes.insert(name, attribute.value.to_string());
                }
                stack.push(element);
            }
            Event::End(_) => {
                let mut element = stack.pop().unwrap();
                if !element.children.is_empty() {
                    assert_eq!(element.text.trim(), "", "{} has both", element.name);
                    element.text.clear();
                }
                stack.last_mut().unwrap().children.push(element);
            }
            Event::Text(text) => stack.last_mut().unwrap().text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let letter = match reference.xml10_content().as_ref() {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    "apos" => '\'',
                    other => panic!("{other}"),
                };
                stack.last_mut().unwrap().text.push(letter);
            }
            Event::Decl(_) => assert_eq!(stack.len(), 1),
            Event::Eof => break,
            other => panic!("not expected: {other:?}"),
        }
    }
    assert_eq!(stack.len(), 1);
    let mut roots = stack.pop().unwrap().children;
    assert_eq!(roots.len(), 1);
    roots.pop().unwrap()
}

/// What the standard says of an element: its children in order, with least and most.
fn grammar(path: &str) -> Option<&'static [(&'static str, usize, usize)]> {
    const MANY: usize = usize::MAX;
    const PARTY: &[(&str, usize, usize)] = &[("Nm", 0, 1), ("PstlAdr", 0, 1)];
    const ACCOUNT: &[(&str, usize, usize)] = &[("Id", 1, 1)];
    const AGENT: &[(&str, usize, usize)] = &[("FinInstnId", 1, 1)];
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    let up = parent.rsplit('/').next().unwrap_or("");
    Some(match (up, name) {
        ("", "Document") => &[("CstmrCdtTrfInitn", 1, 1)],
        (_, "CstmrCdtTrfInitn") => &[("GrpHdr", 1, 1), ("PmtInf", 1, MANY)],
        (_, "GrpHdr") => &[
            ("MsgId", 1, 1),
            ("CreDtTm", 1, 1),
            ("NbOfTxs", 1, 1),
            ("CtrlSum", 0, 1),
            ("InitgPty", 1, 1),
        ],
        (_, "PmtInf") => &[
            ("PmtInfId", 1, 1),
            ("PmtMtd", 1, 1),
            ("NbOfTxs", 0, 1),
            ("CtrlSum", 0, 1),
            ("PmtTpInf", 0, 1),
            ("ReqdExctnDt", 1, 1),
            ("Dbtr", 1, 1),
            ("DbtrAcct", 1, 1),
            ("DbtrAgt", 1, 1),
            ("ChrgBr", 0, 1),
            ("CdtTrfTxInf", 1, MANY),
        ],
        (_, "CdtTrfTxInf") => &[
            ("PmtId", 1, 1),
            ("Amt", 1, 1),
            ("CdtrAgt", 0, 1),
            ("Cdtr", 0, 1),
            ("CdtrAcct", 0, 1),
            ("RmtInf", 0, 1),
        ],
        (_, "PmtId") => &[("InstrId", 0, 1), ("EndToEndId", 1, 1)],
        (_, "Amt") => &[("InstdAmt", 1, 1)],
        (_, "PmtTpInf") => &[("SvcLvl", 0, MANY)],
        (_, "SvcLvl") | ("ClrSysMmbId", "ClrSysId") | (_, "SchmeNm") => &[("Cd", 1, 1)],
        (_, "ReqdExctnDt") => &[("Dt", 1, 1)],
        (_, "Dbtr" | "Cdtr" | "InitgPty") => PARTY,
        (_, "DbtrAcct" | "CdtrAcct") => ACCOUNT,
        ("DbtrAcct" | "CdtrAcct", "Id") => &[("IBAN", 0, 1), ("Othr", 0, 1)],
        ("Id", "Othr") => &[("Id", 1, 1), ("SchmeNm", 0, 1)],
        (_, "DbtrAgt" | "CdtrAgt") => AGENT,
        (_, "FinInstnId") => &[("BICFI", 0, 1), ("ClrSysMmbId", 0, 1), ("Othr", 0, 1)],
        ("FinInstnId", "Othr") => &[("Id", 1, 1)],
        (_, "ClrSysMmbId") => &[("ClrSysId", 0, 1), ("MmbId", 1, 1)],
        (_, "PstlAdr") => &[("Ctry", 0, 1)],
        (_, "RmtInf") => &[("Ustrd", 0, MANY)],
        _ => return None,
    })
}

/// The most characters of a leaf.
fn longest(name: &str) -> usize {
    match name {
        "MsgId" | "PmtInfId" | "InstrId" | "EndToEndId" | "MmbId" => 35,
        "Nm" | "Ustrd" => 140,
        "IBAN" | "Id" => 34,
        "BICFI" => 11,
        "Ctry" => 2,
        "PmtMtd" => 3,
        "ChrgBr" | "Cd" => 5,
        "NbOfTxs" => 15,
        "CtrlSum" | "InstdAmt" => 19,
        "CreDtTm" => 20,
        "Dt" => 10,
        other => panic!("{other}: how long may it be?"),
    }
}

fn structure(element: &Element, path: &str) {
    let Some(rules) = grammar(path) else {
        assert!(element.children.is_empty(), "{path} is not known");
        let length = element.text.chars().count();
        assert!((1..=longest(&element.name)).contains(&length), "{path}: {:?}", element.text);
        return;
    };
    let places: Vec<usize> = element
        .children
        .iter()
        .map(|child| {
            let known = rules.iter().position(|(name, ..)| *name == child.name);
            known.unwrap_or_else(|| panic!("{path}: {} is not expected", child.name))
        })
        .collect();
    assert!(places.is_sorted(), "{path}: the order is wrong: {places:?}");
    for (name, least, most) in rules {
        let found = element.all(name).count();
        assert!((*least..=*most).contains(&found), "{path}: {found} of {name}");
    }
    for child in &element.children {
        structure(child, &format!("{path}/{}", child.name));
    }
}

/// A decimal as hundred-thousandths.
fn decimal(text: &str) -> i128 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    assert!(part.len() <= 5 && !text.ends_with('.') && whole.len() + part.len() <= 18, "{text}");
    format!("{whole}{part:0<5}").parse().unwrap()
}

fn account(account: &Element) {
    let id = account.find("Id").unwrap();
    assert_eq!(id.children.len(), 1, "an account is an IBAN or something else");
    if let Some(iban) = id.find("IBAN") {
        let digits: String = [&iban.text[4..], &iban.text[..4]]
            .concat()
            .chars()
            .map(|letter| letter.to_digit(36).unwrap().to_string())
            .collect();
        let rest =
            digits.bytes().fold(0u32, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
        assert_eq!(rest, 1, "{}", iban.text);
        assert!(iban.text.parse::<Iban>().is_ok());
    }
}

fn agent(agent: &Element) {
    let bank = agent.find("FinInstnId").unwrap();
    assert!(!bank.children.is_empty(), "an agent without anything");
    if let Some(bic) = bank.find("BICFI") {
        assert!(bic.text.parse::<Bic>().is_ok());
    }
}

/// Holds a file against the standard; gives its root for further questions.
pub fn check(text: &str) -> Element {
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"));
    let root = parse(text);
    assert_eq!(root.attributes["xmlns"], "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09");
    structure(&root, "Document");
    let message = root.find("CstmrCdtTrfInitn").unwrap();
    let header = message.find("GrpHdr").unwrap();
    let (mut ids, mut count, mut sum) = (BTreeSet::new(), 0, 0);
    assert!(ids.insert(header.at("MsgId").to_owned()));
    for part in message.all("PmtInf") {
        assert!(ids.insert(part.at("PmtInfId").to_owned()), "twice: {}", part.at("PmtInfId"));
        assert_eq!(part.at("PmtMtd"), "TRF");
        account(part.find("DbtrAcct").unwrap());
        agent(part.find("DbtrAgt").unwrap());
        let (mut own_count, mut own_sum) = (0, 0);
        let mut currencies = BTreeSet::new();
        for one in part.all("CdtTrfTxInf") {
            let amount = one.find("Amt/InstdAmt").unwrap();
            let currency = &amount.attributes["Ccy"];
            let exponent = currency.parse::<Currency>().unwrap().exponent();
            let places = amount.text.split_once('.').map_or(0, |(_, part)| part.len());
            assert_eq!(places, usize::try_from(exponent).unwrap(), "{currency}");
            currencies.insert(currency.clone());
            assert!(decimal(&amount.text) > 0);
            own_sum += decimal(&amount.text);
            own_count += 1;
            assert!(ids.insert(one.at("PmtId/EndToEndId").to_owned()), "paid twice");
            account(one.find("CdtrAcct").unwrap());
            one.find("CdtrAgt").into_iter().for_each(agent);
            assert!(one.find("Cdtr/Nm").is_some());
        }
        assert_eq!(currencies.len(), 1, "one currency in a part");
        assert_eq!(part.at("NbOfTxs"), own_count.to_string());
        assert_eq!(decimal(part.at("CtrlSum")), own_sum);
        let sepa = part.find("PmtTpInf/SvcLvl/Cd").is_some_and(|code| code.text == "SEPA");
        assert_eq!(part.at("ChrgBr"), if sepa { "SLEV" } else { "SHAR" });
        count += own_count;
        sum += own_sum;
    }
    assert_eq!(header.at("NbOfTxs"), count.to_string());
    assert_eq!(decimal(header.at("CtrlSum")), sum);
    root
}
