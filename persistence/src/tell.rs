//! Tells the people of an organisation, through the outbox of the same transaction.
use domain::access::Role;
use domain::id::OrganisationId;
use domain::notification::{Occasion, Period};
use uuid::Uuid;

use crate::outbox::{self, To};
use crate::{StoreError, Tx};

/// Tells the secretaries and offices of just this organisation of `subject`, once for each `thing` that happened.
pub(crate) fn staff(
    tx: &mut Tx<'_>,
    occasion: Occasion,
    subject: Uuid,
    thing: Uuid,
    at: OrganisationId,
) -> Result<(), StoreError> {
    staff_new(tx, occasion, subject, thing, at).map(drop)
}

/// The same; says how many notifications are new.
pub(crate) fn staff_new(
    tx: &mut Tx<'_>,
    occasion: Occasion,
    subject: Uuid,
    thing: Uuid,
    at: OrganisationId,
) -> Result<usize, StoreError> {
    staff_in(tx, occasion, subject, Period::Thing(thing), at)
}

/// The same, once in a period.
pub(crate) fn staff_in(
    tx: &mut Tx<'_>,
    occasion: Occasion,
    subject: Uuid,
    period: Period,
    at: OrganisationId,
) -> Result<usize, StoreError> {
    let mut told = 0;
    for role in [Role::Secretary, Role::Office] {
        told += outbox::enqueue(tx, occasion, subject, period, To::Role(role, at))?;
    }
    Ok(told)
}
