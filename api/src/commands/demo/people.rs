//! Made-up members by the thousand. Their identity numbers begin 320600, which is no county, and their phones 1990.
use chrono::{Days, NaiveDate};
use domain::access::{ImportSpreadsheets, Scope};
use domain::codes::Gender;
use domain::id::{MemberId, OrganisationId};
use domain::identity::IdentityNumber;
use domain::phone::Phone;
use domain::spreadsheet::PartialDate;
use persistence::members::{self, Facts, NewMember};
use persistence::{Store, StoreError};
use rand::rngs::ChaCha12Rng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::commands::house::NAME;

/// Members in one transaction.
const BATCH: usize = 5_000;
/// The same people each time.
const SEED: u64 = 320_600;
/// Between the first day of birth and the last, days.
const BIRTHS: u64 = 19_000;

const FAMILY: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "高", "林",
    "罗",
];
const GIVEN: &[&str] = &[
    "伟", "芳", "娜", "敏", "静", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "秀英", "霞", "平",
    "桂英", "建华", "建国", "志强", "海燕", "晓明", "红梅", "国庆", "春兰", "玉兰", "文斌",
];

/// Who was added.
#[derive(Debug, Default)]
pub(in crate::commands) struct Added {
    /// Everybody with the home branch.
    pub(in crate::commands) people: Vec<(MemberId, OrganisationId)>,
    /// How many were there before.
    pub(in crate::commands) passed_over: u64,
}

/// Registers `count` made-up members, spread over `branches`; `shape` makes the one with that number somebody special.
/// O(count).
pub(in crate::commands) async fn add(
    store: &Store,
    branches: &[OrganisationId],
    count: u32,
    shape: impl Fn(u64, &mut Facts),
) -> Result<Added, StoreError> {
    let mut rng = ChaCha12Rng::seed_from_u64(SEED);
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let (mut added, mut next) = (Added::default(), 0);
    while added.people.len() < count && !branches.is_empty() {
        let most = BATCH.min(count - added.people.len());
        let mut batch = Vec::with_capacity(most);
        while batch.len() < most {
            let branch = branches.choose(&mut rng).copied();
            let mut somebody = somebody(&mut rng, next);
            if let Some(facts) = &mut somebody {
                shape(next, facts);
            }
            batch.extend(somebody.zip(branch));
            next += 1;
        }
        added.people.extend(store.write(move |tx| register(tx, batch)).await?);
        eprint!("\r  made-up members: {} left ", count - added.people.len());
    }
    if count > 0 {
        eprintln!();
    }
    let new = u64::try_from(added.people.len()).unwrap_or_default();
    Ok(Added {
        passed_over: next - new,
        ..added
    })
}

/// Registers those whose identity number nobody has.
fn register(
    tx: &mut persistence::Tx<'_>,
    batch: Vec<(Facts, OrganisationId)>,
) -> Result<Vec<(MemberId, OrganisationId)>, StoreError> {
    let scope: Scope<ImportSpreadsheets> = Scope::of_the_machine(NAME);
    let numbers: Vec<_> = batch.iter().filter_map(|(facts, _)| facts.identity.clone()).collect();
    let known = members::known(tx, &scope, &numbers)?;
    let new: Vec<_> = batch
        .into_iter()
        .filter(|(facts, _)| facts.identity.as_ref().is_none_or(|number| !known.contains_key(number)))
        .map(|(facts, home_branch)| NewMember {
            id: tx.fresh(),
            home_branch,
            facts,
        })
        .collect();
    members::insert_many(tx, &scope, &new)?;
    Ok(new.into_iter().map(|member| (member.id, member.home_branch)).collect())
}

/// The `index`th person: no two have the same identity number.
fn somebody(rng: &mut ChaCha12Rng, index: u64) -> Option<Facts> {
    let born = NaiveDate::from_ymd_opt(1950, 1, 1)?.checked_add_days(Days::new(index * 7_919 % BIRTHS))?;
    let number = IdentityNumber::complete(&format!(
        "320600{}{:03}",
        born.format("%Y%m%d"),
        index / BIRTHS * 2 + index % 2
    ))
    .ok()?;
    let gender: Gender = number.gender();
    let name = format!("{}{}", FAMILY.choose(rng)?, GIVEN.choose(rng)?);
    let joined = born.checked_add_days(Days::new(rng.random_range(7_000..9_000)))?;
    Some(Facts {
        birth: Some(PartialDate::day(born)),
        phone: Phone::parse(&format!("1990{:07}", rng.random_range(0..10_000_000))).ok(),
        email: Some(format!("m{index}@example.org")),
        joined: Some(PartialDate::day(joined)),
        full_member_on: joined.checked_add_days(Days::new(365)),
        identity: Some(number),
        ..Facts::new(name, gender)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn made_up_people_have_numbers_of_their_own() {
        let mut rng = ChaCha12Rng::seed_from_u64(SEED);
        let numbers: HashSet<_> = (0..60_000)
            .map(|index| somebody(&mut rng, index).unwrap().identity.unwrap().as_str().to_owned())
            .collect();
        assert_eq!(numbers.len(), 60_000);
        assert!(numbers.iter().all(|number| number.starts_with("320600")));
    }
}
