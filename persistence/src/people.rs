//! Whoever stays somewhere: a member of this deployment or a visitor, as the two sides of a hand-over may see them.
use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use domain::codes::Gender;
use domain::id::PersonId;
use domain::identity::IdentityNumber;
use domain::phone::Phone;

use crate::db::each;
use crate::schema::{members, visitors};
use crate::sealed;
use crate::types::Id;
use crate::{StoreError, Tx};

/// Name, and what is sealed; answers show the sealed fields masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Whose.
    pub id: PersonId,
    /// Whether the person is a member here.
    pub is_member: bool,
    /// 姓名.
    pub name: String,
    /// 性别.
    pub gender: Option<Gender>,
    /// 公民身份号码.
    pub identity: Option<IdentityNumber>,
    /// 手机号码.
    pub phone: Option<Phone>,
}

/// Somebody who is no member here, as the host declares it.
#[derive(Debug, Clone)]
pub struct NewVisitor {
    /// 姓名, 1 to 64 characters.
    pub name: String,
    /// 性别; the identity number says it where it is not given.
    pub gender: Option<Gender>,
    /// 公民身份号码.
    pub identity: Option<IdentityNumber>,
    /// 手机号码.
    pub phone: Option<Phone>,
}

/// Who the declared person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recognised {
    /// A member, wherever the home branch is.
    Member(Id),
    /// A visitor who was declared before, or just now.
    Visitor(Id),
}

#[derive(Insertable)]
#[diesel(table_name = visitors, treat_none_as_default_value = false)]
struct Row {
    id: Id,
    name: String,
    gender: Option<String>,
    identity_sealed: Option<Vec<u8>>,
    identity_hash: Option<Vec<u8>>,
    phone_sealed: Option<Vec<u8>>,
    phone_hash: Option<Vec<u8>>,
    created_at: NaiveDateTime,
}

/// Finds whom a host declares by the identity number's hash, else enters a visitor.
///
/// A known number counts only together with the same name: otherwise a host could learn whose number it is. Under
/// another name a visitor is entered whose number is sealed and not looked up, and the answer is the same.
pub(crate) fn recognise(tx: &mut Tx<'_>, new: &NewVisitor) -> Result<Recognised, StoreError> {
    let hash = new
        .identity
        .as_ref()
        .map(|number| sealed::hash(tx.vault, number))
        .transpose()?;
    let mut taken = false;
    if let Some(hash) = &hash {
        let member: Option<(Id, String)> = members::table
            .filter(members::identity_hash.eq(hash))
            .select((members::id, members::name))
            .first(tx.db)
            .optional()?;
        let visitor: Option<(Id, String)> = visitors::table
            .filter(visitors::identity_hash.eq(hash))
            .select((visitors::id, visitors::name))
            .first(tx.db)
            .optional()?;
        taken = visitor.is_some();
        match (member, visitor) {
            (Some((id, name)), _) if name == new.name => return Ok(Recognised::Member(id)),
            (_, Some((id, name))) if name == new.name => return Ok(Recognised::Visitor(id)),
            _ => {}
        }
    }
    match enter(tx, new, taken)? {
        Some(id) => Ok(Recognised::Visitor(id)),
        // Somebody else declared the same number at the same moment.
        None => recognise(tx, new),
    }
}

/// Enters a visitor, unless the number has just been entered; one that is `taken` by another visitor is not looked up.
fn enter(tx: &mut Tx<'_>, new: &NewVisitor, taken: bool) -> Result<Option<Id>, StoreError> {
    let id: PersonId = tx.fresh();
    let identity = sealed::seal(tx.vault, id, new.identity.as_ref())?;
    let phone = sealed::seal(tx.vault, id, new.phone.as_ref())?;
    let gender = new.gender.or(new.identity.as_ref().map(IdentityNumber::gender));
    let row = Row {
        id: Id::of(id),
        name: new.name.clone(),
        gender: gender.map(|gender| gender.to_string()),
        identity_sealed: identity.sealed,
        identity_hash: identity.hash.filter(|_| !taken),
        phone_sealed: phone.sealed,
        phone_hash: phone.hash,
        created_at: tx.at(),
    };
    let entered = each!(tx.db, c => {
        diesel::insert_into(visitors::table).values(&row).on_conflict_do_nothing().execute(c)
    })?;
    Ok((entered == 1).then_some(row.id))
}

/// The people of these ids, after the caller was let through to what names them. Two queries.
pub(crate) fn of(tx: &mut Tx<'_>, ids: &[Id]) -> Result<HashMap<Id, Person>, StoreError> {
    type Row = (Id, String, Option<String>, Option<Vec<u8>>, Option<Vec<u8>>);
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let of_members: Vec<Row> = members::table
        .filter(members::id.eq_any(ids.to_vec()))
        .select((
            members::id,
            members::name,
            members::gender.nullable(),
            members::identity_sealed,
            members::phone_sealed,
        ))
        .load(tx.db)?;
    let of_visitors: Vec<Row> = visitors::table
        .filter(visitors::id.eq_any(ids.to_vec()))
        .select((
            visitors::id,
            visitors::name,
            visitors::gender,
            visitors::identity_sealed,
            visitors::phone_sealed,
        ))
        .load(tx.db)?;
    let kinds = [(true, of_members), (false, of_visitors)];
    let rows = kinds
        .into_iter()
        .flat_map(|(is_member, rows)| rows.into_iter().map(move |row| (is_member, row)));
    rows.map(|(is_member, (id, name, gender, identity, phone))| {
        let gender = gender.map(|gender| gender.parse()).transpose();
        let person = Person {
            id: id.to(),
            is_member,
            name,
            gender: gender.map_err(StoreError::corrupt)?,
            identity: sealed::open(tx.vault, id.0, identity.as_deref())?,
            phone: sealed::open(tx.vault, id.0, phone.as_deref())?,
        };
        Ok((id, person))
    })
    .collect()
}
