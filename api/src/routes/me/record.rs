//! The member's own record: what is kept, what of it the member changes, and who looked.
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use chrono::{DateTime, NaiveTime, Utc};
use domain::access::{ChangeOwnRecord, ReadOwnRecord};
use domain::calendar::BirthdayCalendar;
use domain::id::EntryId;
use persistence::members::{self, Member, OwnChange, Pending};
use persistence::trail::AuditEntry;
use persistence::{Store, email_changes};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::answer::{Tagged, Versioned};
use crate::extract::{
    Body, Clearable, CursorKey, Faults, IfMatch, IfMatchHeader, Input, May, Page, PageQuery, Query, clearable, cut,
};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::members::{MemberView, email, phone};

pub(super) fn configure(config: &mut Routes<'_>) {
    config
        .service(show)
        .service(change)
        .service(confirm_email)
        .service(access_log);
}

/// My record, and what of it is about to change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnView {
    /// The record.
    #[serde(flatten)]
    record: MemberView,
    /// What I have asked for and do not have yet.
    pending: PendingView,
}

/// What a member has asked for and does not have yet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PendingView {
    /// The address that waits for the code which was mailed to it.
    #[schema(example = "wang.fang@example.org")]
    email: Option<String>,
    /// The number that waits for the branch's confirmation, masked.
    #[schema(example = "199****0002")]
    phone: Option<String>,
}

impl Versioned for OwnView {
    fn version(&self) -> i32 {
        self.record.version()
    }
}

impl From<(Member, Pending)> for OwnView {
    fn from((member, pending): (Member, Pending)) -> Self {
        Self {
            record: member.into(),
            pending: PendingView {
                email: pending.email,
                phone: pending.phone.map(|phone| phone.masked()),
            },
        }
    }
}

/// My record.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    responses((status = 200, body = OwnView)),
)]
#[get("/v1/me")]
pub(crate) async fn show(May(scope): May<ReadOwnRecord>, store: Data<Store>) -> Result<Tagged<OwnView>, Failure> {
    let own = store.read(move |tx| members::find_own_whole(tx, &scope)).await?;
    Ok(Tagged::ok(own.into()))
}

/// A change of my record: what is absent stays as it is, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnPatch {
    /// 电子邮箱: a new one counts once the code that is mailed to it has come back; null clears it at once.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, max_length = 254, example = "wang.fang@example.org")]
    email: Clearable<String>,
    /// 手机号码: a new one counts once the branch has confirmed it; the old one stays until then.
    #[schema(max_length = 32, example = "19900000002")]
    phone: Option<String>,
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
            phone: phone(self.phone, faults),
            language: self.language,
            birthday_calendar: self.birthday_calendar,
            by_email: self.by_email,
            quiet_from,
            quiet_until,
        })
    }
}

/// Change my record. A new e-mail address or phone number is `pending` until it is confirmed.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ChangeOwnRecord"])),
    params(IfMatchHeader),
    request_body = OwnPatch,
    responses((status = 200, body = OwnView)),
)]
#[patch("/v1/me")]
pub(crate) async fn change(
    May(scope): May<ChangeOwnRecord>,
    store: Data<Store>,
    IfMatch(seen): IfMatch,
    Body(change): Body<OwnPatch>,
) -> Result<Tagged<OwnView>, Failure> {
    let own = store
        .write(move |tx| members::change_own(tx, &scope, seen, change))
        .await?;
    Ok(Tagged::ok(own.into()))
}

/// The code that was mailed to a new address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeBody {
    /// Six digits; good for an hour and for five attempts.
    #[schema(pattern = "^[0-9]{6}$", example = "042731")]
    code: String,
}

impl Input for CodeBody {
    type Meaning = String;

    fn read(self, _: &mut Faults) -> Option<String> {
        Some(self.code)
    }
}

/// Confirm a new e-mail address with the code that was mailed to it.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ChangeOwnRecord"])),
    request_body = CodeBody,
    responses((status = 200, body = OwnView)),
)]
#[post("/v1/me/email/confirm")]
pub(crate) async fn confirm_email(
    May(scope): May<ChangeOwnRecord>,
    store: Data<Store>,
    Body(code): Body<CodeBody>,
) -> Result<Tagged<OwnView>, Failure> {
    let own = store.write(move |tx| email_changes::confirm(tx, &scope, &code)).await?;
    let own = own.ok_or_else(|| Failure::invalid("/code", "code_wrong"))?;
    Ok(Tagged::ok(own.into()))
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
