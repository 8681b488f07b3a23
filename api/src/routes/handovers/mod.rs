//! Hand-overs (对接): what one organisation asks another about a member.
mod conversation;
mod messages;
mod view;

use crate::openapi::Routes;

pub(crate) fn configure(config: &mut Routes<'_>) {
    config.configure(conversation::configure).configure(messages::configure);
}
