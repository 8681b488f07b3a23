//! What is said to whom, and what members ask.
use super::{Invariant, rows};

pub(super) const ALL: &[Invariant] = &[
    rows(
        "greeting_once_a_year",
        "nobody gets the same greeting twice in a year",
        "outbox",
        "select recipient_id as id from outbox where occasion in ({greetings}) and state <> 'dropped' \
            group by recipient_id, occasion, period, channel having count(*) > 1",
    ),
    rows(
        "nobody_gone_is_greeted",
        "nobody who has died, left or is suspended is greeted after that",
        "outbox",
        "select o.recipient_id as id from outbox o inner join members m on m.id = o.recipient_id \
            where o.occasion in ({greetings}) and m.standing not in ({active}) and o.state in ('waiting', 'sent') \
            and coalesce(o.settled_at, o.planned_at) > coalesce((select max(t.at) from timeline t \
                where t.person_id = m.id and t.event = 'standing_changed'), m.created_at)",
    ),
    rows(
        "no_prompt_about_what_is_over",
        "nobody is still asked about a journey that has ended, or on which nothing is awaited",
        "inbox",
        "select i.id from inbox i inner join journeys j on j.id = i.subject_id and j.member_id = i.recipient_id \
            where i.read_at is null and i.occasion in ({prompts}) and j.state not in ('planned', 'away') \
            union select j.id from outbox o inner join journeys j on j.id = o.subject_id and j.member_id = o.recipient_id \
            where o.state = 'waiting' and o.occasion in ({prompts}) and j.state not in ('planned', 'away')",
    ),
    rows(
        "one_open_prompt",
        "prompts to a member merge: of one kind one is open",
        "inbox",
        "select i.recipient_id as id from inbox i inner join journeys j on j.id = i.subject_id \
            and j.member_id = i.recipient_id where i.read_at is null and i.occasion in ({prompts}) \
            group by i.recipient_id, i.subject_id, {merging} having count(*) > 1",
    ),
    rows(
        "notification_is_settled_once",
        "a notification waits just as long as nothing became of it",
        "outbox",
        "select recipient_id as id from outbox where (state = 'waiting') <> (settled_at is null)",
    ),
    rows(
        "notification_has_a_reader",
        "whatever is said is said to a member or an account",
        "outbox",
        "select o.recipient_id as id from outbox o where \
            not exists (select 1 from members m where m.id = o.recipient_id and o.recipient_kind = 'member') \
            and not exists (select 1 from accounts a where a.id = o.recipient_id and o.recipient_kind = 'staff')",
    ),
    rows(
        "message_has_a_reader",
        "whatever lies in an inbox lies in a member's or an account's",
        "inbox",
        "select i.id from inbox i where not exists (select 1 from members m where m.id = i.recipient_id) \
            and not exists (select 1 from accounts a where a.id = i.recipient_id)",
    ),
    rows(
        "request_is_answered_once",
        "a request is open just as long as nobody answered it or asked otherwise, and declined for a reason",
        "requests",
        "select id from requests where (state in ('done', 'declined')) <> (answered_by is not null \
            and answered_at is not null) or (state = 'declined' and reason is null)",
    ),
    rows(
        "one_new_number_is_asked_for",
        "a member asks for one new telephone number at a time",
        "requests",
        "select member_id as id from requests where kind = 'phone' and state = 'open' group by member_id having count(*) > 1",
    ),
];
