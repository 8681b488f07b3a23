//! The key file: what signs tokens, what seals columns, what hashes for lookup. Whoever has it has everything.
use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use figment::Figment;
use figment::providers::{Format, Toml};
use persistence::vault::{KEY_BYTES, Vault};
use rand::{Rng, RngExt};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::token::Signer;

/// Why a key file can't be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// The file can't be read or written.
    #[error("the key file {path} cannot be used: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others on this machine can read it.
    #[error("the key file {0} can be read by others; run: chmod 600 {0}")]
    Open(PathBuf),
    /// It is no key file.
    #[error("the key file {path} cannot be understood: {why}")]
    Malformed {
        /// Which.
        path: PathBuf,
        /// Why, without a key in it.
        why: String,
    },
}

/// A key that signs tokens.
struct Signing {
    kid: String,
    key: SigningKey,
}

/// A numbered key that seals columns.
struct Sealing {
    number: u8,
    key: Zeroizing<[u8; KEY_BYTES]>,
}

/// All keys of a deployment. In the lists the newest key stands last: it signs and seals, the others verify and open.
pub struct Keys {
    signing: Vec<Signing>,
    sealing: Vec<Sealing>,
    lookup: Zeroizing<[u8; KEY_BYTES]>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys")
            .field("signing", &self.signing.iter().map(|one| &one.kid).collect::<Vec<_>>())
            .field(
                "sealing",
                &self.sealing.iter().map(|one| one.number).collect::<Vec<_>>(),
            )
            .finish_non_exhaustive()
    }
}

/// The file as it stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    lookup: Zeroizing<String>,
    signing: Vec<SigningEntry>,
    sealing: Vec<SealingEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SigningEntry {
    kid: String,
    private_pem: Zeroizing<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SealingEntry {
    number: u8,
    key: Zeroizing<String>,
}

impl Keys {
    /// Fresh keys, one of each.
    #[must_use]
    pub fn generate() -> Self {
        let key = SigningKey::from_bytes(&random());
        let kid = format!("{:08x}", rand::rng().random::<u32>());
        let sealing = Sealing {
            number: 1,
            key: random(),
        };
        Self {
            signing: vec![Signing { kid, key }],
            sealing: vec![sealing],
            lookup: random(),
        }
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`KeyFault`], which says what to do.
    pub fn load(path: &Path) -> Result<Self, KeyFault> {
        let failed = |source| KeyFault::File {
            path: path.to_owned(),
            source,
        };
        check_mode(path, &std::fs::metadata(path).map_err(failed)?)?;
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(failed)?);
        Self::parse(&text).map_err(|why| KeyFault::Malformed {
            path: path.to_owned(),
            why,
        })
    }

    /// Writes fresh keys to a file that is not there yet, readable by its owner only.
    ///
    /// # Errors
    /// [`KeyFault::File`] when the file is there already or cannot be written.
    pub fn create(path: &Path) -> Result<Self, KeyFault> {
        let keys = Self::generate();
        let failed = |source| KeyFault::File {
            path: path.to_owned(),
            source,
        };
        let text = keys.text().map_err(|why| KeyFault::Malformed {
            path: path.to_owned(),
            why,
        })?;
        let mut file = options().open(path).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        Ok(keys)
    }

    /// The vault of sealed columns.
    #[must_use]
    pub fn vault(&self) -> Vault {
        Vault::new(self.sealing.iter().map(|one| (one.number, *one.key)), *self.lookup)
    }

    /// What signs and verifies tokens of this issuer.
    ///
    /// # Errors
    /// When a key cannot be used for signing, which one that was loaded or generated can.
    pub fn signer(&self, issuer: &str) -> Result<Signer, jsonwebtoken::errors::Error> {
        let keys = self.signing.iter().map(|one| (one.kid.as_str(), &one.key));
        Signer::new(issuer, keys)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file: File = Figment::from(Toml::string(text)).extract().map_err(|error| {
            // Figment's own message would show the value that it could not take.
            let at = error.path.join(".");
            format!("see the entry `{at}`; expected lookup, [[signing]] kid, private_pem and [[sealing]] number, key")
        })?;
        let signing = file
            .signing
            .into_iter()
            .map(read_signing)
            .collect::<Result<Vec<_>, _>>()?;
        let sealing = file.sealing.iter().map(read_sealing).collect::<Result<Vec<_>, _>>()?;
        let kids: HashSet<_> = signing.iter().map(|one| &one.kid).collect();
        let numbers: HashSet<_> = sealing.iter().map(|one| one.number).collect();
        if signing.is_empty() || sealing.is_empty() {
            return Err("at least one [[signing]] and one [[sealing]] key are needed".to_owned());
        }
        if kids.len() != signing.len() || numbers.len() != sealing.len() {
            return Err("two keys bear the same name".to_owned());
        }
        if !sealing.is_sorted_by_key(|one| one.number) {
            return Err("sealing keys stand in the order of their numbers, the newest last".to_owned());
        }
        Ok(Self {
            signing,
            sealing,
            lookup: bytes(&file.lookup).ok_or("lookup is not 32 bytes in base64")?,
        })
    }

    fn text(&self) -> Result<Zeroizing<String>, String> {
        let mut text = Zeroizing::new(String::from(
            "# Kiteline's keys. Whoever can read this file can read every sealed column and sign every token:\n\
             # mode 0600, a copy in a safe place, never in a repository. The newest key of each list stands last.\n",
        ));
        let lookup = Zeroizing::new(STANDARD.encode(*self.lookup));
        let unwritten = |error: std::fmt::Error| error.to_string();
        writeln!(text, "lookup = \"{}\"", *lookup).map_err(unwritten)?;
        for one in &self.signing {
            let pem = one
                .key
                .to_pkcs8_pem(LineEnding::LF)
                .map_err(|_pkcs8| "a signing key cannot be written")?;
            writeln!(
                text,
                "\n[[signing]]\nkid = \"{}\"\nprivate_pem = \"\"\"\n{}\"\"\"",
                one.kid, *pem
            )
            .map_err(unwritten)?;
        }
        for one in &self.sealing {
            let key = Zeroizing::new(STANDARD.encode(*one.key));
            writeln!(text, "\n[[sealing]]\nnumber = {}\nkey = \"{}\"", one.number, *key).map_err(unwritten)?;
        }
        Ok(text)
    }
}

fn read_signing(entry: SigningEntry) -> Result<Signing, String> {
    let key = SigningKey::from_pkcs8_pem(entry.private_pem.trim())
        .map_err(|_pkcs8| format!("signing key {} is no Ed25519 key in PKCS#8 PEM", entry.kid))?;
    Ok(Signing { kid: entry.kid, key })
}

fn read_sealing(entry: &SealingEntry) -> Result<Sealing, String> {
    let key = bytes(&entry.key).ok_or_else(|| format!("sealing key {} is not 32 bytes in base64", entry.number))?;
    Ok(Sealing {
        number: entry.number,
        key,
    })
}

fn bytes(base64: &str) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    let decoded = Zeroizing::new(STANDARD.decode(base64.trim()).ok()?);
    <[u8; KEY_BYTES]>::try_from(decoded.as_slice()).ok().map(Zeroizing::new)
}

fn random() -> Zeroizing<[u8; KEY_BYTES]> {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    rand::rng().fill_bytes(bytes.as_mut());
    bytes
}

#[cfg(unix)]
fn check_mode(path: &Path, metadata: &std::fs::Metadata) -> Result<(), KeyFault> {
    use std::os::unix::fs::PermissionsExt as _;
    const OTHERS: u32 = 0o077;
    if metadata.permissions().mode() & OTHERS == 0 {
        Ok(())
    } else {
        Err(KeyFault::Open(path.to_owned()))
    }
}

#[cfg(not(unix))]
fn check_mode(_: &Path, _: &std::fs::Metadata) -> Result<(), KeyFault> {
    Ok(())
}

fn options() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_read_as_it_was_written_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.toml");
        let written = Keys::create(&path).unwrap();
        let read = Keys::load(&path).unwrap();
        assert_eq!(written.signing[0].kid, read.signing[0].kid);
        assert_eq!(written.signing[0].key.to_bytes(), read.signing[0].key.to_bytes());
        assert_eq!(written.lookup, read.lookup);
        let sealed = written.vault().seal(uuid::Uuid::nil(), "phone", b"1").unwrap();
        assert_eq!(read.vault().open(uuid::Uuid::nil(), "phone", &sealed).unwrap(), b"1");
        assert!(matches!(Keys::create(&path), Err(KeyFault::File { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.toml");
        Keys::create(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Keys::load(&path), Err(KeyFault::Open(_))));
    }

    #[test]
    fn no_key_shows_in_an_error_or_in_debug() {
        let keys = Keys::generate();
        let text = keys.text().unwrap();
        let secret = STANDARD.encode(*keys.lookup);
        assert!(!format!("{keys:?}").contains(&secret));
        let wrong = text.replacen("number = 1", &format!("number = \"{secret}\""), 1);
        let error = Keys::parse(&wrong).unwrap_err();
        assert!(!error.contains(&secret), "{error}");
        assert!(Keys::parse(&text.replacen("lookup", "look_up", 1)).is_err());
        assert!(Keys::parse("lookup = \"\"\nsigning = []\nsealing = []").is_err());
    }
}
