//! Finds what waits: ids and days from small indexes, in the order of the list.
use std::collections::HashSet;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::access::{LookAfterMembers, Scope};
use domain::calendar::greeted_on;
use domain::checkin::{CheckInKind, Wellbeing, counted_at};
use domain::contact::ContactOutcome;
use domain::conversation::Between;
use domain::id::OrgPath;
use domain::wish::StateName as WishState;
use domain::worklist::{CARD_LATE_DAYS, COUNTED, Desk, Place, TaskKind, WEEK_DAYS, Window, first_birthday};

use super::Waiting;
use crate::officers;
use crate::outbox::ACTIVE_STANDINGS;
use crate::schema::{
    briefing_items, checkins, contacts, declarations, handovers, journeys, members, organisations,
    service_requests as requests, stays, wishes,
};
use crate::types::Id;
use crate::verbatim::Verbatim;
use crate::{StoreError, Tx};

/// Rows of one window: as many as are counted.
fn most() -> i64 {
    i64::try_from(COUNTED).unwrap_or(i64::MAX)
}

/// Whether somebody is written to: visitors, and members of active standing.
macro_rules! written_to {
    ($person:expr) => {
        not(exists(
            members::table
                .filter(members::id.eq($person))
                .filter(members::standing.ne_all(ACTIVE_STANDINGS)),
        ))
    };
}

/// What lies in the place of a window.
macro_rules! at {
    ($query:expr, $path:expr, $window:expr) => {{
        let query = $query.into_boxed();
        match &$window.place {
            Place::At(at) => query.filter($path.eq(at.as_str().to_owned())),
            Place::Within(at) => query.filter($path.ge(at.as_str().to_owned()).and($path.lt(at.end()))),
            Place::Below(at) => query.filter($path.gt(at.as_str().to_owned()).and($path.lt(at.end()))),
        }
    }};
}

/// The rows of a window, the first ones due first.
macro_rules! rows {
    ($tx:expr, $query:expr, $path:expr, $due:expr, $window:expr, $last:expr) => {{
        let mut query = at!($query, $path, $window);
        if let Some(by) = $window.due_by {
            query = query.filter($due.le(by));
        }
        query.order(($due, $last)).limit(most()).load($tx.db)?
    }};
}

/// What waits for somebody, of one kind, the first ones due first.
pub(super) fn waiting(
    tx: &mut Tx<'_>,
    scope: &Scope<LookAfterMembers>,
    desk: &Desk,
    kind: TaskKind,
) -> Result<Vec<Waiting>, StoreError> {
    let mut found = match kind {
        TaskKind::Overdue => looked_after(tx, scope)?,
        TaskKind::ServiceRequest => in_charge(tx, scope, desk)?,
        _ => Vec::new(),
    };
    for window in desk.windows(kind, tx.today()) {
        found.extend(match kind {
            TaskKind::Handover => open_handovers(tx, desk, &window)?,
            TaskKind::Overdue => {
                let away = silent(tx, &window)?;
                away.into_iter().chain(silent_guests(tx, &window)?).collect()
            }
            TaskKind::Help => in_need(tx, &window)?,
            TaskKind::Return => said_to_be_back(tx, &window)?,
            TaskKind::Briefing => unbriefed(tx, &window)?,
            TaskKind::Departure => leaving(tx, &window)?,
            TaskKind::Card => congratulated(tx, &window)?,
            TaskKind::ServiceRequest => unanswered(tx, &window)?,
            TaskKind::Wish => unpublished(tx, &window)?,
            TaskKind::Verify => of_stays(tx, &window, "reported")?,
            TaskKind::Admit => of_stays(tx, &window, "verified")?,
            TaskKind::Declaration => declared(tx, desk, &window)?,
        });
    }
    let mut seen = HashSet::new();
    found.retain(|one| seen.insert(one.id));
    found.sort_by_key(|one| (one.due.unwrap_or(NaiveDate::MAX), one.id));
    Ok(found)
}

fn of_rows(rows: Vec<(Id, Id, Option<NaiveDate>)>) -> Vec<Waiting> {
    let one = |(id, person, due)| Waiting {
        id,
        person: Some(person),
        due,
        stays: false,
    };
    rows.into_iter().map(one).collect()
}

/// Those whom the caller looks after and who have not been heard of in time.
fn looked_after(tx: &mut Tx<'_>, scope: &Scope<LookAfterMembers>) -> Result<Vec<Waiting>, StoreError> {
    let by = TaskKind::Overdue.due_by(tx.today());
    let own = officers::due_own(tx, scope)?;
    Ok(of_dues(own, by))
}

/// Those of whom somebody should have heard by a day.
fn of_dues(dues: Vec<officers::Due>, by: Option<NaiveDate>) -> Vec<Waiting> {
    let late = dues.into_iter().filter(|due| by.is_none_or(|by| due.on <= by));
    let one = |due: officers::Due| Waiting {
        id: due.id,
        person: Some(due.person),
        due: Some(due.on),
        stays: due.stays,
    };
    late.map(one).collect()
}

fn open_handovers(tx: &mut Tx<'_>, desk: &Desk, window: &Window) -> Result<Vec<Waiting>, StoreError> {
    let today = tx.today();
    let open = handovers::table
        .filter(Verbatim("handovers.state in ('offered', 'asked')"))
        .filter(written_to!(handovers::person_id))
        .select((
            handovers::id,
            handovers::person_id,
            handovers::due_on,
            handovers::asking_path,
            handovers::asked_path,
        ));
    let rows: Vec<(Id, Id, NaiveDate, String, String)> = rows!(
        tx,
        open,
        handovers::asked_path,
        handovers::due_on,
        window,
        handovers::id
    );
    let may_answer = |(id, person, due_on, asking, asked): (Id, Id, NaiveDate, String, String)| {
        let (asking, asked) = (asking.parse::<OrgPath>().ok()?, asked.parse::<OrgPath>().ok()?);
        let between = Between {
            asking: &asking,
            asked: &asked,
            due_on,
        };
        between.answers_as(desk.seat(&asked)?, today)?;
        Some((id, person, Some(due_on)))
    };
    Ok(of_rows(rows.into_iter().filter_map(may_answer).collect()))
}

/// Members who are away, of whom this is so of the last check-in of the journey: the last to arrive, for a phone's clock may
/// be wrong; of those that arrived together, the last that was written.
macro_rules! last_said {
    ($tx:expr, $window:expr, $what:expr) => {{
        let later = diesel::alias!(checkins as later);
        let after = later
            .filter(later.field(checkins::journey_id).eq(journeys::id))
            .filter(later.field(checkins::received_at).ge(checkins::received_at))
            .filter(
                later
                    .field(checkins::received_at)
                    .gt(checkins::received_at)
                    .or(later.field(checkins::recorded_at).gt(checkins::recorded_at)),
            );
        let said = journeys::table
            .inner_join(checkins::table.on(checkins::journey_id.eq(journeys::id)))
            .filter(Verbatim("journeys.state in ('away', 'home_visit')"))
            .filter(written_to!(journeys::member_id))
            .filter($what)
            .filter(not(exists(after)))
            .select((
                journeys::id,
                journeys::member_id,
                checkins::recorded_at,
                checkins::received_at,
            ));
        let rows: Vec<(Id, Id, NaiveDateTime, NaiveDateTime)> = at!(said, journeys::path, $window)
            .order((checkins::received_at, journeys::id))
            .limit(most())
            .load($tx.db)?;
        let on = |(id, member, recorded_at, received_at): (Id, Id, NaiveDateTime, NaiveDateTime)| {
            let counted = counted_at(recorded_at.and_utc(), received_at.and_utc());
            (id, member, Some($tx.day_of(counted.at)))
        };
        of_rows(rows.into_iter().map(on).collect())
    }};
}

/// Members who have asked for help with their last check-in, and whom nobody has reached since.
fn in_need(tx: &mut Tx<'_>, window: &Window) -> Result<Vec<Waiting>, StoreError> {
    let reached = contacts::table
        .filter(contacts::journey_id.eq(journeys::id))
        .filter(contacts::outcome.eq(ContactOutcome::Reached.as_str()))
        .filter(
            contacts::contacted_at
                .ge(checkins::received_at)
                .or(checkins::clock_doubtful
                    .eq(false)
                    .and(contacts::contacted_at.ge(checkins::recorded_at))),
        );
    let needs_help = checkins::wellbeing.eq(Wellbeing::NeedsHelp.as_str());
    Ok(last_said!(tx, window, needs_help.and(not(exists(reached)))))
}

/// Members who have said with their last check-in that they are home for good.
fn said_to_be_back(tx: &mut Tx<'_>, window: &Window) -> Result<Vec<Waiting>, StoreError> {
    Ok(last_said!(
        tx,
        window,
        checkins::kind.eq(CheckInKind::FinalReturn.as_str())
    ))
}

/// Wishes that nobody has published or declined. Who wrote them is not read.
fn unpublished(tx: &mut Tx<'_>, window: &Window) -> Result<Vec<Waiting>, StoreError> {
    let written = wishes::table
        .filter(wishes::state.eq(WishState::Written.as_str()))
        .select((wishes::id, wishes::written_on));
    let rows: Vec<(Id, NaiveDate)> = rows!(tx, written, wishes::path, wishes::written_on, window, wishes::id);
    let one = |(id, on)| Waiting {
        id,
        person: None,
        due: Some(on),
        stays: false,
    };
    Ok(rows.into_iter().map(one).collect())
}

fn silent(tx: &mut Tx<'_>, window: &Window) -> Result<Vec<Waiting>, StoreError> {
    let away = journeys::table
        .filter(Verbatim("journeys.state = 'away'"))
        .filter(written_to!(journeys::member_id))
        .select((journeys::id, journeys::member_id, journeys::next_checkin_due));
    Ok(of_rows(rows!(
        tx,
        away,
        journeys::path,
        journeys::next_checkin_due,
        window,
        journeys::id
    )))
}

/// Those who are admitted by the host and have not been heard of in time, whoever looks after them.
fn silent_guests(tx: &mut Tx<'_>, window: &Window) -> Result<Vec<Waiting>, StoreError> {
    if matches!(window.place, Place::Below(_)) {
        return Ok(Vec::new());
    }
    let admitted = officers::guests!().filter(Verbatim("stays.state = 'admitted'"));
    let rows = at!(admitted, stays::path, window).load(tx.db)?;
    let guests = officers::due_guests(tx, &rows)?;
    Ok(of_dues(guests, window.due_by))
}

/// Planned journeys of members who are written to, with the day of leaving.
macro_rules! planned {
    () => {
        journeys::table
            .filter(Verbatim("journeys.state = 'planned'"))
            .filter(written_to!(journeys::member_id))
            .select((journeys::id, journeys::member_id, journeys::planned_departure_on))
    };
}

/// Journeys with an open item of the briefing: those that begin soon, and those of which nobody knows when they do.
fn unbriefed(tx: &mut Tx<'_>, window: &Window) -> Result<Vec<Waiting>, StoreError> {
    let open = || {
        briefing_items::table
            .filter(briefing_items::member_id.eq(journeys::member_id))
            .filter(briefing_items::journey_id.eq(journeys::id))
            .filter(briefing_items::done_on.is_null())
    };
    let (path, on) = (journeys::path, journeys::planned_departure_on);
    let mut found: Vec<_> = rows!(tx, planned!().filter(exists(open())), path, on, window, journeys::id);
    let undated = planned!().filter(exists(open())).filter(on.is_null());
    let undated = at!(undated, path, window).order(journeys::id).limit(most());
    found.extend(undated.load::<(Id, Id, Option<NaiveDate>)>(tx.db)?);
    Ok(of_rows(found))
}

fn leaving(tx: &mut Tx<'_>, window: &Window) -> Result<Vec<Waiting>, StoreError> {
    let (path, on) = (journeys::path, journeys::planned_departure_on);
    Ok(of_rows(rows!(tx, planned!(), path, on, window, journeys::id)))
}

fn of_stays(tx: &mut Tx<'_>, window: &Window, state: &str) -> Result<Vec<Waiting>, StoreError> {
    let open = stays::table
        .filter(Verbatim("stays.state in ('reported', 'verified')"))
        .filter(written_to!(stays::person_id))
        .filter(stays::state.eq(state.to_owned()))
        .select((stays::id, stays::person_id, stays::arrived_on));
    let rows: Vec<(Id, Id, NaiveDate)> = rows!(tx, open, stays::path, stays::arrived_on, window, stays::id);
    let rows = rows.into_iter().map(|(id, person, on)| (id, person, Some(on)));
    Ok(of_rows(rows.collect()))
}

fn unanswered(tx: &mut Tx<'_>, window: &Window) -> Result<Vec<Waiting>, StoreError> {
    let open = requests::table
        .filter(Verbatim("service_requests.state in ('open', 'assigned')"))
        .filter(written_to!(requests::person_id))
        .select((requests::id, requests::person_id, requests::due_on));
    let rows: Vec<(Id, Id, NaiveDate)> = rows!(tx, open, requests::path, requests::due_on, window, requests::id);
    let rows = rows.into_iter().map(|(id, person, due)| (id, person, Some(due)));
    Ok(of_rows(rows.collect()))
}

/// Service requests that the caller is in charge of, and those that have gone up to an office of the caller's.
fn in_charge(tx: &mut Tx<'_>, scope: &Scope<LookAfterMembers>, desk: &Desk) -> Result<Vec<Waiting>, StoreError> {
    let by = tx.today() + Days::new(WEEK_DAYS.into());
    let open = || {
        requests::table
            .filter(Verbatim("service_requests.state in ('open', 'assigned')"))
            .filter(written_to!(requests::person_id))
            .filter(requests::due_on.le(by))
            .order((requests::due_on, requests::id))
            .limit(most())
            .select((requests::id, requests::person_id, requests::due_on, requests::path))
    };
    let mut rows: Vec<(Id, Id, NaiveDate, String)> = match scope.who().account {
        Some(account) => open().filter(requests::officer_id.eq(Id::of(account))).load(tx.db)?,
        None => Vec::new(),
    };
    rows.retain(|row| row.3.parse::<OrgPath>().is_ok_and(|path| scope.is_near(&path)));
    if !desk.offices().is_empty() {
        let mine = organisations::table
            .filter(organisations::path.eq_any(desk.offices().iter().map(OrgPath::as_str)))
            .select(organisations::id.nullable());
        let up = open().filter(requests::escalated_id.eq_any(mine));
        rows.extend(up.load::<(Id, Id, NaiveDate, String)>(tx.db)?);
    }
    let rows = rows.into_iter().map(|(id, person, due, _)| (id, person, Some(due)));
    Ok(of_rows(rows.collect()))
}

fn declared(tx: &mut Tx<'_>, desk: &Desk, window: &Window) -> Result<Vec<Waiting>, StoreError> {
    let today = tx.today();
    let proposed = declarations::table
        .inner_join(journeys::table.on(journeys::id.eq(declarations::journey_id)))
        .filter(Verbatim("declarations.state = 'proposed'"))
        .filter(written_to!(journeys::member_id))
        .select((
            journeys::id,
            journeys::member_id,
            declarations::proposed_at,
            journeys::path,
        ));
    let rows: Vec<(Id, Id, NaiveDateTime, String)> = at!(proposed, journeys::path, window)
        .order((declarations::proposed_at, declarations::id))
        .limit(most())
        .load(tx.db)?;
    let of_mine = |(id, member, at, path): (Id, Id, NaiveDateTime, String)| {
        let on = tx.day_of(at.and_utc());
        desk.decides(&path.parse().ok()?, on, today)
            .then_some((id, member, Some(on)))
    };
    Ok(of_rows(rows.into_iter().filter_map(of_mine).collect()))
}

/// The political birthdays of the past week and of the coming one: the day of each key.
fn anniversaries(today: NaiveDate) -> Vec<(i16, NaiveDate)> {
    let days = first_birthday(today)
        .iter_days()
        .take(usize::from(CARD_LATE_DAYS + WEEK_DAYS));
    let of_day = |day: NaiveDate| greeted_on(day).solar.into_iter().map(move |key| (key, day));
    days.flat_map(of_day).collect()
}

/// Members with a political birthday in these weeks, of the branch or admitted here; to some of them nothing is to be given.
fn congratulated(tx: &mut Tx<'_>, window: &Window) -> Result<Vec<Waiting>, StoreError> {
    let today = tx.today();
    let keys: Vec<(i16, NaiveDate)> = anniversaries(today);
    // The weeks may end in the next year: whoever joined in the year of the day has no birthday on it yet.
    let has_one = || {
        let of_year = |year: i32| {
            let of_that_year = keys.iter().filter(|(_, day)| day.year() == year);
            let numbers: Vec<i16> = of_that_year.map(|(key, _)| *key).collect();
            let begins = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(today);
            (numbers, begins)
        };
        let year = first_birthday(today).year();
        let ((these, begins), (next, ends)) = (of_year(year), of_year(year + 1));
        let this_year = members::political_key.eq_any(these).and(members::joined_on.lt(begins));
        let next_year = members::political_key.eq_any(next).and(members::joined_on.lt(ends));
        this_year.or(next_year)
    };
    let own = members::table
        .filter(has_one())
        .filter(members::standing.eq_any(ACTIVE_STANDINGS))
        .select((members::id, members::political_key));
    let at_home: Vec<(Id, Option<i16>)> = at!(own, members::path, window).limit(most()).load(tx.db)?;
    let hosted = stays::table
        .inner_join(members::table.on(stays::member_id.eq(members::id.nullable())))
        .filter(Verbatim("stays.state = 'admitted'"))
        .filter(has_one())
        .filter(members::standing.eq_any(ACTIVE_STANDINGS))
        .select((members::id, members::political_key));
    let guests: Vec<(Id, Option<i16>)> = at!(hosted, stays::path, window).limit(most()).load(tx.db)?;
    let on = |key: Option<i16>| keys.iter().find(|(known, _)| Some(*known) == key).map(|(_, day)| *day);
    let one = |stays| {
        move |(id, key): (Id, Option<i16>)| Waiting {
            id,
            person: Some(id),
            due: on(key),
            stays,
        }
    };
    let all = at_home
        .into_iter()
        .map(one(false))
        .chain(guests.into_iter().map(one(true)));
    Ok(all.collect())
}
