//! What a screen shows beside a journey about its line: who looks after the member, signs, declarations, the search.
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::codes::{AbsenceReason, FoundOutcome};
use domain::contact::{ContactMeans, ContactOutcome};
use domain::declaration::DeclarationState;
use domain::id::{AccountId, DeclarationId};
use domain::journey::{Signs, StateName};
use domain::silence::{Search, Silence};

use super::places::{self, Place};
use super::row::Row;
use crate::db::Engine;
use crate::schema::{accounts, contacts, declarations, journey_lines, journeys};
use crate::transfers::{self, TransferLine};
use crate::types::Id;
use crate::{StoreError, Tx};

/// What the line is held by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// Who looks after the member from home.
    pub officer: Option<OfficerLine>,
    /// The latest signs that were recorded.
    pub signs: Signs,
    /// The newest declaration that the member is out of contact.
    pub declaration: Option<Declaration>,
    /// Where the member was before, oldest first.
    pub places: Vec<Place>,
    /// The newest transfer of the formal relation.
    pub transfer: Option<TransferLine>,
}

/// A contact officer (联系干部) by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficerLine {
    /// The account, if there is one.
    pub account: Option<AccountId>,
    /// The name.
    pub name: String,
    /// The telephone of an officer without account.
    pub phone: Option<String>,
}

/// A declaration (失联认定) as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// Its id.
    pub id: DeclarationId,
    /// Why the member can't be reached.
    pub reason: AbsenceReason,
    /// More about it.
    pub note: Option<String>,
    /// The silence on which it stands.
    pub silence: Silence,
    /// Where it stands.
    pub state: DeclarationState,
    /// Who proposed it.
    pub proposed_by: String,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Who confirmed it, turned it down or took it back.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why.
    pub decision_reason: Option<String>,
    /// When the member was found again.
    pub found_at: Option<DateTime<Utc>>,
    /// What came of it.
    pub outcome: Option<FoundOutcome>,
    /// More about that.
    pub outcome_note: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = declarations, check_for_backend(Engine))]
struct DeclarationRow {
    id: Id,
    journey_id: Id,
    reason: String,
    note: Option<String>,
    silent_since: NaiveDate,
    silence_source: String,
    state: String,
    proposed_by: String,
    proposed_at: NaiveDateTime,
    decided_by: Option<String>,
    decided_at: Option<NaiveDateTime>,
    decision_reason: Option<String>,
    ended_at: Option<NaiveDateTime>,
    outcome: Option<String>,
    outcome_note: Option<String>,
}

impl TryFrom<DeclarationRow> for Declaration {
    type Error = StoreError;
    fn try_from(row: DeclarationRow) -> Result<Self, StoreError> {
        let outcome = row.outcome.map(|word| word.parse()).transpose();
        Ok(Self {
            id: row.id.to(),
            reason: row.reason.parse().map_err(StoreError::corrupt)?,
            note: row.note,
            silence: Silence {
                since: row.silent_since,
                source: row.silence_source.parse().map_err(StoreError::corrupt)?,
            },
            state: row.state.parse().map_err(StoreError::corrupt)?,
            proposed_by: row.proposed_by,
            proposed_at: row.proposed_at.and_utc(),
            decided_by: row.decided_by,
            decided_at: row.decided_at.map(|at| at.and_utc()),
            decision_reason: row.decision_reason,
            found_at: row.ended_at.map(|at| at.and_utc()),
            outcome: outcome.map_err(StoreError::corrupt)?,
            outcome_note: row.outcome_note,
        })
    }
}

type LineRow = (
    Id,
    Option<Id>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<NaiveDate>,
    Option<NaiveDate>,
);

/// What the lines of these journeys are held by. Five queries.
pub(super) fn of(tx: &mut Tx<'_>, of_members: &[Id], of_journeys: &[Id]) -> Result<HashMap<Id, Beside>, StoreError> {
    let lines: Vec<LineRow> = journeys::table
        .left_join(
            journey_lines::table.on(journey_lines::member_id
                .eq(journeys::member_id)
                .and(journey_lines::journey_id.eq(journeys::id))),
        )
        .left_join(accounts::table.on(accounts::id.nullable().eq(journeys::contact_officer_id)))
        .filter(journeys::member_id.eq_any(of_members))
        .filter(journeys::id.eq_any(of_journeys))
        .select((
            journeys::id,
            accounts::id.nullable(),
            accounts::name.nullable(),
            journey_lines::officer_name.nullable(),
            journey_lines::officer_phone.nullable(),
            journey_lines::attended_on.nullable(),
            journey_lines::dues_paid_on.nullable(),
        ))
        .load(tx.db)?;
    let rows: Vec<DeclarationRow> = declarations::table
        .filter(declarations::journey_id.eq_any(of_journeys))
        .order(declarations::id)
        .select(DeclarationRow::as_select())
        .load(tx.db)?;
    let mut places = places::of(tx, of_journeys)?;
    let mut transfers = transfers::newest(tx, of_journeys)?;
    let mut newest = HashMap::new();
    for row in rows {
        newest.insert(row.journey_id, Declaration::try_from(row)?);
    }
    let beside = |(id, account, by_account, named, phone, attended_on, dues_paid_on): LineRow| {
        let beside = Beside {
            officer: by_account.or(named).map(|name| OfficerLine {
                account: account.map(Id::to),
                name,
                phone,
            }),
            signs: Signs {
                attended_on,
                dues_paid_on,
            },
            declaration: newest.remove(&id),
            places: places.remove(&id).unwrap_or_default(),
            transfer: transfers.remove(&id),
        };
        (id, beside)
    };
    Ok(lines.into_iter().map(beside).collect())
}

/// What was done to find the members away among these: what failed after the day on which something was heard last.
/// One query.
pub(super) fn searches(tx: &mut Tx<'_>, rows: &[Row]) -> Result<HashMap<Id, Search>, StoreError> {
    let mut searches = HashMap::new();
    for row in rows.iter().filter(|row| row.state == StateName::Away.as_str()) {
        searches.insert(row.id, row.silence()?.map(|silence| silence.since));
    }
    if searches.is_empty() {
        return Ok(HashMap::new());
    }
    let tried: Vec<(Id, String, NaiveDateTime)> = contacts::table
        .filter(contacts::journey_id.eq_any(searches.keys().copied()))
        .filter(contacts::outcome.ne(ContactOutcome::Reached.as_str()))
        .select((contacts::journey_id, contacts::means, contacts::contacted_at))
        .load(tx.db)?;
    let mut failed: HashMap<Id, Vec<ContactMeans>> = HashMap::new();
    for (journey, means, at) in tried {
        let since = searches.get(&journey).copied().flatten();
        if since.is_some_and(|since| tx.day_of(at.and_utc()) > since) {
            let means = means.parse().map_err(StoreError::corrupt)?;
            failed.entry(journey).or_default().push(means);
        }
    }
    let today = tx.today();
    let search = |id: Id| {
        let failed = failed.remove(&id).unwrap_or_default();
        (id, Search { today, failed })
    };
    Ok(searches.into_keys().map(search).collect())
}
