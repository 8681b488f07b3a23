//! Magnet (磁铁): people who stay with a host.
mod body;
mod certificates;
mod check;
mod door;
mod letter;
mod register;
mod stays;
mod transitions;
mod twice;
mod view;
mod visits;

use crate::openapi::Routes;

pub(crate) use body::OwnStayBody;
pub(crate) use transitions::GroundsBody;
pub(crate) use view::{PersonView, StayView};
pub(crate) use visits::{VisitView, answer as answer_visits};

pub(crate) fn configure(config: &mut Routes<'_>) {
    config.configure(stays::configure).configure(transitions::configure);
    config.configure(certificates::configure).configure(check::configure);
    config.configure(register::configure);
    config.configure(letter::configure).configure(door::configure);
    config.configure(twice::configure);
    config.configure(visits::configure);
}
