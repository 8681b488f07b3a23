//! A letter of the origin (介绍信): handed in as the verification of a stay, and fetched again.
use actix_multipart::Multipart;
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use domain::access::{ManageStays, ReadStays};
use domain::file::LARGEST_LETTER;
use persistence::{Store, StoreError, stays};
use utoipa::ToSchema;

use super::stays::StayPath;
use super::view::StayView;
use crate::answer::Tagged;
use crate::extract::form::HandedIn;
use crate::extract::{IfMatch, IfMatchHeader, May};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(confirm).service(show);
}

/// The letter.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form for the contract")]
pub(crate) struct StayLetterBody {
    /// A picture (PNG, JPEG, WebP) or document (PDF) of at most 10 MiB; what it is is told by its bytes.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
}

/// Verify a stay by a letter of the origin (介绍信), as a picture or PDF.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    params(StayPath, IfMatchHeader),
    request_body(content = StayLetterBody, content_type = "multipart/form-data"),
    responses((status = 200, body = StayView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/magnet/stays/{id}/confirm-by-letter")]
pub(crate) async fn confirm(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    path: Path<StayPath>,
    IfMatch(seen): IfMatch,
    form: Multipart,
) -> Result<Tagged<StayView>, Failure> {
    let (id, manages, looks) = (path.id, scope.clone(), scope.clone());
    store.read(move |tx| stays::takes_letter(tx, &looks, id, seen)).await?;
    let letter = HandedIn::read(form, "file", LARGEST_LETTER).await?;
    let row = letter.row(store.fresh());
    let file = row.id;
    store.files().put(file, &letter.bytes).await?;
    let confirmed = store
        .write(move |tx| stays::confirm_by_letter(tx, &scope, id, seen, row))
        .await;
    // Where the answer was lost the row may be there; what has none is swept.
    let row_may_be = matches!(confirmed, Ok(_) | Err(StoreError::Unavailable(_) | StoreError::Bug(_)));
    if !row_may_be {
        drop(store.files().remove(file).await);
    }
    Ok(Tagged::ok(StayView::of(confirmed?, Some(&manages))))
}

/// Fetch the letter by which a stay was verified. Who looked is recorded.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ReadStays"])),
    params(StayPath),
    responses((status = 200, description = "The file as it was handed in", content(
        (String = "image/png"), (String = "image/jpeg"), (String = "image/webp"), (String = "application/pdf"),
    ))),
)]
#[get("/v1/magnet/stays/{id}/letter")]
pub(crate) async fn show(
    May(scope): May<ReadStays>,
    store: Data<Store>,
    path: Path<StayPath>,
) -> Result<HttpResponse, Failure> {
    let id = path.id;
    let letter = store.write(move |tx| stays::look_at_letter(tx, &scope, id)).await?;
    let bytes = store.files().get(letter.id).await?;
    let name = format!("letter-{id}.{}", letter.file_type.extension());
    Ok(HttpResponse::Ok()
        .content_type(letter.file_type.as_str())
        .insert_header(ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters: vec![DispositionParam::Filename(name)],
        })
        .body(bytes))
}
