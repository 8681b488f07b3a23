//! The list of a gathering, what was missed, what people share, and what they learned.
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, put};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::{ReadGatherings, ReadMembers, ReadStays, RecordAttendance};
use domain::gathering::attendance::{Learned, Marked, StateName};
use domain::id::{EntryId, GatheringId, MemberId, OrganisationId, PersonId, StayId};
use domain::statistics::Figure;
use persistence::Store;
use persistence::gatherings::{
    self, AttendanceFilter, AttendanceLine, AttendancePosition, Mark, Missed, MissedFilter, MissedPosition, Said,
    SharedReflection,
};
use persistence::rosters::Counted;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::GatheringPath;
use super::view::PresenceView;
use crate::extract::{Body, CursorKey, Faults, Input, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::{Named, said};
use crate::routes::statistics::CountedQuery;

pub(super) fn configure(config: &mut Routes<'_>) {
    config
        .service(list)
        .service(record)
        .service(reflections)
        .service(list_missed);
    config.service(of_member).service(of_stay);
}

/// Somebody on the list of a gathering.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttendanceView {
    /// Who: a member of this deployment, or a visitor.
    person_id: PersonId,
    /// The member, where it is one of this deployment.
    member_id: Option<MemberId>,
    /// 姓名.
    #[schema(example = "王芳")]
    name: String,
    /// The branch or home unit by which the person was meant.
    unit: Named<OrganisationId>,
    /// Who said what is known.
    #[schema(example = json!(null))]
    recorded_by: Option<String>,
    #[serde(flatten)]
    presence: PresenceView,
}

impl From<AttendanceLine> for AttendanceView {
    fn from(line: AttendanceLine) -> Self {
        Self {
            person_id: line.person,
            member_id: line.member,
            name: line.name,
            unit: Named {
                id: line.unit,
                name: line.unit_name,
            },
            recorded_by: line.recorded_by,
            presence: PresenceView::of(line.state, line.received_at),
        }
    }
}

/// Whom of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct AttendanceQuery {
    /// In this state.
    state: Option<StateName>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List who is on the list of a gathering, in the order of the tree: of one from above, the caller's own people.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["ReadGatherings"])),
    params(GatheringPath, AttendanceQuery),
    responses((status = 200, body = Page<AttendanceView>)),
)]
#[get("/v1/gatherings/{id}/attendance")]
pub(crate) async fn list(
    May(scope): May<ReadGatherings>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    path: Path<GatheringPath>,
    Query(wanted): Query<AttendanceQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let page = PageQuery {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let (limit, after) = (page.limit()?, page.position::<AttendancePosition>(&cursors)?);
    let filter = (path.id, AttendanceFilter { state: wanted.state });
    let rows = store
        .read(move |tx| gatherings::list_attendance(tx, &scope, filter, after.as_ref(), limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, AttendanceLine::position)?;
    let items: Vec<AttendanceView> = rows.into_iter().map(AttendanceView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// What is said of somebody.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "person_id": "01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f", "state": "attended" }))]
struct MarkBody {
    /// Whom.
    person_id: PersonId,
    /// What.
    state: Marked,
    /// For how many minutes (`attended`), where it was not the whole time.
    #[schema(maximum = 4320)]
    minutes: Option<u16>,
    /// Why the person could not come (`excused`).
    #[schema(max_length = 500)]
    reason: Option<String>,
}

impl MarkBody {
    fn read(self, at: usize, faults: &mut Faults) -> Option<Mark> {
        let field = |name: &str| format!("/attendance/{at}/{name}");
        let reason = said(self.reason);
        let said = match self.state {
            Marked::Attended => Some(Said::Attended(self.minutes)),
            Marked::Missed => Some(Said::Missed),
            Marked::Excused => {
                if reason.is_none() {
                    faults.add(&field("reason"), "reason_required");
                }
                reason.map(Said::Excused)
            }
        };
        Some(Mark {
            person: self.person_id,
            said: said?,
        })
    }
}

/// What is said of the people of a list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AttendanceBody {
    /// Of each of these people; of the others nothing is said.
    #[schema(min_items = 1, max_items = 500)]
    attendance: Vec<MarkBody>,
}

impl Input for AttendanceBody {
    type Meaning = Vec<Mark>;

    fn read(self, faults: &mut Faults) -> Option<Vec<Mark>> {
        let marks = self.attendance.into_iter().enumerate();
        Some(marks.filter_map(|(at, mark)| mark.read(at, faults)).collect())
    }
}

/// What is known of the people now.
#[derive(Debug, Serialize, ToSchema)]
struct RecordedView {
    /// The lines, in the order of the request.
    attendance: Vec<AttendanceView>,
}

/// Record who was there, who could not come, and who was not there, by whoever keeps the list; also people who were not
/// invited.
///
/// Of a gathering from above whoever leads a branch records the own people. To say the same twice is the same; what was
/// wrong is corrected by saying it anew, also after the list was closed. Somebody who was there has taken part in
/// organisational life: it ends a silence.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["RecordAttendance"])),
    params(GatheringPath),
    request_body = AttendanceBody,
    responses((status = 200, body = RecordedView), (status = 409, description = "Not possible now")),
)]
#[put("/v1/gatherings/{id}/attendance")]
pub(crate) async fn record(
    May(scope): May<RecordAttendance>,
    store: Data<Store>,
    path: Path<GatheringPath>,
    Body(marks): Body<AttendanceBody>,
) -> Result<Json<RecordedView>, Failure> {
    let lines = store
        .write(move |tx| gatherings::mark(tx, &scope, path.id, &marks))
        .await?;
    let attendance = lines.into_iter().map(AttendanceView::from).collect();
    Ok(Json(RecordedView { attendance }))
}

/// What somebody shares about a gathering (感言).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharedReflectionView {
    /// Who.
    person_id: PersonId,
    /// 姓名.
    #[schema(example = "王芳")]
    name: String,
    /// In the writer's words.
    #[schema(example = "入党二十六年，第一次和大家一起过政治生日")]
    text: String,
    /// When it was written, or changed last.
    written_at: DateTime<Utc>,
}

impl From<SharedReflection> for SharedReflectionView {
    fn from(one: SharedReflection) -> Self {
        Self {
            person_id: one.person,
            name: one.name,
            text: one.text,
            written_at: one.written_at,
        }
    }
}

/// List what people wrote about a gathering and share: nothing else that they wrote is shown to anybody.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["ReadGatherings"])),
    params(GatheringPath, PageQuery),
    responses((status = 200, body = Page<SharedReflectionView>)),
)]
#[get("/v1/gatherings/{id}/reflections")]
pub(crate) async fn reflections(
    May(scope): May<ReadGatherings>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    path: Path<GatheringPath>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<EntryId>(&cursors)?);
    let rows = store
        .read(move |tx| gatherings::list_reflections(tx, &scope, path.id, after, limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |one| EntryId(one.person.0))?;
    let items: Vec<SharedReflectionView> = rows.into_iter().map(SharedReflectionView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// Something that somebody missed and has not made up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MissedView {
    /// Who: a member of this deployment, or a visitor.
    person_id: PersonId,
    /// The member, where it is one of this deployment.
    member_id: Option<MemberId>,
    /// 姓名.
    #[schema(example = "王芳")]
    name: String,
    /// The branch or home unit.
    unit: Named<OrganisationId>,
    /// What was missed: goes into the audience of a make-up lesson, as `missed`.
    gathering: Named<GatheringId>,
    /// When it was.
    day: NaiveDate,
}

impl From<Missed> for MissedView {
    fn from(missed: Missed) -> Self {
        Self {
            person_id: missed.person,
            member_id: missed.member,
            name: missed.name,
            unit: Named {
                id: missed.unit,
                name: missed.unit_name,
            },
            gathering: Named {
                id: missed.gathering,
                name: missed.title,
            },
            day: missed.day,
        }
    }
}

/// Whose.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct MissedQuery {
    /// Of people of this organisation and those below it.
    organisation_id: Option<OrganisationId>,
    /// `attended`, with `missing`: what the statistics count as missed; also of gatherings that nobody makes up.
    #[param(inline)]
    figure: Option<Figure>,
    /// With a figure, and then always `true`.
    missing: Option<bool>,
    /// With a figure: the period's first day, as for statistics.
    #[param(example = "2026-01-01")]
    from: Option<NaiveDate>,
    /// With a figure: its last day, as for statistics.
    #[param(example = "2026-12-31")]
    to: Option<NaiveDate>,
    /// Of the named organisation itself, without those below it.
    itself: Option<bool>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl MissedQuery {
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
        counts.meant(|figure| figure == Figure::Attended && self.missing == Some(true), today)
    }
}

/// List what people missed and have not made up (待补课), in the order of the tree and then of the people: for whoever plans
/// a make-up lesson.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["ReadGatherings"])),
    params(MissedQuery),
    responses((status = 200, body = Page<MissedView>)),
)]
#[get("/v1/make-ups")]
pub(crate) async fn list_missed(
    May(scope): May<ReadGatherings>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(wanted): Query<MissedQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let counted = wanted.counted(store.today())?;
    let page = PageQuery {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let (limit, after) = (page.limit()?, page.position::<MissedPosition>(&cursors)?);
    let filter = MissedFilter {
        organisation: wanted.organisation_id,
        counted: counted.map(|counted| counted.period),
        itself: wanted.itself.unwrap_or(false),
    };
    let rows = store
        .read(move |tx| gatherings::list_missed(tx, &scope, filter, after.as_ref(), limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, Missed::position)?;
    let items: Vec<MissedView> = rows.into_iter().map(MissedView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// What somebody learned, by year.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LearnedView {
    /// The newest year first; a year without anything is left out.
    years: Vec<LearnedYear>,
}

/// What somebody learned in a year.
#[derive(Debug, Serialize, ToSchema)]
struct LearnedYear {
    /// The year.
    #[schema(example = 2027)]
    year: i32,
    /// At how many gatherings.
    #[schema(example = 3)]
    gatherings: u32,
    /// How many minutes.
    #[schema(example = 270)]
    minutes: u32,
    /// The same in hours (学时), to a tenth.
    #[schema(example = 4.5)]
    hours: f64,
}

impl From<Vec<Learned>> for LearnedView {
    fn from(learned: Vec<Learned>) -> Self {
        let year = |one: Learned| LearnedYear {
            year: one.year,
            gatherings: one.gatherings,
            minutes: one.minutes,
            hours: (f64::from(one.minutes) / 6.0).round() / 10.0,
        };
        Self {
            years: learned.into_iter().map(year).collect(),
        }
    }
}

/// Which member.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct MemberPath {
    /// The member's id.
    id: MemberId,
}

/// What a member learned, by year, at gatherings of whichever organisation.
#[utoipa::path(
    tag = "members",
    security(("token" = ["ReadMembers"])),
    params(MemberPath),
    responses((status = 200, body = LearnedView)),
)]
#[get("/v1/members/{id}/learning")]
pub(crate) async fn of_member(
    May(scope): May<ReadMembers>,
    store: Data<Store>,
    path: Path<MemberPath>,
) -> Result<Json<LearnedView>, Failure> {
    let learned = store
        .read(move |tx| gatherings::learned_by_member(tx, &scope, path.id))
        .await?;
    Ok(Json(learned.into()))
}

/// Which stay.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct StayPath {
    /// The stay's id.
    id: StayId,
}

/// What somebody learned who stays here, by year, at gatherings of whichever organisation; once it is verified who it is.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ReadStays"])),
    params(StayPath),
    responses((status = 200, body = LearnedView)),
)]
#[get("/v1/magnet/stays/{id}/learning")]
pub(crate) async fn of_stay(
    May(scope): May<ReadStays>,
    store: Data<Store>,
    path: Path<StayPath>,
) -> Result<Json<LearnedView>, Failure> {
    let learned = store
        .read(move |tx| gatherings::learned_in_stay(tx, &scope, path.id))
        .await?;
    Ok(Json(learned.into()))
}
