//! Hai'an's own spreadsheets, taken over by the code that takes over a county's.
use domain::access::Scope;
use persistence::imports::{self as store, Outcome};
use persistence::organisations::Organisation;
use persistence::{Store, StoreError, Tx};

use super::clock::Backdated;
use crate::commands::house::NAME;
use crate::imports::lookup::{KnownOrganisation, Organisations};
use crate::imports::{Reading, inbound, members, organisations, outbound};

const ORGANISATIONS: &[u8] = include_bytes!("../../../data/haian/organisations-haian.csv");
const MEMBERS: &[u8] = include_bytes!("../../../data/haian/members-haian.xlsx");
const OUTBOUND: &[u8] = include_bytes!("../../../data/haian/outbound-haian.xlsx");
const INBOUND: &[u8] = include_bytes!("../../../data/haian/inbound-haian.csv");

/// How long ago the county took Kiteline into use, days: before the first story.
const BEGINNING: i64 = 210;

/// Takes over the tree and the members, at the beginning of the demo's time.
pub(super) async fn plant(store: &Store, clock: &Backdated) -> Result<Vec<Organisation>, StoreError> {
    let today = store.today();
    clock.set(BEGINNING);
    store.write(tree).await?;
    store
        .write(move |tx| {
            let (known, _) = known(tx)?;
            let rows = rows(members::read(MEMBERS, &known, None, today))?;
            let scopes = (&Scope::of_the_machine(NAME), &Scope::of_the_machine(NAME));
            store::members::take_over(tx, scopes, &rows, false)?;
            Ok(())
        })
        .await?;
    clock.set(0);
    store
        .read(|tx| store::organisations_within(tx, &Scope::of_the_machine(NAME)))
        .await
}

/// Takes over the county's registers of those who left and of those who came, today. Says how many of each.
pub(super) async fn take_registers(store: &Store) -> Result<(usize, usize), StoreError> {
    let today = store.today();
    store
        .write(move |tx| {
            let scope = Scope::of_the_machine(NAME);
            let (known, _) = known(tx)?;
            let away = rows(outbound::read(OUTBOUND, &known, &known, None, today))?;
            let away: Outcome = store::journeys::take_over(tx, &scope, &away, false)?;
            let here = rows(inbound::read(INBOUND, &known, today))?;
            let here: Outcome = store::stays::take_over(tx, &scope, &here, false)?;
            Ok((away.created, here.created))
        })
        .await
}

fn tree(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let rows = rows(organisations::read(ORGANISATIONS, &Organisations::default(), None))?;
    store::organisations::take_over(tx, &Scope::of_the_machine(NAME), &rows, false)?;
    Ok(())
}

fn known(tx: &mut Tx<'_>) -> Result<(Organisations, usize), StoreError> {
    let all = store::organisations_within(tx, &Scope::of_the_machine(NAME))?;
    let count = all.len();
    let known = all.into_iter().map(|one| KnownOrganisation {
        id: one.id,
        code: one.code,
        kind: one.kind,
        name: one.name,
        path: one.path,
    });
    Ok((Organisations::new(known.collect()), count))
}

/// The rows that can be taken; what the files have wrong on purpose stays out.
fn rows<T>(reading: Result<Reading<T>, crate::imports::reader::Unreadable>) -> Result<Vec<T>, StoreError> {
    let reading = reading.map_err(|error| StoreError::corrupt(format!("{error:?}")))?;
    Ok(reading.rows.into_iter().map(|(_, row)| row).collect())
}
