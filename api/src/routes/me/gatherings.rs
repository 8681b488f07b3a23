//! The member's own gatherings: seen, attended, excused, written about; what was learned; and the private calendar.
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put};
use chrono::{DateTime, Utc};
use domain::access::{ChangeOwnRecord, ReadOwnRecord, ReportOwnMoves};
use persistence::gatherings::{self, Feed, GatheringPosition, OwnGathering};
use persistence::{Store, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer::recorded;
use crate::auth::Desk;
use crate::auth::token::refresh_token;
use crate::extract::{Body, CursorKey, Faults, Input, Language, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::{Failure, Fault};
use crate::routes::gatherings::{Entry, GatheringPath, LearnedView, OwnGatheringView, calendar, no_code, written};
use crate::routes::kite::{reason_in, said};

pub(super) fn configure(config: &mut Routes<'_>) {
    config
        .service(list)
        .service(show)
        .service(show_ics)
        .service(attend)
        .service(excuse);
    config.service(write).service(take_back).service(learning);
    config
        .service(show_feed)
        .service(make_feed)
        .service(revoke_feed)
        .service(read_feed);
}

/// My gatherings, the latest first: those that I am invited to, and those that were.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    params(PageQuery),
    responses((status = 200, body = Page<OwnGatheringView>)),
)]
#[get("/v1/me/gatherings")]
pub(crate) async fn list(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<GatheringPosition>(&cursors)?);
    let rows = store
        .read(move |tx| gatherings::list_own(tx, &scope, after, limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, OwnGathering::position)?;
    let items: Vec<OwnGatheringView> = rows.into_iter().map(OwnGatheringView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// A gathering on whose list I am.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    params(GatheringPath),
    responses((status = 200, body = OwnGatheringView)),
)]
#[get("/v1/me/gatherings/{id}")]
pub(crate) async fn show(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    path: Path<GatheringPath>,
) -> Result<Json<OwnGatheringView>, Failure> {
    let own = store.read(move |tx| gatherings::find_own(tx, &scope, path.id)).await?;
    Ok(Json(own.into()))
}

fn entry(own: &OwnGathering) -> Entry<'_> {
    Entry {
        gathering: &own.gathering,
        organisation: &own.organisation_name,
        lecturer: own.lecturer_name.as_deref(),
        updated_at: own.updated_at,
    }
}

/// A gathering on whose list I am, for my calendar (`.ics`).
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    params(GatheringPath),
    responses((status = 200, body = String, content_type = "text/calendar")),
)]
#[get("/v1/me/gatherings/{id}/calendar.ics")]
pub(crate) async fn show_ics(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    language: Language,
    path: Path<GatheringPath>,
) -> Result<HttpResponse, Failure> {
    let own = store.read(move |tx| gatherings::find_own(tx, &scope, path.id)).await?;
    Ok(written(calendar([entry(&own)].into_iter(), language)))
}

/// That I am there: what the code at the place says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "eyJ0eXAiOiJraXRlbGluZS1nYXRoZXJpbmcrand0Iiwi…", "recorded_at": "2027-01-25T00:56:00Z" }))]
struct AttendBody {
    /// What the picture holds.
    #[schema(max_length = 2000)]
    code: String,
    /// When the phone read it, by its clock; now unless said. A phone that had no network tells up to three days later.
    recorded_at: Option<DateTime<Utc>>,
}

impl Input for AttendBody {
    type Meaning = Self;

    fn read(self, _: &mut Faults) -> Option<Self> {
        Some(self)
    }
}

/// Say that I am at a gathering, with the code that is shown there (扫码签到).
///
/// Counts once: sent again it answers 200 and changes nothing. Whoever is there is put on the list, invited or not. A code
/// is good for ten minutes; one that was read in time may be told later.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReportOwnMoves"])),
    params(GatheringPath),
    request_body = AttendBody,
    responses(
        (status = 201, body = OwnGatheringView),
        (status = 200, description = "It was known before; nothing has changed", body = OwnGatheringView),
        (status = 409, description = "It was called off"),
    ),
)]
#[post("/v1/me/gatherings/{id}/attend")]
pub(crate) async fn attend(
    May(scope): May<ReportOwnMoves>,
    store: Data<Store>,
    desk: Data<Desk>,
    path: Path<GatheringPath>,
    Body(said): Body<AttendBody>,
) -> Result<HttpResponse, Failure> {
    let (gathering, minutes) = desk.signer().gathering_of(&said.code).map_err(|why| no_code(&why))?;
    if gathering != path.id {
        return Err(Failure::invalid("/code", "attendance_code_other_gathering"));
    }
    let now = store.now();
    let at = minutes.read_at(said.recorded_at.unwrap_or(now), now).ok_or_else(|| {
        let until = minutes.until.to_rfc3339();
        Failure::Invalid(vec![Fault::new("/code", "attendance_code_expired", until)])
    })?;
    let (own, new) = store
        .write(move |tx| gatherings::attend(tx, &scope, gathering, at))
        .await?;
    Ok(recorded(OwnGatheringView::from(own), new))
}

/// Why I cannot come.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExcuseBody {
    /// Why; whoever leads the gathering reads it.
    #[schema(min_length = 1, max_length = 500, example = "当天上夜班")]
    reason: String,
}

impl Input for ExcuseBody {
    type Meaning = String;

    fn read(self, faults: &mut Faults) -> Option<String> {
        reason_in(self.reason, faults)
    }
}

/// Say that I cannot come to a gathering, and why. Who comes after all scans the code as anybody.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReportOwnMoves"])),
    params(GatheringPath),
    request_body = ExcuseBody,
    responses((status = 200, body = OwnGatheringView), (status = 409, description = "Not possible any more")),
)]
#[post("/v1/me/gatherings/{id}/excuse")]
pub(crate) async fn excuse(
    May(scope): May<ReportOwnMoves>,
    store: Data<Store>,
    path: Path<GatheringPath>,
    Body(reason): Body<ExcuseBody>,
) -> Result<Json<OwnGatheringView>, Failure> {
    let own = store
        .write(move |tx| gatherings::excuse(tx, &scope, path.id, reason))
        .await?;
    Ok(Json(own.into()))
}

/// What I have to say about a gathering.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReflectionBody {
    /// In my words.
    #[schema(
        min_length = 1,
        max_length = 5000,
        example = "入党二十六年，第一次和大家一起过政治生日"
    )]
    text: String,
    /// Whether whoever leads the gathering may read it; nobody may unless I say so.
    #[serde(default)]
    #[schema(example = false)]
    shared: bool,
}

impl Input for ReflectionBody {
    type Meaning = (String, bool);

    fn read(self, faults: &mut Faults) -> Option<Self::Meaning> {
        let text = said(Some(self.text));
        if text.is_none() {
            faults.add("/text", "required");
        }
        Some((text?, self.shared))
    }
}

/// Write what I have to say about a gathering (感言), in place of what I wrote before. Only I read it, unless I share it.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ChangeOwnRecord"])),
    params(GatheringPath),
    request_body = ReflectionBody,
    responses((status = 200, body = OwnGatheringView)),
)]
#[put("/v1/me/gatherings/{id}/reflection")]
pub(crate) async fn write(
    May(scope): May<ChangeOwnRecord>,
    store: Data<Store>,
    path: Path<GatheringPath>,
    Body((text, shared)): Body<ReflectionBody>,
) -> Result<Json<OwnGatheringView>, Failure> {
    let own = store
        .write(move |tx| gatherings::write(tx, &scope, path.id, (&text, shared)))
        .await?;
    Ok(Json(own.into()))
}

/// Take back what I wrote about a gathering: nothing of it stays.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ChangeOwnRecord"])),
    params(GatheringPath),
    responses((status = 204, description = "It is gone")),
)]
#[delete("/v1/me/gatherings/{id}/reflection")]
pub(crate) async fn take_back(
    May(scope): May<ChangeOwnRecord>,
    store: Data<Store>,
    path: Path<GatheringPath>,
) -> Result<HttpResponse, Failure> {
    store
        .write(move |tx| gatherings::take_back(tx, &scope, path.id))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What I learned at gatherings, by year.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    responses((status = 200, body = LearnedView)),
)]
#[get("/v1/me/learning")]
pub(crate) async fn learning(May(scope): May<ReadOwnRecord>, store: Data<Store>) -> Result<Json<LearnedView>, Failure> {
    let learned = store.read(move |tx| gatherings::learned_by_me(tx, &scope)).await?;
    Ok(Json(learned.into()))
}

/// My private calendar.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedView {
    /// Since when it has its present address; null where it has none.
    created_at: Option<DateTime<Utc>>,
}

impl From<Option<Feed>> for FeedView {
    fn from(feed: Option<Feed>) -> Self {
        Self {
            created_at: feed.map(|feed| feed.created_at),
        }
    }
}

/// My private calendar with its address, which is shown only once.
#[derive(Debug, Serialize, ToSchema)]
struct NewFeedView {
    /// The address on this server: whoever has it reads my gatherings, until I take it back.
    #[schema(example = "/v1/calendars/q0m9n3x7….ics")]
    path: String,
    #[serde(flatten)]
    feed: FeedView,
}

/// Whether I have a private calendar.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    responses((status = 200, body = FeedView)),
)]
#[get("/v1/me/calendar-feed")]
pub(crate) async fn show_feed(May(scope): May<ReadOwnRecord>, store: Data<Store>) -> Result<Json<FeedView>, Failure> {
    let feed = store.read(move |tx| gatherings::find_own_feed(tx, &scope)).await?;
    Ok(Json(feed.into()))
}

/// Give my calendar an address that my phone can fetch without logging in; one that it had before leads nowhere.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ChangeOwnRecord"])),
    responses((status = 201, body = NewFeedView)),
)]
#[post("/v1/me/calendar-feed")]
pub(crate) async fn make_feed(May(scope): May<ChangeOwnRecord>, store: Data<Store>) -> Result<HttpResponse, Failure> {
    let secret = refresh_token();
    let path = format!("/v1/calendars/{secret}.ics");
    let feed = store
        .write(move |tx| gatherings::make_feed(tx, &scope, &secret))
        .await?;
    let view = NewFeedView {
        path,
        feed: Some(feed).into(),
    };
    Ok(HttpResponse::build(StatusCode::CREATED).json(view))
}

/// Take the address of my calendar back; twice is the same.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ChangeOwnRecord"])),
    responses((status = 204, description = "It leads nowhere")),
)]
#[delete("/v1/me/calendar-feed")]
pub(crate) async fn revoke_feed(May(scope): May<ChangeOwnRecord>, store: Data<Store>) -> Result<HttpResponse, Failure> {
    store.write(move |tx| gatherings::revoke_feed(tx, &scope)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whose calendar.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct FeedPath {
    /// The secret of its address, with or without `.ics`.
    #[param(max_length = 100)]
    secret: String,
}

/// A member's private calendar (`.ics`), by the secret in its address.
///
/// Who has the address reads it. A wrong address and one that was taken back are answered alike.
#[utoipa::path(
    tag = "me",
    params(FeedPath),
    responses((status = 200, body = String, content_type = "text/calendar")),
)]
#[get("/v1/calendars/{secret}")]
pub(crate) async fn read_feed(
    store: Data<Store>,
    language: Language,
    path: Path<FeedPath>,
) -> Result<HttpResponse, Failure> {
    let secret = path.into_inner().secret;
    let secret = secret.strip_suffix(".ics").map_or(secret.clone(), ToOwned::to_owned);
    let found = store.read(move |tx| gatherings::feed_of(tx, &secret)).await;
    let found = found.map_err(|error: StoreError| Failure::from(error))?;
    Ok(written(calendar(found.iter().map(entry), language)))
}
