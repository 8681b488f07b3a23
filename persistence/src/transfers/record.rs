//! A transfer with what both sides see beside it, and those that a subtree is to receive.
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{AnswerTransfers, Scope};
use domain::id::{JourneyId, MemberId, OrgPath, OrganisationId, TransferId};
use domain::transfer::TransferState;

use crate::db::Engine;
use crate::pages::{self, Position};
use crate::schema::{journeys, members, organisations, transfers};
use crate::types::Id;
use crate::{StoreError, Tx, organisations as places};

/// A transfer with what both sides see beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferRecord {
    /// Its id.
    pub id: TransferId,
    /// The member's journey.
    pub journey: JourneyId,
    /// The member.
    pub member: MemberId,
    /// The member's name.
    pub member_name: String,
    /// The branch that has the relation until the receipt.
    pub origin: OrganisationId,
    /// Its name.
    pub origin_name: String,
    /// Where the journey's origin stands.
    pub origin_path: OrgPath,
    /// The receiving branch, when it is here.
    pub receiving: Option<OrganisationId>,
    /// Where it stands.
    pub receiving_path: Option<OrgPath>,
    /// The receiving side's name.
    pub receiving_name: String,
    /// The number of the letter.
    pub letter: String,
    /// Issued on that day.
    pub issued_on: NaiveDate,
    /// Good until that day.
    pub valid_until: NaiveDate,
    /// Where it stands.
    pub state: TransferState,
    /// Who started it.
    pub started_by: String,
    /// When.
    pub started_at: DateTime<Utc>,
    /// Who ended it.
    pub ended_by: Option<String>,
    /// When.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it was declined or dropped.
    pub reason: Option<String>,
    /// The day on the receipt.
    pub receipt_on: Option<NaiveDate>,
    /// The journey's version, which every answer moves.
    pub version: i32,
}

impl TransferRecord {
    /// Whether the receiving branch lies in the scope.
    pub fn is_received_by(&self, scope: &Scope<AnswerTransfers>) -> bool {
        self.receiving_path.as_ref().is_some_and(|path| scope.covers(path))
    }

    /// Whether either side lies in the scope.
    pub(super) fn is_seen_by(&self, scope: &Scope<AnswerTransfers>) -> bool {
        scope.covers(&self.origin_path) || self.is_received_by(scope)
    }
}

#[derive(Queryable, Selectable, Clone)]
#[diesel(table_name = transfers, check_for_backend(Engine))]
struct Row {
    id: Id,
    member_id: Id,
    journey_id: Id,
    origin_id: Id,
    letter: String,
    issued_on: NaiveDate,
    valid_until: NaiveDate,
    receiving_id: Option<Id>,
    receiving_name: String,
    state: String,
    started_by: String,
    started_at: NaiveDateTime,
    ended_by: Option<String>,
    ended_at: Option<NaiveDateTime>,
    reason: Option<String>,
    receipt_on: Option<NaiveDate>,
}

/// The newest transfer of a journey, as the journey shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferLine {
    /// Its id.
    pub id: TransferId,
    /// Where it stands.
    pub state: TransferState,
    /// The number of the letter.
    pub letter: String,
    /// Issued on that day.
    pub issued_on: NaiveDate,
    /// Good until that day.
    pub valid_until: NaiveDate,
    /// The receiving branch, when it is here.
    pub receiving: Option<OrganisationId>,
    /// The receiving side's name.
    pub receiving_name: String,
    /// Why it was declined or dropped.
    pub reason: Option<String>,
    /// The day on the receipt.
    pub receipt_on: Option<NaiveDate>,
}

/// The newest transfer of each of these journeys. One query.
pub(crate) fn newest(tx: &mut Tx<'_>, of_journeys: &[Id]) -> Result<HashMap<Id, TransferLine>, StoreError> {
    let rows: Vec<Row> = transfers::table
        .filter(transfers::journey_id.eq_any(of_journeys))
        .order(transfers::id)
        .select(Row::as_select())
        .load(tx.db)?;
    let mut newest = HashMap::new();
    for row in rows {
        let line = TransferLine {
            id: row.id.to(),
            state: row.state.parse().map_err(StoreError::corrupt)?,
            letter: row.letter,
            issued_on: row.issued_on,
            valid_until: row.valid_until,
            receiving: row.receiving_id.map(Id::to),
            receiving_name: row.receiving_name,
            reason: row.reason,
            receipt_on: row.receipt_on,
        };
        newest.insert(row.journey_id, line);
    }
    Ok(newest)
}

/// A transfer after the caller was let through to it, or before the caller is asked for.
pub(super) fn by_id(tx: &mut Tx<'_>, id: TransferId) -> Result<TransferRecord, StoreError> {
    let row: Option<Row> = transfers::table
        .find(Id::of(id))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    let row = row.ok_or(StoreError::NotFound("transfer"))?;
    of(tx, vec![row])?.pop().ok_or(StoreError::NotFound("transfer"))
}

/// The transfers that branches of the scope receive after `after`, in the order (path, id), at most `limit`.
///
/// # Errors
/// When the store fails.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<AnswerTransfers>,
    state: Option<TransferState>,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<TransferRecord>, StoreError> {
    let rows: Vec<Row> = pages::fill(scope, after, limit, |range, left| {
        let mut query = transfers::table
            .inner_join(organisations::table.on(organisations::id.nullable().eq(transfers::receiving_id)))
            .filter(organisations::path.ge(range.low).and(organisations::path.lt(range.end)))
            .select(Row::as_select())
            .into_boxed();
        if let Some(after) = range.after {
            query = query.filter(organisations::path.gt(range.low).or(transfers::id.gt(Id(after))));
        }
        if let Some(state) = state {
            query = query.filter(transfers::state.eq(state.as_str()));
        }
        Ok(query
            .order((organisations::path, transfers::id))
            .limit(left)
            .load(tx.db)?)
    })?;
    of(tx, rows)
}

/// Where a transfer stands in the list.
pub fn position(record: &TransferRecord) -> Position {
    Position {
        path: record.receiving_path.clone().unwrap_or_else(OrgPath::root),
        id: record.id.0,
    }
}

/// The records of rows, in their order. Three queries.
fn of(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<Vec<TransferRecord>, StoreError> {
    let of_journeys: Vec<Id> = rows.iter().map(|row| row.journey_id).collect();
    let about: Vec<(Id, String, String, i32)> = journeys::table
        .inner_join(members::table.on(members::id.eq(journeys::member_id)))
        .filter(journeys::id.eq_any(of_journeys))
        .select((journeys::id, journeys::path, members::name, journeys::version))
        .load(tx.db)?;
    let about: HashMap<Id, (String, String, i32)> = about
        .into_iter()
        .map(|(id, path, name, version)| (id, (path, name, version)))
        .collect();
    let receiving: Vec<Id> = rows.iter().filter_map(|row| row.receiving_id).collect();
    let paths: Vec<(Id, String)> = organisations::table
        .filter(organisations::id.eq_any(receiving))
        .select((organisations::id, organisations::path))
        .load(tx.db)?;
    let paths: HashMap<Id, String> = paths.into_iter().collect();
    let names = places::names(tx, rows.iter().map(|row| row.origin_id).collect())?;
    let record = |row: Row| {
        let gone = || StoreError::corrupt(format!("transfers: {:?}: the journey", row.id));
        let (path, member_name, version) = about.get(&row.journey_id).cloned().ok_or_else(gone)?;
        let receiving_path = row.receiving_id.and_then(|id| paths.get(&id)).map(|path| path.parse());
        Ok(TransferRecord {
            id: row.id.to(),
            journey: row.journey_id.to(),
            member: row.member_id.to(),
            member_name,
            origin: row.origin_id.to(),
            origin_name: names.get(&row.origin_id).cloned().unwrap_or_default(),
            origin_path: path.parse().map_err(StoreError::corrupt)?,
            receiving: row.receiving_id.map(Id::to),
            receiving_path: receiving_path.transpose().map_err(StoreError::corrupt)?,
            receiving_name: row.receiving_name,
            letter: row.letter,
            issued_on: row.issued_on,
            valid_until: row.valid_until,
            state: row.state.parse().map_err(StoreError::corrupt)?,
            started_by: row.started_by,
            started_at: row.started_at.and_utc(),
            ended_by: row.ended_by,
            ended_at: row.ended_at.map(|at| at.and_utc()),
            reason: row.reason,
            receipt_on: row.receipt_on,
            version,
        })
    };
    rows.into_iter().map(record).collect()
}
