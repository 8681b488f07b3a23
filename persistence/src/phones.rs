//! Telephone numbers that do not work any more: noted by whoever finds out, shown as advice, ended by a new number.
use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::access::{ManageMembers, ReadMembers, ReadOwnRecord, Scope, Who};
use domain::contact::PhoneTrouble;
use domain::id::{EntryId, MemberId, OrganisationId};
use domain::notification::Occasion;
use domain::phone::Phone;
use domain::stay::{StateName as StayState, Stay};
use serde_json::json;

use crate::db::each;
use crate::members::{self, Member};
use crate::schema::{phone_troubles as troubles, stays as entries};
use crate::trail::{self, NewEvent};
use crate::types::Id;
use crate::{StoreError, Tx, organisations, requests, stays, tell};

/// What is known of a member's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneRecord {
    /// The number, to be masked by whoever shows it.
    pub phone: Option<Phone>,
    /// That it does not work any more.
    pub trouble: Option<Trouble>,
    /// Whether the member has named a new one, which waits for the branch.
    pub has_asked: bool,
    /// The host where the member stays, and which can be asked.
    pub host: Option<(OrganisationId, String)>,
}

/// A number that does not work any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    id: Id,
    /// How it is known.
    pub source: PhoneTrouble,
    /// More about it.
    pub note: Option<String>,
    /// Since when it is known.
    pub since_on: NaiveDate,
    /// Who noted it.
    pub noted_by: String,
}

/// What is known of the number of a member inside the scope.
///
/// # Errors
/// [`StoreError::NotFound`] when the member is unknown or outside.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<ReadMembers>, id: MemberId) -> Result<PhoneRecord, StoreError> {
    let member = members::inside(tx, scope, id)?;
    record_of(tx, member)
}

/// What is known of the caller's own number.
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn find_own(tx: &mut Tx<'_>, scope: &Scope<ReadOwnRecord>) -> Result<PhoneRecord, StoreError> {
    let member = members::find_own(tx, scope)?;
    record_of(tx, member)
}

/// Notes that the number of a member inside the scope does not work any more; what was noted before stays.
///
/// # Errors
/// [`StoreError::NotFound`] when the member is unknown or outside.
pub fn mark(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageMembers>,
    id: MemberId,
    source: PhoneTrouble,
    note: Option<&str>,
) -> Result<PhoneRecord, StoreError> {
    let member = members::inside(tx, scope, id)?;
    note_trouble(tx, scope.who(), id, source, note)?;
    record_of(tx, member)
}

/// Notes it for a member to whom the caller was let through.
pub(crate) fn note_trouble(
    tx: &mut Tx<'_>,
    who: &Who,
    member: MemberId,
    source: PhoneTrouble,
    note: Option<&str>,
) -> Result<(), StoreError> {
    let row = (
        troubles::member_id.eq(Id::of(member)),
        troubles::id.eq(Id::of(tx.fresh::<EntryId>())),
        troubles::source.eq(source.as_str()),
        troubles::note.eq(note),
        troubles::since_on.eq(tx.today()),
        troubles::noted_by.eq(&who.name),
        troubles::noted_at.eq(tx.at()),
    );
    let new = each!(tx.db, c => {
        diesel::insert_into(troubles::table).values(row).on_conflict_do_nothing().execute(c)
    })?;
    if new == 0 {
        return Ok(());
    }
    let event = NewEvent {
        person: member.into(),
        subject: member.0,
        event: "phone_bounced",
        reason: note,
        detail: Some(json!({ "source": source })),
    };
    trail::append(tx, who, event)
}

/// A new number ends it.
pub(crate) fn clear(tx: &mut Tx<'_>, member: MemberId) -> Result<(), StoreError> {
    diesel::delete(troubles::table.find(Id::of(member))).execute(tx.db)?;
    Ok(())
}

/// Asks the host where the member stays for the new number, once for each number that does not work.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Refused`] when the number works, or the member stays with no
/// host that knows who it is.
pub fn ask_host(tx: &mut Tx<'_>, scope: &Scope<ManageMembers>, id: MemberId) -> Result<PhoneRecord, StoreError> {
    let member = members::inside(tx, scope, id)?;
    let refused = |state| StoreError::Refused {
        state,
        verb: "ask_host",
        allowed: Vec::new(),
        by: None,
    };
    let trouble = trouble_of(tx, id)?.ok_or_else(|| refused("phone_works"))?;
    let stay = stay_of(tx, id)?.ok_or_else(|| refused("no_host"))?;
    let told = tell::staff_new(tx, Occasion::PhoneAsked, stay.id.0, trouble.id.0, stay.host)?;
    if told > 0 {
        stays::note(tx, scope.who(), &stay, "phone_asked", None, None)?;
    }
    record_of(tx, member)
}

/// Those of these members whose number does not work, and who have not named a new one. Two queries.
pub(crate) fn to_be_asked(tx: &mut Tx<'_>, of_members: &[Id]) -> Result<HashSet<Id>, StoreError> {
    if of_members.is_empty() {
        return Ok(HashSet::new());
    }
    let bad: Vec<Id> = troubles::table
        .filter(troubles::member_id.eq_any(of_members))
        .select(troubles::member_id)
        .load(tx.db)?;
    let mut bad: HashSet<Id> = bad.into_iter().collect();
    if !bad.is_empty() {
        let named = requests::who_named_a_phone(tx, bad.iter().copied().collect())?;
        bad.retain(|member| !named.contains(member));
    }
    Ok(bad)
}

fn record_of(tx: &mut Tx<'_>, member: Member) -> Result<PhoneRecord, StoreError> {
    let host = match stay_of(tx, member.id)? {
        Some(stay) => Some((stay.host, organisations::by_id(tx, stay.host)?.name)),
        None => None,
    };
    Ok(PhoneRecord {
        trouble: trouble_of(tx, member.id)?,
        has_asked: requests::phone_asked_for(tx, member.id)?.is_some(),
        phone: member.facts.phone,
        host,
    })
}

fn trouble_of(tx: &mut Tx<'_>, member: MemberId) -> Result<Option<Trouble>, StoreError> {
    type Row = (Id, String, Option<String>, NaiveDate, String);
    let row: Option<Row> = troubles::table
        .find(Id::of(member))
        .select((
            troubles::id,
            troubles::source,
            troubles::note,
            troubles::since_on,
            troubles::noted_by,
        ))
        .first(tx.db)
        .optional()?;
    row.map(|(id, source, note, since_on, noted_by)| {
        Ok(Trouble {
            id,
            source: source.parse().map_err(StoreError::corrupt)?,
            note,
            since_on,
            noted_by,
        })
    })
    .transpose()
}

/// The newest open stay with a host that knows who the member is.
fn stay_of(tx: &mut Tx<'_>, member: MemberId) -> Result<Option<Stay>, StoreError> {
    let known = [StayState::Verified.as_str(), StayState::Admitted.as_str()];
    let id: Option<Id> = entries::table
        .filter(entries::person_id.eq(Id::of(member)))
        .filter(entries::state.eq_any(known))
        .order((entries::state, entries::id.desc()))
        .select(entries::id)
        .first(tx.db)
        .optional()?;
    id.map(|id| Ok(stays::found(tx, id.to())?.0)).transpose()
}
