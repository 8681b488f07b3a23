//! Service requests (服务事项) as the organisation's people see and answer them.
use actix_multipart::Multipart;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::{LeadServices, ReadServices, ServePeople};
use domain::file::LARGEST_ATTACHMENT;
use domain::id::{AccountId, EntryId, FileId, OrganisationId, PersonId, ServiceRequestId};
use domain::service::{Kind, Party, Rating, StateName, Verb};
use persistence::service_requests::{self, NewServiceRequest, ServiceFilter, ServiceRecord, Step};
use persistence::{Position, Store};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::view::Hands;
use super::{AttachmentView, SaidBody, ServiceMessageView, fetched, keep, words};
use crate::answer::{Tagged, Versioned};
use crate::extract::form::HandedIn;
use crate::extract::{
    Body, CursorKey, Faults, IfMatch, IfMatchHeader, InSession, Input, May, Page, PageQuery, Query, cut,
};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::{Named, TimelineEntry};

pub(super) fn configure(config: &mut Routes<'_>) {
    config
        .service(list)
        .service(ask)
        .service(show)
        .service(change)
        .service(timeline);
    config.service(assign).service(answer).service(resolve).service(reopen);
    config.service(attach).service(attachment);
}

/// Which service request.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ServiceRequestPath {
    /// The request's id.
    pub(crate) id: ServiceRequestId,
}

/// The organisation above that was told because nobody had answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EscalationView {
    /// Which.
    to: Named<OrganisationId>,
    /// On which day.
    on: NaiveDate,
    /// How often the request has gone up: 1 or 2.
    #[schema(example = 1)]
    times: u8,
}

/// A service request (服务事项).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServiceRequestView {
    /// Its id.
    id: ServiceRequestId,
    /// Who asks.
    asker: Named<PersonId>,
    /// Who is asked.
    organisation: Named<OrganisationId>,
    /// What is asked for.
    kind: Kind,
    /// In the asker's words.
    #[schema(example = "孩子秋季入学，如何报名？")]
    said: String,
    /// Where it stands.
    state: StateName,
    /// The day on which it was asked.
    asked_on: NaiveDate,
    /// Who wrote it down for somebody without an app.
    #[schema(example = json!(null))]
    asked_by: Option<String>,
    /// The last day on which an answer is in time.
    due_on: NaiveDate,
    /// Whether an answer should have come before today.
    #[schema(example = false)]
    overdue: bool,
    /// Who is in charge.
    officer: Option<Named<AccountId>>,
    /// The day on which somebody was put in charge.
    assigned_on: Option<NaiveDate>,
    /// The day on which it was answered; none while it waits, also when it was asked again.
    answered_on: Option<NaiveDate>,
    /// Who answered.
    #[schema(example = json!(null))]
    answered_by: Option<String>,
    /// The organisation above that answered in the place of the one that was asked.
    answered_from: Option<Named<OrganisationId>>,
    /// The day on which it was settled.
    resolved_on: Option<NaiveDate>,
    /// What the answer was worth to the asker. It is about the answer: nothing is counted or put in order by who answered.
    rating: Option<Rating>,
    /// The day on which that was said.
    rated_on: Option<NaiveDate>,
    /// The day on which it was withdrawn.
    withdrawn_on: Option<NaiveDate>,
    /// The organisation above that was told last because nobody had answered.
    escalation: Option<EscalationView>,
    /// What was said, in order: answers, and why it was asked again.
    messages: Vec<ServiceMessageView>,
    /// What is attached.
    attachments: Vec<AttachmentView>,
    /// When it was recorded.
    created_at: DateTime<Utc>,
    /// Counts changes; goes into `If-Match`.
    #[schema(example = 1)]
    version: i32,
    /// What I may do now.
    allowed: Vec<Verb>,
}

impl Versioned for ServiceRequestView {
    fn version(&self) -> i32 {
        self.version
    }
}

impl ServiceRequestView {
    /// For who asks.
    pub(crate) fn to_asker(record: ServiceRecord, today: NaiveDate) -> Self {
        let allowed = record.request.state.allowed(Party::Asker).to_vec();
        Self::whole(record, today, allowed)
    }

    /// For those who serve.
    pub(super) fn to_staff(record: ServiceRecord, today: NaiveDate, (hands, caller): (&Hands, AccountId)) -> Self {
        let in_charge = record.request.officer.as_ref().is_some_and(|one| one.account == caller);
        let may = |verb: &Verb| match verb {
            Verb::Assign => hands.lead(&record.path),
            _ => hands.serve(&record.path) || (in_charge && hands.serve_near(&record.path)),
        };
        let verbs = record.request.state.allowed(Party::Staff).iter().copied();
        let allowed = verbs.filter(may).collect();
        Self::whole(record, today, allowed)
    }

    fn whole(record: ServiceRecord, today: NaiveDate, allowed: Vec<Verb>) -> Self {
        let overdue = record.request.is_overdue(today);
        let named = |(id, name): (OrganisationId, String)| Named { id, name };
        let request = record.request;
        let times = request.clock.escalations;
        Self {
            id: request.id,
            asker: Named {
                id: request.asker,
                name: record.asker_name,
            },
            organisation: Named {
                id: request.organisation,
                name: record.organisation_name,
            },
            kind: request.kind,
            said: record.said,
            state: request.state,
            asked_on: record.asked_on,
            asked_by: record.asked_by,
            due_on: request.clock.due_on,
            overdue,
            officer: request.officer.map(|officer| Named {
                id: officer.account,
                name: officer.name,
            }),
            assigned_on: record.assigned_on,
            answered_on: record.answered_on,
            answered_by: record.answered_by,
            answered_from: record.answered_from.map(named),
            resolved_on: record.resolved_on,
            rating: request.rating,
            rated_on: record.rated_on,
            withdrawn_on: record.withdrawn_on,
            escalation: record.escalated.map(|(id, name, on)| EscalationView {
                to: Named { id, name },
                on,
                times,
            }),
            messages: record.messages.into_iter().map(ServiceMessageView::from).collect(),
            attachments: record.attachments.into_iter().map(AttachmentView::from).collect(),
            created_at: record.created_at,
            version: request.version,
            allowed,
        }
    }
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
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
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
    let page = PageQuery {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let (limit, after) = (page.limit()?, page.position::<Position>(&cursors)?);
    let today = store.today();
    let filter = ServiceFilter {
        organisation: wanted.organisation_id,
        state: wanted.state,
        kind: wanted.kind,
        overdue_on: wanted.overdue.unwrap_or(false).then_some(today),
        own: wanted.own.unwrap_or(false),
    };
    let rows = store
        .read(move |tx| service_requests::list(tx, &scope, &filter, after.as_ref(), limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |(_, position)| position.clone())?;
    let hands = Hands::of(&actor);
    let view = |(one, _)| ServiceRequestView::to_staff(one, today, (&hands, actor.account));
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
    let hands = Hands::of(&actor);
    Ok(Tagged::created(ServiceRequestView::to_staff(
        request,
        today,
        (&hands, actor.account),
    )))
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
    let hands = Hands::of(&actor);
    Ok(Tagged::ok(ServiceRequestView::to_staff(
        request,
        today,
        (&hands, actor.account),
    )))
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
    let hands = Hands::of(&actor);
    Ok(Tagged::ok(ServiceRequestView::to_staff(
        request,
        today,
        (&hands, actor.account),
    )))
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
    let hands = Hands::of(&actor);
    Ok(Tagged::ok(ServiceRequestView::to_staff(
        request,
        today,
        (&hands, actor.account),
    )))
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
    let hands = Hands::of(&actor);
    Ok(Tagged::ok(ServiceRequestView::to_staff(
        request,
        today,
        (&hands, actor.account),
    )))
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
    let hands = Hands::of(&actor);
    Ok(Tagged::ok(ServiceRequestView::to_staff(
        request,
        today,
        (&hands, actor.account),
    )))
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
    let hands = Hands::of(&actor);
    Ok(Tagged::ok(ServiceRequestView::to_staff(
        request,
        today,
        (&hands, actor.account),
    )))
}

/// The file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form for the contract")]
pub(crate) struct AttachmentBody {
    /// A picture (PNG, JPEG, WebP) or document (PDF) of at most 10 MiB; what it is is told by its bytes.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
}

/// Attach a file to a request: a form, a certificate, a notice.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ServePeople"])),
    params(ServiceRequestPath, IfMatchHeader),
    request_body(content = AttachmentBody, content_type = "multipart/form-data"),
    responses((status = 200, body = ServiceRequestView), (status = 409, description = "It has ended")),
)]
#[post("/v1/service-requests/{id}/attachments")]
pub(crate) async fn attach(
    May(scope): May<ServePeople>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    path: Path<ServiceRequestPath>,
    IfMatch(seen): IfMatch,
    form: Multipart,
) -> Result<Tagged<ServiceRequestView>, Failure> {
    let (of, looks, today) = ((path.id, seen), scope.clone(), store.today());
    store
        .read(move |tx| service_requests::takes_file(tx, &looks, of))
        .await?;
    let file = HandedIn::read(form, "file", LARGEST_ATTACHMENT).await?;
    let attached = keep(&store, file, move |tx, file| {
        service_requests::attach(tx, &scope, of, file)
    })
    .await?;
    let hands = Hands::of(&actor);
    Ok(Tagged::ok(ServiceRequestView::to_staff(
        attached,
        today,
        (&hands, actor.account),
    )))
}

/// Which file of a request.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct AttachmentPath {
    /// The request's id.
    pub(crate) id: ServiceRequestId,
    /// The file's id.
    pub(crate) file_id: FileId,
}

/// Fetch a file of a request. Who looked is recorded, and who asks can see it.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ReadServices"])),
    params(AttachmentPath),
    responses((status = 200, description = "The file as it was handed in", content(
        (String = "image/png"), (String = "image/jpeg"), (String = "image/webp"), (String = "application/pdf"),
    ))),
)]
#[get("/v1/service-requests/{id}/attachments/{file_id}")]
pub(crate) async fn attachment(
    May(scope): May<ReadServices>,
    store: Data<Store>,
    path: Path<AttachmentPath>,
) -> Result<HttpResponse, Failure> {
    let file = store
        .write(move |tx| service_requests::look_at_attached(tx, &scope, path.id, path.file_id))
        .await?;
    fetched(&store, file).await
}
