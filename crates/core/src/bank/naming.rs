//! How payouts and files are called towards a bank. Identifiers of ISO 20022 have at most 35
//! characters, and SEPA's character set has no underscore: an id is printed in capitals without
//! one, and reads back to the same id.

use std::str::FromStr;

use crate::ids::{PayoutFileId, PayoutId};

/// What a payout's end-to-end identification begins with.
const PAYOUT: &str = "PAY";
/// What a message's identification begins with.
const MESSAGE: &str = "PYF";

/// A payout's `EndToEndId`: one for each payout, and each try is a payout of its own.
pub fn end_to_end(id: PayoutId) -> String {
    capitals(&id.to_string())
}

/// The payout of an `EndToEndId`; the printed id is taken as well.
pub fn read_end_to_end(text: &str) -> Option<PayoutId> {
    small(text, PAYOUT, PayoutId::PREFIX)
}

/// A file's `MsgId`.
pub fn message_id(id: PayoutFileId) -> String {
    capitals(&id.to_string())
}

/// The file of a `MsgId`.
pub fn read_message_id(text: &str) -> Option<PayoutFileId> {
    small(text, MESSAGE, PayoutFileId::PREFIX)
}

/// The `PmtInfId` of a file's n-th part.
pub fn part_id(id: PayoutFileId, part: i32) -> String {
    format!("{}-{part}", message_id(id))
}

/// File and number of a `PmtInfId`.
pub fn read_part_id(text: &str) -> Option<(PayoutFileId, i32)> {
    let (message, part) = text.trim().rsplit_once('-')?;
    let part = part.parse().ok().filter(|part| (1..=9_999).contains(part))?;
    Some((read_message_id(message)?, part))
}

fn capitals(id: &str) -> String {
    id.chars().filter(|letter| *letter != '_').map(|letter| letter.to_ascii_uppercase()).collect()
}

fn small<T: FromStr>(text: &str, head: &str, prefix: &str) -> Option<T> {
    let text = text.trim().to_ascii_uppercase();
    let rest = text.strip_prefix(head)?;
    let rest = rest.strip_prefix('_').unwrap_or(rest);
    format!("{prefix}_{}", rest.to_ascii_lowercase()).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::words::is_sepa;
    use proptest::prelude::*;
    use uuid::Uuid;

    proptest! {
        #[test]
        fn identifications_are_short_plain_and_read_back(bytes in any::<[u8; 16]>(), part in 1i32..=9_999) {
            let (payout, file) = (PayoutId(Uuid::from_bytes(bytes)), PayoutFileId(Uuid::from_bytes(bytes)));
            let texts = [end_to_end(payout), message_id(file), part_id(file, part)];
            for text in &texts {
                prop_assert!(text.len() <= 35 && text.chars().all(is_sepa), "{}", text);
            }
            let [payment, message, group] = texts;
            prop_assert_eq!(read_end_to_end(&payment), Some(payout));
            prop_assert_eq!(read_end_to_end(&payout.to_string()), Some(payout));
            prop_assert_eq!(read_message_id(&message), Some(file));
            prop_assert_eq!(read_part_id(&group), Some((file, part)));
            prop_assert_eq!(read_end_to_end(&message), None);
        }

        #[test]
        fn any_text_is_read_without_a_fault(text in ".{0,50}") {
            let _ = (read_end_to_end(&text), read_message_id(&text), read_part_id(&text));
        }
    }

    #[test]
    fn another_payout_has_another_name() {
        let one = PayoutId(Uuid::from_u128(1));
        let two = PayoutId(Uuid::from_u128(2));
        assert_ne!(end_to_end(one), end_to_end(two));
        assert_eq!(end_to_end(one), "PAY00000000000000000000000001");
    }
}
