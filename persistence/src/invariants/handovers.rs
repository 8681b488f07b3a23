//! Hand-overs: both sides see the same.
use super::{Invariant, rows};

pub(super) const ALL: &[Invariant] = &[
    rows(
        "handover_has_the_facts_of_its_state",
        "a hand-over is settled just when it is no longer open, with who answered and why",
        "handovers",
        "select id from handovers where state not in ({handover_states}) \
            or (state in ({handover_open})) <> (settled_at is null) \
            or (state in ('accepted', 'declined', 'confirmed', 'denied', 'answered')) \
                <> (answered_by is not null and answered_at is not null) \
            or (state in ('declined', 'denied') and reason is null) \
            or (state = 'answered') <> (whereabouts is not null)",
    ),
    rows(
        "one_open_handover",
        "a journey is offered to a host once at a time, and one question is asked about a stay",
        "handovers",
        "select journey_id as id from handovers where state = 'offered' group by journey_id, asked_id having count(*) > 1 \
            union select stay_id as id from handovers where state = 'asked' group by stay_id having count(*) > 1",
    ),
    rows(
        "offer_is_of_a_member_away",
        "what is offered is a journey under way of the person whom it is about",
        "handovers",
        "select h.id from handovers h left join journeys j on j.id = h.journey_id where h.kind = 'offer' \
            and (j.id is null or j.member_id <> h.person_id \
                or (h.state = 'offered' and j.state not in ('away', 'home_visit', 'out_of_contact')))",
    ),
    rows(
        "accepted_handover_opened_a_stay",
        "an accepted offer has the stay that it opened, of the same person",
        "handovers",
        "select h.id from handovers h left join stays s on s.id = h.stay_id where h.state = 'accepted' \
            and (s.id is null or s.state in ('reported', 'verifying') or (s.person_id <> h.person_id \
                and not exists (select 1 from stay_merges m where m.into_id = s.id)))",
    ),
    rows(
        "question_and_stay_agree",
        "a stay is being verified just as long as its origin is asked, and an answer is what the stay says",
        "handovers",
        "select h.id from handovers h left join stays s on s.id = h.stay_id where h.kind <> 'offer' and (s.id is null \
            or (h.state = 'asked' and h.kind = 'verification' and s.state <> 'verifying') \
            or (h.state = 'asked' and h.kind = 'whereabouts' and s.state <> 'admitted') \
            or (h.state = 'confirmed' and s.state in ('reported', 'verifying')) \
            or (h.state = 'denied' and s.state <> 'rejected')) \
            union select s.id from stays s where s.state = 'verifying' and not exists \
            (select 1 from handovers h where h.stay_id = s.id and h.state = 'asked' and h.kind = 'verification')",
    ),
    rows(
        "handover_days_are_in_order",
        "a hand-over is spoken of before it is due, and lapses after that",
        "handovers",
        "select id from handovers where remind_on >= due_on or due_on >= lapses_on",
    ),
    rows(
        "late_handover_was_spoken_of",
        "no hand-over is left open past the day on which it lapses, or past the day on which it is due without the office \
         above having been told",
        "handovers",
        "select h.id from handovers h inner join (select max(day) as day from job_runs \
            where job = 'handover_due' and finished_at is not null and day <= {today}) ran \
            on ran.day >= h.due_on where h.state in ({handover_open}) \
            and (h.escalated_on is null or h.lapses_on <= ran.day)",
    ),
    rows(
        "handover_is_on_the_timeline",
        "what was asked and answered stands on the timeline",
        "handovers",
        "select h.id from handovers h where not exists (select 1 from stay_merges m where m.into_id = h.stay_id) and \
            (not exists (select 1 from timeline t \
                where t.subject_id in (h.journey_id, h.stay_id) and t.event in ('handover_offered', 'handover_asked')) \
            or (h.state not in ({handover_open}) and not exists (select 1 from timeline t \
                where t.subject_id in (h.journey_id, h.stay_id) and t.event in ('handover_' || h.state, \
                    case h.state when 'lapsed' then 'handover_dropped' else 'handover_' || h.state end))))",
    ),
];
