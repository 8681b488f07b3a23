//! Everything that is held about a member, whole.
use std::rc::Rc;

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use domain::access::ReadOwnRecord;
use persistence::inbox::{self, Owner};
use persistence::journeys::Powers;
use persistence::{Store, checkins, contacts, journeys, members, phones, requests, sessions, stays, visits};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::checkins::CheckInView;
use super::inbox::MessageView;
use super::record::{AccessView, OwnView};
use crate::extract::{InSession, May};
use crate::problem::Failure;
use crate::routes::auth::SessionView;
use crate::routes::kite::{ContactView, JourneyView, TimelineEntry};
use crate::routes::magnet::{StayView, VisitView};
use crate::routes::members::PhoneView;
use crate::routes::requests::RequestView;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
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
    /// Everything that I asked for, newest first.
    requests: Vec<RequestView>,
    /// Everything that was said to me inside the app, oldest first.
    inbox: Vec<MessageView>,
    /// The whole timeline, oldest first: hand-overs are told there.
    timeline: Vec<TimelineEntry>,
    /// Where I am logged in.
    sessions: Vec<SessionView>,
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
            let asked = requests::list_own(tx, &scope, None, i64::MAX)?;
            let said = inbox::list(tx, &owner, None, i64::MAX)?;
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
                requests: asked.into_iter().map(RequestView::from).collect(),
                inbox: said.into_iter().map(MessageView::from).collect(),
                timeline: timeline.into_iter().map(TimelineEntry::from).collect(),
                sessions: open.into_iter().map(|one| SessionView::of(one, here)).collect(),
                access_log: log.into_iter().map(AccessView::from).collect(),
            })
        })
        .await?;
    Ok(HttpResponse::Ok().json(held))
}
