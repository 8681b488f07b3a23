//! The hours in which nobody is disturbed.

use chrono::{Days, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

/// Hours of the deployment's zone in which nothing is sent; they may reach over midnight. Equal ends mean none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// The first quiet moment.
    pub from: NaiveTime,
    /// The first moment that is not quiet any more.
    pub until: NaiveTime,
}

impl Default for QuietHours {
    /// 21:00 to 08:00.
    fn default() -> Self {
        let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
        Self {
            from: hour(21),
            until: hour(8),
        }
    }
}

impl QuietHours {
    /// Whether `time` is quiet.
    pub fn is_quiet(self, time: NaiveTime) -> bool {
        if self.from <= self.until {
            (self.from..self.until).contains(&time)
        } else {
            time >= self.from || time < self.until
        }
    }

    /// The first moment from `moment` on that is not quiet.
    pub fn next_allowed(self, moment: NaiveDateTime) -> NaiveDateTime {
        if !self.is_quiet(moment.time()) {
            return moment;
        }
        let ends_tomorrow = moment.time() >= self.until;
        let end = moment.date().and_time(self.until);
        if ends_tomorrow {
            end.checked_add_days(Days::new(1)).unwrap_or(end)
        } else {
            end
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::day;
    use super::*;

    fn at(hour: u32, minute: u32) -> NaiveDateTime {
        day(2026, 11, 24).and_hms_opt(hour, minute, 0).unwrap()
    }

    #[test]
    fn a_greeting_at_three_in_the_morning_waits_until_eight() {
        let quiet = QuietHours::default();
        assert_eq!(quiet.next_allowed(at(3, 0)), at(8, 0));
        assert_eq!(quiet.next_allowed(at(8, 0)), at(8, 0));
        assert_eq!(quiet.next_allowed(at(20, 59)), at(20, 59));
        assert_eq!(quiet.next_allowed(at(21, 0)), at(8, 0) + Days::new(1));
    }

    #[test]
    fn quiet_hours_may_lie_within_a_day_or_be_none() {
        let noon = QuietHours {
            from: at(12, 0).time(),
            until: at(14, 30).time(),
        };
        assert_eq!(noon.next_allowed(at(13, 0)), at(14, 30));
        assert_eq!(noon.next_allowed(at(11, 59)), at(11, 59));
        let none = QuietHours {
            from: at(8, 0).time(),
            until: at(8, 0).time(),
        };
        assert!(!none.is_quiet(at(8, 0).time()));
    }

    proptest! {
        #[test]
        fn the_next_allowed_moment_is_never_quiet_and_never_a_day_off(
            from in 0..1440u32, until in 0..1440u32, moment in 0..1440u32,
        ) {
            let time = |minutes: u32| at(minutes / 60, minutes % 60);
            let quiet = QuietHours { from: time(from).time(), until: time(until).time() };
            let allowed = quiet.next_allowed(time(moment));
            prop_assert!(!quiet.is_quiet(allowed.time()));
            prop_assert!(allowed >= time(moment) && allowed - time(moment) < chrono::Duration::days(1));
        }
    }
}
