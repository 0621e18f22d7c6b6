//! The printed form. What it needs is small, whatever the number of lines: sums by offer and day,
//! and the lines themselves only where they are few.

mod type_setting;
mod words;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use krilla::metadata::Metadata;
use leadbourse_core::ids::OfferId;
use leadbourse_core::money::Money;
use leadbourse_core::paper::{Group, Line, PaperKind, Party, Summary, Tax, Totals};
use leadbourse_core::time::Timestamp;

use super::model::Document;
use crate::platform::error::Result;
use type_setting::{
    Cell, Colour, Column, HEADING, MARGIN, PLAIN, SMALL, STRONG, Sheet, Style, WIDTH,
};
use words::{Words, words};

/// With more lines a document shows sums by offer and day, and says that the CSV has the lines.
pub(super) const LINES: i64 = 400;
/// With more rows of these, sums by offer only.
const DAYS: usize = 2_000;

/// Everything on a printed document.
pub(super) struct Content<'a> {
    pub(super) document: &'a Document,
    pub(super) summary: &'a Summary,
    /// The lines, where there are at most [`LINES`].
    pub(super) lines: Vec<Line>,
    /// The exchange's address; links begin with it.
    pub(super) base: &'a str,
}

struct Printer<'a> {
    content: Content<'a>,
    totals: Totals,
    words: &'static Words,
    zone: Tz,
    sheet: Sheet,
}

/// Prints a document. The same document gives the same bytes.
///
/// # Errors
/// `LEDGER_OVERFLOW`; faults of the printer.
pub(super) fn print(content: Content<'_>) -> Result<Vec<u8>> {
    let head = &content.document.head;
    let mut printer = Printer {
        totals: content.summary.totals()?,
        words: words(head.language),
        zone: head.time_zone.parse().unwrap_or(Tz::UTC),
        sheet: Sheet::new(),
        content,
    };
    printer.top()?;
    printer.parties()?;
    printer.sums()?;
    printer.carried()?;
    printer.adjustments()?;
    printer.offers()?;
    if printer.totals.lines <= LINES {
        printer.lines()?;
    } else {
        printer.days()?;
    }
    printer.proof()?;
    printer.finish()
}

fn column(x: f32, width: f32, right: bool) -> Column {
    Column { x: MARGIN + x, width, right }
}

impl Printer<'_> {
    fn money(&self, minor: i64) -> String {
        Money::new(minor, self.content.document.head.currency).decimal()
    }

    fn moment(&self, at: Timestamp) -> String {
        at.to_chrono().with_timezone(&self.zone).format("%Y-%m-%d %H:%M").to_string()
    }

    fn offer(&self, id: OfferId) -> String {
        let name = self.content.document.head.offers.get(&id).cloned();
        name.unwrap_or_else(|| id.to_string())
    }

    fn gross_word(&self) -> &'static str {
        match self.content.document.kind {
            PaperKind::Statement => self.words.earned,
            PaperKind::Invoice | PaperKind::CreditNote => self.words.charged,
        }
    }

    fn top(&mut self) -> Result<()> {
        let document = self.content.document;
        let head = &document.head;
        let title = Style { size: 18.0, bold: true, colour: Colour::Ink };
        self.sheet.text(MARGIN, title, &words::title(head));
        if document.voided.is_some() {
            let alarm = Style { colour: Colour::Alarm, ..title };
            self.sheet.text_right(WIDTH - MARGIN, alarm, self.words.void)?;
        }
        self.sheet.y += 28.0;
        let mut facts = vec![
            format!(
                "{}: {} – {}",
                self.words.period,
                self.moment(head.period_from),
                self.moment(head.period_to)
            ),
            format!("{}: {}", self.words.issued, self.moment(head.issued_at)),
            format!("{}: {}", self.words.zone, head.time_zone),
        ];
        if let Some(number) = &head.refers_to {
            facts.insert(0, format!("{}: {number}", self.words.refers_to));
        }
        if let Some(voided) = &document.voided {
            let reason = voided.reason.as_deref().unwrap_or_default();
            let at = self.moment(voided.at);
            facts.push(format!("{}: {at} {reason}", self.words.void));
        }
        let width = WIDTH - 2.0 * MARGIN;
        for fact in facts {
            self.sheet.paragraph((MARGIN, width), PLAIN, &fact)?;
        }
        self.sheet.y += 8.0;
        Ok(())
    }

    fn parties(&mut self) -> Result<()> {
        let head = &self.content.document.head;
        let half = (WIDTH - 2.0 * MARGIN) / 2.0;
        let (top, mut lowest) = (self.sheet.y, self.sheet.y);
        for (n, (label, party)) in
            [(self.words.from, &head.issuer), (self.words.to, &head.recipient)].iter().enumerate()
        {
            let x = if n == 0 { MARGIN } else { MARGIN + half };
            self.sheet.y = top;
            self.sheet.text(x, SMALL, label);
            self.sheet.y += 11.0;
            for (n, line) in party_lines(party, self.words).iter().enumerate() {
                let style = if n == 0 { STRONG } else { PLAIN };
                self.sheet.paragraph((x, half - 12.0), style, line)?;
            }
            lowest = lowest.max(self.sheet.y);
        }
        self.sheet.y = lowest + 6.0;
        self.sheet.paragraph((MARGIN, WIDTH - 2.0 * MARGIN), SMALL, words::role(head))?;
        self.sheet.y += 8.0;
        Ok(())
    }

    fn sums(&mut self) -> Result<()> {
        let (head, totals) = (&self.content.document.head, self.totals);
        let columns = [column(0.0, 380.0, false), column(380.0, 131.0, true)];
        let currency = head.currency;
        let mut rows = vec![(self.gross_word().to_owned(), totals.gross)];
        rows.push((self.words.given_back.to_owned(), totals.given_back.saturating_neg()));
        if totals.adjustments != 0 {
            rows.push((self.words.adjustments.to_owned(), totals.adjustments));
        }
        if !head.carried.is_empty() {
            rows.push((self.words.carried_in.to_owned(), totals.carried_in));
        }
        self.sheet.rule();
        for (label, sum) in rows {
            let sum = self.money(sum);
            self.sheet.row(&columns, &[label.into(), sum.into()], PLAIN, false)?;
        }
        let total = format!("{} {currency}", self.money(totals.total));
        let big = Style { size: 11.0, ..STRONG };
        self.sheet.row(&columns, &[self.words.total.into(), total.into()], big, true)?;
        if totals.fee != 0 {
            let fee = self.money(totals.fee);
            self.sheet.row(&columns, &[self.words.fee.into(), fee.into()], PLAIN, false)?;
        }
        if head.tax_rate_bps > 0 {
            let tax = Tax::of(head, &totals);
            let rate =
                Money::new(i64::from(head.tax_rate_bps), leadbourse_core::money::Currency::EUR);
            let label =
                format!("{} ({} %, {})", self.words.tax, rate.decimal(), self.money(tax.base));
            let sum = self.money(tax.amount);
            self.sheet.row(&columns, &[label.into(), sum.into()], PLAIN, false)?;
        }
        self.sheet.y += 10.0;
        Ok(())
    }

    fn heading(&mut self, text: &str) {
        self.sheet.need(60.0);
        self.sheet.y += 4.0;
        self.sheet.text(MARGIN, HEADING, text);
        self.sheet.y += 18.0;
    }

    /// A table whose head comes again on every page.
    fn table(
        &mut self,
        columns: &[Column],
        names: &[&str],
        rows: Vec<Vec<Cell>>,
        style: Style,
    ) -> Result<()> {
        let names = || names.iter().map(|name| Cell::from(*name)).collect::<Vec<_>>();
        let top = Style { bold: true, colour: Colour::Grey, ..style };
        self.sheet.row(columns, &names(), top, true)?;
        for row in rows {
            if self.sheet.need(style.size * 1.75) {
                self.sheet.row(columns, &names(), top, true)?;
            }
            self.sheet.row(columns, &row, style, false)?;
        }
        self.sheet.rule();
        self.sheet.y += 8.0;
        Ok(())
    }

    fn carried(&mut self) -> Result<()> {
        let head = &self.content.document.head;
        if head.carried.is_empty() {
            return Ok(());
        }
        let rows = head
            .carried
            .iter()
            .map(|one| {
                let id = one.statement.to_string();
                let url = Some(format!("{}/statements/{id}", self.content.base));
                let name = one.number.clone().unwrap_or(id);
                vec![Cell { text: name, url }, self.money(one.amount).into()]
            })
            .collect();
        self.heading(self.words.carried_in);
        let columns = [column(0.0, 380.0, false), column(380.0, 131.0, true)];
        self.table(&columns, &[self.words.statement, self.words.amount], rows, PLAIN)
    }

    fn adjustments(&mut self) -> Result<()> {
        let found = self.content.summary.adjustments();
        if found.is_empty() {
            return Ok(());
        }
        let rows = found
            .iter()
            .map(|line| {
                let reason = line.reason.clone().unwrap_or_default();
                vec![self.moment(line.at).into(), reason.into(), self.money(line.amount).into()]
            })
            .collect();
        self.heading(self.words.adjustments);
        let columns =
            [column(0.0, 90.0, false), column(90.0, 321.0, false), column(411.0, 100.0, true)];
        self.table(&columns, &[self.words.when, self.words.reason, self.words.amount], rows, PLAIN)
    }

    fn group(&self, group: &Group) -> [Cell; 4] {
        [
            group.count.to_string().into(),
            self.money(group.gross).into(),
            self.money(group.given_back).into(),
            self.money(group.amount).into(),
        ]
    }

    fn offers(&mut self) -> Result<()> {
        let groups: BTreeMap<OfferId, Group> = self.content.summary.offers();
        if groups.is_empty() {
            return Ok(());
        }
        let row = |(id, group): (&OfferId, &Group)| {
            let mut cells = vec![Cell::from(self.offer(*id))];
            cells.extend(self.group(group));
            cells
        };
        let rows = groups.iter().map(row).collect();
        self.heading(self.words.by_offer);
        let columns = [
            column(0.0, 231.0, false),
            column(231.0, 50.0, true),
            column(281.0, 80.0, true),
            column(361.0, 70.0, true),
            column(431.0, 80.0, true),
        ];
        let (gross, w) = (self.gross_word(), self.words);
        self.table(&columns, &[w.offer, w.events, gross, w.given_back, w.amount], rows, PLAIN)
    }

    fn days(&mut self) -> Result<()> {
        let language = self.content.document.head.language;
        let days: Vec<(OfferId, NaiveDate, Group)> = self.content.summary.days().collect();
        self.heading(self.words.by_day);
        let note = words::too_many(language, self.totals.lines);
        self.sheet.paragraph((MARGIN, WIDTH - 2.0 * MARGIN), PLAIN, &note)?;
        self.sheet.y += 4.0;
        if days.len() > DAYS {
            return Ok(());
        }
        let row = |(id, day, group): &(OfferId, NaiveDate, Group)| {
            let mut cells = vec![Cell::from(self.offer(*id)), day.to_string().into()];
            cells.extend(self.group(group));
            cells
        };
        let rows = days.iter().map(row).collect();
        let columns = [
            column(0.0, 171.0, false),
            column(171.0, 60.0, false),
            column(231.0, 50.0, true),
            column(281.0, 80.0, true),
            column(361.0, 70.0, true),
            column(431.0, 80.0, true),
        ];
        let (gross, w) = (self.gross_word(), self.words);
        self.table(
            &columns,
            &[w.offer, w.day, w.events, gross, w.given_back, w.amount],
            rows,
            PLAIN,
        )
    }

    fn lines(&mut self) -> Result<()> {
        let mut groups: BTreeMap<OfferId, Vec<Line>> = BTreeMap::new();
        for line in std::mem::take(&mut self.content.lines) {
            if let Some(offer) = line.offer {
                groups.entry(offer).or_default().push(line);
            }
        }
        if groups.is_empty() {
            return Ok(());
        }
        self.heading(self.words.lines);
        let columns = [
            column(0.0, 60.0, false),
            column(60.0, 43.0, false),
            column(103.0, 121.0, false),
            column(224.0, 125.0, false),
            column(349.0, 55.0, true),
            column(404.0, 54.0, true),
            column(458.0, 53.0, true),
        ];
        let style = Style { size: 6.6, ..PLAIN };
        let (gross, w) = (self.gross_word(), self.words);
        let names = [w.when, w.goal, w.conversion, w.lead, gross, w.given_back, w.amount];
        for (offer, mut lines) in groups {
            lines.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
            self.sheet.need(40.0);
            let name = self.offer(offer);
            self.sheet.text(MARGIN, STRONG, &name);
            self.sheet.y += 13.0;
            let rows = lines.iter().map(|line| self.line(line)).collect();
            self.table(&columns, &names, rows, style)?;
        }
        Ok(())
    }

    fn line(&self, line: &Line) -> Vec<Cell> {
        let base = self.content.base;
        let linked = |folder: &str, id: Option<String>| match id {
            Some(id) => {
                let url = Some(format!("{base}/{folder}/{id}"));
                Cell { text: id, url }
            }
            None => "".into(),
        };
        let language = self.content.document.head.language;
        let goal = line.goal.map_or("", |goal| words::goal(language, goal));
        vec![
            self.moment(line.at).into(),
            goal.into(),
            linked("conversions", line.conversion.map(|id| id.to_string())),
            linked("leads", line.lead.map(|id| id.to_string())),
            self.money(line.gross).into(),
            self.money(line.given_back).into(),
            self.money(line.amount).into(),
        ]
    }

    fn proof(&mut self) -> Result<()> {
        let document = self.content.document;
        self.heading(self.words.proof);
        let width = WIDTH - 2.0 * MARGIN;
        self.sheet.paragraph((MARGIN, width), PLAIN, self.words.proof_text)?;
        self.sheet.y += 3.0;
        let columns = [column(0.0, 40.0, false), column(40.0, 471.0, false)];
        for (name, hash) in [("JSON", document.json_sha256), ("CSV", document.csv_sha256)] {
            self.sheet.need(16.0);
            self.sheet.row(&columns, &[name.into(), hex::encode(hash).into()], PLAIN, false)?;
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<u8>> {
        let document = self.content.document;
        let head = &document.head;
        let title = words::title(head);
        let metadata = Metadata::new()
            .title(title.clone())
            .language(head.language.as_str().to_owned())
            .authors(vec![head.issuer.name.clone()])
            .creator("Leadbourse".to_owned())
            .document_id(document.id.to_string());
        let mut left = format!("{title} · {}", head.recipient.name);
        if document.voided.is_some() {
            left.push_str(&format!(" · {}", self.words.void));
        }
        let (page, of) = (self.words.page, self.words.of);
        self.sheet.print(metadata, |n, count| (left.clone(), format!("{page} {n} {of} {count}")))
    }
}

fn party_lines(party: &Party, words: &Words) -> Vec<String> {
    let mut lines = vec![party.legal_name.clone().unwrap_or_else(|| party.name.clone())];
    if party.legal_name.is_some() {
        lines.push(party.name.clone());
    }
    lines.extend(party.address.clone());
    lines.extend(party.country.clone());
    lines.extend(party.tax_number.as_ref().map(|number| format!("{}: {number}", words.tax_number)));
    lines.push(party.id.clone());
    lines
}
