//! What a screen shows of a gathering.
use chrono::{DateTime, Utc};
use domain::audience::{Clause, ClauseKind};
use domain::gathering::attendance::{AttendanceMeans, State, StateName as AttendanceState, Verb as AttendanceVerb};
use domain::gathering::{Gathering, GatheringKind, State as GatheringState, StateName, Verb};
use domain::id::{GatheringId, LecturerId, OrganisationId, SeriesId};
use persistence::gatherings::{GatheringRecord, OwnGathering, Reflection};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::Versioned;
use crate::routes::kite::Named;

/// A gathering (活动).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GatheringView {
    #[serde(flatten)]
    what: GatheringFacts,
    /// Whom it means; nobody is told who does not lead it.
    audience: Vec<AudienceView>,
    /// How many people are on its list, by what is known of them: all for who leads it, else the caller's own.
    counts: CountsView,
    /// Who planned it.
    #[schema(example = "海安市委组织部")]
    organised_by: String,
    /// What is possible now.
    allowed: Vec<Verb>,
}

/// What everybody on a list sees of a gathering.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GatheringFacts {
    /// Its id.
    id: GatheringId,
    /// Who invites.
    organisation: Named<OrganisationId>,
    /// What it is.
    kind: GatheringKind,
    /// What it is called.
    #[schema(example = "每月一课：乡村振兴与在外党员")]
    title: String,
    /// What it is about.
    #[schema(example = json!(null))]
    description: Option<String>,
    /// Where.
    #[schema(example = "三塘村党群服务中心")]
    place: Option<String>,
    /// The address to join from afar.
    #[schema(example = json!(null))]
    link: Option<String>,
    /// When it begins.
    #[schema(example = "2027-01-25T01:00:00Z")]
    starts_at: DateTime<Utc>,
    /// When it ends.
    #[schema(example = "2027-01-25T02:30:00Z")]
    ends_at: DateTime<Utc>,
    /// How many minutes of learning it counts for.
    #[schema(example = 90)]
    learning_minutes: u16,
    /// Who speaks.
    lecturer: Option<Named<LecturerId>>,
    /// The series that it is one of.
    #[schema(example = json!(null))]
    series_id: Option<SeriesId>,
    /// The rule of that series.
    #[schema(example = json!(null))]
    rule: Option<String>,
    /// Where it stands.
    state: StateName,
    /// Why it was called off.
    #[schema(example = json!(null))]
    reason: Option<String>,
    /// Counts changes; goes into `If-Match`.
    #[schema(example = 1)]
    version: i32,
}

impl GatheringFacts {
    fn of(gathering: Gathering, organisation: String, lecturer: Option<String>) -> Self {
        let (series_id, rule) = gathering.series.map(|series| (series.id, series.rule)).unzip();
        Self {
            id: gathering.id,
            organisation: Named {
                id: gathering.organisation,
                name: organisation,
            },
            kind: gathering.kind,
            title: gathering.title,
            description: gathering.description,
            place: gathering.appointment.place,
            link: gathering.appointment.link,
            starts_at: gathering.appointment.begins,
            ends_at: gathering.appointment.ends,
            learning_minutes: gathering.learning_minutes,
            lecturer: gathering.lecturer.zip(lecturer).map(|(id, name)| Named { id, name }),
            series_id,
            rule,
            state: gathering.state.name(),
            reason: match gathering.state {
                GatheringState::Cancelled { reason } => Some(reason),
                GatheringState::Planned | GatheringState::Held => None,
            },
            version: gathering.version,
        }
    }
}

/// A clause of an audience.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AudienceView {
    /// What it goes by.
    kind: ClauseKind,
    /// The organisation or host.
    organisation: Option<Named<OrganisationId>>,
    /// GB/T 2260 code of the division.
    #[schema(example = json!(null))]
    division_code: Option<String>,
    /// The gathering that was missed.
    #[schema(example = json!(null))]
    gathering_id: Option<GatheringId>,
    /// The month, 1 to 12.
    #[schema(example = json!(null))]
    month: Option<u8>,
}

impl From<(Clause, Option<String>)> for AudienceView {
    fn from((clause, name): (Clause, Option<String>)) -> Self {
        let organisation = match clause {
            Clause::Organisation(id) | Clause::Host(id) | Clause::Stays(id) | Clause::PoliticalBirthday(id, _) => {
                name.map(|name| Named { id, name })
            }
            Clause::Destination(_) | Clause::Missed(_) => None,
        };
        Self {
            kind: clause.kind(),
            organisation,
            division_code: match clause {
                Clause::Destination(code) => Some(code.to_string()),
                _ => None,
            },
            gathering_id: match clause {
                Clause::Missed(id) => Some(id),
                _ => None,
            },
            month: match clause {
                Clause::PoliticalBirthday(_, month) => Some(month),
                _ => None,
            },
        }
    }
}

/// People on a list by what is known of them.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct CountsView {
    /// Are expected.
    #[schema(example = 12)]
    invited: i64,
    /// Were there.
    #[schema(example = 0)]
    attended: i64,
    /// Could not come.
    #[schema(example = 0)]
    excused: i64,
    /// Were not there.
    #[schema(example = 0)]
    missed: i64,
    /// Have made it up.
    #[schema(example = 0)]
    made_up: i64,
}

impl GatheringView {
    pub(crate) fn of(record: GatheringRecord, now: DateTime<Utc>) -> Self {
        let count = |state| record.counts.get(&state).copied().unwrap_or(0);
        let counts = CountsView {
            invited: count(AttendanceState::Invited),
            attended: count(AttendanceState::Attended),
            excused: count(AttendanceState::Excused),
            missed: count(AttendanceState::Missed),
            made_up: count(AttendanceState::MadeUp),
        };
        let allowed = if record.inside {
            let attended = u32::try_from(counts.attended + counts.made_up).unwrap_or(u32::MAX);
            record.gathering.allowed(now, attended)
        } else {
            Vec::new()
        };
        Self {
            audience: record.audience.into_iter().map(AudienceView::from).collect(),
            counts,
            organised_by: record.gathering.organised_by.clone(),
            allowed,
            what: GatheringFacts::of(record.gathering, record.organisation_name, record.lecturer_name),
        }
    }
}

impl Versioned for GatheringView {
    fn version(&self) -> i32 {
        self.what.version
    }
}

/// Whether somebody takes part.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PresenceView {
    /// Where it stands.
    state: AttendanceState,
    /// How it was told that the person was there.
    #[schema(example = json!(null))]
    means: Option<AttendanceMeans>,
    /// When, by the clock of whoever told.
    #[schema(example = json!(null))]
    recorded_at: Option<DateTime<Utc>>,
    /// The minutes that count.
    #[schema(example = 0)]
    minutes: u16,
    /// Why the person could not come.
    #[schema(example = json!(null))]
    reason: Option<String>,
    /// The gathering that made it up.
    #[schema(example = json!(null))]
    made_up_by: Option<GatheringId>,
    /// When what is known was received.
    #[schema(example = json!(null))]
    received_at: Option<DateTime<Utc>>,
}

impl PresenceView {
    pub(super) fn of(state: State, received_at: Option<DateTime<Utc>>) -> Self {
        let bare = Self {
            state: state.name(),
            means: None,
            recorded_at: None,
            minutes: 0,
            reason: None,
            made_up_by: None,
            received_at,
        };
        match state {
            State::Invited | State::Missed => bare,
            State::Attended(presence) => Self {
                means: Some(presence.means),
                recorded_at: Some(presence.at),
                minutes: presence.minutes,
                ..bare
            },
            State::Excused { reason } => Self {
                reason: Some(reason),
                ..bare
            },
            State::MadeUp { by } => Self {
                made_up_by: Some(by),
                ..bare
            },
        }
    }
}

/// A gathering on whose list the member is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnGatheringView {
    #[serde(flatten)]
    what: GatheringFacts,
    /// Whether I take part.
    attendance: PresenceView,
    /// What I wrote about it.
    reflection: Option<ReflectionView>,
    /// What I can do: come, which the code at the place shows, or say that I cannot.
    allowed: Vec<AttendanceVerb>,
}

impl From<OwnGathering> for OwnGatheringView {
    fn from(own: OwnGathering) -> Self {
        let allowed = own.allowed();
        Self {
            what: GatheringFacts::of(own.gathering, own.organisation_name, own.lecturer_name),
            attendance: PresenceView::of(own.attendance, own.received_at),
            reflection: own.reflection.map(ReflectionView::from),
            allowed,
        }
    }
}

/// What I wrote about a gathering (感言).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReflectionView {
    /// In my words.
    #[schema(example = "入党二十六年，第一次和大家一起过政治生日")]
    text: String,
    /// Whether whoever leads the gathering reads it.
    shared: bool,
    /// When I wrote it, or changed it last.
    written_at: DateTime<Utc>,
}

impl From<Reflection> for ReflectionView {
    fn from(reflection: Reflection) -> Self {
        Self {
            text: reflection.text,
            shared: reflection.shared,
            written_at: reflection.written_at,
        }
    }
}
