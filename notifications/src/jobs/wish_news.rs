//! What authors of wishes (微心愿) did yesterday: told in the morning, so that the hour tells nothing of who they are.
use persistence::outbox;

use super::Job;

pub(super) const JOB: Job = Job {
    name: "wish_news",
    zh: "微心愿消息：每天早上把前一天新写的、致谢的、有留言的和撤回的心愿告知党组织和认领人",
    en: "News of wishes: tells organisations and whoever has claimed them, each morning, what authors did the day before",
    catches_up: true,
    plan: outbox::wish_news,
};
