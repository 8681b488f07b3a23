//! Spreadsheets handed in: read and compared, then committed or discarded.
mod upload;

use actix_multipart::Multipart;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, Utc};
use domain::access::{Actor, ImportSpreadsheets, Scope};
use domain::id::{ImportId, OrganisationId};
use domain::spreadsheet::{ImportKind, ImportState};
use persistence::imports::{self, ImportRecord, NewImport};
use persistence::{Store, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::extract::{InSession, May};
use crate::imports::reader::Unreadable;
use crate::imports::report::Report;
use crate::imports::taking::{Scopes, examine, take_over};
use crate::openapi::Routes;
use crate::problem::{Failure, Fault};
use upload::{Upload, UploadBody};

pub(crate) fn configure(config: &mut Routes<'_>) {
    config.service(hand_in).service(show).service(commit).service(discard);
}

/// Which import.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ImportPath {
    /// The import's id.
    id: ImportId,
}

/// A spreadsheet that was handed in, and what became of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportView {
    /// Its id.
    id: ImportId,
    /// What it tells about.
    kind: ImportKind,
    /// The organisation that it was handed in for.
    organisation_id: OrganisationId,
    /// The file's name.
    #[schema(example = "流出党员登记表.xlsx")]
    file_name: String,
    /// How far it has come.
    state: ImportState,
    /// When it was handed in.
    created_at: DateTime<Utc>,
    /// When it was committed or discarded.
    settled_at: Option<DateTime<Utc>>,
    /// Counts, faults, and columns that are not taken.
    #[serde(flatten)]
    report: Report,
    /// What may be done with it now.
    #[schema(example = json!(["commit", "discard"]))]
    allowed: &'static [&'static str],
}

impl ImportView {
    fn of(record: ImportRecord) -> Result<Self, Failure> {
        let report = serde_json::from_value(record.report).map_err(|error| Failure::Internal(error.to_string()))?;
        let allowed: &[_] = match record.state {
            ImportState::Checked => &["commit", "discard"],
            ImportState::Committed | ImportState::Discarded => &[],
        };
        Ok(Self {
            id: record.id,
            kind: record.kind,
            organisation_id: record.organisation,
            file_name: record.file_name,
            state: record.state,
            created_at: record.created_at,
            settled_at: record.settled_at,
            report,
            allowed,
        })
    }
}

/// Hand in a spreadsheet (.xlsx, or .csv in UTF-8 or GB18030).
///
/// A dry run unless `dry_run` is `false`: the answer tells what a commit would do and every fault by row, and the file is
/// kept, sealed, until it is committed or discarded. A row with a fault is not taken; it holds up no other. The same file
/// again changes nothing.
#[utoipa::path(
    tag = "imports",
    operation_id = "hand_in_import",
    security(("token" = ["ImportSpreadsheets"])),
    request_body(content = UploadBody, content_type = "multipart/form-data"),
    responses((status = 201, body = ImportView), (status = 404, description = "The organisation is outside the scope")),
)]
#[post("/v1/imports")]
pub(crate) async fn hand_in(
    May(_scope): May<ImportSpreadsheets>,
    InSession(actor, _session): InSession,
    store: Data<Store>,
    form: Multipart,
) -> Result<HttpResponse, Failure> {
    let upload = Upload::read(form).await?;
    let scopes = Scopes::of(&actor, upload.kind)?;
    let scope = scopes.import().clone();
    let (kind, organisation, commits) = (upload.kind, upload.organisation, !upload.dry_run);
    let (file, bytes) = store
        .read(move |tx| {
            let file = examine(tx, &scope, kind, Some(organisation), &upload.bytes)?;
            Ok((file, upload.bytes))
        })
        .await?;
    let (file, name) = (file.map_err(|error| unreadable(&error))?, upload.file_name);
    let record = store
        .write(move |tx| {
            let report = take_over(tx, &scopes, file, !commits)?;
            let report = serde_json::to_value(report).map_err(StoreError::corrupt)?;
            let new = NewImport {
                id: tx.fresh(),
                kind,
                organisation,
                file_name: name,
                file: bytes,
                report,
            };
            let opened = imports::open(tx, scopes.import(), &new)?;
            if commits {
                return imports::settle(tx, scopes.import(), opened.id, ImportState::Committed, None);
            }
            Ok(opened)
        })
        .await?;
    Ok(HttpResponse::Created().json(ImportView::of(record)?))
}

/// Show an import: state, counts and faults.
#[utoipa::path(
    tag = "imports",
    operation_id = "show_import",
    security(("token" = ["ImportSpreadsheets"])),
    params(ImportPath),
    responses((status = 200, body = ImportView)),
)]
#[get("/v1/imports/{id}")]
pub(crate) async fn show(
    May(scope): May<ImportSpreadsheets>,
    InSession(actor, _session): InSession,
    store: Data<Store>,
    path: Path<ImportPath>,
) -> Result<HttpResponse, Failure> {
    let (record, _) = found(&store, scope, &actor, path.id).await?;
    Ok(HttpResponse::Ok().json(ImportView::of(record)?))
}

/// Take the rows over.
///
/// The file is read and compared anew: what changed since it was handed in counts.
#[utoipa::path(
    tag = "imports",
    operation_id = "commit_import",
    security(("token" = ["ImportSpreadsheets"])),
    params(ImportPath),
    responses((status = 200, body = ImportView), (status = 409)),
)]
#[post("/v1/imports/{id}/commit")]
pub(crate) async fn commit(
    May(scope): May<ImportSpreadsheets>,
    InSession(actor, _session): InSession,
    store: Data<Store>,
    path: Path<ImportPath>,
) -> Result<HttpResponse, Failure> {
    let id = path.id;
    let (record, scopes) = found(&store, scope, &actor, id).await?;
    let scope = scopes.import().clone();
    let file = store
        .read(move |tx| {
            let bytes = imports::contents(tx, &scope, id)?;
            examine(tx, &scope, record.kind, Some(record.organisation), &bytes)
        })
        .await?;
    let file = file.map_err(|error| unreadable(&error))?;
    let record = store
        .write(move |tx| {
            let report = take_over(tx, &scopes, file, false)?;
            let report = serde_json::to_value(report).map_err(StoreError::corrupt)?;
            imports::settle(tx, scopes.import(), id, ImportState::Committed, Some(&report))
        })
        .await?;
    Ok(HttpResponse::Ok().json(ImportView::of(record)?))
}

/// Drop an import; its file is forgotten.
#[utoipa::path(
    tag = "imports",
    operation_id = "discard_import",
    security(("token" = ["ImportSpreadsheets"])),
    params(ImportPath),
    responses((status = 200, body = ImportView), (status = 409)),
)]
#[post("/v1/imports/{id}/discard")]
pub(crate) async fn discard(
    May(scope): May<ImportSpreadsheets>,
    InSession(actor, _session): InSession,
    store: Data<Store>,
    path: Path<ImportPath>,
) -> Result<HttpResponse, Failure> {
    let id = path.id;
    let (_, scopes) = found(&store, scope, &actor, id).await?;
    let record = store
        .write(move |tx| imports::settle(tx, scopes.import(), id, ImportState::Discarded, None))
        .await?;
    Ok(HttpResponse::Ok().json(ImportView::of(record)?))
}

/// An import, and what the caller may do with it: its report tells of people, so whoever reads it must hold the right to change
/// what it tells about at that place; elsewhere it is as good as unknown.
async fn found(
    store: &Store,
    scope: Scope<ImportSpreadsheets>,
    actor: &Actor,
    id: ImportId,
) -> Result<(ImportRecord, Scopes), Failure> {
    let actor = actor.clone();
    let found = store.read(move |tx| {
        let kind = imports::find(tx, &scope, id)?.kind;
        let scopes = Scopes::of(&actor, kind)?;
        Ok((imports::find(tx, scopes.import(), id)?, scopes))
    });
    Ok(found.await?)
}

fn unreadable(error: &Unreadable) -> Failure {
    let expected = match error {
        Unreadable::NoHeader(headers) => *headers,
        _ => "",
    };
    Failure::Invalid(vec![Fault::new("/file", error.code(), expected)])
}
