//! Secrets: per-lead data keys wrapped by a rotatable master key, and the fingerprint keys.
//!
//! Contact data is sealed with AES-256-GCM under a key that exists for one lead only; erasing a
//! lead is dropping that (wrapped) key. Everything here is synchronous and cheap.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use hmac::{Hmac, Mac};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use crate::platform::config::VaultConfig;
use crate::platform::error::{Context, Error, Result};

/// Bytes of a GCM nonce; it stands in front of each ciphertext.
const NONCE: usize = 12;
/// The file with the keys, in the data folder.
const KEY_FILE: &str = "keys.json";

/// What the vault gives out for storage.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Which master key wraps the data key.
    pub key_id: i32,
    /// The lead's data key, wrapped.
    pub wrapped_key: Vec<u8>,
    /// The sealed bytes.
    pub ciphertext: Vec<u8>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes under key {})", self.ciphertext.len(), self.key_id)
    }
}

/// A key of the contact fingerprints. Rotation adds a newer one; look-ups try every live key.
#[derive(Clone, PartialEq, Eq)]
pub struct FingerprintKey {
    /// Its number; newer keys have larger ones.
    pub id: i32,
    /// The key itself.
    pub key: [u8; 32],
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FingerprintKey({})", self.id)
    }
}

/// All keys of an installation. Cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<Keys>);

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

struct Keys {
    /// Newest first, never empty.
    masters: Vec<(i32, Aes256Gcm)>,
    /// Newest first, never empty.
    fingerprints: Vec<FingerprintKey>,
    mac: [u8; 32],
}

/// The form of the key file.
#[derive(Serialize, Deserialize)]
struct KeyFile {
    master_keys: Vec<String>,
    fingerprint_keys: Vec<String>,
}

impl Vault {
    /// Takes the keys of the configuration, or of the 0600 file in the data folder, which is made
    /// at the first start.
    ///
    /// # Errors
    /// When a key does not parse, the file is readable by others, or it can't be made.
    pub fn open_or_create(config: &VaultConfig, data_dir: &Path) -> Result<Self> {
        if !config.master_keys.is_empty() {
            return Self::from_keys(&config.master_keys, &config.fingerprint_keys);
        }
        let path = data_dir.join(KEY_FILE);
        if !path.exists() {
            create_key_file(data_dir, &path)?;
        }
        refuse_shared(&path)?;
        let text = std::fs::read_to_string(&path).context("reading the key file")?;
        let file: KeyFile = serde_json::from_str(&text).context("parsing the key file")?;
        Self::from_keys(&file.master_keys, &file.fingerprint_keys)
    }

    /// From `id:hex` texts; the largest id is the newest and the one that seals.
    pub fn from_keys(masters: &[String], fingerprints: &[String]) -> Result<Self> {
        let mut masters = masters.iter().map(|k| parse_key(k)).collect::<Result<Vec<_>>>()?;
        let mut prints = fingerprints.iter().map(|k| parse_key(k)).collect::<Result<Vec<_>>>()?;
        masters.sort_by_key(|(id, _)| std::cmp::Reverse(*id));
        prints.sort_by_key(|(id, _)| std::cmp::Reverse(*id));
        let oldest = prints.last().ok_or_else(|| Error::broken("no fingerprint key"))?;
        if masters.is_empty() {
            return Err(Error::broken("no master key"));
        }
        // The oldest fingerprint key stays while anything was hashed under it, so what derives
        // from it is stable over a rotation.
        let mac = hmac(&oldest.1, b"leadbourse mac v1");
        let masters = masters
            .into_iter()
            .map(|(id, key)| (id, Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(&key))))
            .collect();
        let fingerprints = prints.into_iter().map(|(id, key)| FingerprintKey { id, key }).collect();
        Ok(Self(Arc::new(Keys { masters, fingerprints, mac })))
    }

    /// A vault with fresh keys that are kept nowhere: for tests.
    pub fn ephemeral() -> Result<Self> {
        Self::from_keys(&[fresh_key(1)], &[fresh_key(1)])
    }

    /// Seals under a new data key, wrapped by the newest master key.
    pub fn seal(&self, plaintext: &[u8]) -> Result<Sealed> {
        let mut data_key = [0u8; 32];
        rand::rng().fill_bytes(&mut data_key);
        let (key_id, master) = self.newest()?;
        let wrapped_key = encrypt(master, &data_key)?;
        let cipher = Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(&data_key));
        Ok(Sealed { key_id, wrapped_key, ciphertext: encrypt(&cipher, plaintext)? })
    }

    /// Opens what `seal` gave.
    pub fn open(&self, sealed: &Sealed) -> Result<Vec<u8>> {
        self.open_under(&sealed.wrapped_key, sealed.key_id, &sealed.ciphertext)
    }

    /// Seals more bytes under the same lead's data key.
    pub fn seal_under(&self, wrapped_key: &[u8], key_id: i32, plaintext: &[u8]) -> Result<Vec<u8>> {
        encrypt(&self.unwrap_key(wrapped_key, key_id)?, plaintext)
    }

    /// Opens bytes that were sealed under the same lead's data key.
    pub fn open_under(
        &self,
        wrapped_key: &[u8],
        key_id: i32,
        ciphertext: &[u8],
    ) -> Result<Vec<u8>> {
        decrypt(&self.unwrap_key(wrapped_key, key_id)?, ciphertext)
    }

    /// Wraps a lead's data key under the newest master key: one step of a rotation.
    pub fn rewrap(&self, wrapped_key: &[u8], key_id: i32) -> Result<(i32, Vec<u8>)> {
        let plain = decrypt(self.master(key_id)?, wrapped_key)?;
        let (newest, master) = self.newest()?;
        Ok((newest, encrypt(master, &plain)?))
    }

    /// Seals a small secret of the installation (an endpoint's signing secret, payout details):
    /// the number of the master key, then the ciphertext.
    pub fn seal_secret(&self, plaintext: &[u8]) -> Result<Vec<u8>> {
        let (key_id, master) = self.newest()?;
        let mut out = key_id.to_be_bytes().to_vec();
        out.extend(encrypt(master, plaintext)?);
        Ok(out)
    }

    /// Opens what `seal_secret` gave.
    pub fn open_secret(&self, sealed: &[u8]) -> Result<Vec<u8>> {
        let (head, tail) = sealed
            .split_first_chunk::<4>()
            .ok_or_else(|| Error::broken("sealed secret too short"))?;
        decrypt(self.master(i32::from_be_bytes(*head))?, tail)
    }

    /// The live fingerprint keys, newest first: claim under the first, look up under all.
    pub fn fingerprint_keys(&self) -> &[FingerprintKey] {
        &self.0.fingerprints
    }

    /// A keyed hash for comparing without keeping: request bodies, external references. The
    /// purpose separates uses from one another.
    pub fn mac(&self, purpose: &str, data: &[u8]) -> [u8; 32] {
        hmac(&hmac(&self.0.mac, purpose.as_bytes()), data)
    }

    /// The same of a document. Names are sorted, so that other spacing or another order is still
    /// the same.
    pub fn mac_json(&self, purpose: &str, mut what: serde_json::Value) -> Result<[u8; 32]> {
        what.sort_all_objects();
        let text = serde_json::to_vec(&what).context("printing what is hashed")?;
        Ok(self.mac(purpose, &text))
    }

    fn newest(&self) -> Result<(i32, &Aes256Gcm)> {
        let (id, key) = self.0.masters.first().ok_or_else(|| Error::broken("no master key"))?;
        Ok((*id, key))
    }

    fn master(&self, id: i32) -> Result<&Aes256Gcm> {
        let found = self.0.masters.iter().find(|(known, _)| *known == id);
        found.map(|(_, key)| key).ok_or_else(|| Error::broken(format!("master key {id} is gone")))
    }

    fn unwrap_key(&self, wrapped_key: &[u8], key_id: i32) -> Result<Aes256Gcm> {
        let plain = decrypt(self.master(key_id)?, wrapped_key)?;
        Aes256Gcm::new_from_slice(&plain).context("a data key has the wrong length")
    }
}

/// HMAC-SHA-256; any key length is fine.
fn hmac(key: &[u8; 32], data: &[u8]) -> [u8; 32] {
    // A key of 32 bytes is always accepted; `new` takes it as a fixed-size array (block size 64).
    let mut block = [0u8; 64];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = <Hmac<Sha256> as hmac::digest::KeyInit>::new(&block.into());
    mac.update(data);
    mac.finalize().into_bytes().into()
}

fn encrypt(cipher: &Aes256Gcm, plaintext: &[u8]) -> Result<Vec<u8>> {
    let mut nonce = [0u8; NONCE];
    rand::rng().fill_bytes(&mut nonce);
    let sealed = cipher
        .encrypt(Nonce::from_slice(&nonce), plaintext)
        .map_err(|_| Error::broken("AES-GCM refused to encrypt"))?;
    let mut out = Vec::with_capacity(NONCE + sealed.len());
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    Ok(out)
}

fn decrypt(cipher: &Aes256Gcm, sealed: &[u8]) -> Result<Vec<u8>> {
    let (nonce, body) = sealed
        .split_first_chunk::<NONCE>()
        .ok_or_else(|| Error::broken("sealed bytes are too short"))?;
    cipher
        .decrypt(Nonce::from_slice(nonce), body)
        .map_err(|_| Error::broken("sealed bytes do not open: wrong key or changed data"))
}

fn parse_key(text: &str) -> Result<(i32, [u8; 32])> {
    // The message never quotes the text: it is a secret.
    let bad = || Error::broken("a key must look like `1:` and 64 hex digits");
    let (id, digits) = text.split_once(':').ok_or_else(bad)?;
    let id: i32 = id.trim().parse().map_err(|_| bad())?;
    let bytes = hex::decode(digits.trim()).map_err(|_| bad())?;
    let key: [u8; 32] = bytes.try_into().map_err(|_| bad())?;
    Ok((id, key))
}

fn fresh_key(id: i32) -> String {
    let mut key = [0u8; 32];
    rand::rng().fill_bytes(&mut key);
    format!("{id}:{}", hex::encode(key))
}

/// Makes the key file so that a second process that starts at once either makes it or reads it:
/// it appears under its name only when it is whole.
fn create_key_file(data_dir: &Path, path: &Path) -> Result<()> {
    std::fs::create_dir_all(data_dir).context("making the data folder")?;
    let file = KeyFile { master_keys: vec![fresh_key(1)], fingerprint_keys: vec![fresh_key(1)] };
    let text = serde_json::to_string_pretty(&file).context("printing the key file")?;
    let draft = data_dir.join(format!(".{KEY_FILE}.{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(&draft).context("making the key file")?;
    out.write_all(text.as_bytes()).context("writing the key file")?;
    out.sync_all().context("writing the key file")?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft).context("removing the draft of the key file")?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(error).context("naming the key file")
        }
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn refuse_shared(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).context("reading the key file's mode")?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Error::broken(format!("{} must be readable by its owner only: chmod 600", path.display())))
}

#[cfg(not(unix))]
fn refuse_shared(_path: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn what_is_sealed_opens_and_nothing_else_does() {
        let vault = Vault::ephemeral().unwrap();
        let mut sealed = vault.seal(b"Anna, +79161234567").unwrap();
        assert_eq!(vault.open(&sealed).unwrap(), b"Anna, +79161234567");
        let more = vault.seal_under(&sealed.wrapped_key, sealed.key_id, b"note").unwrap();
        assert_eq!(vault.open_under(&sealed.wrapped_key, sealed.key_id, &more).unwrap(), b"note");
        assert!(Vault::ephemeral().unwrap().open(&sealed).is_err());
        *sealed.ciphertext.last_mut().unwrap() ^= 1;
        assert!(vault.open(&sealed).is_err());
    }

    #[test]
    fn a_rotation_keeps_old_leads_readable() {
        let (one, print) = (fresh_key(1), fresh_key(1));
        let old =
            Vault::from_keys(std::slice::from_ref(&one), std::slice::from_ref(&print)).unwrap();
        let sealed = old.seal(b"x").unwrap();
        let secret = old.seal_secret(b"whsec").unwrap();
        let both = Vault::from_keys(&[one, fresh_key(2)], &[print, fresh_key(2)]).unwrap();
        assert_eq!(both.open(&sealed).unwrap(), b"x");
        assert_eq!(both.open_secret(&secret).unwrap(), b"whsec");
        assert_eq!(both.seal(b"y").unwrap().key_id, 2);
        let (key_id, wrapped_key) = both.rewrap(&sealed.wrapped_key, sealed.key_id).unwrap();
        assert_eq!(key_id, 2);
        assert_eq!(both.open(&Sealed { key_id, wrapped_key, ..sealed }).unwrap(), b"x");
        assert_eq!(both.fingerprint_keys()[0].id, 2);
        assert_eq!(old.mac("body", b"z"), both.mac("body", b"z"));
    }

    #[test]
    fn mac_is_hmac_sha256() {
        // RFC 4231, test case 2, has a short key; padding to the block is what HMAC does itself.
        let key: [u8; 32] = [0x0b; 32];
        let mut reference = <Hmac<Sha256> as Mac>::new_from_slice(&key).unwrap();
        reference.update(b"Hi There");
        let expected: [u8; 32] = reference.finalize().into_bytes().into();
        assert_eq!(hmac(&key, b"Hi There"), expected);
    }

    #[test]
    fn the_key_file_is_made_once_and_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let config = VaultConfig::default();
        let first = Vault::open_or_create(&config, dir.path()).unwrap();
        let again = Vault::open_or_create(&config, dir.path()).unwrap();
        assert_eq!(again.open(&first.seal(b"x").unwrap()).unwrap(), b"x");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let path = dir.path().join(KEY_FILE);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            assert!(Vault::open_or_create(&config, dir.path()).is_err());
        }
    }
}
