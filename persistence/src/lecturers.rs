//! Lecturers (党课名师), and the villages that each is paired with (结对).
use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use domain::access::{ManageGatherings, Permission, ReadGatherings, Scope};
use domain::id::{LecturerId, OrgPath, OrganisationId};
use domain::settings::Wrong;
use serde_json::json;

use crate::db::{Engine, each};
use crate::organisations::{self, narrowed};
use crate::pages::Position;
use crate::schema::{lecturer_villages as villages, lecturers, organisations as tree};
use crate::scoped::{above, within};
use crate::trail::{self, NewAudit};
use crate::types::Id;
use crate::{StoreError, Tx};

/// A lecturer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lecturer {
    /// The id.
    pub id: LecturerId,
    /// The organisation that lists the lecturer.
    pub organisation: OrganisationId,
    /// Its name.
    pub organisation_name: String,
    /// Where it stands.
    pub path: OrgPath,
    /// 姓名.
    pub name: String,
    /// What the lecturer speaks about.
    pub topic: Option<String>,
    /// The villages that the lecturer is paired with, by name.
    pub villages: Vec<(OrganisationId, String)>,
    /// Whether the lecturer still gives lessons.
    pub active: bool,
    /// Counts changes.
    pub version: i32,
}

impl Lecturer {
    /// Where the lecturer stands in the list.
    pub fn position(&self) -> Position {
        Position {
            path: self.path.clone(),
            id: self.id.0,
        }
    }
}

/// What is known of a lecturer.
#[derive(Debug, Clone)]
pub struct NewLecturer {
    /// The id.
    pub id: LecturerId,
    /// The organisation that lists the lecturer.
    pub organisation: OrganisationId,
    /// 姓名.
    pub name: String,
    /// What the lecturer speaks about.
    pub topic: Option<String>,
    /// The villages that the lecturer is paired with.
    pub villages: Vec<OrganisationId>,
}

/// A change of a lecturer: what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct LecturerChange {
    /// 姓名.
    pub name: Option<String>,
    /// What the lecturer speaks about.
    pub topic: Option<Option<String>>,
    /// The villages that the lecturer is paired with.
    pub villages: Option<Vec<OrganisationId>>,
    /// Whether the lecturer still gives lessons.
    pub active: Option<bool>,
}

/// Which lecturers.
#[derive(Debug, Clone, Copy, Default)]
pub struct LecturerFilter {
    /// Listed by this organisation, one below it, or one above it.
    pub organisation: Option<OrganisationId>,
    /// Paired with this village.
    pub village: Option<OrganisationId>,
    /// Those who still give lessons, or those who do not.
    pub active: Option<bool>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = lecturers, check_for_backend(Engine), treat_none_as_default_value = false)]
struct Row {
    id: Id,
    organisation_id: Id,
    path: String,
    name: String,
    topic: Option<String>,
    active: bool,
    version: i32,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// The lecturers that the caller may ask: listed inside the scope or above it, in the order of the tree. O(limit) and what
/// the filter passes over.
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadGatherings>,
    filter: LecturerFilter,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<Lecturer>, StoreError> {
    let scope = narrowed(tx, scope, filter.organisation)?;
    let mut query = lecturers::table
        .filter(
            lecturers::path
                .eq_any(above(&scope))
                .or(within!(&scope, lecturers::path)),
        )
        .into_boxed();
    if let Some(after) = after {
        let path = after.path.as_str().to_owned();
        let same = lecturers::path.eq(path.clone()).and(lecturers::id.gt(Id(after.id)));
        query = query.filter(lecturers::path.gt(path).or(same));
    }
    if let Some(active) = filter.active {
        query = query.filter(lecturers::active.eq(active));
    }
    if let Some(village) = filter.village {
        let paired = villages::table.filter(villages::organisation_id.eq(Id::of(village)));
        query = query.filter(lecturers::id.eq_any(paired.select(villages::lecturer_id)));
    }
    let rows: Vec<Row> = query
        .order((lecturers::path, lecturers::id))
        .limit(limit)
        .select(Row::as_select())
        .load(tx.db)?;
    whole(tx, rows)
}

/// A lecturer that the caller may ask.
///
/// # Errors
/// [`StoreError::NotFound`] when unknown, or listed neither inside the scope nor above it.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<ReadGatherings>, id: LecturerId) -> Result<Lecturer, StoreError> {
    reach(tx, scope, id)
}

/// The same for any permission: whoever plans a gathering asks a lecturer.
pub(crate) fn reach<P: Permission>(tx: &mut Tx<'_>, scope: &Scope<P>, id: LecturerId) -> Result<Lecturer, StoreError> {
    let found = by_id(tx, id)?.filter(|one| scope.is_near(&one.path));
    found.ok_or(StoreError::NotFound("lecturer"))
}

fn by_id(tx: &mut Tx<'_>, id: LecturerId) -> Result<Option<Lecturer>, StoreError> {
    let row: Option<Row> = lecturers::table
        .find(Id::of(id))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    Ok(whole(tx, row.into_iter().collect())?.pop())
}

/// The names of lecturers.
pub(crate) fn names(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<HashMap<Id, String>, StoreError> {
    let rows: Vec<(Id, String)> = lecturers::table
        .filter(lecturers::id.eq_any(ids))
        .select((lecturers::id, lecturers::name))
        .load(tx.db)?;
    Ok(rows.into_iter().collect())
}

/// Lists a lecturer; an id that is there already answers the lecturer and changes nothing.
///
/// # Errors
/// [`StoreError::Invalid`] for an organisation outside the scope, [`StoreError::Faults`] for villages outside.
pub fn create(tx: &mut Tx<'_>, scope: &Scope<ManageGatherings>, new: NewLecturer) -> Result<Lecturer, StoreError> {
    if let Some(known) = by_id(tx, new.id)? {
        let inside = scope.covers(&known.path);
        return inside.then_some(known).ok_or(StoreError::Invalid {
            field: "/id",
            code: "taken",
        });
    }
    let organisation = inside(tx, scope, new.organisation)?;
    check_villages(tx, scope, &new.villages)?;
    let row = Row {
        id: Id::of(new.id),
        organisation_id: Id::of(organisation.id),
        path: organisation.path.to_string(),
        name: new.name,
        topic: new.topic,
        active: true,
        version: 1,
        created_at: tx.at(),
        updated_at: tx.at(),
    };
    each!(tx.db, c => diesel::insert_into(lecturers::table).values(&row).execute(c))?;
    pair(tx, new.id, &new.villages)?;
    note(tx, scope, "lecturer_listed", new.id, &organisation.path)?;
    by_id(tx, new.id)?.ok_or(StoreError::NotFound("lecturer"))
}

/// Changes what is known of a lecturer who is listed inside the scope.
///
/// # Errors
/// [`StoreError::NotFound`] outside, [`StoreError::Stale`] when the version moved, [`StoreError::Faults`] for villages
/// outside.
pub fn change(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageGatherings>,
    (id, seen): (LecturerId, i32),
    change: LecturerChange,
) -> Result<Lecturer, StoreError> {
    let before = by_id(tx, id)?.filter(|one| scope.covers(&one.path));
    let before = before.ok_or(StoreError::NotFound("lecturer"))?;
    if before.version != seen {
        return Err(StoreError::Stale);
    }
    if let Some(villages) = &change.villages {
        let new: Vec<_> = villages
            .iter()
            .copied()
            .filter(|id| before.villages.iter().all(|(known, _)| known != id))
            .collect();
        check_villages(tx, scope, &new)?;
    }
    let one = lecturers::table.filter(lecturers::id.eq(Id::of(id)).and(lecturers::version.eq(seen)));
    let changed = diesel::update(one)
        .set((
            lecturers::name.eq(change.name.unwrap_or(before.name)),
            lecturers::topic.eq(change.topic.unwrap_or(before.topic)),
            lecturers::active.eq(change.active.unwrap_or(before.active)),
            lecturers::version.eq(seen + 1),
            lecturers::updated_at.eq(tx.at()),
        ))
        .execute(tx.db)?;
    if changed == 0 {
        return Err(StoreError::Stale);
    }
    if let Some(chosen) = &change.villages {
        diesel::delete(villages::table.filter(villages::lecturer_id.eq(Id::of(id)))).execute(tx.db)?;
        pair(tx, id, chosen)?;
    }
    note(tx, scope, "lecturer_changed", id, &before.path)?;
    by_id(tx, id)?.ok_or(StoreError::NotFound("lecturer"))
}

fn inside(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageGatherings>,
    id: OrganisationId,
) -> Result<organisations::Organisation, StoreError> {
    match organisations::held(tx, id) {
        Ok(found) if scope.covers(&found.path) => Ok(found),
        Ok(_) | Err(StoreError::NotFound(_)) => Err(StoreError::Invalid {
            field: "/organisation_id",
            code: "unknown_organisation",
        }),
        Err(error) => Err(error),
    }
}

fn check_villages(tx: &mut Tx<'_>, scope: &Scope<ManageGatherings>, ids: &[OrganisationId]) -> Result<(), StoreError> {
    let found: Vec<(Id, String)> = tree::table
        .filter(tree::id.eq_any(ids.iter().map(|id| Id::of(*id)).collect::<Vec<_>>()))
        .select((tree::id, tree::path))
        .load(tx.db)?;
    let mut faults = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let path = found
            .iter()
            .find(|(known, _)| known.0 == id.0)
            .map(|(_, path)| path.parse());
        let known = path.transpose().map_err(StoreError::corrupt)?;
        if !known.is_some_and(|path| scope.covers(&path)) {
            let field = format!("/village_ids/{at}");
            faults.push(Wrong::new(field, "unknown_organisation", ""));
        }
    }
    StoreError::unless_none(faults)
}

fn pair(tx: &mut Tx<'_>, id: LecturerId, ids: &[OrganisationId]) -> Result<(), StoreError> {
    for village in ids {
        let pair = (
            villages::lecturer_id.eq(Id::of(id)),
            villages::organisation_id.eq(Id::of(*village)),
        );
        each!(tx.db, c => {
            diesel::insert_into(villages::table).values(pair).on_conflict_do_nothing().execute(c)
        })?;
    }
    Ok(())
}

fn note(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageGatherings>,
    action: &str,
    id: LecturerId,
    path: &OrgPath,
) -> Result<(), StoreError> {
    let audit = NewAudit {
        action,
        person: None,
        subject: Some(id.0),
        path: Some(path),
        detail: Some(json!({ "lecturer_id": id })),
    };
    trail::record(tx, scope.who(), audit)
}

/// With the names of organisations. Two queries.
fn whole(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<Vec<Lecturer>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let names = organisations::names(tx, rows.iter().map(|row| row.organisation_id).collect())?;
    let paired: Vec<(Id, Id, String)> = villages::table
        .inner_join(tree::table.on(tree::id.eq(villages::organisation_id)))
        .filter(villages::lecturer_id.eq_any(rows.iter().map(|row| row.id).collect::<Vec<_>>()))
        .order(tree::path)
        .select((villages::lecturer_id, tree::id, tree::name))
        .load(tx.db)?;
    let lecturer = |row: Row| {
        let mine = paired.iter().filter(|(lecturer, ..)| *lecturer == row.id);
        Ok(Lecturer {
            id: row.id.to(),
            organisation: row.organisation_id.to(),
            organisation_name: names.get(&row.organisation_id).cloned().unwrap_or_default(),
            path: row.path.parse().map_err(StoreError::corrupt)?,
            name: row.name,
            topic: row.topic,
            villages: mine.map(|(_, id, name)| (id.to(), name.clone())).collect(),
            active: row.active,
            version: row.version,
        })
    };
    rows.into_iter().map(lecturer).collect()
}
