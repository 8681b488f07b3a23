//! Contacts (联系记录): who tried to reach a member who is away, and what came of it.
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use domain::access::{ReadJourneys, RecordContact};
use domain::contact::{Contact, ContactMeans, ContactOutcome};
use domain::id::{ContactId, JourneyId};
use persistence::contacts::{ContactPosition, Recorded};
use persistence::{Store, Tx, contacts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::journeys::JourneyPath;
use super::view::said;
use crate::answer::recorded;
use crate::extract::{Body, CursorKey, Faults, Input, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(record).service(list);
}

/// A contact that was tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactBody {
    /// The contact's id, chosen by the client so that a repeated request is known; else the server's choice.
    #[schema(example = json!(null))]
    id: Option<ContactId>,
    /// How.
    means: ContactMeans,
    /// What came of it.
    outcome: ContactOutcome,
    /// What was spoken of, or tried; the member can read it.
    #[schema(max_length = 1000, example = "电话报平安，工地月底完工")]
    summary: Option<String>,
    /// What is to be done next.
    #[schema(max_length = 500, example = "春节前再联系一次")]
    next_step: Option<String>,
    /// When; now unless said, and never later.
    #[schema(example = "2027-03-01T08:00:00Z")]
    contacted_at: Option<DateTime<Utc>>,
}

/// A contact, but for an id and an instant that the server chooses.
pub(crate) type Tried = (Option<ContactId>, Option<DateTime<Utc>>, Contact);

/// The contact with an id and an instant, the caller's or else the server's.
pub(crate) fn whole(tx: &Tx<'_>, (id, at, contact): Tried) -> Contact {
    Contact {
        id: id.unwrap_or_else(|| tx.fresh()),
        contacted_at: at.unwrap_or_else(|| tx.now()),
        ..contact
    }
}

impl Input for ContactBody {
    type Meaning = Tried;

    fn read(self, _: &mut Faults) -> Option<Tried> {
        let contact = Contact {
            id: ContactId(uuid::Uuid::nil()),
            means: self.means,
            outcome: self.outcome,
            summary: said(self.summary),
            next_step: said(self.next_step),
            contacted_at: DateTime::UNIX_EPOCH,
        };
        Some((self.id, self.contacted_at, contact))
    }
}

/// A contact as it was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactView {
    /// Its id.
    id: ContactId,
    /// Its journey.
    journey_id: JourneyId,
    /// How.
    means: ContactMeans,
    /// What came of it.
    outcome: ContactOutcome,
    /// What was spoken of, or tried.
    #[schema(example = "电话报平安，工地月底完工")]
    summary: Option<String>,
    /// What is to be done next.
    #[schema(example = "春节前再联系一次")]
    next_step: Option<String>,
    /// When.
    contacted_at: DateTime<Utc>,
    /// Who recorded it.
    #[schema(example = "李书记")]
    by: String,
    /// When it was received first.
    received_at: DateTime<Utc>,
}

impl From<Recorded> for ContactView {
    fn from(recorded: Recorded) -> Self {
        let contact = recorded.contact;
        Self {
            id: contact.id,
            journey_id: recorded.journey,
            means: contact.means,
            outcome: contact.outcome,
            summary: contact.summary,
            next_step: contact.next_step,
            contacted_at: contact.contacted_at,
            by: recorded.by,
            received_at: recorded.received_at,
        }
    }
}

/// Record a contact (联系记录) with a member who is away.
///
/// A member who was reached is in contact exactly as by a check-in; an attempt that failed moves nothing. The same id
/// again answers 200 and changes nothing.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["RecordContact"])),
    params(JourneyPath),
    request_body = ContactBody,
    responses(
        (status = 201, body = ContactView),
        (status = 200, description = "It was here before; nothing has changed", body = ContactView),
        (status = 409, description = "The member is not away"),
    ),
)]
#[post("/v1/kite/journeys/{id}/contacts")]
pub(crate) async fn record(
    May(scope): May<RecordContact>,
    store: Data<Store>,
    path: Path<JourneyPath>,
    Body(tried): Body<ContactBody>,
) -> Result<HttpResponse, Failure> {
    let (contact, new) = store
        .write(move |tx| {
            let contact = whole(tx, tried);
            contacts::record(tx, &scope, path.id, &contact)
        })
        .await?;
    Ok(recorded(ContactView::from(contact), new))
}

/// The contacts of a journey, newest first.
#[utoipa::path(
    tag = "kite",
    security(("token" = ["ReadJourneys"])),
    params(JourneyPath, PageQuery),
    responses((status = 200, body = Page<ContactView>)),
)]
#[get("/v1/kite/journeys/{id}/contacts")]
pub(crate) async fn list(
    May(scope): May<ReadJourneys>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    path: Path<JourneyPath>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<ContactPosition>(&cursors)?);
    let rows = store
        .read(move |tx| contacts::list(tx, &scope, path.id, after, limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, Recorded::position)?;
    let items: Vec<ContactView> = rows.into_iter().map(ContactView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}
