//! Stays that may be of one person: suggested to the secretary, who decides. The machine merges nobody.
use diesel::prelude::*;
use domain::access::{ManageStays, Scope};
use domain::id::StayId;
use domain::stay::merge::{Likeness, Side};

use super::merge::apart_from;
use super::record::{self, StayRecord};
use super::row::Row;
use super::{inside, open_words, show};
use crate::schema::{members, stays, visitors};
use crate::scoped::within;
use crate::types::Id;
use crate::{StoreError, Tx, sealed};

/// How many are looked at.
const MOST: i64 = 50;

/// A stay that may be of the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The other stay.
    pub record: StayRecord,
    /// In what the two people are alike.
    pub why: Vec<Likeness>,
}

/// Open stays with the same host that may be of the same person as an open one inside the scope: the name or the telephone is the
/// same. Not those that are certainly of two people, nor those of whom somebody said so; the most alike first. At most
/// fifty of members and of visitors are looked at. O(open stays of the host) at worst.
///
/// Of a member whom nobody vouches for only what was declared counts, so that a suggestion tells nothing either.
///
/// # Errors
/// [`StoreError::NotFound`] when the stay is unknown or outside.
pub fn suggestions(tx: &mut Tx<'_>, scope: &Scope<ManageStays>, id: StayId) -> Result<Vec<Suggestion>, StoreError> {
    let (stay, ..) = inside(tx, scope, id)?;
    if !stay.state.name().is_open() {
        return Ok(Vec::new());
    }
    let own = show(tx, id)?;
    let rows = alike(tx, scope, &own)?;
    let others = record::of(tx, rows)?;
    let apart = apart_from(tx, id, &others.iter().map(|one| one.stay.id).collect::<Vec<_>>())?;
    let mine = side(&own);
    let suggestion = |record: StayRecord| {
        let why = likeness(&own, &record);
        let two = mine.is_another_than(&side(&record));
        (!two && !why.is_empty() && !apart.contains(&record.stay.id)).then_some(Suggestion { record, why })
    };
    let mut found: Vec<_> = others.into_iter().filter_map(suggestion).collect();
    found.sort_by_key(|one| (std::cmp::Reverse(one.why.len()), std::cmp::Reverse(one.record.stay.id)));
    Ok(found)
}

fn side(record: &StayRecord) -> Side {
    Side {
        stay: record.stay.clone(),
        identity: record.person.identity.clone(),
        has_phone: record.person.phone.is_some(),
    }
}

fn likeness(one: &StayRecord, other: &StayRecord) -> Vec<Likeness> {
    let (one, other) = (&one.person, &other.person);
    let number = one.identity.is_some() && one.identity == other.identity;
    let phone = one.phone.is_some() && one.phone == other.phone;
    let alike = [
        (number, Likeness::IdentityNumber),
        (phone, Likeness::Phone),
        (one.name == other.name, Likeness::Name),
    ];
    alike.into_iter().filter(|(is, _)| *is).map(|(_, what)| what).collect()
}

/// Rows of people with the same name or telephone.
fn alike(tx: &mut Tx<'_>, scope: &Scope<ManageStays>, own: &StayRecord) -> Result<Vec<Row>, StoreError> {
    let name = &own.person.name;
    let phone = own.person.phone.as_ref().map(|phone| sealed::hash(tx.vault, phone));
    // No hash is empty.
    let phone = phone.transpose()?.unwrap_or_default();
    macro_rules! of {
        ($people:ident) => {
            stays::table
                .inner_join($people::table.on($people::id.eq(stays::person_id)))
                .filter(within!(scope, stays::path))
                .filter(stays::host_id.eq(Id::of(own.stay.host)))
                .filter(stays::state.eq_any(open_words()))
                .filter(stays::person_id.ne(Id::of(own.stay.person)))
                .filter(
                    $people::name.eq(name).or($people::phone_hash
                        .is_not_null()
                        .and($people::phone_hash.assume_not_null().eq(&phone))),
                )
                .order(stays::id.desc())
                .limit(MOST)
                .select(Row::as_select())
                .load(tx.db)?
        };
    }
    let mut rows: Vec<Row> = of!(visitors);
    let of_members: Vec<Row> = of!(members);
    rows.extend(of_members);
    Ok(rows)
}
