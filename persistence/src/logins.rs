//! The door: finding who wants to log in, and slowing down whoever guesses.
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use domain::access::Who;
use domain::id::{AccountId, OrgPath};
use domain::login::{FAILURES_KEPT, as_typed, pause_after, phone_typed};

use crate::db::each;
use crate::schema::{accounts, login_failures, members};
use crate::sessions::{self, NewSession};
use crate::trail::{self, NewAudit};
use crate::types::Id;
use crate::{StoreError, Tx, grants};

/// What a password is to be held against.
#[derive(Clone)]
pub struct Credentials {
    /// Whose.
    pub account: AccountId,
    /// The hash, a PHC string; none before the account has a password.
    pub password_hash: Option<String>,
}

/// Whether an attempt may be made.
pub enum Door {
    /// It may; without an account, it fails like a wrong password.
    Open(Option<Credentials>),
    /// Too many attempts failed: not before so long.
    Shut(TimeDelta),
}

/// Looks up what somebody typed: a login, or the phone of exactly one member with an account.
///
/// # Errors
/// When the store fails.
pub fn look_up(tx: &mut Tx<'_>, typed: &str) -> Result<Door, StoreError> {
    let key = key(tx, typed)?;
    let shut: Option<Option<NaiveDateTime>> = login_failures::table
        .find(key)
        .select(login_failures::locked_until)
        .first(tx.db)
        .optional()?;
    match shut.flatten().map(|until| until - tx.at()) {
        Some(left) if left > TimeDelta::zero() => Ok(Door::Shut(left)),
        _ => Ok(Door::Open(candidate(tx, typed)?)),
    }
}

fn candidate(tx: &mut Tx<'_>, typed: &str) -> Result<Option<Credentials>, StoreError> {
    let known = accounts::table
        .filter(accounts::active.eq(true))
        .select((accounts::id, accounts::password_hash));
    let found: Vec<(Id, Option<String>)> = if let Some(phone) = phone_typed(typed) {
        let hash = tx.vault().hash("phone", phone.as_str())?;
        let owners = members::table
            .filter(members::phone_hash.eq(hash))
            .select(members::id.nullable());
        known.filter(accounts::member_id.eq_any(owners)).limit(2).load(tx.db)?
    } else {
        known.filter(accounts::login.eq(as_typed(typed))).load(tx.db)?
    };
    let mut found = found.into_iter();
    Ok(match (found.next(), found.next()) {
        (Some((id, password_hash)), None) => Some(Credentials {
            account: id.to(),
            password_hash,
        }),
        _ => None,
    })
}

/// Remembers a failed attempt, audits it, and shuts the door for a while when there were many.
///
/// # Errors
/// When the store fails.
pub fn failed(tx: &mut Tx<'_>, typed: &str, account: Option<AccountId>) -> Result<(), StoreError> {
    let key = key(tx, typed)?;
    let now = tx.at();
    diesel::delete(login_failures::table.filter(login_failures::last_at.lt(now - FAILURES_KEPT))).execute(tx.db)?;
    let first = (
        login_failures::login_hash.eq(&key),
        login_failures::failures.eq(1),
        login_failures::last_at.eq(now),
    );
    each!(tx.db, c => diesel::insert_into(login_failures::table)
        .values(first)
        .on_conflict(login_failures::login_hash)
        .do_update()
        .set((login_failures::failures.eq(login_failures::failures + 1), login_failures::last_at.eq(now)))
        .execute(c))?;
    let row = login_failures::table.find(&key);
    let failures: i32 = row.select(login_failures::failures).first(tx.db)?;
    if let Some(pause) = pause_after(failures) {
        diesel::update(login_failures::table.filter(login_failures::login_hash.eq(&key)))
            .set(login_failures::locked_until.eq(now + pause))
            .execute(tx.db)?;
    }
    let (who, path) = match account {
        Some(id) => (known(tx, id)?, grants::home(tx, id)?),
        None => (stranger(), OrgPath::root()),
    };
    let audit = NewAudit {
        action: "login_failed",
        subject: account.map(Into::into),
        path: Some(&path),
        detail: Some(serde_json::json!({ "failures": failures })),
        ..NewAudit::default()
    };
    trail::record(tx, &who, audit)
}

/// Forgets failed attempts and opens a session.
///
/// # Errors
/// When the store fails.
pub fn succeeded(tx: &mut Tx<'_>, typed: &str, new: &NewSession<'_>) -> Result<(), StoreError> {
    let key = key(tx, typed)?;
    diesel::delete(login_failures::table.filter(login_failures::login_hash.eq(key))).execute(tx.db)?;
    sessions::start(tx, new)
}

fn known(tx: &mut Tx<'_>, id: AccountId) -> Result<Who, StoreError> {
    Ok(Who {
        account: Some(id),
        name: crate::accounts::by_id(tx, id)?.name,
    })
}

fn stranger() -> Who {
    Who {
        account: None,
        name: "unknown login".to_owned(),
    }
}

/// The keyed hash of what was typed: people type phones and even passwords there.
fn key(tx: &Tx<'_>, typed: &str) -> Result<Vec<u8>, StoreError> {
    let typed = phone_typed(typed).map_or_else(|| as_typed(typed), |phone| phone.as_str().to_owned());
    Ok(tx.vault().hash("login", &typed)?)
}
