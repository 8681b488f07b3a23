//! What I ask my organisation to help with (服务事项).
use actix_multipart::Multipart;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use domain::access::{AskForServices, ReadOwnRecord};
use domain::file::LARGEST_ATTACHMENT;
use domain::id::{OrganisationId, ServiceRequestId};
use domain::service::{Command, Kind, Rating};
use persistence::Store;
use persistence::service_requests::{self, Step};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answer::Tagged;
use crate::extract::form::HandedIn;
use crate::extract::{Body, CursorKey, Faults, IfMatch, IfMatchHeader, Input, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::said;
use crate::routes::services::{
    Asked, AttachmentBody, AttachmentPath, SaidBody, ServiceRequestPath, ServiceRequestView, fetched, keep, words,
};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(ask).service(show);
    config.service(resolve).service(reopen).service(rate).service(withdraw);
    config.service(attach).service(attachment);
}

/// What I have asked for, newest first.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    params(PageQuery),
    responses((status = 200, body = Page<ServiceRequestView>)),
)]
#[get("/v1/me/service-requests")]
pub(crate) async fn list(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, before) = (page.limit()?, page.position::<ServiceRequestId>(&cursors)?);
    let today = store.today();
    let rows = store
        .read(move |tx| service_requests::list_own(tx, &scope, before, limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |row| row.request.id)?;
    let items: Vec<_> = rows
        .into_iter()
        .map(|one| ServiceRequestView::to_asker(one, today))
        .collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// What I ask for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceBody {
    /// Chosen by the app, so that a repeated request is known.
    #[schema(example = json!(null))]
    id: Option<ServiceRequestId>,
    /// Whom I ask: my home branch, unless the host where I am admitted is named.
    #[schema(example = json!(null))]
    organisation_id: Option<OrganisationId>,
    /// What for.
    kind: Kind,
    /// In my own words.
    #[schema(min_length = 1, max_length = 2000, example = "孩子秋季入学，如何报名？")]
    said: String,
}

impl Input for ServiceBody {
    type Meaning = Asked;

    fn read(self, faults: &mut Faults) -> Option<Asked> {
        Some(Asked {
            id: self.id,
            organisation: self.organisation_id,
            kind: self.kind,
            said: words("/said", self.said, faults)?,
        })
    }
}

/// Ask for help with work, a school, a rule, hardship, the law, or something else.
///
/// The organisation's people are told, and answer within the term of the kind; else the organisation above is told. The
/// same `id` again answers the request that is there and changes nothing.
#[utoipa::path(
    tag = "me",
    security(("token" = ["AskForServices"])),
    request_body = ServiceBody,
    responses((status = 201, body = ServiceRequestView)),
)]
#[post("/v1/me/service-requests")]
pub(crate) async fn ask(
    May(scope): May<AskForServices>,
    store: Data<Store>,
    Body(asked): Body<ServiceBody>,
) -> Result<Tagged<ServiceRequestView>, Failure> {
    let today = store.today();
    let request = store
        .write(move |tx| {
            let new = asked.under(|| tx.fresh());
            service_requests::ask(tx, &scope, new)
        })
        .await?;
    Ok(Tagged::created(ServiceRequestView::to_asker(request, today)))
}

/// One of my requests.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    params(ServiceRequestPath),
    responses((status = 200, body = ServiceRequestView)),
)]
#[get("/v1/me/service-requests/{id}")]
pub(crate) async fn show(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    path: Path<ServiceRequestPath>,
) -> Result<Tagged<ServiceRequestView>, Failure> {
    let today = store.today();
    let request = store
        .read(move |tx| service_requests::find_own(tx, &scope, path.id))
        .await?;
    Ok(Tagged::ok(ServiceRequestView::to_asker(request, today)))
}

/// Say that it is settled (办结).
#[utoipa::path(
    tag = "me",
    security(("token" = ["AskForServices"])),
    params(ServiceRequestPath, IfMatchHeader),
    responses((status = 200, body = ServiceRequestView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/me/service-requests/{id}/resolve")]
pub(crate) async fn resolve(
    May(scope): May<AskForServices>,
    store: Data<Store>,
    path: Path<ServiceRequestPath>,
    IfMatch(seen): IfMatch,
) -> Result<Tagged<ServiceRequestView>, Failure> {
    let today = store.today();
    let step = Step {
        of: (path.id, seen),
        said: None,
    };
    let request = store
        .write(move |tx| service_requests::act_own(tx, &scope, step, Some(Command::Resolve)))
        .await?;
    Ok(Tagged::ok(ServiceRequestView::to_asker(request, today)))
}

/// Ask again, and say what the answer left open: it is due anew.
#[utoipa::path(
    tag = "me",
    security(("token" = ["AskForServices"])),
    params(ServiceRequestPath, IfMatchHeader),
    request_body = SaidBody,
    responses((status = 200, body = ServiceRequestView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/me/service-requests/{id}/reopen")]
pub(crate) async fn reopen(
    May(scope): May<AskForServices>,
    store: Data<Store>,
    path: Path<ServiceRequestPath>,
    IfMatch(seen): IfMatch,
    Body(said): Body<SaidBody>,
) -> Result<Tagged<ServiceRequestView>, Failure> {
    let today = store.today();
    let step = Step {
        of: (path.id, seen),
        said: Some(said),
    };
    let request = store
        .write(move |tx| service_requests::act_own(tx, &scope, step, None))
        .await?;
    Ok(Tagged::ok(ServiceRequestView::to_asker(request, today)))
}

/// What the answer was worth.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RatingBody {
    /// The word.
    rating: Rating,
    /// More about it.
    #[schema(max_length = 1000, example = json!(null))]
    said: Option<String>,
}

impl Input for RatingBody {
    type Meaning = (Rating, Option<String>);

    fn read(self, _: &mut Faults) -> Option<Self::Meaning> {
        Some((self.rating, said(self.said)))
    }
}

/// Say what the answer was worth (评价): one of three words about the answer, not about a person.
#[utoipa::path(
    tag = "me",
    security(("token" = ["AskForServices"])),
    params(ServiceRequestPath, IfMatchHeader),
    request_body = RatingBody,
    responses((status = 200, body = ServiceRequestView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/me/service-requests/{id}/rate")]
pub(crate) async fn rate(
    May(scope): May<AskForServices>,
    store: Data<Store>,
    path: Path<ServiceRequestPath>,
    IfMatch(seen): IfMatch,
    Body((rating, said)): Body<RatingBody>,
) -> Result<Tagged<ServiceRequestView>, Failure> {
    let today = store.today();
    let step = Step {
        of: (path.id, seen),
        said,
    };
    let request = store
        .write(move |tx| service_requests::act_own(tx, &scope, step, Some(Command::Rate(rating))))
        .await?;
    Ok(Tagged::ok(ServiceRequestView::to_asker(request, today)))
}

/// Take a request back that has no answer yet.
#[utoipa::path(
    tag = "me",
    security(("token" = ["AskForServices"])),
    params(ServiceRequestPath, IfMatchHeader),
    responses((status = 200, body = ServiceRequestView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/me/service-requests/{id}/withdraw")]
pub(crate) async fn withdraw(
    May(scope): May<AskForServices>,
    store: Data<Store>,
    path: Path<ServiceRequestPath>,
    IfMatch(seen): IfMatch,
) -> Result<Tagged<ServiceRequestView>, Failure> {
    let today = store.today();
    let step = Step {
        of: (path.id, seen),
        said: None,
    };
    let request = store
        .write(move |tx| service_requests::act_own(tx, &scope, step, Some(Command::Withdraw)))
        .await?;
    Ok(Tagged::ok(ServiceRequestView::to_asker(request, today)))
}

/// Attach a file to one of my requests.
#[utoipa::path(
    tag = "me",
    security(("token" = ["AskForServices"])),
    params(ServiceRequestPath, IfMatchHeader),
    request_body(content = AttachmentBody, content_type = "multipart/form-data"),
    responses((status = 200, body = ServiceRequestView), (status = 409, description = "It has ended")),
)]
#[post("/v1/me/service-requests/{id}/attachments")]
pub(crate) async fn attach(
    May(scope): May<AskForServices>,
    store: Data<Store>,
    path: Path<ServiceRequestPath>,
    IfMatch(seen): IfMatch,
    form: Multipart,
) -> Result<Tagged<ServiceRequestView>, Failure> {
    let (of, looks, today) = ((path.id, seen), scope.clone(), store.today());
    store
        .read(move |tx| service_requests::takes_file_own(tx, &looks, of))
        .await?;
    let file = HandedIn::read(form, "file", LARGEST_ATTACHMENT).await?;
    let attach = move |tx: &mut persistence::Tx<'_>, file| service_requests::attach_own(tx, &scope, of, file);
    let request = keep(&store, file, attach).await?;
    Ok(Tagged::ok(ServiceRequestView::to_asker(request, today)))
}

/// Fetch a file of one of my requests.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    params(AttachmentPath),
    responses((status = 200, description = "The file as it was handed in", content(
        (String = "image/png"), (String = "image/jpeg"), (String = "image/webp"), (String = "application/pdf"),
    ))),
)]
#[get("/v1/me/service-requests/{id}/attachments/{file_id}")]
pub(crate) async fn attachment(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    path: Path<AttachmentPath>,
) -> Result<HttpResponse, Failure> {
    let file = store
        .read(move |tx| service_requests::attached_own(tx, &scope, path.id, path.file_id))
        .await?;
    fetched(&store, file).await
}
