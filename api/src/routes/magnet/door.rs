//! The code on a host's door, and the report of whoever scans it (扫码报到): without an account, and without an answer
//! that tells anything.
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::NaiveDate;
use domain::access::{ManageStays, Scope};
use domain::certificate::Refusal;
use domain::codes::Gender;
use domain::division::{DivisionCode, full_name};
use domain::id::{OrganisationId, StayId};
use persistence::Store;
use persistence::stays::{self, DoorReport};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::{OriginBody, VisitorBody};
use crate::auth::{Desk, door_until};
use crate::extract::{Body, Faults, Input, May};
use crate::openapi::Routes;
use crate::pace::{Pace, Unhurried};
use crate::picture;
use crate::problem::{Failure, Fault};
use crate::routes::kite::{Named, said};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(show).service(show_png).service(show_svg).service(report);
}

/// Which host.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct HostPath {
    /// The organisation's id.
    id: OrganisationId,
}

/// The code on a host's door.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArrivalCodeView {
    /// The signed text that the picture holds: who scans it reports the own arrival with it.
    #[schema(max_length = 500, example = "eyJ0eXAiOiJraXRlbGluZS1ob3N0K2p3dCIs…")]
    code: String,
    /// The host.
    host: Named<OrganisationId>,
    /// The last day on which it is good.
    valid_until: NaiveDate,
}

async fn code_of(
    scope: Scope<ManageStays>,
    id: OrganisationId,
    store: &Store,
    desk: &Desk,
) -> Result<ArrivalCodeView, Failure> {
    let host = store.read(move |tx| stays::host(tx, &scope, id)).await?;
    let valid_until = door_until(store.today());
    let signed = desk.signer().door(host.id, valid_until, store.zone());
    Ok(ArrivalCodeView {
        code: signed.map_err(|error| Failure::Internal(error.to_string()))?,
        host: Named {
            id: host.id,
            name: host.name,
        },
        valid_until,
    })
}

/// The code to put on a host's door (报到码), good for a year: who scans it reports the own arrival.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    params(HostPath),
    responses((status = 200, body = ArrivalCodeView)),
)]
#[get("/v1/organisations/{id}/arrival-code")]
pub(crate) async fn show(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    desk: Data<Desk>,
    path: Path<HostPath>,
) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(code_of(scope, path.id, &store, &desk).await?))
}

/// The code as a picture (QR code) to print, PNG.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    params(HostPath),
    responses((status = 200, body = String, content_type = "image/png")),
)]
#[get("/v1/organisations/{id}/arrival-code.png")]
pub(crate) async fn show_png(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    desk: Data<Desk>,
    path: Path<HostPath>,
) -> Result<HttpResponse, Failure> {
    let code = code_of(scope, path.id, &store, &desk).await?.code;
    Ok(HttpResponse::Ok().content_type("image/png").body(picture::png(&code)?))
}

/// The code as a picture (QR code) to print, SVG.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    params(HostPath),
    responses((status = 200, body = String, content_type = "image/svg+xml")),
)]
#[get("/v1/organisations/{id}/arrival-code.svg")]
pub(crate) async fn show_svg(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    desk: Data<Desk>,
    path: Path<HostPath>,
) -> Result<HttpResponse, Failure> {
    let code = code_of(scope, path.id, &store, &desk).await?.code;
    let picture = picture::svg(&code)?;
    Ok(HttpResponse::Ok().content_type("image/svg+xml").body(picture))
}

/// The report of an arrival by whoever scanned a host's code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "id": "01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f", "code": "eyJ0eXAiOiJraXRlbGluZS1ob3N0K2p3dCIs…", "name": "张伟",
    "phone": "19900000023", "origin": { "name": "四川省达州市某村党支部" }, "arrived_on": "2027-03-01",
    "division_code": "320685", "place": "城东镇某小区", "employer": "海安某纺织厂",
}))]
pub(crate) struct SelfReportBody {
    /// Made by the phone, so that a retry is the same report.
    id: StayId,
    /// What the picture holds.
    #[schema(max_length = 2000)]
    code: String,
    /// 姓名.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// 性别; the identity number says it where it is not given.
    gender: Option<Gender>,
    /// 公民身份号码; this or the phone is needed.
    #[schema(max_length = 40)]
    identity_number: Option<String>,
    /// 手机号码; this or the identity number is needed.
    #[schema(max_length = 40)]
    phone: Option<String>,
    /// Where from.
    origin: Option<OriginBody>,
    /// The day of arrival.
    arrived_on: NaiveDate,
    /// GB/T 2260 code of the division; an old code is read as its successor.
    #[schema(pattern = "^[0-9]{6}$")]
    division_code: Option<String>,
    /// The place, as the person says it.
    #[schema(max_length = 200)]
    place: Option<String>,
    /// The employer or school.
    #[schema(max_length = 200)]
    employer: Option<String>,
}

/// A report, but for the host that its code names.
pub(crate) struct Reported {
    code: String,
    report: Box<dyn FnOnce(OrganisationId) -> DoorReport + Send>,
}

impl Input for SelfReportBody {
    type Meaning = Reported;

    fn read(self, faults: &mut Faults) -> Option<Reported> {
        if said(self.identity_number.clone())
            .or(said(self.phone.clone()))
            .is_none()
        {
            faults.add("/phone", "identity_or_phone");
        }
        let person = VisitorBody {
            name: self.name,
            gender: self.gender,
            identity_number: self.identity_number,
            phone: self.phone,
        };
        let person = person.read("", faults);
        let origin = self.origin.map(|origin| origin.read(faults));
        let division = self
            .division_code
            .and_then(|code| faults.take("/division_code", DivisionCode::parse(&code), |_| "unknown_division"));
        let place = said(self.place);
        let address = [division.map(full_name), place].into_iter().flatten();
        let address = said(Some(address.collect::<Vec<_>>().join(" ")));
        let (id, arrived_on, employer) = (self.id, self.arrived_on, said(self.employer));
        let (person, origin) = (person?, origin.flatten());
        Some(Reported {
            code: self.code,
            report: Box::new(move |host| DoorReport {
                id,
                host,
                person,
                origin,
                arrived_on,
                address,
                employer,
            }),
        })
    }
}

/// That a report has come: the same whether somebody is known or not.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceivedView {
    /// The report's id.
    id: StayId,
    /// The name of the host.
    #[schema(example = "雅周镇流动党员工作站")]
    host: String,
}

/// Report the own arrival to the host whose code was scanned (扫码报到); needs no account.
///
/// The host's secretaries are told, and find out who it is. Nothing is shown of anybody: the answer is the same whether
/// the person is known or not. The same `id` again changes nothing. Who sends too many, or to a host that is sent too
/// many, is asked to wait.
#[utoipa::path(
    tag = "magnet",
    request_body = SelfReportBody,
    responses((status = 202, body = ReceivedView, description = "It has come"), (status = 429)),
)]
#[post("/v1/magnet/self-reports")]
pub(crate) async fn report(
    _: Unhurried,
    store: Data<Store>,
    desk: Data<Desk>,
    pace: Data<Pace>,
    Body(reported): Body<SelfReportBody>,
) -> Result<HttpResponse, Failure> {
    let host = desk.signer().host_of(&reported.code, store.now(), store.zone());
    let host = host.map_err(|why| no_code(&why))?;
    pace.to(host)?;
    let report = (reported.report)(host);
    let id = report.id;
    let host = store.write(move |tx| stays::report_at_door(tx, report)).await?;
    Ok(HttpResponse::build(StatusCode::ACCEPTED).json(ReceivedView { id, host: host.name }))
}

/// The fault of a code that does not count.
fn no_code(why: &Refusal) -> Failure {
    let (code, expected) = match why {
        Refusal::OtherKind => ("arrival_code_other_kind", String::new()),
        Refusal::UnknownKey => ("arrival_code_unknown_key", String::new()),
        Refusal::Forged => ("arrival_code_forged", String::new()),
        Refusal::Expired(day) => ("arrival_code_expired", day.to_string()),
        _ => ("arrival_code_malformed", String::new()),
    };
    Failure::Invalid(vec![Fault::new("/code", code, expected)])
}
