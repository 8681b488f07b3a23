//! Requests that create, remembered for a week under the key that the caller chose, so that one that a shaky network sends
//! twice creates once.
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;
use domain::id::AccountId;
use sha2::{Digest, Sha256};

use crate::db::each;
use crate::kept::Keep as _;
use crate::schema::answers;
use crate::types::Id;
use crate::{StoreError, Tx};

/// How long an answer is kept.
pub const KEPT_FOR: Duration = Duration::days(7);
/// How long a request may be under way before its server is taken for dead, and the same request is let through again.
pub const LONGEST_RUN: Duration = Duration::minutes(1);

/// What an answer is sealed as.
const FIELD: &str = "answer";

/// A request under a key.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Whose key it is: keys of different accounts have nothing to do with one another.
    pub account: AccountId,
    /// The key: 1 to 128 characters.
    pub key: String,
    /// What tells this request from another: method, address and body.
    digest: String,
}

impl Asked {
    /// A request of an account, under a key of its own.
    pub fn new(account: AccountId, key: &str, method: &str, address: &str, body: &[u8]) -> Self {
        let mut digest = Sha256::new();
        for part in [method.as_bytes(), &[0], address.as_bytes(), &[0], body] {
            digest.update(part);
        }
        let digest = STANDARD.encode(digest.finalize());
        Self {
            account,
            key: key.to_owned(),
            digest,
        }
    }
}

/// What is known of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing: it is now the caller's to carry out, and to [`keep`] or [`forget`].
    New,
    /// It was answered: the answer that was given.
    Answered(Vec<u8>),
    /// It is under way.
    UnderWay,
    /// The key belongs to another request.
    Another,
}

/// Claims a request, unless it is known; what is older than [`KEPT_FOR`] is forgotten.
///
/// # Errors
/// When the store fails.
pub fn claim(tx: &mut Tx<'_>, asked: &Asked) -> Result<Known, StoreError> {
    let (at, digest) = (tx.at(), tx.vault.hash("request", &asked.digest)?);
    each!(tx.db, c => diesel::delete(answers::table.filter(answers::claimed_at.lt(at - KEPT_FOR))).kept().execute(c))?;
    let row = (
        answers::account_id.eq(Id::of(asked.account)),
        answers::key.eq(&asked.key),
        answers::request_hash.eq(&digest),
        answers::claimed_at.eq(at),
    );
    let new = each!(tx.db, c => {
        diesel::insert_into(answers::table).values(row).on_conflict_do_nothing().kept().execute(c)
    })?;
    if new == 1 {
        return Ok(Known::New);
    }
    let (known, claimed_at, answer): (Vec<u8>, NaiveDateTime, Option<Vec<u8>>) = answers::table
        .find((Id::of(asked.account), &asked.key))
        .select((answers::request_hash, answers::claimed_at, answers::answer_sealed))
        .first(tx.db)?;
    match answer {
        _ if known != digest => Ok(Known::Another),
        Some(sealed) => Ok(Known::Answered(tx.vault.open(asked.account, FIELD, &sealed)?)),
        None if claimed_at > at - LONGEST_RUN => Ok(Known::UnderWay),
        None => take_over(tx, asked, claimed_at),
    }
}

/// Takes over a request whose server is gone; of two who try, one does.
fn take_over(tx: &mut Tx<'_>, asked: &Asked, claimed_at: NaiveDateTime) -> Result<Known, StoreError> {
    let left = answers::table
        .find((Id::of(asked.account), &asked.key))
        .filter(answers::claimed_at.eq(claimed_at))
        .filter(answers::answer_sealed.is_null());
    let taken = diesel::update(left)
        .set(answers::claimed_at.eq(tx.at()))
        .execute(tx.db)?;
    Ok(if taken == 1 { Known::New } else { Known::UnderWay })
}

/// Keeps the answer to a request, sealed: it may hold what only the caller may see.
///
/// # Errors
/// When the store fails.
pub fn keep(tx: &mut Tx<'_>, asked: &Asked, answer: &[u8]) -> Result<(), StoreError> {
    let sealed = tx.vault.seal(asked.account, FIELD, answer)?;
    diesel::update(answers::table.find((Id::of(asked.account), &asked.key)))
        .set(answers::answer_sealed.eq(Some(sealed)))
        .execute(tx.db)?;
    Ok(())
}

/// Forgets a request that came to nothing, so that it may be tried again.
///
/// # Errors
/// When the store fails.
pub fn forget(tx: &mut Tx<'_>, asked: &Asked) -> Result<(), StoreError> {
    let unanswered = answers::table
        .find((Id::of(asked.account), &asked.key))
        .filter(answers::answer_sealed.is_null());
    diesel::delete(unanswered).execute(tx.db)?;
    Ok(())
}
