//! Grants in the store: which account holds which role where.
use diesel::prelude::*;
use domain::access::{ManageGrants, Role, Scope, Who};
use domain::id::{AccountId, MemberId, OrgPath, OrganisationId};

use crate::accounts::{self, Account};
use crate::db::each;
use crate::organisations::Organisation;
use crate::schema::{accounts as holders, grants, organisations};
use crate::trail::{self, NewAudit};
use crate::types::Id;
use crate::{StoreError, Tx};

/// A role that an account holds, with the organisation's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleHeld {
    /// What.
    pub role: Role,
    /// Where.
    pub organisation: OrganisationId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// A role given at an organisation, with the holder's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub account: AccountId,
    /// The account's login.
    pub login: String,
    /// The name to show.
    pub name: String,
    /// What.
    pub role: Role,
    /// Since when.
    pub granted_at: chrono::DateTime<chrono::Utc>,
}

/// Gives an account a role at an organisation; giving it again changes nothing.
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation or account outside the scope, [`StoreError::Invalid`] for the member
/// role on an account with no member behind it.
pub fn give(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageGrants>,
    account: AccountId,
    role: Role,
    at: OrganisationId,
) -> Result<(), StoreError> {
    let organisation = inside(tx, scope, at)?;
    let account = accounts::find(tx, scope, account)?;
    add(tx, scope.who(), &account, role, &organisation)
}

/// Writes a grant and says so in the audit trail, unless it stands already.
pub(crate) fn add(
    tx: &mut Tx<'_>,
    who: &Who,
    account: &Account,
    role: Role,
    at: &Organisation,
) -> Result<(), StoreError> {
    if role == Role::Member && account.member.is_none() {
        return Err(StoreError::Invalid {
            field: "/role",
            code: "needs_member",
        });
    }
    let row = (
        grants::account_id.eq(Id::of(account.id)),
        grants::role.eq(role.as_str()),
        grants::organisation_id.eq(Id::of(at.id)),
        grants::granted_by.eq(who.account.map(Id::of)),
        grants::granted_at.eq(tx.at()),
    );
    let key = (grants::account_id, grants::role, grants::organisation_id);
    let added =
        each!(tx.db, c => diesel::insert_into(grants::table).values(row).on_conflict(key).do_nothing().execute(c))?;
    if added == 0 {
        return Ok(());
    }
    audit(tx, who, "grant_given", account.id, role, &at.path)
}

/// Takes a role away; it ends with the next request.
///
/// # Errors
/// [`StoreError::NotFound`] when the organisation is outside the scope or the account has no such role there.
pub fn take(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageGrants>,
    account: AccountId,
    role: Role,
    at: OrganisationId,
) -> Result<(), StoreError> {
    let organisation = inside(tx, scope, at)?;
    let taken = diesel::delete(
        grants::table
            .filter(grants::account_id.eq(Id::of(account)))
            .filter(grants::role.eq(role.as_str()))
            .filter(grants::organisation_id.eq(Id::of(at))),
    )
    .execute(tx.db)?;
    if taken == 0 {
        return Err(StoreError::NotFound("grant"));
    }
    audit(tx, scope.who(), "grant_taken", account, role, &organisation.path)
}

/// The member role of a member's own account follows the formal relation to another branch.
pub(crate) fn follow(
    tx: &mut Tx<'_>,
    who: &Who,
    member: MemberId,
    from: OrganisationId,
    to: &Organisation,
) -> Result<(), StoreError> {
    let account: Option<Id> = holders::table
        .filter(holders::member_id.eq(Id::of(member)))
        .select(holders::id)
        .first(tx.db)
        .optional()?;
    let Some(account) = account else { return Ok(()) };
    let taken = diesel::delete(
        grants::table
            .filter(grants::account_id.eq(account))
            .filter(grants::role.eq(Role::Member.as_str()))
            .filter(grants::organisation_id.eq(Id::of(from))),
    )
    .execute(tx.db)?;
    if taken == 0 {
        return Ok(());
    }
    let left = crate::organisations::by_id(tx, from)?;
    audit(tx, who, "grant_taken", account.to(), Role::Member, &left.path)?;
    let row = (
        grants::account_id.eq(account),
        grants::role.eq(Role::Member.as_str()),
        grants::organisation_id.eq(Id::of(to.id)),
        grants::granted_by.eq(who.account.map(Id::of)),
        grants::granted_at.eq(tx.at()),
    );
    let key = (grants::account_id, grants::role, grants::organisation_id);
    each!(tx.db, c => diesel::insert_into(grants::table).values(row).on_conflict(key).do_nothing().execute(c))?;
    audit(tx, who, "grant_given", account.to(), Role::Member, &to.path)
}

/// Who holds which role at an organisation itself (not above it), after `after`. O(limit).
///
/// # Errors
/// [`StoreError::NotFound`] when it is outside the scope.
pub fn holders(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageGrants>,
    at: OrganisationId,
    after: Option<(Role, AccountId)>,
    limit: i64,
) -> Result<Vec<Holder>, StoreError> {
    inside(tx, scope, at)?;
    let mut query = grants::table
        .inner_join(holders::table.on(holders::id.eq(grants::account_id)))
        .filter(grants::organisation_id.eq(Id::of(at)))
        .into_boxed();
    if let Some((role, account)) = after {
        let later = grants::role.gt(role.as_str());
        let same = grants::role
            .eq(role.as_str())
            .and(grants::account_id.gt(Id::of(account)));
        query = query.filter(later.or(same));
    }
    let rows: Vec<(Id, String, String, String, chrono::NaiveDateTime)> = query
        .order((grants::role, grants::account_id))
        .limit(limit)
        .select((
            holders::id,
            holders::login,
            holders::name,
            grants::role,
            grants::granted_at,
        ))
        .load(tx.db)?;
    rows.into_iter()
        .map(|(account, login, name, role, at)| {
            Ok(Holder {
                account: account.to(),
                login,
                name,
                role: role.parse().map_err(StoreError::corrupt)?,
                granted_at: at.and_utc(),
            })
        })
        .collect()
}

/// What an account that has proved itself may do where, in the order of the tree.
pub(crate) fn held(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<RoleHeld>, StoreError> {
    let rows: Vec<(String, Id, String, String)> = grants::table
        .inner_join(organisations::table.on(organisations::id.eq(grants::organisation_id)))
        .filter(grants::account_id.eq(Id::of(account)))
        .order((organisations::path, grants::role))
        .select((
            grants::role,
            organisations::id,
            organisations::code,
            organisations::name,
        ))
        .load(tx.db)?;
    rows.into_iter()
        .map(|(role, organisation, code, name)| {
            Ok(RoleHeld {
                role: role.parse().map_err(StoreError::corrupt)?,
                organisation: organisation.to(),
                code,
                name,
            })
        })
        .collect()
}

/// Where the audit trail files what an account does to itself: the lowest place above all its roles.
pub(crate) fn home(tx: &mut Tx<'_>, account: AccountId) -> Result<OrgPath, StoreError> {
    let paths: Vec<String> = grants::table
        .inner_join(organisations::table.on(organisations::id.eq(grants::organisation_id)))
        .filter(grants::account_id.eq(Id::of(account)))
        .select(organisations::path)
        .load(tx.db)?;
    let mut home: Option<OrgPath> = None;
    for path in paths {
        let path: OrgPath = path.parse().map_err(StoreError::corrupt)?;
        home = Some(home.map_or(path.clone(), |home| home.common_with(&path)));
    }
    Ok(home.unwrap_or_else(OrgPath::root))
}

fn inside(tx: &mut Tx<'_>, scope: &Scope<ManageGrants>, at: OrganisationId) -> Result<Organisation, StoreError> {
    let organisation = crate::organisations::by_id(tx, at)?;
    if scope.covers(&organisation.path) {
        Ok(organisation)
    } else {
        Err(StoreError::NotFound("organisation"))
    }
}

fn audit(
    tx: &mut Tx<'_>,
    who: &Who,
    action: &str,
    account: AccountId,
    role: Role,
    path: &OrgPath,
) -> Result<(), StoreError> {
    let entry = NewAudit {
        action,
        subject: Some(account.into()),
        path: Some(path),
        detail: Some(serde_json::json!({ "role": role })),
        ..NewAudit::default()
    };
    trail::record(tx, who, entry)
}
