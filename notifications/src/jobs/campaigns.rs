//! Coming home at a festival (返乡) around which an organisation has opened a campaign: as the campaign says.
use persistence::outbox;

use super::Job;

pub(super) const JOB: Job = Job {
    name: "campaigns",
    zh: "节日活动：按活动设定的天数询问在外党员是否返乡",
    en: "Campaigns around festivals: asks members away whether they come home, as many days before as each says",
    catches_up: true,
    plan: outbox::campaign_prompts,
};
