//! Configuration: the defaults, over them a TOML file, over that the environment. Nothing else reads the environment.
//!
//! `kiteline.example.toml` says what each key means and holds its default; a test keeps the two equal.
mod read;
mod sections;

use std::fmt;
use std::path::Path;

pub use read::{ConfigError, load, load_for_demo};
pub use sections::{Database, Jobs, Keys, Log, LogFormat, Mail, MailTls, Server, Settings, Time, Webhooks};

/// A text that must not be shown: a password, an address with one.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for whoever has to present it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// A database's address without its password, for messages.
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (authority, tail) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let tail = tail.split('?').next().unwrap_or(tail);
    let host = match authority.rsplit_once('@') {
        Some((user, host)) => format!("{}@{host}", user.split(':').next().unwrap_or_default()),
        None => authority.to_owned(),
    };
    format!("{scheme}://{host}{tail}")
}

/// Whether an address carries a password.
fn has_password(url: &str) -> bool {
    let user = url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@'));
    user.is_some_and(|(user, _)| user.contains(':')) || url.contains("password=")
}

/// The text of a file that holds one secret, without its line's end.
fn secret_in(file: &Path) -> std::io::Result<Secret> {
    let text = std::fs::read_to_string(file)?;
    Ok(Secret::new(text.trim_end_matches(['\n', '\r'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (url, shown) in [
            (
                "postgres://li:geheim@db:5432/kiteline",
                "postgres://li@db:5432/kiteline",
            ),
            ("postgres://db/kiteline?password=geheim", "postgres://db/kiteline"),
            ("postgres://li:ge@heim@db/k", "postgres://li@db/k"),
            ("kiteline.db", "kiteline.db"),
        ] {
            assert_eq!(without_password(url), shown);
        }
        assert_eq!(format!("{:?}", Secret::new("geheim")), "…");
    }

    #[test]
    fn a_password_in_an_address_is_seen() {
        assert!(has_password("postgres://li:geheim@db/kiteline"));
        assert!(has_password("postgres://db/kiteline?password=geheim"));
        assert!(!has_password("postgres://li@db:5432/kiteline"));
        assert!(!has_password("kiteline.db"));
    }
}
