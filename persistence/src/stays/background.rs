//! What the yearly tables ask about somebody who has come in, as it is kept with the stay.
use std::collections::HashMap;

use diesel::prelude::*;
use diesel::upsert::excluded;
use domain::id::StayId;
use domain::stay::Background;

use crate::db::{Engine, each};
use crate::schema::stay_backgrounds;
use crate::types::Id;
use crate::{StoreError, Tx};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = stay_backgrounds, check_for_backend(Engine), treat_none_as_default_value = false)]
pub(crate) struct Row {
    stay_id: Id,
    origin_division_code: Option<String>,
    unit_kind: Option<String>,
    former_occupation: Option<String>,
}

impl Row {
    pub(crate) fn of(stay: StayId, said: &Background) -> Self {
        Self {
            stay_id: Id::of(stay),
            origin_division_code: said.origin_division.map(|code| code.to_string()),
            unit_kind: said.unit.map(|unit| unit.to_string()),
            former_occupation: said.former_occupation.map(|one| one.to_string()),
        }
    }
}

impl TryFrom<Row> for Background {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let division = row.origin_division_code.map(|code| code.parse()).transpose();
        let unit = row.unit_kind.map(|unit| unit.parse()).transpose();
        let occupation = row.former_occupation.map(|one| one.parse()).transpose();
        Ok(Self {
            origin_division: division.map_err(StoreError::corrupt)?,
            unit: unit.map_err(StoreError::corrupt)?,
            former_occupation: occupation.map_err(StoreError::corrupt)?,
        })
    }
}

/// What is kept of these stays, of those where something is. One query.
pub(super) fn of_stays(tx: &mut Tx<'_>, stays: Vec<Id>) -> Result<HashMap<Id, Background>, StoreError> {
    let rows: Vec<Row> = stay_backgrounds::table
        .filter(stay_backgrounds::stay_id.eq_any(stays))
        .select(Row::as_select())
        .load(tx.db)?;
    let read = |row: Row| Ok((row.stay_id, row.try_into()?));
    rows.into_iter().map(read).collect()
}

fn of(tx: &mut Tx<'_>, stay: StayId) -> Result<Background, StoreError> {
    let mut found = of_stays(tx, vec![Id::of(stay)])?;
    Ok(found.remove(&Id::of(stay)).unwrap_or_default())
}

/// Takes over what is not known yet.
pub(super) fn add(tx: &mut Tx<'_>, stay: StayId, said: Background) -> Result<(), StoreError> {
    if said == Background::default() {
        return Ok(());
    }
    let known = of(tx, stay)?;
    keep(tx, stay, &known.or(said))
}

/// Changes what is kept.
pub(super) fn change(
    tx: &mut Tx<'_>,
    stay: StayId,
    change: impl FnOnce(Background) -> Background,
) -> Result<(), StoreError> {
    let before = of(tx, stay)?;
    let after = change(before);
    if after == before {
        return Ok(());
    }
    keep(tx, stay, &after)
}

/// What was said of a stay counts for the one that it was merged into, where nothing is known of that.
pub(super) fn follow(tx: &mut Tx<'_>, from: StayId, into: StayId) -> Result<(), StoreError> {
    let said = of(tx, from)?;
    add(tx, into, said)
}

fn keep(tx: &mut Tx<'_>, stay: StayId, said: &Background) -> Result<(), StoreError> {
    use stay_backgrounds::{former_occupation, origin_division_code, stay_id, unit_kind};
    let row = Row::of(stay, said);
    each!(tx.db, c => diesel::insert_into(stay_backgrounds::table)
        .values(&row)
        .on_conflict(stay_id)
        .do_update()
        .set((
            origin_division_code.eq(excluded(origin_division_code)),
            unit_kind.eq(excluded(unit_kind)),
            former_occupation.eq(excluded(former_occupation)),
        ))
        .execute(c))?;
    Ok(())
}
