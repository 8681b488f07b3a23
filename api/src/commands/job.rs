//! `kiteline job`: which jobs there are, when they ran last, and one of them by hand.
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Subcommand;
use domain::access::Scope;
use notifications::{jobs, planner};
use persistence::job_runs;

use super::house::{self, NAME, OrTroubled as _};
use super::trouble::Trouble;
use crate::config::Settings;

#[derive(Subcommand)]
pub(super) enum Job {
    /// Name every job, what it does, and its last run
    List,
    /// Plan a job's notifications for a day; what is planned already stays as it is
    Run {
        /// The job's name, as `job list` has it
        name: String,
        /// The day, YYYY-MM-DD [default: today in the deployment's zone]
        #[arg(long)]
        date: Option<NaiveDate>,
    },
}

/// Runs the subcommand.
pub(super) async fn run(settings: &Settings, job: Job) -> Result<ExitCode, Trouble> {
    match job {
        Job::List => list(settings).await,
        Job::Run { name, date } => run_one(settings, &name, date).await,
    }
}

async fn list(settings: &Settings) -> Result<ExitCode, Trouble> {
    let store = house::open(settings).await?.store;
    for job in jobs::ALL {
        let last = store
            .read(|tx| job_runs::latest(tx, &Scope::of_the_machine(NAME), job.name))
            .await;
        let last = match last.or_troubled("the runs can't be read")? {
            None => "not yet run".to_owned(),
            Some(run) => match run.failure {
                Some(failure) => format!("last for {}: failed: {failure}", run.day),
                None => format!("last for {}: {} planned", run.day, run.planned),
            },
        };
        println!("{:<20} {} ({last})\n{:<20} {}", job.name, job.en, "", job.zh);
    }
    Ok(ExitCode::SUCCESS)
}

async fn run_one(settings: &Settings, name: &str, date: Option<NaiveDate>) -> Result<ExitCode, Trouble> {
    let job = jobs::find(name).ok_or_else(|| {
        let names: Vec<_> = jobs::ALL.iter().map(|job| job.name).collect();
        Trouble::new(
            format!("there is no job {name}"),
            format!("choose one of: {}", names.join(", ")),
        )
    })?;
    let store = house::open(settings).await?.store;
    let day = date.unwrap_or_else(|| store.today());
    let run = planner::run(&store, &Scope::of_the_machine("kiteline job run"), job, day)
        .await
        .or_troubled("the job failed")?;
    println!(
        "{} for {day}: {} new; a running server delivers them",
        job.name, run.planned
    );
    Ok(ExitCode::SUCCESS)
}
