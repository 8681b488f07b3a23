//! Coming home at a festival (返乡): 30, 16 and 3 days before.
use domain::calendar::festival::{RETURN_FESTIVALS, return_prompts_on};
use persistence::outbox;

use super::Job;

pub(super) const JOB: Job = Job {
    name: "return_home",
    zh: "返乡提醒：春节前 30、16、3 天询问在外党员是否返乡",
    en: "30, 16 and 3 days before the Spring Festival: asks members away whether they come home",
    catches_up: true,
    plan: |tx, scope, day| {
        let prompts = return_prompts_on(day, RETURN_FESTIVALS);
        prompts
            .iter()
            .map(|prompt| outbox::returns_home(tx, scope, day, prompt))
            .sum()
    },
};
