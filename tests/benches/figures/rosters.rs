//! Pages of the roster of those who are away: a hundred rows at the beginning, and far behind.
use std::time::Duration;

use kiteline_tests::engine::Engine;

use crate::export;
use crate::ground::{Ground, Yard};
use crate::load::{self, Line, Load};
use crate::seed::{self, AWAY, OFFICE};
use crate::server::{Mint, Server};
use crate::statements::{self, Probe, Statement};
use crate::table::{Aim, Line as Row, Table};

/// Rows of a page.
const ROWS: usize = 100;
/// What the server is configured with: as many as the load has.
const CONNECTIONS: usize = 16;
fn get(path_and_query: &str, token: &str) -> Vec<u8> {
    format!("GET {path_and_query} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n").into_bytes()
}

/// The query of the roster, with something more.
pub(crate) fn roster(more: &str) -> String {
    format!("/v1/rosters/outbound?organisation_id={}{more}", seed::county())
}

/// Measures both engines.
pub(crate) fn measure(yard: &Yard, seconds: u64, rounds: usize, table: &mut Table) {
    let time = Duration::from_secs(seconds);
    let mut like: Option<[Vec<Statement>; 3]> = None;
    for (engine, name) in [(Engine::Postgres, "PostgreSQL"), (Engine::Sqlite, "SQLite")] {
        let ground = yard.ground(engine);
        let token = Mint::new(&ground).token(OFFICE);
        let [first, thousandth] = pages(&ground, &token).map(|page| get(&page, &token));
        let [like_first, like_thousandth, like_whole] = match &like {
            None => [None; 3],
            Some([first, thousandth, whole]) => [Some(first), Some(thousandth), Some(whole)],
        };
        let near = page((&ground, name), ("1", &first), like_first, (time, rounds), table);
        let far = page(
            (&ground, name),
            ("1,000", &thousandth),
            like_thousandth,
            (time, rounds),
            table,
        );
        table.add(&Row {
            work: "… time of page 1,000 by that of page 1".to_owned(),
            engine: name,
            figure: String::new(),
            yardstick: String::new(),
            ratio: Some(near.1 / far.1),
            aim: Some(Aim::AtMost(1.2)),
        });
        let all = export::measure((&ground, name), &token, like_whole, rounds, table);
        like.get_or_insert([near.0, far.0, all]);
    }
}

/// The statements that PostgreSQL was sent for the same, when SQLite is looked at.
pub(crate) type Like<'a> = Option<&'a Vec<Statement>>;

/// One page, again and again; what is sent for it, and how many a second.
fn page(
    (ground, engine): (&Ground<'_>, &'static str),
    (number, request): (&str, &[u8]),
    like: Like<'_>,
    (time, rounds): (Duration, usize),
    table: &mut Table,
) -> (Vec<Statement>, f64) {
    let ask = |server: &Server| assert_eq!(Line::open(server.address).ask(request), 200);
    let sent = match like {
        None => statements::of_postgres(ground, &Probe::Reads, ask),
        Some(like) => statements::of_sqlite(ground, like, ask),
    };
    let (load, bare) = rate(ground, request, &sent, time, rounds);
    table.add(&Row {
        work: format!("roster, page {number} of {ROWS} rows"),
        engine,
        figure: format!("{:.0}/s", load.rate),
        yardstick: format!("{bare:.0}/s"),
        ratio: Some(load.rate / bare),
        aim: Some(Aim::AtLeast(0.5)),
    });
    (sent, load.rate)
}

/// The addresses of page 1 and page 1,000, or the last but one.
fn pages(ground: &Ground<'_>, token: &str) -> [String; 2] {
    let server = Server::start(ground, 1);
    let mut line = Line::open(server.address);
    let (mut cursor, mut rows) = (String::new(), 0);
    let before = (999 * ROWS).min(index(ground.yard.size.members() / AWAY) - 2 * ROWS);
    while rows < before {
        let limit = (before - rows).min(500);
        let answer = line.get(&get(&roster(&format!("&limit={limit}{cursor}")), token));
        assert_eq!(answer.status, 200, "{}", answer.body);
        let page: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
        let items = page.get("items").and_then(serde_json::Value::as_array);
        rows += items.expect("a page").len();
        let next = page.get("next_cursor").and_then(serde_json::Value::as_str);
        cursor = format!("&cursor={}", next.expect("one more page"));
    }
    ["", &cursor].map(|cursor| roster(&format!("&limit={ROWS}{cursor}")))
}

fn index(n: u64) -> usize {
    usize::try_from(n).expect("64 bits")
}

/// Pages a second over HTTP and without the server: the round with the median ratio.
fn rate(ground: &Ground<'_>, request: &[u8], sent: &[Statement], time: Duration, rounds: usize) -> (Load, f64) {
    let mut runs: Vec<_> = (0..rounds)
        .map(|_| {
            let load = {
                let server = Server::start(ground, 16);
                let again = |_| std::iter::repeat(request.to_vec());
                load::run(server.address, CONNECTIONS, Duration::from_secs(1), 200, again);
                load::run(server.address, CONNECTIONS, time, 200, again)
            };
            let bare = match ground.engine {
                Engine::Postgres => statements::by_pgbench(ground, sent, CONNECTIONS, time),
                Engine::Sqlite => statements::by_bare_loop(ground, sent, time),
            };
            (load, bare)
        })
        .collect();
    runs.sort_by(|a, b| (a.0.rate / a.1).total_cmp(&(b.0.rate / b.1)));
    runs.swap_remove(runs.len() / 2)
}
