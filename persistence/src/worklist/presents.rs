//! What is to be given to members on their political birthdays (贺卡、红色书包), as whoever gives it has chosen, and is not
//! recorded yet.
use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use domain::calendar::solar::{anniversary_in, years_since};
use domain::gift::{GiftOccasion, GiftState, Present};
use domain::id::OrgPath;
use domain::worklist::{first_birthday, given_for};

use super::Waiting;
use crate::schema::{gifts, members, stays};
use crate::types::Id;
use crate::verbatim::Verbatim;
use crate::{StoreError, Tx, settings};

/// What is still to be given, with the years since joining, by the member and whether it is the host that gives.
pub(super) type Missing = HashMap<(Id, bool), (u32, Vec<Present>)>;

/// What is still to be given to members on the days of their political birthdays: by the branch at home, or by the host in
/// what is about a stay; nothing of those to whom nothing is. Four statements, whatever their number.
pub(super) fn missing(tx: &mut Tx<'_>, waiting: &[Waiting]) -> Result<Missing, StoreError> {
    if waiting.is_empty() {
        return Ok(Missing::new());
    }
    let ids: Vec<Id> = waiting.iter().map(|one| one.id).collect();
    let members: Vec<(Id, Option<NaiveDate>, String)> = members::table
        .filter(members::id.eq_any(ids.clone()))
        .select((members::id, members::joined_on, members::path))
        .load(tx.db)?;
    let joined: HashMap<Id, Option<NaiveDate>> = members.iter().map(|(id, on, _)| (*id, *on)).collect();
    let homes = members.into_iter().map(|(id, _, path)| ((id, false), path));
    let parsed = |(by, path): (_, String)| Ok((by, path.parse().map_err(StoreError::corrupt)?));
    let places: Result<HashMap<(Id, bool), OrgPath>, StoreError> =
        homes.chain(hosts(tx, ids.clone())?).map(parsed).collect();
    let places = places?;
    let presents = settings::presents_at(tx, places.values().cloned().collect())?;
    let given = given(tx, ids)?;
    let one = |one: &Waiting| {
        let (on, joined) = (one.due?, joined.get(&one.id).copied().flatten()?);
        // Greeted on the day that counts in this year, also where that is not the day itself.
        let years = years_since(joined, anniversary_in(joined, on.year())?);
        let by = (one.id, one.stays);
        let is_given = |present: &Present| {
            let mut gifts = given
                .iter()
                .filter(|(to, day, ..)| *to == one.id && *day >= given_for(on));
            gifts.any(|(.., item, name)| present.is(item, name.as_deref()))
        };
        let presents = presents.get(places.get(&by)?)?.iter();
        let missing = presents.filter(|present| present.falls_on(years) && !is_given(present));
        let missing: Vec<Present> = missing.cloned().collect();
        (!missing.is_empty()).then_some((by, (years, missing)))
    };
    Ok(waiting.iter().filter_map(one).collect())
}

/// Where the hosts of those stand who are admitted somewhere.
fn hosts(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<impl Iterator<Item = ((Id, bool), String)>, StoreError> {
    let hosts: Vec<(Id, String)> = stays::table
        .filter(Verbatim("stays.state = 'admitted'"))
        .filter(stays::member_id.assume_not_null().eq_any(ids))
        .select((stays::member_id.assume_not_null(), stays::path))
        .load(tx.db)?;
    Ok(hosts.into_iter().map(|(id, path)| ((id, true), path)))
}

/// Something that was given: to whom, on which day, what, and its name.
type Given = (Id, NaiveDate, String, Option<String>);

/// What members were given for political birthdays that are on the list.
fn given(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<Vec<Given>, StoreError> {
    let since = given_for(first_birthday(tx.today()));
    let given = gifts::table
        .filter(gifts::person_id.eq_any(ids))
        .filter(gifts::occasion.eq(GiftOccasion::PoliticalBirthday.as_str()))
        .filter(gifts::state.eq(GiftState::Given.as_str()))
        .filter(gifts::given_on.ge(since))
        .select((gifts::person_id, gifts::given_on, gifts::item, gifts::name));
    Ok(given.load(tx.db)?)
}
