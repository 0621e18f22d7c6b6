//! The stamp of a rendered form: when it was shown, what consent it showed, and a number against
//! sending it twice. It is signed, holds nothing about the person, and takes the place of a cookie.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use leadbourse_core::ids::SourceId;
use leadbourse_core::lang::Lang;
use leadbourse_core::time::{DAY, Timestamp};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::platform::error::{Context, Result};
use crate::platform::vault::Vault;

/// What the signature is for.
const PURPOSE: &str = "form stamp";
/// How long a form may stay open.
const LASTS: i64 = DAY;

/// What a form was rendered with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Whose form.
    pub source: SourceId,
    /// When it was shown first; corrections keep it. Microseconds.
    pub shown_at: i64,
    /// One visit: corrections of a refused form keep it.
    pub visit: String,
    /// One rendering: the same form sent twice is one lead.
    pub nonce: String,
    /// SHA-256 of the consent text that was shown, hex.
    pub consent_hash: String,
    /// Its version.
    pub consent_version: i32,
    /// The language of the page.
    pub lang: Lang,
}

fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 12]>())
}

impl Stamp {
    /// A stamp of a form that is shown for the first time.
    pub fn new(source: SourceId, lang: Lang, consent: (String, i32), now: Timestamp) -> Self {
        let (consent_hash, consent_version) = consent;
        let shown_at = now.micros();
        let (visit, nonce) = (random(), random());
        Self { source, shown_at, visit, nonce, consent_hash, consent_version, lang }
    }

    /// The stamp of the same visit's next rendering.
    #[must_use]
    pub fn again(&self, consent: (String, i32)) -> Self {
        let (consent_hash, consent_version) = consent;
        Self { nonce: random(), consent_hash, consent_version, ..self.clone() }
    }

    /// Signed text for a hidden field.
    ///
    /// # Errors
    /// Faults only.
    pub fn sign(&self, vault: &Vault) -> Result<String> {
        let text = serde_json::to_vec(self).context("printing a stamp")?;
        let mac = vault.mac(PURPOSE, &text);
        Ok(format!("{}.{}", URL_SAFE_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(mac)))
    }

    /// The stamp that was signed, if it is this source's and not too old.
    pub fn read(vault: &Vault, text: &str, source: SourceId, now: Timestamp) -> Option<Self> {
        let (body, mac) = text.split_once('.')?;
        let body = URL_SAFE_NO_PAD.decode(body).ok()?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        if !bool::from(vault.mac(PURPOSE, &body).as_slice().ct_eq(&mac)) {
            return None;
        }
        let stamp: Stamp = serde_json::from_slice(&body).ok()?;
        let age = now.micros().checked_sub(stamp.shown_at)?;
        (stamp.source == source && (0..=LASTS).contains(&age)).then_some(stamp)
    }

    /// Milliseconds since it was shown.
    pub fn fill_ms(&self, now: Timestamp) -> i64 {
        now.micros().saturating_sub(self.shown_at) / 1_000
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use leadbourse_core::time::SECOND;

    #[test]
    fn a_stamp_holds_for_its_source_and_a_day_and_cannot_be_made_up() {
        let vault = Vault::ephemeral().unwrap();
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        let source = SourceId::new(now);
        let stamp = Stamp::new(source, Lang::Ru, ("ab".to_owned(), 3), now);
        let text = stamp.sign(&vault).unwrap();
        let read = |text: &str, source, at| Stamp::read(&vault, text, source, at);
        assert_eq!(read(&text, source, now.plus(7 * SECOND)), Some(stamp.clone()));
        assert_eq!(stamp.fill_ms(now.plus(7 * SECOND)), 7_000);
        assert_eq!(read(&text, SourceId::new(now), now), None, "another source");
        assert_eq!(read(&text, source, now.plus(DAY + 1)), None, "too old");
        assert_eq!(read(&text, source, now.plus(-1)), None, "from the future");
        let other = Vault::ephemeral().unwrap();
        assert_eq!(Stamp::read(&other, &text, source, now), None);
        assert_eq!(read("x.y", source, now), None);
        let again = stamp.again(("cd".to_owned(), 4));
        assert_eq!((&again.visit, again.shown_at), (&stamp.visit, stamp.shown_at));
        assert!(again.nonce != stamp.nonce);
    }
}
