//! Opens what most commands work on: the keys and the store, with the schema as this version needs it.
use std::path::Path;
use std::sync::Arc;

use domain::access::Scope;
use domain::clock::Clock;
use persistence::upkeep;
use persistence::vault::Vault;
use persistence::{Store, StoreError, is_postgres};

use super::migrate;
use super::trouble::{OrAdvise as _, Trouble, chain};
use crate::SystemClock;
use crate::auth::keys::Keys;
use crate::config::{Settings, without_password};

/// The name under which commands act.
pub(super) const NAME: &str = "kiteline";

/// What most commands work on.
pub(super) struct House {
    /// Where everything is kept.
    pub(super) store: Store,
    /// The keys of sealed columns and of tokens.
    pub(super) keys: Keys,
}

/// Opens a database whose schema is this version's. An SQLite file is brought to it, and gets its key file with it.
pub(super) async fn open(settings: &Settings) -> Result<House, Trouble> {
    let url = &settings.database.url;
    if is_postgres(url) {
        let missing = persistence::migrate::missing(url).or_advise(unreachable(url), migrate::advice(url))?;
        if !missing.steps.is_empty() {
            return Err(Trouble::new(
                format!(
                    "{} lacks {} of this version's schema steps",
                    without_password(url),
                    missing.steps.len()
                ),
                "run `kiteline migrate` with the same configuration, after a backup",
            ));
        }
    } else {
        migrate::up(url)?;
    }
    let keys = keys(settings, !is_postgres(url)).await?;
    let store = store(settings, Arc::new(keys.vault()), Arc::new(SystemClock))?;
    Ok(House { store, keys })
}

/// The store with these keys and this clock.
pub(super) fn store(settings: &Settings, vault: Arc<Vault>, clock: Arc<dyn Clock>) -> Result<Store, Trouble> {
    let url = &settings.database.url;
    let opened = Store::open(persistence::Settings {
        url: url.clone(),
        connections: settings.database.connections,
        vault,
        clock,
        zone: settings.time.zone,
        files: settings.files_folder(),
    });
    opened.or_advise(unreachable(url), migrate::advice(url))
}

/// The keys of the settings' file. Where it is missing and `may_make` one, it is made, unless the database holds what
/// another one sealed.
pub(super) async fn keys(settings: &Settings, may_make: bool) -> Result<Keys, Trouble> {
    let file = settings.key_file();
    if file.exists() {
        return Keys::load(&file).or_advise(
            "the keys can't be used",
            "put the file back from its copy, or let keys.file name the right one; `kiteline doctor` looks at it",
        );
    }
    if holds_sealed_data(settings).await? {
        return Err(Trouble::new(
            format!(
                "there is no key file at {}, and {} holds data that only its own keys open",
                file.display(),
                without_password(&settings.database.url)
            ),
            "put the key file back from its copy, or let keys.file (KITELINE_KEYS_FILE) name where it is",
        ));
    }
    if !may_make {
        return Err(Trouble::new(
            format!("there is no key file at {}", file.display()),
            "run `kiteline migrate --new-keys` once to make it, and give a copy to every server; or let keys.file \
             (KITELINE_KEYS_FILE) name where it is",
        ));
    }
    make(&file)
}

fn make(file: &Path) -> Result<Keys, Trouble> {
    let keys = Keys::create(file).or_advise(
        "the key file can't be made",
        "see whether the folder exists and this user may write to it; keys.file (KITELINE_KEYS_FILE) names the file",
    )?;
    eprintln!(
        "made a new key file: {}\n  keep a copy apart from the database's backups: without it, identity numbers and \
         phones can't be read again",
        file.display()
    );
    Ok(keys)
}

async fn holds_sealed_data(settings: &Settings) -> Result<bool, Trouble> {
    let store = store(settings, Arc::new(Vault::new([], [0; 32])), Arc::new(SystemClock))?;
    let found = store.read(|tx| upkeep::sample(tx, &Scope::of_the_machine(NAME))).await;
    Ok(found.or_troubled("the database can't be read")?.is_some())
}

fn unreachable(url: &str) -> String {
    format!("{} can't be opened", without_password(url))
}

/// Puts the store's failures into words.
pub(super) trait OrTroubled<T> {
    /// Says what could not be done, why, and where to look.
    fn or_troubled(self, what: &str) -> Result<T, Trouble>;
}

impl<T> OrTroubled<T> for Result<T, StoreError> {
    fn or_troubled(self, what: &str) -> Result<T, Trouble> {
        self.map_err(|error| {
            let next = match &error {
                StoreError::Unavailable(_) => "try again when the database answers; `kiteline doctor` looks at it",
                StoreError::NotFound(_) => "see how it is written; nothing was changed",
                StoreError::Invalid { .. } => "correct what is named; nothing was changed",
                _ => "run `kiteline doctor`; if it finds nothing, this is a bug to report with the lines above",
            };
            Trouble::new(format!("{what}: {}", chain(&error)), next)
        })
    }
}
