//! The code at the place (签到码): shown by whoever keeps the list, read by the members' phones.
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use chrono::{DateTime, Utc};
use domain::access::{RecordAttendance, Scope};
use domain::certificate::Refusal;
use domain::gathering::code::{Minutes, NotShown};
use domain::id::GatheringId;
use persistence::{Store, gatherings};
use serde::Serialize;
use utoipa::ToSchema;

use super::GatheringPath;
use crate::auth::Desk;
use crate::extract::May;
use crate::openapi::Routes;
use crate::picture;
use crate::problem::{Failure, Fault};
use crate::routes::kite::Named;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(show).service(show_png).service(show_svg);
}

/// The code at the place of a gathering.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttendanceCodeView {
    /// The signed text that the picture holds: a member's phone reads it.
    #[schema(max_length = 500, example = "eyJ0eXAiOiJraXRlbGluZS1nYXRoZXJpbmcrand0Iiwi…")]
    code: String,
    /// The gathering.
    gathering: Named<GatheringId>,
    /// The first instant at which it is no longer good: a screen shows another by then.
    #[schema(example = "2027-01-25T01:05:00Z")]
    valid_until: DateTime<Utc>,
}

async fn code_of(
    scope: Scope<RecordAttendance>,
    id: GatheringId,
    store: &Store,
    desk: &Desk,
) -> Result<AttendanceCodeView, Failure> {
    let gathering = store.read(move |tx| gatherings::shows_code(tx, &scope, id)).await?;
    let minutes = Minutes::shown(&gathering.appointment, store.now());
    let minutes = minutes.map_err(|why| not_shown(&gathering, why))?;
    let signed = desk.signer().attendance_code(id, minutes);
    Ok(AttendanceCodeView {
        code: signed.map_err(|error| Failure::Internal(error.to_string()))?,
        gathering: Named {
            id,
            name: gathering.title,
        },
        valid_until: minutes.until,
    })
}

fn not_shown(gathering: &domain::gathering::Gathering, why: NotShown) -> Failure {
    let (code, at) = match why {
        NotShown::Before(at) => ("code_not_shown_yet", at),
        NotShown::After(at) => ("code_not_shown_any_more", at),
    };
    let missing = persistence::Missing {
        code,
        wanted: at.to_rfc3339(),
    };
    let incomplete = persistence::StoreError::Incomplete {
        state: gathering.state.name().as_str(),
        verb: "show_code",
        missing: vec![missing],
        allowed: Vec::new(),
    };
    incomplete.into()
}

/// The code to show at the place (签到码), good for ten minutes: from half an hour before the gathering to half an hour
/// after.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["RecordAttendance"])),
    params(GatheringPath),
    responses((status = 200, body = AttendanceCodeView), (status = 409, description = "Not at this time")),
)]
#[get("/v1/gatherings/{id}/attendance-code")]
pub(crate) async fn show(
    May(scope): May<RecordAttendance>,
    store: Data<Store>,
    desk: Data<Desk>,
    path: Path<GatheringPath>,
) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::Ok().json(code_of(scope, path.id, &store, &desk).await?))
}

/// The code as a picture (QR code) for a screen, PNG.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["RecordAttendance"])),
    params(GatheringPath),
    responses(
        (status = 200, body = String, content_type = "image/png"),
        (status = 409, description = "Not at this time"),
    ),
)]
#[get("/v1/gatherings/{id}/attendance-code.png")]
pub(crate) async fn show_png(
    May(scope): May<RecordAttendance>,
    store: Data<Store>,
    desk: Data<Desk>,
    path: Path<GatheringPath>,
) -> Result<HttpResponse, Failure> {
    let code = code_of(scope, path.id, &store, &desk).await?.code;
    Ok(HttpResponse::Ok().content_type("image/png").body(picture::png(&code)?))
}

/// The code as a picture (QR code) for a screen, SVG.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["RecordAttendance"])),
    params(GatheringPath),
    responses(
        (status = 200, body = String, content_type = "image/svg+xml"),
        (status = 409, description = "Not at this time"),
    ),
)]
#[get("/v1/gatherings/{id}/attendance-code.svg")]
pub(crate) async fn show_svg(
    May(scope): May<RecordAttendance>,
    store: Data<Store>,
    desk: Data<Desk>,
    path: Path<GatheringPath>,
) -> Result<HttpResponse, Failure> {
    let code = code_of(scope, path.id, &store, &desk).await?.code;
    let picture = picture::svg(&code)?;
    Ok(HttpResponse::Ok().content_type("image/svg+xml").body(picture))
}

/// The fault of a code that does not count.
pub(crate) fn no_code(why: &Refusal) -> Failure {
    let code = match why {
        Refusal::OtherKind => "attendance_code_other_kind",
        Refusal::UnknownKey => "attendance_code_unknown_key",
        Refusal::Forged => "attendance_code_forged",
        _ => "attendance_code_malformed",
    };
    Failure::Invalid(vec![Fault::new("/code", code, "")])
}
