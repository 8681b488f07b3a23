//! My wishes (微心愿), and those of neighbours that I may take on.
use actix_multipart::Multipart;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use domain::access::{AskForServices, ReadOwnRecord};
use domain::file::LARGEST_ATTACHMENT;
use domain::id::{FileId, OrganisationId, WishId};
use domain::wish::{Command, Verb};
use persistence::Store;
use persistence::wishes::{self, Amendment, NewWish};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::answer::Tagged;
use crate::extract::form::HandedIn;
use crate::extract::{Body, CursorKey, Faults, IfMatch, IfMatchHeader, Input, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::services::{MaybeSaidBody, PictureBody, SaidBody, WishPath, WishView, bare, fetched, keep, words};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(write).service(show).service(change);
    config.service(withdraw).service(thank).service(message);
    config.service(attach).service(picture);
    config.service(list_near).service(show_near).service(picture_near);
    config
        .service(claim)
        .service(release)
        .service(fulfil)
        .service(message_near);
}

/// My wishes, newest first.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    params(PageQuery),
    responses((status = 200, body = Page<WishView>)),
)]
#[get("/v1/me/wishes")]
pub(crate) async fn list(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, before) = (page.limit()?, page.position::<WishId>(&cursors)?);
    let rows = store
        .read(move |tx| wishes::list_own(tx, &scope, before, limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |row| row.id)?;
    let items: Vec<_> = rows.into_iter().map(WishView::to_author).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// What I wish for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WishBody {
    /// To whom: my home branch, unless the host where I am admitted is named.
    #[schema(example = json!(null))]
    organisation_id: Option<OrganisationId>,
    /// The wish.
    #[schema(min_length = 1, max_length = 1000, example = "想要一副老花镜")]
    said: String,
    /// Whether I stay unnamed; named unless said. Then nobody is told who I am: not who publishes the wish, not who takes
    /// it on.
    #[schema(example = true)]
    anonymous: Option<bool>,
}

impl Input for WishBody {
    type Meaning = NewWish;

    fn read(self, faults: &mut Faults) -> Option<NewWish> {
        Some(NewWish {
            organisation: self.organisation_id,
            said: words("/said", self.said, faults)?,
            anonymous: self.anonymous.unwrap_or(false),
        })
    }
}

/// Write a wish. The organisation is told on the next morning, and publishes it or says why not.
///
/// The id is the server's choice, and tells the day alone: to be safe on a shaky network, send `Idempotency-Key`.
#[utoipa::path(
    tag = "me",
    security(("token" = ["AskForServices"])),
    request_body = WishBody,
    responses((status = 201, body = WishView)),
)]
#[post("/v1/me/wishes")]
pub(crate) async fn write(
    May(scope): May<AskForServices>,
    store: Data<Store>,
    Body(new): Body<WishBody>,
) -> Result<Tagged<WishView>, Failure> {
    let wish = store.write(move |tx| wishes::write(tx, &scope, new)).await?;
    Ok(Tagged::created(WishView::to_author(wish)))
}

/// One of my wishes.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    params(WishPath),
    responses((status = 200, body = WishView)),
)]
#[get("/v1/me/wishes/{id}")]
pub(crate) async fn show(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    path: Path<WishPath>,
) -> Result<Tagged<WishView>, Failure> {
    let wish = store.read(move |tx| wishes::find_own(tx, &scope, path.id)).await?;
    Ok(Tagged::ok(WishView::to_author(wish)))
}

/// What I write anew: what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WishPatch {
    /// The wish.
    #[schema(
        nullable = false,
        min_length = 1,
        max_length = 1000,
        example = "想要一副 200 度的老花镜"
    )]
    said: Option<String>,
    /// Whether I stay unnamed. Who was named can't become unnamed.
    #[schema(nullable = false, example = true)]
    anonymous: Option<bool>,
}

impl Input for WishPatch {
    type Meaning = Amendment;

    fn read(self, faults: &mut Faults) -> Option<Amendment> {
        let said = match self.said {
            Some(text) => Some(words("/said", text, faults)?),
            None => None,
        };
        Some(Amendment {
            said,
            anonymous: self.anonymous,
        })
    }
}

/// Write one of my wishes anew, while it waits for the organisation.
#[utoipa::path(
    tag = "me",
    security(("token" = ["AskForServices"])),
    params(WishPath, IfMatchHeader),
    request_body = WishPatch,
    responses((status = 200, body = WishView), (status = 409, description = "It was published, or has ended")),
)]
#[patch("/v1/me/wishes/{id}")]
pub(crate) async fn change(
    May(scope): May<AskForServices>,
    store: Data<Store>,
    path: Path<WishPath>,
    IfMatch(seen): IfMatch,
    Body(change): Body<WishPatch>,
) -> Result<Tagged<WishView>, Failure> {
    let wish = store
        .write(move |tx| wishes::amend(tx, &scope, (path.id, seen), change))
        .await?;
    Ok(Tagged::ok(WishView::to_author(wish)))
}

/// Take one of my wishes back. Whoever has taken it on is told on the next morning.
#[utoipa::path(
    tag = "me",
    security(("token" = ["AskForServices"])),
    params(WishPath, IfMatchHeader),
    responses((status = 200, body = WishView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/me/wishes/{id}/withdraw")]
pub(crate) async fn withdraw(
    May(scope): May<AskForServices>,
    store: Data<Store>,
    path: Path<WishPath>,
    IfMatch(seen): IfMatch,
) -> Result<Tagged<WishView>, Failure> {
    let wish = store
        .write(move |tx| wishes::act_own(tx, &scope, (path.id, seen), Command::Withdraw, None))
        .await?;
    Ok(Tagged::ok(WishView::to_author(wish)))
}

/// Thank for a wish that has come true (致谢), with a word if I like. They are told on the next morning.
#[utoipa::path(
    tag = "me",
    security(("token" = ["AskForServices"])),
    params(WishPath, IfMatchHeader),
    request_body = MaybeSaidBody,
    responses((status = 200, body = WishView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/me/wishes/{id}/thank")]
pub(crate) async fn thank(
    May(scope): May<AskForServices>,
    store: Data<Store>,
    path: Path<WishPath>,
    IfMatch(seen): IfMatch,
    Body(said): Body<MaybeSaidBody>,
) -> Result<Tagged<WishView>, Failure> {
    let wish = store
        .write(move |tx| wishes::act_own(tx, &scope, (path.id, seen), Command::Thank, said))
        .await?;
    Ok(Tagged::ok(WishView::to_author(wish)))
}

/// Write about one of my wishes: an unnamed author stays so. They are told on the next morning.
#[utoipa::path(
    tag = "me",
    security(("token" = ["AskForServices"])),
    params(WishPath),
    request_body = SaidBody,
    responses((status = 201, body = WishView), (status = 409, description = "It has ended")),
)]
#[post("/v1/me/wishes/{id}/messages")]
pub(crate) async fn message(
    May(scope): May<AskForServices>,
    store: Data<Store>,
    path: Path<WishPath>,
    Body(said): Body<SaidBody>,
) -> Result<Tagged<WishView>, Failure> {
    let wish = store
        .write(move |tx| wishes::say_own(tx, &scope, path.id, said))
        .await?;
    Ok(Tagged::created(WishView::to_author(wish)))
}

/// Attach a picture to one of my wishes. What the camera wrote beside it, such as the place, is taken out.
#[utoipa::path(
    tag = "me",
    security(("token" = ["AskForServices"])),
    params(WishPath, IfMatchHeader),
    request_body(content = PictureBody, content_type = "multipart/form-data"),
    responses((status = 200, body = WishView), (status = 409, description = "It has ended")),
)]
#[post("/v1/me/wishes/{id}/pictures")]
pub(crate) async fn attach(
    May(scope): May<AskForServices>,
    store: Data<Store>,
    path: Path<WishPath>,
    IfMatch(seen): IfMatch,
    form: Multipart,
) -> Result<Tagged<WishView>, Failure> {
    let (of, looks) = ((path.id, seen), scope.clone());
    store.read(move |tx| wishes::takes_file_own(tx, &looks, of)).await?;
    let file = bare(HandedIn::read(form, "file", LARGEST_ATTACHMENT).await?)?;
    let wish = keep(&store, file, move |tx, file| wishes::attach_own(tx, &scope, of, file)).await?;
    Ok(Tagged::ok(WishView::to_author(wish)))
}

/// Which picture of a wish.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct OwnPicturePath {
    /// The wish's id.
    id: WishId,
    /// The picture's id.
    file_id: FileId,
}

/// Fetch a picture of one of my wishes.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    params(OwnPicturePath),
    responses((status = 200, description = "The picture", content(
        (String = "image/png"), (String = "image/jpeg"), (String = "image/webp"),
    ))),
)]
#[get("/v1/me/wishes/{id}/pictures/{file_id}")]
pub(crate) async fn picture(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    path: Path<OwnPicturePath>,
) -> Result<HttpResponse, Failure> {
    let file = store
        .read(move |tx| wishes::attached_own(tx, &scope, path.id, path.file_id))
        .await?;
    fetched(&store, file).await
}

/// Wishes of others that I may take on, at home and where I am admitted, and those that I have taken on; newest first.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    params(PageQuery),
    responses((status = 200, body = Page<WishView>)),
)]
#[get("/v1/me/published-wishes")]
pub(crate) async fn list_near(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, before) = (page.limit()?, page.position::<WishId>(&cursors)?);
    let me = scope.me()?;
    let rows = store
        .read(move |tx| wishes::list_near(tx, &scope, before, limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |row| row.id)?;
    let items: Vec<_> = rows.into_iter().map(|one| WishView::to_neighbour(one, me)).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// A wish of somebody else that I may take on, or have taken on.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    params(WishPath),
    responses((status = 200, body = WishView)),
)]
#[get("/v1/me/published-wishes/{id}")]
pub(crate) async fn show_near(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    path: Path<WishPath>,
) -> Result<Tagged<WishView>, Failure> {
    let me = scope.me()?;
    let wish = store.read(move |tx| wishes::find_near(tx, &scope, path.id)).await?;
    Ok(Tagged::ok(WishView::to_neighbour(wish, me)))
}

/// Fetch a picture of a wish that I may take on, or have taken on.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    params(OwnPicturePath),
    responses((status = 200, description = "The picture", content(
        (String = "image/png"), (String = "image/jpeg"), (String = "image/webp"),
    ))),
)]
#[get("/v1/me/published-wishes/{id}/pictures/{file_id}")]
pub(crate) async fn picture_near(
    May(scope): May<ReadOwnRecord>,
    store: Data<Store>,
    path: Path<OwnPicturePath>,
) -> Result<HttpResponse, Failure> {
    let file = store
        .read(move |tx| wishes::attached_near(tx, &scope, path.id, path.file_id))
        .await?;
    fetched(&store, file).await
}

/// Take on the wish of somebody else (认领). The author is told by whom, and so are the organisation's people.
#[utoipa::path(
    tag = "me",
    security(("token" = ["AskForServices"])),
    params(WishPath, IfMatchHeader),
    responses((status = 200, body = WishView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/me/published-wishes/{id}/claim")]
pub(crate) async fn claim(
    May(scope): May<AskForServices>,
    store: Data<Store>,
    path: Path<WishPath>,
    IfMatch(seen): IfMatch,
) -> Result<Tagged<WishView>, Failure> {
    let me = scope.me()?;
    let wish = store
        .write(move |tx| wishes::act_near(tx, &scope, (path.id, seen), Verb::Claim, None))
        .await?;
    Ok(Tagged::ok(WishView::to_neighbour(wish, me)))
}

/// Give back a wish that I have taken on.
#[utoipa::path(
    tag = "me",
    security(("token" = ["AskForServices"])),
    params(WishPath, IfMatchHeader),
    responses((status = 200, body = WishView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/me/published-wishes/{id}/release")]
pub(crate) async fn release(
    May(scope): May<AskForServices>,
    store: Data<Store>,
    path: Path<WishPath>,
    IfMatch(seen): IfMatch,
) -> Result<Tagged<WishView>, Failure> {
    let me = scope.me()?;
    let wish = store
        .write(move |tx| wishes::act_near(tx, &scope, (path.id, seen), Verb::Release, None))
        .await?;
    Ok(Tagged::ok(WishView::to_neighbour(wish, me)))
}

/// Say that a wish that I have taken on has come true, and how its author gets what was wished for: an unnamed author
/// names the code.
#[utoipa::path(
    tag = "me",
    security(("token" = ["AskForServices"])),
    params(WishPath, IfMatchHeader),
    request_body = MaybeSaidBody,
    responses((status = 200, body = WishView), (status = 409, description = "Not possible now")),
)]
#[post("/v1/me/published-wishes/{id}/fulfil")]
pub(crate) async fn fulfil(
    May(scope): May<AskForServices>,
    store: Data<Store>,
    path: Path<WishPath>,
    IfMatch(seen): IfMatch,
    Body(said): Body<MaybeSaidBody>,
) -> Result<Tagged<WishView>, Failure> {
    let me = scope.me()?;
    let wish = store
        .write(move |tx| wishes::act_near(tx, &scope, (path.id, seen), Verb::Fulfil, said))
        .await?;
    Ok(Tagged::ok(WishView::to_neighbour(wish, me)))
}

/// Write to the author of a wish that I have taken on, whoever that is.
#[utoipa::path(
    tag = "me",
    security(("token" = ["AskForServices"])),
    params(WishPath),
    request_body = SaidBody,
    responses((status = 201, body = WishView), (status = 409, description = "I have not taken it on")),
)]
#[post("/v1/me/published-wishes/{id}/messages")]
pub(crate) async fn message_near(
    May(scope): May<AskForServices>,
    store: Data<Store>,
    path: Path<WishPath>,
    Body(said): Body<SaidBody>,
) -> Result<Tagged<WishView>, Failure> {
    let me = scope.me()?;
    let wish = store
        .write(move |tx| wishes::say_near(tx, &scope, path.id, said))
        .await?;
    Ok(Tagged::created(WishView::to_neighbour(wish, me)))
}
