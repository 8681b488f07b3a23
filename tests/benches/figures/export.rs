//! The whole roster of those who are away as CSV, beside the same rows without the server.
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use kiteline_tests::engine::Engine;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::ground::Ground;
use crate::rosters::{Like, roster};
use crate::server::Server;
use crate::statements::{self, Param, Probe, Statement};
use crate::table::{Aim, Line, Table};

/// What a download came to.
struct Download {
    took: Duration,
    first_byte: Duration,
    bytes: usize,
    /// By how much the server's memory was higher at its highest, KiB.
    grown: u64,
}

/// Downloads and bare walks in turn; the round with the median ratio is told. Returns what the server sends.
pub(crate) fn measure(
    (ground, engine): (&Ground<'_>, &'static str),
    token: &str,
    like: Like<'_>,
    rounds: usize,
    table: &mut Table,
) -> Vec<Statement> {
    let fetch = |server: &Server| {
        download(server, token);
    };
    let sent = match like {
        None => statements::of_postgres(ground, &Probe::Reads, fetch),
        Some(like) => statements::of_sqlite(ground, like, fetch),
    };
    let query = select(&sent);
    let mut runs: Vec<(Download, Duration)> = (0..rounds)
        .map(|_| {
            let downloaded = download(&Server::start(ground, 4), token);
            (downloaded, bare(ground, query))
        })
        .collect();
    runs.sort_by_key(|(download, bare)| download.took.as_micros() * 1000 / bare.as_micros().max(1));
    let (run, bare) = runs.swap_remove(runs.len() / 2);
    tell(engine, &run, bare, table);
    sent
}

fn tell(engine: &'static str, run: &Download, bare: Duration, table: &mut Table) {
    let by = if engine == "PostgreSQL" { "\\copy" } else { "bare walk" };
    table.add(&Line {
        work: format!("roster, whole, CSV, {:.0} MB", crate::float(run.bytes) / 1e6),
        engine,
        figure: format!("{:.2} s", run.took.as_secs_f64()),
        yardstick: format!("{:.2} s {by}", bare.as_secs_f64()),
        ratio: Some(bare.as_secs_f64() / run.took.as_secs_f64()),
        aim: Some(Aim::AtLeast(0.5)),
    });
    table.add(&Line {
        work: "… first byte, seconds".to_owned(),
        engine,
        figure: format!("{:.0} ms", run.first_byte.as_secs_f64() * 1000.0),
        yardstick: String::new(),
        ratio: Some(run.first_byte.as_secs_f64()),
        aim: Some(Aim::AtMost(0.1)),
    });
    let grown = crate::mebibytes(run.grown);
    table.add(&Line {
        work: "… memory grown, MiB".to_owned(),
        engine,
        figure: format!("{grown:.1} MiB"),
        yardstick: String::new(),
        ratio: Some(grown),
        aim: Some(Aim::AtMost(32.0)),
    });
}

fn download(server: &Server, token: &str) -> Download {
    let request = format!(
        "GET {} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n",
        roster("&format=csv")
    );
    let before = server.memory("VmHWM");
    let mut stream = TcpStream::connect(server.address).expect("the server takes connections");
    let began = Instant::now();
    stream.write_all(request.as_bytes()).expect("the server reads");
    let (mut buffer, mut bytes, mut first_byte) = (vec![0; 1 << 16], 0, None);
    loop {
        let read = stream.read(&mut buffer).expect("the server answers");
        if read == 0 {
            break;
        }
        first_byte.get_or_insert_with(|| began.elapsed());
        bytes += read;
    }
    assert!(bytes > 1_000_000, "too short: {}", String::from_utf8_lossy(&buffer));
    Download {
        took: began.elapsed(),
        first_byte: first_byte.unwrap_or_default(),
        bytes,
        grown: server.memory("VmHWM") - before,
    }
}

/// The statement that yields the rows: the longest of those that the server sends.
fn select(sent: &[Statement]) -> &Statement {
    let selects = sent.iter().filter(|statement| statement.sql.starts_with("SELECT"));
    selects.max_by_key(|statement| statement.sql.len()).expect("a query")
}

/// How long the same rows take without the server.
fn bare(ground: &Ground<'_>, query: &Statement) -> Duration {
    let began = Instant::now();
    match ground.engine {
        Engine::Postgres => copy(ground, query),
        Engine::Sqlite => walk(ground, query),
    }
    began.elapsed()
}

/// `\copy`, with the parameters written into the statement.
fn copy(ground: &Ground<'_>, query: &Statement) {
    let mut sql = query.sql.clone();
    for (at, param) in query.params.iter().enumerate().rev() {
        let Param::Fixed(value) = param else { continue };
        sql = sql.replace(&format!("${}", at + 1), &format!("'{}'", value.replace('\'', "''")));
    }
    let psql = ground.yard.cluster.programs().join("psql");
    let copy = format!("\\copy ({sql}) to '/dev/null' with (format csv)");
    let status = Command::new(psql).args(["-X", "-q", "-c", &copy, &ground.url]).status();
    assert!(status.expect("psql").success(), "{copy}");
}

/// Walks the rows and writes each value as text, as an export would.
fn walk(ground: &Ground<'_>, query: &Statement) {
    let connection = Connection::open(&ground.url).expect("the file");
    let mut select = connection.prepare(&query.sql).expect("the query");
    let columns = select.column_count();
    statements::bind(&mut select, &query.params, 0, 0);
    let mut rows = select.raw_query();
    let mut text = Vec::with_capacity(1 << 17);
    while let Some(row) = rows.next().expect("a row") {
        for column in 0..columns {
            match row.get_ref(column).expect("a value") {
                ValueRef::Null => {}
                ValueRef::Integer(number) => write!(text, "{number}").expect("memory"),
                ValueRef::Real(number) => write!(text, "{number}").expect("memory"),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => text.extend_from_slice(bytes),
            }
            text.push(b',');
        }
        text.push(b'\n');
        if text.len() > 1 << 16 {
            std::hint::black_box(&text);
            text.clear();
        }
    }
}
