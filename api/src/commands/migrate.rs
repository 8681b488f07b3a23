//! `kiteline migrate`: brings the database to this version's schema.
use std::process::ExitCode;

use super::house;
use super::trouble::{OrAdvise as _, Trouble};
use crate::config::{Settings, without_password};

/// What to look at when a database does not answer.
pub(super) fn advice(url: &str) -> &'static str {
    if persistence::is_postgres(url) {
        "see whether the server runs and the address, user and password in DATABASE_URL are right; `kiteline doctor` \
         looks at each part"
    } else {
        "see whether the folder exists and this user may write to it; database.url or DATABASE_URL names the file"
    }
}

/// Applies what is missing, and makes the key file where there is none: beside an SQLite file of itself, elsewhere when
/// asked.
pub(super) async fn run(settings: &Settings, new_keys: bool) -> Result<ExitCode, Trouble> {
    let url = &settings.database.url;
    for step in up(url)? {
        println!("applied {step}");
    }
    let embedded = !persistence::is_postgres(url);
    if embedded || new_keys {
        house::keys(settings, true).await?;
    }
    println!("{} is at this version's schema", without_password(url));
    Ok(ExitCode::SUCCESS)
}

/// Applies what is missing and names it.
pub(super) fn up(url: &str) -> Result<Vec<String>, Trouble> {
    let progress = persistence::migrate::up(url)
        .or_advise(format_args!("{} can't be migrated", without_password(url)), advice(url))?;
    Ok(progress.steps)
}
