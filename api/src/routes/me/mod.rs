//! The member's own: what the phone app asks for.
mod certificate;
mod checkins;
mod inbox;
mod journey;
mod record;
mod stay;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .configure(certificate::configure)
        .configure(checkins::configure)
        .configure(inbox::configure)
        .configure(journey::configure)
        .configure(record::configure)
        .configure(stay::configure);
}
