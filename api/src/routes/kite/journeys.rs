//! Journeys: registered, read, corrected, briefed, and checked in for on the member's behalf.
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, patch, post, put};
use chrono::NaiveDate;
use domain::access::{ManageJourneys, ReadJourneys, RecordContact};
use domain::codes::{FormerOccupation, JourneyReason};
use domain::id::{EntryId, JourneyId, MemberId, OrganisationId};
use domain::journey::{Destination, INTERVAL_DAYS, Journey, StateName};
use persistence::journeys::{JourneyFilter, NewJourney};
use persistence::{Store, checkins, journeys};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::view::{
    CheckInBody, DestinationBody, JourneyView, NewJourneyBody, ReceiptView, TimelineEntry, check_dates, said,
};
use crate::answer::Tagged;
use crate::extract::{
    Body, Caller, CursorKey, Faults, IfMatch, IfMatchHeader, Input, May, Page, PageQuery, Query, cut,
};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(super) fn configure(config: &mut Routes<'_>) {
    config
        .service(list)
        .service(plan)
        .service(show)
        .service(correct)
        .service(brief)
        .service(name_host);
    config.service(check_in).service(timeline);
}

/// Which journey.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct JourneyPath {
    /// The journey's id.
    pub(crate) id: JourneyId,
}

/// Which journeys.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct JourneysQuery {
    /// From this organisation and those below it.
    organisation_id: Option<OrganisationId>,
    /// Of this member.
    member_id: Option<MemberId>,
    /// In this state.
    #[param(inline)]
    state: Option<StateName>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List journeys, in the order of the tree.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ReadJourneys"])),
    params(JourneysQuery),
    responses((status = 200, body = Page<JourneyView>)),
)]
#[get("/v1/kite/journeys")]
pub(crate) async fn list(
    May(scope): May<ReadJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(query): Query<JourneysQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let page = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let (limit, after) = (page.limit()?, page.position(&cursors)?);
    let filter = JourneyFilter {
        organisation: query.organisation_id,
        member: query.member_id,
        state: query.state,
    };
    let rows = store
        .read(move |tx| journeys::list(tx, &scope, &filter, after.as_ref(), limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, journeys::position)?;
    let today = store.today();
    let items: Vec<JourneyView> = rows
        .into_iter()
        .map(|record| JourneyView::of(record, today, &powers))
        .collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// Register a departure notice (外出登记).
///
/// The same `id` again answers the journey that is there and changes nothing.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    request_body = NewJourneyBody,
    responses((status = 201, body = JourneyView)),
)]
#[post("/v1/kite/journeys")]
pub(crate) async fn plan(
    May(scope): May<ManageJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    Body(notice): Body<NewJourneyBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let (member, id, plan) = notice;
    let record = store
        .write(move |tx| {
            let id = id.unwrap_or_else(|| tx.fresh());
            journeys::plan(tx, &scope, NewJourney { id, member, plan })
        })
        .await?;
    Ok(Tagged::created(JourneyView::of(record, store.today(), &powers)))
}

/// Show a journey.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ReadJourneys"])),
    params(JourneyPath),
    responses((status = 200, body = JourneyView)),
)]
#[get("/v1/kite/journeys/{id}")]
pub(crate) async fn show(
    May(scope): May<ReadJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
) -> Result<Tagged<JourneyView>, Failure> {
    let record = store.read(move |tx| journeys::find(tx, &scope, path.id)).await?;
    Ok(Tagged::ok(JourneyView::of(record, store.today(), &powers)))
}

/// A correction: what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorrectionBody {
    /// Why.
    reason: Option<JourneyReason>,
    /// Where to; replaces the whole destination.
    destination: Option<DestinationBody>,
    /// What the member did before 原职业.
    former_occupation: Option<FormerOccupation>,
    /// The day on which the member means to leave.
    #[schema(example = "2027-02-22")]
    planned_departure_on: Option<NaiveDate>,
    /// The day on which the member means to be back.
    #[schema(example = "2027-12-20")]
    expected_return_on: Option<NaiveDate>,
    /// Days between contacts.
    #[schema(minimum = 1, maximum = 366, example = 30)]
    contact_interval_days: Option<u16>,
    /// The number of the certificate.
    #[schema(max_length = 40, example = "苏海安-2027-0001")]
    certificate_number: Option<String>,
}

/// A correction, read.
pub(crate) struct Correction {
    body: CorrectionBody,
    destination: Option<Destination>,
}

impl Input for CorrectionBody {
    type Meaning = Correction;

    fn read(mut self, faults: &mut Faults) -> Option<Correction> {
        let destination = self.destination.take().map(|to| to.read("/destination", faults));
        check_dates(self.planned_departure_on, self.expected_return_on, faults);
        Some(Correction {
            body: self,
            destination,
        })
    }
}

impl Correction {
    fn of(self, journey: Journey) -> Journey {
        let days = self
            .body
            .contact_interval_days
            .filter(|days| INTERVAL_DAYS.contains(days));
        let destination = self.destination.unwrap_or(journey.destination);
        // Whoever says nothing about the interval takes what the new destination allows.
        let kept = journey.interval_days.min(destination.longest_interval());
        Journey {
            reason: self.body.reason.unwrap_or(journey.reason),
            destination,
            former_occupation: self.body.former_occupation.or(journey.former_occupation),
            planned_departure_on: self.body.planned_departure_on.or(journey.planned_departure_on),
            expected_return_on: self.body.expected_return_on.or(journey.expected_return_on),
            interval_days: days.unwrap_or(kept),
            certificate_number: said(self.body.certificate_number).or(journey.certificate_number),
            ..journey
        }
    }
}

/// Correct what a departure notice says.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = CorrectionBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "The journey has ended")),
)]
#[patch("/v1/kite/journeys/{id}")]
pub(crate) async fn correct(
    May(scope): May<ManageJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body(correction): Body<CorrectionBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let change = |journey| correction.of(journey);
    let record = store
        .write(move |tx| journeys::change(tx, &scope, path.id, seen, change))
        .await?;
    Ok(Tagged::ok(JourneyView::of(record, store.today(), &powers)))
}

/// Which item of which journey's briefing.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct BriefingPath {
    /// The journey's id.
    id: JourneyId,
    /// The item's stable word.
    #[param(example = "talk")]
    item: String,
}

/// Whether an item is done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BriefingBody {
    /// The day on which it was done; null opens it again.
    #[schema(required = true, example = "2027-02-20")]
    done_on: Option<NaiveDate>,
}

impl Input for BriefingBody {
    type Meaning = Option<NaiveDate>;

    fn read(self, _: &mut Faults) -> Option<Self::Meaning> {
        Some(self.done_on)
    }
}

/// Mark an item of the briefing (行前教育) as done, or open it again.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(BriefingPath, IfMatchHeader),
    request_body = BriefingBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "The journey has ended")),
)]
#[put("/v1/kite/journeys/{id}/briefing/{item}")]
pub(crate) async fn brief(
    May(scope): May<ManageJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<BriefingPath>,
    IfMatch(seen): IfMatch,
    Body(done_on): Body<BriefingBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let record = store
        .write(move |tx| journeys::brief(tx, &scope, path.id, seen, &path.item, done_on))
        .await?;
    Ok(Tagged::ok(JourneyView::of(record, store.today(), &powers)))
}

/// The host organisation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HostBody {
    /// Its id; null when it is not known here after all.
    #[schema(required = true)]
    organisation_id: Option<OrganisationId>,
}

impl Input for HostBody {
    type Meaning = Option<OrganisationId>;

    fn read(self, _: &mut Faults) -> Option<Self::Meaning> {
        Some(self.organisation_id)
    }
}

/// Name the host organisation; a member who is away is offered to it at once.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = HostBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "The journey has ended")),
)]
#[put("/v1/kite/journeys/{id}/host")]
pub(crate) async fn name_host(
    May(scope): May<ManageJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body(host): Body<HostBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let record = store
        .write(move |tx| journeys::name_host(tx, &scope, path.id, seen, host))
        .await?;
    Ok(Tagged::ok(JourneyView::of(record, store.today(), &powers)))
}

/// Record a check-in on the member's behalf: a call or a visit counts the same as the app.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["RecordContact"])),
    params(JourneyPath),
    request_body = CheckInBody,
    responses(
        (status = 201, body = ReceiptView),
        (status = 200, description = "It was here before; nothing has changed", body = ReceiptView),
        (status = 409, description = "Not possible now"),
    ),
)]
#[post("/v1/kite/journeys/{id}/checkins")]
pub(crate) async fn check_in(
    May(scope): May<RecordContact>,
    store: Data<Store>,
    path: Path<JourneyPath>,
    Body(check_in): Body<CheckInBody>,
) -> Result<HttpResponse, Failure> {
    let receipt = store
        .write(move |tx| checkins::record_on_behalf(tx, &scope, path.id, &check_in))
        .await?;
    Ok(ReceiptView::from(receipt).answer())
}

/// A journey's timeline, oldest first.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ReadJourneys"])),
    params(JourneyPath, PageQuery),
    responses((status = 200, body = Page<TimelineEntry>)),
)]
#[get("/v1/kite/journeys/{id}/timeline")]
pub(crate) async fn timeline(
    May(scope): May<ReadJourneys>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    path: Path<JourneyPath>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<EntryId>(&cursors)?);
    let events = store
        .read(move |tx| journeys::timeline(tx, &scope, path.id, after, limit + 1))
        .await?;
    let (events, next_cursor) = cut(events, limit, &cursors, |event| event.id)?;
    let items: Vec<TimelineEntry> = events.into_iter().map(TimelineEntry::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}
