//! Gifts (红色书包、生日贺卡): what an organisation gave to whom.
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::{ReadServices, ServePeople};
use domain::gift::{GiftItem, GiftOccasion, GiftState};
use domain::id::{GiftId, OrganisationId, PersonId};
use persistence::gifts::{self, Gift, GiftFacts, GiftFilter, NewGift};
use persistence::{Position, Store, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer::{Tagged, Versioned};
use crate::extract::{
    Body, Clearable, CursorKey, Faults, IfMatch, IfMatchHeader, Input, May, Page, PageQuery, Query, clearable, cut,
};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::{Named, reason_in, said};

pub(super) fn configure(config: &mut Routes<'_>) {
    config
        .service(list)
        .service(give)
        .service(show)
        .service(correct)
        .service(withdraw);
}

/// A gift.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GiftView {
    /// Its id.
    id: GiftId,
    /// To whom.
    person: Named<PersonId>,
    /// By which organisation.
    organisation: Named<OrganisationId>,
    /// On which occasion.
    occasion: GiftOccasion,
    /// What.
    item: GiftItem,
    /// What, where it is something else.
    #[schema(example = json!(null))]
    name: Option<String>,
    /// On which day.
    given_on: NaiveDate,
    /// Who handed it over.
    #[schema(example = "陈干事")]
    given_by: String,
    /// More about it.
    #[schema(example = json!(null))]
    note: Option<String>,
    /// Whether the record counts.
    state: GiftState,
    /// Why it does not.
    #[schema(example = json!(null))]
    reason: Option<String>,
    /// Who recorded it.
    #[schema(example = "陈干事")]
    recorded_by: String,
    /// When.
    recorded_at: DateTime<Utc>,
    /// Counts changes; goes into `If-Match`.
    #[schema(example = 1)]
    version: i32,
}

impl Versioned for GiftView {
    fn version(&self) -> i32 {
        self.version
    }
}

impl From<Gift> for GiftView {
    fn from(gift: Gift) -> Self {
        Self {
            id: gift.id,
            person: Named {
                id: gift.person,
                name: gift.person_name,
            },
            organisation: Named {
                id: gift.organisation,
                name: gift.organisation_name,
            },
            occasion: gift.occasion,
            item: gift.item,
            name: gift.name,
            given_on: gift.given_on,
            given_by: gift.given_by,
            note: gift.note,
            state: gift.state,
            reason: gift.reason,
            recorded_by: gift.recorded_by,
            recorded_at: gift.created_at,
            version: gift.version,
        }
    }
}

/// Which gifts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiftQuery {
    /// Of this organisation and those below it.
    organisation_id: Option<OrganisationId>,
    /// To this person.
    person_id: Option<PersonId>,
    /// On this occasion.
    occasion: Option<GiftOccasion>,
    /// Given on this day or later.
    from: Option<NaiveDate>,
    /// Given on this day or earlier.
    until: Option<NaiveDate>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List gifts in the order of the tree and then of time.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ReadServices"])),
    params(GiftQuery),
    responses((status = 200, body = Page<GiftView>)),
)]
#[get("/v1/gifts")]
pub(crate) async fn list(
    May(scope): May<ReadServices>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(wanted): Query<GiftQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let page = PageQuery {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let (limit, after) = (page.limit()?, page.position::<Position>(&cursors)?);
    let filter = GiftFilter {
        organisation: wanted.organisation_id,
        person: wanted.person_id,
        occasion: wanted.occasion,
        from: wanted.from,
        until: wanted.until,
    };
    let rows = store
        .read(move |tx| gifts::list(tx, &scope, &filter, after.as_ref(), limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, Gift::position)?;
    let items: Vec<_> = rows.into_iter().map(GiftView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// What was given to whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiftBody {
    /// Chosen by the client, so that a repeated request is known.
    #[schema(example = json!(null))]
    id: Option<GiftId>,
    /// To whom: a member of the scope, or somebody who is admitted there, as the list of whom the organisation means has it.
    person_id: PersonId,
    /// By which organisation: the home branch, unless the host is named.
    #[schema(example = json!(null))]
    organisation_id: Option<OrganisationId>,
    /// On which occasion.
    occasion: GiftOccasion,
    /// What.
    item: GiftItem,
    /// What, where it is something else, and needed there.
    #[schema(max_length = 100, example = json!(null))]
    name: Option<String>,
    /// On which day; not one to come.
    #[schema(example = "2026-11-01")]
    given_on: NaiveDate,
    /// Who handed it over; whoever records it unless said.
    #[schema(max_length = 64, example = json!(null))]
    given_by: Option<String>,
    /// More about it.
    #[schema(max_length = 500, example = json!(null))]
    note: Option<String>,
}

impl Input for GiftBody {
    type Meaning = (Option<GiftId>, PersonId, Option<OrganisationId>, GiftFacts);

    fn read(self, faults: &mut Faults) -> Option<Self::Meaning> {
        let name = said(self.name);
        if let Some(code) = self.item.fault(name.is_some()) {
            faults.add("/name", code);
        }
        let facts = GiftFacts {
            occasion: self.occasion,
            item: self.item,
            name,
            given_on: self.given_on,
            given_by: said(self.given_by),
            note: said(self.note),
        };
        Some((self.id, self.person_id, self.organisation_id, facts))
    }
}

/// Record a gift. The same `id` again answers the gift that is there and changes nothing.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ServePeople"])),
    request_body = GiftBody,
    responses((status = 201, body = GiftView)),
)]
#[post("/v1/gifts")]
pub(crate) async fn give(
    May(scope): May<ServePeople>,
    store: Data<Store>,
    Body((id, person, organisation, facts)): Body<GiftBody>,
) -> Result<Tagged<GiftView>, Failure> {
    let gift = store
        .write(move |tx| {
            let new = NewGift {
                id: id.unwrap_or_else(|| tx.fresh()),
                person,
                organisation,
                facts,
            };
            gifts::give(tx, &scope, new)
        })
        .await?;
    Ok(Tagged::created(gift.into()))
}

/// Which gift.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct GiftPath {
    /// The gift's id.
    id: GiftId,
}

/// Show a gift.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ReadServices"])),
    params(GiftPath),
    responses((status = 200, body = GiftView)),
)]
#[get("/v1/gifts/{id}")]
pub(crate) async fn show(
    May(scope): May<ReadServices>,
    store: Data<Store>,
    path: Path<GiftPath>,
) -> Result<Tagged<GiftView>, Failure> {
    let gift = store.read(move |tx| gifts::find(tx, &scope, path.id)).await?;
    Ok(Tagged::ok(gift.into()))
}

/// What was recorded wrongly: what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiftPatch {
    /// On which occasion.
    #[schema(nullable = false)]
    occasion: Option<GiftOccasion>,
    /// What.
    #[schema(nullable = false)]
    item: Option<GiftItem>,
    /// What, where it is something else; null clears it.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, max_length = 100, example = json!(null))]
    name: Clearable<String>,
    /// On which day; not one to come.
    #[schema(nullable = false, example = "2026-11-01")]
    given_on: Option<NaiveDate>,
    /// Who handed it over.
    #[schema(nullable = false, min_length = 1, max_length = 64, example = "陈干事")]
    given_by: Option<String>,
    /// More about it; null clears it.
    #[serde(default, deserialize_with = "clearable")]
    #[schema(value_type = Option<String>, max_length = 500, example = json!(null))]
    note: Clearable<String>,
}

impl Input for GiftPatch {
    type Meaning = Self;

    fn read(self, _: &mut Faults) -> Option<Self> {
        Some(self)
    }
}

impl GiftPatch {
    /// The facts after the change.
    fn of(self, before: GiftFacts) -> Result<GiftFacts, StoreError> {
        let after = GiftFacts {
            occasion: self.occasion.unwrap_or(before.occasion),
            item: self.item.unwrap_or(before.item),
            name: self.name.map_or(before.name, said),
            given_on: self.given_on.unwrap_or(before.given_on),
            given_by: said(self.given_by).or(before.given_by),
            note: self.note.map_or(before.note, said),
        };
        match after.item.fault(after.name.is_some()) {
            Some(code) => Err(StoreError::Invalid { field: "/name", code }),
            None => Ok(after),
        }
    }
}

/// Correct what was recorded of a gift.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ServePeople"])),
    params(GiftPath, IfMatchHeader),
    request_body = GiftPatch,
    responses((status = 200, body = GiftView), (status = 409, description = "The record was taken back")),
)]
#[patch("/v1/gifts/{id}")]
pub(crate) async fn correct(
    May(scope): May<ServePeople>,
    store: Data<Store>,
    path: Path<GiftPath>,
    IfMatch(seen): IfMatch,
    Body(change): Body<GiftPatch>,
) -> Result<Tagged<GiftView>, Failure> {
    let gift = store
        .write(move |tx| gifts::correct(tx, &scope, (path.id, seen), |before| change.of(before)))
        .await?;
    Ok(Tagged::ok(gift.into()))
}

/// Why a record is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiftReasonBody {
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "重复登记")]
    reason: String,
}

impl Input for GiftReasonBody {
    type Meaning = String;

    fn read(self, faults: &mut Faults) -> Option<String> {
        reason_in(self.reason, faults)
    }
}

/// Take back the record of a gift that was recorded by mistake: it stays to be seen, and counts no more.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ServePeople"])),
    params(GiftPath, IfMatchHeader),
    request_body = GiftReasonBody,
    responses((status = 200, body = GiftView), (status = 409, description = "It was taken back before")),
)]
#[post("/v1/gifts/{id}/withdraw")]
pub(crate) async fn withdraw(
    May(scope): May<ServePeople>,
    store: Data<Store>,
    path: Path<GiftPath>,
    IfMatch(seen): IfMatch,
    Body(reason): Body<GiftReasonBody>,
) -> Result<Tagged<GiftView>, Failure> {
    let gift = store
        .write(move |tx| gifts::withdraw(tx, &scope, (path.id, seen), &reason))
        .await?;
    Ok(Tagged::ok(gift.into()))
}
