//! Who looks after a member from home (联系干部).
use actix_web::put;
use actix_web::web::{Data, Path};
use domain::access::ManageJourneys;
use domain::id::AccountId;
use domain::stay::Officer;
use persistence::{Store, journeys};
use serde::Deserialize;
use utoipa::ToSchema;

use super::journeys::JourneyPath;
use super::view::{JourneyView, said};
use crate::answer::Tagged;
use crate::extract::{Body, Caller, Faults, IfMatch, IfMatchHeader, Input, May};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::officer::{OfficerBody, read_officer};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(name_officer);
}

/// Who looks after the member from home, by account or by name and telephone; neither when nobody does any more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "contact_officer": { "name": "周干事", "phone": "19900000077" }, "reason": "原联系干部调离" }))]
pub(crate) struct HomeOfficerBody {
    /// An account with a role at the branch, above it or below it.
    contact_officer_id: Option<AccountId>,
    /// An officer who has no account.
    contact_officer: Option<OfficerBody>,
    /// Why, where there is something to say.
    #[schema(max_length = 500)]
    reason: Option<String>,
}

impl Input for HomeOfficerBody {
    type Meaning = (Option<Officer>, Option<String>);

    fn read(self, faults: &mut Faults) -> Option<Self::Meaning> {
        let reason = said(self.reason);
        match (self.contact_officer_id, self.contact_officer) {
            (None, None) => Some((None, reason)),
            (id, named) => read_officer(id, named, faults).map(|officer| (Some(officer), reason)),
        }
    }
}

/// Name the contact officer at home (联系干部); the timeline keeps who it was before.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = HomeOfficerBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "The journey has ended")),
)]
#[put("/v1/kite/journeys/{id}/officer")]
pub(crate) async fn name_officer(
    May(scope): May<ManageJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body((officer, reason)): Body<HomeOfficerBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let record = store
        .write(move |tx| journeys::name_officer(tx, &scope, path.id, seen, officer, reason.as_deref()))
        .await?;
    Ok(Tagged::ok(JourneyView::of(record, store.today(), &powers)))
}
