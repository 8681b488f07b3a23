//! Gatherings (活动), as those see them who lead them or whose people are invited.
mod attendance;
mod birthdays;
mod body;
mod calendar;
mod code;
mod lecturers;
mod list;
mod transitions;
mod view;

use domain::id::GatheringId;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::openapi::Routes;

pub(crate) use attendance::LearnedView;
pub(crate) use calendar::{Entry, calendar, written};
pub(crate) use code::no_code;
pub(crate) use view::OwnGatheringView;

pub(crate) fn configure(config: &mut Routes<'_>) {
    config
        .configure(list::configure)
        .configure(transitions::configure)
        .configure(attendance::configure)
        .configure(code::configure)
        .configure(calendar::configure)
        .configure(birthdays::configure)
        .configure(lecturers::configure);
}

/// Which gathering.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct GatheringPath {
    /// The gathering's id.
    pub(crate) id: GatheringId,
}
