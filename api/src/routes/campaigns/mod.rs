//! Campaigns (节日活动): what an organisation and those below it do around a festival for members who are away.
pub(crate) mod activity;
mod body;
mod plan;
mod preview;
mod report;
mod transitions;
mod view;
mod workbook;

use crate::openapi::Routes;

pub(crate) fn configure(config: &mut Routes<'_>) {
    config
        .configure(plan::configure)
        .configure(transitions::configure)
        .configure(preview::configure)
        .configure(report::configure);
}
