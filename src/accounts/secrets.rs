//! Random secrets that are shown once and kept as hashes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng as _;
use sha2::{Digest, Sha256};

/// How many characters of a key people may see to recognise it.
const SHOWN: usize = 6;

/// A new random text of 256 bits, safe in headers and addresses.
pub(super) fn token() -> String {
    let mut bytes = [0u8; 32];
    rand::rng().fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A new key that begins with `kind` and an underscore, and the beginning that may be shown.
pub fn mint(kind: &str) -> (String, String) {
    let secret = token();
    let shown: String = secret.chars().take(SHOWN).collect();
    (format!("{kind}_{secret}"), format!("{kind}_{shown}"))
}

/// What is kept of a secret. Its 256 random bits need no slow hash: there is nothing to guess.
pub fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_new_each_time_and_show_only_their_beginning() {
        let (one, shown) = mint("lbk");
        let (two, _) = mint("lbk");
        assert_ne!(one, two);
        assert!(one.starts_with(&shown) && one.len() > shown.len() + 30);
        assert_eq!(digest(&one), digest(&one));
        assert_ne!(digest(&one), digest(&two));
        assert_eq!(digest(&one).len(), 32);
    }
}
