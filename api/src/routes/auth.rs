//! Logging in and out, going on, activating an account, the password, and where one is logged in.
use std::rc::Rc;

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, post};
use chrono::{DateTime, Utc};
use domain::access::Role;
use domain::id::{AccountId, MemberId, OrganisationId, SessionId};
use domain::login::{Login, NotALogin};
use persistence::sessions::{self, Holding, Session};
use persistence::{Store, grants};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::auth::token::{ACCESS_SECONDS, Jwks};
use crate::auth::{Attempt, Choice, Desk, Pass};
use crate::extract::{Body, Faults, InSession, Input};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(crate) fn configure(config: &mut Routes<'_>) {
    config
        .service(log_in)
        .service(refresh)
        .service(log_out)
        .service(activate)
        .service(change_password)
        .service(list_sessions)
        .service(end_session)
        .service(jwks);
}

/// A login and its password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginRequest {
    /// The login, or the phone of a member who has activated an account.
    #[schema(min_length = 1, max_length = 128, example = "li.secretary")]
    login: String,
    /// The password.
    #[schema(min_length = 1, max_length = 128, example = "风筝高飞一线牵，磁铁相吸")]
    password: String,
    /// What to call the device in the list of sessions.
    #[schema(max_length = 64, example = "办公室电脑")]
    device: Option<String>,
}

impl Input for LoginRequest {
    type Meaning = Attempt;

    fn read(self, _: &mut Faults) -> Option<Attempt> {
        Some(Attempt {
            login: self.login,
            password: Zeroizing::new(self.password),
            device: self.device,
        })
    }
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshRequest {
    /// The newest refresh token of the session; it is good once.
    #[schema(
        min_length = 1,
        max_length = 128,
        example = "s8sSa2d0mSeJ2t3Yw4oUqf8xkqNBeQW5wZ0mLh0rJ2c"
    )]
    refresh_token: String,
}

impl Input for RefreshRequest {
    type Meaning = String;

    fn read(self, _: &mut Faults) -> Option<String> {
        Some(self.refresh_token)
    }
}

/// An activation code and the password chosen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActivationRequest {
    /// The code that the secretary handed over; spaces, dashes and small letters do not matter.
    #[schema(min_length = 1, max_length = 32, example = "K7QXM-4RT9B")]
    code: String,
    /// The password: 12 to 128 characters, not one that everybody uses.
    #[schema(max_length = 128, example = "风筝高飞一线牵，磁铁相吸")]
    password: String,
    /// A login of one's own; the phone number in the member's record opens the door too.
    #[schema(max_length = 64, example = "wang.fang")]
    login: Option<String>,
    /// What to call the device in the list of sessions.
    #[schema(max_length = 64, example = "王芳的手机")]
    device: Option<String>,
}

impl Input for ActivationRequest {
    type Meaning = Choice;

    fn read(self, faults: &mut Faults) -> Option<Choice> {
        let login = self
            .login
            .map(|login| faults.take("/login", login.parse::<Login>(), NotALogin::code));
        Some(Choice {
            code: self.code,
            password: Zeroizing::new(self.password),
            login: login.flatten(),
            device: self.device,
        })
    }
}

/// A change of the password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    /// The present password.
    #[schema(min_length = 1, max_length = 128, example = "风筝高飞一线牵，磁铁相吸")]
    current: String,
    /// The new one: 12 to 128 characters, not one that everybody uses, not the login.
    #[schema(max_length = 128, example = "来有登记，走有注销，一个不漏")]
    new: String,
}

impl Input for PasswordChange {
    type Meaning = (Zeroizing<String>, Zeroizing<String>);

    fn read(self, _: &mut Faults) -> Option<Self::Meaning> {
        Some((Zeroizing::new(self.current), Zeroizing::new(self.new)))
    }
}

/// Tokens, and whose they are.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenAnswer {
    /// For `Authorization: Bearer …`.
    #[schema(example = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFZERTQSIsImtpZCI6IjVmMWMyYTkwIn0.…")]
    access_token: String,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// How long the access token is good, seconds.
    #[schema(example = 900)]
    expires_in: i64,
    /// For the next tokens, once; it is good for 30 days.
    #[schema(example = "s8sSa2d0mSeJ2t3Yw4oUqf8xkqNBeQW5wZ0mLh0rJ2c")]
    refresh_token: String,
    /// Whose they are.
    account: HolderView,
}

/// Who is logged in.
#[derive(Serialize, ToSchema)]
pub(crate) struct HolderView {
    /// The account.
    id: AccountId,
    /// What it is called at the door.
    #[schema(example = "li.secretary")]
    login: String,
    /// The name to show.
    #[schema(example = "李书记")]
    name: String,
    /// The member behind it, if any.
    member_id: Option<MemberId>,
    /// What it may do where.
    roles: Vec<RoleView>,
}

/// A role and where it is held, with everything below.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoleView {
    /// What.
    role: Role,
    /// Where.
    organisation_id: OrganisationId,
    /// The organisation's code.
    #[schema(example = "320685100201")]
    organisation_code: String,
    /// Its name.
    #[schema(example = "三塘村党支部")]
    organisation_name: String,
}

impl From<grants::RoleHeld> for RoleView {
    fn from(held: grants::RoleHeld) -> Self {
        Self {
            role: held.role,
            organisation_id: held.organisation,
            organisation_code: held.code,
            organisation_name: held.name,
        }
    }
}

impl From<Holding> for HolderView {
    fn from(Holding { account, roles }: Holding) -> Self {
        Self {
            id: account.id,
            login: account.login,
            name: account.name,
            member_id: account.member,
            roles: roles.into_iter().map(RoleView::from).collect(),
        }
    }
}

impl From<Pass> for TokenAnswer {
    fn from(pass: Pass) -> Self {
        Self {
            access_token: pass.access_token,
            token_type: "Bearer",
            expires_in: ACCESS_SECONDS,
            refresh_token: pass.refresh_token,
            account: pass.holding.into(),
        }
    }
}

/// The caller's open sessions.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionList {
    /// Newest first.
    items: Vec<SessionView>,
}

/// Where somebody is logged in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// Its id.
    id: SessionId,
    /// What the caller named the device.
    #[schema(example = "办公室电脑")]
    device: Option<String>,
    /// Since when.
    started_at: DateTime<Utc>,
    /// Until when, unless it is refreshed before.
    expires_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    current: bool,
}

impl SessionView {
    /// A session as one sees it from `here`.
    pub(crate) fn of(session: Session, here: SessionId) -> Self {
        Self {
            current: session.id == here,
            id: session.id,
            device: session.device,
            started_at: session.started_at,
            expires_at: session.expires_at,
        }
    }
}

/// Log in.
///
/// An unknown login and a wrong password are answered alike. After several failures the next attempt has to wait.
#[utoipa::path(
    tag = "auth",
    request_body = LoginRequest,
    responses((status = 200, body = TokenAnswer), (status = 401, description = "Wrong login or password"), (status = 429)),
)]
#[post("/v1/auth/login")]
pub(crate) async fn log_in(desk: Data<Desk>, Body(attempt): Body<LoginRequest>) -> Result<Json<TokenAnswer>, Failure> {
    Ok(Json(desk.log_in(attempt).await?.into()))
}

/// Go on with a session: a refresh token for the next tokens.
///
/// A refresh token is good once. When one comes a second time somebody has a copy, and the whole session is ended.
#[utoipa::path(
    tag = "auth",
    request_body = RefreshRequest,
    responses((status = 200, body = TokenAnswer), (status = 401, description = "Unknown, used or ended")),
)]
#[post("/v1/auth/refresh")]
pub(crate) async fn refresh(desk: Data<Desk>, Body(token): Body<RefreshRequest>) -> Result<Json<TokenAnswer>, Failure> {
    Ok(Json(desk.refresh(token).await?.into()))
}

/// Log out: the session ends at once, with its access tokens.
#[utoipa::path(tag = "auth", security(("token" = [])), responses((status = 204, description = "Logged out")))]
#[post("/v1/auth/logout")]
pub(crate) async fn log_out(InSession(actor, session): InSession, store: Data<Store>) -> Result<HttpResponse, Failure> {
    let actor = Rc::unwrap_or_clone(actor);
    store.write(move |tx| sessions::end(tx, &actor, session)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Activate a member's account with the code that the secretary handed over, and log in.
///
/// A member who has an account already gets the new password for it, and its other sessions are ended.
#[utoipa::path(tag = "auth", request_body = ActivationRequest, responses((status = 200, body = TokenAnswer)))]
#[post("/v1/auth/activate")]
pub(crate) async fn activate(
    desk: Data<Desk>,
    Body(choice): Body<ActivationRequest>,
) -> Result<Json<TokenAnswer>, Failure> {
    Ok(Json(desk.activate(choice).await?.into()))
}

/// Change the password; the caller's other sessions are ended.
#[utoipa::path(
    tag = "auth",
    security(("token" = [])),
    request_body = PasswordChange,
    responses((status = 204, description = "Changed"), (status = 429)),
)]
#[post("/v1/auth/password")]
pub(crate) async fn change_password(
    InSession(actor, session): InSession,
    desk: Data<Desk>,
    Body((current, new)): Body<PasswordChange>,
) -> Result<HttpResponse, Failure> {
    let actor = Rc::unwrap_or_clone(actor);
    desk.change_password(actor, session, current, new).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Where the caller is logged in.
#[utoipa::path(tag = "auth", security(("token" = [])), responses((status = 200, body = SessionList)))]
#[get("/v1/auth/sessions")]
pub(crate) async fn list_sessions(
    InSession(actor, here): InSession,
    store: Data<Store>,
) -> Result<Json<SessionList>, Failure> {
    let actor = Rc::unwrap_or_clone(actor);
    let open = store.glance(move |tx| sessions::list(tx, &actor)).await?;
    Ok(Json(SessionList {
        items: open.into_iter().map(|one| SessionView::of(one, here)).collect(),
    }))
}

/// End one of the caller's sessions, such as that of a lost phone.
#[utoipa::path(
    tag = "auth",
    security(("token" = [])),
    params(("id" = SessionId, Path, description = "The session")),
    responses((status = 204, description = "Ended")),
)]
#[delete("/v1/auth/sessions/{id}")]
pub(crate) async fn end_session(
    InSession(actor, _): InSession,
    store: Data<Store>,
    id: Path<SessionId>,
) -> Result<HttpResponse, Failure> {
    let actor = Rc::unwrap_or_clone(actor);
    store.write(move |tx| sessions::end(tx, &actor, *id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The public keys that verify access tokens (RFC 7517).
#[utoipa::path(tag = "auth", responses((status = 200, body = Jwks)))]
#[get("/.well-known/jwks.json")]
pub(crate) async fn jwks(desk: Data<Desk>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("Cache-Control", "public, max-age=300"))
        .json(desk.signer().published())
}
