//! Identity numbers and phones in the database: sealed with AES-256-GCM, found again by a keyed hash.
use std::collections::BTreeMap;
use std::fmt;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::{Hmac, Mac};
use rand::Rng;
use sha2::Sha256;
use uuid::Uuid;

use crate::StoreError;

/// Length of each key, bytes.
pub const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;

/// The key ring: seals with the newest key, opens with whichever key sealed.
///
/// A sealed value is one byte that numbers the key, a random nonce of 12 bytes, then ciphertext and tag; the owner's id
/// and the field's name are bound to it, so that a value moved to another row does not open.
pub struct Vault {
    ring: BTreeMap<u8, Aes256Gcm>,
    lookup: [u8; KEY_BYTES],
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("keys", &self.ring.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// A sealed value does not open: its key is not on the ring, or it was changed or moved.
#[derive(Debug, thiserror::Error)]
#[error("a sealed value does not open with the keys at hand")]
pub struct Sealed;

impl From<Sealed> for StoreError {
    fn from(error: Sealed) -> Self {
        Self::Bug(Box::new(error))
    }
}

impl Vault {
    /// A vault with numbered keys and the key of the lookup hash.
    pub fn new(ring: impl IntoIterator<Item = (u8, [u8; KEY_BYTES])>, lookup: [u8; KEY_BYTES]) -> Self {
        let ring = ring
            .into_iter()
            .map(|(number, key)| (number, Aes256Gcm::new(&key.into())))
            .collect();
        Self { ring, lookup }
    }

    /// Seals `plain`, which is `owner`'s `field`.
    ///
    /// # Errors
    /// [`Sealed`] when the ring is empty.
    pub fn seal(&self, owner: impl Into<Uuid>, field: &str, plain: &[u8]) -> Result<Vec<u8>, Sealed> {
        let (number, cipher) = self.ring.last_key_value().ok_or(Sealed)?;
        let mut nonce = [0; NONCE_BYTES];
        rand::rng().fill_bytes(&mut nonce);
        let bound = binding(owner.into(), field);
        let payload = Payload {
            msg: plain,
            aad: &bound,
        };
        let text = cipher.encrypt(&Nonce::from(nonce), payload).map_err(|_aead| Sealed)?;
        let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + text.len());
        sealed.push(*number);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&text);
        Ok(sealed)
    }

    /// Opens what [`Vault::seal`] sealed for the same owner and field.
    ///
    /// # Errors
    /// [`Sealed`] when the key is missing, or the value was changed or belongs elsewhere.
    pub fn open(&self, owner: impl Into<Uuid>, field: &str, sealed: &[u8]) -> Result<Vec<u8>, Sealed> {
        let (number, rest) = sealed.split_first().ok_or(Sealed)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(Sealed)?;
        let cipher = self.ring.get(number).ok_or(Sealed)?;
        let bound = binding(owner.into(), field);
        cipher
            .decrypt(&Nonce::from(*nonce), Payload { msg: text, aad: &bound })
            .map_err(|_aead| Sealed)
    }

    /// As [`Vault::open`], for text.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn open_text(&self, owner: impl Into<Uuid>, field: &str, sealed: &[u8]) -> Result<String, Sealed> {
        String::from_utf8(self.open(owner, field, sealed)?).map_err(|_utf8| Sealed)
    }

    /// The keyed hash by which a value of `field` is found: HMAC-SHA-256, 32 bytes, the same for every owner.
    ///
    /// # Errors
    /// Never in practice: HMAC takes keys of any length.
    pub fn hash(&self, field: &str, plain: &str) -> Result<Vec<u8>, Sealed> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.lookup).map_err(|_length| Sealed)?;
        mac.update(field.as_bytes());
        mac.update(&[0]);
        mac.update(plain.as_bytes());
        Ok(mac.finalize().into_bytes().to_vec())
    }
}

fn binding(owner: Uuid, field: &str) -> Vec<u8> {
    let mut bound = owner.as_bytes().to_vec();
    bound.extend_from_slice(field.as_bytes());
    bound
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: (u8, [u8; 32]) = (1, [1; 32]);
    const NEW: (u8, [u8; 32]) = (2, [2; 32]);

    #[test]
    fn what_is_sealed_opens_for_its_owner_only() {
        let vault = Vault::new([OLD], [9; 32]);
        let (wang, li) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let sealed = vault.seal(wang, "phone", b"+8619900000001").unwrap();
        assert_eq!(vault.open_text(wang, "phone", &sealed).unwrap(), "+8619900000001");
        assert!(vault.open(li, "phone", &sealed).is_err());
        assert!(vault.open(wang, "identity", &sealed).is_err());
        assert!(!sealed.windows(5).any(|w| w == b"19900"));
    }

    #[test]
    fn a_new_key_seals_and_the_old_still_opens() {
        let wang = Uuid::from_u128(1);
        let old = Vault::new([OLD], [9; 32]).seal(wang, "phone", b"1").unwrap();
        let both = Vault::new([OLD, NEW], [9; 32]);
        assert_eq!(both.open(wang, "phone", &old).unwrap(), b"1");
        assert_eq!(both.seal(wang, "phone", b"1").unwrap().first(), Some(&2));
        assert!(Vault::new([NEW], [9; 32]).open(wang, "phone", &old).is_err());
    }

    #[test]
    fn the_hash_finds_the_same_value_and_needs_the_key() {
        let vault = Vault::new([OLD], [9; 32]);
        assert_eq!(vault.hash("phone", "1").unwrap(), vault.hash("phone", "1").unwrap());
        assert_ne!(vault.hash("phone", "1").unwrap(), vault.hash("identity", "1").unwrap());
        assert_ne!(
            vault.hash("phone", "1").unwrap(),
            Vault::new([OLD], [8; 32]).hash("phone", "1").unwrap()
        );
    }
}
