//! Disputes: one life cycle with deadlines and defaults.
//!
//! `OPEN → ACCEPTED | CONTESTED`, `CONTESTED → UPHELD | PARTIAL | REFUSED`, or `WITHDRAWN` while
//! nobody decided. A publisher's silence means what the niche says; a dispute that is still open
//! at `lock_at` ends by the same default: the claim is upheld where silence accepts, and refused
//! where silence contests.

mod machine;
mod names;

pub use machine::{Command, Deadlines, Dispute, Step, Verdict};
pub use names::{DisputeKind, DisputeState};

crate::codes! {
    RETURN_WINDOW_OVER: Conflict = "The return window of this conversion is over.";
    RETURN_EXISTS: Conflict = "This conversion has an open return already.";
    NOT_RETURNABLE: Conflict = "This conversion cannot be returned any more.";
    UNKNOWN_REASON: Invalid = "The niche has no such return reason.";
    COMMENT_REQUIRED: Invalid = "This reason needs a comment.";
    BAD_SHARE: Invalid = "The share has to be above what was returned already and at most 10000.";
    RETURN_SHARE_EXCEEDED: Conflict = "The offer's largest share of returns is reached.";
    CLAIM_EXISTS: Conflict = "There is an open claim for this on the award already.";
    CLAIM_TOO_LATE: Conflict = "The time to claim that this was not reported is over.";
    CLAIM_PARTIAL: Invalid = "A claim is granted in part by an amount above nothing and below the claimed one; a fixed price has no parts.";
    ANSWER_TOO_LATE: Conflict = "The time to answer is over.";
}
