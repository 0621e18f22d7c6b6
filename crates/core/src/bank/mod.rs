//! Banks: account numbers, payment orders for a bank, and what a bank answers.
//!
//! What is here follows public standards: ISO 13616 (IBAN), ISO 9362 (BIC), the Bank of Russia's
//! rule for the key of an account, ISO 20022 (`pain.001` orders, `pain.002` answers).

mod account;
mod answer;
mod answer_csv;
mod answer_xml;
#[cfg(test)]
mod answers_tests;
mod countries;
mod judge;
mod naming;
mod numbers;
mod order;
#[cfg(test)]
mod order_check;
#[cfg(test)]
mod order_tests;
mod words;

pub use account::{AccountText, Masked, Number, Payee};
pub use answer::{Answer, AnswerFormat, AnswerLine, MAX_BYTES, MAX_LINES, Said, Scope, read, said};
pub use judge::{AnswerFinding, Known, judge};
pub use naming::{end_to_end, message_id, part_id, read_end_to_end, read_message_id, read_part_id};
pub use numbers::{Bic, Bik, Iban, RuAccount, key_fits};
pub use order::{Order, OrderFile, parts, print};
pub use words::{Letters, written};

#[cfg(test)]
use crate::money::Currency;

crate::codes! {
    ACCOUNT_NEEDED: Invalid = "Give an IBAN, or a BIK and an account.";
    ACCOUNT_AMBIGUOUS: Invalid = "Give either an IBAN, or a BIK and an account, not both.";
    HOLDER_INVALID: Invalid = "The holder's name is empty, too long, or has characters that no bank takes.";
    COUNTRY_INVALID: Invalid = "The country is a code of two capital letters.";
    IBAN_INVALID: Invalid = "This is no valid IBAN: country, length, form or check digits are wrong.";
    BIC_INVALID: Invalid = "A BIC has eight or eleven characters: bank, country, place, branch.";
    BIK_INVALID: Invalid = "A BIK has nine digits.";
    ACCOUNT_SHAPE_INVALID: Invalid = "A Russian account has twenty digits.";
    ACCOUNT_KEY_INVALID: Invalid = "The account's key does not fit the BIK.";
    ORDER_UNPRINTABLE: Internal = "The payment orders do not fit the format.";
    ANSWER_UNREADABLE: Invalid = "The file is no readable answer of a bank.";
    ANSWER_STATUS_UNKNOWN: Invalid = "The status is none that the exchange knows.";
    ANSWER_PAYOUT_UNKNOWN: Invalid = "The exchange has sent no such payout.";
    ANSWER_NOT_SENT: Conflict = "The payout has not been sent to the bank.";
    ANSWER_AMOUNT_DIFFERS: Conflict = "The bank names another amount or currency than the payout's.";
    ANSWER_CONTRADICTS: Conflict = "The payout was resolved differently before.";
    ANSWER_AMBIGUOUS: Conflict = "The file both confirms and refuses this payout.";
}
