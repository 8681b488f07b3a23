//! The member's own: what the phone app asks for.
mod batch;
mod certificate;
mod checkins;
mod contacts;
mod data;
mod events;
mod gatherings;
mod inbox;
mod journey;
mod record;
mod requests;
mod service_requests;
mod stay;
mod sync;
mod wishes;

use crate::openapi::Routes;

pub(crate) use events::Streams;

pub(crate) fn configure(config: &mut Routes<'_>) {
    config
        .configure(batch::configure)
        .configure(certificate::configure)
        .configure(checkins::configure)
        .configure(contacts::configure)
        .configure(inbox::configure)
        .configure(journey::configure)
        .configure(record::configure)
        .configure(stay::configure)
        .configure(data::configure)
        .configure(events::configure)
        .configure(gatherings::configure)
        .configure(requests::configure)
        .configure(service_requests::configure)
        .configure(wishes::configure)
        .configure(sync::configure);
}
