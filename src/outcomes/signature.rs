//! Signatures of postbacks: HMAC-SHA-256 over the time and the raw bytes that were sent.

use hmac::{Hmac, Mac};
use leadbourse_core::error::Problem;
use leadbourse_core::time::{MINUTE, SECOND, Timestamp};
use sha2::Sha256;

use super::error::{POSTBACK_SIGNATURE, POSTBACK_STALE, POSTBACK_UNSIGNED};

/// How far the time of a signature may be from ours, µs.
const TOLERANCE: i64 = 5 * MINUTE;

/// What a sender showed to prove itself, and what it proves.
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// Seconds since 1970, as sent.
    pub at: Option<&'a str>,
    /// The signature, in hexadecimal.
    pub signature: Option<&'a str>,
    /// The raw body, or the raw query without its signature.
    pub signed: &'a [u8],
}

/// Checks that whoever sent this knows the secret, and signed it now. The signature is
/// `hex(HMAC-SHA-256(secret, time ‖ "." ‖ raw))`, compared in constant time.
///
/// # Errors
/// `POSTBACK_UNSIGNED`, `POSTBACK_STALE`, `POSTBACK_SIGNATURE`.
pub fn check(secret: &[u8], proof: Proof<'_>, now: Timestamp) -> Result<(), Problem> {
    let (Some(at), Some(signature)) = (proof.at, proof.signature) else {
        return Err(POSTBACK_UNSIGNED.into());
    };
    let seconds: i64 = at.parse().map_err(|_| Problem::new(POSTBACK_UNSIGNED))?;
    let off = now.since(Timestamp::from_micros(seconds.saturating_mul(SECOND)));
    if off.saturating_abs() > TOLERANCE {
        return Err(POSTBACK_STALE.into());
    }
    let sent = hex::decode(signature).map_err(|_| Problem::new(POSTBACK_SIGNATURE))?;
    let mut mac = mac(secret)?;
    mac.update(at.as_bytes());
    mac.update(b".");
    mac.update(proof.signed);
    mac.verify_slice(&sent).map_err(|_| POSTBACK_SIGNATURE.into())
}

fn mac(secret: &[u8]) -> Result<Hmac<Sha256>, Problem> {
    // HMAC takes keys of every length.
    <Hmac<Sha256> as Mac>::new_from_slice(secret).map_err(|_| POSTBACK_SIGNATURE.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_the_secret_the_bytes_and_the_hour_together_pass() {
        let now = Timestamp::from_micros(1_700_000_000 * SECOND);
        let sign = |secret: &[u8], at: &str, raw: &[u8]| {
            let mut mac = mac(secret).unwrap();
            mac.update(format!("{at}.").as_bytes());
            mac.update(raw);
            hex::encode(mac.finalize().into_bytes())
        };
        let code = |at: &str, signature: &str, raw: &[u8]| {
            let proof = Proof { at: Some(at), signature: Some(signature), signed: raw };
            check(b"s3", proof, now).map_or_else(|problem| problem.code.name, |()| "OK")
        };
        let good = sign(b"s3", "1700000000", b"a=1");
        assert_eq!(code("1700000000", &good, b"a=1"), "OK");
        assert_eq!(code("1700000000", &good.to_uppercase(), b"a=1"), "OK");
        assert_eq!(code("1700000000", &good, b"a=2"), "POSTBACK_SIGNATURE");
        assert_eq!(code("1700000001", &good, b"a=1"), "POSTBACK_SIGNATURE");
        assert_eq!(code("1700000000", "zz", b"a=1"), "POSTBACK_SIGNATURE");
        let other = sign(b"s4", "1700000000", b"a=1");
        assert_eq!(code("1700000000", &other, b"a=1"), "POSTBACK_SIGNATURE");
        for (at, want) in [
            ("1700000300", "OK"),
            ("1699999700", "OK"),
            ("1700000301", "POSTBACK_STALE"),
            ("1699999699", "POSTBACK_STALE"),
            ("9223372036854775807", "POSTBACK_STALE"),
            ("soon", "POSTBACK_UNSIGNED"),
        ] {
            assert_eq!(code(at, &sign(b"s3", at, b"a=1"), b"a=1"), want, "{at}");
        }
        let nothing = Proof { at: None, signature: Some(&good), signed: b"a=1" };
        assert_eq!(check(b"s3", nothing, now).unwrap_err().code, POSTBACK_UNSIGNED);
    }
}
