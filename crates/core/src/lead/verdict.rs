//! What a lead's sender is told: a verdict, and every reason with a stable code.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

use crate::error::Code;
use crate::ids::{AwardId, LeadId, OfferId};
use crate::lead::LeadState;
use crate::money::Currency;
use crate::score::Temperature;

crate::codes! {
    FIELD_REQUIRED: Invalid = "This field is required.";
    FIELD_UNKNOWN: Invalid = "The niche has no such field.";
    FIELD_TYPE: Invalid = "The value has the wrong type.";
    FIELD_NOT_ALLOWED: Invalid = "The value is not one of the allowed values.";
    FIELD_OUT_OF_RANGE: Invalid = "The number is out of range.";
    FIELD_LENGTH: Invalid = "The value is too short or too long.";
    FIELD_FORMAT: Invalid = "The value is not in the wanted format.";
    FIELD_INVALID: Invalid = "The value is not valid.";
    BAD_PHONE: Invalid = "This is not a valid telephone number.";
    BAD_EMAIL: Invalid = "This is not a valid e-mail address.";
    BAD_ENVELOPE: Invalid = "This part of the envelope is not valid.";
    CONSENT_MISSING: Invalid = "The niche asks for the person's consent.";
    SOURCE_NOT_ACTIVE: Conflict = "The source may not send leads at the moment.";
    DUPLICATE: Conflict = "This person was sold within the niche's window.";
    RISK_TOO_HIGH: Conflict = "A moderator will look at this lead first.";
    RISK_REFUSED: Conflict = "A moderator refused this lead.";
    NO_OFFER: Conflict = "No offer is open to this source.";
    NO_OFFER_FUNDED: Conflict = "The offers that want this lead have no funds left.";
    OFFER_CAPPED: Conflict = "The offers that want this lead have bought all they wanted for now.";
    OFFER_CLOSED_NOW: Conflict = "The offers that want this lead do not buy at this hour.";
    CONDITION_FAILED: Conflict = "No offer wants a lead with these values.";
    SCORE_TOO_LOW: Conflict = "The lead's score is below what the offers want.";
    NOT_APPROVED: Conflict = "The publisher is not approved for the offer.";
    NOT_TARGETED: Conflict = "The source sells to another offer only.";
    MIN_EARNING: Conflict = "No offer pays what the source asks for.";
    BUYER_HAS_PERSON: Conflict = "The buyer already has this person.";
    BUYS_CALLS: Conflict = "The offer buys telephone calls only.";
    OUTBID: Conflict = "Other buyers paid more.";
    OUTRANKED: Conflict = "Other offers came first in the niche's order.";
    NOT_ITS_TURN: Conflict = "Offers that are asked earlier bought the lead.";
    SAME_BUYER: Conflict = "Another offer of the same buyer bought the lead.";
    SOLD_SHARED: Conflict = "The lead went to more buyers than this offer shares with.";
    OFFER_PACED: Conflict = "The offer spreads its budget evenly over the day and is ahead of it.";
    PUBLISHER_CAPPED: Conflict = "The offer has bought all it wanted from this publisher for now.";
    BUYS_NO_CALLS: Conflict = "The offer does not buy telephone calls.";
    NO_CONNECTION: Conflict = "The offer has not said where its calls go.";
    OFFER_BUSY: Conflict = "All lines of the offers that want this call are busy.";
    CALL_RISKY: Conflict = "The call looks wrong, and it cannot wait for a moderator.";
    QUEUED_FOR_CAP: Conflict = "An offer's cap is full: the lead is offered again by itself when it has room.";
    WAITS_FOR_CAP: Conflict = "An offer would buy this lead when its cap has room again.";
    LIVE_PENDING: Conflict = "Buyers are still being asked; look the lead up for the outcome.";
    LIVE_NOT_ASKED: Conflict = "The buyer's server has to be asked first, and this lead or ping does not wait for that.";
    LIVE_NO_CONNECTION: Conflict = "The offer has not said where its buyer's server is asked.";
    LIVE_DECLINED: Conflict = "The buyer's server was asked and does not want the lead.";
    LIVE_LATE: Conflict = "The buyer's server was asked and did not answer in time.";
    LIVE_FAILED: Conflict = "The buyer's server was asked, and its answer was a fault.";
    LIVE_BREAKER_OPEN: Conflict = "The buyer's server keeps failing and was not asked.";
    LIVE_BUSY: Conflict = "The buyer's server has as many requests as it takes, and was not asked.";
    LIVE_LOW_BID: Conflict = "The buyer's server bid less than the buyer's own minimum.";
    LIVE_POST_DECLINED: Conflict = "The buyer's server won, was sent the lead and declined it.";
    LIVE_RELEASED: Conflict = "The buyer's server never said whether it took the lead, and so let it go.";
    LIVE_NO_TIME: Conflict = "There was no time left to send the lead to this buyer's server.";
}

/// Why offers do not buy, the reason nearest to a sale first: the reverse of the order in which a
/// lead meets the checks.
pub const NEAREST_FIRST: &[Code] = &[
    LIVE_RELEASED,
    LIVE_POST_DECLINED,
    LIVE_NO_TIME,
    LIVE_LOW_BID,
    LIVE_DECLINED,
    LIVE_LATE,
    LIVE_FAILED,
    LIVE_BUSY,
    LIVE_BREAKER_OPEN,
    LIVE_NOT_ASKED,
    LIVE_NO_CONNECTION,
    NO_OFFER_FUNDED,
    OFFER_PACED,
    OFFER_BUSY,
    PUBLISHER_CAPPED,
    OFFER_CAPPED,
    BUYER_HAS_PERSON,
    OFFER_CLOSED_NOW,
    MIN_EARNING,
    SCORE_TOO_LOW,
    CONDITION_FAILED,
    NO_CONNECTION,
    BUYS_NO_CALLS,
    BUYS_CALLS,
    NOT_APPROVED,
    NOT_TARGETED,
    NO_OFFER,
];

/// One reason of a verdict. Holds no field's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The stable code, like `DUPLICATE_PHONE_30D`.
    pub code: Cow<'static, str>,
    /// The field or envelope part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// An English sentence.
    pub message: Cow<'static, str>,
}

impl Reason {
    /// A reason about the whole lead.
    pub const fn new(code: Code) -> Self {
        Self { code: Cow::Borrowed(code.name), path: None, message: Cow::Borrowed(code.message) }
    }

    /// A reason about one field.
    pub fn at(code: Code, path: impl Into<String>) -> Self {
        Self { path: Some(path.into()), ..Self::new(code) }
    }

    /// Replaces the sentence. It must not quote a field's value.
    #[must_use]
    pub fn detail(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.message = message.into();
        self
    }

    /// Replaces the code by a more exact one of the same family, like `DUPLICATE_PHONE_30D`.
    #[must_use]
    pub fn named(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.code = code.into();
        self
    }
}

/// A sum as every surface shows it: minor units as text, so that no reader loses digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownMoney {
    /// Minor units.
    pub minor: String,
    /// Currency.
    pub currency: Currency,
}

impl ShownMoney {
    /// From minor units.
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor: minor.to_string(), currency }
    }
}

/// One sale, as its publisher sees it: the earning, never the price or the buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoldCopy {
    /// The award.
    pub award_id: AwardId,
    /// The offer that bought.
    pub offer_id: OfferId,
    /// 1 for the first sale of this lead.
    pub copy_no: i32,
    /// What is earned now; what later goals bring is reported later.
    pub earning: ShownMoney,
}

/// The answer to a submission, stored as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The lead.
    pub lead_id: LeadId,
    /// A test: nothing was sold, taken or counted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub test: bool,
    /// SOLD, UNSOLD, REJECTED or QUARANTINED.
    #[serde(rename = "verdict")]
    pub state: LeadState,
    /// Every reason, most important first; empty for a sold lead.
    pub reasons: Vec<Reason>,
    /// The sales.
    pub awards: Vec<SoldCopy>,
    /// Sum of the awards' earnings.
    pub earning: ShownMoney,
    /// 0-100; absent for a lead that was refused before it was scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i32>,
    /// How promising the lead is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<Temperature>,
    /// Where to send the person's browser, if the winner wants that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    /// The refused lead that this one corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<LeadId>,
    /// When it came in, RFC 3339.
    pub received_at: String,
}

/// A duration as reason codes name it: `30D`, `12H`, `15M`, `45S`.
pub fn window_name(seconds: i64) -> String {
    for (unit, name) in [(86_400, 'D'), (3_600, 'H'), (60, 'M')] {
        if seconds >= unit && seconds % unit == 0 {
            return format!("{}{name}", seconds / unit);
        }
    }
    format!("{seconds}S")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_named_in_their_largest_whole_unit() {
        assert_eq!(window_name(30 * 86_400), "30D");
        assert_eq!(window_name(12 * 3_600), "12H");
        assert_eq!(window_name(90), "90S");
        assert_eq!(window_name(0), "0S");
    }
}
