//! Kiteline's figures, each against its yardstick, on both engines: see ../README.md.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a measurement that goes wrong has to stop, and say where"
)]

mod answers;
mod checkins;
mod export;
mod ground;
mod land;
mod load;
mod planning;
mod rosters;
mod seed;
mod server;
mod start;
mod statements;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use clap::{Parser, ValueEnum};
use domain::clock::Clock as _;
use tokio::runtime::Runtime;

use ground::{Size, Yard};
use table::Table;

/// Measures Kiteline on PostgreSQL and SQLite.
#[derive(Parser)]
struct Line {
    /// A tenth of the members and short rounds: to try the program, not to quote
    #[arg(long)]
    quick: bool,
    /// Only these
    #[arg(long, value_enum)]
    only: Vec<Figure>,
    /// Seconds of each round
    #[arg(long, default_value_t = 6)]
    seconds: u64,
    /// Rounds, of which the one with the median ratio is told
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Show the statements that the server sends
    #[arg(long)]
    statements: bool,
    /// The server's program, instead of the one that is built from this source
    #[arg(long, value_name = "PROGRAM")]
    server: Option<PathBuf>,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Figure {
    Checkins,
    Planning,
    Rosters,
    Start,
    Statistics,
    Worklist,
}

fn main() -> ExitCode {
    if let Some(code) = server::play() {
        return code;
    }
    let line = Line::parse();
    let (size, seconds, rounds) = if line.quick {
        (Size::Quick, 2, 1)
    } else {
        (Size::Full, line.seconds, line.rounds)
    };
    let asked = |figure| line.only.is_empty() || line.only.contains(&figure);
    let (yard, mut table) = (Yard::open(size, line.server), Table::default());
    if asked(Figure::Start) {
        start::measure(&yard, &mut table);
    }
    if asked(Figure::Planning) {
        planning::measure(&yard, &mut table);
    }
    if asked(Figure::Checkins) {
        checkins::measure(&yard, seconds, rounds, &mut table);
    }
    if asked(Figure::Rosters) {
        rosters::measure(&yard, seconds, rounds, &mut table);
    }
    if asked(Figure::Worklist) {
        answers::work_lists(&yard, &mut table);
    }
    if asked(Figure::Statistics) {
        answers::statistics(&yard, !line.quick, &mut table);
    }
    println!("{}", table.text());
    ExitCode::SUCCESS
}

/// The machine's time.
fn now() -> DateTime<Utc> {
    api::SystemClock.now()
}

/// What the store's calls run on.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a runtime"))
}

/// A count as a number to divide by.
fn float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// KiB as MiB.
fn mebibytes(kib: u64) -> f64 {
    u32::try_from(kib).map_or(f64::INFINITY, f64::from) / 1024.0
}
