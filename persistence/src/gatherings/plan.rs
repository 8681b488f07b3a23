//! Planning gatherings: one, or a series by a rule; and whom they mean.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::access::{ManageGatherings, Scope};
use domain::audience::{Clause, ClauseKind};
use domain::division::DivisionCode;
use domain::gathering::{Appointment, GatheringKind, StateName, series};
use domain::id::{GatheringId, LecturerId, OrgPath, OrganisationId, SeriesId};
use domain::settings::Wrong;
use serde_json::json;

use super::enlist::{self, Which};
use super::row::Row;
use super::{GatheringRecord, by_id, inside, made_up, seen, show};
use crate::db::{Engine, each};
use crate::organisations::{self, Organisation};
use crate::schema::{gathering_audiences as audiences, gatherings};
use crate::trail::{self, NewAudit};
use crate::types::Id;
use crate::{StoreError, Tx, lecturers};

/// A gathering about to be planned.
#[derive(Debug, Clone)]
pub struct NewGathering {
    /// Its id, or that of the first of a series.
    pub id: GatheringId,
    /// Who invites.
    pub organisation: OrganisationId,
    /// What it is.
    pub kind: GatheringKind,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// When and where; of a series, the first.
    pub appointment: Appointment,
    /// Minutes of learning; all of the time unless said, for what is learning.
    pub learning_minutes: Option<u16>,
    /// Who speaks.
    pub lecturer: Option<LecturerId>,
    /// Whom it means.
    pub audience: Vec<Clause>,
    /// The rule of a series.
    pub rule: Option<String>,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audiences, check_for_backend(Engine), treat_none_as_default_value = false)]
pub(super) struct ClauseRow {
    gathering_id: Id,
    position: i16,
    kind: String,
    organisation_id: Id,
    path: String,
    division_code: Option<String>,
    division_until: Option<String>,
    month: Option<i16>,
    missed_id: Option<Id>,
}

impl ClauseRow {
    fn clause(&self) -> Result<Clause, StoreError> {
        let organisation = self.organisation_id.to();
        let lacks = || StoreError::corrupt(format!("a clause of kind {} lacks what it goes by", self.kind));
        Ok(match self.kind.parse().map_err(StoreError::corrupt)? {
            ClauseKind::Organisation => Clause::Organisation(organisation),
            ClauseKind::Host => Clause::Host(organisation),
            ClauseKind::Stays => Clause::Stays(organisation),
            ClauseKind::Destination => {
                let code = self.division_code.as_deref().ok_or_else(lacks)?;
                Clause::Destination(code.parse().map_err(StoreError::corrupt)?)
            }
            ClauseKind::Missed => Clause::Missed(self.missed_id.ok_or_else(lacks)?.to()),
            ClauseKind::PoliticalBirthday => {
                let month = self.month.and_then(|month| u8::try_from(month).ok());
                Clause::PoliticalBirthday(organisation, month.ok_or_else(lacks)?)
            }
        })
    }
}

/// Whom a gathering means, in the order of its clauses, with the names of organisations.
type Audience = Vec<(Clause, Option<String>)>;

/// The audiences of gatherings. Two queries.
pub(super) fn audiences(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<HashMap<Id, Audience>, StoreError> {
    let rows: Vec<ClauseRow> = audiences::table
        .filter(audiences::gathering_id.eq_any(ids))
        .order((audiences::gathering_id, audiences::position))
        .select(ClauseRow::as_select())
        .load(tx.db)?;
    let names = organisations::names(tx, rows.iter().map(|row| row.organisation_id).collect())?;
    let mut found = HashMap::<Id, Audience>::new();
    for row in rows {
        let name = names.get(&row.organisation_id).cloned();
        found.entry(row.gathering_id).or_default().push((row.clause()?, name));
    }
    Ok(found)
}

/// Plans a gathering, or a series by its rule; an id that is there already answers the gathering and changes nothing.
/// Whoever is meant by one that is near is put on its list and invited at once.
///
/// # Errors
/// [`StoreError::Invalid`] and [`StoreError::Faults`] for what is unknown, outside the scope, or makes no series.
pub fn plan(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageGatherings>,
    new: &NewGathering,
) -> Result<GatheringRecord, StoreError> {
    if let Some(known) = by_id(tx, new.id)? {
        let path: OrgPath = known.path.parse().map_err(StoreError::corrupt)?;
        if !scope.covers(&path) {
            let (field, code) = ("/id", "taken");
            return Err(StoreError::Invalid { field, code });
        }
        return show(tx, scope, known);
    }
    let (organisation, clauses, begins) = checked(tx, scope, new)?;
    let series: Option<SeriesId> = new.rule.as_ref().map(|_| tx.fresh());
    for (at, begins) in begins.into_iter().enumerate() {
        let id = if at == 0 { new.id } else { tx.fresh() };
        let row = row(tx, scope, new, (id, series), &organisation, begins);
        each!(tx.db, c => diesel::insert_into(gatherings::table).values(&row).execute(c))?;
        write_clauses(tx, id, &clauses)?;
        enlist::run(tx, Which::One(id, row.day))?;
    }
    let detail = json!({ "kind": new.kind, "title": new.title, "rule": new.rule });
    note(tx, scope, "gathering_planned", (new.id, &organisation.path), detail)?;
    let row = inside(tx, scope, new.id)?;
    show(tx, scope, row)
}

/// What is checked before anything is written: every fault is named.
type Checked = (Organisation, Vec<Bound>, Vec<DateTime<Utc>>);

fn checked(tx: &mut Tx<'_>, scope: &Scope<ManageGatherings>, new: &NewGathering) -> Result<Checked, StoreError> {
    let mut faults = Vec::new();
    let organisation = match organisations::held(tx, new.organisation) {
        Ok(found) if scope.covers(&found.path) => Some(found),
        Ok(_) | Err(StoreError::NotFound(_)) => {
            faults.push(fault("/organisation_id", "unknown_organisation"));
            None
        }
        Err(error) => return Err(error),
    };
    if let Some(lecturer) = new.lecturer {
        faults.extend(check_lecturer(tx, scope, lecturer)?);
    }
    let begins = match &new.rule {
        Some(rule) => match series::beginnings(rule, new.appointment.begins, tx.zone()) {
            Ok(begins) => begins,
            Err(why) => {
                faults.push(fault("/rule", why.as_str()));
                Vec::new()
            }
        },
        None => vec![new.appointment.begins],
    };
    let clauses = match &organisation {
        Some(organisation) => bind(tx, scope, organisation, &new.audience, &mut faults)?,
        None => Vec::new(),
    };
    StoreError::unless_none(faults)?;
    Ok((
        organisation.ok_or(StoreError::NotFound("organisation"))?,
        clauses,
        begins,
    ))
}

pub(super) fn fault(field: impl Into<String>, code: &'static str) -> Wrong {
    Wrong::new(field, code, "")
}

pub(super) fn check_lecturer(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageGatherings>,
    id: LecturerId,
) -> Result<Option<Wrong>, StoreError> {
    match lecturers::reach(tx, scope, id) {
        Ok(lecturer) if lecturer.active => Ok(None),
        Ok(_) | Err(StoreError::NotFound(_)) => Ok(Some(fault("/lecturer_id", "unknown_lecturer"))),
        Err(error) => Err(error),
    }
}

/// A clause with the organisation that bounds it: its own, else that of the gathering.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    clause: Clause,
    organisation: OrganisationId,
    path: OrgPath,
}

/// Bounds the clauses: each names what the caller reaches.
pub(super) fn bind(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageGatherings>,
    of: &Organisation,
    clauses: &[Clause],
    faults: &mut Vec<Wrong>,
) -> Result<Vec<Bound>, StoreError> {
    let mut bound = Vec::new();
    let mut known = HashSet::new();
    for (at, clause) in clauses.iter().enumerate() {
        let named = match clause {
            Clause::Organisation(id) | Clause::Host(id) | Clause::Stays(id) | Clause::PoliticalBirthday(id, _) => {
                match organisations::held(tx, *id) {
                    Ok(found) if scope.covers(&found.path) => Some((found.id, found.path)),
                    Ok(_) | Err(StoreError::NotFound(_)) => {
                        faults.push(fault(format!("/audience/{at}/organisation_id"), "unknown_organisation"));
                        None
                    }
                    Err(error) => return Err(error),
                }
            }
            // Of one from above or of a host, the inviting organisation's own people make it up.
            Clause::Missed(id) if is_made_up(tx, scope, *id)? => Some((of.id, of.path.clone())),
            Clause::Missed(_) => {
                faults.push(fault(format!("/audience/{at}/gathering_id"), "unknown_gathering"));
                None
            }
            Clause::Destination(_) => Some((of.id, of.path.clone())),
        };
        let Some((organisation, path)) = named else { continue };
        if !known.insert(format!("{clause:?}")) {
            faults.push(fault(format!("/audience/{at}"), "item_twice"));
        }
        bound.push(Bound {
            clause: *clause,
            organisation,
            path,
        });
    }
    Ok(bound)
}

/// Whether a gathering was held that the caller sees, or that people of the caller's missed elsewhere.
fn is_made_up(tx: &mut Tx<'_>, scope: &Scope<ManageGatherings>, id: GatheringId) -> Result<bool, StoreError> {
    let Some(row) = by_id(tx, id)? else { return Ok(false) };
    if row.state()? != StateName::Held {
        return Ok(false);
    }
    match seen(tx, scope, id) {
        Ok(_) => Ok(true),
        Err(StoreError::NotFound(_)) => made_up::concerns(tx, scope, id),
        Err(error) => Err(error),
    }
}

/// Writes the audience of a gathering in place of the one before.
pub(super) fn write_clauses(tx: &mut Tx<'_>, id: GatheringId, clauses: &[Bound]) -> Result<(), StoreError> {
    diesel::delete(audiences::table.filter(audiences::gathering_id.eq(Id::of(id)))).execute(tx.db)?;
    for (bound, position) in clauses.iter().zip(0_i16..) {
        let division = match bound.clause {
            Clause::Destination(code) => Some(code),
            _ => None,
        };
        let row = ClauseRow {
            gathering_id: Id::of(id),
            position,
            kind: bound.clause.kind().to_string(),
            organisation_id: Id::of(bound.organisation),
            path: bound.path.to_string(),
            division_code: division.map(|code| code.to_string()),
            division_until: division.map(DivisionCode::last_below),
            month: match bound.clause {
                Clause::PoliticalBirthday(_, month) => Some(month.into()),
                _ => None,
            },
            missed_id: match bound.clause {
                Clause::Missed(gathering) => Some(Id::of(gathering)),
                _ => None,
            },
        };
        each!(tx.db, c => diesel::insert_into(audiences::table).values(&row).execute(c))?;
    }
    Ok(())
}

fn row(
    tx: &Tx<'_>,
    scope: &Scope<ManageGatherings>,
    new: &NewGathering,
    (id, series): (GatheringId, Option<SeriesId>),
    organisation: &Organisation,
    begins: DateTime<Utc>,
) -> Row {
    let lasts = new.appointment.ends - new.appointment.begins;
    let whole = if new.kind.is_learning() {
        new.appointment.minutes()
    } else {
        0
    };
    Row {
        id: Id::of(id),
        organisation_id: Id::of(organisation.id),
        path: organisation.path.to_string(),
        kind: new.kind.to_string(),
        title: new.title.clone(),
        description: new.description.clone(),
        place: new.appointment.place.clone(),
        link: new.appointment.link.clone(),
        starts_at: begins.naive_utc(),
        ends_at: (begins + lasts).naive_utc(),
        day: tx.day_of(begins),
        learning_minutes: new.learning_minutes.unwrap_or(whole).into(),
        lecturer_id: new.lecturer.map(Id::of),
        series_id: series.map(Id::of),
        series_rule: new.rule.as_deref().map(series::normal),
        state: StateName::Planned.to_string(),
        reason: None,
        organised_by: scope.who().name.clone(),
        invited_on: None,
        version: 1,
        created_at: tx.at(),
        updated_at: tx.at(),
    }
}

/// Writes to the audit trail.
pub(super) fn note<P>(
    tx: &mut Tx<'_>,
    scope: &Scope<P>,
    action: &str,
    (id, path): (GatheringId, &OrgPath),
    detail: serde_json::Value,
) -> Result<(), StoreError> {
    let audit = NewAudit {
        action,
        person: None,
        subject: Some(id.0),
        path: Some(path),
        detail: Some(detail),
    };
    trail::record(tx, scope.who(), audit)
}
