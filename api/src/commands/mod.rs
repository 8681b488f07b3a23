//! The command line: one file a command. Every failure says what happened and what to do next.
mod admin;
mod demo;
mod doctor;
mod house;
mod import;
mod job;
mod mail;
mod migrate;
mod openapi;
mod serve;
mod simulate;
mod trouble;
mod webhooks;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::{self, ConfigError, Log, LogFormat, Settings};
use trouble::{OrAdvise as _, Trouble};

/// Kites and magnets: follows members who move for work, and welcomes those who arrive.
#[derive(Parser)]
#[command(name = "kiteline", version, max_term_width = 100)]
struct Line {
    /// The configuration file [default: kiteline.toml, when there is one; see kiteline.example.toml]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Set up a county to try, in a folder of its own, and serve it
    Demo(demo::Demo),
    /// Run the server, with its jobs and deliveries, until it is told to stop
    Serve,
    /// Bring the database to this version's schema
    Migrate {
        /// Make the key file where there is none; an SQLite database gets one of itself
        #[arg(long)]
        new_keys: bool,
    },
    /// Make the first account
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Take over a spreadsheet of organisations, members, journeys or stays
    Import(import::Import),
    /// List the daily jobs, or run one by hand
    #[command(subcommand)]
    Job(job::Job),
    /// Print the contract (OpenAPI 3.1, YAML)
    Openapi,
    /// Let made-up members live for some months or years in an empty database, and see that everything holds that must
    Simulate(simulate::Simulate),
    /// Look at the database, what it holds, the keys, the mail server and the clock, and say what is wrong
    Doctor,
}

/// Runs what the command line asks for.
pub fn run() -> ExitCode {
    let line = Line::parse();
    let config = line.config.as_deref();
    let outcome = match line.command {
        Command::Openapi => openapi::run(),
        Command::Demo(options) => prepared(read_apart(config), async |settings| demo::run(settings, options).await),
        Command::Serve => prepared(config::load(config), async |settings| serve::run(&settings).await),
        Command::Migrate { new_keys } => prepared(config::load(config), async |settings| {
            migrate::run(&settings, new_keys).await
        }),
        Command::Admin(command) => prepared(config::load(config), async |settings| {
            admin::run(&settings, command).await
        }),
        Command::Import(import) => prepared(config::load(config), async |settings| {
            import::run(&settings, import).await
        }),
        Command::Job(command) => prepared(config::load(config), async |settings| {
            job::run(&settings, command).await
        }),
        Command::Simulate(options) => prepared(config::load(config).map(simulate::quiet), async |settings| {
            simulate::run(&settings, options).await
        }),
        Command::Doctor => prepared(config::load(config), async |settings| doctor::run(&settings).await),
    };
    match outcome {
        Ok(code) => code,
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}

/// The settings of a demo, which takes no deployment's file unless it is named.
fn read_apart(config: Option<&Path>) -> Result<Settings, ConfigError> {
    config.map_or_else(config::load_for_demo, |file| config::load(Some(file)))
}

/// Runs what needs settings, a log and a runtime.
fn prepared(
    settings: Result<Settings, ConfigError>,
    command: impl AsyncFnOnce(Settings) -> Result<ExitCode, Trouble>,
) -> Result<ExitCode, Trouble> {
    let settings = settings.or_advise(
        "the configuration can't be used",
        "kiteline.example.toml explains every key",
    )?;
    log(&settings.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .or_advise(
            "the runtime can't start",
            "look for limits on threads and open files (ulimit -a)",
        )?;
    runtime.block_on(command(settings))
}

/// Sends what the program reports to stderr, so that a command's own output stays clean.
fn log(log: &Log) -> Result<(), Trouble> {
    let filter = EnvFilter::try_new(&log.level).or_advise(
        "log.level can't be read",
        "use error, warn, info, debug or trace, or directives such as info,actix_server=warn",
    )?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match log.format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    Ok(())
}
