//! Magnet (磁铁): people who stay with a host.
mod body;
mod certificates;
mod check;
mod stays;
mod transitions;
mod view;
mod visits;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use body::OwnStayBody;
pub(crate) use transitions::GroundsBody;
pub(crate) use view::{PersonView, StayView};
pub(crate) use visits::{VisitView, answer as answer_visits};

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.configure(stays::configure).configure(transitions::configure);
    config.configure(certificates::configure).configure(check::configure);
    config.configure(visits::configure);
}
