//! What breaks the invariants of gatherings, wishes, service requests, gifts and campaigns, and of what is kept beside them.

use super::{Harm, harm};

/// In the words of both engines, as those beside it.
pub(super) const HARM: &[Harm] = &[
    harm(
        &["gathering_has_the_facts_of_its_state"],
        &["gatherings"],
        "update gatherings set reason = 'x' where id = \
         (select id from gatherings where state = 'held' order by id limit 1)",
    ),
    harm(
        &["gathering_days_are_in_order"],
        &["gatherings"],
        "update gatherings set ends_at = starts_at where id = (select id from gatherings order by id limit 1)",
    ),
    harm(
        &["series_is_of_one_organisation"],
        &["gatherings"],
        "update gatherings set series_id = {stranger}, series_rule = 'FREQ=MONTHLY'",
    ),
    harm(
        &["audience_clause_is_complete"],
        &["gathering_audiences"],
        "update gathering_audiences set month = 3",
    ),
    harm(
        &["attendance_has_the_facts_of_its_state"],
        &["attendances"],
        "update attendances set means = null where state = 'attended'",
    ),
    harm(
        &["attendance_is_on_the_gatherings_day"],
        &["attendances"],
        "update attendances set day = '2020-01-01' where state = 'excused'",
    ),
    harm(
        &["attendance_of_a_member_is_the_members"],
        &["attendances"],
        "update attendances set member_id = (select id from members order by id limit 1) where state = 'excused' \
         and person_id <> (select id from members order by id limit 1)",
    ),
    harm(
        &["held_gathering_expects_nobody"],
        &["attendances"],
        "update attendances set state = 'invited' where state = 'missed' and recorded_by is null",
    ),
    harm(
        &["missed_is_made_up_at_a_make_up"],
        &["gatherings"],
        "update gatherings set kind = 'lesson' where kind = 'make_up_lesson'",
    ),
    harm(
        &["wish_has_the_facts_of_its_state"],
        &["wishes"],
        "update wishes set fulfilled_by = null where state in ('fulfilled', 'thanked')",
    ),
    harm(
        &["wish_days_are_in_order"],
        &["wishes"],
        "update wishes set published_on = '2020-01-01' where published_on is not null",
    ),
    harm(
        &["wish_is_not_its_authors_to_take_on"],
        &["wishes"],
        "update wishes set claimed_by_member = person_id where state in ('fulfilled', 'thanked')",
    ),
    harm(
        &["unnamed_author_is_named_nowhere"],
        &["wishes"],
        "update wishes set anonymous = true",
    ),
    harm(
        &["service_has_the_facts_of_its_state"],
        &["service_requests"],
        "update service_requests set answered_by = null where state in ('answered', 'resolved', 'rated')",
    ),
    harm(
        &["service_days_are_in_order", "service_says_whether_it_was_late"],
        &["service_requests"],
        "update service_requests set due_on = '2020-01-01' where state in ('resolved', 'rated')",
    ),
    harm(
        &["service_says_whether_it_was_late"],
        &["service_requests"],
        "update service_requests set late_on = '2020-01-01' where state in ('resolved', 'rated')",
    ),
    harm(
        &["service_goes_up_at_most_so_often"],
        &["service_requests"],
        "update service_requests set escalations = 3, escalated_id = organisation_id, escalated_on = asked_on \
         where state in ('resolved', 'rated')",
    ),
    harm(
        &["late_service_went_up"],
        &["service_requests"],
        "update service_requests set state = 'open', officer_id = null, officer_name = null, answered_on = null, \
         answered_by = null, resolved_on = null, rating = null, rated_on = null, escalations = 0, escalated_id = null, \
         escalated_on = null, due_on = asked_on, escalates_on = asked_on where state in ('resolved', 'rated')",
    ),
    harm(
        &["service_is_on_the_timeline"],
        &["timeline"],
        "delete from timeline where event = 'service_asked'",
    ),
    harm(
        &["messages_have_no_gaps"],
        &["service_messages"],
        "update service_messages set place = place + 1000",
    ),
    harm(
        &["gift_says_what_and_why"],
        &["gifts"],
        "update gifts set given_on = '2099-01-01' where id = (select id from gifts order by id limit 1)",
    ),
    harm(
        &["gift_is_on_the_timeline"],
        &["timeline"],
        "delete from timeline where event = 'gift_given'",
    ),
    harm(
        &["campaign_has_the_facts_of_its_state"],
        &["campaigns"],
        "update campaigns set opened_on = null where state = 'closed'",
    ),
    harm(
        &["campaign_is_around_its_festival"],
        &["campaigns"],
        "update campaigns set starts_on = ends_on",
    ),
    harm(
        &["one_open_campaign", "closed_campaign_has_its_report"],
        &["campaigns"],
        "update campaigns set state = 'open', settled_on = null, \
         organisation_id = (select organisation_id from campaigns order by id limit 1), \
         path = (select path from campaigns order by id limit 1) where state = 'closed'",
    ),
    harm(
        &["closed_campaign_has_its_report"],
        &["campaign_reports"],
        "delete from campaign_reports",
    ),
    harm(
        &["webhooks_path_is_the_organisations"],
        &["webhooks"],
        "insert into webhooks (id, organisation_id, path, url, events, state, secret_sealed, version, created_at, \
         updated_at) select o.id, o.id, '/x/', 'x', '[]', 'active', m.identity_hash, 1, '2026-01-01 00:00:00', \
         '2026-01-01 00:00:00' from organisations o inner join members m on m.identity_hash is not null \
         where o.code = 'T04' order by m.id limit 1",
    ),
    harm(
        &["lecturers_path_is_the_organisations"],
        &["lecturers"],
        "insert into lecturers (id, organisation_id, path, name, active, version, created_at, updated_at) \
         select id, id, '/x/', 'x', true, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00' from organisations \
         where code = 'T04'",
    ),
    harm(
        &["campaigns_path_is_the_organisations"],
        &["campaigns"],
        "update campaigns set path = '/x/' where id = (select id from campaigns order by id limit 1)",
    ),
    harm(
        &["gatherings_path_is_the_organisations"],
        &["gatherings"],
        "update gatherings set path = '/x/' where id = (select id from gatherings order by id limit 1)",
    ),
    harm(
        &["wishes_path_is_the_organisations"],
        &["wishes"],
        "update wishes set path = '/x/' where id = (select id from wishes order by id limit 1)",
    ),
    harm(
        &["service_requests_path_is_the_organisations"],
        &["service_requests"],
        "update service_requests set path = '/x/' where id = (select id from service_requests order by id limit 1)",
    ),
    harm(
        &["gifts_path_is_the_organisations"],
        &["gifts"],
        "update gifts set path = '/x/' where id = (select id from gifts order by id limit 1)",
    ),
    harm(
        &["gathering_audiences_path_is_the_organisations"],
        &["gathering_audiences"],
        "update gathering_audiences set path = '/x/'",
    ),
    harm(
        &["attendances_path_is_the_organisations"],
        &["attendances"],
        "update attendances set path = '/x/' where state = 'excused'",
    ),
    harm(
        &["political_key_is_the_joining_days"],
        &["members"],
        "update members set political_key = 101 where id = \
         (select id from members where political_key > 200 order by id limit 1)",
    ),
    harm(
        &["lecturers_of_gatherings_are_known"],
        &["gatherings"],
        "update gatherings set lecturer_id = {stranger}",
    ),
    harm(
        &["clauses_have_a_gathering"],
        &["gathering_audiences"],
        "update gathering_audiences set gathering_id = {stranger} where gathering_id = \
         (select gathering_id from gathering_audiences order by gathering_id limit 1)",
    ),
    harm(
        &["what_was_missed_is_a_gathering"],
        &["gathering_audiences"],
        "update gathering_audiences set missed_id = {stranger} where kind = 'missed'",
    ),
    harm(
        &["reflections_have_a_gathering"],
        &["gathering_reflections"],
        "insert into gathering_reflections (gathering_id, person_id, text_sealed, shared, written_at) \
         select {stranger}, id, identity_hash, false, '2026-01-01 00:00:00' from members \
         where identity_hash is not null order by id limit 1",
    ),
    harm(
        &["reflections_have_a_person"],
        &["gathering_reflections"],
        "insert into gathering_reflections (gathering_id, person_id, text_sealed, shared, written_at) \
         select g.id, {stranger}, m.identity_hash, false, '2026-01-01 00:00:00' from gatherings g \
         inner join members m on m.identity_hash is not null order by g.id, m.id limit 1",
    ),
    harm(
        &["attendances_have_a_person"],
        &["attendances"],
        "update attendances set person_id = {stranger}, member_id = null where state = 'excused' and gathering_id = \
         (select gathering_id from attendances where state = 'excused' order by gathering_id, person_id limit 1) \
         and person_id = \
         (select person_id from attendances where state = 'excused' order by gathering_id, person_id limit 1)",
    ),
    harm(
        &["wishes_have_a_person"],
        &["wishes"],
        "update wishes set person_id = {stranger} where id = \
         (select id from wishes where stay_id is null order by id limit 1)",
    ),
    harm(
        &["services_have_a_person", "service_is_on_the_timeline"],
        &["service_requests"],
        "update service_requests set person_id = {stranger} where id = \
         (select id from service_requests where stay_id is null order by id limit 1)",
    ),
    harm(
        &["gifts_have_a_person", "gift_is_on_the_timeline"],
        &["gifts"],
        "update gifts set person_id = {stranger} where id = \
         (select id from gifts where stay_id is null order by id limit 1)",
    ),
    harm(
        &["claimers_are_accounts"],
        &["wishes"],
        "update wishes set claimed_by = {stranger} where state in ('fulfilled', 'thanked')",
    ),
    harm(
        &["claimers_are_members"],
        &["wishes"],
        "update wishes set claimed_by_member = {stranger} where state in ('fulfilled', 'thanked')",
    ),
    harm(
        &["officers_of_services_are_accounts"],
        &["service_requests"],
        "update service_requests set officer_id = {stranger} where officer_id is not null",
    ),
    harm(
        &["sources_are_campaigns"],
        &["campaigns"],
        "update campaigns set copied_from = {stranger}",
    ),
    harm(
        &["messages_have_a_subject"],
        &["service_messages"],
        "update service_messages set subject_id = {stranger} where subject_id = \
         (select subject_id from service_messages order by subject_id limit 1)",
    ),
    harm(
        &["wishes_have_a_stay"],
        &["wishes"],
        "update wishes set stay_id = {stranger} where id = (select id from wishes order by id limit 1)",
    ),
    harm(
        &["services_have_a_stay"],
        &["service_requests"],
        "update service_requests set stay_id = {stranger} where id = (select id from service_requests order by id limit 1)",
    ),
    harm(
        &["gifts_have_a_stay"],
        &["gifts"],
        "update gifts set stay_id = {stranger} where id = (select id from gifts order by id limit 1)",
    ),
];
