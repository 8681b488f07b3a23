//! The secret by which an address knows that an event is ours: shown once, sealed at rest.
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::id::WebhookId;
use domain::webhook::SECRET_PREFIX;
use rand::Rng;

use crate::StoreError;
use crate::vault::Vault;

/// Length, bytes: as long as what it signs with.
const BYTES: usize = 32;
/// What it is called in the vault.
const FIELD: &str = "webhook_secret";

/// A secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Secret {
    /// A random one.
    pub(super) fn made_up() -> Self {
        let mut bytes = vec![0; BYTES];
        rand::rng().fill_bytes(&mut bytes);
        Self(bytes)
    }

    pub(super) fn seal(&self, vault: &Vault, of: WebhookId) -> Result<Vec<u8>, StoreError> {
        Ok(vault.seal(of, FIELD, &self.0)?)
    }

    pub(super) fn open(vault: &Vault, of: WebhookId, sealed: &[u8]) -> Result<Self, StoreError> {
        Ok(Self(vault.open(of, FIELD, sealed)?))
    }

    /// The key to sign with.
    pub fn key(&self) -> &[u8] {
        &self.0
    }

    /// As it is shown, this once: `whsec_…`.
    pub fn shown(&self) -> String {
        format!("{SECRET_PREFIX}{}", STANDARD.encode(&self.0))
    }
}
