//! Looks at a whole deployment's data and says what does not hold: the one look that tests, `kiteline doctor` and
//! simulations share.
use domain::access::Scope;
use domain::id::FileId;
use persistence::invariants::{self, Broken, Findings, Jobs};
use persistence::{Store, StoreError};

use crate::jobs;
use crate::planner::CATCH_UP_DAYS;

/// How many files are told of one kind.
const EXAMPLES: usize = 5;

/// Asks every invariant of the database on one snapshot, and holds the files against their rows. O(rows · log rows).
///
/// # Errors
/// When the store fails.
pub async fn inspect(store: &Store) -> Result<Findings, StoreError> {
    let known = Jobs {
        catching_up: jobs::ALL
            .iter()
            .filter(|job| job.catches_up)
            .map(|job| job.name)
            .collect(),
        days: CATCH_UP_DAYS,
    };
    let scope = Scope::of_the_machine("inspection");
    let mut findings = store.read(move |tx| invariants::check(tx, &scope, &known)).await?;
    let files = store.compare_files().await?;
    findings.asked += 2;
    let unfitting = [
        (
            "files_have_their_bytes",
            "every file that has a row is there",
            files.missing,
        ),
        (
            "files_have_a_row",
            "whatever lies in the folder for more than a day has a row",
            files.orphans,
        ),
    ];
    findings.broken.extend(unfitting.into_iter().filter_map(broken));
    Ok(findings)
}

fn broken((name, says, files): (&'static str, &'static str, Vec<FileId>)) -> Option<Broken> {
    (!files.is_empty()).then(|| Broken {
        name,
        says,
        over: "files",
        count: files.len(),
        examples: files.iter().take(EXAMPLES).map(ToString::to_string).collect(),
    })
}
