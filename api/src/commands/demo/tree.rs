//! Hai'an's own spreadsheets, taken over by the code that takes over a county's.
use domain::access::Scope;
use domain::spreadsheet::ImportKind;
use persistence::organisations::Organisation;
use persistence::{Store, StoreError, imports};

use super::clock::Backdated;
use crate::commands::house::NAME;
use crate::imports::taking::{self, Scopes};

const ORGANISATIONS: &[u8] = include_bytes!("../../../data/haian/organisations-haian.csv");
const MEMBERS: &[u8] = include_bytes!("../../../data/haian/members-haian.xlsx");
const OUTBOUND: &[u8] = include_bytes!("../../../data/haian/outbound-haian.xlsx");
const INBOUND: &[u8] = include_bytes!("../../../data/haian/inbound-haian.csv");

/// How many days of the past a demo has.
pub(super) const PAST_DAYS: u32 = 300;
/// How long ago the county took Kiteline into use, days: before the first story, and before the past begins.
const BEGINNING: i64 = 310;

/// Takes over the tree and the members, at the beginning of the demo's time.
pub(super) async fn plant(store: &Store, clock: &Backdated) -> Result<Vec<Organisation>, StoreError> {
    take((store, clock), BEGINNING, ImportKind::Organisations, ORGANISATIONS).await?;
    take((store, clock), BEGINNING, ImportKind::Members, MEMBERS).await?;
    store
        .read(|tx| imports::organisations_within(tx, &Scope::of_the_machine(NAME)))
        .await
}

/// Takes over the county's registers of those who left and of those who came, today.
pub(super) async fn take_registers(store: &Store, clock: &Backdated) -> Result<(), StoreError> {
    take((store, clock), 0, ImportKind::Outbound, OUTBOUND).await?;
    take((store, clock), 0, ImportKind::Inbound, INBOUND).await
}

/// Reads a file today and takes it over so many days ago; what it has wrong on purpose stays out.
async fn take(
    (store, clock): (&Store, &Backdated),
    days: i64,
    kind: ImportKind,
    bytes: &'static [u8],
) -> Result<(), StoreError> {
    take_at(store, || clock.set(0), || clock.set(days), kind, bytes).await
}

/// Takes over nothing but the tree, at the time that the store's clock shows.
pub(in crate::commands) async fn found(store: &Store) -> Result<(), StoreError> {
    take_at(store, || {}, || {}, ImportKind::Organisations, ORGANISATIONS).await
}

async fn take_at(
    store: &Store,
    to_read: impl FnOnce(),
    to_take_over: impl FnOnce(),
    kind: ImportKind,
    bytes: &'static [u8],
) -> Result<(), StoreError> {
    to_read();
    let scopes = Scopes::of_the_machine(NAME);
    let file = store
        .read(move |tx| taking::examine(tx, &Scope::of_the_machine(NAME), kind, None, bytes))
        .await?
        .map_err(|error| StoreError::corrupt(format!("{error:?}")))?;
    to_take_over();
    let report = store
        .write(move |tx| taking::take_over(tx, &scopes, file, false))
        .await?;
    eprintln!("  {kind}: {} taken over, {} refused", report.created, report.refused);
    Ok(())
}
