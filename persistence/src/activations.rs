//! Activation codes in the store: a secretary hands one to a member, who makes an account with it, or a new password.
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use domain::access::{ManageMembers, Role, Scope, Who};
use domain::id::{AccountId, MemberId, OrganisationId};
use domain::login::Login;

use crate::accounts::{self, NewAccount};
use crate::schema::{activations, members};
use crate::scoped::within;
use crate::sessions::{self, NewSession};
use crate::trail::{self, NewAudit};
use crate::types::Id;
use crate::{StoreError, Tx, grants, organisations};

/// How long a code is good.
pub const GOOD_FOR: Duration = Duration::days(14);

/// What a member brings along with a code.
pub struct Activation<'a> {
    /// The code as it was handed over.
    pub code: &'a str,
    /// The hash of the password chosen, a PHC string.
    pub password_hash: &'a str,
    /// What the account is to be called at the door; ignored where there is one already.
    pub login: Login,
    /// The id of the account, unless there is one already.
    pub account: AccountId,
}

/// Issues a code for a member inside the scope; one issued before is void. The answer says until when it is good.
///
/// # Errors
/// [`StoreError::NotFound`] when the member is unknown or outside, [`StoreError::Refused`] when the member has left or
/// died.
pub fn issue(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageMembers>,
    member: MemberId,
    code: &str,
) -> Result<DateTime<Utc>, StoreError> {
    let found: Option<(String, String)> = members::table
        .filter(members::id.eq(Id::of(member)))
        .filter(within!(scope, members::path))
        .select((members::path, members::standing))
        .first(tx.db)
        .optional()?;
    let (path, standing) = found.ok_or(StoreError::NotFound("member"))?;
    if let Some(state) = ["left", "deceased"].into_iter().find(|gone| *gone == standing) {
        return Err(StoreError::Refused {
            state,
            verb: "invite",
            allowed: vec![],
            by: None,
        });
    }
    diesel::delete(
        activations::table
            .filter(activations::member_id.eq(Id::of(member)))
            .filter(activations::used_at.is_null()),
    )
    .execute(tx.db)?;
    let expires_at = tx.now() + GOOD_FOR;
    let hash = tx.vault().hash("activation", code)?;
    diesel::insert_into(activations::table)
        .values((
            activations::code_hash.eq(hash),
            activations::member_id.eq(Id::of(member)),
            activations::issued_by.eq(scope.who().account.map(Id::of)),
            activations::issued_at.eq(tx.at()),
            activations::expires_at.eq(expires_at.naive_utc()),
        ))
        .execute(tx.db)?;
    let audit = NewAudit {
        action: "invitation_issued",
        person: Some(member.into()),
        path: Some(&path.parse().map_err(StoreError::corrupt)?),
        ..NewAudit::default()
    };
    trail::record(tx, scope.who(), audit)?;
    Ok(expires_at)
}

/// Whether a code is good now, before the dear work of hashing a password for it.
///
/// # Errors
/// [`StoreError::Invalid`] when it is not: unknown, used, void and expired are alike.
pub fn check(tx: &mut Tx<'_>, code: &str) -> Result<(), StoreError> {
    let hash = tx.vault().hash("activation", code)?;
    let good: i64 = activations::table
        .filter(activations::code_hash.eq(hash))
        .filter(activations::used_at.is_null())
        .filter(activations::expires_at.gt(tx.at()))
        .count()
        .get_result(tx.db)?;
    if good == 0 { Err(NOT_GOOD) } else { Ok(()) }
}

const NOT_GOOD: StoreError = StoreError::Invalid {
    field: "/code",
    code: "not_good",
};

/// Uses a code up: makes the member's account with the member role at the home branch, or, where there is one, gives
/// it the new password and ends its sessions. Answers whose account it is.
///
/// # Errors
/// [`StoreError::Invalid`] for a code that is not good, or a login that is taken.
pub fn redeem(tx: &mut Tx<'_>, new: Activation<'_>) -> Result<AccountId, StoreError> {
    let member = use_up(tx, new.code)?;
    if let Some(account) = accounts::of_member(tx, member)? {
        let who = who(account.id, &account.name);
        accounts::set_password(tx, &who, account.id, new.password_hash, "password_set_by_code")?;
        sessions::end_all(tx, account.id, None, "password_set_by_code")?;
        return Ok(account.id);
    }
    let (name, home, language): (String, Id, String) = members::table
        .find(Id::of(member))
        .select((members::name, members::home_branch_id, members::language))
        .first(tx.db)?;
    let home = organisations::by_id(tx, home.to::<OrganisationId>())?;
    let who = who(new.account, &name);
    let account = NewAccount {
        id: new.account,
        login: new.login,
        password_hash: new.password_hash.to_owned(),
        member: Some(member),
        name,
        email: None,
        language,
    };
    let account = accounts::insert(tx, &who, account, &home.path)?;
    grants::add(tx, &who, &account, Role::Member, &home)?;
    Ok(account.id)
}

/// As [`redeem`], and logs in.
///
/// # Errors
/// As [`redeem`].
pub fn redeem_and_start(
    tx: &mut Tx<'_>,
    new: Activation<'_>,
    session: &NewSession<'_>,
) -> Result<sessions::Holding, StoreError> {
    let account = redeem(tx, new)?;
    sessions::start(tx, &NewSession { account, ..*session })?;
    sessions::holding(tx, account)
}

fn use_up(tx: &mut Tx<'_>, code: &str) -> Result<MemberId, StoreError> {
    let hash = tx.vault().hash("activation", code)?;
    let good = activations::table
        .filter(activations::code_hash.eq(&hash))
        .filter(activations::used_at.is_null())
        .filter(activations::expires_at.gt(tx.at()));
    let used = diesel::update(good)
        .set(activations::used_at.eq(tx.at()))
        .execute(tx.db)?;
    if used == 0 {
        return Err(NOT_GOOD);
    }
    let member: Id = activations::table
        .find(&hash)
        .select(activations::member_id)
        .first(tx.db)?;
    Ok(member.to())
}

fn who(account: AccountId, name: &str) -> Who {
    Who {
        account: Some(account),
        name: name.to_owned(),
    }
}
