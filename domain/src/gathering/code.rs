//! The code at the place (签到码): for how many minutes it is good, and when a phone that had no network may still tell.
use chrono::{DateTime, TimeDelta, Utc};

use super::Appointment;
use crate::checkin::CLOCK_TOLERANCE;

/// How long before the beginning the code is shown, and how long after the end.
pub const SHOWN_AROUND: TimeDelta = TimeDelta::minutes(30);
/// How long a code is good: a photograph of it that is sent around is not.
pub const GOOD_FOR: TimeDelta = TimeDelta::minutes(10);
/// How long after its minutes a phone may tell that it read the code in time.
pub const LATE: TimeDelta = TimeDelta::hours(72);

/// The minutes of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minutes {
    /// The first instant at which it is good.
    pub from: DateTime<Utc>,
    /// The first instant at which it is no longer good.
    pub until: DateTime<Utc>,
}

/// Why there is no code now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotShown {
    /// It is shown from then on.
    Before(DateTime<Utc>),
    /// It was shown until then.
    After(DateTime<Utc>),
}

impl Minutes {
    /// Those of a code that is shown now, at a gathering with this appointment.
    ///
    /// # Errors
    /// [`NotShown`], outside of the time around the gathering.
    pub fn shown(appointment: &Appointment, now: DateTime<Utc>) -> Result<Self, NotShown> {
        let (first, last) = (appointment.begins - SHOWN_AROUND, appointment.ends + SHOWN_AROUND);
        if now < first {
            Err(NotShown::Before(first))
        } else if now >= last {
            Err(NotShown::After(last))
        } else {
            let until = (now + GOOD_FOR).min(last);
            Ok(Self { from: now, until })
        }
    }

    /// When somebody was there who read the code at `recorded_at` by the phone's clock, as was received at `received_at`;
    /// none when it was not read in its minutes, or is told too late.
    ///
    /// What is received in its minutes was read in its minutes, whatever the phone's clock says.
    pub fn read_at(self, recorded_at: DateTime<Utc>, received_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let within = |at: DateTime<Utc>| self.from <= at && at < self.until;
        if within(received_at) {
            return Some(recorded_at.clamp(self.from, received_at));
        }
        // A clock may be behind; that it is ahead nobody can tell from a code that was read too late.
        let early = self.from - CLOCK_TOLERANCE;
        let in_time = early <= recorded_at && recorded_at < self.until && received_at < self.until + LATE;
        (in_time && received_at >= self.until).then(|| recorded_at.clamp(self.from, self.until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2027-01-25T{text}Z").parse().unwrap()
    }

    fn lesson() -> Appointment {
        Appointment {
            begins: at("01:00:00"),
            ends: at("02:30:00"),
            place: Some("党群服务中心".to_owned()),
            link: None,
        }
    }

    #[test]
    fn a_code_is_shown_around_the_gathering_and_good_for_minutes() {
        assert_eq!(
            Minutes::shown(&lesson(), at("00:29:59")),
            Err(NotShown::Before(at("00:30:00")))
        );
        let minutes = Minutes::shown(&lesson(), at("00:55:00")).unwrap();
        assert_eq!(minutes.until, at("01:05:00"));
        let last = Minutes::shown(&lesson(), at("02:59:00")).unwrap();
        assert_eq!(last.until, at("03:00:00"));
        assert_eq!(
            Minutes::shown(&lesson(), at("03:00:00")),
            Err(NotShown::After(at("03:00:00")))
        );
    }

    #[test]
    fn a_phone_without_network_tells_later_what_it_read_in_time() {
        let code = Minutes::shown(&lesson(), at("00:55:00")).unwrap();
        let read = |recorded, received| code.read_at(recorded, received);
        assert_eq!(read(at("00:56:00"), at("00:56:01")), Some(at("00:56:00")));
        assert_eq!(
            read(at("00:10:00"), at("00:56:01")),
            Some(at("00:55:00")),
            "a clock that is behind"
        );
        assert_eq!(
            read(at("03:00:00"), at("00:56:01")),
            Some(at("00:56:01")),
            "a clock that is ahead"
        );
        assert_eq!(
            read(at("00:56:00"), at("09:00:00")),
            Some(at("00:56:00")),
            "in the evening"
        );
        assert_eq!(
            read(at("00:56:00"), at("00:56:00") + LATE + GOOD_FOR),
            None,
            "much too late"
        );
        assert_eq!(read(at("01:05:00"), at("01:05:01")), None, "a photograph of the code");
        assert_eq!(read(at("00:30:00"), at("02:00:01")), None, "before it was shown");
        assert_eq!(read(at("00:50:00"), at("00:50:00")), None, "before it was signed");
    }
}
