//! Puts whoever a gathering means on its list, and has them invited: one set-based statement a kind of clause.
use chrono::{Datelike as _, Days, NaiveDate};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text, Timestamp};
use domain::access::{Operate, Scope};
use domain::audience::ClauseKind;
use domain::gathering::attendance::StateName as Attendance;
use domain::gathering::{INVITED_DAYS, REMINDED_DAYS, StateName};
use domain::id::GatheringId;
use uuid::Uuid;

use super::birthdays::joined_in;
use crate::db::each;
use crate::outbox::{self, ACTIVE_STANDINGS};
use crate::schema::{
    attendances, gathering_audiences as audiences, gatherings, journeys, members, organisations, stays,
};
use crate::types::Id;
use crate::{StoreError, Tx};

/// Which gatherings.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    /// This one, on that day.
    One(GatheringId, NaiveDate),
    /// Every one whose time has come, as the job of a day finds.
    Due,
}

/// Which gatherings a statement is about: those with this mark, in this range of ids, on these days.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marked {
    /// The day on which they were marked.
    pub(crate) on: NaiveDate,
    /// The lowest id.
    pub(crate) low: Id,
    /// The highest id.
    pub(crate) high: Id,
}

/// As the job of a day: puts on lists, invites and reminds. Says how many notifications are new.
///
/// # Errors
/// When the store fails.
pub fn invite_due(tx: &mut Tx<'_>, scope: &Scope<Operate>, day: NaiveDate) -> Result<usize, StoreError> {
    let invited = run(tx, Which::Due)?;
    let tomorrow = day + Days::new(REMINDED_DAYS.into());
    Ok(invited + outbox::gathering_reminders(tx, scope, day, tomorrow)?)
}

/// Puts whoever is meant on the lists, where it is time for that, and has them told. Says how many notifications are new.
pub(super) fn run(tx: &mut Tx<'_>, which: Which) -> Result<usize, StoreError> {
    let today = tx.today();
    let last = today + Days::new(INVITED_DAYS.into());
    let marked = match which {
        Which::One(_, day) if day > last => return Ok(0),
        Which::One(id, _) => Marked {
            on: today,
            low: Id::of(id),
            high: Id::of(id),
        },
        Which::Due => Marked {
            on: today,
            low: Id(Uuid::nil()),
            high: Id(Uuid::max()),
        },
    };
    mark(tx, which, marked, last)?;
    for year in today.year()..=last.year() {
        birthdays(tx, marked, year)?;
    }
    organisations_and_hosts(tx, marked)?;
    destinations(tx, marked)?;
    missed(tx, marked)?;
    outbox::gathering_invitations(tx, marked)
}

/// Marks the gatherings that it is time for: those that nobody was invited to yet, and once more the day before, for those
/// who came since.
fn mark(tx: &mut Tx<'_>, which: Which, marked: Marked, last: NaiveDate) -> Result<(), StoreError> {
    let tomorrow = marked.on + Days::new(REMINDED_DAYS.into());
    let planned = gatherings::table
        .filter(gatherings::id.ge(marked.low).and(gatherings::id.le(marked.high)))
        .filter(gatherings::state.eq(StateName::Planned.as_str()));
    match which {
        Which::One(..) => diesel::update(planned)
            .set(gatherings::invited_on.eq(marked.on))
            .execute(tx.db)?,
        Which::Due => {
            let new = gatherings::invited_on.is_null();
            let again = gatherings::day.eq(tomorrow);
            let due = planned
                .filter(gatherings::starts_at.gt(tx.at()))
                .filter(gatherings::day.le(last))
                .filter(again.or(new));
            diesel::update(due)
                .set(gatherings::invited_on.eq(marked.on))
                .execute(tx.db)?
        }
    };
    Ok(())
}

/// The clauses of a kind, of the marked gatherings.
macro_rules! clauses {
    ($marked:expr, $kinds:expr) => {
        audiences::table
            .inner_join(gatherings::table.on(gatherings::id.eq(audiences::gathering_id)))
            .filter(gatherings::state.eq(StateName::Planned.as_str()))
            .filter(gatherings::invited_on.eq($marked.on))
            .filter(gatherings::id.ge($marked.low).and(gatherings::id.le($marked.high)))
            .filter(audiences::kind.eq_any($kinds.map(ClauseKind::as_str)))
    };
}

/// Whether a path lies at or below that of the clause.
macro_rules! below {
    ($path:expr) => {
        $path.ge(audiences::path).and($path.lt(audiences::path.concat("~")))
    };
}

/// `INSERT … SELECT … ON CONFLICT DO NOTHING`: whoever is on the list stays as is.
macro_rules! enlist {
    ($tx:expr, $rows:expr, $person:expr, $member:expr, $unit:expr, $path:expr) => {{
        let rows = $rows.select((
            gatherings::id,
            $person,
            $member,
            $unit,
            $path,
            Attendance::Invited.as_str().into_sql::<Text>(),
            gatherings::day,
            0.into_sql::<Integer>(),
            $tx.at().into_sql::<Timestamp>(),
        ));
        let columns = (
            attendances::gathering_id,
            attendances::person_id,
            attendances::member_id,
            attendances::unit_id,
            attendances::path,
            attendances::state,
            attendances::day,
            attendances::minutes,
            attendances::listed_at,
        );
        let key = (attendances::gathering_id, attendances::person_id);
        each!($tx.db, c => diesel::insert_into(attendances::table)
            .values(rows)
            .into_columns(columns)
            .on_conflict(key)
            .do_nothing()
            .execute(c))?
    }};
}

/// Home units below the clause's organisation, with the stays of those who are admitted to them.
macro_rules! admitted_below {
    ($clauses:expr) => {
        $clauses
            .inner_join(organisations::table.on(below!(organisations::path)))
            .inner_join(stays::table.on(stays::home_unit_id.eq(organisations::id.nullable())))
            .left_join(members::table.on(members::id.nullable().eq(stays::member_id)))
            .filter(stays::state.eq("admitted"))
            .filter(active!())
    };
}

/// Whoever is written to: visitors, of whom no standing is known, and members whose standing is active.
macro_rules! active {
    () => {
        members::standing
            .nullable()
            .is_null()
            .or(members::standing.nullable().eq_any(ACTIVE_STANDINGS))
    };
}

/// Members of organisations; those who are admitted there or at hosts; those whose stays are verified.
fn organisations_and_hosts(tx: &mut Tx<'_>, marked: Marked) -> Result<(), StoreError> {
    let local = clauses!(marked, [ClauseKind::Organisation])
        .inner_join(members::table.on(below!(members::path)))
        .filter(members::standing.eq_any(ACTIVE_STANDINGS));
    enlist!(
        tx,
        local,
        members::id,
        members::id.nullable(),
        members::home_branch_id,
        members::path
    );
    let admitted = admitted_below!(clauses!(marked, [ClauseKind::Organisation]));
    enlist!(
        tx,
        admitted,
        stays::person_id,
        stays::member_id,
        organisations::id,
        organisations::path
    );
    let hosted = clauses!(marked, [ClauseKind::Host, ClauseKind::Stays])
        .inner_join(stays::table.on(below!(stays::path)))
        .inner_join(organisations::table.on(stays::home_unit_id.eq(organisations::id.nullable())))
        .left_join(members::table.on(members::id.nullable().eq(stays::member_id)))
        .filter(stays::state.eq("admitted"))
        .filter(active!());
    enlist!(
        tx,
        hosted,
        stays::person_id,
        stays::member_id,
        organisations::id,
        organisations::path
    );
    let verified = clauses!(marked, [ClauseKind::Stays])
        .inner_join(stays::table.on(below!(stays::path)))
        .left_join(members::table.on(members::id.nullable().eq(stays::member_id)))
        .filter(stays::state.eq("verified"))
        .filter(active!());
    enlist!(
        tx,
        verified,
        stays::person_id,
        stays::member_id,
        stays::host_id,
        stays::path
    );
    Ok(())
}

/// Everybody away in a division: members of the inviting organisation who have gone there, and those who are admitted
/// below it there.
fn destinations(tx: &mut Tx<'_>, marked: Marked) -> Result<(), StoreError> {
    let away = clauses!(marked, [ClauseKind::Destination])
        .inner_join(journeys::table.on(below!(journeys::path)))
        .inner_join(members::table.on(members::id.eq(journeys::member_id)))
        .filter(journeys::state.eq("away"))
        .filter(journeys::division_code.ge(audiences::division_code))
        .filter(journeys::division_code.le(audiences::division_until))
        .filter(members::standing.eq_any(ACTIVE_STANDINGS));
    enlist!(
        tx,
        away,
        members::id,
        members::id.nullable(),
        journeys::origin_id,
        journeys::path
    );
    let admitted = admitted_below!(clauses!(marked, [ClauseKind::Destination]))
        .filter(organisations::division_code.ge(audiences::division_code))
        .filter(organisations::division_code.le(audiences::division_until));
    enlist!(
        tx,
        admitted,
        stays::person_id,
        stays::member_id,
        organisations::id,
        organisations::path
    );
    Ok(())
}

/// Those who missed a gathering and have not made it up: all of one at or below the inviting organisation, else its own
/// people.
fn missed(tx: &mut Tx<'_>, marked: Marked) -> Result<(), StoreError> {
    let (before, was) = diesel::alias!(attendances as before, gatherings as was);
    let missed = clauses!(marked, [ClauseKind::Missed])
        .inner_join(
            before.on(before
                .field(attendances::gathering_id)
                .nullable()
                .eq(audiences::missed_id)),
        )
        .inner_join(was.on(was.field(gatherings::id).nullable().eq(audiences::missed_id)))
        .left_join(members::table.on(members::id.nullable().eq(before.field(attendances::member_id))))
        .filter(before.field(attendances::state).eq(Attendance::Missed.as_str()))
        .filter(
            below!(was.field(gatherings::path))
                .or(below!(before.field(attendances::path)))
                .or(below!(members::path.assume_not_null())),
        )
        .filter(active!());
    enlist!(
        tx,
        missed,
        before.field(attendances::person_id),
        before.field(attendances::member_id),
        before.field(attendances::unit_id),
        before.field(attendances::path)
    );
    Ok(())
}

/// The clauses about birthdays, of the marked gatherings from the first to the last day of a year.
macro_rules! celebrated {
    ($marked:expr, $year:expr) => {
        clauses!($marked, [ClauseKind::PoliticalBirthday])
            .filter(gatherings::day.ge($year.0).and(gatherings::day.le($year.1)))
    };
}

/// Those of whom an organisation means whose political birthday falls into the month, in gatherings of that year: members
/// and admitted alike.
fn birthdays(tx: &mut Tx<'_>, marked: Marked, year: i32) -> Result<(), StoreError> {
    let (first, last) = (
        NaiveDate::from_ymd_opt(year, 1, 1),
        NaiveDate::from_ymd_opt(year, 12, 31),
    );
    let Some(year) = first.zip(last) else {
        return Ok(());
    };
    let months: Vec<Option<i16>> = celebrated!(marked, year)
        .select(audiences::month)
        .distinct()
        .load(tx.db)?;
    let months = months.into_iter().flatten();
    for month in months.filter_map(|month| u8::try_from(month).ok()) {
        of_month(tx, marked, year, month)?;
    }
    Ok(())
}

fn of_month(tx: &mut Tx<'_>, marked: Marked, year: (NaiveDate, NaiveDate), month: u8) -> Result<(), StoreError> {
    macro_rules! joined {
        ($rows:expr) => {
            $rows
                .filter(audiences::month.eq(i16::from(month)))
                .filter(joined_in!(month, year.0))
                .filter(members::joined_on.lt(year.0))
                .filter(members::standing.eq_any(ACTIVE_STANDINGS))
        };
    }
    let local = joined!(celebrated!(marked, year).inner_join(members::table.on(below!(members::path))));
    enlist!(
        tx,
        local,
        members::id,
        members::id.nullable(),
        members::home_branch_id,
        members::path
    );
    let admitted = joined!(
        celebrated!(marked, year)
            .inner_join(organisations::table.on(below!(organisations::path)))
            .inner_join(stays::table.on(stays::home_unit_id.eq(organisations::id.nullable())))
            .inner_join(members::table.on(members::id.nullable().eq(stays::member_id)))
            .filter(stays::state.eq("admitted"))
    );
    enlist!(
        tx,
        admitted,
        stays::person_id,
        stays::member_id,
        organisations::id,
        organisations::path
    );
    Ok(())
}
