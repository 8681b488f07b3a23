//! Wishes, service requests and gifts.
use super::{Invariant, rows};

pub(super) const ALL: &[Invariant] = &[
    rows(
        "wish_has_the_facts_of_its_state",
        "a wish keeps who published, claimed and fulfilled it and when, as its state says, and why it was declined",
        "wishes",
        "select id from wishes where state not in ({wish_states}) \
            or (state in ('published', 'claimed', 'fulfilled', 'thanked') \
                and (published_on is null or published_by is null)) \
            or (state = 'written' and published_on is not null) \
            or (state in ('claimed', 'fulfilled', 'thanked') \
                and (claimed_on is null or claimed_by is null or claimed_by_name is null)) \
            or (state in ('written', 'published', 'declined') and claimed_by is not null) \
            or (state in ('fulfilled', 'thanked')) <> (fulfilled_on is not null and fulfilled_by is not null) \
            or (state = 'thanked') <> (thanked_on is not null) \
            or (state in ('withdrawn', 'declined')) <> (ended_on is not null) \
            or (state = 'declined') <> (reason is not null)",
    ),
    rows(
        "wish_days_are_in_order",
        "a wish is published, claimed, fulfilled and thanked for in this order, and nothing of it lies in the future",
        "wishes",
        "select id from wishes where published_on < written_on or claimed_on < published_on \
            or fulfilled_on < claimed_on or thanked_on < fulfilled_on or ended_on < written_on \
            or author_acted_on < written_on or published_on > {today} or claimed_on > {today} \
            or fulfilled_on > {today} or ended_on > {today} or author_acted_on > {today}",
    ),
    rows(
        "wish_is_not_its_authors_to_take_on",
        "a member takes on the wishes of others",
        "wishes",
        "select id from wishes where claimed_by_member is not null and claimed_by_member = person_id",
    ),
    rows(
        "unnamed_author_is_named_nowhere",
        "neither the history nor the audit trail nor a message says who wrote a wish without a name",
        "wishes",
        "select w.id from timeline t inner join wishes w on w.id = t.subject_id and w.anonymous \
            where t.person_id = w.person_id \
            union select w.id from audit a inner join wishes w on w.id = a.subject_id and w.anonymous \
            where a.person_id = w.person_id \
            union select w.id from service_messages m inner join wishes w on w.id = m.subject_id and w.anonymous \
            where m.side = 'person' and m.who is not null",
    ),
    rows(
        "service_has_the_facts_of_its_state",
        "a service request has somebody in charge, an answer, a settlement and a word about the answer as its state says",
        "service_requests",
        "select id from service_requests where state not in ({service_states}) \
            or (state = 'assigned' and officer_id is null) or (state = 'open' and officer_id is not null) \
            or (officer_id is null) <> (officer_name is null) or (officer_id is not null and assigned_on is null) \
            or (state in ('answered', 'resolved', 'rated')) <> (answered_on is not null and answered_by is not null) \
            or (state in ('resolved', 'rated')) <> (resolved_on is not null) \
            or (state = 'rated') <> (rating is not null and rated_on is not null) \
            or (state <> 'rated' and rating is not null) \
            or (state = 'withdrawn') <> (withdrawn_on is not null)",
    ),
    rows(
        "service_days_are_in_order",
        "a service request is asked, due, answered, settled and rated in this order, and nothing of it lies in the future",
        "service_requests",
        "select id from service_requests where term_days < 0 or due_on < asked_on or assigned_on < asked_on \
            or answered_on < asked_on or resolved_on < answered_on or rated_on < resolved_on \
            or withdrawn_on < asked_on or asked_on > {today} or assigned_on > {today} or answered_on > {today} \
            or resolved_on > {today} or rated_on > {today} or withdrawn_on > {today} or escalated_on > {today}",
    ),
    rows(
        "service_says_whether_it_was_late",
        "a service request that was answered after it was due says so for good",
        "service_requests",
        "select id from service_requests where (answered_on > due_on and late_on is null) or late_on < asked_on \
            or late_on >= {today}",
    ),
    rows(
        "service_goes_up_at_most_so_often",
        "a service request goes up at most as often as it may, to somebody, and no further once it needs no answer",
        "service_requests",
        "select id from service_requests where escalations < 0 or escalations > {most_escalations} \
            or (escalations > 0) <> (escalated_id is not null and escalated_on is not null) \
            or (escalates_on is not null \
                and (state not in ({service_unanswered}) or escalations = {most_escalations}))",
    ),
    rows(
        "late_service_went_up",
        "no service request is left unanswered past the day on which it goes up",
        "service_requests",
        "select r.id from service_requests r inner join (select max(day) as day from job_runs \
            where job = 'service_due' and finished_at is not null and day <= {today}) ran \
            on ran.day >= r.escalates_on and ran.day > r.due_on where r.state in ({service_unanswered})",
    ),
    rows(
        "service_is_on_the_timeline",
        "what was asked and answered stands on the asker's timeline",
        "service_requests",
        "select r.id from service_requests r where not exists (select 1 from timeline t \
                where t.subject_id = r.id and t.person_id = r.person_id and t.event = 'service_asked') \
            or (r.answered_on is not null and not exists (select 1 from timeline t \
                where t.subject_id = r.id and t.person_id = r.person_id and t.event = 'service_answered'))",
    ),
    rows(
        "messages_have_no_gaps",
        "what is said about a wish or a service request is numbered from 1 without a gap",
        "service_messages",
        "select subject_id as id from service_messages group by subject_id \
            having min(place) <> 1 or max(place) <> count(*)",
    ),
    rows(
        "gift_says_what_and_why",
        "a gift was given on a day that has come, is named where it is something else, and is taken back for a reason",
        "gifts",
        "select id from gifts where state not in ({gift_states}) or (state = 'withdrawn') <> (reason is not null) \
            or (item = 'other') <> (name is not null) or given_on > {today}",
    ),
    rows(
        "gift_is_on_the_timeline",
        "what was given stands on the timeline of whom it was given to",
        "gifts",
        "select g.id from gifts g where not exists (select 1 from timeline t \
            where t.subject_id = g.id and t.person_id = g.person_id and t.event = 'gift_given') \
            or (g.state = 'withdrawn' and not exists (select 1 from timeline t \
                where t.subject_id = g.id and t.person_id = g.person_id and t.event = 'gift_withdrawn'))",
    ),
];
