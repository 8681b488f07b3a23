//! What a webhook was told, and what is sent by hand.
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use domain::access::ManageWebhooks;
use domain::id::{DeliveryId, WebhookId};
use domain::webhook::DeliveryState;
use persistence::Store;
use persistence::webhooks;
use serde::Deserialize;
use utoipa::IntoParams;

use super::WebhookPath;
use super::view::DeliveryView;
use crate::extract::{CursorKey, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(ping).service(list).service(redeliver);
}

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DeliveryQuery {
    /// How far they have come.
    state: Option<DeliveryState>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Which delivery.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct DeliveryPath {
    /// The webhook's id.
    id: WebhookId,
    /// The delivery's id.
    delivery_id: DeliveryId,
}

/// Send a webhook something that means nothing, to see whether it arrives.
#[utoipa::path(
    tag = "webhooks",
    security(("token" = ["ManageWebhooks"])),
    params(WebhookPath),
    responses((status = 201, body = DeliveryView), (status = 409, description = "It is not told anything")),
)]
#[post("/v1/webhooks/{id}/ping")]
pub(crate) async fn ping(
    May(scope): May<ManageWebhooks>,
    store: Data<Store>,
    path: Path<WebhookPath>,
) -> Result<HttpResponse, Failure> {
    let sent = store.write(move |tx| webhooks::ping(tx, &scope, path.id)).await?;
    Ok(HttpResponse::Created().json(DeliveryView::from(sent)))
}

/// What a webhook was told in the last thirty days, with each attempt, the latest first.
#[utoipa::path(
    tag = "webhooks",
    security(("token" = ["ManageWebhooks"])),
    params(WebhookPath, DeliveryQuery),
    responses((status = 200, body = Page<DeliveryView>)),
)]
#[get("/v1/webhooks/{id}/deliveries")]
pub(crate) async fn list(
    May(scope): May<ManageWebhooks>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    path: Path<WebhookPath>,
    Query(query): Query<DeliveryQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (state, page) = (
        query.state,
        PageQuery {
            limit: query.limit,
            cursor: query.cursor,
        },
    );
    let (limit, before) = (page.limit()?, page.position::<DeliveryId>(&cursors)?);
    let rows = store
        .read(move |tx| webhooks::deliveries(tx, &scope, path.id, state, before, limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |row| row.id)?;
    let items: Vec<DeliveryView> = rows.into_iter().map(DeliveryView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// Send again what has arrived or was given up: the same, under the same id.
#[utoipa::path(
    tag = "webhooks",
    security(("token" = ["ManageWebhooks"])),
    params(DeliveryPath),
    responses(
        (status = 200, body = DeliveryView),
        (status = 409, description = "It still waits, or the webhook is not told anything"),
    ),
)]
#[post("/v1/webhooks/{id}/deliveries/{delivery_id}/redeliver")]
pub(crate) async fn redeliver(
    May(scope): May<ManageWebhooks>,
    store: Data<Store>,
    path: Path<DeliveryPath>,
) -> Result<Json<DeliveryView>, Failure> {
    let (id, delivery) = (path.id, path.delivery_id);
    let again = store
        .write(move |tx| webhooks::redeliver(tx, &scope, id, delivery))
        .await?;
    Ok(Json(again.into()))
}
