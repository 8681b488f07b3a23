//! Members taken over from a roster.
use domain::access::{ImportSpreadsheets, ManageMembers, Scope};
use domain::calendar::BirthdayCalendar;
use domain::codes::Standing;
use domain::spreadsheet::{MemberRow, PartialDate};

use super::{Outcome, Refusal};
use crate::members::{self, Facts, Member, MemberChange, NewMember};
use crate::{StoreError, Tx};

/// Why a standing was changed by an import.
const REASON: &str = "名册导入";

/// Takes over members; the same rows again change nothing.
///
/// A member is known by the identity number. Who is new is registered; of who is known in the row's branch, what the row says
/// otherwise is changed, and what it leaves empty stays. Who belongs to another branch is refused, for a transfer of the
/// relation has its own letter and receipt; so are another name, and anybody who is deceased, has left or is suspended:
/// no roster brings them back. `manage` is the same caller's scope for changes. O(rows).
///
/// # Errors
/// When the store fails.
pub fn take_over(
    tx: &mut Tx<'_>,
    (scope, manage): (&Scope<ImportSpreadsheets>, &Scope<ManageMembers>),
    rows: &[MemberRow],
    dry_run: bool,
) -> Result<Outcome, StoreError> {
    let known = members::by_identity(tx, rows.iter().map(|row| &row.identity))?;
    let mut outcome = Outcome::default();
    let mut new = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let Some(before) = known.get(&row.identity) else {
            new.push(NewMember {
                id: tx.fresh(),
                home_branch: row.branch,
                facts: facts(row),
            });
            continue;
        };
        match compare(scope, before, row) {
            Ok(None) => outcome.unchanged += 1,
            Ok(Some(change)) => {
                outcome.changed += 1;
                if !dry_run {
                    members::change(tx, manage, before.id, before.version, change)?;
                }
            }
            Err(refusal) => outcome.refused.push((at, refusal)),
        }
    }
    outcome.created = new.len();
    if !dry_run {
        members::insert_many(tx, scope, &new)?;
    }
    Ok(outcome)
}

fn facts(row: &MemberRow) -> Facts {
    Facts {
        ethnicity: row.ethnicity,
        identity: Some(row.identity.clone()),
        birth: Some(PartialDate::day(row.identity.birth_date())),
        birthday_calendar: if row.lunar_birthday {
            BirthdayCalendar::Lunar
        } else {
            BirthdayCalendar::Solar
        },
        phone: row.phone.clone(),
        email: row.email.clone(),
        education: row.education,
        address: row.address.clone(),
        standing: row.standing.unwrap_or(Standing::Full),
        joined: row.joined_on,
        full_member_on: row.full_member_on,
        ..Facts::new(row.name.clone(), row.gender)
    }
}

/// What the row would change; nothing where it says what is stored.
fn compare(
    scope: &Scope<ImportSpreadsheets>,
    before: &Member,
    row: &MemberRow,
) -> Result<Option<MemberChange>, Refusal> {
    if !scope.covers(&before.path) || before.home_branch != row.branch {
        return Err(Refusal::MemberElsewhere);
    }
    let facts = &before.facts;
    if facts.name != row.name {
        return Err(Refusal::NameDiffers);
    }
    if !facts.standing.is_active() && row.standing.is_none_or(Standing::is_active) {
        return Err(Refusal::StandingForbids);
    }
    let standing = row.standing.filter(|standing| *standing != facts.standing);
    let lunar = row.lunar_birthday && facts.birthday_calendar == BirthdayCalendar::Solar;
    let change = MemberChange {
        ethnicity: other(row.ethnicity.as_ref(), facts.ethnicity.as_ref()).map(Some),
        birthday_calendar: lunar.then_some(BirthdayCalendar::Lunar),
        phone: other(row.phone.as_ref(), facts.phone.as_ref()).map(Some),
        email: other(row.email.as_ref(), facts.email.as_ref()).map(Some),
        education: other(row.education.as_ref(), facts.education.as_ref()).map(Some),
        address: other(row.address.as_ref(), facts.address.as_ref()).map(Some),
        standing,
        joined: other(row.joined_on.as_ref(), facts.joined.as_ref()).map(Some),
        full_member_on: other(row.full_member_on.as_ref(), facts.full_member_on.as_ref()).map(Some),
        reason: standing.map(|_| REASON.to_owned()),
        ..MemberChange::default()
    };
    let same = change == MemberChange::default();
    Ok((!same).then_some(change))
}

/// What the row says, where it says something and something else is stored.
fn other<T: Clone + PartialEq>(said: Option<&T>, stored: Option<&T>) -> Option<T> {
    said.filter(|said| Some(*said) != stored).cloned()
}
