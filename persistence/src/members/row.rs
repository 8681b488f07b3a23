//! A member as a row: what is sealed, what is a word, and the keys that jobs compare.
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::prelude::*;
use domain::calendar::{BirthdayKey, QuietHours};
use domain::id::{MemberId, OrgPath, OrganisationId};
use domain::spreadsheet::{PartialDate, Precision};

use super::{Facts, Member};
use crate::db::Engine;
use crate::schema::{members, organisations};
use crate::sealed;
use crate::types::Id;
use crate::vault::Vault;
use crate::{StoreError, Tx};

/// A row, without the instant at which it was first written.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = members, check_for_backend(Engine), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct Row {
    id: Id,
    home_branch_id: Id,
    /// Written with a new home branch, and by the tree when the branch moves.
    #[diesel(skip_update)]
    path: String,
    name: String,
    gender: String,
    ethnicity: Option<String>,
    identity_sealed: Option<Vec<u8>>,
    identity_hash: Option<Vec<u8>>,
    birth_date: Option<NaiveDate>,
    birthday_calendar: String,
    birthday_key: Option<i16>,
    phone_sealed: Option<Vec<u8>>,
    phone_hash: Option<Vec<u8>>,
    email: Option<String>,
    education: Option<String>,
    address: Option<String>,
    standing: String,
    joined_on: Option<NaiveDate>,
    political_key: Option<i16>,
    full_member_on: Option<NaiveDate>,
    language: String,
    by_email: bool,
    quiet_from: NaiveTime,
    quiet_until: NaiveTime,
    version: i32,
    updated_at: NaiveDateTime,
}

/// Whose row it is, where, and which edition.
pub(super) struct Place<'a> {
    pub(super) id: MemberId,
    pub(super) home_branch: OrganisationId,
    pub(super) path: &'a OrgPath,
    pub(super) version: i32,
    pub(super) updated_at: NaiveDateTime,
}

impl Row {
    /// The row of these facts: identity number and phone sealed for the member, birthdays turned into keys.
    pub(super) fn of(vault: &Vault, place: &Place<'_>, facts: &Facts) -> Result<Self, StoreError> {
        let identity = sealed::seal(vault, place.id, facts.identity.as_ref())?;
        let phone = sealed::seal(vault, place.id, facts.phone.as_ref())?;
        let birthday = known_day(facts.birth).and_then(|day| BirthdayKey::by(facts.birthday_calendar, day));
        Ok(Self {
            id: Id::of(place.id),
            home_branch_id: Id::of(place.home_branch),
            path: place.path.to_string(),
            name: facts.name.clone(),
            gender: facts.gender.to_string(),
            ethnicity: facts.ethnicity.map(|value| value.to_string()),
            identity_sealed: identity.sealed,
            identity_hash: identity.hash,
            birth_date: facts.birth.map(|birth| birth.date),
            birthday_calendar: facts.birthday_calendar.to_string(),
            birthday_key: birthday.map(BirthdayKey::value),
            phone_sealed: phone.sealed,
            phone_hash: phone.hash,
            email: facts.email.clone(),
            education: facts.education.map(|value| value.to_string()),
            address: facts.address.clone(),
            standing: facts.standing.to_string(),
            joined_on: facts.joined.map(|joined| joined.date),
            political_key: known_day(facts.joined).map(|day| BirthdayKey::solar(day).value()),
            full_member_on: facts.full_member_on,
            language: facts.language.clone(),
            by_email: facts.by_email,
            quiet_from: facts.quiet.from,
            quiet_until: facts.quiet.until,
            version: place.version,
            updated_at: place.updated_at,
        })
    }

    /// The member in this row, of the branch with this name.
    pub(super) fn into_member(self, vault: &Vault, home_branch_name: String) -> Result<Member, StoreError> {
        let owner = self.id.0;
        let facts = Facts {
            name: self.name,
            gender: self.gender.parse().map_err(StoreError::corrupt)?,
            ethnicity: word(self.ethnicity)?,
            identity: sealed::open(vault, owner, self.identity_sealed.as_deref())?,
            birth: partial(self.birth_date, self.birthday_key),
            birthday_calendar: self.birthday_calendar.parse().map_err(StoreError::corrupt)?,
            phone: sealed::open(vault, owner, self.phone_sealed.as_deref())?,
            email: self.email,
            education: word(self.education)?,
            address: self.address,
            standing: self.standing.parse().map_err(StoreError::corrupt)?,
            joined: partial(self.joined_on, self.political_key),
            full_member_on: self.full_member_on,
            language: self.language,
            by_email: self.by_email,
            quiet: QuietHours {
                from: self.quiet_from,
                until: self.quiet_until,
            },
        };
        Ok(Member {
            id: self.id.to(),
            home_branch: self.home_branch_id.to(),
            home_branch_name,
            path: self.path.parse().map_err(StoreError::corrupt)?,
            facts,
            version: self.version,
        })
    }
}

/// A date without a key is one whose day is not known.
fn partial(date: Option<NaiveDate>, key: Option<i16>) -> Option<PartialDate> {
    let precision = if key.is_some() {
        Precision::Day
    } else {
        Precision::Month
    };
    date.map(|date| PartialDate { date, precision })
}

fn known_day(date: Option<PartialDate>) -> Option<NaiveDate> {
    date.filter(|date| date.precision == Precision::Day)
        .map(|date| date.date)
}

fn word<T: std::str::FromStr<Err = domain::words::UnknownWord>>(text: Option<String>) -> Result<Option<T>, StoreError> {
    text.map(|text| text.parse()).transpose().map_err(StoreError::corrupt)
}

/// A member whether or not the caller reaches it.
pub(super) fn by_id(tx: &mut Tx<'_>, id: MemberId) -> Result<Member, StoreError> {
    let found: Option<(Row, String)> = members::table
        .inner_join(organisations::table.on(organisations::id.eq(members::home_branch_id)))
        .filter(members::id.eq(Id::of(id)))
        .select((Row::as_select(), organisations::name))
        .first(tx.db)
        .optional()?;
    let (row, branch) = found.ok_or(StoreError::NotFound("member"))?;
    row.into_member(tx.vault, branch)
}
