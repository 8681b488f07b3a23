//! Single answers over HTTP: the work list of a county, and every statistic of a county and of a province.
use std::time::{Duration, Instant};

use kiteline_tests::engine::Engine;

use crate::ground::{Ground, Size, Yard};
use crate::land;
use crate::load::Line;
use crate::seed::{Kind, OFFICE};
use crate::server::{Mint, Server};
use crate::table::{Aim, Line as Row, Table};

/// Connections that the server has; one question is asked at a time.
const CONNECTIONS: u32 = 4;

/// Something that is asked, and by whom.
pub(crate) struct Question {
    /// What the table calls it.
    what: &'static str,
    /// Path and query; `{place}` is the organisation of whoever asks, `{branch}` the first branch.
    path: &'static str,
    /// The number of who asks.
    asks: u64,
}

const fn asks(what: &'static str, path: &'static str, asks: u64) -> Question {
    Question { what, path, asks }
}

/// The work lists of those who have one.
pub(crate) const WORK_LISTS: &[Question] = &[
    asks("work list of a branch secretary", "/v1/worklist", land::SECRETARY),
    asks("work list of the office above all", "/v1/worklist", OFFICE),
];

/// Every statistic, of everything below whoever asks; another one is a line.
pub(crate) const STATISTICS: &[Question] = &[
    asks("overview", "/v1/statistics/overview?organisation_id={place}", OFFICE),
    asks(
        "flows between provinces",
        "/v1/statistics/flows?organisation_id={place}&grain=province",
        OFFICE,
    ),
    asks(
        "flows between cities",
        "/v1/statistics/flows?organisation_id={place}&grain=city",
        OFFICE,
    ),
    asks(
        "flows between counties",
        "/v1/statistics/flows?organisation_id={place}&grain=county",
        OFFICE,
    ),
    asks("trend by month", "/v1/statistics/trend?organisation_id={place}", OFFICE),
    asks("coverage", "/v1/statistics/coverage?organisation_id={place}", OFFICE),
    asks("who is behind", "/v1/statistics/behind?organisation_id={place}", OFFICE),
    asks("yearly tables", "/v1/statistics/yearly?organisation_id={place}", OFFICE),
    asks(
        "overview as a picture",
        "/v1/statistics/overview.svg?organisation_id={place}",
        OFFICE,
    ),
    asks(
        "flows as a picture",
        "/v1/statistics/flows.svg?organisation_id={place}",
        OFFICE,
    ),
    asks(
        "trend as a picture",
        "/v1/statistics/trend.svg?organisation_id={place}",
        OFFICE,
    ),
    asks(
        "coverage as a picture",
        "/v1/statistics/coverage.svg?organisation_id={place}",
        OFFICE,
    ),
    asks(
        "overview as a workbook",
        "/v1/statistics/overview?organisation_id={place}&format=xlsx",
        OFFICE,
    ),
    asks(
        "flows as a workbook",
        "/v1/statistics/flows?organisation_id={place}&format=xlsx",
        OFFICE,
    ),
    asks(
        "yearly tables as a workbook",
        "/v1/statistics/yearly?organisation_id={place}&format=xlsx",
        OFFICE,
    ),
    asks(
        "overview with small cells hidden",
        "/v1/statistics/overview?organisation_id={place}",
        land::AUDITOR,
    ),
    asks(
        "flows with small cells hidden",
        "/v1/statistics/flows?organisation_id={place}&grain=county",
        land::AUDITOR,
    ),
    asks(
        "trend with small cells hidden",
        "/v1/statistics/trend?organisation_id={place}",
        land::AUDITOR,
    ),
    asks(
        "coverage with small cells hidden",
        "/v1/statistics/coverage?organisation_id={place}",
        land::AUDITOR,
    ),
    asks(
        "overview of a branch with small cells hidden",
        "/v1/statistics/overview?organisation_id={branch}",
        land::AUDITOR,
    ),
    asks(
        "trend of a branch with small cells hidden",
        "/v1/statistics/trend?organisation_id={branch}",
        land::AUDITOR,
    ),
    asks(
        "coverage of a branch with small cells hidden",
        "/v1/statistics/coverage?organisation_id={branch}",
        land::AUDITOR,
    ),
    asks(
        "flows of a branch with small cells hidden",
        "/v1/statistics/flows?organisation_id={branch}",
        land::AUDITOR,
    ),
    asks(
        "yearly tables of a branch with small cells hidden",
        "/v1/statistics/yearly?organisation_id={branch}",
        land::AUDITOR,
    ),
];

/// How often each is asked before and while it is measured.
const BEFORE: usize = 2;
const COUNTY_TIMES: usize = 30;
const PROVINCE_TIMES: usize = 5;

/// Measures the work lists of a county on both engines.
pub(crate) fn work_lists(yard: &Yard, table: &mut Table) {
    for (engine, name) in ENGINES {
        let ground = yard.ground_of(engine, Size::County);
        answers(
            &ground,
            name,
            WORK_LISTS,
            (COUNTY_TIMES, Duration::from_millis(20)),
            table,
        );
    }
}

/// Measures every statistic: of a county on both engines, of a province on PostgreSQL.
pub(crate) fn statistics(yard: &Yard, province: bool, table: &mut Table) {
    for (engine, name) in ENGINES {
        let ground = yard.ground_of(engine, Size::County);
        answers(
            &ground,
            name,
            STATISTICS,
            (COUNTY_TIMES, Duration::from_millis(300)),
            table,
        );
    }
    if province {
        let ground = yard.ground_of(Engine::Postgres, Size::Province);
        table.note(format!(
            "The province's database takes {} on the disk.",
            ground.size_on_disk()
        ));
        answers(
            &ground,
            "PostgreSQL",
            STATISTICS,
            (PROVINCE_TIMES, Duration::from_secs(3)),
            table,
        );
    }
}

const ENGINES: [(Engine, &str); 2] = [(Engine::Postgres, "PostgreSQL"), (Engine::Sqlite, "SQLite")];

/// Asks each question again and again over one connection; the slowest answer after the first is held against `most`.
fn answers(
    ground: &Ground<'_>,
    engine: &'static str,
    questions: &[Question],
    (times, most): (usize, Duration),
    table: &mut Table,
) {
    let server = Server::start(ground, CONNECTIONS);
    let (mint, members) = (Mint::new(ground), ground.size.members());
    let mut line = Line::open(server.address);
    for Question { what, path, asks } in questions {
        let organisation = |number| Kind::Organisation.id(number).to_string();
        let path = path
            .replace("{place}", &organisation(land::place_of(ground.size, *asks)))
            .replace("{branch}", &organisation(land::place_of(ground.size, land::SECRETARY)));
        let token = mint.token(*asks);
        let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n");
        let mut took: Vec<Duration> = (0..BEFORE + times)
            .map(|_| {
                let asked = Instant::now();
                let status = line.ask(request.as_bytes());
                assert_eq!(status, 200, "{path}");
                asked.elapsed()
            })
            .skip(BEFORE)
            .collect();
        took.sort_unstable();
        let at = |index: usize| took.get(index).copied().unwrap_or_default().as_secs_f64() * 1000.0;
        let (median, slowest) = (at(times / 2), at(times - 1));
        table.add(&Row {
            work: format!("{what}, {members} members, ms"),
            engine,
            figure: format!("p50 {median:.1} ms, slowest of {times} {slowest:.1} ms"),
            yardstick: String::new(),
            ratio: Some(slowest),
            aim: Some(Aim::AtMost(most.as_secs_f64() * 1000.0)),
        });
    }
}
