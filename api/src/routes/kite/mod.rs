//! Kite (风筝): journeys away from home.
mod journeys;
mod transitions;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use journeys::BriefingBody;
pub(crate) use view::{CheckInBody, JourneyView, Named, NoticeBody, ReceiptView, TimelineEntry, said};

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.configure(journeys::configure).configure(transitions::configure);
}
