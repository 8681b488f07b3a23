//! Organisations in the store: the tree and its materialised paths.
use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use domain::access::{ManageOrganisations, Permission, ReadOrganisations, Scope};
use domain::id::{OrgPath, OrganisationId};
use domain::organisation::{DEEPEST, OrganisationKind, is_code};

use crate::db::{Db, Engine, each};
use crate::schema::{
    attendances, campaigns, gathering_audiences, gatherings, gifts, handovers, imports, journeys, lecturers, members,
    organisations, service_requests, stays, webhooks, wishes,
};
use crate::scoped::within;
use crate::trail::{self, NewAudit};
use crate::types::Id;
use crate::{StoreError, Tx};

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its code, unique in the deployment; never changes.
    pub code: String,
    /// What it is.
    pub kind: OrganisationKind,
    /// Its name.
    pub name: String,
    /// The organisation above.
    pub parent: Option<OrganisationId>,
    /// Where it stands.
    pub path: OrgPath,
    /// GB/T 2260 code of its division.
    pub division_code: Option<String>,
    /// The telephone that members and other organisations may call.
    pub phone: Option<String>,
    /// Days between contacts, where it has chosen its own.
    pub contact_interval_days: Option<u16>,
    /// Whether it still exists.
    pub active: bool,
    /// Counts changes.
    pub version: i32,
}

/// A new organisation.
#[derive(Debug, Clone)]
pub struct NewOrganisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its code: 1 to 32 ASCII letters, digits, dashes or underscores.
    pub code: String,
    /// What it is.
    pub kind: OrganisationKind,
    /// Its name.
    pub name: String,
    /// The organisation above; none for a root.
    pub parent: Option<OrganisationId>,
    /// GB/T 2260 code of its division.
    pub division_code: Option<String>,
    /// The telephone that members and other organisations may call.
    pub phone: Option<String>,
    /// Days between contacts, where it chooses its own.
    pub contact_interval_days: Option<u16>,
}

/// A change of an organisation: what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct OrganisationChange {
    /// Its name.
    pub name: Option<String>,
    /// What it is.
    pub kind: Option<OrganisationKind>,
    /// GB/T 2260 code of its division.
    pub division_code: Option<Option<String>>,
    /// The telephone.
    pub phone: Option<Option<String>>,
    /// Days between contacts.
    pub contact_interval_days: Option<Option<u16>>,
    /// Whether it still exists.
    pub active: Option<bool>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = organisations, check_for_backend(Engine))]
struct Row {
    id: Id,
    code: String,
    kind: String,
    name: String,
    parent_id: Option<Id>,
    path: String,
    division_code: Option<String>,
    phone: Option<String>,
    contact_interval_days: Option<i32>,
    active: bool,
    version: i32,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl TryFrom<Row> for Organisation {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.to(),
            code: row.code,
            kind: row.kind.parse().map_err(StoreError::corrupt)?,
            name: row.name,
            parent: row.parent_id.map(Id::to),
            path: row.path.parse().map_err(StoreError::corrupt)?,
            division_code: row.division_code,
            phone: row.phone,
            contact_interval_days: row.contact_interval_days.and_then(|days| u16::try_from(days).ok()),
            active: row.active,
            version: row.version,
        })
    }
}

/// An organisation inside the scope.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<ReadOrganisations>, id: OrganisationId) -> Result<Organisation, StoreError> {
    let found = by_id(tx, id)?;
    if scope.covers(&found.path) {
        Ok(found)
    } else {
        Err(StoreError::NotFound("organisation"))
    }
}

/// An organisation by its code, inside the scope.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn find_by_code(tx: &mut Tx<'_>, scope: &Scope<ReadOrganisations>, code: &str) -> Result<Organisation, StoreError> {
    let row: Option<Row> = organisations::table
        .filter(organisations::code.eq(code))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    let found = Organisation::try_from(row.ok_or(StoreError::NotFound("organisation"))?)?;
    if scope.covers(&found.path) {
        Ok(found)
    } else {
        Err(StoreError::NotFound("organisation"))
    }
}

/// The names of organisations, for what the caller was let through to.
pub(crate) fn names(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<HashMap<Id, String>, StoreError> {
    let rows: Vec<(Id, String)> = organisations::table
        .filter(organisations::id.eq_any(ids))
        .select((organisations::id, organisations::name))
        .load(tx.db)?;
    Ok(rows.into_iter().collect())
}

/// An organisation whether or not the caller reaches it: for what the program itself follows (a host, a parent).
pub(crate) fn by_id(tx: &mut Tx<'_>, id: OrganisationId) -> Result<Organisation, StoreError> {
    let row: Option<Row> = organisations::table
        .find(Id::of(id))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    row.ok_or(StoreError::NotFound("organisation"))?.try_into()
}

/// An organisation that stays where it is until the transaction ends: for whatever is written with its path. A move that
/// is under way on PostgreSQL is waited for, and a later one finds what was written; SQLite has one writer.
pub(crate) fn held(tx: &mut Tx<'_>, id: OrganisationId) -> Result<Organisation, StoreError> {
    macro_rules! one {
        () => {
            organisations::table.find(Id::of(id)).select(Row::as_select())
        };
    }
    let row: Option<Row> = match tx.db {
        Db::Pg(c) => one!().for_key_share().get_result(c).optional()?,
        Db::Lite(c) => one!().get_result(c).optional()?,
    };
    row.ok_or(StoreError::NotFound("organisation"))?.try_into()
}

/// Holds these organisations where they are, as [`held`] does one.
pub(crate) fn hold(tx: &mut Tx<'_>, these: &[Organisation]) -> Result<(), StoreError> {
    if let Db::Pg(c) = tx.db {
        let ids = these.iter().map(|one| Id::of(one.id));
        let rows = organisations::table.filter(organisations::id.eq_any(ids));
        rows.select(organisations::id).for_key_share().load::<Id>(c)?;
    }
    Ok(())
}

/// The organisation that stands at a path.
pub(crate) fn by_path(tx: &mut Tx<'_>, path: &OrgPath) -> Result<Organisation, StoreError> {
    let row: Option<Row> = organisations::table
        .filter(organisations::path.eq(path.as_str()))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    row.ok_or(StoreError::NotFound("organisation"))?.try_into()
}

/// Those of these ids that there are, in the order of the tree.
pub(crate) fn these(tx: &mut Tx<'_>, ids: &[OrganisationId]) -> Result<Vec<Organisation>, StoreError> {
    let ids = ids.iter().copied().map(Id::of);
    let rows: Vec<Row> = organisations::table
        .filter(organisations::id.eq_any(ids))
        .order(organisations::path)
        .select(Row::as_select())
        .load(tx.db)?;
    rows.into_iter().map(Organisation::try_from).collect()
}

/// Those at these paths, in the order of the tree.
pub(crate) fn at(tx: &mut Tx<'_>, paths: &[String]) -> Result<Vec<Organisation>, StoreError> {
    let rows: Vec<Row> = organisations::table
        .filter(organisations::path.eq_any(paths))
        .order(organisations::path)
        .select(Row::as_select())
        .load(tx.db)?;
    rows.into_iter().map(Organisation::try_from).collect()
}

/// The part of a scope at and below an organisation; the whole scope when none is named.
pub(crate) fn narrowed<P: Permission>(
    tx: &mut Tx<'_>,
    scope: &Scope<P>,
    to: Option<OrganisationId>,
) -> Result<Scope<P>, StoreError> {
    let Some(id) = to else {
        return Ok(scope.within(&OrgPath::root()));
    };
    let found = by_id(tx, id)?;
    if scope.covers(&found.path) {
        Ok(scope.within(&found.path))
    } else {
        Err(StoreError::NotFound("organisation"))
    }
}

/// Every organisation of the scope, whatever the permission, in the order of the tree. O(organisations).
pub(crate) fn within<P>(tx: &mut Tx<'_>, scope: &Scope<P>) -> Result<Vec<Organisation>, StoreError> {
    let rows: Vec<Row> = organisations::table
        .filter(within!(scope, organisations::path))
        .order(organisations::path)
        .select(Row::as_select())
        .load(tx.db)?;
    rows.into_iter().map(Organisation::try_from).collect()
}

/// The organisations of the scope after the path `after`, in the order of the tree, at most `limit`. O(limit).
///
/// # Errors
/// When the store fails.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadOrganisations>,
    parent: Option<OrganisationId>,
    after: Option<&OrgPath>,
    limit: i64,
) -> Result<Vec<Organisation>, StoreError> {
    let mut query = organisations::table.into_boxed();
    query = query.filter(within!(scope, organisations::path));
    if let Some(parent) = parent {
        query = query.filter(organisations::parent_id.eq(Id::of(parent)));
    }
    if let Some(after) = after {
        query = query.filter(organisations::path.gt(after.as_str().to_owned()));
    }
    let rows: Vec<Row> = query
        .order(organisations::path)
        .limit(limit)
        .select(Row::as_select())
        .load(tx.db)?;
    rows.into_iter().map(Organisation::try_from).collect()
}

/// Creates an organisation; a root needs a scope of the whole deployment. An id that is there already answers the
/// organisation and changes nothing.
///
/// # Errors
/// [`StoreError::Invalid`] for a code that is taken or malformed, or a tree too deep; [`StoreError::NotFound`] for a
/// parent outside the scope.
pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageOrganisations>,
    new: NewOrganisation,
) -> Result<Organisation, StoreError> {
    if !is_code(&new.code) {
        return Err(StoreError::Invalid {
            field: "/code",
            code: "malformed",
        });
    }
    let above = match new.parent {
        Some(parent) => by_id(tx, parent)?.path,
        None => OrgPath::root(),
    };
    if !scope.covers(&above) {
        return Err(StoreError::NotFound("organisation"));
    }
    if let Some(known) = known(tx, scope, new.id)? {
        return Ok(known);
    }
    let path = above.child(&new.code);
    if path.depth() > DEEPEST {
        return Err(StoreError::Invalid {
            field: "/parent_id",
            code: "too_deep",
        });
    }
    let row = Row {
        id: Id::of(new.id),
        code: new.code,
        kind: new.kind.to_string(),
        name: new.name,
        parent_id: new.parent.map(Id::of),
        path: path.to_string(),
        division_code: new.division_code,
        phone: new.phone,
        contact_interval_days: new.contact_interval_days.map(i32::from),
        active: true,
        version: 1,
        created_at: tx.at(),
        updated_at: tx.at(),
    };
    each!(tx.db, c => diesel::insert_into(organisations::table).values(&row).execute(c))?;
    let audit = NewAudit {
        action: "organisation_created",
        path: Some(&path),
        ..NewAudit::default()
    };
    trail::record(
        tx,
        scope.who(),
        NewAudit {
            subject: Some(new.id.0),
            ..audit
        },
    )?;
    row.try_into()
}

/// The organisation that has this id already.
fn known(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageOrganisations>,
    id: OrganisationId,
) -> Result<Option<Organisation>, StoreError> {
    match by_id(tx, id) {
        Ok(known) if scope.covers(&known.path) => Ok(Some(known)),
        Ok(_) => Err(StoreError::Invalid {
            field: "/id",
            code: "taken",
        }),
        Err(StoreError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Changes an organisation.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved.
pub fn change(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageOrganisations>,
    id: OrganisationId,
    seen: i32,
    change: OrganisationChange,
) -> Result<Organisation, StoreError> {
    let before = manageable(tx, scope, id, seen)?;
    let interval = change.contact_interval_days.unwrap_or(before.contact_interval_days);
    diesel::update(organisations::table.filter(organisations::id.eq(Id::of(id))))
        .set((
            organisations::name.eq(change.name.unwrap_or(before.name)),
            organisations::kind.eq(change.kind.unwrap_or(before.kind).as_str()),
            organisations::division_code.eq(change.division_code.unwrap_or(before.division_code)),
            organisations::phone.eq(change.phone.unwrap_or(before.phone)),
            organisations::contact_interval_days.eq(interval.map(i32::from)),
            organisations::active.eq(change.active.unwrap_or(before.active)),
            organisations::version.eq(seen + 1),
            organisations::updated_at.eq(tx.at()),
        ))
        .execute(tx.db)?;
    let audit = NewAudit {
        action: "organisation_changed",
        path: Some(&before.path),
        ..NewAudit::default()
    };
    trail::record(
        tx,
        scope.who(),
        NewAudit {
            subject: Some(id.0),
            ..audit
        },
    )?;
    by_id(tx, id)
}

/// Moves an organisation with everything below it under another one: members, journeys, stays, hand-overs and grants
/// go with it. O(rows of the subtree), one statement a table.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Invalid`]
/// when the new parent stands below it or the tree would grow too deep.
pub fn move_under(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageOrganisations>,
    id: OrganisationId,
    seen: i32,
    parent: OrganisationId,
) -> Result<Organisation, StoreError> {
    let moved = manageable(tx, scope, id, seen)?;
    let above = by_id(tx, parent)?;
    if !scope.covers(&above.path) {
        return Err(StoreError::NotFound("organisation"));
    }
    if moved.path.contains(&above.path) {
        return Err(StoreError::Invalid {
            field: "/parent_id",
            code: "below_itself",
        });
    }
    let (from, to) = (moved.path.clone(), above.path.child(&moved.code));
    if deepest(tx, &from)? - from.depth() + to.depth() > DEEPEST {
        return Err(StoreError::Invalid {
            field: "/parent_id",
            code: "too_deep",
        });
    }
    diesel::update(organisations::table.filter(organisations::id.eq(Id::of(id))))
        .set((
            organisations::parent_id.eq(Id::of(parent)),
            organisations::version.eq(seen + 1),
            organisations::updated_at.eq(tx.at()),
        ))
        .execute(tx.db)?;
    repath(tx, &from, &to)?;
    let detail = serde_json::json!({ "from": from, "to": to });
    let audit = NewAudit {
        action: "organisation_moved",
        path: Some(&to),
        ..NewAudit::default()
    };
    trail::record(
        tx,
        scope.who(),
        NewAudit {
            subject: Some(id.0),
            detail: Some(detail),
            ..audit
        },
    )?;
    by_id(tx, id)
}

fn manageable(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageOrganisations>,
    id: OrganisationId,
    seen: i32,
) -> Result<Organisation, StoreError> {
    let found = by_id(tx, id)?;
    if !scope.covers(&found.path) {
        return Err(StoreError::NotFound("organisation"));
    }
    if found.version == seen {
        Ok(found)
    } else {
        Err(StoreError::Stale)
    }
}

fn deepest(tx: &mut Tx<'_>, under: &OrgPath) -> Result<usize, StoreError> {
    let range = organisations::path
        .ge(under.as_str())
        .and(organisations::path.lt(under.end()));
    let paths: Vec<String> = organisations::table
        .filter(range)
        .select(organisations::path)
        .load(tx.db)?;
    let depths = paths
        .iter()
        .filter_map(|path| path.parse().ok())
        .map(|path: OrgPath| path.depth());
    Ok(depths.max().unwrap_or_else(|| under.depth()))
}

diesel::define_sql_function! {
    /// The rest of a text from a position, counted from 1.
    fn substr(text: diesel::sql_types::Text, from: diesel::sql_types::Integer) -> diesel::sql_types::Text;
}

/// Writes the new beginning of every path below `from`, in every table that keeps one. Whoever writes a row besides never
/// writes its path: it would bring back the old one.
fn repath(tx: &mut Tx<'_>, from: &OrgPath, to: &OrgPath) -> Result<(), StoreError> {
    let rest = i32::try_from(from.as_str().len()).map_err(StoreError::corrupt)? + 1;
    macro_rules! rewrite {
        ($($table:ident . $column:ident),+) => {$(
            diesel::update($table::table.filter($table::$column.ge(from.as_str()).and($table::$column.lt(from.end()))))
                .set($table::$column.eq(to.as_str().into_sql::<diesel::sql_types::Text>().concat(substr($table::$column, rest))))
                .execute(tx.db)?;
        )+};
    }
    rewrite!(
        organisations.path,
        members.path,
        journeys.path,
        stays.path,
        imports.path,
        webhooks.path,
        campaigns.path,
        wishes.path,
        service_requests.path,
        gifts.path
    );
    rewrite!(handovers.asking_path, handovers.asked_path);
    rewrite!(
        lecturers.path,
        gatherings.path,
        gathering_audiences.path,
        attendances.path
    );
    Ok(())
}
