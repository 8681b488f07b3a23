//! Going on to another place without coming home (转往他处).
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use domain::access::ManageJourneys;
use domain::id::OrganisationId;
use domain::journey::Move;
use persistence::journeys::Place;
use persistence::{Store, journeys};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::journeys::JourneyPath;
use super::view::{DestinationBody, DestinationView, JourneyView, Named, said};
use crate::answer::Tagged;
use crate::extract::{Body, Caller, Faults, IfMatch, IfMatchHeader, Input, May};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(move_on);
}

/// A place where the member was before.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlaceView {
    /// Where.
    destination: DestinationView,
    /// The host there.
    host: Option<Named<OrganisationId>>,
    /// Since that day.
    since: Option<NaiveDate>,
    /// Until that day.
    until: NaiveDate,
}

impl From<Place> for PlaceView {
    fn from(place: Place) -> Self {
        Self {
            destination: place.destination.into(),
            host: place.host.zip(place.host_name).map(|(id, name)| Named { id, name }),
            since: place.since_on,
            until: place.until_on,
        }
    }
}

/// A move to another place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveOnBody {
    /// Where to.
    destination: DestinationBody,
    /// The host organisation there, when it is known here.
    #[schema(example = json!(null))]
    host_organisation_id: Option<OrganisationId>,
    /// The day of the move.
    #[schema(example = "2027-05-01")]
    on: NaiveDate,
    /// Why, where there is something to say.
    #[schema(max_length = 500, example = json!(null))]
    reason: Option<String>,
}

impl Input for MoveOnBody {
    type Meaning = (Move, Option<String>);

    fn read(self, faults: &mut Faults) -> Option<Self::Meaning> {
        let to = self.destination.read("/destination", faults);
        let (host, on) = (self.host_organisation_id, self.on);
        Some((Move { to, host, on }, said(self.reason)))
    }
}

/// Record that the member has gone on to another place without coming home.
///
/// The old host is told, and what it has not answered is taken back; the new one is offered the member.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ManageJourneys"])),
    params(JourneyPath, IfMatchHeader),
    request_body = MoveOnBody,
    responses((status = 200, body = JourneyView), (status = 409, description = "The member is not away")),
)]
#[post("/v1/kite/journeys/{id}/move-on")]
pub(crate) async fn move_on(
    May(scope): May<ManageJourneys>,
    Caller(powers): Caller,
    store: Data<Store>,
    path: Path<JourneyPath>,
    IfMatch(seen): IfMatch,
    Body((moved, reason)): Body<MoveOnBody>,
) -> Result<Tagged<JourneyView>, Failure> {
    let record = store
        .write(move |tx| journeys::move_on(tx, &scope, path.id, seen, moved, reason.as_deref()))
        .await?;
    Ok(Tagged::ok(JourneyView::of(record, store.today(), &powers)))
}
