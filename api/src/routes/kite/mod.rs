//! Kite (风筝): journeys away from home.
mod certificate;
mod certificate_view;
mod clusters;
mod contacts;
mod declare;
mod journeys;
mod officer;
mod places;
mod received;
mod search;
mod transfers;
mod transitions;
mod view;

use crate::openapi::Routes;

pub(crate) use certificate::ReviewBody;
pub(crate) use certificate_view::{CertificateView, NotGrantedView, not_granted};
pub(crate) use contacts::{ContactBody, ContactView, whole};
pub(crate) use journeys::BriefingBody;
pub(crate) use journeys::JourneyPath;
pub(crate) use view::{CheckInBody, JourneyView, Named, NoticeBody, ReceiptView, TimelineEntry, reason_in, said};

pub(crate) fn configure(config: &mut Routes<'_>) {
    config
        .configure(journeys::configure)
        .configure(transitions::configure)
        .configure(clusters::configure)
        .configure(contacts::configure)
        .configure(officer::configure)
        .configure(declare::configure)
        .configure(certificate::configure)
        .configure(places::configure)
        .configure(transfers::configure)
        .configure(received::configure);
}
