//! How long to wait before the next attempt.
use chrono::{DateTime, TimeDelta, Utc};

/// The first pause; each later one is four times as long.
const FIRST: TimeDelta = TimeDelta::minutes(1);
/// The longest pause.
const LONGEST: TimeDelta = TimeDelta::hours(6);
/// After so long without success it is given up.
const PATIENCE: TimeDelta = TimeDelta::hours(24);

/// When to try again after the `attempts`th attempt has failed at `now`; none when it is to be given up. `jitter` from
/// 0 to 1 spreads the pauses by a fifth, so that those who failed together do not come back together.
pub(crate) fn again(
    attempts: i32,
    first_tried_at: DateTime<Utc>,
    now: DateTime<Utc>,
    jitter: f64,
) -> Option<DateTime<Utc>> {
    again_within(PATIENCE, attempts, first_tried_at, now, jitter)
}

/// The same, with a patience of its own.
pub(crate) fn again_within(
    patience: TimeDelta,
    attempts: i32,
    first_tried_at: DateTime<Utc>,
    now: DateTime<Utc>,
    jitter: f64,
) -> Option<DateTime<Utc>> {
    let grown = (1..attempts).fold(FIRST, |pause, _| (pause * 4).min(LONGEST));
    let fifth = grown.as_seconds_f64() * 0.2 * jitter.clamp(0.0, 1.0);
    let pause = grown + TimeDelta::from_std(std::time::Duration::from_secs_f64(fifth)).unwrap_or_default();
    (now - first_tried_at < patience).then_some(now + pause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_a_minute_to_six_hours_and_end_after_a_day() {
        let start = DateTime::UNIX_EPOCH;
        let (mut now, mut attempts, mut pauses) = (start, 1, Vec::new());
        while let Some(next) = again(attempts, start, now, 0.0) {
            pauses.push((next - now).num_minutes());
            (now, attempts) = (next, attempts + 1);
        }
        assert_eq!(pauses, [1, 4, 16, 64, 256, 360, 360, 360, 360]);
        assert_eq!(again(1, start, start, 1.0), Some(start + TimeDelta::seconds(72)));
    }
}
