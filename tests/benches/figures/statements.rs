//! The statements that the server really sends for a request, and how fast they run without the server: by `pgbench`,
//! and in a bare loop over SQLite.
//!
//! On PostgreSQL they are read from the server's log with their parameters, on SQLite from diesel's instrumentation,
//! which tells no parameters: those are the same, one for one, since both come from the same queries.
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use kiteline_tests::engine::Engine;
use rusqlite::Connection;
use rusqlite::types::Value;
use uuid::Uuid;

use crate::ground::Ground;
use crate::seed::Kind;
use crate::server::Server;

/// A parameter of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Param {
    /// The same each time.
    Fixed(String),
    Null,
    /// An id of the member whose turn it is.
    Of(Kind),
    /// An id made for the occasion.
    Fresh,
    /// The journey's version as it was read, plus this.
    Version(i64),
}

/// A statement as it was sent.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    pub(crate) params: Vec<Param>,
    /// Whether it was prepared for this one use, which costs a round trip and a plan each time.
    pub(crate) unnamed: bool,
}

/// What is known of the request whose statements are looked at.
pub(crate) enum Probe {
    /// It only reads, for the same caller each time: every parameter is the same.
    Reads,
    /// A member writes: ids of the member follow whose turn it is, others are made for the occasion.
    Member {
        /// The member's number.
        number: u64,
        /// The journey's version before the request.
        version: i64,
    },
}

impl Probe {
    /// The same after so many requests.
    fn after(&self, requests: i64) -> Self {
        match self {
            Self::Reads => Self::Reads,
            Self::Member { number, version } => Self::Member {
                number: *number,
                version: version + requests,
            },
        }
    }
}

/// The statements of one request on PostgreSQL. The request is made three times: what is prepared once is prepared then.
pub(crate) fn of_postgres(ground: &Ground<'_>, probe: &Probe, mut request: impl FnMut(&Server)) -> Vec<Statement> {
    ground.psql(
        "do $$ begin execute format('alter database %I set log_statement = ''all''', current_database()); end $$",
    );
    let server = Server::noting(ground, &ground.yard.folder.join("unused.sql"));
    request(&server);
    request(&server);
    let before = fs::read_to_string(ground.yard.cluster.log()).expect("the log").len();
    request(&server);
    // The log is written before the answer is given, but by another process.
    std::thread::sleep(Duration::from_millis(100));
    let log = fs::read_to_string(ground.yard.cluster.log()).expect("the log");
    ground.psql("do $$ begin execute format('alter database %I reset log_statement', current_database()); end $$");
    read_log(log.get(before..).unwrap_or_default(), &probe.after(2))
}

fn read_log(log: &str, probe: &Probe) -> Vec<Statement> {
    let mut statements: Vec<Statement> = Vec::new();
    for line in log.lines() {
        if let Some((_, sql)) = line.split_once("LOG:  statement: ") {
            statements.push(Statement {
                sql: sql.to_owned(),
                params: Vec::new(),
                unnamed: false,
            });
        } else if let Some((name, sql)) = line
            .split_once("LOG:  execute ")
            .and_then(|(_, rest)| rest.split_once(": "))
        {
            statements.push(Statement {
                sql: sql.to_owned(),
                params: Vec::new(),
                unnamed: name == "<unnamed>",
            });
        } else if let Some((_, params)) = line
            .split_once("DETAIL:  parameters: ")
            .or_else(|| line.split_once("DETAIL:  Parameters: "))
            && let Some(last) = statements.last_mut()
        {
            last.params = params_of(params, probe);
        }
    }
    statements
}

/// Reads `$1 = 'text', $2 = NULL`.
fn params_of(mut text: &str, probe: &Probe) -> Vec<Param> {
    let mut params = Vec::new();
    while let Some((_, rest)) = text.split_once(" = ") {
        if let Some(quoted) = rest.strip_prefix('\'') {
            let mut value = String::new();
            let mut left = quoted;
            loop {
                let Some((piece, after)) = left.split_once('\'') else {
                    return params;
                };
                value.push_str(piece);
                if let Some(again) = after.strip_prefix('\'') {
                    value.push('\'');
                    left = again;
                } else {
                    text = after;
                    break;
                }
            }
            params.push(meaning(value, probe));
        } else {
            params.push(Param::Null);
            text = rest;
        }
    }
    params
}

fn meaning(value: String, probe: &Probe) -> Param {
    let Probe::Member { number, version } = *probe else {
        return Param::Fixed(value);
    };
    if let Ok(id) = value.parse::<Uuid>() {
        let of_member = Kind::OF_A_MEMBER.into_iter().find(|kind| kind.id(number) == id);
        let seeded = value.starts_with(Kind::Organisation.prefix());
        return match of_member {
            Some(kind) => Param::Of(kind),
            None if seeded => Param::Fixed(value),
            None => Param::Fresh,
        };
    }
    match value.parse::<i64>() {
        // A version is told from other small numbers by what the caller made it.
        Ok(number) if number == version || number == version + 1 => Param::Version(number - version),
        _ => Param::Fixed(value),
    }
}

/// The statements of one request on SQLite, with the parameters of the same ones on PostgreSQL.
pub(crate) fn of_sqlite(ground: &Ground<'_>, like: &[Statement], mut request: impl FnMut(&Server)) -> Vec<Statement> {
    let file = ground.yard.folder.join("statements.sql");
    fs::remove_file(&file).ok();
    let server = Server::noting(ground, &file);
    request(&server);
    let before = fs::read_to_string(&file).expect("the statements").len();
    request(&server);
    let text = fs::read_to_string(&file).expect("the statements");
    let told = text.get(before..).unwrap_or_default().lines();
    let sql: Vec<String> = told
        .map(|line| line.split(" -- binds:").next().unwrap_or(line).trim().to_owned())
        .collect();
    let known: Vec<_> = like.iter().filter(|statement| !is_frame(&statement.sql)).collect();
    let (mut at, mut statements) = (0, Vec::new());
    for sql in sql {
        let params = if is_frame(&sql) {
            Vec::new()
        } else {
            at += 1;
            one_by_one(known.get(at - 1).expect("as many statements as on PostgreSQL"))
        };
        statements.push(Statement {
            sql,
            params,
            unnamed: false,
        });
    }
    statements
}

/// The parameters with each array of PostgreSQL as the values of a list.
fn one_by_one(statement: &Statement) -> Vec<Param> {
    let values = |(at, param): (usize, &Param)| match param {
        Param::Fixed(array) if statement.sql.contains(&format!("ANY(${})", at + 1)) => array
            .trim_matches(['{', '}'])
            .split(',')
            .map(|value| Param::Fixed(value.trim_matches('"').to_owned()))
            .collect(),
        other => vec![other.clone()],
    };
    statement.params.iter().enumerate().flat_map(values).collect()
}

/// Whether it begins or ends a transaction.
fn is_frame(sql: &str) -> bool {
    ["BEGIN", "COMMIT"]
        .iter()
        .any(|word| sql.to_uppercase().starts_with(word))
}

/// Runs the statements by `pgbench`, for members with a login in random order; transactions a second.
pub(crate) fn by_pgbench(ground: &Ground<'_>, statements: &[Statement], connections: usize, time: Duration) -> f64 {
    let (script, variables) = script(ground, statements);
    let file = ground.yard.folder.join("script.sql");
    fs::write(&file, script).expect("the script");
    let mut command = Command::new(pgbench(ground));
    command
        .args(["-n", "-M", "prepared", "-c", &connections.to_string()])
        .args(["-j", &connections.min(2).to_string(), "-T", &time.as_secs().to_string()])
        .arg("-f")
        .arg(&file);
    for (name, value) in variables {
        command.arg("-D").arg(format!("{name}={value}"));
    }
    let output = command.arg(&ground.url).output().expect("pgbench");
    let (said, failed) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    let tps = said.lines().find_map(|line| line.strip_prefix("tps = "));
    let tps = tps
        .and_then(|rest| rest.split(' ').next())
        .and_then(|tps| tps.parse().ok());
    match tps {
        Some(tps) if output.status.success() => tps,
        _ => panic!("pgbench: {said}\n{failed}"),
    }
}

fn pgbench(ground: &Ground<'_>) -> PathBuf {
    ground.yard.cluster.programs().join("pgbench")
}

/// The script, and the variables that hold what is the same each time.
fn script(ground: &Ground<'_>, statements: &[Statement]) -> (String, Vec<(String, String)>) {
    let (last, step) = (ground.yard.size.logins() - 1, crate::seed::AWAY);
    let mut script = format!("\\set n {step} * random(0, {last})\n");
    let mut variables = Vec::new();
    for (s, statement) in statements.iter().enumerate() {
        let mut sql = statement.sql.clone();
        // From the last to the first, so that $1 does not spoil $10.
        for (p, param) in statement.params.iter().enumerate().rev() {
            let name = format!("s{s}p{p}");
            let text = match param {
                Param::Fixed(value) => {
                    variables.push((name.clone(), value.clone()));
                    format!(":{name}")
                }
                Param::Null => "NULL".to_owned(),
                Param::Of(kind) => format!("(('{}' || lpad(to_hex(:n::bigint), 12, '0'))::uuid)", kind.prefix()),
                Param::Fresh => "gen_random_uuid()".to_owned(),
                Param::Version(0) => ":j_version".to_owned(),
                Param::Version(more) => format!("(:j_version::int + {more})"),
            };
            sql = sql.replace(&format!("${}", p + 1), &text);
        }
        let end = if reads_journey(&sql) { " \\gset j_\n" } else { ";\n" };
        script.push_str(&sql);
        script.push_str(end);
    }
    (script, variables)
}

/// Whether the statement is the one that finds the journey, with its version.
fn reads_journey(sql: &str) -> bool {
    sql.starts_with("SELECT") && sql.contains("FROM \"journeys\"") && sql.contains("\"journeys\".\"version\"")
        || sql.starts_with("SELECT") && sql.contains("FROM `journeys`") && sql.contains("`journeys`.`version`")
}

/// Runs the statements in a bare loop over SQLite: one connection, each statement prepared once; rounds a second.
pub(crate) fn by_bare_loop(ground: &Ground<'_>, statements: &[Statement], time: Duration) -> f64 {
    assert_eq!(ground.engine, Engine::Sqlite);
    let connection = Connection::open(&ground.url).expect("the file");
    connection
        .execute_batch(
            "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; \
             PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000;",
        )
        .expect("pragmas");
    let mut prepared: Vec<_> = statements
        .iter()
        .map(|statement| (statement, connection.prepare(&statement.sql).expect(&statement.sql)))
        .collect();
    let mut numbers = crate::seed::at_random(ground.yard.size)
        .collect::<Vec<_>>()
        .into_iter()
        .cycle();
    let (began, mut rounds, mut version) = (Instant::now(), 0_u32, 0);
    while began.elapsed() < time {
        let number = numbers.next().unwrap_or_default();
        for (statement, prepared) in &mut prepared {
            bind(prepared, &statement.params, number, version);
            let reads = reads_journey(&statement.sql);
            let mut rows = prepared.raw_query();
            while let Some(row) = rows.next().expect("a row") {
                if reads {
                    version = row.get("version").expect("a version");
                }
            }
        }
        rounds += 1;
    }
    f64::from(rounds) / began.elapsed().as_secs_f64()
}

/// Binds the parameters for the member with this number.
pub(crate) fn bind(prepared: &mut rusqlite::Statement<'_>, params: &[Param], number: u64, version: i64) {
    for (at, param) in params.iter().enumerate() {
        prepared
            .raw_bind_parameter(at + 1, value_of(param, number, version))
            .expect("a parameter");
    }
}

fn value_of(param: &Param, number: u64, version: i64) -> Value {
    match param {
        Param::Null => Value::Null,
        Param::Of(kind) => Value::Blob(kind.id(number).as_bytes().to_vec()),
        Param::Fresh => Value::Blob(Uuid::now_v7().as_bytes().to_vec()),
        Param::Version(more) => Value::Integer(version + more),
        Param::Fixed(value) => fixed(value),
    }
}

/// A parameter as PostgreSQL logged it, as SQLite keeps it.
fn fixed(value: &str) -> Value {
    if let Ok(id) = value.parse::<Uuid>() {
        return Value::Blob(id.as_bytes().to_vec());
    }
    match value {
        "t" => Value::Integer(1),
        "f" => Value::Integer(0),
        _ => value
            .parse()
            .map_or_else(|_text| Value::Text(value.to_owned()), Value::Integer),
    }
}
