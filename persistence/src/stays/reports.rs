//! What was said of stays by the code on a door, or again by another way: each report is known by its id.
use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{ReadOwnRecord, Scope};
use domain::id::{PersonId, StayId};
use domain::phone::Phone;
use domain::stay::Source;

use crate::db::{Engine, each};
use crate::schema::stay_reports;
use crate::types::Id;
use crate::{StoreError, Tx, sealed};

/// A report as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptReport {
    /// Its id.
    pub id: StayId,
    /// The stay that it is about.
    pub stay: StayId,
    /// Who told.
    pub source: Source,
    /// The name, as it was given.
    pub name: String,
    /// The telephone, as it was given.
    pub phone: Option<Phone>,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// What a report says of the person.
pub(super) struct Said<'a> {
    pub(super) source: Source,
    pub(super) name: &'a str,
    pub(super) phone: Option<&'a Phone>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = stay_reports, check_for_backend(Engine), treat_none_as_default_value = false)]
struct Row {
    id: Id,
    stay_id: Id,
    person_id: Id,
    source: String,
    name: String,
    phone_sealed: Option<Vec<u8>>,
    received_at: NaiveDateTime,
}

impl Row {
    fn into_report(self, tx: &Tx<'_>) -> Result<KeptReport, StoreError> {
        Ok(KeptReport {
            id: self.id.to(),
            stay: self.stay_id.to(),
            source: self.source.parse().map_err(StoreError::corrupt)?,
            name: self.name,
            phone: sealed::open(tx.vault, self.id.0, self.phone_sealed.as_deref())?,
            received_at: self.received_at.and_utc(),
        })
    }
}

/// Keeps a report, unless one of that id is kept: then false. Twins at the same moment wait for each other here.
pub(super) fn keep(
    tx: &mut Tx<'_>,
    (id, stay, person): (StayId, StayId, PersonId),
    said: &Said<'_>,
) -> Result<bool, StoreError> {
    let row = Row {
        id: Id::of(id),
        stay_id: Id::of(stay),
        person_id: Id::of(person),
        source: said.source.to_string(),
        name: said.name.to_owned(),
        phone_sealed: sealed::seal(tx.vault, id, said.phone)?.sealed,
        received_at: tx.at(),
    };
    let new = each!(tx.db, c => {
        diesel::insert_into(stay_reports::table).values(&row).on_conflict_do_nothing().execute(c)
    })?;
    Ok(new == 1)
}

/// Says of which stay and person a report turned out to be.
pub(super) fn settle(tx: &mut Tx<'_>, id: StayId, stay: StayId, person: PersonId) -> Result<(), StoreError> {
    diesel::update(stay_reports::table.find(Id::of(id)))
        .set((
            stay_reports::stay_id.eq(Id::of(stay)),
            stay_reports::person_id.eq(Id::of(person)),
        ))
        .execute(tx.db)?;
    Ok(())
}

/// The reports of these stays turn out to be about one stay and this person.
pub(super) fn are_about(tx: &mut Tx<'_>, stays: Vec<Id>, stay: StayId, person: PersonId) -> Result<(), StoreError> {
    diesel::update(stay_reports::table.filter(stay_reports::stay_id.eq_any(stays)))
        .set((
            stay_reports::stay_id.eq(Id::of(stay)),
            stay_reports::person_id.eq(Id::of(person)),
        ))
        .execute(tx.db)?;
    Ok(())
}

/// The stay that a report of this id is about.
pub(super) fn stay_of(tx: &mut Tx<'_>, id: StayId) -> Result<Option<StayId>, StoreError> {
    let found: Option<Id> = stay_reports::table
        .find(Id::of(id))
        .select(stay_reports::stay_id)
        .first(tx.db)
        .optional()?;
    Ok(found.map(Id::to))
}

/// The reports of stays, oldest first. One query.
pub(super) fn of_stays(tx: &mut Tx<'_>, stays: Vec<Id>) -> Result<HashMap<Id, Vec<KeptReport>>, StoreError> {
    let rows: Vec<Row> = stay_reports::table
        .filter(stay_reports::stay_id.eq_any(stays))
        .order(stay_reports::received_at)
        .select(Row::as_select())
        .load(tx.db)?;
    let mut reports: HashMap<Id, Vec<KeptReport>> = HashMap::new();
    for row in rows {
        reports.entry(row.stay_id).or_default().push(row.into_report(tx)?);
    }
    Ok(reports)
}

/// Every report about the caller, oldest first. O(reports of one person).
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn own_reports(tx: &mut Tx<'_>, scope: &Scope<ReadOwnRecord>) -> Result<Vec<KeptReport>, StoreError> {
    let rows: Vec<Row> = stay_reports::table
        .filter(stay_reports::person_id.eq(Id::of(scope.me()?)))
        .order(stay_reports::received_at)
        .select(Row::as_select())
        .load(tx.db)?;
    rows.into_iter().map(|row| row.into_report(tx)).collect()
}
