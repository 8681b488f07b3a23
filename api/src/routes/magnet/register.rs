//! The register of a host for a year (登记册), as CSV or as an Excel workbook.
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use domain::access::ReadRosters;
use domain::id::OrganisationId;
use persistence::{Store, rosters};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::extract::{Language, May, Query};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::rosters::{Exports, Kind, REGISTER, Said, stream};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(pull);
}

/// In which form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RegisterFormat {
    /// UTF-8 with a byte-order mark, so that Excel opens it.
    #[default]
    Csv,
    /// An Excel workbook.
    Xlsx,
}

/// Whose register of which year.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterQuery {
    /// The host itself; those below it have registers of their own.
    organisation_id: OrganisationId,
    /// The year of admission.
    #[param(example = 2027)]
    year: i32,
    /// `csv` unless said.
    #[param(inline)]
    format: Option<RegisterFormat>,
}

/// Pull a host's register of a year (登记册), in the order of its numbers: who was admitted, and who has left when and
/// where to.
///
/// It leaves an entry in the audit trail.
#[utoipa::path(
    tag = "magnet",
    security(("token" = ["ReadRosters"])),
    params(RegisterQuery),
    responses((status = 200, content(
        (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ))),
)]
#[get("/v1/magnet/register")]
pub(crate) async fn pull(
    May(scope): May<ReadRosters>,
    store: Data<Store>,
    exports: Data<Exports>,
    Query(wanted): Query<RegisterQuery>,
    language: Language,
) -> Result<HttpResponse, Failure> {
    let seat = exports.place()?;
    let which = (wanted.organisation_id, wanted.year);
    let noted = scope.clone();
    store.write(move |tx| rosters::note_register(tx, &noted, which)).await?;
    let said = Said {
        language,
        today: store.today(),
        zone: store.zone(),
    };
    let kind = match wanted.format.unwrap_or_default() {
        RegisterFormat::Csv => Kind::Csv,
        RegisterFormat::Xlsx => Kind::Workbook,
    };
    let (name, store) = (format!("register-{}", wanted.year), Store::clone(&store));
    Ok(stream(store, seat, (&name, kind), REGISTER, said, move |tx, put| {
        rosters::walk_register(tx, &scope, which, put)
    }))
}
