//! A service request (服务事项) as who asks and those who serve see it.
use chrono::{DateTime, NaiveDate, Utc};
use domain::id::{AccountId, OrganisationId, PersonId, ServiceRequestId};
use domain::service::{Kind, Party, Rating, StateName, Verb};
use persistence::service_requests::ServiceRecord;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::Hands;
use super::{AttachmentView, ServiceMessageView};
use crate::answer::Versioned;
use crate::routes::kite::Named;

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
    pub(super) fn to_staff(record: ServiceRecord, today: NaiveDate, hands: &Hands) -> Self {
        let in_charge = record.request.officer.as_ref().is_some_and(|one| hands.is(one.account));
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
