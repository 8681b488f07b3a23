//! What people write about a gathering (感言): sealed, the writer's own; the branch reads what the writer shares.
use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{ChangeOwnRecord, ReadGatherings, Scope};
use domain::id::{EntryId, GatheringId, MemberId, PersonId};

use super::own::{self, OwnGathering};
use super::{by_id, inside};
use crate::db::{Engine, each};
use crate::outbox::names_of;
use crate::schema::{attendances, gathering_reflections as reflections};
use crate::types::Id;
use crate::vault::Vault;
use crate::{StoreError, Tx};

/// What it is sealed as.
const FIELD: &str = "reflection";

/// What somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reflection {
    /// In the writer's words.
    pub text: String,
    /// Whether whoever leads the gathering reads it.
    pub shared: bool,
    /// When it was written, or changed last.
    pub written_at: DateTime<Utc>,
}

/// What somebody shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedReflection {
    /// Who.
    pub person: PersonId,
    /// 姓名.
    pub name: String,
    /// In the writer's words.
    pub text: String,
    /// When it was written, or changed last.
    pub written_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = reflections, check_for_backend(Engine))]
struct Row {
    gathering_id: Id,
    person_id: Id,
    text_sealed: Vec<u8>,
    shared: bool,
    written_at: NaiveDateTime,
}

impl Row {
    fn read(self, vault: &Vault) -> Result<Reflection, StoreError> {
        Ok(Reflection {
            text: vault.open_text(self.person_id.0, FIELD, &self.text_sealed)?,
            shared: self.shared,
            written_at: self.written_at.and_utc(),
        })
    }
}

/// Everything that a person wrote, by gathering.
pub(super) fn of(tx: &mut Tx<'_>, person: PersonId) -> Result<HashMap<Id, Reflection>, StoreError> {
    let rows: Vec<Row> = reflections::table
        .filter(reflections::person_id.eq(Id::of(person)))
        .select(Row::as_select())
        .load(tx.db)?;
    let vault = tx.vault;
    rows.into_iter()
        .map(|row| Ok((row.gathering_id, row.read(vault)?)))
        .collect()
}

/// Writes, or writes anew, what the caller has to say about a gathering on whose list the caller is.
///
/// # Errors
/// [`StoreError::NotFound`] when the caller is not on its list.
pub fn write(
    tx: &mut Tx<'_>,
    scope: &Scope<ChangeOwnRecord>,
    id: GatheringId,
    (text, shared): (&str, bool),
) -> Result<OwnGathering, StoreError> {
    let me = scope.me()?;
    listed(tx, me, id)?;
    let sealed = tx.vault.seal(me.0, FIELD, text.as_bytes())?;
    let said = (
        reflections::text_sealed.eq(sealed),
        reflections::shared.eq(shared),
        reflections::written_at.eq(tx.at()),
    );
    let row = (
        reflections::gathering_id.eq(Id::of(id)),
        reflections::person_id.eq(Id::of(me)),
        said.clone(),
    );
    let key = (reflections::gathering_id, reflections::person_id);
    each!(tx.db, c => diesel::insert_into(reflections::table)
        .values(row)
        .on_conflict(key)
        .do_update()
        .set(said)
        .execute(c))?;
    own::one(tx, me, id)
}

/// Takes back what the caller wrote; nothing of it stays.
///
/// # Errors
/// [`StoreError::NotFound`] when the caller is not on its list.
pub fn take_back(tx: &mut Tx<'_>, scope: &Scope<ChangeOwnRecord>, id: GatheringId) -> Result<(), StoreError> {
    let me = scope.me()?;
    listed(tx, me, id)?;
    diesel::delete(reflections::table.find((Id::of(id), Id::of(me)))).execute(tx.db)?;
    Ok(())
}

fn listed(tx: &mut Tx<'_>, me: MemberId, id: GatheringId) -> Result<(), StoreError> {
    by_id(tx, id)?.ok_or(StoreError::NotFound("gathering"))?;
    let mine: i64 = attendances::table
        .filter(attendances::gathering_id.eq(Id::of(id)))
        .filter(attendances::person_id.eq(Id::of(me)))
        .count()
        .get_result(tx.db)?;
    if mine == 1 {
        Ok(())
    } else {
        Err(StoreError::NotFound("gathering"))
    }
}

/// What people share about a gathering inside the scope, by writer, after `after`. O(limit).
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadGatherings>,
    id: GatheringId,
    after: Option<EntryId>,
    limit: i64,
) -> Result<Vec<SharedReflection>, StoreError> {
    inside(tx, scope, id)?;
    let mut query = reflections::table
        .filter(reflections::gathering_id.eq(Id::of(id)))
        .filter(reflections::shared)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(reflections::person_id.gt(Id::of(after)));
    }
    let rows: Vec<Row> = query
        .order(reflections::person_id)
        .limit(limit)
        .select(Row::as_select())
        .load(tx.db)?;
    let names = names_of(tx, rows.iter().map(|row| row.person_id).collect())?;
    let vault = tx.vault;
    let shared = |row: Row| {
        let person = row.person_id;
        let said = row.read(vault)?;
        Ok(SharedReflection {
            person: person.to(),
            name: names.get(&person).cloned().unwrap_or_default(),
            text: said.text,
            written_at: said.written_at,
        })
    };
    rows.into_iter().map(shared).collect()
}
