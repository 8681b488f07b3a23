//! What a stay looks like on its way out.
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::{ManageStays, Scope};
use domain::codes::{DestinationUnit, FormerOccupation};
use domain::handover;
use domain::id::{HandoverId, JourneyId, MemberId, OrganisationId, StayId};
use domain::stay::{Admission, NextPlace, Officer, Origin, Source, State, StateName, Verb, Verification};
use persistence::people::Person;
use persistence::stays::StayRecord;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::Versioned;
use crate::routes::kite::Named;
use crate::routes::officer::OfficerView;

/// Whoever stays, identity number and phone masked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonView {
    /// 姓名.
    #[schema(example = "张伟")]
    name: String,
    /// 公民身份号码, masked.
    #[schema(example = "320600********0023")]
    identity_number: Option<String>,
    /// 手机号码, masked.
    #[schema(example = "199****0023")]
    phone: Option<String>,
}

impl From<Person> for PersonView {
    fn from(person: Person) -> Self {
        Self {
            name: person.name,
            identity_number: person.identity.map(|number| number.masked()),
            phone: person.phone.map(|phone| phone.masked()),
        }
    }
}

/// Where the person says to come from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OriginView {
    /// The organisation's id, when it is here.
    organisation_id: Option<OrganisationId>,
    /// Its name.
    #[schema(example = "三塘村党支部")]
    name: Option<String>,
    /// Its telephone, as declared, when it is elsewhere.
    #[schema(example = json!(null))]
    phone: Option<String>,
}

/// How it became known who the person is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerificationView {
    /// `handover`: the origin offered; `origin`: the origin was asked; `call`: the origin was called; `certificate`: the
    /// holder showed one; `letter`: a letter was handed in, which can be fetched.
    #[schema(example = "handover")]
    by: &'static str,
    /// The day.
    on: NaiveDate,
    /// Who confirmed there; who looked at the certificate or handed the letter in here.
    #[schema(example = json!(null))]
    confirmed_by: Option<String>,
    /// The number called.
    #[schema(example = json!(null))]
    phone: Option<String>,
    /// The number of the certificate.
    #[schema(example = json!(null))]
    certificate_number: Option<String>,
}

impl From<&Verification> for VerificationView {
    fn from(verification: &Verification) -> Self {
        let (by, on, confirmed_by, phone) = match verification {
            Verification::Handover { on } => ("handover", *on, None, None),
            Verification::Origin { on, by } => ("origin", *on, Some(by.clone()), None),
            Verification::Call(call) => ("call", call.on, Some(call.spoke_with.clone()), Some(call.phone.clone())),
            Verification::Certificate(shown) => ("certificate", shown.on, Some(shown.by.clone()), None),
            Verification::Letter(letter) => ("letter", letter.on, Some(letter.by.clone()), None),
        };
        let certificate_number = match verification {
            Verification::Certificate(shown) => Some(shown.number.clone()),
            _ => None,
        };
        Self {
            by,
            on,
            confirmed_by,
            phone,
            certificate_number,
        }
    }
}

/// The entry in the register (一册).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AdmissionView {
    /// The workstation, temporary branch or other unit.
    home_unit: Named<OrganisationId>,
    /// Who looks after the person.
    contact_officer: OfficerView,
    /// The register's year.
    #[schema(example = 2027)]
    register_year: i32,
    /// The number in that year's register, from 1 without gaps.
    #[schema(example = 1)]
    register_number: i32,
    /// The day of admission.
    admitted_on: NaiveDate,
}

/// When and where to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeavingView {
    /// The day.
    left_on: NaiveDate,
    /// Where to.
    next: NextPlace,
    /// The division of the next place.
    #[schema(example = "320685")]
    next_division_code: Option<String>,
}

/// The newest hand-over about the stay.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StayHandoverView {
    /// Its id.
    id: HandoverId,
    /// What is asked.
    kind: handover::Kind,
    /// Where it stands.
    state: handover::StateName,
    /// Why it was declined or denied; what was said about where the person is.
    #[schema(example = json!(null))]
    reason: Option<String>,
}

/// A stay (流入).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StayView {
    /// Its id.
    id: StayId,
    /// Who stays.
    person: PersonView,
    /// The member that the person is here; shown once that is verified.
    member_id: Option<MemberId>,
    /// The host.
    host: Named<OrganisationId>,
    /// Who told of it first.
    source: Source,
    /// Where it stands.
    state: StateName,
    /// Where from.
    origin: OriginView,
    /// The journey that led here; shown once the person is verified.
    journey_id: Option<JourneyId>,
    /// The day of arrival.
    arrived_on: NaiveDate,
    /// The local address.
    #[schema(example = "城东镇某小区")]
    address: Option<String>,
    /// The employer or school.
    #[schema(example = "海安某纺织厂")]
    employer: Option<String>,
    /// The division of the origin, where the host says it, or what an origin elsewhere is called.
    #[schema(example = "511700")]
    origin_division_code: Option<String>,
    /// The kind of unit here, where the host says it.
    unit: Option<DestinationUnit>,
    /// What the person did before, where the host says it.
    former_occupation: Option<FormerOccupation>,
    /// How it became known who the person is.
    verification: Option<VerificationView>,
    /// The entry in the register.
    admission: Option<AdmissionView>,
    /// When and where to.
    leaving: Option<LeavingView>,
    /// The stay that goes on, of one that was merged.
    merged_into: Option<StayId>,
    /// Why it was rejected, withdrawn, merged or left.
    #[schema(example = json!(null))]
    reason: Option<String>,
    /// The newest hand-over about it.
    handover: Option<StayHandoverView>,
    /// When the member was last in contact on the journey, while the stay is open.
    last_contact_at: Option<DateTime<Utc>>,
    /// Counts changes; goes into `If-Match`.
    #[schema(example = 1)]
    version: i32,
    /// The transitions that this caller may perform now.
    allowed: Vec<Verb>,
}

impl Versioned for StayView {
    fn version(&self) -> i32 {
        self.version
    }
}

impl StayView {
    /// The stay for a caller who may manage stays in this scope.
    pub(crate) fn of(record: StayRecord, scope: Option<&Scope<ManageStays>>) -> Self {
        let (allowed, known) = (record.allowed(scope), record.is_known());
        let (stay, background) = (record.stay, record.background);
        let phone = match &stay.origin {
            Origin::Here(_) => None,
            Origin::Elsewhere { phone, .. } => phone.clone(),
        };
        let unit = record.home_unit_name.unwrap_or_default();
        let admission = stay.state.admission();
        Self {
            id: stay.id,
            person: record.person.into(),
            member_id: stay.member.filter(|_| known),
            host: Named {
                id: stay.host,
                name: record.host_name,
            },
            source: stay.source,
            state: stay.state.name(),
            origin: OriginView {
                organisation_id: stay.origin.here(),
                name: record.origin_name,
                phone,
            },
            journey_id: stay.journey.filter(|_| known),
            arrived_on: stay.arrived_on,
            verification: stay.state.verification().map(VerificationView::from),
            admission: admission.map(|admission| AdmissionView::of(admission, unit, record.officer_name)),
            leaving: stay.state.leaving().map(|leaving| LeavingView {
                left_on: leaving.on,
                next: leaving.next,
                next_division_code: leaving.division.map(|code| code.to_string()),
            }),
            merged_into: match &stay.state {
                State::Merged { into, .. } => Some(*into),
                _ => None,
            },
            reason: stay.state.reason().map(ToOwned::to_owned),
            address: stay.address,
            employer: stay.employer,
            origin_division_code: background.origin_division.map(|code| code.to_string()),
            unit: background.unit,
            former_occupation: background.former_occupation,
            handover: record.handover.map(|line| StayHandoverView {
                id: line.id,
                kind: line.kind,
                state: line.state,
                reason: line.reason,
            }),
            last_contact_at: record.last_contact_at,
            version: stay.version,
            allowed,
        }
    }
}

impl AdmissionView {
    fn of(admission: &Admission, unit: String, officer: Option<String>) -> Self {
        let (account_id, phone) = match &admission.officer {
            Officer::Account(id) => (Some(*id), None),
            Officer::Named { phone, .. } => (None, Some(phone.clone())),
        };
        Self {
            home_unit: Named {
                id: admission.home_unit,
                name: unit,
            },
            contact_officer: OfficerView {
                account_id,
                name: officer,
                phone,
            },
            register_year: admission.register.year,
            register_number: admission.register.number,
            admitted_on: admission.on,
        }
    }
}
