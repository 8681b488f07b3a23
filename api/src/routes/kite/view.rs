//! What a journey looks like on its way in and out.
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use domain::advice::Advice;
use domain::checkin::{CheckIn, CheckInKind, Means, Wellbeing, legible};
use domain::codes::{DestinationUnit, FormerOccupation, JourneyReason};
use domain::division::{DivisionCode, full_name};
use domain::id::{CheckInId, EntryId, HandoverId, JourneyId, MemberId, OrganisationId};
use domain::journey::{Destination, INTERVAL_DAYS, StateName, Verb};
use persistence::checkins::Receipt;
use persistence::journeys::{BriefingItem, JourneyRecord, Plan, Powers};
use persistence::trail::Event;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::places::PlaceView;
use super::search::{DeclarationView, SilenceView};
use super::transfers::JourneyTransferView;
use crate::answer::Versioned;
use crate::extract::{Faults, Input};
use crate::routes::officer::OfficerView;

/// A thing by id and name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Named<I> {
    /// Its id.
    pub(crate) id: I,
    /// Its name.
    #[schema(example = "三塘村党支部")]
    pub(crate) name: String,
}

/// A destination. At least one of `division_code`, `country` and `place` is needed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DestinationBody {
    /// GB/T 2260 code of the division; an old code is read as its successor.
    #[schema(example = "310115", pattern = "^[0-9]{6}$")]
    division_code: Option<String>,
    /// The country or region, when abroad.
    #[schema(max_length = 64, example = json!(null))]
    country: Option<String>,
    /// The place as the member says it.
    #[schema(max_length = 200, example = "建筑工地")]
    place: Option<String>,
    /// The employer or school there.
    #[schema(max_length = 200, example = "海安建工")]
    employer: Option<String>,
    /// The kind of unit 外出流向.
    unit: Option<DestinationUnit>,
}

impl DestinationBody {
    /// Reads the destination; `at` is where it stands in the body.
    pub(crate) fn read(self, at: &str, faults: &mut Faults) -> Destination {
        let division = self.division_code.and_then(|code| {
            faults.take(
                &format!("{at}/division_code"),
                DivisionCode::parse(&code),
                |_| "unknown_division",
            )
        });
        let (country, place, employer, unit) = (said(self.country), said(self.place), said(self.employer), self.unit);
        let destination = Destination {
            division,
            country,
            place,
            employer,
            unit,
        };
        if !destination.is_known() {
            faults.add(at, "destination_required");
        }
        destination
    }
}

/// A text that says something.
pub(crate) fn said(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A reason that has to say something.
pub(crate) fn reason_in(text: String, faults: &mut Faults) -> Option<String> {
    let reason = said(Some(text));
    if reason.is_none() {
        faults.add("/reason", "reason_required");
    }
    reason
}

/// A departure notice's fields stand once; whose it is comes with the token or stands before them.
macro_rules! notice {
    ($(#[$doc:meta])* $name:ident { $($(#[$whose_doc:meta])* $whose:ident: $kind:ty,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name {
            $($(#[$whose_doc])* $whose: $kind,)?
            /// The journey's id, chosen by the client so that a repeated request is known; else the server's choice.
            id: Option<JourneyId>,
            /// Why.
            reason: JourneyReason,
            /// Where to.
            destination: DestinationBody,
            /// What the member did before 原职业.
            former_occupation: Option<FormerOccupation>,
            /// The day on which the member means to leave.
            #[schema(example = "2027-02-22")]
            planned_departure_on: Option<NaiveDate>,
            /// The day on which the member means to be back.
            #[schema(example = "2027-12-20")]
            expected_return_on: Option<NaiveDate>,
            /// The host organisation, when it is known here.
            host_organisation_id: Option<OrganisationId>,
            /// Days between contacts; the organisation's choice unless said.
            #[schema(minimum = 1, maximum = 366, example = 30)]
            contact_interval_days: Option<u16>,
            /// The number of the certificate (流动党员活动证).
            #[schema(max_length = 40, example = json!(null))]
            certificate_number: Option<String>,
        }

        impl Input for $name {
            type Meaning = ($($kind,)? Option<JourneyId>, Plan);

            fn read(self, faults: &mut Faults) -> Option<Self::Meaning> {
                let destination = self.destination.read("/destination", faults);
                check_dates(self.planned_departure_on, self.expected_return_on, faults);
                let plan = Plan {
                    reason: self.reason,
                    destination,
                    former_occupation: self.former_occupation,
                    host: self.host_organisation_id,
                    certificate_number: said(self.certificate_number),
                    planned_departure_on: self.planned_departure_on,
                    expected_return_on: self.expected_return_on,
                    interval_days: self.contact_interval_days.filter(|days| INTERVAL_DAYS.contains(days)),
                };
                Some(($(self.$whose,)? self.id, plan))
            }
        }
    };
}

notice! {
    /// A member's own departure notice (外出登记).
    NoticeBody {}
}

notice! {
    /// A departure notice for a member (外出登记).
    NewJourneyBody {
        /// Whose.
        member_id: MemberId,
    }
}

/// Nobody is back before leaving.
pub(crate) fn check_dates(leaving: Option<NaiveDate>, back: Option<NaiveDate>, faults: &mut Faults) {
    if leaving.zip(back).is_some_and(|(leaving, back)| back < leaving) {
        faults.add("/expected_return_on", "before_departure");
    }
}

/// Where a journey goes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DestinationView {
    /// GB/T 2260 code of the division.
    #[schema(example = "310115")]
    division_code: Option<String>,
    /// The division's full name.
    #[schema(example = "上海市浦东新区")]
    division: Option<String>,
    /// The country or region, when abroad.
    #[schema(example = json!(null))]
    country: Option<String>,
    /// The place as the member says it.
    #[schema(example = "建筑工地")]
    place: Option<String>,
    /// The employer or school there.
    #[schema(example = "海安建工")]
    employer: Option<String>,
    /// The kind of unit 外出流向.
    unit: Option<DestinationUnit>,
}

impl From<Destination> for DestinationView {
    fn from(destination: Destination) -> Self {
        Self {
            division_code: destination.division.map(|code| code.to_string()),
            division: destination.division.map(full_name),
            country: destination.country,
            place: destination.place,
            employer: destination.employer,
            unit: destination.unit,
        }
    }
}

/// One item of the briefing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BriefingView {
    /// Its stable word.
    #[schema(example = "talk")]
    item: String,
    /// Its Chinese name.
    #[schema(example = "行前谈话")]
    title: String,
    /// Its English name.
    #[schema(example = "A talk before leaving")]
    title_en: String,
    /// Whether the member can tick it.
    #[schema(example = false)]
    by_member: bool,
    /// The day on which it was done.
    #[schema(example = json!(null))]
    done_on: Option<NaiveDate>,
    /// Who did it.
    #[schema(example = json!(null))]
    by: Option<String>,
}

impl From<BriefingItem> for BriefingView {
    fn from(item: BriefingItem) -> Self {
        Self {
            item: item.item,
            title: item.zh,
            title_en: item.en,
            by_member: item.by_member,
            done_on: item.done_on,
            by: item.done_by,
        }
    }
}

/// The last hand-over (对接) of a journey.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LastHandoverView {
    /// Its id.
    id: HandoverId,
    /// The host that is asked.
    host: Named<OrganisationId>,
    /// Where it stands.
    state: domain::handover::StateName,
}

/// A journey (流动).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JourneyView {
    /// Its id.
    id: JourneyId,
    /// Whose.
    member: Named<MemberId>,
    /// The branch that keeps the formal relation.
    origin: Named<OrganisationId>,
    /// Where it stands.
    state: StateName,
    /// Why.
    reason: JourneyReason,
    /// Where to.
    destination: DestinationView,
    /// What the member did before 原职业.
    former_occupation: Option<FormerOccupation>,
    /// The host organisation, once known here.
    host: Option<Named<OrganisationId>>,
    /// The number of the certificate.
    #[schema(example = json!(null))]
    certificate_number: Option<String>,
    /// The day on which the member means to leave.
    planned_departure_on: Option<NaiveDate>,
    /// The day on which the member means to be back.
    #[schema(example = "2027-12-20")]
    expected_return_on: Option<NaiveDate>,
    /// The day of departure, once there was one.
    departed_on: Option<NaiveDate>,
    /// Days between contacts.
    #[schema(example = 30)]
    contact_interval_days: u16,
    /// The day by which contact is due, while away.
    #[schema(example = "2027-03-24")]
    next_checkin_due: Option<NaiveDate>,
    /// When the member was last in contact.
    last_contact_at: Option<DateTime<Utc>>,
    /// Whether contact is overdue today.
    overdue: bool,
    /// What is talked through before leaving.
    briefing: Vec<BriefingView>,
    /// The words of what is still open of it.
    #[schema(example = json!(["talk"]))]
    open_briefing_items: Vec<String>,
    /// The last hand-over to a host, where there was one.
    handover: Option<LastHandoverView>,
    /// The newest transfer of the formal relation (组织关系转接).
    transfer: Option<JourneyTransferView>,
    /// Where the member was on this journey before, oldest first.
    places: Vec<PlaceView>,
    /// The contact officer at home (联系干部).
    contact_officer: Option<OfficerView>,
    /// Since when nothing was heard of the member, while away.
    silence: Option<SilenceView>,
    /// The newest declaration that the member is out of contact (失联).
    declaration: Option<DeclarationView>,
    /// What is advised to whoever leads the journey; nothing follows from it by itself, and nobody else is shown it.
    advice: Vec<AdviceView>,
    /// Counts changes; goes into `If-Match`.
    #[schema(example = 1)]
    version: i32,
    /// The transitions that this caller may perform now.
    allowed: Vec<Verb>,
}

/// What is advised, never forced.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AdviceView {
    /// Its stable word.
    advice: Advice,
    /// In Chinese.
    #[schema(example = "外出已超过六个月且地点固定，请与本人商量转接组织关系")]
    says: &'static str,
    /// In English.
    #[schema(example = "Away for more than six months at the same place")]
    says_en: &'static str,
    /// The rule behind it, in Chinese.
    #[schema(example = "《中国共产党党员教育管理工作条例》（2019年）")]
    source: &'static str,
    /// The same in English.
    #[schema(example = "Regulation on the education and management of party members (2019)")]
    source_en: &'static str,
}

impl From<Advice> for AdviceView {
    fn from(advice: Advice) -> Self {
        let (says, source) = (advice.says(), advice.source());
        Self {
            advice,
            says: says.zh,
            says_en: says.en,
            source: source.zh,
            source_en: source.en,
        }
    }
}

impl Versioned for JourneyView {
    fn version(&self) -> i32 {
        self.version
    }
}

impl JourneyView {
    /// The journey as it is on `today`, for a caller with these powers.
    pub(crate) fn of(record: JourneyRecord, today: NaiveDate, powers: &Powers) -> Self {
        let (allowed, silence) = (powers.allowed(&record), SilenceView::of(&record));
        let leads = powers.leads.as_ref().is_some_and(|scope| scope.covers(&record.path));
        let JourneyRecord {
            journey,
            member_name,
            origin_name,
            host_name,
            briefing,
            handover,
            beside,
            advice,
            ..
        } = record;
        let advice = advice.into_iter().filter(|_| leads).map(AdviceView::from);
        let is_open = |item: &&BriefingItem| item.done_on.is_none();
        let open = briefing.iter().filter(is_open).map(|item| item.item.clone()).collect();
        Self {
            id: journey.id,
            member: Named {
                id: journey.member,
                name: member_name,
            },
            origin: Named {
                id: journey.origin,
                name: origin_name,
            },
            state: journey.state.name(),
            reason: journey.reason,
            destination: journey.destination.into(),
            former_occupation: journey.former_occupation,
            host: journey.host.zip(host_name).map(|(id, name)| Named { id, name }),
            certificate_number: journey.certificate_number,
            planned_departure_on: journey.planned_departure_on,
            expected_return_on: journey.expected_return_on,
            departed_on: journey.state.departed_on(),
            contact_interval_days: journey.interval_days,
            next_checkin_due: journey.state.due(),
            last_contact_at: journey.last_contact_at,
            overdue: journey.state.is_overdue(today),
            briefing: briefing.into_iter().map(BriefingView::from).collect(),
            open_briefing_items: open,
            handover: handover.map(|last| LastHandoverView {
                id: last.id,
                host: Named {
                    id: last.host,
                    name: last.host_name,
                },
                state: last.state,
            }),
            transfer: beside.transfer.map(JourneyTransferView::from),
            places: beside.places.into_iter().map(PlaceView::from).collect(),
            contact_officer: beside.officer.map(OfficerView::from),
            silence,
            declaration: beside.declaration.map(DeclarationView::from),
            advice: advice.collect(),
            version: journey.version,
            allowed,
        }
    }
}

/// A check-in (报到).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckInBody {
    /// Made by the phone (UUIDv7): the same id again is the same check-in.
    id: CheckInId,
    /// What it says.
    kind: CheckInKind,
    /// GB/T 2260 code of the division; what the member says, at district grain.
    #[schema(example = "310115", pattern = "^[0-9]{6}$")]
    division_code: Option<String>,
    /// The place in the member's words.
    #[schema(max_length = 200, example = "浦东工地宿舍")]
    place: Option<String>,
    /// How the member is.
    wellbeing: Wellbeing,
    /// Anything else.
    #[schema(max_length = 1000, example = json!(null))]
    note: Option<String>,
    /// By the phone's clock; one that is ahead of the server's, or behind by more than a year, counts as now.
    #[schema(example = "2026-11-23T08:00:00Z")]
    recorded_at: DateTime<Utc>,
    /// How the contact was made: `app` unless said.
    means: Option<Means>,
}

impl Input for CheckInBody {
    type Meaning = CheckIn;

    fn read(self, faults: &mut Faults) -> Option<CheckIn> {
        let division = self
            .division_code
            .and_then(|code| faults.take("/division_code", DivisionCode::parse(&code), |_| "unknown_division"));
        Some(CheckIn {
            id: self.id,
            kind: self.kind,
            division,
            place: said(self.place),
            wellbeing: self.wellbeing,
            note: said(self.note),
            means: self.means.unwrap_or(Means::App),
            recorded_at: legible(self.recorded_at),
        })
    }
}

/// What the phone is told about its check-in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceiptView {
    /// The check-in.
    id: CheckInId,
    /// Its journey.
    journey_id: JourneyId,
    /// What it said.
    kind: CheckInKind,
    /// When it was received first.
    received_at: DateTime<Utc>,
    /// Where the journey stands now.
    state: StateName,
    /// The day by which the next contact is due, while away.
    #[schema(example = "2026-12-23")]
    next_checkin_due: Option<NaiveDate>,
    /// Whether the phone's clock is so wrong that the time of receiving counts instead.
    clock_doubtful: bool,
    /// Whether it was here before: then nothing has changed.
    duplicate: bool,
}

impl ReceiptView {
    /// 201 for a new one, 200 for one that was here before.
    pub(crate) const fn status(&self) -> StatusCode {
        if self.duplicate {
            StatusCode::OK
        } else {
            StatusCode::CREATED
        }
    }

    /// The receipt of a single check-in as an answer.
    pub(crate) fn answer(&self) -> HttpResponse {
        HttpResponse::build(self.status()).json(self)
    }
}

impl From<Receipt> for ReceiptView {
    fn from(receipt: Receipt) -> Self {
        Self {
            id: receipt.id,
            journey_id: receipt.journey,
            kind: receipt.kind,
            received_at: receipt.received_at,
            state: receipt.state,
            next_checkin_due: receipt.next_due,
            clock_doubtful: receipt.clock_doubtful,
            duplicate: receipt.duplicate,
        }
    }
}

/// One event of a timeline.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimelineEntry {
    /// Its id; ids grow with time.
    id: EntryId,
    /// When.
    at: DateTime<Utc>,
    /// Who did it.
    #[schema(example = "李书记")]
    who: String,
    /// What happened, a stable word.
    #[schema(example = "depart")]
    event: String,
    /// The journey, stay or hand-over that it is about.
    subject_id: Uuid,
    /// Why, where a reason was given.
    #[schema(example = json!(null))]
    reason: Option<String>,
    /// More facts.
    #[schema(value_type = Option<Object>, example = json!(null))]
    detail: Option<Value>,
}

impl From<Event> for TimelineEntry {
    fn from(event: Event) -> Self {
        Self {
            id: event.id,
            at: event.at,
            who: event.who.name,
            event: event.event,
            subject_id: event.subject,
            reason: event.reason,
            detail: event.detail,
        }
    }
}
