//! Service requests (服务事项) as the organisation's people see and answer them.
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use chrono::NaiveDate;
use domain::access::{LeadServices, ReadServices, ServePeople};
use domain::id::{AccountId, EntryId, OrganisationId, PersonId, ServiceRequestId};
use domain::service::{Kind, StateName};
use domain::statistics::Figure;
use persistence::rosters::Counted;
use persistence::service_requests::{self, NewServiceRequest, ServiceFilter, Step};
use persistence::{Position, Store};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::request_view::ServiceRequestView;
use super::view::Hands;
use super::{SaidBody, words};
use crate::answer::Tagged;
use crate::extract::{
    Body, CursorKey, Faults, IfMatch, IfMatchHeader, InSession, Input, May, Page, PageQuery, Query, cut,
};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::TimelineEntry;
use crate::routes::statistics::CountedQuery;

pub(super) fn configure(config: &mut Routes<'_>) {
    config
        .service(list)
        .service(ask)
        .service(show)
        .service(change)
        .service(timeline);
    config.service(assign).service(answer).service(resolve).service(reopen);
}

/// Which service request.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ServiceRequestPath {
    /// The request's id.
    pub(crate) id: ServiceRequestId,
}

/// Which service requests.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceQuery {
    /// To this organisation and those below it.
    organisation_id: Option<OrganisationId>,
    /// In this state.
    state: Option<StateName>,
    /// Of this kind.
    kind: Option<Kind>,
    /// Only those without an answer that should have come before today.
    overdue: Option<bool>,
    /// Only those that I am in charge of.
    own: Option<bool>,
    /// That this figure of the statistics counts: `requests_due` or `answered_in_time`.
    #[param(inline)]
    figure: Option<Figure>,
    /// With `answered_in_time`: those due that were not answered in time.
    missing: Option<bool>,
    /// With a figure: the period's first day, as for statistics.
    #[param(example = "2026-01-01")]
    from: Option<NaiveDate>,
    /// With a figure: its last day, as for statistics.
    #[param(example = "2026-12-31")]
    to: Option<NaiveDate>,
    /// To the named organisation itself, without those below it.
    itself: Option<bool>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl ServiceQuery {
    /// What a figure counts.
    fn counted(&self, today: NaiveDate) -> Result<Option<Counted>, Failure> {
        let counts = CountedQuery {
            organisation: self.organisation_id,
            itself: self.itself,
            figure: self.figure,
            missing: self.missing,
            from: self.from,
            to: self.to,
        };
        counts.meant(
            |figure| matches!(figure, Figure::RequestsDue | Figure::AnsweredInTime),
            today,
        )
    }
}

/// List service requests (服务事项) in the order of the tree and then of time.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ReadServices"])),
    params(ServiceQuery),
    responses((status = 200, body = Page<ServiceRequestView>)),
)]
#[get("/v1/service-requests")]
pub(crate) async fn list(
    May(scope): May<ReadServices>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(wanted): Query<ServiceQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let today = store.today();
    let counted = wanted.counted(today)?;
    let page = PageQuery {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let (limit, after) = (page.limit()?, page.position::<Position>(&cursors)?);
    let filter = ServiceFilter {
        organisation: wanted.organisation_id,
        state: wanted.state,
        kind: wanted.kind,
        overdue_on: wanted.overdue.unwrap_or(false).then_some(today),
        own: wanted.own.unwrap_or(false),
        counted,
        itself: wanted.itself.unwrap_or(false),
    };
    let rows = store
        .read(move |tx| service_requests::list(tx, &scope, &filter, after.as_ref(), limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |(_, position)| position.clone())?;
    let hands = Hands::of(&actor);
    let view = |(one, _)| ServiceRequestView::to_staff(one, today, &hands);
    let items: Vec<_> = rows.into_iter().map(view).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// What somebody asks who has no app.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceForBody {
    /// Chosen by the client, so that a repeated request is known.
    #[schema(example = json!(null))]
    id: Option<ServiceRequestId>,
    /// Who asks: a member of the scope, or somebody who is admitted there, as the list of whom the organisation means has it.
    person_id: PersonId,
    /// Who is asked: the home branch, unless the host is named.
    #[schema(example = json!(null))]
    organisation_id: Option<OrganisationId>,
    /// What is asked for.
    kind: Kind,
    /// In the asker's words.
    #[schema(min_length = 1, max_length = 2000, example = "孩子秋季入学，如何报名？")]
    said: String,
}

impl Input for ServiceForBody {
    type Meaning = (PersonId, Asked);

    fn read(self, faults: &mut Faults) -> Option<Self::Meaning> {
        let asked = Asked {
            id: self.id,
            organisation: self.organisation_id,
            kind: self.kind,
            said: words("/said", self.said, faults)?,
        };
        Some((self.person_id, asked))
    }
}

/// What is asked.
pub(crate) struct Asked {
    pub(crate) id: Option<ServiceRequestId>,
    pub(crate) organisation: Option<OrganisationId>,
    pub(crate) kind: Kind,
    pub(crate) said: String,
}

impl Asked {
    /// Under its id, or a fresh one.
    pub(crate) fn under(self, fresh: impl FnOnce() -> ServiceRequestId) -> NewServiceRequest {
        NewServiceRequest {
            id: self.id.unwrap_or_else(fresh),
            organisation: self.organisation,
            kind: self.kind,
            said: self.said,
        }
    }
}

/// Ask for somebody who has no app: a member, or a visitor who is admitted here. The same `id` again changes nothing.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ServePeople"])),
    request_body = ServiceForBody,
    responses((status = 201, body = ServiceRequestView)),
)]
#[post("/v1/service-requests")]
pub(crate) async fn ask(
    May(scope): May<ServePeople>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    Body((person, asked)): Body<ServiceForBody>,
) -> Result<Tagged<ServiceRequestView>, Failure> {
    let today = store.today();
    let request = store
        .write(move |tx| {
            let new = asked.under(|| tx.fresh());
            service_requests::ask_for(tx, &scope, person, new)
        })
        .await?;
    let view = ServiceRequestView::to_staff(request, today, &Hands::of(&actor));
    Ok(Tagged::created(view))
}

/// Show a service request: one of the scope, or one that I am in charge of.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ReadServices"])),
    params(ServiceRequestPath),
    responses((status = 200, body = ServiceRequestView)),
)]
#[get("/v1/service-requests/{id}")]
pub(crate) async fn show(
    May(scope): May<ReadServices>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    path: Path<ServiceRequestPath>,
) -> Result<Tagged<ServiceRequestView>, Failure> {
    let today = store.today();
    let request = store
        .read(move |tx| service_requests::find(tx, &scope, path.id))
        .await?;
    let view = ServiceRequestView::to_staff(request, today, &Hands::of(&actor));
    Ok(Tagged::ok(view))
}

/// What turns out to be otherwise.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceRequestPatch {
    /// What is asked for.
    kind: Kind,
}

impl Input for ServiceRequestPatch {
    type Meaning = Kind;

    fn read(self, _: &mut Faults) -> Option<Kind> {
        Some(self.kind)
    }
}

/// Say that a request is of another kind: it is due as if it had been asked so, but not before today.
#[utoipa::path(
    tag = "services",
    security(("token" = ["LeadServices"])),
    params(ServiceRequestPath, IfMatchHeader),
    request_body = ServiceRequestPatch,
    responses((status = 200, body = ServiceRequestView), (status = 409, description = "It was answered")),
)]
#[patch("/v1/service-requests/{id}")]
pub(crate) async fn change(
    May(scope): May<LeadServices>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    path: Path<ServiceRequestPath>,
    IfMatch(seen): IfMatch,
    Body(kind): Body<ServiceRequestPatch>,
) -> Result<Tagged<ServiceRequestView>, Failure> {
    let today = store.today();
    let request = store
        .write(move |tx| service_requests::reclassify(tx, &scope, (path.id, seen), kind))
        .await?;
    let view = ServiceRequestView::to_staff(request, today, &Hands::of(&actor));
    Ok(Tagged::ok(view))
}

/// What happened to a request, oldest first.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ReadServices"])),
    params(ServiceRequestPath, PageQuery),
    responses((status = 200, body = Page<TimelineEntry>)),
)]
#[get("/v1/service-requests/{id}/timeline")]
pub(crate) async fn timeline(
    May(scope): May<ReadServices>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    path: Path<ServiceRequestPath>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<EntryId>(&cursors)?);
    let events = store
        .read(move |tx| service_requests::timeline(tx, &scope, path.id, after, limit + 1))
        .await?;
    let (events, next_cursor) = cut(events, limit, &cursors, |event| event.id)?;
    let items: Vec<TimelineEntry> = events.into_iter().map(TimelineEntry::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// Who is to be in charge.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssignBody {
    /// An account with a role at the organisation, above or below it.
    officer_id: AccountId,
}

impl Input for AssignBody {
    type Meaning = AccountId;

    fn read(self, _: &mut Faults) -> Option<AccountId> {
        Some(self.officer_id)
    }
}

/// Put somebody in charge (交办), who is told, and so is who asks.
#[utoipa::path(
    tag = "services",
    security(("token" = ["LeadServices"])),
    params(ServiceRequestPath, IfMatchHeader),
    request_body = AssignBody,
    responses((status = 200, body = ServiceRequestView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/service-requests/{id}/assign")]
pub(crate) async fn assign(
    May(scope): May<LeadServices>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    path: Path<ServiceRequestPath>,
    IfMatch(seen): IfMatch,
    Body(officer): Body<AssignBody>,
) -> Result<Tagged<ServiceRequestView>, Failure> {
    let today = store.today();
    let step = Step {
        of: (path.id, seen),
        said: None,
    };
    let request = store
        .write(move |tx| service_requests::assign(tx, &scope, step, officer))
        .await?;
    let view = ServiceRequestView::to_staff(request, today, &Hands::of(&actor));
    Ok(Tagged::ok(view))
}

/// Answer (答复). Who asks is told. Somebody whose role is held above the organisation that was asked answers in its place,
/// and it is shown so.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ServePeople"])),
    params(ServiceRequestPath, IfMatchHeader),
    request_body = SaidBody,
    responses((status = 200, body = ServiceRequestView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/service-requests/{id}/answer")]
pub(crate) async fn answer(
    May(scope): May<ServePeople>,
    InSession(actor, _): InSession,
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
        .write(move |tx| service_requests::answer(tx, &scope, step))
        .await?;
    let view = ServiceRequestView::to_staff(request, today, &Hands::of(&actor));
    Ok(Tagged::ok(view))
}

/// Say, for somebody who has no app, that it is settled (办结).
#[utoipa::path(
    tag = "services",
    security(("token" = ["ServePeople"])),
    params(ServiceRequestPath, IfMatchHeader),
    responses((status = 200, body = ServiceRequestView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/service-requests/{id}/resolve")]
pub(crate) async fn resolve(
    May(scope): May<ServePeople>,
    InSession(actor, _): InSession,
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
        .write(move |tx| service_requests::resolve(tx, &scope, step))
        .await?;
    let view = ServiceRequestView::to_staff(request, today, &Hands::of(&actor));
    Ok(Tagged::ok(view))
}

/// Ask again, for somebody who has no app and whom the answer has not helped: it is due anew.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ServePeople"])),
    params(ServiceRequestPath, IfMatchHeader),
    request_body = SaidBody,
    responses((status = 200, body = ServiceRequestView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/service-requests/{id}/reopen")]
pub(crate) async fn reopen(
    May(scope): May<ServePeople>,
    InSession(actor, _): InSession,
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
        .write(move |tx| service_requests::reopen(tx, &scope, step))
        .await?;
    let view = ServiceRequestView::to_staff(request, today, &Hands::of(&actor));
    Ok(Tagged::ok(view))
}
