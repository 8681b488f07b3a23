//! Hand-overs: listed, read, answered, taken back and offered again.
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use domain::access::{AnswerHandovers, ReadHandovers, Scope};
use domain::handover::{Answer, Command, Direction, StateName, Whereabouts};
use domain::id::{HandoverId, JourneyId, OrganisationId};
use persistence::handovers::{self, HandoverFilter};
use persistence::{Position, Store};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::view::HandoverView;
use crate::answer::Tagged;
use crate::extract::{Body, CursorKey, Faults, IfMatch, IfMatchHeader, Input, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::said;
use crate::routes::magnet::GroundsBody;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(offer).service(show);
    config
        .service(accept)
        .service(decline)
        .service(confirm)
        .service(deny)
        .service(answer_where)
        .service(withdraw);
}

/// Which hand-over.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct HandoverPath {
    /// The hand-over's id.
    pub(super) id: HandoverId,
}

/// Which hand-overs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandoversQuery {
    /// `incoming` unless said: the caller's side is asked.
    #[param(inline)]
    direction: Option<Direction>,
    /// In this state.
    #[param(inline)]
    state: Option<StateName>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List hand-overs, in the order of the tree.
#[utoipa::path(
    tag = "handovers",
    security(("token" = ["ReadHandovers"])),
    params(HandoversQuery),
    responses((status = 200, body = Page<HandoverView>)),
)]
#[get("/v1/handovers")]
pub(crate) async fn list(
    May(scope): May<ReadHandovers>,
    answers: Option<May<AnswerHandovers>>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(query): Query<HandoversQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let page = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let (limit, after) = (page.limit()?, page.position::<Position>(&cursors)?);
    let direction = query.direction.unwrap_or(Direction::Incoming);
    let filter = HandoverFilter {
        direction,
        state: query.state,
    };
    let rows = store
        .read(move |tx| handovers::list(tx, &scope, filter, after.as_ref(), limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |row| row.position(direction))?;
    let answers = answers.map(|May(scope)| scope);
    let today = store.today();
    let items: Vec<_> = rows
        .into_iter()
        .map(|row| HandoverView::of(row, answers.as_ref(), today))
        .collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// An offer of a member who is away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfferBody {
    /// The member's journey.
    journey_id: JourneyId,
    /// The host.
    organisation_id: OrganisationId,
}

impl Input for OfferBody {
    type Meaning = (JourneyId, OrganisationId);

    fn read(self, _: &mut Faults) -> Option<Self::Meaning> {
        Some((self.journey_id, self.organisation_id))
    }
}

/// Offer a member who is away to a host: again after it declined, or to another one.
///
/// An open offer to another host is taken back. What this host has open or accepted already is answered as it is.
#[utoipa::path(
    tag = "handovers",
    security(("token" = ["AnswerHandovers"])),
    request_body = OfferBody,
    responses((status = 201, body = HandoverView), (status = 409, description = "The member is not away")),
)]
#[post("/v1/handovers")]
pub(crate) async fn offer(
    May(scope): May<AnswerHandovers>,
    store: Data<Store>,
    Body((journey, host)): Body<OfferBody>,
) -> Result<Tagged<HandoverView>, Failure> {
    let answers = scope.clone();
    let record = store
        .write(move |tx| handovers::offer_again(tx, &scope, journey, host))
        .await?;
    Ok(Tagged::created(HandoverView::of(record, Some(&answers), store.today())))
}

/// Show a hand-over; both sides see the same.
#[utoipa::path(
    tag = "handovers",
    security(("token" = ["ReadHandovers"])),
    params(HandoverPath),
    responses((status = 200, body = HandoverView)),
)]
#[get("/v1/handovers/{id}")]
pub(crate) async fn show(
    May(scope): May<ReadHandovers>,
    answers: Option<May<AnswerHandovers>>,
    store: Data<Store>,
    path: Path<HandoverPath>,
) -> Result<Tagged<HandoverView>, Failure> {
    let record = store.read(move |tx| handovers::find(tx, &scope, path.id)).await?;
    Ok(Tagged::ok(HandoverView::of(
        record,
        answers.map(|May(scope)| scope).as_ref(),
        store.today(),
    )))
}

async fn answer(
    store: &Store,
    scope: Scope<AnswerHandovers>,
    id: HandoverId,
    seen: i32,
    command: impl FnOnce(Answer) -> Command + Send + 'static,
) -> Result<Tagged<HandoverView>, Failure> {
    let answers = scope.clone();
    let record = store
        .write(move |tx| handovers::answer(tx, &scope, id, seen, command))
        .await?;
    Ok(Tagged::ok(HandoverView::of(record, Some(&answers), store.today())))
}

/// Take the offered member: a verified stay opens. When somebody else was faster, the problem says who.
///
/// An organisation above may answer in the asked one's place, and it is shown that it did: one above the asked side alone
/// at any time, one above both sides from the day on which the answer is due. So it is with the other answers.
#[utoipa::path(
    tag = "handovers",
    security(("token" = ["AnswerHandovers"])),
    params(HandoverPath, IfMatchHeader),
    responses((status = 200, body = HandoverView), (status = 409, description = "Answered already")),
)]
#[post("/v1/handovers/{id}/accept")]
pub(crate) async fn accept(
    May(scope): May<AnswerHandovers>,
    store: Data<Store>,
    path: Path<HandoverPath>,
    IfMatch(seen): IfMatch,
) -> Result<Tagged<HandoverView>, Failure> {
    answer(&store, scope, path.id, seen, Command::Accept).await
}

/// Do not take the offered member, with a reason; the origin is told and may offer again.
#[utoipa::path(
    tag = "handovers",
    security(("token" = ["AnswerHandovers"])),
    params(HandoverPath, IfMatchHeader),
    request_body = GroundsBody,
    responses((status = 200, body = HandoverView), (status = 409, description = "Answered already")),
)]
#[post("/v1/handovers/{id}/decline")]
pub(crate) async fn decline(
    May(scope): May<AnswerHandovers>,
    store: Data<Store>,
    path: Path<HandoverPath>,
    IfMatch(seen): IfMatch,
    Body(reason): Body<GroundsBody>,
) -> Result<Tagged<HandoverView>, Failure> {
    answer(&store, scope, path.id, seen, |by| Command::Decline(by, reason)).await
}

/// Confirm that the person is a member of the origin: the stay becomes verified.
#[utoipa::path(
    tag = "handovers",
    security(("token" = ["AnswerHandovers"])),
    params(HandoverPath, IfMatchHeader),
    responses((status = 200, body = HandoverView), (status = 409, description = "Answered already")),
)]
#[post("/v1/handovers/{id}/confirm")]
pub(crate) async fn confirm(
    May(scope): May<AnswerHandovers>,
    store: Data<Store>,
    path: Path<HandoverPath>,
    IfMatch(seen): IfMatch,
) -> Result<Tagged<HandoverView>, Failure> {
    answer(&store, scope, path.id, seen, Command::Confirm).await
}

/// Deny that the person is a member of the origin, with a reason: the stay is rejected.
#[utoipa::path(
    tag = "handovers",
    security(("token" = ["AnswerHandovers"])),
    params(HandoverPath, IfMatchHeader),
    request_body = GroundsBody,
    responses((status = 200, body = HandoverView), (status = 409, description = "Answered already")),
)]
#[post("/v1/handovers/{id}/deny")]
pub(crate) async fn deny(
    May(scope): May<AnswerHandovers>,
    store: Data<Store>,
    path: Path<HandoverPath>,
    IfMatch(seen): IfMatch,
    Body(reason): Body<GroundsBody>,
) -> Result<Tagged<HandoverView>, Failure> {
    answer(&store, scope, path.id, seen, |by| Command::Deny(by, reason)).await
}

/// Where the person is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhereaboutsBody {
    /// Where.
    whereabouts: Whereabouts,
    /// More about it; of one who has gone on, where to. Both sides read it.
    #[schema(max_length = 500, example = "去了苏州的工地")]
    said: Option<String>,
}

impl Input for WhereaboutsBody {
    type Meaning = (Whereabouts, Option<String>);

    fn read(self, faults: &mut Faults) -> Option<Self::Meaning> {
        let said = said(self.said);
        if self.whereabouts == Whereabouts::MovedOn && said.is_none() {
            faults.add("/said", "where_to_required");
        }
        Some((self.whereabouts, said))
    }
}

/// Say where the person is, of whom the host hears nothing any more.
#[utoipa::path(
    tag = "handovers",
    security(("token" = ["AnswerHandovers"])),
    params(HandoverPath, IfMatchHeader),
    request_body = WhereaboutsBody,
    responses((status = 200, body = HandoverView), (status = 409, description = "Answered already")),
)]
#[post("/v1/handovers/{id}/answer")]
pub(crate) async fn answer_where(
    May(scope): May<AnswerHandovers>,
    store: Data<Store>,
    path: Path<HandoverPath>,
    IfMatch(seen): IfMatch,
    Body((whereabouts, said)): Body<WhereaboutsBody>,
) -> Result<Tagged<HandoverView>, Failure> {
    let command = move |by| Command::Answer(by, whereabouts, said);
    answer(&store, scope, path.id, seen, command).await
}

/// Take an offer back that is not answered yet.
#[utoipa::path(
    tag = "handovers",
    security(("token" = ["AnswerHandovers"])),
    params(HandoverPath, IfMatchHeader),
    responses((status = 200, body = HandoverView), (status = 409, description = "Answered already")),
)]
#[post("/v1/handovers/{id}/withdraw")]
pub(crate) async fn withdraw(
    May(scope): May<AnswerHandovers>,
    store: Data<Store>,
    path: Path<HandoverPath>,
    IfMatch(seen): IfMatch,
) -> Result<Tagged<HandoverView>, Failure> {
    answer(&store, scope, path.id, seen, |_| Command::Withdraw).await
}
