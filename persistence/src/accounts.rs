//! Accounts in the store: who can log in, and by what name.
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{Actor, ManageGrants, Role, Scope, Who};
use domain::id::{AccountId, MemberId, OrgPath, OrganisationId};
use domain::login::Login;

use crate::db::{Engine, each};
use crate::grants;
use crate::schema::{accounts, grants as granted, organisations};
use crate::scoped::within;
use crate::trail::{self, NewAudit};
use crate::types::Id;
use crate::{StoreError, Tx};

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What it is called at the door.
    pub login: String,
    /// The member behind it, if any.
    pub member: Option<MemberId>,
    /// The name to show.
    pub name: String,
    /// Where mail for it goes; a member's is in the member's record.
    pub email: Option<String>,
    /// The language it is written to in (`zh-CN`, `en`).
    pub language: String,
    /// Whether it may log in.
    pub active: bool,
    /// Counts changes.
    pub version: i32,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// A new account.
#[derive(Clone)]
pub struct NewAccount {
    /// Its id.
    pub id: AccountId,
    /// What it is called at the door.
    pub login: Login,
    /// The hash of its password, a PHC string.
    pub password_hash: String,
    /// The member behind it, if any.
    pub member: Option<MemberId>,
    /// The name to show.
    pub name: String,
    /// Where mail for it goes.
    pub email: Option<String>,
    /// The language it is written to in (`zh-CN`, `en`).
    pub language: String,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = accounts, check_for_backend(Engine))]
struct Row {
    id: Id,
    login: String,
    password_hash: Option<String>,
    member_id: Option<Id>,
    name: String,
    email: Option<String>,
    language: String,
    active: bool,
    version: i32,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl From<Row> for Account {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.to(),
            login: row.login,
            member: row.member_id.map(Id::to),
            name: row.name,
            email: row.email,
            language: row.language,
            active: row.active,
            version: row.version,
            created_at: row.created_at.and_utc(),
        }
    }
}

/// Creates an account with its first role: without one, no administrator would ever see it.
///
/// # Errors
/// [`StoreError::Invalid`] for a login that is taken or a role that needs a member; [`StoreError::NotFound`] for an
/// organisation outside the scope.
pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageGrants>,
    new: NewAccount,
    role: Role,
    at: OrganisationId,
) -> Result<Account, StoreError> {
    let organisation = crate::organisations::by_id(tx, at)?;
    if !scope.covers(&organisation.path) {
        return Err(StoreError::NotFound("organisation"));
    }
    let account = insert(tx, scope.who(), new, &organisation.path)?;
    grants::add(tx, scope.who(), &account, role, &organisation)?;
    Ok(account)
}

/// Writes an account and says so in the audit trail.
pub(crate) fn insert(tx: &mut Tx<'_>, who: &Who, new: NewAccount, path: &OrgPath) -> Result<Account, StoreError> {
    let row = Row {
        id: Id::of(new.id),
        login: new.login.to_string(),
        password_hash: Some(new.password_hash),
        member_id: new.member.map(Id::of),
        name: new.name,
        email: new.email,
        language: new.language,
        active: true,
        version: 1,
        created_at: tx.at(),
        updated_at: tx.at(),
    };
    each!(tx.db, c => diesel::insert_into(accounts::table).values(&row).execute(c))?;
    let audit = NewAudit {
        action: "account_created",
        person: new.member.map(Into::into),
        subject: Some(new.id.into()),
        path: Some(path),
        ..NewAudit::default()
    };
    trail::record(tx, who, audit)?;
    Ok(row.into())
}

/// An account that holds a role inside the scope; for a scope of the whole deployment, any.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or holds none there.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<ManageGrants>, id: AccountId) -> Result<Account, StoreError> {
    if !scope.covers(&OrgPath::root()) {
        let held: i64 = granted::table
            .inner_join(organisations::table.on(organisations::id.eq(granted::organisation_id)))
            .filter(granted::account_id.eq(Id::of(id)))
            .filter(within!(scope, organisations::path))
            .count()
            .get_result(tx.db)?;
        if held == 0 {
            return Err(StoreError::NotFound("account"));
        }
    }
    by_id(tx, id)
}

/// The accounts that hold a role inside the scope, oldest first, after `after`; for a scope of the whole deployment,
/// all. O(limit) there, else O(grants of the scope).
///
/// # Errors
/// When the store fails.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageGrants>,
    after: Option<AccountId>,
    limit: i64,
) -> Result<Vec<Account>, StoreError> {
    let after = Id::of(after.unwrap_or(AccountId(uuid::Uuid::nil())));
    let mut query = accounts::table.filter(accounts::id.gt(after)).into_boxed();
    if !scope.covers(&OrgPath::root()) {
        let holders: Vec<Id> = granted::table
            .inner_join(organisations::table.on(organisations::id.eq(granted::organisation_id)))
            .filter(granted::account_id.gt(after))
            .filter(within!(scope, organisations::path))
            .select(granted::account_id)
            .distinct()
            .order(granted::account_id)
            .limit(limit)
            .load(tx.db)?;
        query = query.filter(accounts::id.eq_any(holders));
    }
    let rows: Vec<Row> = query
        .order(accounts::id)
        .limit(limit)
        .select(Row::as_select())
        .load(tx.db)?;
    Ok(rows.into_iter().map(Account::from).collect())
}

/// The caller's own account.
///
/// # Errors
/// [`StoreError::NotFound`] when it was deleted meanwhile.
pub fn own(tx: &mut Tx<'_>, actor: &Actor) -> Result<Account, StoreError> {
    by_id(tx, actor.account)
}

/// An account whoever asks: for what the program itself follows (a session, a code).
pub(crate) fn by_id(tx: &mut Tx<'_>, id: AccountId) -> Result<Account, StoreError> {
    let row: Option<Row> = accounts::table
        .find(Id::of(id))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    Ok(row.ok_or(StoreError::NotFound("account"))?.into())
}

/// The account of a member, if the member has one.
pub(crate) fn of_member(tx: &mut Tx<'_>, member: MemberId) -> Result<Option<Account>, StoreError> {
    let row: Option<Row> = accounts::table
        .filter(accounts::member_id.eq(Id::of(member)))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    Ok(row.map(Account::from))
}

/// Puts another password in place; the audit trail gets `action`.
pub(crate) fn set_password(
    tx: &mut Tx<'_>,
    who: &Who,
    account: AccountId,
    password_hash: &str,
    action: &str,
) -> Result<(), StoreError> {
    diesel::update(accounts::table.filter(accounts::id.eq(Id::of(account))))
        .set((
            accounts::password_hash.eq(password_hash),
            accounts::version.eq(accounts::version + 1),
            accounts::updated_at.eq(tx.at()),
        ))
        .execute(tx.db)?;
    let path = grants::home(tx, account)?;
    let audit = NewAudit {
        action,
        subject: Some(account.into()),
        path: Some(&path),
        ..NewAudit::default()
    };
    trail::record(tx, who, audit)
}
