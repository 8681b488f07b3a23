//! Check-ins a second over HTTP, and what the engine does with the identical statements.
use std::time::Duration;

use kiteline_tests::engine::Engine;
use uuid::Uuid;

use crate::ground::{Ground, Yard};
use crate::load::{self, Line, Load};
use crate::seed::{Kind, at_random};
use crate::server::{Mint, Server};
use crate::statements::{self, Probe, Statement};
use crate::table::{Aim, Line as Row, Table};

/// The version that the probe's journey is given, so that it is told from every other number.
const VERSION: i64 = 770_001;
/// What the server is configured with: as many as the load has at its widest.
const CONNECTIONS: u32 = 16;

/// A check-in that is sent by a member of this number.
fn request(token: &str) -> Vec<u8> {
    let body = format!(
        "{{\"id\":\"{}\",\"kind\":\"periodic\",\"division_code\":\"310115\",\"place\":\"浦东工地宿舍\",\
         \"wellbeing\":\"fine\",\"note\":null,\"recorded_at\":\"{}\"}}",
        Uuid::now_v7(),
        crate::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    );
    format!(
        "POST /v1/me/checkins HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Measures both engines.
pub(crate) fn measure(yard: &Yard, seconds: u64, rounds: usize, table: &mut Table) {
    let time = Duration::from_secs(seconds);
    let (like, postgres) = {
        let ground = yard.ground(Engine::Postgres);
        let like = statements_of_postgres(&ground);
        (like.clone(), measured(&ground, &like, time, rounds))
    };
    let sqlite = {
        let ground = yard.ground(Engine::Sqlite);
        let mint = Mint::new(&ground);
        let statements = statements::of_sqlite(&ground, &like, |server| one(server, &mint));
        measured(&ground, &statements, time, rounds)
    };
    for (engine, by, figures) in [("PostgreSQL", "pgbench", postgres), ("SQLite", "bare loop", sqlite)] {
        for (connections, load, bare) in figures {
            let aim = (connections == 16).then_some(Aim::AtLeast(0.6));
            table.add(&Row {
                work: format!("check-in over HTTP, {connections} conn."),
                engine,
                figure: format!("{:.0}/s", load.rate),
                yardstick: format!("{bare:.0}/s {by}"),
                ratio: Some(load.rate / bare),
                aim,
            });
            let times = format!("p50 {:.2} ms, p99 {:.2} ms", millis(load.median), millis(load.p99));
            table.add(&Row {
                work: format!("… p99 of {connections} conn. by its median"),
                engine,
                figure: times,
                yardstick: String::new(),
                ratio: Some(load.p99.as_secs_f64() / load.median.as_secs_f64()),
                aim: (connections == 16).then_some(Aim::AtMost(5.0)),
            });
        }
    }
    let mint = Mint::new(&yard.ground(Engine::Sqlite));
    let token = mint.token(0);
    let limit = load::own_limit(16, |_| request(&token));
    table.note(format!(
        "The load client by itself, against a listener that answers at once: {limit:.0}/s at 16 connections."
    ));
    let unnamed = like.iter().filter(|statement| statement.unnamed).count();
    table.note(format!(
        "A check-in is {} statements with BEGIN and COMMIT, {unnamed} of them prepared anew each time.",
        like.len()
    ));
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn one(server: &Server, mint: &Mint) {
    let mut line = Line::open(server.address);
    assert_eq!(line.ask(&request(&mint.token(0))), 201);
}

/// The statements of a check-in, from the log.
fn statements_of_postgres(ground: &Ground<'_>) -> Vec<Statement> {
    let journey = ground.literal(Kind::Journey.id(0));
    ground.execute(&format!("update journeys set version = {VERSION} where id = {journey}"));
    let mint = Mint::new(ground);
    let probe = Probe::Member {
        number: 0,
        version: VERSION,
    };
    let statements = statements::of_postgres(ground, &probe, |server| one(server, &mint));
    if std::env::args().any(|argument| argument == "--statements") {
        for statement in &statements {
            eprintln!("{}{}", if statement.unnamed { "(anew) " } else { "" }, statement.sql);
        }
    }
    ground.execute(&format!("update journeys set version = 1 where id = {journey}"));
    statements
}

/// At 1 and 16 connections, server and yardstick in turn, the round with the median ratio.
fn measured(ground: &Ground<'_>, statements: &[Statement], time: Duration, rounds: usize) -> Vec<(usize, Load, f64)> {
    let mint = Mint::new(ground);
    let tokens: Vec<String> = at_random(ground.yard.size).map(|number| mint.token(number)).collect();
    let one_run = |connections: usize| {
        let load = {
            let server = Server::start(ground, CONNECTIONS);
            let requests = |number: usize| {
                let turns = tokens.iter().skip(number).step_by(connections).cycle();
                turns.map(|token| request(token))
            };
            load::run(server.address, connections, Duration::from_secs(1), 201, requests);
            load::run(server.address, connections, time, 201, requests)
        };
        let bare = match ground.engine {
            Engine::Postgres => statements::by_pgbench(ground, statements, connections, time),
            Engine::Sqlite => statements::by_bare_loop(ground, statements, time),
        };
        (connections, load, bare)
    };
    [1, 16]
        .into_iter()
        .map(|connections| {
            let mut runs: Vec<_> = (0..rounds).map(|_| one_run(connections)).collect();
            runs.sort_by(|a, b| (a.1.rate / a.2).total_cmp(&(b.1.rate / b.2)));
            runs.swap_remove(runs.len() / 2)
        })
        .collect()
}
