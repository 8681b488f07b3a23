//! What a stay looks like on its way in.
use chrono::NaiveDate;
use domain::codes::{DestinationUnit, FormerOccupation, Gender};
use domain::division::DivisionCode;
use domain::id::{MemberId, OrganisationId, StayId};
use domain::identity::{IdentityFault, IdentityNumber};
use domain::stay::Background;
use persistence::people::NewVisitor;
use persistence::stays::{DeclaredOrigin, DeclaredPerson, NewStay, OwnStay, Place, StayChange};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::extract::{Faults, Input, clearable};
use crate::routes::kite::said;
use crate::routes::officer::read_phone;

/// Somebody whom the host found, as declared.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VisitorBody {
    /// 姓名.
    #[schema(min_length = 1, max_length = 64, example = "张伟")]
    pub(super) name: String,
    /// 性别; the identity number says it where it is not given.
    pub(super) gender: Option<Gender>,
    /// 公民身份号码; kept sealed.
    #[schema(max_length = 40, example = json!(null))]
    pub(super) identity_number: Option<String>,
    /// 手机号码; kept sealed. For a member who is known here the member's own record counts.
    #[schema(max_length = 40, example = "19900000023")]
    pub(super) phone: Option<String>,
}

impl VisitorBody {
    /// Reads it where its fields stand at `at` in the body.
    pub(super) fn read(self, at: &str, faults: &mut Faults) -> Option<NewVisitor> {
        let name = said(Some(self.name));
        if name.is_none() {
            faults.add(&format!("{at}/name"), "not_a_name");
        }
        let identity = said(self.identity_number).and_then(|text| {
            faults.take(
                &format!("{at}/identity_number"),
                IdentityNumber::parse(&text),
                IdentityFault::as_str,
            )
        });
        let phone = read_phone(&format!("{at}/phone"), self.phone, faults);
        Some(NewVisitor {
            name: name?,
            gender: self.gender,
            identity,
            phone,
        })
    }
}

/// Where the person says to come from: an organisation that is here, by id or code, or the name and telephone of
/// another one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "四川省达州市某村党支部", "phone": "0818-2345678" }))]
pub(crate) struct OriginBody {
    /// The organisation's id, when it is here.
    organisation_id: Option<OrganisationId>,
    /// The organisation's code, when it is here.
    #[schema(max_length = 32)]
    code: Option<String>,
    /// The organisation's name, when it is elsewhere.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// The organisation's telephone, when it is elsewhere.
    #[schema(max_length = 40)]
    phone: Option<String>,
}

impl OriginBody {
    pub(super) fn read(self, faults: &mut Faults) -> Option<DeclaredOrigin> {
        let (name, phone) = (said(self.name), read_phone("/origin/phone", self.phone, faults));
        let elsewhere = name.is_some() || phone.is_some();
        match (self.organisation_id, said(self.code)) {
            (None, None) => Some(DeclaredOrigin::Elsewhere {
                name,
                phone: phone.map(|phone| phone.national()),
            }),
            (Some(id), None) if !elsewhere => Some(DeclaredOrigin::Here(Place::Id(id))),
            (None, Some(code)) if !elsewhere => Some(DeclaredOrigin::Here(Place::Code(code))),
            _ => {
                faults.add("/origin", "one_of");
                None
            }
        }
    }
}

/// Somebody whom the host found (排查): a member of the own subtree by `member_id`, anybody else by `person`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "host_organisation_id": "01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f",
    "person": { "name": "赵敏", "phone": "19900000002" },
    "origin": { "name": "四川省达州市某村党支部", "phone": "0818-2345678" },
    "arrived_on": "2027-03-01", "address": "城东镇某小区", "employer": "海安某纺织厂",
}))]
pub(crate) struct NewStayBody {
    /// The stay's id, chosen by the client so that a repeated request is known; else the server's choice.
    #[schema(example = json!(null))]
    id: Option<StayId>,
    /// The host.
    host_organisation_id: OrganisationId,
    /// A member of the own subtree.
    #[schema(example = json!(null))]
    member_id: Option<MemberId>,
    /// Anybody else, as declared.
    person: Option<VisitorBody>,
    /// Where from; a member's home branch unless said.
    origin: Option<OriginBody>,
    /// The day of arrival.
    #[schema(example = "2027-03-01")]
    arrived_on: NaiveDate,
    /// The local address, as the person says it.
    #[schema(max_length = 200, example = "城东镇某小区")]
    address: Option<String>,
    /// The employer or school.
    #[schema(max_length = 200, example = "海安某纺织厂")]
    employer: Option<String>,
    /// GB/T 2260 code of the origin's division, for the yearly tables; what an origin elsewhere is called tells it unless
    /// said, and an origin that is here has its own.
    #[schema(example = "511700", pattern = "^[0-9]{6}$")]
    origin_division_code: Option<String>,
    /// The kind of unit here, for the yearly tables; that of the member's journey unless said.
    unit: Option<DestinationUnit>,
    /// What the person did before 原职业, for the yearly tables; that of the member's journey unless said.
    former_occupation: Option<FormerOccupation>,
}

/// A stay to be reported, but for an id that the server chooses.
pub(crate) type Reported = (Option<StayId>, Box<dyn FnOnce(StayId) -> NewStay + Send>);

impl Input for NewStayBody {
    type Meaning = Reported;

    fn read(self, faults: &mut Faults) -> Option<Reported> {
        let person = match (self.member_id, self.person) {
            (Some(id), None) => Some(DeclaredPerson::Member(id)),
            (None, Some(person)) => person.read("/person", faults).map(DeclaredPerson::Declared),
            _ => {
                faults.add("/person", "one_of");
                None
            }
        };
        let origin = self.origin.map(|origin| origin.read(faults));
        let (host, arrived_on) = (self.host_organisation_id, self.arrived_on);
        let (person, origin) = (person?, origin.flatten());
        let (address, employer) = (said(self.address), said(self.employer));
        let background = Background {
            origin_division: read_division(self.origin_division_code, faults),
            unit: self.unit,
            former_occupation: self.former_occupation,
        };
        let stay = move |id| NewStay {
            id,
            host,
            person,
            origin,
            arrived_on,
            address,
            employer,
            background,
        };
        Some((self.id, Box::new(stay)))
    }
}

/// The division of an origin.
fn read_division(code: Option<String>, faults: &mut Faults) -> Option<DivisionCode> {
    let code = said(code)?;
    faults.take(
        "/origin_division_code",
        DivisionCode::parse(&code),
        |_| "unknown_division",
    )
}

/// A member tells a host of the own arrival (报到): the host by its id, or by the code on its door.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "host_code": "320685100", "arrived_on": "2027-03-01", "address": "城东镇某小区", "employer": "海安某纺织厂",
}))]
pub(crate) struct OwnStayBody {
    /// Made by the phone, so that a retry is the same report; else the server's choice.
    #[schema(example = json!(null))]
    id: Option<StayId>,
    /// The host's id.
    #[schema(example = json!(null))]
    host_organisation_id: Option<OrganisationId>,
    /// The host's code.
    #[schema(max_length = 32, example = "320685100")]
    host_code: Option<String>,
    /// The day of arrival.
    #[schema(example = "2027-03-01")]
    arrived_on: NaiveDate,
    /// The local address.
    #[schema(max_length = 200, example = "城东镇某小区")]
    address: Option<String>,
    /// The employer or school.
    #[schema(max_length = 200, example = "海安某纺织厂")]
    employer: Option<String>,
}

/// A stay that a member reports, but for an id that the server chooses.
pub(crate) type OwnReported = (Option<StayId>, Box<dyn FnOnce(StayId) -> OwnStay + Send>);

impl Input for OwnStayBody {
    type Meaning = OwnReported;

    fn read(self, faults: &mut Faults) -> Option<OwnReported> {
        let host = match (self.host_organisation_id, said(self.host_code)) {
            (Some(id), None) => Some(Place::Id(id)),
            (None, Some(code)) => Some(Place::Code(code)),
            _ => {
                faults.add("/host_code", "one_of");
                None
            }
        }?;
        let (arrived_on, address, employer) = (self.arrived_on, said(self.address), said(self.employer));
        let stay = move |id| OwnStay {
            id,
            host,
            arrived_on,
            address,
            employer,
        };
        Some((self.id, Box::new(stay)))
    }
}

/// A correction: what is absent stays as it is, null clears.
#[expect(clippy::option_option, reason = "absent, null and a value are three things")]
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StayCorrectionBody {
    /// The day of arrival.
    #[schema(example = "2027-03-02")]
    arrived_on: Option<NaiveDate>,
    /// The local address.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, max_length = 200, example = "城东镇另一小区")]
    address: Option<Option<String>>,
    /// The employer or school.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, max_length = 200, example = json!(null))]
    employer: Option<Option<String>>,
    /// Where from; only before the origin is asked.
    origin: Option<OriginBody>,
    /// GB/T 2260 code of the origin's division.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, example = "511700", pattern = "^[0-9]{6}$")]
    origin_division_code: Option<Option<String>>,
    /// The kind of unit here.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<DestinationUnit>)]
    unit: Option<Option<DestinationUnit>>,
    /// What the person did before 原职业.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<FormerOccupation>)]
    former_occupation: Option<Option<FormerOccupation>>,
}

impl Input for StayCorrectionBody {
    type Meaning = StayChange;

    fn read(self, faults: &mut Faults) -> Option<StayChange> {
        Some(StayChange {
            arrived_on: self.arrived_on,
            address: self.address.map(said),
            employer: self.employer.map(said),
            origin: self.origin.and_then(|origin| origin.read(faults)),
            origin_division: self.origin_division_code.map(|code| read_division(code, faults)),
            unit: self.unit,
            former_occupation: self.former_occupation,
        })
    }
}
