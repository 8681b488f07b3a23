//! Gatherings, who was there, and what was made up.
use super::{Invariant, rows};

pub(super) const ALL: &[Invariant] = &[
    rows(
        "gathering_has_the_facts_of_its_state",
        "a gathering is somewhere, is called off just when it is said why, and keeps its rule just when it is of a series",
        "gatherings",
        "select id from gatherings where state not in ({gathering_states}) \
            or (state = 'cancelled') <> (reason is not null) or (series_id is null) <> (series_rule is null) \
            or (place is null and link is null) or learning_minutes < 0",
    ),
    rows(
        "gathering_days_are_in_order",
        "a gathering ends after it begins, and none was held before its day",
        "gatherings",
        "select id from gatherings where ends_at <= starts_at or (state = 'held' and day > {today})",
    ),
    rows(
        "series_is_of_one_organisation",
        "the gatherings of a series are one organisation's",
        "gatherings",
        "select series_id as id from gatherings where series_id is not null \
            group by series_id having min(path) <> max(path)",
    ),
    rows(
        "audience_clause_is_complete",
        "a clause of an audience has what it goes by, and nothing else",
        "gathering_audiences",
        "select gathering_id as id from gathering_audiences where (kind = 'missed') <> (missed_id is not null) \
            or (kind = 'destination') <> (division_code is not null and division_until is not null) \
            or (kind = 'political_birthday') <> (month is not null and month between 1 and 12) \
            or (missed_id is not null and missed_id = gathering_id)",
    ),
    rows(
        "attendance_has_the_facts_of_its_state",
        "of whoever was there it is known how and when, of whoever could not come why, and of what was made up where; \
         minutes count for nobody who was not there",
        "attendances",
        "select person_id as id from attendances where state not in ({attendance_states}) or minutes < 0 \
            or (state = 'attended') <> (means is not null and recorded_at is not null) \
            or (state <> 'attended' and minutes > 0) \
            or (state = 'excused') <> (reason is not null) \
            or (state = 'made_up') <> (made_up_by is not null) \
            or (state in ('attended', 'excused', 'made_up') and (recorded_by is null or received_at is null)) \
            or (state = 'invited' and recorded_by is not null)",
    ),
    rows(
        "attendance_is_on_the_gatherings_day",
        "the day of an attendance, by which hours of learning are added up, is the gathering's",
        "attendances",
        "select a.person_id as id from attendances a left join gatherings g on g.id = a.gathering_id \
            where g.id is null or g.day <> a.day",
    ),
    rows(
        "attendance_of_a_member_is_the_members",
        "whoever is on a list as a member is that member, so that nobody is on a list twice",
        "attendances",
        "select person_id as id from attendances where member_id is not null and member_id <> person_id",
    ),
    rows(
        "held_gathering_expects_nobody",
        "of a gathering that was held nobody is expected any more, but who has died, left or been suspended meanwhile",
        "attendances",
        "select a.person_id as id from attendances a inner join gatherings g on g.id = a.gathering_id \
            left join members m on m.id = a.member_id \
            where g.state = 'held' and a.state = 'invited' and (m.id is null or m.standing in ({active}))",
    ),
    rows(
        "missed_is_made_up_at_a_make_up",
        "what is made up was made up at another gathering, a make-up lesson, at which the person was",
        "attendances",
        "select a.person_id as id from attendances a left join gatherings g on g.id = a.made_up_by \
            where a.made_up_by is not null and (g.id is null or g.kind <> 'make_up_lesson' \
            or a.made_up_by = a.gathering_id or not exists (select 1 from attendances was \
                where was.gathering_id = a.made_up_by and was.person_id = a.person_id and was.state = 'attended'))",
    ),
];
