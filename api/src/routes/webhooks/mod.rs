//! Webhooks: other systems that are told what happens, for administrators.
mod deliveries;
mod view;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use chrono::TimeDelta;
use domain::access::ManageWebhooks;
use domain::id::{OrganisationId, WebhookId};
use domain::webhook::{EventKind, OVERLAP_HOURS};
use notifications::webhooks::Guard;
use persistence::webhooks::{self, NewWebhook, WebhookChange};
use persistence::{Position, Store};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use self::view::{WebhookSecretView, WebhookView};
use super::kite::said;
use crate::answer::Tagged;
use crate::extract::{
    Body, Clearable, CursorKey, Faults, IfMatch, IfMatchHeader, Input, May, Page, PageQuery, Query, clearable, cut,
};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(crate) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(create).service(show).service(change);
    config.service(remove).service(rotate);
    config.configure(deliveries::configure);
}

/// Which webhook.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct WebhookPath {
    /// The webhook's id.
    id: WebhookId,
}

/// Which webhooks.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookQuery {
    /// Of this organisation and those below it.
    organisation_id: Option<OrganisationId>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A new webhook.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWebhookBody {
    /// Whose subtree it is told of.
    organisation_id: OrganisationId,
    /// Where events are sent: `https://`, no password in it. Private addresses are refused, here and again at each
    /// connection, unless the deployment allows them.
    #[schema(min_length = 1, max_length = 500, example = "https://hooks.example.org/kiteline")]
    url: String,
    /// What it is for.
    #[schema(max_length = 200, example = "政务数据平台")]
    description: Option<String>,
    /// Which events it is told; `webhook.ping` comes to whoever asks for it.
    #[schema(min_items = 1, max_items = 100, example = json!(["journey.departed", "stay.admitted"]))]
    events: Vec<EventKind>,
}

impl Input for NewWebhookBody {
    type Meaning = NewWebhook;

    fn read(self, faults: &mut Faults) -> Option<NewWebhook> {
        let events = chosen(self.events, faults);
        Some(NewWebhook {
            id: WebhookId(uuid::Uuid::nil()),
            organisation: self.organisation_id,
            url: self.url.trim().to_owned(),
            description: said(self.description),
            events: events?,
        })
    }
}

/// Events that can be chosen.
fn chosen(events: Vec<EventKind>, faults: &mut Faults) -> Option<Vec<EventKind>> {
    let mut good = true;
    for (place, _) in events.iter().enumerate().filter(|(_, kind)| !kind.is_chosen()) {
        faults.add(&format!("/events/{place}"), "event_not_chosen");
        good = false;
    }
    good.then_some(events)
}

/// A change: what is absent stays as it is, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookPatch {
    /// Where events are sent; what waits goes there as well.
    #[schema(min_length = 1, max_length = 500, example = "https://hooks.example.org/kiteline")]
    url: Option<String>,
    /// What it is for.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, max_length = 200, example = "政务数据平台")]
    description: Clearable<String>,
    /// Which events it is told from now on.
    #[schema(min_items = 1, max_items = 100, example = json!(["journey.departed", "stay.admitted"]))]
    events: Option<Vec<EventKind>>,
    /// `false` stops it, `true` lets it go on, also where it was disabled because it had failed for too long.
    #[schema(example = true)]
    active: Option<bool>,
}

impl Input for WebhookPatch {
    type Meaning = WebhookChange;

    fn read(self, faults: &mut Faults) -> Option<WebhookChange> {
        Some(WebhookChange {
            url: self.url.map(|url| url.trim().to_owned()),
            description: self.description.map(said),
            events: self.events.and_then(|events| chosen(events, faults)),
            active: self.active,
        })
    }
}

/// How a secret is changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotateBody {
    /// Hours for which the secret before signs as well, so that the other system can change over: 0 to 168, 24 unless
    /// said.
    #[schema(minimum = 0, maximum = 168, example = 24)]
    overlap_hours: Option<u16>,
}

impl Input for RotateBody {
    type Meaning = TimeDelta;

    fn read(self, _: &mut Faults) -> Option<TimeDelta> {
        Some(TimeDelta::hours(self.overlap_hours.unwrap_or(OVERLAP_HOURS).into()))
    }
}

/// Refuses an address that nothing may be sent to.
async fn look_at(guard: Guard, url: &str) -> Result<(), Failure> {
    let looked = guard.look_at(url).await;
    looked.map_err(|why| Failure::invalid("/url", why.code()))
}

/// The webhooks of the scope, in the order of the tree.
#[utoipa::path(
    tag = "webhooks",
    security(("token" = ["ManageWebhooks"])),
    params(WebhookQuery),
    responses((status = 200, body = Page<WebhookView>)),
)]
#[get("/v1/webhooks")]
pub(crate) async fn list(
    May(scope): May<ManageWebhooks>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(query): Query<WebhookQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let page = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let (limit, after) = (page.limit()?, page.position::<Position>(&cursors)?);
    let under = query.organisation_id;
    let rows = store
        .read(move |tx| webhooks::list(tx, &scope, under, after.as_ref(), limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |row| Position {
        path: row.path.clone(),
        id: row.id.0,
    })?;
    let items: Vec<WebhookView> = rows.into_iter().map(WebhookView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// Add a webhook: another system that is told what happens in an organisation's subtree. The secret is shown this once.
#[utoipa::path(
    tag = "webhooks",
    security(("token" = ["ManageWebhooks"])),
    request_body = NewWebhookBody,
    responses((status = 201, body = WebhookSecretView), (status = 404)),
)]
#[post("/v1/webhooks")]
pub(crate) async fn create(
    May(scope): May<ManageWebhooks>,
    store: Data<Store>,
    guard: Data<Guard>,
    Body(new): Body<NewWebhookBody>,
) -> Result<Tagged<WebhookSecretView>, Failure> {
    look_at(**guard, &new.url).await?;
    let made = store
        .write(move |tx| {
            let id = tx.fresh();
            webhooks::create(tx, &scope, NewWebhook { id, ..new })
        })
        .await?;
    Ok(Tagged::created(made.into()))
}

/// Show a webhook.
#[utoipa::path(
    tag = "webhooks",
    security(("token" = ["ManageWebhooks"])),
    params(WebhookPath),
    responses((status = 200, body = WebhookView)),
)]
#[get("/v1/webhooks/{id}")]
pub(crate) async fn show(
    May(scope): May<ManageWebhooks>,
    store: Data<Store>,
    path: Path<WebhookPath>,
) -> Result<Tagged<WebhookView>, Failure> {
    let found = store.read(move |tx| webhooks::find(tx, &scope, path.id)).await?;
    Ok(Tagged::ok(found.into()))
}

/// Change a webhook: its address, its events, whether it is told anything.
#[utoipa::path(
    tag = "webhooks",
    security(("token" = ["ManageWebhooks"])),
    params(WebhookPath, IfMatchHeader),
    request_body = WebhookPatch,
    responses((status = 200, body = WebhookView)),
)]
#[patch("/v1/webhooks/{id}")]
pub(crate) async fn change(
    May(scope): May<ManageWebhooks>,
    store: Data<Store>,
    guard: Data<Guard>,
    path: Path<WebhookPath>,
    IfMatch(seen): IfMatch,
    Body(change): Body<WebhookPatch>,
) -> Result<Tagged<WebhookView>, Failure> {
    if let Some(url) = &change.url {
        look_at(**guard, url).await?;
    }
    let changed = store
        .write(move |tx| webhooks::change(tx, &scope, path.id, seen, change))
        .await?;
    Ok(Tagged::ok(changed.into()))
}

/// Take a webhook away, with the log of what it was told.
#[utoipa::path(
    tag = "webhooks",
    security(("token" = ["ManageWebhooks"])),
    params(WebhookPath, IfMatchHeader),
    responses((status = 204, description = "Taken away")),
)]
#[delete("/v1/webhooks/{id}")]
pub(crate) async fn remove(
    May(scope): May<ManageWebhooks>,
    store: Data<Store>,
    path: Path<WebhookPath>,
    IfMatch(seen): IfMatch,
) -> Result<HttpResponse, Failure> {
    store
        .write(move |tx| webhooks::remove(tx, &scope, path.id, seen))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Give a webhook another secret, shown this once; for a while both sign.
#[utoipa::path(
    tag = "webhooks",
    security(("token" = ["ManageWebhooks"])),
    params(WebhookPath, IfMatchHeader),
    request_body = RotateBody,
    responses((status = 200, body = WebhookSecretView)),
)]
#[post("/v1/webhooks/{id}/rotate-secret")]
pub(crate) async fn rotate(
    May(scope): May<ManageWebhooks>,
    store: Data<Store>,
    path: Path<WebhookPath>,
    IfMatch(seen): IfMatch,
    Body(overlap): Body<RotateBody>,
) -> Result<Tagged<WebhookSecretView>, Failure> {
    let rotated = store
        .write(move |tx| webhooks::rotate(tx, &scope, path.id, seen, overlap))
        .await?;
    Ok(Tagged::ok(rotated.into()))
}
