//! Sessions in the store: one login each, carried on by refresh tokens that are good once.
use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{Actor, Grant, Who};
use domain::id::{AccountId, MemberId, SessionId};

use crate::accounts::{self as holders, Account};
use crate::grants::{self as held, RoleHeld};
use crate::schema::{accounts, grants, organisations, refresh_tokens, sessions};
use crate::trail::{self, NewAudit};
use crate::types::Id;
use crate::{StoreError, Tx};

/// How long a session lasts after its last refresh.
pub const IDLE_LIMIT: Duration = Duration::days(30);

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// What the caller named the device.
    pub device: Option<String>,
    /// Since when.
    pub started_at: DateTime<Utc>,
    /// Until when, unless it is refreshed before.
    pub expires_at: DateTime<Utc>,
}

/// A session about to start, for somebody who has proved to be the account's holder.
pub struct NewSession<'a> {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub account: AccountId,
    /// What the caller named the device.
    pub device: Option<&'a str>,
    /// The first refresh token; only its keyed hash is stored.
    pub refresh_token: &'a str,
}

/// An account and what it may do where: what a login is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The account.
    pub account: Account,
    /// Its roles, in the order of the tree.
    pub roles: Vec<RoleHeld>,
}

/// What a refresh token was good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refreshed {
    /// The session goes on.
    Carried(SessionId, Box<Holding>),
    /// It was used before: somebody has a copy, so the whole session has been ended.
    Reused,
    /// Unknown, or of a session that has ended.
    Refused,
}

/// One row of [`actor_of`]: account, name, member, and a role with its place where there is one.
type ActorRow = (Id, String, Option<Id>, Option<String>, Option<String>);

/// Who acts in a session that has neither ended nor expired, with the roles of this moment. One statement.
///
/// # Errors
/// When the store fails.
pub fn actor_of(tx: &mut Tx<'_>, session: SessionId) -> Result<Option<Actor>, StoreError> {
    let rows: Vec<ActorRow> = sessions::table
        .inner_join(accounts::table.on(accounts::id.eq(sessions::account_id)))
        .left_join(grants::table.on(grants::account_id.eq(accounts::id)))
        .left_join(organisations::table.on(organisations::id.eq(grants::organisation_id)))
        .filter(sessions::id.eq(Id::of(session)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(tx.at()))
        .filter(accounts::active.eq(true))
        .select((
            accounts::id,
            accounts::name,
            accounts::member_id,
            grants::role.nullable(),
            organisations::path.nullable(),
        ))
        .load(tx.db)?;
    let Some((account, name, member, ..)) = rows.first() else {
        return Ok(None);
    };
    let (account, name, member) = (account.to(), name.clone(), member.map(Id::to::<MemberId>));
    let grants = rows
        .into_iter()
        .filter_map(|(.., role, path)| Some((role?, path?)))
        .map(|(role, path)| {
            Ok(Grant {
                role: role.parse().map_err(StoreError::corrupt)?,
                path: path.parse().map_err(StoreError::corrupt)?,
            })
        })
        .collect::<Result<_, StoreError>>()?;
    Ok(Some(Actor {
        account,
        name,
        member,
        grants,
    }))
}

/// Opens a session.
pub(crate) fn start(tx: &mut Tx<'_>, new: &NewSession<'_>) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(Id::of(new.id)),
            sessions::account_id.eq(Id::of(new.account)),
            sessions::device.eq(new.device),
            sessions::started_at.eq(tx.at()),
            sessions::expires_at.eq(tx.at() + IDLE_LIMIT),
        ))
        .execute(tx.db)?;
    keep(tx, new.id, new.refresh_token)?;
    audit(tx, new.account, "logged_in", new.id)
}

/// The account of a caller who has proved to be its holder, with its roles.
///
/// # Errors
/// When the store fails.
pub fn holding(tx: &mut Tx<'_>, account: AccountId) -> Result<Holding, StoreError> {
    Ok(Holding {
        account: holders::by_id(tx, account)?,
        roles: held::held(tx, account)?,
    })
}

/// Exchanges a refresh token for the next one. A token is good once; when it comes again, its session is ended.
///
/// # Errors
/// When the store fails. A refused or reused token is no error here, so that what was found out is stored.
pub fn refresh(tx: &mut Tx<'_>, token: &str, next: &str) -> Result<Refreshed, StoreError> {
    let hash = tx.vault().hash("refresh", token)?;
    let used = diesel::update(
        refresh_tokens::table
            .filter(refresh_tokens::token_hash.eq(&hash))
            .filter(refresh_tokens::used_at.is_null()),
    )
    .set(refresh_tokens::used_at.eq(tx.at()))
    .execute(tx.db)?;
    let family: Option<(Id, Id)> = refresh_tokens::table
        .inner_join(sessions::table.on(sessions::id.eq(refresh_tokens::session_id)))
        .inner_join(accounts::table.on(accounts::id.eq(sessions::account_id)))
        .filter(refresh_tokens::token_hash.eq(&hash))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(tx.at()))
        .filter(accounts::active.eq(true))
        .select((sessions::id, accounts::id))
        .first(tx.db)
        .optional()?;
    let Some((session, account)) = family.map(|(session, account)| (session.to(), account.to())) else {
        return Ok(Refreshed::Refused);
    };
    if used == 0 {
        return match finish(tx, account, session, "refresh_reused") {
            Ok(()) | Err(StoreError::NotFound(_)) => Ok(Refreshed::Reused),
            Err(error) => Err(error),
        };
    }
    keep(tx, session, next)?;
    diesel::update(sessions::table.filter(sessions::id.eq(Id::of(session))))
        .set(sessions::expires_at.eq(tx.at() + IDLE_LIMIT))
        .execute(tx.db)?;
    Ok(Refreshed::Carried(session, Box::new(holding(tx, account)?)))
}

/// The caller's open sessions, newest first. O(sessions of the account).
///
/// # Errors
/// When the store fails.
pub fn list(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<Session>, StoreError> {
    let rows: Vec<(Id, Option<String>, NaiveDateTime, NaiveDateTime)> = sessions::table
        .filter(sessions::account_id.eq(Id::of(actor.account)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(tx.at()))
        .order(sessions::id.desc())
        .select((
            sessions::id,
            sessions::device,
            sessions::started_at,
            sessions::expires_at,
        ))
        .load(tx.db)?;
    Ok(rows
        .into_iter()
        .map(|(id, device, started_at, expires_at)| Session {
            id: id.to(),
            device,
            started_at: started_at.and_utc(),
            expires_at: expires_at.and_utc(),
        })
        .collect())
}

/// Ends one of the caller's sessions, at once.
///
/// # Errors
/// [`StoreError::NotFound`] when it is not the caller's, or has ended already.
pub fn end(tx: &mut Tx<'_>, actor: &Actor, session: SessionId) -> Result<(), StoreError> {
    finish(tx, actor.account, session, "logged_out")
}

/// Changes the caller's password and ends the caller's other sessions.
///
/// # Errors
/// When the store fails.
pub fn change_password(tx: &mut Tx<'_>, actor: &Actor, here: SessionId, password_hash: &str) -> Result<(), StoreError> {
    let who = Who {
        account: Some(actor.account),
        name: actor.name.clone(),
    };
    holders::set_password(tx, &who, actor.account, password_hash, "password_changed")?;
    end_all(tx, actor.account, Some(here), "password_changed")
}

/// Ends every session of an account, except `spared`.
pub(crate) fn end_all(
    tx: &mut Tx<'_>,
    account: AccountId,
    spared: Option<SessionId>,
    reason: &str,
) -> Result<(), StoreError> {
    let open = sessions::table
        .filter(sessions::account_id.eq(Id::of(account)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::id.ne(Id(spared.map(Into::into).unwrap_or_default())));
    diesel::update(open)
        .set((sessions::ended_at.eq(tx.at()), sessions::end_reason.eq(reason)))
        .execute(tx.db)?;
    Ok(())
}

fn finish(tx: &mut Tx<'_>, account: AccountId, session: SessionId, reason: &str) -> Result<(), StoreError> {
    let open = sessions::table
        .filter(sessions::id.eq(Id::of(session)))
        .filter(sessions::account_id.eq(Id::of(account)))
        .filter(sessions::ended_at.is_null());
    let ended = diesel::update(open)
        .set((sessions::ended_at.eq(tx.at()), sessions::end_reason.eq(reason)))
        .execute(tx.db)?;
    if ended == 0 {
        return Err(StoreError::NotFound("session"));
    }
    audit(tx, account, reason, session)
}

fn keep(tx: &mut Tx<'_>, session: SessionId, token: &str) -> Result<(), StoreError> {
    let hash = tx.vault().hash("refresh", token)?;
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::token_hash.eq(hash),
            refresh_tokens::session_id.eq(Id::of(session)),
            refresh_tokens::issued_at.eq(tx.at()),
        ))
        .execute(tx.db)?;
    Ok(())
}

fn audit(tx: &mut Tx<'_>, account: AccountId, action: &str, session: SessionId) -> Result<(), StoreError> {
    let who = Who {
        account: Some(account),
        name: holders::by_id(tx, account)?.name,
    };
    let path = held::home(tx, account)?;
    let entry = NewAudit {
        action,
        subject: Some(session.into()),
        path: Some(&path),
        ..NewAudit::default()
    };
    trail::record(tx, &who, entry)
}
