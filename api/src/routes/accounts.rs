//! Accounts and grants, for administrators; and the invitation of a member to the app, for secretaries.
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use chrono::{DateTime, Utc};
use domain::access::{ManageGrants, ManageMembers, Role};
use domain::id::{AccountId, MemberId, OrganisationId};
use domain::login::{Login, NotALogin};
use persistence::accounts::{self, Account, NewAccount};
use persistence::grants::{self, Holder};
use persistence::{Store, activations};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zeroize::Zeroizing;

use crate::auth::{Desk, code, password};
use crate::extract::{Body, CursorKey, Faults, Input, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(crate) fn configure(config: &mut Routes<'_>) {
    config
        .service(list)
        .service(create)
        .service(invite)
        .service(list_grants)
        .service(give)
        .service(take);
}

/// A new account for staff. Members make theirs with an activation code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountRequest {
    /// What it is called at the door: 3 to 64 letters, digits, `.`, `_`, `-` or `@`; no phone or identity number.
    #[schema(max_length = 64, example = "li.secretary")]
    login: String,
    /// The name to show.
    #[schema(min_length = 1, max_length = 64, example = "李书记")]
    name: String,
    /// Where mail for it goes.
    #[schema(max_length = 254, format = "email", example = "li@example.org")]
    email: Option<String>,
    /// The language it is written to in; Chinese unless said.
    language: Option<LanguageChoice>,
    /// The first password; without it one is made and shown once.
    #[schema(max_length = 128, example = "风筝高飞一线牵，磁铁相吸")]
    password: Option<String>,
    /// The first role.
    role: Role,
    /// Where it is held.
    organisation_id: OrganisationId,
}

/// A language that Kiteline writes in.
#[derive(Clone, Copy, Deserialize, ToSchema)]
pub(crate) enum LanguageChoice {
    /// Chinese.
    #[serde(rename = "zh-CN")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl LanguageChoice {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }
}

/// What an [`AccountRequest`] means.
pub(crate) struct Wanted {
    login: Login,
    name: String,
    email: Option<String>,
    language: &'static str,
    password: Option<Zeroizing<String>>,
    role: Role,
    at: OrganisationId,
}

impl Input for AccountRequest {
    type Meaning = Wanted;

    fn read(self, faults: &mut Faults) -> Option<Wanted> {
        if let Some(chosen) = &self.password {
            faults.take("/password", password::check(chosen, &self.login), |why| why);
        }
        Some(Wanted {
            login: faults.take("/login", self.login.parse(), NotALogin::code)?,
            name: self.name.trim().to_owned(),
            email: self.email,
            language: self.language.unwrap_or(LanguageChoice::Chinese).as_str(),
            password: self.password.map(Zeroizing::new),
            role: self.role,
            at: self.organisation_id,
        })
    }
}

/// An account.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountView {
    /// Its id.
    id: AccountId,
    /// What it is called at the door.
    #[schema(example = "li.secretary")]
    login: String,
    /// The name to show.
    #[schema(example = "李书记")]
    name: String,
    /// Where mail for it goes.
    #[schema(example = "li@example.org")]
    email: Option<String>,
    /// The member behind it, if any.
    member_id: Option<MemberId>,
    /// Whether it may log in.
    #[schema(example = true)]
    active: bool,
    /// Since when.
    created_at: DateTime<Utc>,
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            login: account.login,
            name: account.name,
            email: account.email,
            member_id: account.member,
            active: account.active,
            created_at: account.created_at,
        }
    }
}

/// An account just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountAnswer {
    /// The account.
    account: AccountView,
    /// The password that was made for it, shown this once; absent where one was given.
    #[schema(example = "K7QXM4RT9BWE2HNP")]
    initial_password: Option<String>,
}

/// A code for a member's app.
#[derive(Serialize, ToSchema)]
pub(crate) struct Invitation {
    /// To be handed to the member, shown this once; good once.
    #[schema(example = "K7QXM4RT9B")]
    code: String,
    /// Until when it is good.
    expires_at: DateTime<Utc>,
}

/// A role for an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantRequest {
    /// Whose.
    account_id: AccountId,
    /// What.
    role: Role,
}

impl Input for GrantRequest {
    type Meaning = (AccountId, Role);

    fn read(self, _: &mut Faults) -> Option<Self::Meaning> {
        Some((self.account_id, self.role))
    }
}

/// Which grant.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantQuery {
    /// Whose.
    account_id: AccountId,
    /// What.
    role: Role,
}

/// A role that somebody holds at an organisation.
#[derive(Serialize, ToSchema)]
pub(crate) struct GrantView {
    /// Whose.
    account_id: AccountId,
    /// The account's login.
    #[schema(example = "li.secretary")]
    login: String,
    /// The name to show.
    #[schema(example = "李书记")]
    name: String,
    /// What.
    role: Role,
    /// Since when.
    granted_at: DateTime<Utc>,
}

impl From<Holder> for GrantView {
    fn from(holder: Holder) -> Self {
        Self {
            account_id: holder.account,
            login: holder.login,
            name: holder.name,
            role: holder.role,
            granted_at: holder.granted_at,
        }
    }
}

/// The accounts that hold a role in the caller's subtrees, oldest first.
#[utoipa::path(
    tag = "accounts",
    security(("token" = ["ManageGrants"])),
    params(PageQuery),
    responses((status = 200, body = Page<AccountView>)),
)]
#[get("/v1/accounts")]
pub(crate) async fn list(
    May(scope): May<ManageGrants>,
    store: Data<Store>,
    key: Data<CursorKey>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<AccountId>(&key)?);
    let rows = store
        .read(move |tx| accounts::list(tx, &scope, after, limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &key, |row| row.id)?;
    let items = rows.into_iter().map(AccountView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// Create an account for staff, with its first role.
#[utoipa::path(
    tag = "accounts",
    security(("token" = ["ManageGrants"])),
    request_body = AccountRequest,
    responses((status = 201, body = AccountAnswer), (status = 404)),
)]
#[post("/v1/accounts")]
pub(crate) async fn create(
    May(scope): May<ManageGrants>,
    store: Data<Store>,
    desk: Data<Desk>,
    Body(wanted): Body<AccountRequest>,
) -> Result<HttpResponse, Failure> {
    let (password, initial_password) = wanted.password.map_or_else(made_up, |chosen| (chosen, None));
    let password_hash = desk.hash(password).await?;
    let account = store
        .write(move |tx| {
            let new = NewAccount {
                id: tx.fresh(),
                login: wanted.login,
                password_hash,
                member: None,
                name: wanted.name,
                email: wanted.email,
                language: wanted.language.to_owned(),
            };
            accounts::create(tx, &scope, new, wanted.role, wanted.at)
        })
        .await?;
    let account = account.into();
    Ok(HttpResponse::Created().json(AccountAnswer {
        account,
        initial_password,
    }))
}

/// A password for who chose none, and the same to be shown.
fn made_up() -> (Zeroizing<String>, Option<String>) {
    let made = code::random(16);
    (Zeroizing::new(made.clone()), Some(made))
}

/// Invite a member to the app: a code, good once and for 14 days. One issued before is void.
#[utoipa::path(
    tag = "members",
    security(("token" = ["ManageMembers"])),
    params(("id" = MemberId, Path, description = "The member")),
    responses((status = 201, body = Invitation), (status = 409)),
)]
#[post("/v1/members/{id}/invitation")]
pub(crate) async fn invite(
    May(scope): May<ManageMembers>,
    store: Data<Store>,
    id: Path<MemberId>,
) -> Result<HttpResponse, Failure> {
    let code = code::activation();
    let issued = code.clone();
    let expires_at = store
        .write(move |tx| activations::issue(tx, &scope, *id, &issued))
        .await?;
    Ok(HttpResponse::Created().json(Invitation { code, expires_at }))
}

/// Who holds which role at an organisation itself, not above it.
#[utoipa::path(
    tag = "organisations",
    security(("token" = ["ManageGrants"])),
    params(("id" = OrganisationId, Path, description = "The organisation"), PageQuery),
    responses((status = 200, body = Page<GrantView>)),
)]
#[get("/v1/organisations/{id}/grants")]
pub(crate) async fn list_grants(
    May(scope): May<ManageGrants>,
    store: Data<Store>,
    key: Data<CursorKey>,
    id: Path<OrganisationId>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<(Role, AccountId)>(&key)?);
    let rows = store
        .read(move |tx| grants::holders(tx, &scope, *id, after, limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &key, |row| (row.role, row.account))?;
    let items = rows.into_iter().map(GrantView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

/// Give an account a role at an organisation and below; giving it again changes nothing.
#[utoipa::path(
    tag = "organisations",
    security(("token" = ["ManageGrants"])),
    params(("id" = OrganisationId, Path, description = "The organisation")),
    request_body = GrantRequest,
    responses((status = 204, description = "Given")),
)]
#[post("/v1/organisations/{id}/grants")]
pub(crate) async fn give(
    May(scope): May<ManageGrants>,
    store: Data<Store>,
    id: Path<OrganisationId>,
    Body((account, role)): Body<GrantRequest>,
) -> Result<HttpResponse, Failure> {
    store
        .write(move |tx| grants::give(tx, &scope, account, role, *id))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Take a role away; it ends with the account's next request.
#[utoipa::path(
    tag = "organisations",
    security(("token" = ["ManageGrants"])),
    params(("id" = OrganisationId, Path, description = "The organisation"), GrantQuery),
    responses((status = 204, description = "Taken")),
)]
#[delete("/v1/organisations/{id}/grants")]
pub(crate) async fn take(
    May(scope): May<ManageGrants>,
    store: Data<Store>,
    id: Path<OrganisationId>,
    Query(which): Query<GrantQuery>,
) -> Result<HttpResponse, Failure> {
    store
        .write(move |tx| grants::take(tx, &scope, which.account_id, which.role, *id))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
