//! Signatures of what the provider tells: `t=<seconds>,v1=<hex of HMAC-SHA-256(secret, t.body)>`,
//! with several `v1` while a secret is changed. Compared in constant time, over the raw body.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::time::{MINUTE, SECOND, Timestamp};

/// How far the time of a signature may be from ours, µs, either way.
pub const TOLERANCE: i64 = 5 * MINUTE;

/// Why a body is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// The header is not of the form.
    #[error("the signature header can't be read")]
    Malformed,
    /// No signature is of one of our secrets.
    #[error("no signature fits")]
    Wrong,
    /// It is signed, but too long ago or ahead of time.
    #[error("the signature is too old")]
    Stale,
}

fn mac(secret: &str, seconds: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(seconds.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}

/// The header for a body, for tests and stand-ins.
pub fn sign(secret: &str, body: &[u8], at: Timestamp) -> String {
    let seconds = at.micros().div_euclid(SECOND).to_string();
    let signed = mac(secret, &seconds, body).map(|mac| mac.finalize().into_bytes());
    format!("t={seconds},v1={}", hex::encode(signed.unwrap_or_default()))
}

/// Checks a body against any of the secrets.
///
/// # Errors
/// See [`Unsigned`]. A wrong signature is told before an old one: a stranger learns nothing.
pub fn verify(header: &str, body: &[u8], secrets: &[&str], now: Timestamp) -> Result<(), Unsigned> {
    let mut seconds = None;
    let mut given: Vec<Vec<u8>> = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", text)) => seconds = Some(text),
            Some(("v1", text)) => given.extend(hex::decode(text).ok()),
            _ => {}
        }
    }
    let text = seconds.ok_or(Unsigned::Malformed)?;
    let at: i64 = text.parse().map_err(|_| Unsigned::Malformed)?;
    if given.is_empty() {
        return Err(Unsigned::Malformed);
    }
    let fits = |secret: &&&str| {
        given.iter().any(|signature| {
            mac(secret, text, body).is_some_and(|mac| mac.verify_slice(signature).is_ok())
        })
    };
    if secrets.iter().filter(|secret| !secret.is_empty()).find(fits).is_none() {
        return Err(Unsigned::Wrong);
    }
    let apart = at.saturating_mul(SECOND).saturating_sub(now.micros());
    if apart.saturating_abs() > TOLERANCE { Err(Unsigned::Stale) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"{\"id\":\"evt_1\"}";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * SECOND)
    }

    #[test]
    fn a_signature_is_known_by_either_secret() {
        let header = sign("whsec_old", BODY, at(1_000));
        assert_eq!(verify(&header, BODY, &["whsec_new", "whsec_old"], at(1_000)), Ok(()));
        assert_eq!(verify(&header, BODY, &["whsec_new"], at(1_000)), Err(Unsigned::Wrong));
        assert_eq!(verify(&header, b"{}", &["whsec_old"], at(1_000)), Err(Unsigned::Wrong));
        assert_eq!(verify(&header, BODY, &[], at(1_000)), Err(Unsigned::Wrong));
        let both = format!("{header},v1={}", "00".repeat(32));
        assert_eq!(verify(&both, BODY, &["whsec_old"], at(1_000)), Ok(()));
    }

    #[test]
    fn an_empty_secret_signs_nothing() {
        let header = sign("", BODY, at(1_000));
        assert_eq!(verify(&header, BODY, &["", "whsec"], at(1_000)), Err(Unsigned::Wrong));
    }

    #[test]
    fn five_minutes_either_way() {
        let header = sign("s", BODY, at(1_000));
        let check = |seconds| verify(&header, BODY, &["s"], at(seconds));
        assert_eq!([check(1_300), check(700)], [Ok(()); 2]);
        assert_eq!([check(1_301), check(699)], [Err(Unsigned::Stale); 2]);
        let moved = header.replace("t=1000", "t=1290");
        assert_eq!(verify(&moved, BODY, &["s"], at(1_300)), Err(Unsigned::Wrong));
    }

    #[test]
    fn what_is_no_header_is_refused() {
        for header in ["", "t=", "t=1,v1=", "v1=00", "t=x,v1=00", "t=99999999999999999999,v1=00"] {
            assert!(verify(header, BODY, &["s"], at(1)).is_err(), "{header}");
        }
        // Made with another program: HMAC-SHA-256("whsec_test", "1700000000.{\"id\":\"evt_1\"}").
        let known = format!("t=1700000000,v1={KNOWN}");
        assert_eq!(verify(&known, BODY, &["whsec_test"], at(1_700_000_000)), Ok(()));
    }

    const KNOWN: &str = "c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925";
}
