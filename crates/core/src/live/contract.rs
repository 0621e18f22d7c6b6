//! What a test of an endpoint has shown, step by step.

use serde::Serialize;

use super::mapping::Heard;
use super::steps::{Exchanged, Posted, posted, status};

crate::text_enum! {
    /// A step of the test.
    pub enum Probe {
        /// A made-up ask, signed.
        Ask = "ASK",
        /// A made-up post, signed.
        Post = "POST",
        /// The same post once more: the answer has to be the same.
        Repeat = "REPEAT",
        /// The question what became of the post.
        Status = "STATUS",
        /// An ask with a wrong signature: it has to be refused.
        Forged = "FORGED",
    }
}

/// What one step has shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The step.
    pub probe: Probe,
    /// Whether the endpoint did what the protocol asks.
    pub passed: bool,
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
    /// Whether it accepted, if that was understood.
    pub accepted: Option<bool>,
    /// The price, in minor units, if one was understood.
    pub price: Option<i64>,
    /// The reason, if one was understood.
    pub reason: Option<String>,
    /// Where it would send the person's browser.
    pub redirect: Option<String>,
    /// What was understood, in a sentence.
    pub says: String,
}

/// The longest answers that still pass, in milliseconds: to an ask, and to everything else.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// To an ask.
    pub ask_ms: u32,
    /// To a post and a question of status.
    pub post_ms: u32,
}

/// Judges one step. `first` is what the first post was answered, for the repetition.
pub fn judge(
    probe: Probe,
    exchanged: Exchanged,
    took_ms: u32,
    patience: Patience,
    first: Option<&Posted>,
) -> Shown {
    let code = match &exchanged {
        Exchanged::Answered(code, _) => Some(*code),
        _ => None,
    };
    let heard = match &exchanged {
        Exchanged::Answered(200..=299, heard) => Some(heard.clone()),
        _ => None,
    };
    let (passed, says) = match probe {
        Probe::Ask => ask(&exchanged),
        Probe::Post => post(posted(exchanged.clone())),
        Probe::Repeat => repeat(&posted(exchanged.clone()), first),
        Probe::Status => question(&status(exchanged.clone()), first),
        Probe::Forged => forged(&exchanged),
    };
    let limit = if matches!(probe, Probe::Ask | Probe::Forged) {
        patience.ask_ms
    } else {
        patience.post_ms
    };
    let says = format!("{says} {}", duration(took_ms, limit));
    let mut shown = Shown {
        probe,
        passed: passed && took_ms <= limit,
        status: code,
        took_ms,
        accepted: None,
        price: None,
        reason: None,
        redirect: None,
        says,
    };
    match heard {
        Some(Heard::Yes { price, redirect }) => {
            shown.accepted = Some(true);
            shown.price = price;
            shown.redirect = redirect;
        }
        Some(Heard::No { reason }) => {
            shown.accepted = Some(false);
            shown.reason = Some(reason).filter(|reason| !reason.is_empty());
        }
        Some(Heard::Unclear(_)) | None => {}
    }
    shown
}

fn no_answer(exchanged: &Exchanged) -> String {
    match exchanged {
        Exchanged::Answered(code, _) => format!("The endpoint answered HTTP {code}."),
        Exchanged::Late => "There was no answer in time.".to_owned(),
        Exchanged::Unreached => "No connection was made.".to_owned(),
        Exchanged::Broken => "The connection broke off before the answer was complete.".to_owned(),
    }
}

fn ask(exchanged: &Exchanged) -> (bool, String) {
    match exchanged {
        Exchanged::Answered(200..=299, Heard::Yes { price: Some(_), .. }) => {
            (true, "It bids, and the price is understood.".to_owned())
        }
        Exchanged::Answered(200..=299, Heard::Yes { price: None, .. }) => {
            (true, "It bids and names no price: the offer's own price counts.".to_owned())
        }
        Exchanged::Answered(200..=299, Heard::No { reason }) if reason.is_empty() => {
            (true, "It does not bid and gives no reason that can be kept.".to_owned())
        }
        Exchanged::Answered(200..=299, Heard::No { .. }) => {
            (true, "It does not bid and says why.".to_owned())
        }
        Exchanged::Answered(200..=299, Heard::Unclear(what)) => {
            (false, format!("The answer is not understood: {what}."))
        }
        other => (false, no_answer(other)),
    }
}

fn post(posted: Posted) -> (bool, String) {
    match posted {
        Posted::Accepted { .. } => (true, "It took the lead.".to_owned()),
        Posted::Declined { reason } if reason == "UNREACHED" || reason.starts_with("HTTP_") => {
            (false, format!("It did not take the lead: {reason}."))
        }
        Posted::Declined { .. } => {
            (true, "It declined the lead, and that is understood.".to_owned())
        }
        Posted::Silent => (
            false,
            "Nobody can say whether it took the lead: the award would be UNKNOWN.".to_owned(),
        ),
    }
}

fn repeat(posted: &Posted, first: Option<&Posted>) -> (bool, String) {
    let alike = matches!(
        (posted, first),
        (Posted::Accepted { .. }, Some(Posted::Accepted { .. }))
            | (Posted::Declined { .. }, Some(Posted::Declined { .. }))
    );
    if alike {
        (true, "The same post again got the same answer.".to_owned())
    } else {
        (
            false,
            "The same post again got another answer: the webhook-id has to be remembered."
                .to_owned(),
        )
    }
}

fn question(status: &Posted, first: Option<&Posted>) -> (bool, String) {
    match (status, first) {
        (Posted::Accepted { .. }, Some(Posted::Accepted { .. }))
        | (Posted::Declined { .. }, Some(Posted::Declined { .. })) => {
            (true, "It says the same about the post as the post's answer did.".to_owned())
        }
        (Posted::Silent, _) => (false, "The answer about the post is not clear.".to_owned()),
        _ => {
            (false, "It says something else about the post than the post's answer did.".to_owned())
        }
    }
}

fn forged(exchanged: &Exchanged) -> (bool, String) {
    match exchanged {
        Exchanged::Answered(400..=403, _) => {
            (true, "A request with a wrong signature was refused.".to_owned())
        }
        Exchanged::Answered(200..=299, _) => (
            false,
            "A request with a wrong signature was answered: anybody can ask this endpoint."
                .to_owned(),
        ),
        other => (false, no_answer(other)),
    }
}

/// A duration in words.
fn duration(took_ms: u32, limit: u32) -> String {
    let words = if took_ms > limit {
        "too slow"
    } else if took_ms > limit / 2 {
        "in time, with little to spare"
    } else {
        "well in time"
    };
    format!("It took {took_ms} ms of {limit}: {words}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience { ask_ms: 1_000, post_ms: 3_000 };

    fn yes(price: Option<i64>) -> Exchanged {
        Exchanged::Answered(200, Heard::Yes { price, redirect: None })
    }

    #[test]
    fn each_step_says_what_was_understood() {
        let shown = judge(Probe::Ask, yes(Some(700)), 120, PATIENCE, None);
        assert!(shown.passed);
        assert_eq!((shown.accepted, shown.price), (Some(true), Some(700)));
        assert_eq!(
            shown.says,
            "It bids, and the price is understood. It took 120 ms of 1000: well in time."
        );
        let slow = judge(Probe::Ask, yes(None), 1_001, PATIENCE, None);
        assert!(!slow.passed && slow.says.ends_with("too slow."), "{}", slow.says);
        let unclear = Exchanged::Answered(200, Heard::Unclear("accept is not there".to_owned()));
        assert!(!judge(Probe::Ask, unclear.clone(), 1, PATIENCE, None).passed);
        assert!(!judge(Probe::Post, unclear, 1, PATIENCE, None).passed);
        assert!(!judge(Probe::Post, Exchanged::Unreached, 1, PATIENCE, None).passed);
    }

    #[test]
    fn a_repetition_and_a_status_have_to_agree_with_the_post() {
        let taken = Posted::Accepted { price: None, redirect: None };
        let no = || Exchanged::Answered(200, Heard::No { reason: "DUPLICATE".to_owned() });
        for probe in [Probe::Repeat, Probe::Status] {
            assert!(judge(probe, yes(None), 1, PATIENCE, Some(&taken)).passed);
            assert!(!judge(probe, no(), 1, PATIENCE, Some(&taken)).passed);
            assert!(!judge(probe, Exchanged::Late, 3_000, PATIENCE, Some(&taken)).passed);
        }
    }

    #[test]
    fn a_forged_request_has_to_be_refused() {
        let refused = Exchanged::Answered(401, Heard::No { reason: String::new() });
        assert!(judge(Probe::Forged, refused, 1, PATIENCE, None).passed);
        assert!(!judge(Probe::Forged, yes(None), 1, PATIENCE, None).passed);
        assert!(!judge(Probe::Forged, Exchanged::Late, 1_000, PATIENCE, None).passed);
    }
}
