//! Passwords: which are taken, and their Argon2id hashes, made on a bounded number of threads.
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use persistence::StoreError;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::problem::Failure;

/// The fewest characters.
pub(crate) const SHORTEST: usize = 12;
/// The most characters: hashing more would be work for nothing.
pub(crate) const LONGEST: usize = 128;

/// Memory of one hash, KiB (OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many hashes may wait for each one that is being made, before the next is turned away at once.
const LONGEST_QUEUE: usize = 64;

/// Makes and checks hashes.
#[derive(Clone)]
pub struct Passwords {
    argon: Argon2<'static>,
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    longest: usize,
    /// What an unknown login's password is held against, so that it takes as long as a known one's.
    nobody: Arc<str>,
}

impl Passwords {
    /// Hashes on at most `threads` threads at a time, each with 19 MiB.
    ///
    /// # Errors
    /// When the system gives no randomness for a salt.
    pub fn new(threads: usize) -> Result<Self, argon2::password_hash::Error> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = argon.hash_password(b"nobody's")?.to_string().into();
        Ok(Self {
            argon,
            places: Arc::new(Semaphore::new(threads.max(1))),
            waiting: Arc::default(),
            longest: threads.max(1) * LONGEST_QUEUE,
            nobody,
        })
    }

    /// The hash of a password, for commands that run alone.
    ///
    /// # Errors
    /// When the system gives no randomness for a salt.
    pub fn hash_now(&self, password: &str) -> Result<String, argon2::password_hash::Error> {
        Ok(self.argon.hash_password(password.as_bytes())?.to_string())
    }

    /// The hash of a password, a PHC string.
    pub(crate) async fn hash(&self, password: Zeroizing<String>) -> Result<String, Failure> {
        let hasher = self.clone();
        let made = self.work(move || hasher.hash_now(&password)).await?;
        made.map_err(|error| Failure::Internal(error.to_string()))
    }

    /// Whether the password is the one behind `hash`. Without a hash it is not, and finding out takes as long.
    pub(crate) async fn verify(&self, password: Zeroizing<String>, hash: Option<String>) -> Result<bool, Failure> {
        let (argon, nobody) = (self.argon.clone(), Arc::clone(&self.nobody));
        self.work(move || {
            let fits = |hash: &str| {
                PasswordHash::new(hash).is_ok_and(|hash| argon.verify_password(password.as_bytes(), &hash).is_ok())
            };
            // An unknown login is held against nobody's hash, and never fits.
            let known = hash.is_some();
            fits(hash.as_deref().unwrap_or(&nobody)) && known
        })
        .await
    }

    async fn work<R: Send + 'static>(&self, work: impl FnOnce() -> R + Send + 'static) -> Result<R, Failure> {
        let busy = |why: Box<dyn std::error::Error + Send + Sync>| Failure::Store(StoreError::Unavailable(why));
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= self.longest {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(busy("too many logins are waiting".into()));
        }
        let place = Arc::clone(&self.places).acquire_owned().await;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        let place = place.map_err(|closed| busy(Box::new(closed)))?;
        let task = tokio::task::spawn_blocking(move || {
            let _held = place;
            work()
        });
        task.await.map_err(|error| Failure::Internal(error.to_string()))
    }
}

/// Whether a password may be chosen for this login; else the stable word that says why not.
///
/// # Errors
/// `password_too_short`, `password_too_long`, `password_equals_login` or `password_too_common`.
pub fn check(password: &str, login: &str) -> Result<(), &'static str> {
    static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let list = include_str!("../../data/common-passwords.txt");
        list.lines().filter(|line| !line.starts_with('#')).collect()
    });
    let (length, plain) = (password.chars().count(), password.trim().to_lowercase());
    if length < SHORTEST {
        return Err("password_too_short");
    }
    if length > LONGEST {
        return Err("password_too_long");
    }
    if plain == login.trim().to_lowercase() {
        return Err("password_equals_login");
    }
    if COMMON.contains(plain.as_str()) || plain.chars().collect::<HashSet<_>>().len() < 3 {
        return Err("password_too_common");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_common_and_telling_passwords_are_refused() {
        assert_eq!(check("风筝高飞一线牵不断", "li"), Err("password_too_short"));
        assert_eq!(check("风筝高飞一线牵，磁铁相吸", "li"), Ok(()));
        assert_eq!(
            check("Li.Secretary.320685", "li.secretary.320685"),
            Err("password_equals_login")
        );
        for common in ["WoAiNi1314520", "123456789012", "aaaaaaaaaaaaaaaaaa", " qwertyuiop123 "] {
            assert_eq!(check(common, "li"), Err("password_too_common"), "{common}");
        }
        assert_eq!(check(&"ab1".repeat(43), "li"), Err("password_too_long"));
    }

    #[test]
    fn the_common_list_is_sorted_and_holds_only_what_would_pass_otherwise() {
        let list: Vec<_> = include_str!("../../data/common-passwords.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .collect();
        assert!(list.is_sorted() && list.len() > 300);
        assert!(
            list.iter()
                .all(|one| one.chars().count() >= SHORTEST && *one == one.to_lowercase())
        );
    }

    #[tokio::test]
    async fn a_hash_fits_its_password_only_and_names_its_cost() {
        let passwords = Passwords::new(1).unwrap();
        let secret = |text: &str| Zeroizing::new(text.to_owned());
        let hash = passwords.hash(secret("风筝高飞一线牵")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(
            passwords
                .verify(secret("风筝高飞一线牵"), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!passwords.verify(secret("风筝"), Some(hash)).await.unwrap());
        assert!(!passwords.verify(secret("nobody's"), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_queue_too_long_is_turned_away() {
        let passwords = Passwords {
            longest: 0,
            ..Passwords::new(1).unwrap()
        };
        let answer = passwords.hash(Zeroizing::new("x".to_owned())).await;
        assert!(matches!(answer, Err(Failure::Store(StoreError::Unavailable(_)))));
    }
}
