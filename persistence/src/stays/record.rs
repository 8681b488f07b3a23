//! A stay with what a screen shows beside it: names, the hand-over, the journey's last contact.
use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{ManageStays, Scope};
use domain::handover::{Kind, StateName as HandoverState};
use domain::id::{HandoverId, OrgPath};
use domain::phone::Phone;
use domain::stay::{Background, Officer, Source, Stay, Verb};

use super::row::Row;
use super::{background, merge, reports};
use crate::people::{self, Person};
use crate::schema::{accounts, handovers, journeys};
use crate::types::Id;
use crate::{StoreError, Tx, organisations};

/// A stay with what a screen shows beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StayRecord {
    /// The stay.
    pub stay: Stay,
    /// What the yearly tables ask, where it was said of the stay.
    pub background: Background,
    /// Where its host stands.
    pub path: OrgPath,
    /// Who stays; phone and gender of a member's own record only where [`StayRecord::is_known`], else the phone that was
    /// declared.
    pub person: Person,
    /// Whether somebody who knows told of it: the origin, or the member, logged in.
    pub vouched: bool,
    /// The host's name.
    pub host_name: String,
    /// The origin's name, here or declared.
    pub origin_name: Option<String>,
    /// The home unit's name.
    pub home_unit_name: Option<String>,
    /// The contact officer's name.
    pub officer_name: Option<String>,
    /// The newest hand-over about it.
    pub handover: Option<HandoverLine>,
    /// When the member was last in contact on the journey, while the stay is open.
    pub last_contact_at: Option<DateTime<Utc>>,
}

/// A hand-over in a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoverLine {
    /// Its id.
    pub id: HandoverId,
    /// What is asked.
    pub kind: Kind,
    /// Where it stands.
    pub state: HandoverState,
    /// Why it was declined or denied.
    pub reason: Option<String>,
}

impl StayRecord {
    /// Whether the host may see what is known of the person here.
    pub fn is_known(&self) -> bool {
        is_known_stay(&self.stay, self.vouched)
    }

    /// Whether the origin was asked where the person is, and has not answered.
    pub(super) fn is_asked_where(&self) -> bool {
        let asks = |line: &HandoverLine| line.kind == Kind::Whereabouts && line.state == HandoverState::Asked;
        self.handover.as_ref().is_some_and(asks)
    }

    /// The transitions that a caller may perform now, who may manage stays in this scope.
    pub fn allowed(&self, scope: Option<&Scope<ManageStays>>) -> Vec<Verb> {
        let asked = self.is_asked_where();
        let possible = |verb: &Verb| verb.is_hosts() && !(asked && *verb == Verb::AskWhereabouts);
        if scope.is_some_and(|scope| scope.covers(&self.path)) {
            self.stay.allowed().into_iter().filter(possible).collect()
        } else {
            Vec::new()
        }
    }
}

fn is_known_stay(stay: &Stay, vouched: bool) -> bool {
    let verified = stay.state.verification().is_some();
    is_known(stay.member.is_some(), vouched, verified)
}

/// Whether somebody who knows told of a stay: the origin, or the member, logged in; not a survey, and not whoever used
/// the code on the door.
pub(crate) fn is_vouched(source: &str, at_door: bool) -> bool {
    source != Source::Survey.as_str() && !at_door
}

/// Whether the host may see what is known of the person here. What nobody vouches for is shown as it was declared until
/// it is verified, so that declaring somebody tells nothing about them.
pub(crate) const fn is_known(member: bool, vouched: bool, verified: bool) -> bool {
    !member || vouched || verified
}

/// The record of one row.
pub(super) fn of_one(tx: &mut Tx<'_>, row: Row) -> Result<StayRecord, StoreError> {
    let mut records = of(tx, vec![row])?;
    records.pop().ok_or(StoreError::NotFound("stay"))
}

/// The records of rows, in their order. Eight queries, whatever their number.
pub(super) fn of(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<Vec<StayRecord>, StoreError> {
    let stays = merge::whole(tx, rows)?;
    let all = || stays.iter().map(|(stay, ..)| stay);
    let named = all().flat_map(|stay| {
        let unit = stay.state.admission().map(|admission| admission.home_unit);
        [Some(stay.host), stay.origin.here(), unit]
            .into_iter()
            .flatten()
            .map(Id::of)
    });
    let organisations = organisations::names(tx, named.collect())?;
    let officers = officer_names(tx, all().filter_map(officer_account).collect())?;
    let people = people::of(tx, &all().map(|stay| Id::of(stay.person)).collect::<Vec<_>>())?;
    let reports = reports::of_stays(tx, all().map(|stay| Id::of(stay.id)).collect())?;
    let backgrounds = background::of_stays(tx, all().map(|stay| Id::of(stay.id)).collect())?;
    let said = |stay: &Stay| reports.get(&Id::of(stay.id)).map_or(&[][..], Vec::as_slice);
    let vouched = |stay: &Stay| {
        let at_door = said(stay).iter().any(|report| report.id == stay.id);
        is_vouched(stay.source.as_str(), at_door)
    };
    let journeys = all()
        .filter(|stay| stay.state.name().is_open() && is_known_stay(stay, vouched(stay)))
        .filter_map(|stay| stay.journey);
    let contacts = last_contacts(tx, journeys.map(Id::of).collect())?;
    let handovers = newest_handovers(tx, all().map(|stay| Id::of(stay.id)).collect())?;
    let name_of = |id| organisations.get(&Id::of(id)).cloned();
    let record = |(stay, path, _): &(Stay, OrgPath, NaiveDateTime)| {
        let person = people.get(&Id::of(stay.person))?.clone();
        let vouched = vouched(stay);
        let declared = || said(stay).iter().rev().find_map(|report| report.phone.clone());
        let known = is_known_stay(stay, vouched);
        let origin_name = match &stay.origin {
            domain::stay::Origin::Elsewhere { name, .. } => name.clone(),
            domain::stay::Origin::Here(id) => name_of(*id),
        };
        let admission = stay.state.admission();
        let officer_name = match admission.map(|admission| &admission.officer) {
            Some(Officer::Account(id)) => officers.get(&Id::of(*id)).cloned(),
            Some(Officer::Named { name, .. }) => Some(name.clone()),
            None => None,
        };
        Some(StayRecord {
            stay: stay.clone(),
            background: backgrounds.get(&Id::of(stay.id)).copied().unwrap_or_default(),
            path: path.clone(),
            person: shown(person, known, declared),
            host_name: name_of(stay.host)?,
            vouched,
            origin_name,
            home_unit_name: admission.and_then(|admission| name_of(admission.home_unit)),
            officer_name,
            handover: handovers.get(&Id::of(stay.id)).cloned(),
            last_contact_at: stay.journey.and_then(|id| contacts.get(&Id::of(id)).copied()),
        })
    };
    let gone = |stay: &Stay| StoreError::corrupt(format!("stays: {}: person or host", stay.id));
    stays
        .iter()
        .map(|one| record(one).ok_or_else(|| gone(&one.0)))
        .collect()
}

/// Who stays, as the host may see it.
fn shown(person: Person, known: bool, declared: impl FnOnce() -> Option<Phone>) -> Person {
    Person {
        phone: person.phone.filter(|_| known).or_else(declared),
        gender: person.gender.filter(|_| known),
        ..person
    }
}

fn officer_account(stay: &Stay) -> Option<Id> {
    match stay.state.admission()?.officer {
        Officer::Account(id) => Some(Id::of(id)),
        Officer::Named { .. } => None,
    }
}

fn officer_names(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<HashMap<Id, String>, StoreError> {
    let rows: Vec<(Id, String)> = accounts::table
        .filter(accounts::id.eq_any(ids))
        .select((accounts::id, accounts::name))
        .load(tx.db)?;
    Ok(rows.into_iter().collect())
}

fn last_contacts(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<HashMap<Id, DateTime<Utc>>, StoreError> {
    let rows: Vec<(Id, Option<NaiveDateTime>)> = journeys::table
        .filter(journeys::id.eq_any(ids))
        .select((journeys::id, journeys::last_contact_at))
        .load(tx.db)?;
    let known = rows.into_iter().filter_map(|(id, at)| Some((id, at?.and_utc())));
    Ok(known.collect())
}

/// The newest hand-over of each stay.
fn newest_handovers(tx: &mut Tx<'_>, stays: Vec<Id>) -> Result<HashMap<Id, HandoverLine>, StoreError> {
    type Row = (Option<Id>, Id, String, String, Option<String>);
    let rows: Vec<Row> = handovers::table
        .filter(handovers::stay_id.eq_any(stays))
        .order((handovers::created_at, handovers::id))
        .select((
            handovers::stay_id,
            handovers::id,
            handovers::kind,
            handovers::state,
            handovers::reason,
        ))
        .load(tx.db)?;
    let mut newest = HashMap::new();
    for (stay, id, kind, state, reason) in rows {
        let line = HandoverLine {
            id: id.to(),
            kind: kind.parse().map_err(StoreError::corrupt)?,
            state: state.parse().map_err(StoreError::corrupt)?,
            reason,
        };
        newest.extend(stay.map(|stay| (stay, line)));
    }
    Ok(newest)
}
