//! Magnet (磁铁): people who stay with a host.
mod body;
mod certificates;
mod check;
mod door;
mod letter;
mod stays;
mod transitions;
mod twice;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use body::OwnStayBody;
pub(crate) use transitions::GroundsBody;
pub(crate) use view::{PersonView, StayView};

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.configure(stays::configure).configure(transitions::configure);
    config.configure(certificates::configure).configure(check::configure);
    config.configure(letter::configure).configure(door::configure);
    config.configure(twice::configure);
}
