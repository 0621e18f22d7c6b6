//! Passwords: argon2id, off the async threads, a few at a time.

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::Arc;
use tokio::sync::Semaphore;

use crate::platform::error::{Context, Error, Result};
use crate::platform::shutdown::Shutdown;

/// Memory of one hash, in KiB; with two passes and one lane this is what OWASP advises.
const MEMORY_KIB: u32 = 19_456;
/// Passes over the memory.
const PASSES: u32 = 2;
/// Hashes at once: each takes its memory, and a core for as long as it runs.
const AT_ONCE: usize = 4;

/// A hash of no password with the parameters above: verified against when nobody has the e-mail,
/// so that an unknown address takes as long as a wrong password.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdA$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and verifies.
#[derive(Clone, Debug)]
pub(super) struct Passwords {
    tasks: Shutdown,
    turns: Arc<Semaphore>,
}

fn argon2id() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None)
        .map_err(|error| Error::broken(format!("argon2 parameters: {error}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

impl Passwords {
    pub(super) fn new(tasks: Shutdown) -> Self {
        Self { tasks, turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The hash of a new password, as a PHC string.
    pub(super) async fn hash(&self, password: String) -> Result<String> {
        self.run(move || {
            let salt = SaltString::generate(&mut OsRng);
            argon2id()?
                .hash_password(password.as_bytes(), &salt)
                .map(|hash| hash.to_string())
                .map_err(|error| Error::broken(format!("argon2: {error}")))
        })
        .await
    }

    /// Whether the password is the one of the hash. Without a hash: no, after the same time.
    pub(super) async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        self.run(move || {
            let known = hash.is_some();
            let text = hash.unwrap_or_else(|| NOBODY.to_owned());
            let parsed = PasswordHash::new(&text)
                .map_err(|error| Error::broken(format!("a stored hash does not read: {error}")))?;
            let same = argon2id()?.verify_password(password.as_bytes(), &parsed).is_ok();
            Ok(same && known)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _turn = self.turns.acquire().await.context("waiting for a turn to hash")?;
        self.tasks.spawn_blocking(work).await.context("hashing a password")?
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn right_wrong_and_nobody() {
        let passwords = Passwords::new(Shutdown::new());
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let verify = |text: &str, hash: Option<String>| passwords.verify(text.to_owned(), hash);
        assert!(verify("correct horse", Some(hash.clone())).await.unwrap());
        assert!(!verify("wrong horse", Some(hash)).await.unwrap());
        assert!(!verify("correct horse", None).await.unwrap());
    }
}
