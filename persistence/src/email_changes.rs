//! A new e-mail address of a member, which counts once the code that was mailed to it has come back.
use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;
use domain::access::{ChangeOwnRecord, Scope};
use domain::id::MemberId;
use domain::notification::{Occasion, Period};
use uuid::Uuid;

use crate::members::{self, Member, Pending};
use crate::outbox;
use crate::schema::email_changes;
use crate::types::Id;
use crate::vault::Vault;
use crate::{StoreError, Tx};

/// How long a code is good.
pub const GOOD_FOR: Duration = Duration::hours(1);
/// How often a code may be typed wrong before it is void.
const MOST_FAILURES: i32 = 5;
/// How many codes are mailed for a member in a day, so that nobody is flooded with them.
const MOST_SENT: i32 = 5;

type Row = (Id, String, i32, i32, NaiveDateTime);

fn row(tx: &mut Tx<'_>, member: MemberId) -> Result<Option<Row>, StoreError> {
    let found = email_changes::table.find(Id::of(member)).select((
        email_changes::id,
        email_changes::email,
        email_changes::sent,
        email_changes::failures,
        email_changes::created_at,
    ));
    Ok(found.first(tx.db).optional()?)
}

/// Mails a code to the address that a member would like to have; one mailed before is void.
pub(crate) fn begin(tx: &mut Tx<'_>, member: MemberId, email: &str) -> Result<(), StoreError> {
    let before = row(tx, member)?.filter(|(.., began)| *began > tx.at() - Duration::days(1));
    let sent = before.map_or(0, |(_, _, sent, ..)| sent);
    if sent >= MOST_SENT {
        return Err(StoreError::Invalid {
            field: "/email",
            code: "too_many_codes",
        });
    }
    forget(tx, member)?;
    let id: Uuid = tx.fresh();
    diesel::insert_into(email_changes::table)
        .values((
            email_changes::member_id.eq(Id::of(member)),
            email_changes::id.eq(Id(id)),
            email_changes::email.eq(email),
            email_changes::sent.eq(sent + 1),
            email_changes::failures.eq(0),
            email_changes::created_at.eq(tx.at()),
        ))
        .execute(tx.db)?;
    outbox::enqueue_mail(tx, Occasion::EmailCode, id, Period::Thing(id), member)
}

/// The address that still waits for its code.
pub(crate) fn waiting(tx: &mut Tx<'_>, member: MemberId) -> Result<Option<String>, StoreError> {
    let at = tx.at();
    Ok(row(tx, member)?.and_then(|(_, email, _, failures, began)| is_good(failures, began, at).then_some(email)))
}

/// Forgets the address that waits.
pub(crate) fn forget(tx: &mut Tx<'_>, member: MemberId) -> Result<(), StoreError> {
    diesel::delete(email_changes::table.find(Id::of(member))).execute(tx.db)?;
    Ok(())
}

fn is_good(failures: i32, began: NaiveDateTime, at: NaiveDateTime) -> bool {
    failures < MOST_FAILURES && began > at - GOOD_FOR
}

/// The code of a change: six digits that only the deployment's key can make.
pub(crate) fn code(vault: &Vault, id: Uuid) -> Result<String, StoreError> {
    let hash = vault.hash("email_code", &id.to_string())?;
    let number = hash
        .iter()
        .take(7)
        .fold(0_u64, |number, byte| number * 256 + u64::from(*byte));
    Ok(format!("{:06}", number % 1_000_000))
}

/// Takes the code that was mailed: the member then has the new address. None for a code that is wrong, void or too old;
/// that is no error here, so that the failure is stored.
///
/// # Errors
/// When the store fails.
pub fn confirm(
    tx: &mut Tx<'_>,
    scope: &Scope<ChangeOwnRecord>,
    typed: &str,
) -> Result<Option<(Member, Pending)>, StoreError> {
    let me = scope.me()?;
    let Some((id, email, _, failures, began)) = row(tx, me)? else {
        return Ok(None);
    };
    if !is_good(failures, began, tx.at()) || code(tx.vault, id.0)? != typed {
        diesel::update(email_changes::table.find(Id::of(me)))
            .set(email_changes::failures.eq(email_changes::failures + 1))
            .execute(tx.db)?;
        return Ok(None);
    }
    forget(tx, me)?;
    let member = members::set_email(tx, scope.who(), me, email)?;
    let pending = members::pending(tx, me)?;
    Ok(Some((member, pending)))
}
