//! A contact officer hands the whole list over to another, in one step.
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use domain::access::{LookAfterMembers, ManageJourneys};
use domain::id::{AccountId, HandingId, OrganisationId};
use persistence::Store;
use persistence::officers::{self, Handing, NewHanding};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::recorded;
use crate::extract::{Body, Faults, Input, May};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::reason_in;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(hand_over);
}

/// A list to be handed over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandingBody {
    /// Its id, chosen by the client so that a repeated request is known; else the server's choice.
    #[schema(example = json!(null))]
    id: Option<HandingId>,
    /// Only for this organisation and those below it; everything that the caller reaches unless said.
    organisation_id: Option<OrganisationId>,
    /// Whose list.
    from_account_id: AccountId,
    /// Who takes over: an account with a role where the people belong, above it or below it.
    to_account_id: AccountId,
    /// Why; it stands on each timeline.
    #[schema(min_length = 1, max_length = 500, example = "原联系干部退休")]
    reason: String,
}

impl Input for HandingBody {
    type Meaning = (Option<HandingId>, NewHanding);

    fn read(self, faults: &mut Faults) -> Option<Self::Meaning> {
        let reason = reason_in(self.reason, faults)?;
        let handing = NewHanding {
            id: HandingId(uuid::Uuid::nil()),
            organisation: self.organisation_id,
            from: self.from_account_id,
            to: self.to_account_id,
            reason,
        };
        Some((self.id, handing))
    }
}

/// A list that was handed over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandingView {
    /// Its id.
    id: HandingId,
    /// Whose list it was.
    from_account_id: AccountId,
    /// Who has taken over.
    to_account_id: AccountId,
    /// How many people it is about.
    #[schema(example = 12)]
    people: i32,
    /// Open journeys that changed hands.
    #[schema(example = 9)]
    journeys: i32,
    /// Open stays that changed hands.
    #[schema(example = 4)]
    stays: i32,
    /// Open journeys and stays that stay with the officer: the caller does not reach them, or they belong elsewhere.
    #[schema(example = 0)]
    outside: i32,
}

impl From<Handing> for HandingView {
    fn from(handing: Handing) -> Self {
        Self {
            id: handing.id,
            from_account_id: handing.from,
            to_account_id: handing.to,
            people: handing.people,
            journeys: handing.journeys,
            stays: handing.stays,
            outside: handing.outside,
        }
    }
}

/// Hand a contact officer's whole list over to another, in one step: every open journey and stay.
///
/// Officers hand over their own lists; another's list is handed over by who leads journeys and stays (`ManageJourneys`),
/// as far as that reaches. Each member is told once, and the new officer once for all. The same id again answers 200 and
/// changes nothing.
#[utoipa::path(
    tag = "officer",
    security(("token" = ["LookAfterMembers"])),
    request_body = HandingBody,
    responses(
        (status = 201, body = HandingView),
        (status = 200, description = "It was done before; nothing has changed", body = HandingView),
    ),
)]
#[post("/v1/officer/handings")]
pub(crate) async fn hand_over(
    May(scope): May<LookAfterMembers>,
    leads: Option<May<ManageJourneys>>,
    store: Data<Store>,
    Body((id, handing)): Body<HandingBody>,
) -> Result<HttpResponse, Failure> {
    let leads = leads.map(|May(scope)| scope);
    let (done, new) = store
        .write(move |tx| {
            let id = id.unwrap_or_else(|| tx.fresh());
            officers::hand_over(tx, &scope, leads.as_ref(), &NewHanding { id, ..handing })
        })
        .await?;
    Ok(recorded(HandingView::from(done), new))
}
