//! What a caller may do with journeys.
use domain::access::{ConfirmOutOfContact, ManageJourneys, RecordContact, Scope};
use domain::journey::{Mover, Verb};

use super::JourneyRecord;
use super::declare::is_above;

/// What a caller may do with journeys, and where.
#[derive(Debug, Clone, Default)]
pub struct Powers {
    /// Leads journeys.
    pub leads: Option<Scope<ManageJourneys>>,
    /// Records contacts.
    pub contacts: Option<Scope<RecordContact>>,
    /// Confirms that members are out of contact.
    pub confirms: Option<Scope<ConfirmOutOfContact>>,
    /// Is the member.
    pub own: bool,
}

impl Powers {
    /// The member's own: a check-in.
    pub fn of_the_member() -> Self {
        Self {
            own: true,
            ..Self::default()
        }
    }

    /// The transitions of a journey that the caller may perform now.
    pub fn allowed(&self, record: &JourneyRecord) -> Vec<Verb> {
        let path = &record.path;
        let may = |verb: &Verb| match verb.mover() {
            Mover::Leads if *verb == Verb::Transfer && accepted_here(record) => false,
            Mover::Leads => self.leads.as_ref().is_some_and(|scope| scope.covers(path)),
            Mover::Contacts if self.own => *verb == Verb::CheckIn,
            Mover::Contacts => self.contacts.as_ref().is_some_and(|scope| scope.covers(path)),
            // The receiving branch moves by the transfer itself.
            Mover::Receiving => false,
            Mover::Committee => self.confirms.as_ref().is_some_and(|scope| is_above(scope, path)),
        };
        record.journey.allowed(&record.search).into_iter().filter(may).collect()
    }
}

/// Whether a branch that is here accepts the transfer under way, so that nobody else records its receipt.
fn accepted_here(record: &JourneyRecord) -> bool {
    let under_way = record
        .beside
        .transfer
        .as_ref()
        .filter(|one| record.journey.transfer == Some(one.id));
    under_way.is_some_and(|one| one.receiving.is_some())
}
