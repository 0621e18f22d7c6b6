//! The file for the bank as a table: CSV, one payout per line.

use leadbourse_core::bank::end_to_end;
use leadbourse_core::money::Money;

use super::model::Payout;
use super::payee::Destination;
use crate::platform::error::{Context, Error, Result};

/// One payment.
pub(super) struct BankLine {
    pub(super) payout: Payout,
    pub(super) number: String,
    pub(super) destination: Option<Destination>,
}

/// A cell that no spreadsheet takes for a formula.
fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// What a payment is for.
pub(super) fn purpose(number: &str) -> String {
    format!("Leads, statement {number}")
}

const HEAD: [&str; 12] = [
    "payout",
    "statement",
    "publisher",
    "account",
    "amount",
    "currency",
    "purpose",
    "holder",
    "country",
    "bic",
    "bik",
    "end_to_end",
];

/// Prints the file. Amounts are in major units with a point. Where the account is free text of an
/// earlier version, the columns of its parts are empty.
pub(super) fn table(lines: &[BankLine]) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEAD).context("writing a bank file")?;
    for line in lines {
        let amount = Money::new(line.payout.amount, line.payout.currency);
        let (account, [holder, country, bic, bik]) = match &line.destination {
            Some(Destination::Account(payee)) => {
                let bic = payee.bic.as_ref().map(|bic| bic.as_str());
                let parts = [Some(payee.holder.as_str()), Some(&payee.country), bic, payee.bik()];
                (safe(payee.account()), parts.map(|part| safe(part.unwrap_or_default())))
            }
            Some(Destination::Free(text)) => (safe(text), <[String; 4]>::default()),
            None => (String::new(), <[String; 4]>::default()),
        };
        let record = [
            line.payout.id.to_string(),
            line.number.clone(),
            line.payout.publisher_id.to_string(),
            account,
            amount.decimal(),
            amount.currency.to_string(),
            purpose(&line.number),
            holder,
            country,
            bic,
            bik,
            end_to_end(line.payout.id),
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
