//! A stay is led through its states by the host, and verified or denied by the origin through a hand-over.
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use domain::access::{ManageStays, Scope, Who};
use domain::codes::{DestinationUnit, FormerOccupation};
use domain::division::DivisionCode;
use domain::id::{OrgPath, OrganisationId, StayId};
use domain::stay::{
    Admission, Background, Command, Leaving, Officer, Origin, Refused, RegisterNumber, Source, State, StateName, Stay,
    Verb, Verification,
};

use super::record::StayRecord;
use super::report::{DeclaredOrigin, enter, origin_of, unknown};
use super::{Row, background, by_id, effects, inside, open_of, show};
use crate::db::each;
use crate::organisations::{self, Organisation};
use crate::schema::{register_counters, stays};
use crate::types::Id;
use crate::{StoreError, Tx, certificates, handovers, officers};

/// What a host says on admission (编入).
#[derive(Debug, Clone)]
pub struct NewAdmission {
    /// The host itself or a unit below it.
    pub home_unit: OrganisationId,
    /// Who looks after the person; an account with a role at the host, above it or below it.
    pub officer: Officer,
}

/// A change of an open stay's facts: what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct StayChange {
    /// The day of arrival.
    pub arrived_on: Option<NaiveDate>,
    /// The local address.
    pub address: Option<Option<String>>,
    /// The employer or school.
    pub employer: Option<Option<String>>,
    /// Where from; only before anybody was asked.
    pub origin: Option<DeclaredOrigin>,
    /// The division of the origin.
    pub origin_division: Option<Option<DivisionCode>>,
    /// The kind of unit.
    pub unit: Option<Option<DestinationUnit>>,
    /// The former occupation.
    pub former_occupation: Option<Option<FormerOccupation>>,
}

/// Applies one of the host's commands to a stay inside the scope and stores what follows; [`admit`], [`leave`] and
/// [`ask_whereabouts`] are the others.
///
/// What somebody else has made impossible meanwhile is refused with the name of whoever was faster, whatever version the
/// caller saw.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Refused`] by the domain, [`StoreError::Stale`] when the
/// version moved otherwise, [`StoreError::Invalid`] for a day before the arrival or after today.
pub fn apply(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageStays>,
    id: StayId,
    seen: i32,
    command: Command,
) -> Result<StayRecord, StoreError> {
    let verb = command.verb();
    let before = found_for(tx, scope, (id, seen), verb)?;
    if !verb.is_hosts() {
        return Err(refused(&before.0, verb));
    }
    check_day(tx, &before.0, &command)?;
    let applied = transition(tx, scope.who(), before, command);
    applied.or_else(|error| faster(tx, id, verb, error))?;
    show(tx, id)
}

/// Records that the person has left. For an unknown place only once the origin was asked, and answered or had the time to.
///
/// # Errors
/// As [`apply`]; [`StoreError::Incomplete`] when the origin has to be asked first.
pub fn leave(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageStays>,
    id: StayId,
    seen: i32,
    leaving: Leaving,
) -> Result<StayRecord, StoreError> {
    let inquiry = handovers::inquiry(tx, id)?;
    apply(tx, scope, id, seen, Command::Leave(leaving, inquiry))
}

/// Asks the origin where the person is, of whom nothing is heard any more. While that question is open, putting it again
/// changes nothing.
///
/// # Errors
/// As [`apply`].
pub fn ask_whereabouts(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageStays>,
    id: StayId,
    seen: i32,
) -> Result<StayRecord, StoreError> {
    inside(tx, scope, id)?;
    let shown = show(tx, id)?;
    if shown.is_asked_where() {
        return Ok(shown);
    }
    apply(tx, scope, id, seen, Command::AskWhereabouts)
}

/// Enters a verified stay in the host's register under the next number of the year.
///
/// Two admissions at once wait for each other at the counter, and one that fails gives its number back with the
/// transaction: the numbers of a year have no gaps.
///
/// # Errors
/// As [`apply`]; [`StoreError::Invalid`] for a home unit that is not the host's, an officer unknown there, or a person
/// who is admitted elsewhere.
pub fn admit(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageStays>,
    id: StayId,
    seen: i32,
    new: NewAdmission,
) -> Result<StayRecord, StoreError> {
    let before = found_for(tx, scope, (id, seen), Verb::Admit)?;
    check_home_unit(tx, &before.1, new.home_unit)?;
    officers::check(tx, &before.1, &new.officer)?;
    let on = tx.today();
    let register = next_number(tx, before.0.host, chrono::Datelike::year(&on))?;
    let admission = Admission {
        home_unit: new.home_unit,
        officer: new.officer,
        register,
        on,
    };
    let admitted = transition(tx, scope.who(), before, Command::Admit(admission));
    let admitted = admitted.or_else(|error| faster(tx, id, Verb::Admit, error))?;
    certificates::note_admission(tx, scope.who(), &admitted)?;
    show(tx, id)
}

/// Changes the facts of an open stay.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Refused`]
/// when the stay has ended, [`StoreError::Invalid`] for an arrival in the future or an origin that was asked already.
pub fn change(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageStays>,
    id: StayId,
    seen: i32,
    change: StayChange,
) -> Result<StayRecord, StoreError> {
    let (before, path, created_at) = seen_inside(tx, scope, id, seen)?;
    let state = before.state.name();
    if !state.is_open() {
        return Err(StoreError::Refused {
            state: state.as_str(),
            verb: "change",
            allowed: Vec::new(),
            by: None,
        });
    }
    if change.arrived_on.is_some_and(|day| day > tx.today()) {
        return Err(StoreError::Invalid {
            field: "/arrived_on",
            code: "in_the_future",
        });
    }
    if change.origin.is_some() && state != StateName::Reported {
        return Err(StoreError::Invalid {
            field: "/origin",
            code: "origin_asked",
        });
    }
    let origin = change.origin.map(|origin| origin_of(tx, origin)).transpose()?;
    let told = origin.as_ref().map(Background::of_origin);
    background::change(tx, id, |before| {
        let told = told.map_or(before.origin_division, |told| told.origin_division);
        Background {
            origin_division: change.origin_division.unwrap_or(told),
            unit: change.unit.unwrap_or(before.unit),
            former_occupation: change.former_occupation.unwrap_or(before.former_occupation),
        }
    })?;
    let after = Stay {
        arrived_on: change.arrived_on.unwrap_or(before.arrived_on),
        address: change.address.unwrap_or(before.address),
        employer: change.employer.unwrap_or(before.employer),
        origin: origin.unwrap_or(before.origin),
        version: before.version + 1,
        ..before
    };
    update(tx, &after, &path, created_at)?;
    effects::note_change(tx, scope.who(), &after)?;
    show(tx, id)
}

/// The host has taken an offered member: the stay that the member or a survey reported becomes verified, or a verified
/// one opens. Either way the answer is its id.
pub(crate) fn open_by_handover(tx: &mut Tx<'_>, who: &Who, offered: Stay) -> Result<StayId, StoreError> {
    let Some(known) = open_of(tx, offered.person, offered.host)? else {
        let on = tx.today();
        let stay = Stay {
            source: Source::Handover,
            state: State::Verified(Verification::Handover { on }),
            ..offered
        };
        return Ok(enter(tx, who, stay)?.id);
    };
    let (known, path, created_at) = by_id(tx, known.id)?;
    let origin = offered.origin.here();
    if matches!(known.state.name(), StateName::Reported | StateName::Verifying) {
        handovers::drop_question(tx, who, known.id)?;
        let on = tx.today();
        let after = Stay {
            origin: origin.map_or(known.origin, Origin::Here),
            journey: offered.journey,
            state: State::Verified(Verification::Handover { on }),
            version: known.version + 1,
            ..known
        };
        update(tx, &after, &path, created_at)?;
        effects::note_report(tx, who, &after)?;
        return Ok(after.id);
    }
    if known.journey.is_none() {
        let after = Stay {
            journey: offered.journey,
            version: known.version + 1,
            ..known
        };
        update(tx, &after, &path, created_at)?;
        return Ok(after.id);
    }
    Ok(known.id)
}

/// The origin has confirmed.
pub(crate) fn verify_by_origin(tx: &mut Tx<'_>, who: &Who, id: StayId, by: String) -> Result<(), StoreError> {
    let before = by_id(tx, id)?;
    let on = tx.today();
    transition(tx, who, before, Command::OriginConfirms { on, by }).map(drop)
}

/// The origin has denied.
pub(crate) fn deny_by_origin(tx: &mut Tx<'_>, who: &Who, id: StayId, reason: String) -> Result<(), StoreError> {
    let before = by_id(tx, id)?;
    transition(tx, who, before, Command::OriginDenies(reason)).map(drop)
}

/// The origin has not answered in time: it can be asked again.
pub(crate) fn question_lapsed(tx: &mut Tx<'_>, who: &Who, id: StayId) -> Result<(), StoreError> {
    let before = by_id(tx, id)?;
    transition(tx, who, before, Command::QuestionLapses).map(drop)
}

pub(super) type Found = (Stay, OrgPath, NaiveDateTime);

pub(super) fn seen_inside(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageStays>,
    id: StayId,
    seen: i32,
) -> Result<Found, StoreError> {
    let found = inside(tx, scope, id)?;
    if found.0.version == seen {
        Ok(found)
    } else {
        Err(StoreError::Stale)
    }
}

/// A stay inside the scope as the caller saw it, for a command that is possible now.
///
/// # Errors
/// [`StoreError::Refused`] for one that is not: with the name of whoever was faster, where the caller saw it before that.
pub(super) fn found_for(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageStays>,
    (id, seen): (StayId, i32),
    verb: Verb,
) -> Result<Found, StoreError> {
    let found = inside(tx, scope, id)?;
    if found.0.allowed().contains(&verb) {
        return if found.0.version == seen {
            Ok(found)
        } else {
            Err(StoreError::Stale)
        };
    }
    if found.0.version == seen {
        return Err(refused(&found.0, verb));
    }
    Err(refused_after(tx, &found.0, verb)?)
}

/// Somebody changed the stay between reading and writing: when that made the command impossible, it is refused with the
/// name of whoever was faster.
fn faster<T>(tx: &mut Tx<'_>, id: StayId, verb: Verb, error: StoreError) -> Result<T, StoreError> {
    if !matches!(error, StoreError::Stale) {
        return Err(error);
    }
    let (now, ..) = by_id(tx, id)?;
    if now.allowed().contains(&verb) {
        return Err(error);
    }
    Err(refused_after(tx, &now, verb)?)
}

/// The refusal that names who moved the stay last.
fn refused_after(tx: &mut Tx<'_>, stay: &Stay, verb: Verb) -> Result<StoreError, StoreError> {
    let mut refusal = refused(stay, verb);
    if let StoreError::Refused { by, .. } = &mut refusal {
        *by = effects::last_mover(tx, stay.id)?;
    }
    Ok(refusal)
}

/// Applies a command to a stay that was found: the new row, and every effect.
pub(super) fn transition(tx: &mut Tx<'_>, who: &Who, before: Found, command: Command) -> Result<Stay, StoreError> {
    let (stay, path, created_at) = before;
    let (after, effects) = stay.apply(command).map_err(|error| refusal(&error))?;
    update(tx, &after, &path, created_at)?;
    effects::carry_out(tx, who, &after, &effects)?;
    Ok(after)
}

/// Writes a stay whose version was counted up; somebody else's change in between makes it stale.
pub(super) fn update(
    tx: &mut Tx<'_>,
    after: &Stay,
    path: &OrgPath,
    created_at: NaiveDateTime,
) -> Result<(), StoreError> {
    let row = Row::of(after, path, created_at, tx.at());
    let before = stays::version.eq(after.version - 1);
    let one = stays::table.find((row.person_id, row.id)).filter(before);
    let changed = each!(tx.db, c => diesel::update(one).set(&row).execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

fn refused(stay: &Stay, verb: Verb) -> StoreError {
    refusal(&Refused {
        state: stay.state.name(),
        verb,
        allowed: stay.allowed(),
        missing: Vec::new(),
    })
}

pub(super) fn refusal(error: &Refused) -> StoreError {
    let hosts = error.allowed.iter().filter(|verb| verb.is_hosts());
    let allowed = hosts.map(|verb| verb.as_str()).collect();
    let missing = error.missing.iter().map(|one| (one.as_str(), one.wanted()));
    StoreError::not_possible((error.state.as_str(), error.verb.as_str()), missing, allowed)
}

/// A day that the stay's own dates or the calendar contradict.
fn check_day(tx: &Tx<'_>, stay: &Stay, command: &Command) -> Result<(), StoreError> {
    let (field, day) = match command {
        Command::Leave(leaving, _) => ("/left_on", leaving.on),
        Command::ConfirmByCall(call) => ("/called_on", call.on),
        _ => return Ok(()),
    };
    if day > tx.today() {
        return Err(StoreError::Invalid {
            field,
            code: "in_the_future",
        });
    }
    if matches!(command, Command::Leave(..)) && day < stay.arrived_on {
        return Err(StoreError::Invalid {
            field,
            code: "before_arrival",
        });
    }
    Ok(())
}

fn check_home_unit(tx: &mut Tx<'_>, host: &OrgPath, unit: OrganisationId) -> Result<(), StoreError> {
    let fault = || unknown("/home_unit_id");
    let unit: Organisation = organisations::by_id(tx, unit).map_err(|error| match error {
        StoreError::NotFound(_) => fault(),
        other => other,
    })?;
    if unit.active && host.contains(&unit.path) {
        Ok(())
    } else {
        Err(fault())
    }
}

/// The next number of a host's register. The counter's row stays locked until the transaction ends.
fn next_number(tx: &mut Tx<'_>, host: OrganisationId, year: i32) -> Result<RegisterNumber, StoreError> {
    let first = (
        register_counters::host_id.eq(Id::of(host)),
        register_counters::year.eq(year),
        register_counters::last_number.eq(1),
    );
    each!(tx.db, c => diesel::insert_into(register_counters::table)
        .values(first)
        .on_conflict((register_counters::host_id, register_counters::year))
        .do_update()
        .set(register_counters::last_number.eq(register_counters::last_number + 1))
        .execute(c))?;
    let number = register_counters::table
        .find((Id::of(host), year))
        .select(register_counters::last_number)
        .first(tx.db)?;
    Ok(RegisterNumber { year, number })
}
