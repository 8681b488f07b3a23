//! The member's own: what the phone app asks for.
mod checkins;
mod contacts;
mod inbox;
mod journey;
mod record;
mod stay;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .configure(checkins::configure)
        .configure(contacts::configure)
        .configure(inbox::configure)
        .configure(journey::configure)
        .configure(record::configure)
        .configure(stay::configure);
}
