//! What I ask my branch about my record (申请).
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use domain::access::{ChangeOwnRecord, ReadOwnRecord};
use domain::id::RequestId;
use domain::request::RequestKind;
use persistence::requests::NewRequest;
use persistence::{Store, requests};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answer::Tagged;
use crate::extract::{Body, CursorKey, Faults, Input, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::said;
use crate::routes::members::phone;
use crate::routes::requests::RequestView;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(ask);
}

/// What I ask for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestBody {
    /// Chosen by the app, so that a repeated request is known.
    #[schema(example = json!(null))]
    id: Option<RequestId>,
    /// What is asked for.
    kind: RequestKind,
    /// In one's own words; needed for a correction.
    #[schema(max_length = 1000, example = "入党日期应为 1992 年 7 月 1 日")]
    said: Option<String>,
    /// The new number; for a change of it, and needed there.
    #[schema(max_length = 32, example = json!(null))]
    phone: Option<String>,
}

impl Input for RequestBody {
    type Meaning = (
        Option<RequestId>,
        RequestKind,
        Option<String>,
        Option<domain::phone::Phone>,
    );

    fn read(self, faults: &mut Faults) -> Option<Self::Meaning> {
        let (text, given) = (said(self.said), said(self.phone));
        if self.kind == RequestKind::Correction && text.is_none() {
            faults.add("/said", "required");
        }
        match (self.kind, &given) {
            (RequestKind::Phone, None) => faults.add("/phone", "required"),
            (RequestKind::Phone, Some(_)) | (_, None) => {}
            (_, Some(_)) => faults.add("/phone", "not_for_this_kind"),
        }
        Some((self.id, self.kind, text, phone(given, faults)))
    }
}

/// What I have asked for, newest first.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    params(PageQuery),
    responses((status = 200, body = Page<RequestView>)),
)]
#[get("/v1/me/requests")]
pub(crate) async fn list(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, before) = (page.limit()?, page.position::<RequestId>(&cursors)?);
    let rows = store
        .read(move |tx| requests::list_own(tx, &scope, before, limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |row| row.id)?;
    let items: Vec<RequestView> = rows.into_iter().map(RequestView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// Ask my branch to correct or erase something, or to change my phone number.
///
/// The branch answers, and I am told. The same `id` again answers the request that is there and changes nothing; another
/// number asked for takes the place of the one before.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ChangeOwnRecord"])),
    request_body = RequestBody,
    responses((status = 201, body = RequestView)),
)]
#[post("/v1/me/requests")]
pub(crate) async fn ask(
    May(scope): May<ChangeOwnRecord>,
    store: Data<Store>,
    Body((id, kind, said, phone)): Body<RequestBody>,
) -> Result<Tagged<RequestView>, Failure> {
    let request = store
        .write(move |tx| {
            let id = id.unwrap_or_else(|| tx.fresh());
            requests::make(tx, &scope, NewRequest { id, kind, said, phone })
        })
        .await?;
    Ok(Tagged::created(request.into()))
}
