//! The work list (工作清单): what the caller should do next.
use actix_web::get;
use actix_web::web::{Data, Json};
use chrono::NaiveDate;
use domain::access::LookAfterMembers;
use domain::worklist::{Act, Desk, TaskKind};
use persistence::Store;
use persistence::worklist::{self, Section, Task};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::kite::Named;
use crate::extract::{InSession, Language, May};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(crate) fn configure(config: &mut Routes<'_>) {
    config.service(show);
}

/// What the caller should do next.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorklistView {
    /// The day that it is for.
    on: NaiveDate,
    /// What there is to do, a section a kind, in the order in which it is best done; nothing is left out but kinds without
    /// a task.
    sections: Vec<SectionView>,
}

/// Tasks of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SectionView {
    /// What kind.
    kind: TaskKind,
    /// The first of them, the one due first before the others.
    tasks: Vec<TaskView>,
    /// How many more there are; of more than five hundred, that many.
    #[schema(example = 12)]
    more: usize,
    /// The whole list, where there is one.
    #[schema(example = "/v1/rosters/overdue")]
    list: Option<&'static str>,
}

/// Something to do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskView {
    /// The hand-over, journey, stay, member, service request or wish that it is about.
    subject_id: Uuid,
    /// Who; nobody of a wish.
    person: Option<Named<Uuid>>,
    /// When it is due, or since when it waits.
    due_on: Option<NaiveDate>,
    /// Why it is here, in the caller's language.
    #[schema(example = "王芳同志应报到而未报到，已过6天，请联系")]
    why: String,
    /// The call that does it.
    act: ActView,
    /// Where to read more, and what else may be done.
    #[schema(example = "/v1/kite/journeys/01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f")]
    see: String,
}

/// A call of this API.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActView {
    /// By which method.
    #[schema(example = "POST")]
    method: &'static str,
    /// Where.
    #[schema(example = "/v1/kite/journeys/01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f/contacts")]
    href: String,
    /// What of the body is known already; the contract says what else it takes.
    #[schema(value_type = Option<Object>, example = json!(null))]
    body: Option<Value>,
}

/// The call that does it, and where to read more.
fn links(task: &Task, today: NaiveDate) -> (ActView, String) {
    let id = task.subject;
    let handover = format!("/v1/handovers/{id}");
    let journey = format!("/v1/kite/journeys/{id}");
    let stay = format!("/v1/magnet/stays/{id}");
    let request = format!("/v1/service-requests/{id}");
    let wish = format!("/v1/wishes/{id}");
    let (method, of, verb, body) = match &task.act {
        Act::Accept => ("POST", handover, "/accept".to_owned(), None),
        Act::Confirm => ("POST", handover, "/confirm".to_owned(), None),
        Act::SayWhere => ("POST", handover, "/answer".to_owned(), None),
        Act::RecordContact => ("POST", journey, "/contacts".to_owned(), None),
        Act::Return(on) => ("POST", journey, "/return".to_owned(), Some(json!({ "on": on }))),
        Act::RecordVisit => ("POST", stay, "/visits".to_owned(), None),
        Act::Brief(item) => ("PUT", journey, format!("/briefing/{item}"), None),
        Act::Depart => ("POST", journey, "/depart".to_owned(), None),
        Act::Give(present) => {
            let person = task.person.as_ref().map(|(id, _)| *id).unwrap_or_default();
            let body = json!({
                "person_id": person, "occasion": present.occasion, "item": present.item, "name": present.name,
                "given_on": today,
            });
            let act = ActView {
                method: "POST",
                href: "/v1/gifts".to_owned(),
                body: Some(body),
            };
            return (act, format!("/v1/gifts?person_id={person}"));
        }
        Act::AnswerRequest => ("POST", request, "/answer".to_owned(), None),
        Act::Publish => ("POST", wish, "/publish".to_owned(), None),
        Act::AskOrigin => ("POST", stay, "/ask-origin".to_owned(), None),
        Act::ConfirmByCall => ("POST", stay, "/confirm-by-call".to_owned(), None),
        Act::Admit => ("POST", stay, "/admit".to_owned(), None),
        Act::ConfirmOutOfContact => ("POST", journey, "/confirm-out-of-contact".to_owned(), None),
    };
    let href = format!("{of}{verb}");
    (ActView { method, href, body }, of)
}

/// Where the whole list of a kind is.
const fn list_of(kind: TaskKind) -> Option<&'static str> {
    match kind {
        TaskKind::Handover => Some("/v1/handovers?direction=incoming"),
        TaskKind::Overdue => Some("/v1/rosters/overdue"),
        TaskKind::Briefing | TaskKind::Departure => Some("/v1/kite/journeys?state=planned"),
        TaskKind::Help | TaskKind::Return | TaskKind::Card | TaskKind::Declaration => None,
        TaskKind::ServiceRequest => Some("/v1/service-requests"),
        TaskKind::Wish => Some("/v1/wishes?state=written"),
        TaskKind::Verify => Some("/v1/magnet/stays?state=reported"),
        TaskKind::Admit => Some("/v1/magnet/stays?state=verified"),
    }
}

impl TaskView {
    fn of(task: Task, today: NaiveDate, language: Language) -> Self {
        let (act, see) = links(&task, today);
        let name = task.person.as_ref().map_or("", |(_, name)| name);
        let said = task.why.says(name, today);
        Self {
            subject_id: task.subject,
            person: task.person.map(|(id, name)| Named { id, name }),
            due_on: task.due_on,
            why: match language {
                Language::Chinese => said.zh,
                Language::English => said.en,
            },
            act,
            see,
        }
    }
}

impl SectionView {
    fn of(section: Section, today: NaiveDate, language: Language) -> Self {
        let more = section.total.saturating_sub(section.tasks.len());
        let tasks = section.tasks.into_iter();
        Self {
            kind: section.kind,
            tasks: tasks.map(|task| TaskView::of(task, today, language)).collect(),
            more,
            list: list_of(section.kind),
        }
    }
}

/// What the caller should do next: hand-overs to answer, members who ask for help or say that they are back, members and
/// guests overdue, briefings open, cards and gifts for political birthdays, service requests due, wishes to publish, stays
/// to verify. An office sees what is its own, and what has waited below; a
/// contact officer those whom the officer looks after.
#[utoipa::path(
    tag = "worklist",
    security(("token" = ["LookAfterMembers"])),
    responses((status = 200, body = WorklistView)),
)]
#[get("/v1/worklist")]
pub(crate) async fn show(
    May(scope): May<LookAfterMembers>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    language: Language,
) -> Result<Json<WorklistView>, Failure> {
    let (desk, on) = (Desk::of(&actor), store.today());
    let sections = store.read(move |tx| worklist::of(tx, &scope, &desk)).await?;
    let sections = sections.into_iter().map(|one| SectionView::of(one, on, language));
    Ok(Json(WorklistView {
        on,
        sections: sections.collect(),
    }))
}
