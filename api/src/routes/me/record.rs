//! The member's own record: what is kept, what of it the member changes, and who looked.
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, patch};
use chrono::{DateTime, NaiveTime, Utc};
use domain::access::{ChangeOwnRecord, ReadOwnRecord};
use domain::calendar::BirthdayCalendar;
use domain::id::EntryId;
use persistence::journeys::Powers;
use persistence::members::{self, OwnChange};
use persistence::trail::AuditEntry;
use persistence::{Store, checkins, journeys};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::checkins::CheckInView;
use crate::answer::Tagged;
use crate::extract::{
    Body, Clearable, CursorKey, Faults, IfMatch, IfMatchHeader, Input, May, Page, PageQuery, Query, clearable, cut,
};
use crate::problem::Failure;
use crate::routes::kite::{JourneyView, TimelineEntry};
use crate::routes::members::{MemberView, email};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(show).service(change).service(access_log).service(data);
}

/// My record.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    responses((status = 200, body = MemberView)),
)]
#[get("/v1/me")]
pub(crate) async fn show(May(scope): May<ReadOwnRecord>, store: Data<Store>) -> Result<Tagged<MemberView>, Failure> {
    let member = store.glance(move |tx| members::find_own(tx, &scope)).await?;
    Ok(Tagged::ok(member.into()))
}

/// A change of my record: what is absent stays as it is, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnPatch {
    /// 电子邮箱.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, max_length = 254, example = "wang.fang@example.org")]
    email: Clearable<String>,
    /// The language that I am written to in.
    #[schema(pattern = "^(zh-CN|en)$", example = "zh-CN")]
    language: Option<String>,
    /// The calendar by which I keep my birthday.
    birthday_calendar: Option<BirthdayCalendar>,
    /// Whether greetings and prompts also go by e-mail.
    #[schema(example = true)]
    by_email: Option<bool>,
    /// The first quiet moment, in the deployment's zone.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "21:00")]
    quiet_from: Option<String>,
    /// The first moment that is not quiet any more; the same as `quiet_from` for no quiet hours.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "08:00")]
    quiet_until: Option<String>,
}

impl Input for OwnPatch {
    type Meaning = OwnChange;

    fn read(self, faults: &mut Faults) -> Option<OwnChange> {
        let mut time = |pointer: &str, text: Option<String>| {
            faults.take(pointer, NaiveTime::parse_from_str(&text?, "%H:%M"), |_| "malformed")
        };
        let quiet_from = time("/quiet_from", self.quiet_from);
        let quiet_until = time("/quiet_until", self.quiet_until);
        Some(OwnChange {
            email: self.email.map(|text| email(text, faults)),
            language: self.language,
            birthday_calendar: self.birthday_calendar,
            by_email: self.by_email,
            quiet_from,
            quiet_until,
        })
    }
}

/// Change my record.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ChangeOwnRecord"])),
    params(IfMatchHeader),
    request_body = OwnPatch,
    responses((status = 200, body = MemberView)),
)]
#[patch("/v1/me")]
pub(crate) async fn change(
    May(scope): May<ChangeOwnRecord>,
    store: Data<Store>,
    IfMatch(seen): IfMatch,
    Body(change): Body<OwnPatch>,
) -> Result<Tagged<MemberView>, Failure> {
    let member = store
        .write(move |tx| members::change_own(tx, &scope, seen, change))
        .await?;
    Ok(Tagged::ok(member.into()))
}

/// Who looked, or changed something.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccessView {
    /// Its id; ids grow with time.
    id: EntryId,
    /// When.
    at: DateTime<Utc>,
    /// Who.
    #[schema(example = "李书记")]
    who: String,
    /// What, a stable word.
    #[schema(example = "phone_revealed")]
    action: String,
    /// More facts, such as the reason.
    #[schema(value_type = Option<Object>, example = json!({"reason": "联系不上，需要打电话"}))]
    detail: Option<Value>,
}

impl From<AuditEntry> for AccessView {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id,
            at: entry.at,
            who: entry.who.name,
            action: entry.action,
            detail: entry.detail,
        }
    }
}

/// Who looked at my record or changed it, newest first.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    params(PageQuery),
    responses((status = 200, body = Page<AccessView>)),
)]
#[get("/v1/me/access-log")]
pub(crate) async fn access_log(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, before) = (page.limit()?, page.position::<EntryId>(&cursors)?);
    let entries = store
        .glance(move |tx| members::access_log(tx, &scope, before, limit + 1))
        .await?;
    let (entries, next_cursor) = cut(entries, limit, &cursors, |entry| entry.id)?;
    let items: Vec<AccessView> = entries.into_iter().map(AccessView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// Everything that is held about me.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DataView {
    /// The record.
    record: MemberView,
    /// Every journey, oldest first.
    journeys: Vec<JourneyView>,
    /// Every check-in, newest first.
    checkins: Vec<CheckInView>,
    /// The whole timeline, oldest first: stays and hand-overs are told there.
    timeline: Vec<TimelineEntry>,
    /// Who looked or changed something, newest first.
    access_log: Vec<AccessView>,
}

/// Everything that is held about me, whole.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    responses((status = 200, body = DataView)),
)]
#[get("/v1/me/data")]
pub(crate) async fn data(May(scope): May<ReadOwnRecord>, store: Data<Store>) -> Result<HttpResponse, Failure> {
    let today = store.today();
    let held = store
        .read(move |tx| {
            let journeys = journeys::all_own(tx, &scope)?;
            let checkins = checkins::list_own(tx, &scope, None, i64::MAX)?;
            let timeline = members::own_timeline(tx, &scope, None, i64::MAX)?;
            let log = members::access_log(tx, &scope, None, i64::MAX)?;
            let mine = |one| JourneyView::of(one, today, &Powers::of_the_member());
            Ok(DataView {
                record: members::find_own(tx, &scope)?.into(),
                journeys: journeys.into_iter().map(mine).collect(),
                checkins: checkins.into_iter().map(CheckInView::from).collect(),
                timeline: timeline.into_iter().map(TimelineEntry::from).collect(),
                access_log: log.into_iter().map(AccessView::from).collect(),
            })
        })
        .await?;
    Ok(HttpResponse::Ok().json(held))
}
