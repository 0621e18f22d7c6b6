//! The file for the bank: CSV, one payout per line.

use leadbourse_core::money::Money;

use super::model::Payout;
use crate::platform::error::{Context, Error, Result};

/// One payment.
pub(super) struct BankLine {
    pub(super) payout: Payout,
    pub(super) number: String,
    pub(super) details: String,
}

/// A cell that no spreadsheet takes for a formula.
fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// Prints the file. Amounts are in major units with a point.
pub(super) fn print(lines: &[BankLine]) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = ["payout", "statement", "publisher", "account", "amount", "currency", "purpose"];
    writer.write_record(head).context("writing a bank file")?;
    for line in lines {
        let amount = Money::new(line.payout.amount, line.payout.currency);
        let record = [
            line.payout.id.to_string(),
            line.number.clone(),
            line.payout.publisher_id.to_string(),
            safe(&line.details),
            amount.decimal(),
            amount.currency.to_string(),
            format!("Leads, statement {}", line.number),
        ];
        writer.write_record(&record).context("writing a bank file")?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|cause| Error::other("writing a bank file", cause.into_error()))?;
    String::from_utf8(bytes).context("writing a bank file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        assert_eq!(safe("=1+1"), "'=1+1");
        assert_eq!(safe("40702810900000000001"), "40702810900000000001");
    }
}
