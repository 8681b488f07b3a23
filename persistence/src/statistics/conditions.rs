//! What each figure counts, as conditions on rows: of the counts here and of the rosters that list the same people.
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, Utc};
use domain::statistics::Period;

use crate::Tx;

/// When: the period, and the moment at which it is asked about today.
#[derive(Debug, Clone, Copy)]
pub(crate) struct When {
    pub(crate) period: Period,
    pub(crate) today: NaiveDate,
    now: DateTime<Utc>,
}

impl When {
    pub(crate) fn of(tx: &Tx<'_>, period: Period) -> Self {
        Self {
            period,
            today: tx.today(),
            now: tx.now(),
        }
    }

    /// The day so many days ago.
    pub(crate) fn day(&self, days: u64) -> NaiveDate {
        self.today.checked_sub_days(Days::new(days)).unwrap_or(self.today)
    }

    /// The instant so many days ago, as the database keeps it.
    pub(crate) fn instant(&self, days: u64) -> NaiveDateTime {
        let then = self.now.checked_sub_days(Days::new(days));
        then.unwrap_or(self.now).naive_utc()
    }
}

/// The states of a journey that has begun and goes on.
pub(crate) const MOBILE: [&str; 3] = ["away", "home_visit", "out_of_contact"];
/// The states of a stay that nobody is admitted by yet.
pub(crate) const WAITING: [&str; 3] = ["reported", "verifying", "verified"];
/// The states of a stay that came to nothing.
pub(crate) const VOID: [&str; 3] = ["rejected", "withdrawn", "merged"];
/// The states of a stay that somebody was admitted by.
pub(crate) const ADMITTED: [&str; 2] = ["admitted", "left"];

/// Journeys that had begun and not ended when a day ended.
macro_rules! on_journey {
    ($day:expr) => {
        journeys::departed_on
            .le($day)
            .and(journeys::ended_on.is_null().or(journeys::ended_on.gt($day)))
    };
}

/// Journeys that began in a period.
macro_rules! departed {
    ($period:expr) => {
        journeys::departed_on.between($period.from, $period.to)
    };
}

/// Journeys that ended in a period, in this way.
macro_rules! ended {
    ($period:expr, $state:literal) => {
        journeys::ended_on
            .between($period.from, $period.to)
            .and(journeys::state.eq($state))
    };
}

/// Journeys that go on, of members who left so many days ago or earlier.
macro_rules! gone {
    ($when:expr, $days:literal) => {
        journeys::state
            .eq_any(MOBILE)
            .and(journeys::departed_on.le($when.day($days)))
    };
}

/// Of these, those of members who were in contact since.
macro_rules! reached {
    ($when:expr, $days:literal) => {
        gone!($when, $days).and(journeys::last_contact_at.ge($when.instant($days)))
    };
}

/// And those of members who were not.
macro_rules! unreached {
    ($when:expr, $days:literal) => {
        gone!($when, $days).and(
            journeys::last_contact_at
                .is_null()
                .or(journeys::last_contact_at.lt($when.instant($days))),
        )
    };
}

/// Journeys of members who are away, by whether contact is due today or later.
macro_rules! on_time {
    ($when:expr) => {
        journeys::state
            .eq("away")
            .and(journeys::next_checkin_due.ge($when.today))
    };
}

/// The same, of whom contact is overdue.
macro_rules! overdue {
    ($when:expr) => {
        journeys::state
            .eq("away")
            .and(journeys::next_checkin_due.lt($when.today))
    };
}

/// Journeys with a briefing that was whole by the day of departure. The id alone says which: named with the member too,
/// PostgreSQL takes the two for rarely together, and looks at each organisation for each journey.
macro_rules! briefed {
    () => {
        exists(
            journey_lines::table.filter(
                journey_lines::journey_id
                    .eq(journeys::id)
                    .and(journey_lines::briefed_on.le(journeys::departed_on)),
            ),
        )
    };
}

/// Journeys that were offered to a host; offers that the origin took back are none.
macro_rules! offered {
    () => {
        exists(
            handovers::table.filter(
                handovers::journey_id
                    .eq(journeys::id.nullable())
                    .and(handovers::kind.eq("offer"))
                    .and(handovers::state.ne("withdrawn")),
            ),
        )
    };
}

/// Journeys that a host has accepted.
macro_rules! accepted {
    () => {
        exists(
            handovers::table.filter(
                handovers::journey_id
                    .eq(journeys::id.nullable())
                    .and(handovers::kind.eq("offer"))
                    .and(handovers::state.eq("accepted")),
            ),
        )
    };
}

/// Stays of those who were admitted and had not left when a day ended.
macro_rules! staying {
    ($day:expr) => {
        stays::admitted_on
            .le($day)
            .and(stays::left_on.is_null().or(stays::left_on.gt($day)))
            .and(stays::state.eq_any(ADMITTED))
    };
}

/// Stays that began in a period and came to something.
macro_rules! arrived {
    ($period:expr) => {
        stays::arrived_on
            .between($period.from, $period.to)
            .and(stays::state.ne_all(VOID))
    };
}

/// Stays that ended in a period.
macro_rules! left {
    ($period:expr) => {
        stays::left_on
            .between($period.from, $period.to)
            .and(stays::state.eq("left"))
    };
}

/// Who was on the list of a gathering in a period and was there, was not, or made it up.
macro_rules! expected {
    ($period:expr) => {
        attendances::day
            .between($period.from, $period.to)
            .and(attendances::state.eq_any(["attended", "missed", "made_up"]))
    };
}

/// Of these, who was not there and has not made it up.
macro_rules! missed {
    () => {
        attendances::state.eq("missed")
    };
}

/// Wishes of a period that were not taken back or declined.
macro_rules! wished {
    ($period:expr) => {
        wishes::written_on
            .between($period.from, $period.to)
            .and(wishes::state.ne_all(["withdrawn", "declined"]))
    };
}

/// Of these, those that have come true.
macro_rules! fulfilled {
    () => {
        wishes::fulfilled_on.is_not_null()
    };
}

/// Service requests of a period that were answered, or should have been before today. One that is asked again is due anew,
/// unless it was late already.
macro_rules! due {
    ($when:expr) => {
        service_requests::asked_on
            .between($when.period.from, $when.period.to)
            .and(service_requests::state.ne("withdrawn"))
            .and(
                service_requests::answered_on
                    .is_not_null()
                    .or(service_requests::late_on.is_not_null())
                    .or(service_requests::due_on.lt($when.today)),
            )
    };
}

pub(crate) use {
    accepted, arrived, briefed, departed, ended, gone, left, offered, on_journey, on_time, overdue, reached, staying,
    unreached,
};
/// Of these, those that were answered in time, each time that they were asked.
macro_rules! in_time {
    () => {
        service_requests::answered_on
            .is_not_null()
            .and(service_requests::late_on.is_null())
    };
}

/// And those that were not.
macro_rules! late {
    () => {
        service_requests::answered_on
            .is_null()
            .or(service_requests::late_on.is_not_null())
    };
}

pub(crate) use {due, expected, fulfilled, in_time, late, missed, wished};
