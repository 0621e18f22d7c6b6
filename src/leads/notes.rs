//! Free text about a lead, sealed under the lead's own data key: erasing the lead erases it.

use super::contact::StoredContact;
use crate::platform::error::{Error, Result};
use crate::platform::vault::Vault;

/// Seals a text; `None` if the lead is erased, so that nothing more is kept about it.
pub fn seal_note(vault: &Vault, to: &StoredContact, text: &str) -> Result<Option<Vec<u8>>> {
    let Some(sealed) = &to.sealed else { return Ok(None) };
    vault.seal_under(&sealed.wrapped_key, sealed.key_id, text.as_bytes()).map(Some)
}

/// Opens what [`seal_note`] gave; `None` if the lead is erased meanwhile.
pub fn open_note(vault: &Vault, of: &StoredContact, note: &[u8]) -> Result<Option<String>> {
    let Some(sealed) = &of.sealed else { return Ok(None) };
    let plain = vault.open_under(&sealed.wrapped_key, sealed.key_id, note)?;
    String::from_utf8(plain).map(Some).map_err(|cause| Error::other("reading a note", cause))
}
