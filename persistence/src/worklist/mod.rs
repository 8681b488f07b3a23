//! What somebody should do next (工作清单), as [`domain::worklist`] says: a few index ranges a kind, whatever the size of the
//! tree, and the facts of the few tasks that are shown.
mod facts;
mod find;
mod presents;

use chrono::NaiveDate;
use domain::access::{LookAfterMembers, Scope};
use domain::worklist::{Act, COUNTED, Desk, SHOWN, TaskKind, Why};
use uuid::Uuid;

use crate::types::Id;
use crate::{StoreError, Tx};

use facts::Facts;
use presents::Missing;

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The hand-over, journey, stay, member, service request or wish that it is about.
    pub subject: Uuid,
    /// Who, and the name; nobody of a wish.
    pub person: Option<(Uuid, String)>,
    /// When it is due, where there is a day.
    pub due_on: Option<NaiveDate>,
    /// Why it is on the list.
    pub why: Why,
    /// What is to be done.
    pub act: Act,
}

/// What there is to do of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What.
    pub kind: TaskKind,
    /// The first of them.
    pub tasks: Vec<Task>,
    /// How many there are, up to [`COUNTED`].
    pub total: usize,
}

/// A task before its facts are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Waiting {
    id: Id,
    /// Nobody of a wish.
    person: Option<Id>,
    due: Option<NaiveDate>,
    /// Whether it is about a stay, of what may be about a journey or a member at home.
    stays: bool,
}

/// Tasks whose facts are looked at, so that enough are left where some turn out to be none.
const LOOKED_AT: usize = 4 * SHOWN;

/// What waits, of one kind: how much, and the first of it.
struct Found {
    kind: TaskKind,
    total: usize,
    first: Vec<Waiting>,
}

/// What the caller should do, in the order of the list; kinds without a task are left out. O(kinds), and the tasks that
/// are counted.
///
/// # Errors
/// When the store fails.
pub fn of(tx: &mut Tx<'_>, scope: &Scope<LookAfterMembers>, desk: &Desk) -> Result<Vec<Section>, StoreError> {
    tx.plan_once()?;
    let mut found = Vec::new();
    let mut missing = Missing::new();
    for kind in TaskKind::ALL {
        let mut waiting = find::waiting(tx, scope, desk, *kind)?;
        if *kind == TaskKind::Card {
            missing = presents::missing(tx, &waiting)?;
            waiting.retain(|one| missing.contains_key(&(one.id, one.stays)));
        }
        let total = waiting.len();
        waiting.truncate(LOOKED_AT);
        found.push(Found {
            kind: *kind,
            total,
            first: waiting,
        });
    }
    let mut facts = Facts::of(tx, &found, missing)?;
    let mut sections = Vec::new();
    for Found { kind, total, first } in found {
        let mut tasks = facts.tasks(tx, kind, &first)?;
        let total = total - first.len() + tasks.len();
        tasks.truncate(SHOWN);
        if !tasks.is_empty() {
            sections.push(Section {
                kind,
                tasks,
                total: total.min(COUNTED),
            });
        }
    }
    Ok(sections)
}
