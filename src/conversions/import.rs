//! Outcomes from a file: sales and dispositions, one row each.

use leadbourse_core::access::{Action, Actor};
use leadbourse_core::conversion::Disposition;
use leadbourse_core::error::{BAD_ID, BAD_INPUT, Problem, REQUIRED, TOO_LARGE};
use leadbourse_core::ids::{AwardId, ConversionId};
use leadbourse_core::money::Money;
use leadbourse_core::offer::terms::GoalKind;
use leadbourse_core::settlement::CSV_UNREADABLE;
use leadbourse_core::time::Timestamp;

use super::report::ReportConversion;
use super::service::Conversions;
use crate::platform::error::{Error, Result};

/// Rows of one file.
pub const MAX_ROWS: usize = 10_000;

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedConversion {
    /// The row, from 1, without the header.
    pub row: usize,
    /// The award, if the row names one.
    pub award_id: Option<AwardId>,
    /// The conversion, if a sale was billed or had been.
    pub conversion_id: Option<ConversionId>,
    /// Why not.
    pub error: Option<Problem>,
}

struct Row {
    award: AwardId,
    sale: Option<ReportConversion>,
    disposition: Option<Disposition>,
}

impl Conversions {
    /// Reads a CSV file with the header `award_id` and any of `external_id`, `goal`, `amount` (in
    /// major units) with `currency`, `occurred_at`, `disposition`. Each row is its own transaction and does its work once,
    /// because a sale's reference is its idempotency key: the whole file may be sent again.
    ///
    /// # Errors
    /// `CSV_UNREADABLE`, `TOO_LARGE`; what is wrong with a row is in its result.
    pub async fn import_conversions(
        &self,
        actor: &Actor,
        text: &str,
    ) -> Result<Vec<ImportedConversion>> {
        actor.require(Action::ReportOutcomes)?;
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let unreadable = || Problem::new(CSV_UNREADABLE).field("csv");
        let headers = reader.headers().map_err(|_| unreadable())?.clone();
        let column = |name: &str| headers.iter().position(|header| header == name);
        let columns = Columns {
            award: column("award_id").ok_or_else(unreadable)?,
            reference: column("external_id"),
            goal: column("goal"),
            amount: column("amount"),
            currency: column("currency"),
            occurred_at: column("occurred_at"),
            disposition: column("disposition"),
        };
        let records: Vec<csv::StringRecord> =
            reader.records().collect::<Result<_, _>>().map_err(|_| unreadable())?;
        if records.len() > MAX_ROWS {
            return Err(Problem::new(TOO_LARGE).field("csv").into());
        }
        let mut out = Vec::with_capacity(records.len());
        for (n, record) in (1usize..).zip(&records) {
            let mut done =
                ImportedConversion { row: n, award_id: None, conversion_id: None, error: None };
            match columns.read(record) {
                Ok(row) => {
                    done.award_id = Some(row.award);
                    match self.apply(actor, row).await {
                        Ok(id) => done.conversion_id = id,
                        Err(Error::Problem(problem)) => done.error = Some(problem),
                        Err(fault) => return Err(fault),
                    }
                }
                Err(problem) => done.error = Some(problem),
            }
            out.push(done);
        }
        Ok(out)
    }

    async fn apply(&self, actor: &Actor, row: Row) -> Result<Option<ConversionId>> {
        if let Some(value) = row.disposition {
            self.set_disposition(actor, row.award, value).await?;
        }
        match row.sale {
            Some(sale) => Ok(Some(self.report_conversion(actor, sale, None).await?.id)),
            None => Ok(None),
        }
    }
}

struct Columns {
    award: usize,
    reference: Option<usize>,
    goal: Option<usize>,
    amount: Option<usize>,
    currency: Option<usize>,
    occurred_at: Option<usize>,
    disposition: Option<usize>,
}

impl Columns {
    fn read(&self, record: &csv::StringRecord) -> Result<Row, Problem> {
        let cell =
            |at: Option<usize>| at.and_then(|at| record.get(at)).filter(|text| !text.is_empty());
        let wrong = |column: &'static str| Problem::new(BAD_INPUT).field(column);
        let award: AwardId = cell(Some(self.award))
            .ok_or_else(|| Problem::new(REQUIRED).field("award_id"))?
            .parse()
            .map_err(|_| Problem::new(BAD_ID).field("award_id"))?;
        let goal = match cell(self.goal) {
            Some(text) => text.parse().map_err(|_| wrong("goal"))?,
            None => GoalKind::Sale,
        };
        let occurred_at = cell(self.occurred_at)
            .map(|text| Timestamp::parse_rfc3339(text).ok_or_else(|| wrong("occurred_at")))
            .transpose()?;
        let disposition = cell(self.disposition)
            .map(|text| text.parse().map_err(|_| wrong("disposition")))
            .transpose()?;
        let amount = match cell(self.amount) {
            Some(text) => {
                let currency = cell(self.currency).ok_or_else(|| wrong("currency"))?;
                let currency = currency.parse().map_err(|_| wrong("currency"))?;
                Some(Money::parse_decimal(text, currency).ok_or_else(|| wrong("amount"))?)
            }
            None => None,
        };
        let sale = cell(self.reference).map(|reference| ReportConversion {
            place: award.into(),
            goal,
            external_id: reference.to_owned(),
            amount,
            occurred_at,
        });
        if sale.is_none() && disposition.is_none() {
            return Err(Problem::new(REQUIRED).field("external_id"));
        }
        Ok(Row { award, sale, disposition })
    }
}
