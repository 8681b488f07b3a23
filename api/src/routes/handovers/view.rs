//! What a hand-over looks like to both sides.
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::{AnswerHandovers, Scope};
use domain::handover::{Kind, StateName, Verb, Whereabouts};
use domain::id::{HandoverId, JourneyId, OrganisationId, StayId};
use persistence::handovers::{HandoverRecord, JourneyGlimpse, StayGlimpse};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::Versioned;
use crate::routes::kite::Named;
use crate::routes::magnet::PersonView;

/// What the other side sees of a journey.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandoverJourneyView {
    /// Its id.
    id: JourneyId,
    /// Where it stands.
    #[schema(example = "away")]
    state: String,
    /// Why.
    #[schema(example = "work")]
    reason: String,
    /// GB/T 2260 code of the destination's division.
    #[schema(example = "320685")]
    division_code: Option<String>,
    /// The place as the member says it.
    #[schema(example = "城东镇")]
    place: Option<String>,
    /// The employer or school.
    #[schema(example = "海安某纺织厂")]
    employer: Option<String>,
    /// The day of departure.
    departed_on: Option<NaiveDate>,
    /// When the member was last in contact.
    last_contact_at: Option<DateTime<Utc>>,
}

impl From<JourneyGlimpse> for HandoverJourneyView {
    fn from(journey: JourneyGlimpse) -> Self {
        Self {
            id: journey.id,
            state: journey.state,
            reason: journey.reason,
            division_code: journey.division_code,
            place: journey.place,
            employer: journey.employer,
            departed_on: journey.departed_on,
            last_contact_at: journey.last_contact_at,
        }
    }
}

/// What the other side sees of a stay.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandoverStayView {
    /// Its id.
    id: StayId,
    /// Where it stands.
    #[schema(example = "verified")]
    state: String,
    /// The day of arrival.
    arrived_on: NaiveDate,
    /// The day of leaving.
    #[schema(example = json!(null))]
    left_on: Option<NaiveDate>,
    /// Where to.
    #[schema(example = json!(null))]
    next: Option<String>,
}

impl From<StayGlimpse> for HandoverStayView {
    fn from(stay: StayGlimpse) -> Self {
        Self {
            id: stay.id,
            state: stay.state,
            arrived_on: stay.arrived_on,
            left_on: stay.left_on,
            next: stay.next,
        }
    }
}

/// A hand-over (对接).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandoverView {
    /// Its id.
    id: HandoverId,
    /// `offer`: the origin offers a member; `verification`: the host asks whether somebody is a member of the
    /// origin; `whereabouts`: the host asks where somebody is.
    kind: Kind,
    /// Where it stands.
    state: StateName,
    /// Who asks.
    asking: Named<OrganisationId>,
    /// Who is asked.
    asked: Named<OrganisationId>,
    /// Who asked, by name.
    #[schema(example = "李书记")]
    asked_by: String,
    /// Since when.
    asked_at: DateTime<Utc>,
    /// The day by which an answer is due.
    #[schema(example = "2027-03-04")]
    due_on: NaiveDate,
    /// The day on which it lapses without an answer.
    #[schema(example = "2027-03-24")]
    lapses_on: NaiveDate,
    /// The day on which the organisation above both was told that no answer had come.
    #[schema(example = json!(null))]
    escalated_on: Option<NaiveDate>,
    /// About whom.
    person: PersonView,
    /// The journey; of a verification only once it is confirmed.
    journey: Option<HandoverJourneyView>,
    /// The stay that is asked about, or that was opened by the answer.
    stay: Option<HandoverStayView>,
    /// Who answered, by name.
    #[schema(example = json!(null))]
    answered_by: Option<String>,
    /// Whether an organisation above answered in the asked one's place.
    on_behalf: bool,
    /// Which.
    #[schema(example = json!(null))]
    answered_from: Option<Named<OrganisationId>>,
    /// When.
    #[schema(example = json!(null))]
    answered_at: Option<DateTime<Utc>>,
    /// Where the person is, as the origin says.
    whereabouts: Option<Whereabouts>,
    /// Why it was declined or denied; what was said about where the person is.
    #[schema(example = json!(null))]
    reason: Option<String>,
    /// Counts changes; goes into `If-Match`.
    #[schema(example = 1)]
    version: i32,
    /// The transitions that this caller may perform now.
    allowed: Vec<Verb>,
}

impl Versioned for HandoverView {
    fn version(&self) -> i32 {
        self.version
    }
}

impl HandoverView {
    /// The hand-over on `today` for a caller who may answer hand-overs in this scope.
    pub(crate) fn of(record: HandoverRecord, scope: Option<&Scope<AnswerHandovers>>, today: NaiveDate) -> Self {
        let allowed = record.allowed(scope, today);
        let handover = record.handover;
        let answer = handover.state.answer().cloned();
        let from = answer.as_ref().and_then(|answer| answer.from);
        let from = from.zip(record.answered_from_name);
        Self {
            id: handover.id,
            kind: handover.state.kind(),
            state: handover.state.name(),
            asking: Named {
                id: handover.asking,
                name: record.asking_name,
            },
            asked: Named {
                id: handover.asked,
                name: record.asked_name,
            },
            asked_by: handover.asked_by,
            asked_at: record.created_at,
            due_on: handover.deadlines.due_on,
            lapses_on: handover.deadlines.lapses_on,
            escalated_on: record.escalated_on,
            person: record.person.into(),
            journey: record.journey.map(HandoverJourneyView::from),
            stay: record.stay.map(HandoverStayView::from),
            on_behalf: from.is_some(),
            answered_from: from.map(|(id, name)| Named { id, name }),
            answered_at: answer.as_ref().map(|answer| answer.at),
            answered_by: answer.map(|answer| answer.by),
            whereabouts: handover.state.whereabouts(),
            reason: handover.state.reason().map(ToOwned::to_owned),
            version: handover.version,
            allowed,
        }
    }
}
