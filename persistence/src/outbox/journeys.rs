//! The journeys that notifications are about, with what is still open before leaving.
use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::briefing::names;
use domain::codes::Standing;
use domain::probation;

use super::facts::Ids;
use crate::schema::{briefing_items, journey_lines, journeys, members};
use crate::transfers::{self, TransferLine};
use crate::types::Id;
use crate::{StoreError, Tx};

/// The journey that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JourneyFacts {
    /// The member's name.
    pub member: String,
    /// The state's word.
    pub state: String,
    /// When the member means to leave.
    pub planned_departure_on: Option<NaiveDate>,
    /// When the next contact is due.
    pub next_checkin_due: Option<NaiveDate>,
    /// When the member's probation ends, while it lasts.
    pub probation_ends_on: Option<NaiveDate>,
    /// Whether only the month of its end is known.
    pub probation_ends_in_month: bool,
    /// Whether it is said that the member is out of contact.
    pub declared: bool,
    /// The newest transfer of the formal relation.
    pub transfer: Option<TransferLine>,
    /// The contact officer at home who has no account.
    pub officer: Option<String>,
    /// Briefing items still open.
    pub open_items: Vec<OpenItem>,
}

/// A briefing item still open, by its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenItem {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// Journeys with their origin and contact officer.
pub(super) type Journeys = HashMap<Id, (JourneyFacts, Id, Option<Id>)>;

/// What is read of a journey and its member.
#[derive(Queryable)]
struct JourneyRow {
    id: Id,
    member_id: Id,
    origin: Id,
    member: String,
    state: String,
    planned_departure_on: Option<NaiveDate>,
    next_checkin_due: Option<NaiveDate>,
    officer: Option<Id>,
    declaration: Option<Id>,
    officer_name: Option<String>,
    standing: String,
    joined_on: Option<NaiveDate>,
    full_member_on: Option<NaiveDate>,
    /// Where it is there, the day of joining is known, not the month alone.
    political_key: Option<i16>,
}

impl JourneyRow {
    fn probation_ends_on(&self) -> Option<NaiveDate> {
        let probationary = self.standing == Standing::Probationary.as_str();
        probation::ends_on(self.joined_on, self.full_member_on).filter(|_| probationary)
    }
}

pub(super) fn journeys_of(tx: &mut Tx<'_>, ids: Ids) -> Result<Journeys, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let line = journey_lines::member_id
        .eq(journeys::member_id)
        .and(journey_lines::journey_id.eq(journeys::id));
    let rows: Vec<JourneyRow> = journeys::table
        .inner_join(members::table.on(members::id.eq(journeys::member_id)))
        .left_join(journey_lines::table.on(line))
        .filter(journeys::id.eq_any(ids))
        .select((
            journeys::id,
            journeys::member_id,
            journeys::origin_id,
            members::name,
            journeys::state,
            journeys::planned_departure_on,
            journeys::next_checkin_due,
            journeys::contact_officer_id,
            journeys::declaration_id,
            journey_lines::officer_name.nullable(),
            members::standing,
            members::joined_on,
            members::full_member_on,
            members::political_key,
        ))
        .load(tx.db)?;
    let mut transfers = transfers::newest(tx, &rows.iter().map(|row| row.id).collect::<Vec<_>>())?;
    let planned = rows.iter().filter(|row| row.state == "planned");
    let mut open = open_items(tx, planned.map(|row| (row.member_id, row.id)).collect())?;
    let one = |row: JourneyRow| {
        let journey = JourneyFacts {
            probation_ends_on: row.probation_ends_on(),
            probation_ends_in_month: row.full_member_on.is_none() && row.political_key.is_none(),
            member: row.member,
            state: row.state,
            planned_departure_on: row.planned_departure_on,
            next_checkin_due: row.next_checkin_due,
            declared: row.declaration.is_some(),
            transfer: transfers.remove(&row.id),
            officer: row.officer_name,
            open_items: open.remove(&row.id).unwrap_or_default(),
        };
        (row.id, (journey, row.origin, row.officer))
    };
    Ok(rows.into_iter().map(one).collect())
}

/// The briefing items still open of journeys, given with their members.
pub(super) fn open_items(tx: &mut Tx<'_>, journeys: Vec<(Id, Id)>) -> Result<HashMap<Id, Vec<OpenItem>>, StoreError> {
    let mut open = HashMap::<Id, Vec<OpenItem>>::new();
    if journeys.is_empty() {
        return Ok(open);
    }
    let (members, journeys): (Vec<_>, Vec<_>) = journeys.into_iter().unzip();
    let rows: Vec<(Id, String, Option<String>, Option<String>)> = briefing_items::table
        .filter(briefing_items::member_id.eq_any(members))
        .filter(briefing_items::journey_id.eq_any(journeys))
        .filter(briefing_items::done_on.is_null())
        .order(briefing_items::position)
        .select((
            briefing_items::journey_id,
            briefing_items::item,
            briefing_items::zh,
            briefing_items::en,
        ))
        .load(tx.db)?;
    for (journey, item, zh, en) in rows {
        let (default_zh, default_en) = names(&item);
        open.entry(journey).or_default().push(OpenItem {
            zh: zh.unwrap_or_else(|| default_zh.to_owned()),
            en: en.unwrap_or_else(|| default_en.to_owned()),
        });
    }
    Ok(open)
}
