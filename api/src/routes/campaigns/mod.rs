//! Campaigns (节日活动): what an organisation and those below it do around a festival for members who are away.
pub(crate) mod activity;
