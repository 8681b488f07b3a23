//! Planning the birthdays of a day among all members, and once more.
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use kiteline_tests::clock::TestClock;
use kiteline_tests::engine::Engine;
use persistence::{Settings, Store};

use crate::ground::Yard;
use crate::table::{Aim, Line, Table};

/// A day far ahead, so that no server of this run would send what is planned.
const DAY: &str = "2090-03-01";

/// Measures both engines.
pub(crate) fn measure(yard: &Yard, table: &mut Table) {
    for (engine, name, most) in [(Engine::Postgres, "PostgreSQL", 5.0), (Engine::Sqlite, "SQLite", 10.0)] {
        let ground = yard.ground(engine);
        let day: NaiveDate = DAY.parse().expect("a day");
        let noon: DateTime<Utc> = format!("{DAY}T00:30:00Z").parse().expect("an instant");
        let store = Store::open(Settings {
            url: ground.url.clone(),
            connections: 1,
            vault: yard.vault(),
            clock: Arc::new(TestClock::at(noon)),
            zone: chrono_tz::Asia::Shanghai,
            files: std::env::temp_dir(),
        })
        .expect("the store");
        for (job, what) in [("birthday", "birthdays"), ("checkin_due", "due check-ins")] {
            let (first, took) = plan(&store, job, day);
            let (again, took_again) = plan(&store, job, day);
            table.add(&Line {
                work: format!("planning {what} among {} members", yard.size.members()),
                engine: name,
                figure: format!("{:.2} s: {first} new", took.as_secs_f64()),
                yardstick: format!("again: {:.2} s, {again} new", took_again.as_secs_f64()),
                ratio: Some(took.as_secs_f64()),
                aim: Some(Aim::AtMost(most)),
            });
        }
    }
}

/// How many have been planned for the day so far, and how long this time took.
fn plan(store: &Store, job: &str, day: NaiveDate) -> (usize, Duration) {
    let job = notifications::jobs::find(job).expect("a job");
    let scope = Scope::of_the_machine("figures");
    let began = Instant::now();
    let run = crate::runtime().block_on(notifications::planner::run(store, &scope, job, day));
    (run.expect("a run").planned, began.elapsed())
}
