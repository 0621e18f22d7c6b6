//! Answers as `pain.002`. What is not asked for is passed over, so that versions with the same
//! names are read alike; what is not well formed is refused as a whole. Entities of the document's
//! own are refused: nothing in an answer needs them.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::ANSWER_UNREADABLE;
use super::answer::{Answer, AnswerFormat, AnswerLine, MAX_LINES, Scope, short, sum};
use crate::error::{Problem, TOO_LARGE};
use crate::money::Money;

/// How deep elements may lie in each other.
const MAX_DEPTH: usize = 32;
/// Bytes of one element's text that are kept.
const MAX_LEAF: usize = 1_024;

/// What a bank says of one thing, while it is read.
#[derive(Default)]
struct Part {
    reference: Option<String>,
    status: Option<String>,
    reason: Option<String>,
    amount: Option<Result<Money, crate::error::Code>>,
    bank_reference: Option<String>,
}

/// The elements that say something of a payment, of a part, of the file.
const SCOPES: [(&str, Scope); 3] = [
    ("TxInfAndSts", Scope::Payment),
    ("OrgnlPmtInfAndSts", Scope::Part),
    ("OrgnlGrpInfAndSts", Scope::File),
];

struct Reading {
    path: Vec<String>,
    text: String,
    currency: String,
    /// What is open, the innermost last.
    open: Vec<(Scope, Part)>,
    answer: Answer,
}

fn unreadable(why: &'static str) -> Problem {
    Problem::new(ANSWER_UNREADABLE).detail(why)
}

pub(super) fn read(text: &str) -> Result<Answer, Problem> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut reading = Reading {
        path: Vec::new(),
        text: String::new(),
        currency: String::new(),
        open: Vec::new(),
        answer: Answer {
            format: AnswerFormat::Pain002,
            message: None,
            original: None,
            lines: Vec::new(),
        },
    };
    loop {
        let event = reader.read_event().map_err(|_| unreadable("The XML is not well formed."))?;
        match event {
            Event::Start(start) => reading.start(&start)?,
            Event::End(_) => reading.end()?,
            Event::Text(text) => reading.text(&text.xml10_content()),
            Event::CData(text) => reading.text(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let letter = match reference.resolve_char_ref() {
                    Ok(Some(letter)) => letter,
                    Ok(None) => match reference.xml10_content().as_ref() {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => return Err(unreadable("The XML has entities of its own.")),
                    },
                    Err(_) => return Err(unreadable("The XML has a broken reference.")),
                };
                reading.text(letter.encode_utf8(&mut [0; 4]));
            }
            Event::DocType(_) => return Err(unreadable("The XML has a document type.")),
            Event::Eof => break,
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::Empty(_) => {}
        }
    }
    if reading.path.is_empty() {
        Ok(reading.answer)
    } else {
        Err(unreadable("The XML ends early."))
    }
}

impl Reading {
    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), Problem> {
        let name = start.local_name().as_ref().to_owned();
        match (self.path.len(), name.as_str()) {
            (0, "Document") | (1, "CstmrPmtStsRpt") | (2.., _) => {}
            _ => return Err(unreadable("The XML is no pain.002.")),
        }
        if self.path.len() >= MAX_DEPTH {
            return Err(unreadable("The XML is too deep."));
        }
        if let Some((_, scope)) = SCOPES.iter().find(|(known, _)| *known == name) {
            self.open.push((*scope, Part::default()));
        }
        if name == "InstdAmt" {
            let found = start.try_get_attribute("Ccy").ok().flatten();
            self.currency = found.map(|found| found.value.to_string()).unwrap_or_default();
        }
        self.text.clear();
        self.path.push(name);
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if self.text.len() + text.len() <= MAX_LEAF {
            self.text.push_str(text);
        }
    }

    fn end(&mut self) -> Result<(), Problem> {
        let Some(name) = self.path.pop() else { return Ok(()) };
        let parent = self.path.last().map(String::as_str).unwrap_or_default();
        let text = short(&std::mem::take(&mut self.text));
        match (parent, name.as_str()) {
            ("GrpHdr", "MsgId") => self.answer.message = text,
            ("OrgnlGrpInfAndSts", "OrgnlMsgId") => {
                self.answer.original.clone_from(&text);
                self.note(|part| part.reference = text);
            }
            ("OrgnlPmtInfAndSts", "OrgnlPmtInfId") | ("TxInfAndSts", "OrgnlEndToEndId") => {
                self.note(|part| part.reference = text);
            }
            // Where the end-to-end identification is missing, the instruction's is the same.
            ("TxInfAndSts", "OrgnlInstrId") => {
                self.note(|part| part.reference = part.reference.take().or(text));
            }
            ("OrgnlGrpInfAndSts", "GrpSts")
            | ("OrgnlPmtInfAndSts", "PmtInfSts")
            | ("TxInfAndSts", "TxSts") => self.note(|part| part.status = text),
            ("TxInfAndSts", "AcctSvcrRef") => self.note(|part| part.bank_reference = text),
            ("Rsn", "Cd" | "Prtry") => {
                self.note(|part| part.reason = part.reason.take().or(text));
            }
            ("Amt", "InstdAmt") => {
                let sum = sum(text.as_deref().unwrap_or_default(), &self.currency);
                self.note(|part| part.amount = Some(sum));
            }
            _ => {}
        }
        if SCOPES.iter().any(|(known, _)| *known == name) {
            self.close()?;
        }
        Ok(())
    }

    fn note(&mut self, note: impl FnOnce(&mut Part)) {
        if let Some((_, part)) = self.open.last_mut() {
            note(part);
        }
    }

    /// A line, if there is anything to say: parts and files may have no status of their own.
    fn close(&mut self) -> Result<(), Problem> {
        let Some((scope, part)) = self.open.pop() else { return Ok(()) };
        if scope != Scope::Payment && part.status.is_none() {
            return Ok(());
        }
        if self.answer.lines.len() >= MAX_LINES {
            return Err(TOO_LARGE.into());
        }
        let (amount, fault) = match part.amount {
            None => (None, None),
            Some(Ok(sum)) => (Some(sum), None),
            Some(Err(code)) => (None, Some(code)),
        };
        self.answer.lines.push(AnswerLine {
            n: i32::try_from(self.answer.lines.len() + 1).unwrap_or(i32::MAX),
            scope,
            reference: part.reference.unwrap_or_default(),
            status: part.status.unwrap_or_default(),
            reason: part.reason,
            amount,
            bank_reference: part.bank_reference,
            fault,
        });
        Ok(())
    }
}
