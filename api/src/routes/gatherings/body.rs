//! What comes in about gatherings.
use chrono::{DateTime, Utc};
use domain::audience::{Clause, ClauseKind, MOST_CLAUSES};
use domain::division::DivisionCode;
use domain::gathering::{Appointment, GatheringKind};
use domain::id::{GatheringId, LecturerId, OrganisationId};
use persistence::gatherings::{GatheringChange, NewGathering};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::extract::{Clearable, Faults, Input, clearable};
use crate::routes::kite::{reason_in, said};

/// A clause of an audience: what it goes by, and what that needs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "kind": "organisation", "organisation_id": "01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f" }))]
pub(super) struct AudienceBody {
    /// What it goes by.
    kind: ClauseKind,
    /// The organisation (`organisation`, `political_birthday`) or host (`host`, `stays`).
    organisation_id: Option<OrganisationId>,
    /// GB/T 2260 code of the division (`destination`): a province, city or county, with all that is below it.
    #[schema(pattern = "^[0-9]{6}$")]
    division_code: Option<String>,
    /// The gathering that was missed (`missed`).
    gathering_id: Option<GatheringId>,
    /// The month (`political_birthday`).
    #[schema(minimum = 1, maximum = 12)]
    month: Option<u8>,
}

impl AudienceBody {
    fn read(self, at: usize, faults: &mut Faults) -> Option<Clause> {
        let field = |name: &str| format!("/audience/{at}/{name}");
        let clause = match self.kind {
            ClauseKind::Organisation => self.organisation_id.map(Clause::Organisation).ok_or("organisation_id"),
            ClauseKind::Host => self.organisation_id.map(Clause::Host).ok_or("organisation_id"),
            ClauseKind::Stays => self.organisation_id.map(Clause::Stays).ok_or("organisation_id"),
            ClauseKind::Missed => self.gathering_id.map(Clause::Missed).ok_or("gathering_id"),
            ClauseKind::PoliticalBirthday => match (self.organisation_id, self.month) {
                (Some(organisation), Some(month)) => Ok(Clause::PoliticalBirthday(organisation, month)),
                (None, _) => Err("organisation_id"),
                (_, None) => Err("month"),
            },
            ClauseKind::Destination => match self.division_code.as_deref() {
                Some(code) => {
                    let code = faults.take(
                        &field("division_code"),
                        DivisionCode::parse(code),
                        |_| "unknown_division",
                    );
                    return code.map(Clause::Destination);
                }
                None => Err("division_code"),
            },
        };
        match clause {
            Ok(clause) => Some(clause),
            Err(missing) => {
                faults.add(&field(missing), "required");
                None
            }
        }
    }
}

pub(super) fn audience(clauses: Vec<AudienceBody>, faults: &mut Faults) -> Vec<Clause> {
    if clauses.len() > MOST_CLAUSES {
        faults.add("/audience", "too_long");
    }
    let clauses = clauses.into_iter().enumerate();
    clauses.filter_map(|(at, clause)| clause.read(at, faults)).collect()
}

/// A gathering about to be planned, or the first of a series.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "organisation_id": "01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f", "kind": "lesson", "title": "每月一课",
    "place": "三塘村党群服务中心", "starts_at": "2027-01-25T01:00:00Z", "ends_at": "2027-01-25T02:30:00Z",
    "audience": [{ "kind": "organisation", "organisation_id": "01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f" }],
}))]
pub(super) struct GatheringBody {
    /// The gathering's id, or that of the first of a series, chosen by the client so that a repeated request is known;
    /// else the server's choice.
    id: Option<GatheringId>,
    /// Who invites.
    organisation_id: OrganisationId,
    /// What it is.
    kind: GatheringKind,
    /// What it is called.
    #[schema(min_length = 1, max_length = 100)]
    title: String,
    /// What it is about.
    #[schema(max_length = 2000)]
    description: Option<String>,
    /// Where; this or `link` is needed.
    #[schema(max_length = 200)]
    place: Option<String>,
    /// An `https` address to join from afar; this or `place` is needed.
    #[schema(max_length = 500)]
    link: Option<String>,
    /// When it begins; of a series, the time of day of all, and no earlier than the first.
    starts_at: DateTime<Utc>,
    /// When it ends: at most 72 hours later.
    ends_at: DateTime<Utc>,
    /// How many minutes of learning it counts for; all of the time unless said, for a birthday none.
    #[schema(maximum = 4320)]
    learning_minutes: Option<u16>,
    /// Who speaks.
    lecturer_id: Option<LecturerId>,
    /// Whom it means: whoever any of these means, once.
    #[schema(min_items = 1, max_items = 20)]
    audience: Vec<AudienceBody>,
    /// The rule of a series (RFC 5545, RRULE), such as `FREQ=MONTHLY;BYMONTHDAY=25`: at most 120 within two years, none
    /// several times a day. A rule without an end, or with a later one, is planned for 24 months from the first on; plan
    /// anew before they are over. `UNTIL` is an instant (`20271225T155959Z`), or a day to its end (`20271225`).
    #[schema(min_length = 1, max_length = 200)]
    rule: Option<String>,
}

/// A gathering, but for an id that the server chooses.
pub(super) type Planned = (Option<GatheringId>, NewGathering);

pub(super) fn title_in(title: String, faults: &mut Faults) -> Option<String> {
    let title = said(Some(title));
    if title.is_none() {
        faults.add("/title", "required");
    }
    title
}

pub(super) fn check(appointment: &Appointment, faults: &mut Faults) {
    for (field, code) in appointment.faults() {
        faults.add(field, code);
    }
}

impl Input for GatheringBody {
    type Meaning = Planned;

    fn read(self, faults: &mut Faults) -> Option<Planned> {
        let appointment = Appointment {
            begins: self.starts_at,
            ends: self.ends_at,
            place: said(self.place),
            link: said(self.link),
        };
        check(&appointment, faults);
        let title = title_in(self.title, faults);
        let audience = audience(self.audience, faults);
        let new = NewGathering {
            id: GatheringId(uuid::Uuid::nil()),
            organisation: self.organisation_id,
            kind: self.kind,
            title: title?,
            description: said(self.description),
            appointment,
            learning_minutes: self.learning_minutes,
            lecturer: self.lecturer_id,
            audience,
            rule: said(self.rule),
        };
        Some((self.id, new))
    }
}

/// A change of a gathering: what is absent stays as it is, null is cleared.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "place": "三塘小学会议室", "following": false }))]
pub(super) struct GatheringPatch {
    /// What it is called.
    #[schema(min_length = 1, max_length = 100)]
    title: Option<String>,
    /// What it is about.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    description: Clearable<String>,
    /// Where.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, max_length = 200)]
    place: Clearable<String>,
    /// An `https` address to join from afar.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, max_length = 500)]
    link: Clearable<String>,
    /// When it begins; alone it moves the end along. Once somebody was there it stays on its day.
    starts_at: Option<DateTime<Utc>>,
    /// When it ends.
    ends_at: Option<DateTime<Utc>>,
    /// How many minutes of learning it counts for.
    #[schema(maximum = 4320)]
    learning_minutes: Option<u16>,
    /// Who speaks.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<LecturerId>)]
    lecturer_id: Clearable<LecturerId>,
    /// Whom it means; whoever is on the list already stays there.
    #[schema(min_items = 1, max_items = 20)]
    audience: Option<Vec<AudienceBody>>,
    /// Whether those that follow in the series are changed alike, and moved by as much.
    #[serde(default)]
    following: bool,
}

impl Input for GatheringPatch {
    type Meaning = GatheringChange;

    fn read(self, faults: &mut Faults) -> Option<GatheringChange> {
        let title = match self.title {
            Some(title) => Some(title_in(title, faults)?),
            None => None,
        };
        Some(GatheringChange {
            title,
            description: self.description.map(said),
            begins: self.starts_at,
            ends: self.ends_at,
            place: self.place.map(said),
            link: self.link.map(said),
            learning_minutes: self.learning_minutes,
            lecturer: self.lecturer_id,
            audience: self.audience.map(|clauses| audience(clauses, faults)),
            following: self.following,
        })
    }
}

/// Why a gathering is called off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "场地检修", "following": false }))]
pub(super) struct CancellationBody {
    /// Why; whoever was invited reads it.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
    /// Whether those that follow in the series are called off as well.
    #[serde(default)]
    following: bool,
}

impl Input for CancellationBody {
    type Meaning = (String, bool);

    fn read(self, faults: &mut Faults) -> Option<Self::Meaning> {
        Some((reason_in(self.reason, faults)?, self.following))
    }
}
