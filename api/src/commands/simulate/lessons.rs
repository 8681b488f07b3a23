//! Gatherings: the monthly lesson on the 25th, who comes by the code or says why not, the list that is kept, and what is
//! made up.
use std::collections::HashMap;

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use domain::access::{ManageGatherings, ReadGatherings, RecordAttendance, ReportOwnMoves, Scope};
use domain::audience::Clause;
use domain::gathering::attendance::StateName as Attendance;
use domain::gathering::{Appointment, GatheringKind, StateName};
use domain::id::{GatheringId, PersonId};
use persistence::gatherings::{self, AttendanceFilter, Mark, NewGathering, Said};
use persistence::{StoreError, Tx};

use super::cast::{Person, Seat, may};
use super::life::{Deed, Hour, Life};

#[derive(Debug, Clone, Copy)]
pub(super) enum Lesson {
    /// The next month's lesson is planned; the place is that of whoever holds lessons.
    Plan,
    /// It is called off on the day before.
    CallOff,
    /// Those who have the app come, or say that they can't.
    Come,
    /// The secretary keeps the list, and closes it.
    Keep,
}

/// A gathering that was planned.
#[derive(Debug, Clone, Copy)]
struct Planned {
    id: GatheringId,
    seat: Seat,
    kind: GatheringKind,
}

/// Where somebody stands in the lists of the life: people before guests.
type Place = (bool, usize);

/// Who holds lessons, and those that were planned.
#[derive(Debug, Default)]
pub(super) struct Lessons {
    seats: Vec<Seat>,
    planned: Vec<Planned>,
    places: HashMap<PersonId, Place>,
    /// How many people and how many guests have a place.
    placed: (usize, usize),
}

/// The day of the month (党员活动日).
const DAY: u32 = 25;
const BEGINS: (u32, u32) = (19, 0);
const MINUTES: i64 = 90;
/// So many of a thousand branches hold lessons in Kiteline; of the hosts all do.
const BRANCHES: u32 = 40;

/// Who holds lessons is known at once; each plans the first within days.
pub(super) fn begin(life: &mut Life) {
    let mut seats: Vec<_> = (0..life.cast.hosts.len()).map(Seat::Host).collect();
    for branch in 0..life.cast.branches.len() {
        if life.dice.chance(BRANCHES) {
            seats.push(Seat::Branch(branch));
        }
    }
    for at in 0..seats.len() {
        life.within((1, 12), Hour::Office, Deed::Lesson(Lesson::Plan, at));
    }
    life.lessons.seats = seats;
}

pub(super) fn happens(life: &mut Life, tx: &mut Tx<'_>, deed: Lesson, of: usize) -> Result<(), StoreError> {
    if matches!(deed, Lesson::Plan) {
        return next(life, tx, of);
    }
    let planned = life.lessons.planned.get(of).copied();
    let planned = planned.ok_or(StoreError::NotFound("gathering"))?;
    let (_, secretary) = life.cast.seated(planned.seat)?;
    let reads: Scope<ReadGatherings> = may(&secretary)?;
    let gathering = gatherings::find(tx, &reads, planned.id)?.gathering;
    if gathering.state.name() != StateName::Planned {
        return Ok(());
    }
    let seen = (planned.id, gathering.version);
    match deed {
        Lesson::Plan => Ok(()),
        Lesson::CallOff => {
            let scope: Scope<ManageGatherings> = may(&secretary)?;
            gatherings::cancel(tx, &scope, seen, ("台风蓝色预警，改期另行通知", false))?;
            life.count("gatherings called off");
            Ok(())
        }
        Lesson::Come => come(life, tx, planned),
        Lesson::Keep => keep(life, tx, planned, seen),
    }
}

/// Plans the lesson of the month where there is anybody to come, and thinks of the next.
fn next(life: &mut Life, tx: &mut Tx<'_>, at: usize) -> Result<(), StoreError> {
    let seat = life.lessons.seats.get(at).copied();
    let seat = seat.ok_or(StoreError::NotFound("organisation"))?;
    let soon = life.today + Days::new(2);
    let this_month = soon.with_day(DAY).unwrap_or(soon);
    let day = if this_month < soon {
        this_month + Months::new(1)
    } else {
        this_month
    };
    let again = day + life.dice.days(4, 26);
    life.on(again, Hour::Office, Deed::Lesson(Lesson::Plan, at));
    let (organisation, _) = life.cast.seated(seat)?;
    let (anybody, whom) = match seat {
        Seat::Branch(_) => (true, Clause::Organisation(organisation)),
        Seat::Host(host) => (
            life.guests.iter().any(|guest| guest.host == host),
            Clause::Host(organisation),
        ),
    };
    if anybody {
        plan(life, tx, seat, (GatheringKind::Lesson, day, whom))?;
    }
    Ok(())
}

fn plan(
    life: &mut Life,
    tx: &mut Tx<'_>,
    seat: Seat,
    (kind, day, whom): (GatheringKind, NaiveDate, Clause),
) -> Result<(), StoreError> {
    let (organisation, secretary) = life.cast.seated(seat)?;
    let begins = evening(tx, day);
    let id: GatheringId = tx.fresh();
    let new = NewGathering {
        id,
        organisation,
        kind,
        title: format!("{}月{}", day.month(), kind.zh()),
        description: None,
        appointment: Appointment {
            begins,
            ends: begins + TimeDelta::minutes(MINUTES),
            place: Some("党群服务中心会议室".to_owned()),
            link: Some("https://meeting.example.org/25".to_owned()),
        },
        learning_minutes: None,
        lecturer: None,
        audience: vec![whom],
        rule: None,
    };
    let scope: Scope<ManageGatherings> = may(&secretary)?;
    gatherings::plan(tx, &scope, &new)?;
    life.count("gatherings planned");
    let at = life.lessons.planned.len();
    life.lessons.planned.push(Planned { id, seat, kind });
    if life.dice.chance(40) {
        life.on(day - Days::new(1), Hour::Office, Deed::Lesson(Lesson::CallOff, at));
    }
    life.on(day, Hour::Evening, Deed::Lesson(Lesson::Come, at));
    life.on(day + Days::new(1), Hour::Office, Deed::Lesson(Lesson::Keep, at));
    Ok(())
}

/// When a lesson of a day begins.
fn evening(tx: &Tx<'_>, day: NaiveDate) -> DateTime<Utc> {
    let (hour, minute) = BEGINS;
    let local = day.and_time(NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default());
    let instant = local.and_local_timezone(tx.zone()).earliest();
    instant.map_or_else(|| local.and_utc(), |at| at.to_utc())
}

/// Those who are still expected, in an order that is the same in each run, which that of their ids is not; whoever has no
/// place in this life stands last.
fn expected(life: &mut Life, tx: &mut Tx<'_>, planned: Planned) -> Result<Vec<(PersonId, Option<Person>)>, StoreError> {
    life.lessons
        .place(&life.cast.people, life.guests.iter().map(|guest| guest.who));
    let (_, secretary) = life.cast.seated(planned.seat)?;
    let reads: Scope<ReadGatherings> = may(&secretary)?;
    let filter = AttendanceFilter {
        state: Some(Attendance::Invited),
    };
    let lines = gatherings::list_attendance(tx, &reads, (planned.id, filter), None, i64::MAX)?;
    let place = |person: PersonId| life.lessons.places.get(&person).copied();
    let mut placed: Vec<_> = lines.iter().map(|line| (place(line.person), line.person)).collect();
    placed.sort_by_key(|(place, _)| (place.is_none(), *place));
    let whole = |(place, id): (Option<Place>, PersonId)| {
        let person = place.filter(|(guest, _)| !guest).map(|(_, at)| life.person(at));
        Ok((id, person.transpose()?))
    };
    placed.into_iter().map(whole).collect()
}

impl Lessons {
    /// Gives a place to those who have come since.
    fn place(&mut self, people: &[Person], guests: impl Iterator<Item = PersonId>) {
        for person in people.iter().skip(self.placed.0) {
            self.places.insert(person.member.into(), (false, self.placed.0));
            self.placed.0 += 1;
        }
        for who in guests.skip(self.placed.1) {
            self.places.entry(who).or_insert((true, self.placed.1));
            self.placed.1 += 1;
        }
    }
}

/// Whether somebody cannot be reached, by this either.
fn is_silent(life: &Life, person: Option<&Person>) -> bool {
    let trip = person.and_then(|person| life.trips.get(person.trip?));
    trip.is_some_and(|trip| trip.silent)
}

fn come(life: &mut Life, tx: &mut Tx<'_>, planned: Planned) -> Result<(), StoreError> {
    for (_, person) in expected(life, tx, planned)? {
        let silent = is_silent(life, person.as_ref());
        let person = person.filter(|person| !silent && !person.gone);
        let Some(app) = person.and_then(|person| person.app) else {
            continue;
        };
        let me: Scope<ReportOwnMoves> = may(&app)?;
        let draw = life.dice.place(100);
        if draw < 40 {
            gatherings::attend(tx, &me, planned.id, tx.now())?;
            life.count("attendances by the code");
        } else if draw < 48 {
            gatherings::excuse(tx, &me, planned.id, "上夜班，走不开".to_owned())?;
            life.count("excuses by the app");
        }
    }
    Ok(())
}

fn keep(life: &mut Life, tx: &mut Tx<'_>, planned: Planned, seen: (GatheringId, i32)) -> Result<(), StoreError> {
    let (_, secretary) = life.cast.seated(planned.seat)?;
    let mut marks = Vec::new();
    for (id, person) in expected(life, tx, planned)? {
        if is_silent(life, person.as_ref()) || person.is_some_and(|person| person.gone) {
            continue;
        }
        let (what, said) = match life.dice.place(100) {
            0..66 => ("attendances recorded", Said::Attended(None)),
            66..72 => ("attendances recorded", Said::Attended(Some(45))),
            72..84 => ("excuses recorded", Said::Excused("身体不适".to_owned())),
            84..92 => ("absences recorded", Said::Missed),
            _ => continue,
        };
        life.count(what);
        marks.push(Mark { person: id, said });
    }
    if !marks.is_empty() {
        let scope: Scope<RecordAttendance> = may(&secretary)?;
        gatherings::mark(tx, &scope, planned.id, &marks)?;
    }
    let scope: Scope<ManageGatherings> = may(&secretary)?;
    let held = gatherings::hold(tx, &scope, seen)?;
    if planned.kind == GatheringKind::MakeUpLesson {
        life.count("make-up lessons held");
        return Ok(());
    }
    life.count("lessons held");
    let missed = held.counts.get(&Attendance::Missed).copied().unwrap_or_default();
    if missed > 0 && life.dice.chance(500) {
        let day = life.today + life.dice.days(7, 16);
        let whom = Clause::Missed(planned.id);
        plan(life, tx, planned.seat, (GatheringKind::MakeUpLesson, day, whom))?;
    }
    Ok(())
}
