//! Everything that is held about a member, whole.
use std::rc::Rc;

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use chrono::{DateTime, Utc};
use domain::access::ReadOwnRecord;
use domain::file::{FilePurpose, FileType};
use domain::id::{FileId, StayId};
use domain::stay::Source;
use persistence::files::FileRecord;
use persistence::inbox::{self, Owner};
use persistence::journeys::Powers;
use persistence::stays::KeptReport;
use persistence::{
    Store, checkins, contacts, files, gatherings, gifts, journeys, members, phones, requests, service_requests,
    sessions, stays, visits, wishes,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::checkins::CheckInView;
use super::gatherings::FeedView;
use super::inbox::MessageView;
use super::record::{AccessView, OwnView};
use crate::extract::{InSession, May};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::auth::SessionView;
use crate::routes::gatherings::OwnGatheringView;
use crate::routes::kite::{ContactView, JourneyView, TimelineEntry};
use crate::routes::magnet::{StayView, VisitView};
use crate::routes::members::PhoneView;
use crate::routes::requests::RequestView;
use crate::routes::services::{GiftView, ServiceRequestView, WishView};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(data);
}

/// Everything that is held about me.
#[derive(Serialize, ToSchema)]
pub(crate) struct DataView {
    /// The record, and what of it is about to change.
    record: OwnView,
    /// What is known of my telephone number, also that it does not work any more.
    phone: PhoneView,
    /// Every journey, oldest first.
    journeys: Vec<JourneyView>,
    /// Every check-in, newest first.
    checkins: Vec<CheckInView>,
    /// What others recorded about reaching me, newest first.
    contacts: Vec<ContactView>,
    /// What hosts did to see me, newest first.
    visits: Vec<VisitView>,
    /// Every stay with a host, oldest first.
    stays: Vec<StayView>,
    /// What else was reported of my stays, and by whom: by the code on a door, or again by another way, oldest first.
    stay_reports: Vec<StayReportView>,
    /// Every file that was handed in about me, oldest first.
    files: Vec<FileView>,
    /// Everything that I asked for, newest first.
    requests: Vec<RequestView>,
    /// My wishes, newest first.
    wishes: Vec<WishView>,
    /// Wishes of others that I have taken on, newest first.
    claimed_wishes: Vec<WishView>,
    /// What I asked my organisation to help with, newest first.
    service_requests: Vec<ServiceRequestView>,
    /// What I was given, newest first.
    gifts: Vec<GiftView>,
    /// Every gathering on whose list I am, with what I wrote about it, the latest first.
    gatherings: Vec<OwnGatheringView>,
    /// My private calendar; its address is kept as a hash only.
    calendar_feed: FeedView,
    /// Everything that was said to me inside the app, oldest first.
    inbox: Vec<MessageView>,
    /// The whole timeline, oldest first: hand-overs are told there.
    timeline: Vec<TimelineEntry>,
    /// Where I am logged in.
    sessions: Vec<SessionView>,
    /// Who looked or changed something, newest first.
    access_log: Vec<AccessView>,
}

/// A report of a stay.
#[derive(Serialize, ToSchema)]
pub(crate) struct StayReportView {
    /// Its id.
    id: StayId,
    /// The stay that it is about.
    stay_id: StayId,
    /// Who told.
    source: Source,
    /// The name: of the person, by the code on a door; else of who told.
    name: String,
    /// 手机号码, masked, as it was given.
    #[schema(example = "199****0023")]
    phone: Option<String>,
    /// When it came.
    received_at: DateTime<Utc>,
}

impl From<KeptReport> for StayReportView {
    fn from(report: KeptReport) -> Self {
        Self {
            id: report.id,
            stay_id: report.stay,
            source: report.source,
            name: report.name,
            phone: report.phone.map(|phone| phone.masked()),
            received_at: report.received_at,
        }
    }
}

/// A file that was handed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct FileView {
    /// Its id.
    id: FileId,
    /// What it is for.
    purpose: FilePurpose,
    /// What it is.
    file_type: FileType,
    /// How many bytes.
    #[schema(example = 183_204)]
    size: i32,
    /// Who handed it in; empty where it was I, unnamed.
    uploaded_by: String,
    /// When.
    uploaded_at: DateTime<Utc>,
}

impl From<FileRecord> for FileView {
    fn from(file: FileRecord) -> Self {
        Self {
            id: file.id,
            purpose: file.purpose,
            file_type: file.file_type,
            size: file.size,
            uploaded_by: file.uploaded_by,
            uploaded_at: file.uploaded_at,
        }
    }
}

/// Everything that is held about me, whole.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    responses((status = 200, body = DataView)),
)]
#[get("/v1/me/data")]
pub(crate) async fn data(
    May(scope): May<ReadOwnRecord>,
    InSession(actor, here): InSession,
    store: Data<Store>,
) -> Result<HttpResponse, Failure> {
    let (today, owner, actor) = (store.today(), Owner::of(&actor), Rc::unwrap_or_clone(actor));
    let held = store
        .read(move |tx| {
            let (record, journeys) = (members::find_own_whole(tx, &scope)?, journeys::all_own(tx, &scope)?);
            let (checkins, stays) = (
                checkins::list_own(tx, &scope, None, i64::MAX)?,
                stays::all_own(tx, &scope)?,
            );
            let reached = contacts::list_own(tx, &scope, None, i64::MAX)?;
            let visited = visits::list_own(tx, &scope, None, i64::MAX)?;
            let mine = |one| JourneyView::of(one, today, &Powers::of_the_member());
            let reported = stays::own_reports(tx, &scope)?;
            let files = files::all_own(tx, &scope)?;
            let asked = requests::list_own(tx, &scope, None, i64::MAX)?;
            let wished = wishes::list_own(tx, &scope, None, i64::MAX)?;
            let taken_on = wishes::list_claimed(tx, &scope)?;
            let helped = service_requests::list_own(tx, &scope, None, i64::MAX)?;
            let given = gifts::all_own(tx, &scope)?;
            let (said, me) = (inbox::list(tx, &owner, None, i64::MAX)?, scope.me()?);
            let gathered = gatherings::all_own(tx, &scope)?;
            let feed = gatherings::find_own_feed(tx, &scope)?;
            let timeline = members::own_timeline(tx, &scope, None, i64::MAX)?;
            let open = sessions::list(tx, &actor)?;
            let log = members::access_log(tx, &scope, None, i64::MAX)?;
            Ok(DataView {
                record: record.into(),
                phone: phones::find_own(tx, &scope)?.into(),
                journeys: journeys.into_iter().map(mine).collect(),
                checkins: checkins.into_iter().map(CheckInView::from).collect(),
                contacts: reached.into_iter().map(ContactView::from).collect(),
                visits: visited.into_iter().map(VisitView::from).collect(),
                stays: stays.into_iter().map(|one| StayView::of(one, None)).collect(),
                stay_reports: reported.into_iter().map(StayReportView::from).collect(),
                files: files.into_iter().map(FileView::from).collect(),
                requests: asked.into_iter().map(RequestView::from).collect(),
                wishes: wished.into_iter().map(WishView::to_author).collect(),
                claimed_wishes: taken_on
                    .into_iter()
                    .map(|one| WishView::to_neighbour(one, me))
                    .collect(),
                service_requests: helped
                    .into_iter()
                    .map(|one| ServiceRequestView::to_asker(one, today))
                    .collect(),
                gifts: given.into_iter().map(GiftView::from).collect(),
                gatherings: gathered.into_iter().map(OwnGatheringView::from).collect(),
                calendar_feed: feed.into(),
                inbox: said.into_iter().map(MessageView::from).collect(),
                timeline: timeline.into_iter().map(TimelineEntry::from).collect(),
                sessions: open.into_iter().map(|one| SessionView::of(one, here)).collect(),
                access_log: log.into_iter().map(AccessView::from).collect(),
            })
        })
        .await?;
    Ok(HttpResponse::Ok().json(held))
}
