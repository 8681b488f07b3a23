//! What must hold in every database, whoever wrote it last: each invariant of the domain as a query that finds what breaks
//! it. `kiteline doctor` and the tests ask the same ones.
//!
//! Each is set-based: it reads the rows of one table once, and looks beside each at what an index finds, so that all of them
//! together are O(rows · log rows). They run on one snapshot and lock nothing.
mod campaigns;
mod computed;
mod gatherings;
mod handovers;
mod kite;
mod magnet;
mod notices;
mod parents;
mod places;
mod services;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use domain::access::{Operate, Scope};
use domain::campaign::StateName as CampaignState;
use domain::gathering::StateName as GatheringState;
use domain::gathering::attendance::StateName as AttendanceState;
use domain::gift::GiftState;
use domain::handover::StateName as HandoverState;
use domain::journey::StateName as JourneyState;
use domain::notification::Occasion;
use domain::service::{MOST_ESCALATIONS, StateName as ServiceState};
use domain::stay::StateName as StayState;
use domain::wish::StateName as WishState;

use crate::db::each;
use crate::outbox::ACTIVE_STANDINGS;
use crate::types::{Id, UuidSql};
use crate::{StoreError, Tx};

/// Something that holds in every database.
#[derive(Debug, Clone, Copy)]
pub struct Invariant {
    /// Its stable name.
    pub name: &'static str,
    /// What holds.
    pub says: &'static str,
    /// The table whose rows are looked at.
    pub over: &'static str,
    finds: Finds,
}

/// How what breaks an invariant is found.
#[derive(Debug, Clone, Copy)]
enum Finds {
    /// A query of the column `id`, in the words of both engines, with the words of [`worded`] in braces.
    By(&'static str),
    /// What the domain has to compute, as the names of what breaks it.
    Computed(fn(&mut Tx<'_>, &Jobs) -> Result<Vec<String>, StoreError>),
}

const fn rows(name: &'static str, says: &'static str, over: &'static str, query: &'static str) -> Invariant {
    Invariant {
        name,
        says,
        over,
        finds: Finds::By(query),
    }
}

/// What is known of the daily jobs outside the store.
#[derive(Debug, Clone)]
pub struct Jobs {
    /// The names of those that make up for days that were missed.
    pub catching_up: Vec<&'static str>,
    /// How many days back they do.
    pub days: u64,
}

/// What was found of one invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Its name.
    pub name: &'static str,
    /// What should hold.
    pub says: &'static str,
    /// In which table.
    pub over: &'static str,
    /// How many rows break it.
    pub count: usize,
    /// Some of them, by id: never by anything that tells who it is about.
    pub examples: Vec<String>,
}

/// What a look at the whole database came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// How many rows were looked at, each table's once.
    pub rows: usize,
    /// How many invariants were asked for.
    pub asked: usize,
    /// Those that do not hold.
    pub broken: Vec<Broken>,
}

/// How many examples of what breaks an invariant are told.
const EXAMPLES: usize = 5;

/// Every invariant.
pub fn all() -> impl Iterator<Item = &'static Invariant> {
    [
        kite::ALL,
        magnet::ALL,
        handovers::ALL,
        notices::ALL,
        gatherings::ALL,
        services::ALL,
        campaigns::ALL,
        places::ALL,
        parents::OF_A_JOURNEY,
        parents::OF_OTHERS,
        computed::ALL,
    ]
    .into_iter()
    .flatten()
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = UuidSql)]
    id: Id,
}

/// Looks at the whole database. O(rows · log rows).
///
/// # Errors
/// When the store fails.
pub fn check(tx: &mut Tx<'_>, _: &Scope<Operate>, jobs: &Jobs) -> Result<Findings, StoreError> {
    let mut findings = Findings::default();
    let words = words(tx.today());
    let mut tables = BTreeMap::new();
    for invariant in all() {
        if !tables.contains_key(invariant.over) {
            tables.insert(
                invariant.over,
                count(tx, &format!("select count(*) as count from {}", invariant.over))?,
            );
        }
        findings.asked += 1;
        let (count, examples) = match invariant.finds {
            Finds::By(query) => by_query(tx, &worded(query, &words))?,
            Finds::Computed(find) => {
                let mut found = find(tx, jobs)?;
                let count = found.len();
                found.truncate(EXAMPLES);
                (count, found)
            }
        };
        if count > 0 {
            findings.broken.push(Broken {
                name: invariant.name,
                says: invariant.says,
                over: invariant.over,
                count,
                examples,
            });
        }
    }
    findings.rows = tables.values().sum();
    Ok(findings)
}

fn by_query(tx: &mut Tx<'_>, query: &str) -> Result<(usize, Vec<String>), StoreError> {
    let count = count(tx, &format!("select count(*) as count from ({query}) as broken"))?;
    if count == 0 {
        return Ok((0, Vec::new()));
    }
    let some = format!("select broken.id from ({query}) as broken order by broken.id limit {EXAMPLES}");
    let found: Vec<Found> = each!(tx.db, c => diesel::sql_query(some).load(c))?;
    Ok((count, found.into_iter().map(|found| found.id.0.to_string()).collect()))
}

fn count(tx: &mut Tx<'_>, query: &str) -> Result<usize, StoreError> {
    let counted: Count = each!(tx.db, c => diesel::sql_query(query).get_result(c))?;
    usize::try_from(counted.count).map_err(StoreError::corrupt)
}

/// The domain's words that queries name in braces: no query keeps a list of its own.
fn words(today: NaiveDate) -> Vec<(&'static str, String)> {
    let list = |words: &mut dyn Iterator<Item = &'static str>| {
        words.map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ")
    };
    let of = |occasions: &[Occasion]| list(&mut occasions.iter().map(|occasion| occasion.as_str()));
    let greetings = Occasion::ALL.iter().filter(|occasion| occasion.is_greeting());
    vec![
        ("{journey_open}", list(&mut crate::journeys::OPEN.into_iter())),
        (
            "{journey_states}",
            list(&mut JourneyState::ALL.iter().map(|state| state.as_str())),
        ),
        (
            "{stay_open}",
            list(&mut StayState::OPEN.iter().map(|state| state.as_str())),
        ),
        (
            "{stay_states}",
            list(&mut StayState::ALL.iter().map(|state| state.as_str())),
        ),
        ("{handover_open}", list(&mut crate::handovers::OPEN.into_iter())),
        (
            "{handover_states}",
            list(&mut HandoverState::ALL.iter().map(|state| state.as_str())),
        ),
        (
            "{gathering_states}",
            list(&mut GatheringState::ALL.iter().map(|one| one.as_str())),
        ),
        (
            "{attendance_states}",
            list(&mut AttendanceState::ALL.iter().map(|one| one.as_str())),
        ),
        (
            "{wish_states}",
            list(&mut WishState::ALL.iter().map(|one| one.as_str())),
        ),
        (
            "{service_states}",
            list(&mut ServiceState::ALL.iter().map(|one| one.as_str())),
        ),
        (
            "{service_unanswered}",
            list(&mut crate::service_requests::UNANSWERED.into_iter()),
        ),
        ("{most_escalations}", MOST_ESCALATIONS.to_string()),
        (
            "{gift_states}",
            list(&mut GiftState::ALL.iter().map(|one| one.as_str())),
        ),
        (
            "{campaign_states}",
            list(&mut CampaignState::ALL.iter().map(|one| one.as_str())),
        ),
        ("{active}", list(&mut ACTIVE_STANDINGS.into_iter())),
        ("{greetings}", list(&mut greetings.map(|occasion| occasion.as_str()))),
        ("{prompts}", of(Occasion::PROMPTS)),
        ("{merging}", merging()),
        ("{today}", format!("'{today}'")),
    ]
}

/// Which prompts merge, as the first of those that they merge with.
fn merging() -> String {
    let one = |occasion: &Occasion| {
        let first = occasion.merges_with().first().unwrap_or(occasion);
        format!("when '{occasion}' then '{first}'")
    };
    let cases: Vec<_> = Occasion::PROMPTS.iter().map(one).collect();
    format!("case occasion {} end", cases.join(" "))
}

fn worded(query: &str, words: &[(&'static str, String)]) -> String {
    let replaced = |query: String, (word, text): &(&'static str, String)| query.replace(word, text);
    words.iter().fold(query.to_owned(), replaced)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_every_word_is_known() {
        let mut names = HashSet::new();
        let words = words(NaiveDate::MIN);
        for invariant in all() {
            assert!(names.insert(invariant.name), "{} twice", invariant.name);
            if let Finds::By(query) = invariant.finds {
                let worded = worded(query, &words);
                assert!(!worded.contains('{'), "{}: {worded}", invariant.name);
            }
        }
    }
}
