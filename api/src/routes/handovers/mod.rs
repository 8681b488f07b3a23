//! Hand-overs (对接): what one organisation asks another about a member.
mod conversation;
mod messages;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.configure(conversation::configure).configure(messages::configure);
}
