//! A stay's transitions: one verb a route, one command each.
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use domain::access::{ManageStays, Scope};
use domain::division::DivisionCode;
use domain::id::{AccountId, OrganisationId, StayId};
use domain::stay::{Call, Command, Leaving, NextPlace};
use persistence::Store;
use persistence::stays::{self, NewAdmission};
use serde::Deserialize;
use utoipa::ToSchema;

use super::stays::StayPath;
use super::view::StayView;
use crate::answer::Tagged;
use crate::extract::{Body, Faults, IfMatch, IfMatchHeader, Input, May};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::{reason_in, said};
use crate::routes::officer::{OfficerBody, needed_phone, read_officer};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(ask_origin).service(confirm_by_call).service(admit);
    config.service(reject).service(withdraw);
    config.service(ask_whereabouts).service(leave);
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroundsBody {
    /// Why; both sides read it.
    #[schema(min_length = 1, max_length = 500, example = "本人未到本地")]
    reason: String,
}

impl Input for GroundsBody {
    type Meaning = String;

    fn read(self, faults: &mut Faults) -> Option<String> {
        reason_in(self.reason, faults)
    }
}

/// A telephone call with the origin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallBody {
    /// Whom the host spoke with.
    #[schema(min_length = 1, max_length = 64, example = "达州某村李书记")]
    spoke_with: String,
    /// The number.
    #[schema(max_length = 40, example = "0818-2345678")]
    phone: String,
    /// The day of the call.
    #[schema(example = "2027-03-02")]
    called_on: NaiveDate,
}

impl Input for CallBody {
    type Meaning = Command;

    fn read(self, faults: &mut Faults) -> Option<Command> {
        let spoke_with = said(Some(self.spoke_with));
        if spoke_with.is_none() {
            faults.add("/spoke_with", "not_a_name");
        }
        let phone = needed_phone("/phone", self.phone, faults);
        Some(Command::ConfirmByCall(Call {
            spoke_with: spoke_with?,
            phone: phone?,
            on: self.called_on,
        }))
    }
}

/// An admission (编入). The contact officer is given by account or by name and telephone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "home_unit_id": "01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f",
    "contact_officer": { "name": "周干事", "phone": "19900000077" },
}))]
pub(crate) struct AdmissionBody {
    /// The host itself, or a workstation, temporary branch or other unit below it.
    home_unit_id: OrganisationId,
    /// An account with a role at the host, above it or below it.
    #[schema(example = json!(null))]
    contact_officer_id: Option<AccountId>,
    /// An officer who has no account.
    contact_officer: Option<OfficerBody>,
}

impl Input for AdmissionBody {
    type Meaning = NewAdmission;

    fn read(self, faults: &mut Faults) -> Option<NewAdmission> {
        let officer = read_officer(self.contact_officer_id, self.contact_officer, faults);
        Some(NewAdmission {
            home_unit: self.home_unit_id,
            officer: officer?,
        })
    }
}

/// A leaving (走有注销).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeavingBody {
    /// The day.
    #[schema(example = "2027-11-30")]
    left_on: NaiveDate,
    /// Why, where there is something to say.
    #[schema(max_length = 500, example = "工程结束")]
    reason: Option<String>,
    /// Where to.
    next: NextPlace,
    /// GB/T 2260 code of the next place's division; an old code is read as its successor.
    #[schema(example = "320685", pattern = "^[0-9]{6}$")]
    next_division_code: Option<String>,
}

impl Input for LeavingBody {
    type Meaning = Leaving;

    fn read(self, faults: &mut Faults) -> Option<Leaving> {
        let division = self.next_division_code.and_then(|code| {
            faults.take(
                "/next_division_code",
                DivisionCode::parse(&code),
                |_| "unknown_division",
            )
        });
        Some(Leaving {
            on: self.left_on,
            reason: said(self.reason),
            next: self.next,
            division,
        })
    }
}

async fn apply(
    store: &Store,
    scope: Scope<ManageStays>,
    id: StayId,
    seen: i32,
    command: Command,
) -> Result<Tagged<StayView>, Failure> {
    let manages = scope.clone();
    let record = store
        .write(move |tx| stays::apply(tx, &scope, id, seen, command))
        .await?;
    Ok(Tagged::ok(StayView::of(record, Some(&manages))))
}

/// Ask the origin, which is here: opens a hand-over of the kind `verification`.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    params(StayPath, IfMatchHeader),
    responses((status = 200, body = StayView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/magnet/stays/{id}/ask-origin")]
pub(crate) async fn ask_origin(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    path: Path<StayPath>,
    IfMatch(seen): IfMatch,
) -> Result<Tagged<StayView>, Failure> {
    apply(&store, scope, path.id, seen, Command::AskOrigin).await
}

/// Record that the origin has confirmed by telephone.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    params(StayPath, IfMatchHeader),
    request_body = CallBody,
    responses((status = 200, body = StayView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/magnet/stays/{id}/confirm-by-call")]
pub(crate) async fn confirm_by_call(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    path: Path<StayPath>,
    IfMatch(seen): IfMatch,
    Body(command): Body<CallBody>,
) -> Result<Tagged<StayView>, Failure> {
    apply(&store, scope, path.id, seen, command).await
}

/// Admit (编入): gives the next number of the host's register of this year.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    params(StayPath, IfMatchHeader),
    request_body = AdmissionBody,
    responses((status = 200, body = StayView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/magnet/stays/{id}/admit")]
pub(crate) async fn admit(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    path: Path<StayPath>,
    IfMatch(seen): IfMatch,
    Body(new): Body<AdmissionBody>,
) -> Result<Tagged<StayView>, Failure> {
    let manages = scope.clone();
    let record = store
        .write(move |tx| stays::admit(tx, &scope, path.id, seen, new))
        .await?;
    Ok(Tagged::ok(StayView::of(record, Some(&manages))))
}

/// Turn the stay down, with a reason.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    params(StayPath, IfMatchHeader),
    request_body = GroundsBody,
    responses((status = 200, body = StayView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/magnet/stays/{id}/reject")]
pub(crate) async fn reject(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    path: Path<StayPath>,
    IfMatch(seen): IfMatch,
    Body(reason): Body<GroundsBody>,
) -> Result<Tagged<StayView>, Failure> {
    apply(&store, scope, path.id, seen, Command::Reject(reason)).await
}

/// Call the stay off, with a reason: a mistake, or the person never came.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    params(StayPath, IfMatchHeader),
    request_body = GroundsBody,
    responses((status = 200, body = StayView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/magnet/stays/{id}/withdraw")]
pub(crate) async fn withdraw(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    path: Path<StayPath>,
    IfMatch(seen): IfMatch,
    Body(reason): Body<GroundsBody>,
) -> Result<Tagged<StayView>, Failure> {
    apply(&store, scope, path.id, seen, Command::Withdraw(reason)).await
}

/// Ask the origin, which is here, where the person is, of whom nothing is heard any more: opens a hand-over of the kind
/// `whereabouts`. While one is open, putting the question again changes nothing.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    params(StayPath, IfMatchHeader),
    responses((status = 200, body = StayView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/magnet/stays/{id}/ask-whereabouts")]
pub(crate) async fn ask_whereabouts(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    path: Path<StayPath>,
    IfMatch(seen): IfMatch,
) -> Result<Tagged<StayView>, Failure> {
    let manages = scope.clone();
    let record = store
        .write(move |tx| stays::ask_whereabouts(tx, &scope, path.id, seen))
        .await?;
    Ok(Tagged::ok(StayView::of(record, Some(&manages))))
}

/// Record that the person has left (走有注销); an origin that is here is told, and asked to end the journey when the
/// person goes home.
///
/// For an unknown next place only once the origin was asked where the person is, and has answered or had the time to
/// (`handover_due_days` of the origin). Of an origin that is not here, the reason says how the person was looked for.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ManageStays"])),
    params(StayPath, IfMatchHeader),
    request_body = LeavingBody,
    responses(
        (status = 200, body = StayView),
        (status = 409, description = "Not possible now, or the origin has to be asked first: `errors` says what is missing"),
    ),
)]
#[post("/v1/magnet/stays/{id}/leave")]
pub(crate) async fn leave(
    May(scope): May<ManageStays>,
    store: Data<Store>,
    path: Path<StayPath>,
    IfMatch(seen): IfMatch,
    Body(leaving): Body<LeavingBody>,
) -> Result<Tagged<StayView>, Failure> {
    let manages = scope.clone();
    let record = store
        .write(move |tx| stays::leave(tx, &scope, path.id, seen, leaving))
        .await?;
    Ok(Tagged::ok(StayView::of(record, Some(&manages))))
}
