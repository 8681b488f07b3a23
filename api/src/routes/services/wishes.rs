//! Wishes (微心愿) as the organisation's people see and serve them.
use actix_multipart::Multipart;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::NaiveDate;
use domain::access::{LeadServices, ReadServices, ServePeople};
use domain::file::LARGEST_ATTACHMENT;
use domain::id::{EntryId, FileId, OrganisationId, PersonId, WishId};
use domain::statistics::Figure;
use domain::wish::{StateName, Verb};
use persistence::rosters::Counted;
use persistence::wishes::{self, NewWish, WishFilter};
use persistence::{Position, Store};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::view::Hands;
use super::{MaybeSaidBody, PictureBody, SaidBody, WishPath, WishView, bare, fetched, keep, words};
use crate::answer::Tagged;
use crate::extract::form::HandedIn;
use crate::extract::{
    Body, CursorKey, Faults, IfMatch, IfMatchHeader, InSession, Input, May, Page, PageQuery, Query, cut,
};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::{TimelineEntry, reason_in};
use crate::routes::statistics::CountedQuery;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(write).service(show).service(timeline);
    config.service(publish).service(decline);
    config.service(claim).service(release).service(fulfil);
    config.service(message).service(attach).service(picture);
}

/// Which wishes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct WishQuery {
    /// To this organisation and those below it.
    organisation_id: Option<OrganisationId>,
    /// In this state.
    state: Option<StateName>,
    /// That this figure of the statistics counts: `wishes` or `wishes_fulfilled`.
    #[param(inline)]
    figure: Option<Figure>,
    /// With `wishes_fulfilled`: those that have not come true.
    missing: Option<bool>,
    /// With a figure: the period's first day, as for statistics.
    #[param(example = "2026-01-01")]
    from: Option<NaiveDate>,
    /// With a figure: its last day, as for statistics.
    #[param(example = "2026-12-31")]
    to: Option<NaiveDate>,
    /// To the named organisation itself, without those below it.
    itself: Option<bool>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl WishQuery {
    /// What a figure counts.
    fn counted(&self, today: NaiveDate) -> Result<Option<Counted>, Failure> {
        let counts = CountedQuery {
            organisation: self.organisation_id,
            itself: self.itself,
            figure: self.figure,
            missing: self.missing,
            from: self.from,
            to: self.to,
        };
        counts.meant(
            |figure| matches!(figure, Figure::Wishes | Figure::WishesFulfilled),
            today,
        )
    }
}

/// List wishes (微心愿) in the order of the tree and then of the day on which they were written.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ReadServices"])),
    params(WishQuery),
    responses((status = 200, body = Page<WishView>)),
)]
#[get("/v1/wishes")]
pub(crate) async fn list(
    May(scope): May<ReadServices>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(wanted): Query<WishQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let counted = wanted.counted(store.today())?;
    let page = PageQuery {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let (limit, after) = (page.limit()?, page.position::<Position>(&cursors)?);
    let filter = WishFilter {
        organisation: wanted.organisation_id,
        state: wanted.state,
        counted,
        itself: wanted.itself.unwrap_or(false),
    };
    let rows = store
        .read(move |tx| wishes::list(tx, &scope, &filter, after.as_ref(), limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |(_, position)| position.clone())?;
    let hands = Hands::of(&actor);
    let items: Vec<_> = rows
        .into_iter()
        .map(|(one, _)| WishView::to_staff(one, &hands))
        .collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// A wish of somebody who has no app.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WishForBody {
    /// Whose: a member of the scope, or somebody who is admitted there, as the list of whom the organisation means has it.
    person_id: PersonId,
    /// To whom it is addressed: the home branch, unless the host is named.
    #[schema(example = json!(null))]
    organisation_id: Option<OrganisationId>,
    /// The wish.
    #[schema(min_length = 1, max_length = 1000, example = "想要一副老花镜")]
    said: String,
    /// Whether the person stays unnamed; named unless said.
    #[schema(example = true)]
    anonymous: Option<bool>,
}

impl Input for WishForBody {
    type Meaning = (PersonId, NewWish);

    fn read(self, faults: &mut Faults) -> Option<Self::Meaning> {
        let new = NewWish {
            organisation: self.organisation_id,
            said: words("/said", self.said, faults)?,
            anonymous: self.anonymous.unwrap_or(false),
        };
        Some((self.person_id, new))
    }
}

/// Write down a wish of somebody who has no app. Of an anonymous one it is kept who wished, and shown to nobody.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ServePeople"])),
    request_body = WishForBody,
    responses((status = 201, body = WishView)),
)]
#[post("/v1/wishes")]
pub(crate) async fn write(
    May(scope): May<ServePeople>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    Body((person, new)): Body<WishForBody>,
) -> Result<Tagged<WishView>, Failure> {
    let wish = store
        .write(move |tx| wishes::write_for(tx, &scope, person, new))
        .await?;
    Ok(Tagged::created(WishView::to_staff(wish, &Hands::of(&actor))))
}

/// Show a wish.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ReadServices"])),
    params(WishPath),
    responses((status = 200, body = WishView)),
)]
#[get("/v1/wishes/{id}")]
pub(crate) async fn show(
    May(scope): May<ReadServices>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    path: Path<WishPath>,
) -> Result<Tagged<WishView>, Failure> {
    let wish = store.read(move |tx| wishes::find(tx, &scope, path.id)).await?;
    Ok(Tagged::ok(WishView::to_staff(wish, &Hands::of(&actor))))
}

/// What happened to a wish, oldest first: of an anonymous one, what others than its author did.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ReadServices"])),
    params(WishPath, PageQuery),
    responses((status = 200, body = Page<TimelineEntry>)),
)]
#[get("/v1/wishes/{id}/timeline")]
pub(crate) async fn timeline(
    May(scope): May<ReadServices>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    path: Path<WishPath>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<EntryId>(&cursors)?);
    let events = store
        .read(move |tx| wishes::timeline(tx, &scope, path.id, after, limit + 1))
        .await?;
    let (events, next_cursor) = cut(events, limit, &cursors, |event| event.id)?;
    let items: Vec<TimelineEntry> = events.into_iter().map(TimelineEntry::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// Publish a wish (发布): who belongs to the organisation may take it on. The author is told.
#[utoipa::path(
    tag = "services",
    security(("token" = ["LeadServices"])),
    params(WishPath, IfMatchHeader),
    responses((status = 200, body = WishView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/wishes/{id}/publish")]
pub(crate) async fn publish(
    May(scope): May<LeadServices>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    path: Path<WishPath>,
    IfMatch(seen): IfMatch,
) -> Result<Tagged<WishView>, Failure> {
    let wish = store
        .write(move |tx| wishes::decide(tx, &scope, (path.id, seen), None))
        .await?;
    Ok(Tagged::ok(WishView::to_staff(wish, &Hands::of(&actor))))
}

/// Why a wish is not published.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WishReasonBody {
    /// Why; the author reads it.
    #[schema(min_length = 1, max_length = 500, example = "请写得具体些")]
    reason: String,
}

impl Input for WishReasonBody {
    type Meaning = String;

    fn read(self, faults: &mut Faults) -> Option<String> {
        reason_in(self.reason, faults)
    }
}

/// Do not publish a wish, or no longer, for a reason that the author reads.
#[utoipa::path(
    tag = "services",
    security(("token" = ["LeadServices"])),
    params(WishPath, IfMatchHeader),
    request_body = WishReasonBody,
    responses((status = 200, body = WishView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/wishes/{id}/decline")]
pub(crate) async fn decline(
    May(scope): May<LeadServices>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    path: Path<WishPath>,
    IfMatch(seen): IfMatch,
    Body(reason): Body<WishReasonBody>,
) -> Result<Tagged<WishView>, Failure> {
    let wish = store
        .write(move |tx| wishes::decide(tx, &scope, (path.id, seen), Some(reason)))
        .await?;
    Ok(Tagged::ok(WishView::to_staff(wish, &Hands::of(&actor))))
}

/// Take a wish on (认领). The author is told by whom.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ServePeople"])),
    params(WishPath, IfMatchHeader),
    responses((status = 200, body = WishView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/wishes/{id}/claim")]
pub(crate) async fn claim(
    May(scope): May<ServePeople>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    path: Path<WishPath>,
    IfMatch(seen): IfMatch,
) -> Result<Tagged<WishView>, Failure> {
    let wish = store
        .write(move |tx| wishes::serve(tx, &scope, (path.id, seen), Verb::Claim, None))
        .await?;
    Ok(Tagged::ok(WishView::to_staff(wish, &Hands::of(&actor))))
}

/// Give a claim back, one's own or another's that hangs: the wish may be taken on again. Who had claimed it is told.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ServePeople"])),
    params(WishPath, IfMatchHeader),
    responses((status = 200, body = WishView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/wishes/{id}/release")]
pub(crate) async fn release(
    May(scope): May<ServePeople>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    path: Path<WishPath>,
    IfMatch(seen): IfMatch,
) -> Result<Tagged<WishView>, Failure> {
    let wish = store
        .write(move |tx| wishes::serve(tx, &scope, (path.id, seen), Verb::Release, None))
        .await?;
    Ok(Tagged::ok(WishView::to_staff(wish, &Hands::of(&actor))))
}

/// Say that a wish has come true, and how its author gets what was wished for: an anonymous author names the code.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ServePeople"])),
    params(WishPath, IfMatchHeader),
    request_body = MaybeSaidBody,
    responses((status = 200, body = WishView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/wishes/{id}/fulfil")]
pub(crate) async fn fulfil(
    May(scope): May<ServePeople>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    path: Path<WishPath>,
    IfMatch(seen): IfMatch,
    Body(said): Body<MaybeSaidBody>,
) -> Result<Tagged<WishView>, Failure> {
    let wish = store
        .write(move |tx| wishes::serve(tx, &scope, (path.id, seen), Verb::Fulfil, said))
        .await?;
    Ok(Tagged::ok(WishView::to_staff(wish, &Hands::of(&actor))))
}

/// Write to the author of a wish, whoever that is, and to whoever has taken it on.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ServePeople"])),
    params(WishPath),
    request_body = SaidBody,
    responses((status = 201, body = WishView), (status = 409, description = "It has ended")),
)]
#[post("/v1/wishes/{id}/messages")]
pub(crate) async fn message(
    May(scope): May<ServePeople>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    path: Path<WishPath>,
    Body(said): Body<SaidBody>,
) -> Result<Tagged<WishView>, Failure> {
    let wish = store.write(move |tx| wishes::say(tx, &scope, path.id, said)).await?;
    Ok(Tagged::created(WishView::to_staff(wish, &Hands::of(&actor))))
}

/// Attach a picture to a wish: that it has come true, say.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ServePeople"])),
    params(WishPath, IfMatchHeader),
    request_body(content = PictureBody, content_type = "multipart/form-data"),
    responses((status = 200, body = WishView), (status = 409, description = "It has ended")),
)]
#[post("/v1/wishes/{id}/pictures")]
pub(crate) async fn attach(
    May(scope): May<ServePeople>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    path: Path<WishPath>,
    IfMatch(seen): IfMatch,
    form: Multipart,
) -> Result<Tagged<WishView>, Failure> {
    let (of, looks) = ((path.id, seen), scope.clone());
    store.read(move |tx| wishes::takes_file(tx, &looks, of)).await?;
    let file = bare(HandedIn::read(form, "file", LARGEST_ATTACHMENT).await?)?;
    let wish = keep(&store, file, move |tx, file| wishes::attach(tx, &scope, of, file)).await?;
    Ok(Tagged::ok(WishView::to_staff(wish, &Hands::of(&actor))))
}

/// Which picture of a wish.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct PicturePath {
    /// The wish's id.
    pub(crate) id: WishId,
    /// The picture's id.
    pub(crate) file_id: FileId,
}

/// Fetch a picture of a wish.
#[utoipa::path(
    tag = "services",
    security(("token" = ["ReadServices"])),
    params(PicturePath),
    responses((status = 200, description = "The picture", content(
        (String = "image/png"), (String = "image/jpeg"), (String = "image/webp"),
    ))),
)]
#[get("/v1/wishes/{id}/pictures/{file_id}")]
pub(crate) async fn picture(
    May(scope): May<ReadServices>,
    store: Data<Store>,
    path: Path<PicturePath>,
) -> Result<HttpResponse, Failure> {
    let file = store
        .read(move |tx| wishes::attached(tx, &scope, path.id, path.file_id))
        .await?;
    fetched(&store, file).await
}
