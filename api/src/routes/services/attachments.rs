//! Files that go with service requests: forms, certificates, notices.
use actix_multipart::Multipart;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use domain::access::{ReadServices, ServePeople};
use domain::file::LARGEST_ATTACHMENT;
use domain::id::{FileId, ServiceRequestId};
use persistence::{Store, service_requests};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::request_view::ServiceRequestView;
use super::requests::ServiceRequestPath;
use super::view::Hands;
use super::{fetched, keep};
use crate::answer::Tagged;
use crate::extract::form::HandedIn;
use crate::extract::{IfMatch, IfMatchHeader, InSession, May};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(attach).service(attachment);
}

/// The file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form for the contract")]
pub(crate) struct AttachmentBody {
    /// A picture (PNG, JPEG, WebP) or document (PDF) of at most 10 MiB; what it is is told by its bytes.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
}

/// Attach a file to a request: a form, a certificate, a notice.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ServePeople"])),
    params(ServiceRequestPath, IfMatchHeader),
    request_body(content = AttachmentBody, content_type = "multipart/form-data"),
    responses((status = 200, body = ServiceRequestView), (status = 409, description = "It has ended")),
)]
#[post("/v1/service-requests/{id}/attachments")]
pub(crate) async fn attach(
    May(scope): May<ServePeople>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    path: Path<ServiceRequestPath>,
    IfMatch(seen): IfMatch,
    form: Multipart,
) -> Result<Tagged<ServiceRequestView>, Failure> {
    let (of, looks, today) = ((path.id, seen), scope.clone(), store.today());
    store
        .read(move |tx| service_requests::takes_file(tx, &looks, of))
        .await?;
    let file = HandedIn::read(form, "file", LARGEST_ATTACHMENT).await?;
    let attached = keep(&store, file, move |tx, file| {
        service_requests::attach(tx, &scope, of, file)
    })
    .await?;
    let view = ServiceRequestView::to_staff(attached, today, &Hands::of(&actor));
    Ok(Tagged::ok(view))
}

/// Which file of a request.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct AttachmentPath {
    /// The request's id.
    pub(crate) id: ServiceRequestId,
    /// The file's id.
    pub(crate) file_id: FileId,
}

/// Fetch a file of a request. Who looked is recorded, and who asks can see it.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ReadServices"])),
    params(AttachmentPath),
    responses((status = 200, description = "The file as it was handed in", content(
        (String = "image/png"), (String = "image/jpeg"), (String = "image/webp"), (String = "application/pdf"),
    ))),
)]
#[get("/v1/service-requests/{id}/attachments/{file_id}")]
pub(crate) async fn attachment(
    May(scope): May<ReadServices>,
    store: Data<Store>,
    path: Path<AttachmentPath>,
) -> Result<HttpResponse, Failure> {
    let file = store
        .write(move |tx| service_requests::look_at_attached(tx, &scope, path.id, path.file_id))
        .await?;
    fetched(&store, file).await
}
