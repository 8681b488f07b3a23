//! A series of gatherings by a rule (RFC 5545, RRULE), such as the county's lesson on the 25th of each month: bounded, and
//! each at the same time of day in the deployment's zone.
use chrono::{DateTime, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rrule::{Frequency, RRule, RRuleSet, Unvalidated};

use super::Appointment;

/// The most gatherings of a series.
pub const MOST: u16 = 120;
/// How far ahead they are planned, in months.
pub const HORIZON: Months = Months::new(24);
/// The longest rule, characters.
pub const LONGEST_RULE: usize = 200;

/// Why a rule makes no series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.as_str())]
pub enum SeriesFault {
    /// It is no rule.
    Malformed,
    /// It names several times a day.
    TooOften,
    /// It means more than [`MOST`] within [`HORIZON`].
    TooMany,
    /// It ends before it begins.
    Over,
    /// It means none within [`HORIZON`].
    Never,
}

impl SeriesFault {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "rule_malformed",
            Self::TooOften => "rule_too_often",
            Self::TooMany => "rule_too_many",
            Self::Over => "rule_over",
            Self::Never => "rule_never",
        }
    }
}

/// A rule as it is kept.
pub fn normal(rule: &str) -> String {
    let rule = rule.trim().to_ascii_uppercase();
    rule.strip_prefix("RRULE:").map_or(rule.clone(), ToOwned::to_owned)
}

/// A rule of which the last day alone is said, with that day's last second in `zone`: which is what the standard wants where
/// the first is an instant, and nobody writes.
fn with_whole_last_day(rule: &str, zone: Tz) -> Option<String> {
    let ends_on = |part: &str| NaiveDate::parse_from_str(part.strip_prefix("UNTIL=")?, "%Y%m%d").ok();
    let until = |part: &str| {
        let Some(day) = ends_on(part) else {
            return Some(part.to_owned());
        };
        let next = day.succ_opt()?.and_time(NaiveTime::MIN);
        let next = next.and_local_timezone(zone).earliest()?.to_utc();
        let last = next - TimeDelta::seconds(1);
        Some(format!("UNTIL={}", last.format("%Y%m%dT%H%M%SZ")))
    };
    let parts: Option<Vec<_>> = rule.split(';').map(until).collect();
    Some(parts?.join(";"))
}

/// When the gatherings of a rule begin, from `first` on, at its time of day in `zone`, as far as [`HORIZON`]; the last day
/// (`UNTIL`) may be said without a time.
///
/// # Errors
/// [`SeriesFault`] for a rule that cannot be read, that is over before `first`, that means several times a day, more than
/// [`MOST`] or none.
pub fn beginnings(rule: &str, first: DateTime<Utc>, zone: Tz) -> Result<Vec<DateTime<Utc>>, SeriesFault> {
    let rule = normal(rule);
    let is_plain = rule.chars().all(|c| c.is_ascii_alphanumeric() || ";=,+-".contains(c));
    if rule.len() > LONGEST_RULE || !is_plain {
        return Err(SeriesFault::Malformed);
    }
    let rule = with_whole_last_day(&rule, zone).ok_or(SeriesFault::Malformed)?;
    let parsed: RRule<Unvalidated> = rule
        .parse()
        .map_err(|_rule: rrule::RRuleError| SeriesFault::Malformed)?;
    let several = ["BYHOUR", "BYMINUTE", "BYSECOND"]
        .iter()
        .any(|part| rule.contains(part));
    let start = first.with_timezone(&rrule::Tz::Tz(zone));
    if parsed.get_until().is_some_and(|until| *until < start) {
        return Err(SeriesFault::Over);
    }
    let parsed = parsed.validate(start).map_err(|_rule| SeriesFault::Malformed)?;
    let of_the_day = [Frequency::Hourly, Frequency::Minutely, Frequency::Secondly];
    if several || of_the_day.contains(&parsed.get_freq()) {
        return Err(SeriesFault::TooOften);
    }
    if parsed.get_count().is_some_and(|count| count > u32::from(MOST)) {
        return Err(SeriesFault::TooMany);
    }
    let horizon = start.checked_add_months(HORIZON).unwrap_or(start);
    let found = RRuleSet::new(start).rrule(parsed).before(horizon).all(MOST + 1);
    match found.dates.len() {
        0 => Err(SeriesFault::Never),
        many if many > usize::from(MOST) => Err(SeriesFault::TooMany),
        _ => Ok(found.dates.into_iter().map(|date| date.to_utc()).collect()),
    }
}

/// How far a gathering was moved, so that those that follow it move alike: by so much of local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    by: TimeDelta,
    lasts: TimeDelta,
}

fn local(at: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

impl Shift {
    /// From one appointment to another.
    pub fn between(before: &Appointment, after: &Appointment, zone: Tz) -> Self {
        Self {
            by: local(after.begins, zone) - local(before.begins, zone),
            lasts: after.ends - after.begins,
        }
    }

    /// When a gathering that began at `begins` begins and ends after it.
    pub fn apply(self, begins: DateTime<Utc>, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
        let moved = local(begins, zone) + self.by;
        // A time that a change of the clocks leaves out is as far after it as it was meant to be.
        let begins = moved
            .and_local_timezone(zone)
            .earliest()
            .map_or(begins + self.by, |at| at.to_utc());
        (begins, begins + self.lasts)
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::{Asia::Shanghai, Europe::Berlin};
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn days(rule: &str, first: &str) -> Vec<String> {
        let found = beginnings(rule, at(first), Shanghai).unwrap();
        found
            .iter()
            .map(|at| at.with_timezone(&Shanghai).format("%m-%d %H:%M").to_string())
            .collect()
    }

    #[test]
    fn the_lesson_on_the_25th_of_each_month() {
        let lessons = days("FREQ=MONTHLY;BYMONTHDAY=25;COUNT=3", "2027-01-11T01:00:00Z");
        assert_eq!(lessons, ["01-25 09:00", "02-25 09:00", "03-25 09:00"]);
        let forever = beginnings("FREQ=MONTHLY;BYMONTHDAY=25", at("2027-01-25T01:00:00Z"), Shanghai).unwrap();
        assert_eq!(forever.len(), 25, "two years ahead, the day itself included");
        let three = days("rrule:freq=daily;count=3", "2027-03-08T11:00:00Z");
        assert_eq!(three, ["03-08 19:00", "03-09 19:00", "03-10 19:00"]);
    }

    #[test]
    fn the_last_day_counts_to_its_end() {
        for (until, many) in [
            ("20270325", 3),
            ("20270324", 2),
            ("20270325T010000Z", 3),
            ("20270325T005959Z", 2),
            ("20270125", 1),
        ] {
            let rule = format!("FREQ=MONTHLY;UNTIL={until};BYMONTHDAY=25");
            assert_eq!(days(&rule, "2027-01-25T01:00:00Z").len(), many, "{until}");
        }
        let over = |until: &str| {
            let rule = format!("FREQ=DAILY;UNTIL={until}");
            beginnings(&rule, at("2027-01-25T01:00:00Z"), Shanghai).unwrap_err()
        };
        assert_eq!(over("20270124"), SeriesFault::Over);
        assert_eq!(over("20270125T005959Z"), SeriesFault::Over);
        for until in ["20270230", "2027", "+270125", "20270125T010000"] {
            assert_eq!(over(until), SeriesFault::Malformed, "{until}");
        }
    }

    #[test]
    fn the_time_of_day_stays_when_the_clocks_change() {
        let found = beginnings("FREQ=WEEKLY;COUNT=2", at("2027-03-24T08:00:00Z"), Berlin).unwrap();
        assert_eq!(found, [at("2027-03-24T08:00:00Z"), at("2027-03-31T07:00:00Z")]);
        let lesson = |begins: DateTime<Utc>| Appointment {
            begins,
            ends: begins + TimeDelta::minutes(90),
            place: None,
            link: None,
        };
        let later = lesson(at("2027-03-24T10:00:00Z"));
        let shift = Shift::between(&lesson(at("2027-03-24T08:00:00Z")), &later, Berlin);
        let moved = shift.apply(at("2027-03-31T07:00:00Z"), Berlin);
        assert_eq!(moved, (at("2027-03-31T09:00:00Z"), at("2027-03-31T10:30:00Z")));
    }

    #[test]
    fn a_rule_that_makes_no_series_says_why() {
        let why = |rule: &str| beginnings(rule, at("2027-01-11T01:00:00Z"), Shanghai).unwrap_err();
        for rule in [
            "",
            "每月25日",
            "FREQ=OFTEN",
            "FREQ=MONTHLY;BYMONTHDAY=40",
            "FREQ=DAILY\nRDATE:20270101T000000Z",
        ] {
            assert_eq!(why(rule), SeriesFault::Malformed, "{rule}");
        }
        for rule in [
            "FREQ=HOURLY",
            "FREQ=MINUTELY;COUNT=2",
            "FREQ=SECONDLY",
            "FREQ=DAILY;BYHOUR=9,15",
        ] {
            assert_eq!(why(rule), SeriesFault::TooOften, "{rule}");
        }
        for rule in ["FREQ=DAILY", "FREQ=WEEKLY;COUNT=121"] {
            assert_eq!(why(rule), SeriesFault::TooMany, "{rule}");
        }
        assert_eq!(why("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), SeriesFault::Never);
    }

    proptest! {
        #[test]
        fn no_text_does_harm(rule in "(FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY|HOURLY))?[A-Z0-9;=,+-]{0,60}", first in 0..4_000_000_000_i64) {
            if let Ok(found) = beginnings(&rule, DateTime::from_timestamp(first, 0).unwrap(), Shanghai) {
                prop_assert!((1..=usize::from(MOST)).contains(&found.len()));
                prop_assert!(found.is_sorted() && found[0].timestamp() >= first);
            }
        }
    }
}
