//! Stays and their registers.
use super::{Invariant, rows};

pub(super) const ALL: &[Invariant] = &[
    rows(
        "one_admitted_stay",
        "a person is admitted in one place at a time",
        "stays",
        "select person_id as id from stays where state = 'admitted' group by person_id having count(*) > 1",
    ),
    rows(
        "one_open_stay_a_host",
        "a person has one open stay with a host",
        "stays",
        "select person_id as id from stays where state in ({stay_open}) group by person_id, host_id having count(*) > 1",
    ),
    rows(
        "verified_stay_says_how",
        "of whoever is verified it is known how and when",
        "stays",
        "select id from stays where state not in ({stay_states}) \
            or (state in ('verified', 'admitted', 'left') and (verified_by is null or verified_on is null)) \
            or (state in ('reported', 'verifying') and verified_by is not null)",
    ),
    rows(
        "admitted_stay_is_complete",
        "whoever is admitted has a home unit, a contact officer and a number in the register",
        "stays",
        "select id from stays where (state in ('admitted', 'left')) <> (home_unit_id is not null \
            and (contact_officer_id is not null or (contact_officer_name is not null and contact_officer_phone is not null)) \
            and register_year is not null and register_number is not null and admitted_on is not null)",
    ),
    rows(
        "stay_days_are_in_order",
        "nobody leaves before arriving, or in the future, and whoever left says where to",
        "stays",
        "select id from stays where left_on < arrived_on or left_on > {today} or admitted_on > {today} \
            or (state = 'left') <> (left_on is not null and next_place is not null)",
    ),
    rows(
        "closed_stay_says_why",
        "whoever was rejected, withdrawn or merged is so for a reason",
        "stays",
        "select id from stays where state in ('rejected', 'withdrawn', 'merged') and reason is null",
    ),
    rows(
        "register_has_no_gaps",
        "the numbers of a host's register run from 1 without a gap or a repetition",
        "register_counters",
        "select c.host_id as id from register_counters c left join \
            (select host_id, register_year, count(distinct register_number) as numbers, count(*) as entries, \
                min(register_number) as first, max(register_number) as last \
                from stays where register_number is not null group by host_id, register_year) s \
            on s.host_id = c.host_id and s.register_year = c.year \
            where s.numbers is null or s.numbers <> c.last_number or s.entries <> c.last_number \
            or s.first <> 1 or s.last <> c.last_number \
            union select s.host_id as id from stays s where s.register_number is not null and not exists \
            (select 1 from register_counters c where c.host_id = s.host_id and c.year = s.register_year)",
    ),
    rows(
        "stay_and_journey_are_of_one_person",
        "a stay that a journey led to is the same member's",
        "stays",
        "select s.id from stays s left join journeys j on j.id = s.journey_id where s.journey_id is not null \
            and (j.id is null or j.member_id <> s.person_id or s.member_id is null)",
    ),
    rows(
        "stay_of_a_member_is_the_members",
        "whoever is known as a member is that member",
        "stays",
        "select id from stays where member_id is not null and member_id <> person_id",
    ),
    rows(
        "merged_stay_says_into_which",
        "a stay is merged just when it is kept into which",
        "stays",
        "select s.id from stays s left join stay_merges m on m.stay_id = s.id \
            where (s.state = 'merged') <> (m.stay_id is not null)",
    ),
    rows(
        "stay_is_on_the_timeline",
        "every transition of a stay stands on the timeline",
        "stays",
        "select s.id from stays s where not exists (select 1 from timeline t where t.subject_id = s.id \
                and t.event in ('stay_reported', 'stay_handed_over')) \
            or (s.register_number is not null and not exists \
                (select 1 from timeline t where t.subject_id = s.id and t.event = 'stay_admitted')) \
            or (s.state in ('verifying', 'left', 'withdrawn', 'merged', 'rejected') and not exists \
                (select 1 from timeline t where t.subject_id = s.id and (t.event = case s.state \
                    when 'verifying' then 'stay_origin_asked' when 'left' then 'stay_left' \
                    when 'withdrawn' then 'stay_withdrawn' when 'merged' then 'stay_merged_into' \
                    else 'stay_rejected' end or (s.state = 'rejected' and t.event = 'stay_denied'))))",
    ),
];
