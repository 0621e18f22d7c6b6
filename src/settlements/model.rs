//! Runs, statements, payouts as they are stored.

use leadbourse_core::bank::Masked;
use leadbourse_core::ids::{
    ConversionId, OrganizationId, PayoutFileId, PayoutId, SettlementRunId, StatementId,
};
use leadbourse_core::ledger::Rail;
use leadbourse_core::money::Currency;
use leadbourse_core::settlement::{PayoutState, StatementState};
use leadbourse_core::time::Timestamp;

leadbourse_core::text_enum! {
    /// How a publisher is paid.
    pub enum PayoutRail {
        /// Through a file that the bank reads.
        BankFile = "BANK_FILE",
        /// By hand.
        Manual = "MANUAL",
    }
}

impl PayoutRail {
    /// The ledger's side of it.
    pub fn ledger(self) -> Rail {
        match self {
            PayoutRail::BankFile => Rail::Bank,
            PayoutRail::Manual => Rail::Manual,
        }
    }
}

leadbourse_core::text_enum! {
    /// How a file of payouts is written.
    pub enum PayoutFormat {
        /// A table.
        Csv = "CSV",
        /// ISO 20022 `pain.001.001.09`.
        Pain001 = "PAIN_001",
    }
}

impl PayoutFormat {
    /// The media type of such a file.
    pub fn media_type(self) -> &'static str {
        match self {
            PayoutFormat::Csv => "text/csv",
            PayoutFormat::Pain001 => "application/xml",
        }
    }

    /// How the name of such a file ends.
    pub(super) fn ending(self) -> &'static str {
        match self {
            PayoutFormat::Csv => "csv",
            PayoutFormat::Pain001 => "xml",
        }
    }
}

leadbourse_core::text_enum! {
    /// How sealed details of an account are written.
    pub(super) enum DetailsForm {
        /// As somebody typed them.
        Free = "FREE",
        /// As a checked account.
        Account = "ACCOUNT",
    }
}

leadbourse_core::text_enum! {
    /// How far a run is; follows from its statements.
    pub enum RunState {
        /// Its statements are being made; a restart goes on with it.
        Planning = "PLANNING",
        /// Drafts wait for an approval.
        Planned = "PLANNED",
        /// No draft is left; payouts wait.
        Approved = "APPROVED",
        /// Payouts are in a file.
        Exported = "EXPORTED",
        /// Nothing is left to do.
        Closed = "CLOSED",
    }
}

/// One settlement of a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: SettlementRunId,
    /// Where the period begins: the end of the one before.
    pub period_from: Timestamp,
    /// Where it ends; what was approved until then is in it.
    pub period_to: Timestamp,
    /// How far it is.
    pub state: RunState,
    /// Who planned it, as printed id.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
}

/// What a publisher earned in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its id.
    pub id: StatementId,
    /// Its run.
    pub run_id: SettlementRunId,
    /// Whose.
    pub publisher_id: OrganizationId,
    /// The currency of all sums.
    pub currency: Currency,
    /// Where the period begins.
    pub period_from: Timestamp,
    /// Where it ends.
    pub period_to: Timestamp,
    /// The number that people see, since the approval.
    pub number: Option<String>,
    /// Where it is.
    pub state: StatementState,
    /// What earlier statements carried in, minor units.
    pub carried_in: i64,
    /// Sum of the lines.
    pub gross: i64,
    /// Sum of both.
    pub total: i64,
    /// How many lines.
    pub lines: i32,
    /// The later statement that took this one's total in; `None` while it waits.
    pub carried_into: Option<StatementId>,
    /// When it was planned.
    pub created_at: Timestamp,
    /// Who approved it first, as printed id, where two have to.
    pub first_approved_by: Option<String>,
    /// When.
    pub first_approved_at: Option<Timestamp>,
    /// Who approved it, as printed id.
    pub approved_by: Option<String>,
    /// When.
    pub approved_at: Option<Timestamp>,
    /// When the money arrived.
    pub paid_at: Option<Timestamp>,
}

/// One conversion on a statement, frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// The conversion.
    pub conversion_id: ConversionId,
    /// Its statement.
    pub statement_id: StatementId,
    /// The earning, minor units.
    pub earning: i64,
    /// What returns took back of it.
    pub given_back: i64,
    /// What it pays.
    pub amount: i64,
}

/// Money sent to a publisher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// Its id, derived from statement and generation.
    pub id: PayoutId,
    /// Its statement.
    pub statement_id: StatementId,
    /// Who gets it.
    pub publisher_id: OrganizationId,
    /// How much, minor units.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
    /// How.
    pub rail: PayoutRail,
    /// Where it is.
    pub state: PayoutState,
    /// Which try it is, from 1.
    pub generation: i32,
    /// The bank's reference, or why it was refused.
    pub reference: Option<String>,
    /// Why it was refused or is held, as the rail's code.
    pub reason: Option<String>,
    /// When it went into a file.
    pub exported_at: Option<Timestamp>,
    /// The file that it is in.
    pub file_id: Option<PayoutFileId>,
    /// The part of that file, from 1.
    pub(super) file_part: Option<i32>,
    /// When a rail that answers at once was first asked to pay it; never moves.
    pub sent_at: Option<Timestamp>,
    /// Until when somebody is at it, or it is left alone; microseconds.
    pub(super) leased_until: i64,
    /// The account as it was at the export, sealed: every print of the file names the same one.
    pub(super) details: Option<Vec<u8>>,
    /// How that is written.
    pub(super) details_form: DetailsForm,
    /// When it arrived or was refused.
    pub resolved_at: Option<Timestamp>,
}

/// Payouts in one file for the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutFile {
    /// Its id: the message's identification.
    pub id: PayoutFileId,
    /// The run.
    pub run_id: SettlementRunId,
    /// How it is written.
    pub format: PayoutFormat,
    /// A name for it.
    pub file_name: String,
    /// How many payouts are in it.
    pub payouts: i32,
    /// Who made it, as printed id.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
}

/// How a publisher wants to be paid in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutProfile {
    /// Whose.
    pub publisher_id: OrganizationId,
    /// The currency.
    pub currency: Currency,
    /// How.
    pub rail: PayoutRail,
    /// The account's last characters; the rest is sealed.
    pub details_masked: Option<String>,
    /// What may be shown of a checked account; `None` for free text.
    pub account: Option<Masked>,
    /// Less is carried over, minor units.
    pub min_payout: i64,
}
