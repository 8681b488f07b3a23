//! The uploaded file and its report: sealed, and the file forgotten once it is committed or discarded.
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{ImportSpreadsheets, Scope};
use domain::id::{ImportId, OrganisationId};
use domain::spreadsheet::{ImportKind, ImportState as State};
use serde_json::Value;

use crate::db::{Engine, each};
use crate::schema::imports;
use crate::trail::{self, NewAudit};
use crate::types::Id;
use crate::{StoreError, Tx, organisations};

/// An import.
#[derive(Debug, Clone)]
pub struct ImportRecord {
    /// Its id.
    pub id: ImportId,
    /// What the file tells about.
    pub kind: ImportKind,
    /// The organisation that it was handed in for.
    pub organisation: OrganisationId,
    /// The file's name.
    pub file_name: String,
    /// How far it has come.
    pub state: State,
    /// What was found in it; holds what secretaries typed and is not for logs.
    pub report: Value,
    /// When it was handed in.
    pub created_at: DateTime<Utc>,
    /// When it was committed or discarded.
    pub settled_at: Option<DateTime<Utc>>,
}

/// A file handed in.
pub struct NewImport {
    /// Its id.
    pub id: ImportId,
    /// What it tells about.
    pub kind: ImportKind,
    /// The organisation that it is handed in for.
    pub organisation: OrganisationId,
    /// Its name.
    pub file_name: String,
    /// Its bytes.
    pub file: Vec<u8>,
    /// What was found in it.
    pub report: Value,
}

/// Everything but the file, which may be large.
#[derive(Queryable, Selectable)]
#[diesel(table_name = imports, check_for_backend(Engine))]
struct Row {
    id: Id,
    kind: String,
    organisation_id: Id,
    path: String,
    file_name: String,
    state: String,
    report: String,
    created_at: NaiveDateTime,
    settled_at: Option<NaiveDateTime>,
}

const FILE: &str = "import_file";
const REPORT: &str = "import_report";

/// Keeps a file that was read and compared, until it is settled.
///
/// # Errors
/// [`StoreError::NotFound`] when the organisation is outside the scope.
pub fn open(tx: &mut Tx<'_>, scope: &Scope<ImportSpreadsheets>, new: &NewImport) -> Result<ImportRecord, StoreError> {
    let organisation = organisations::held(tx, new.organisation)?;
    if !scope.covers(&organisation.path) {
        return Err(StoreError::NotFound("organisation"));
    }
    let file = tx.vault.seal(new.id, FILE, &new.file)?;
    let report = sealed_report(tx, new.id, &new.report)?;
    let row = (
        imports::id.eq(Id::of(new.id)),
        imports::kind.eq(new.kind.as_str()),
        imports::organisation_id.eq(Id::of(new.organisation)),
        imports::path.eq(organisation.path.as_str()),
        imports::account_id.eq(scope.who().account.map(Id::of)),
        imports::file_name.eq(&new.file_name),
        imports::file_sealed.eq(file),
        imports::state.eq(State::Checked.as_str()),
        imports::report.eq(report),
        imports::created_at.eq(tx.at()),
    );
    each!(tx.db, c => diesel::insert_into(imports::table).values(row).execute(c))?;
    find(tx, scope, new.id)
}

/// An import for an organisation inside the scope.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<ImportSpreadsheets>, id: ImportId) -> Result<ImportRecord, StoreError> {
    let row: Option<Row> = imports::table
        .find(Id::of(id))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    let row = row.ok_or(StoreError::NotFound("import"))?;
    let path = row.path.parse().map_err(StoreError::corrupt)?;
    if !scope.covers(&path) {
        return Err(StoreError::NotFound("import"));
    }
    let sealed = STANDARD.decode(&row.report).map_err(StoreError::corrupt)?;
    let report = tx.vault.open(id, REPORT, &sealed)?;
    Ok(ImportRecord {
        id: row.id.to(),
        kind: row.kind.parse().map_err(StoreError::corrupt)?,
        organisation: row.organisation_id.to(),
        file_name: row.file_name,
        state: row.state.parse().map_err(StoreError::corrupt)?,
        report: serde_json::from_slice(&report).map_err(StoreError::corrupt)?,
        created_at: row.created_at.and_utc(),
        settled_at: row.settled_at.map(|at| at.and_utc()),
    })
}

/// The file of an import that is not settled.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside the scope, [`StoreError::Refused`] when it is settled.
pub fn contents(tx: &mut Tx<'_>, scope: &Scope<ImportSpreadsheets>, id: ImportId) -> Result<Vec<u8>, StoreError> {
    let import = find(tx, scope, id)?;
    let sealed: Option<Vec<u8>> = imports::table
        .find(Id::of(id))
        .select(imports::file_sealed)
        .first(tx.db)?;
    let sealed = sealed.ok_or_else(|| is_settled(import.state, "commit"))?;
    Ok(tx.vault.open(id, FILE, &sealed)?)
}

/// Ends an import as committed or discarded: the file is forgotten, the report stays.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside the scope, [`StoreError::Refused`] when it is settled.
pub fn settle(
    tx: &mut Tx<'_>,
    scope: &Scope<ImportSpreadsheets>,
    id: ImportId,
    state: State,
    report: Option<&Value>,
) -> Result<ImportRecord, StoreError> {
    let before = find(tx, scope, id)?;
    let verb = if state == State::Discarded { "discard" } else { "commit" };
    let report = sealed_report(tx, id, report.unwrap_or(&before.report))?;
    let open = imports::table.filter(
        imports::id
            .eq(Id::of(id))
            .and(imports::state.eq(State::Checked.as_str())),
    );
    let changed = diesel::update(open)
        .set((
            imports::state.eq(state.as_str()),
            imports::report.eq(report),
            imports::file_sealed.eq(None::<Vec<u8>>),
            imports::settled_at.eq(tx.at()),
        ))
        .execute(tx.db)?;
    if changed == 0 {
        return Err(is_settled(before.state, verb));
    }
    let action = if state == State::Discarded {
        "import_discarded"
    } else {
        "import_committed"
    };
    let path = organisations::by_id(tx, before.organisation)?.path;
    let audit = NewAudit {
        action,
        subject: Some(id.0),
        path: Some(&path),
        ..NewAudit::default()
    };
    trail::record(tx, scope.who(), audit)?;
    find(tx, scope, id)
}

fn is_settled(state: State, verb: &'static str) -> StoreError {
    StoreError::Refused {
        state: state.as_str(),
        verb,
        allowed: Vec::new(),
        by: None,
    }
}

fn sealed_report(tx: &Tx<'_>, id: ImportId, report: &Value) -> Result<String, StoreError> {
    let sealed = tx.vault.seal(id, REPORT, report.to_string().as_bytes())?;
    Ok(STANDARD.encode(sealed))
}
