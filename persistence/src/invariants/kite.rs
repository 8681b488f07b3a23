//! Journeys, the line that is held, declarations, transfers and certificates.
use super::{Invariant, rows};

pub(super) const ALL: &[Invariant] = &[
    rows(
        "one_open_journey",
        "a member has at most one open journey",
        "journeys",
        "select member_id as id from journeys where state in ({journey_open}) group by member_id having count(*) > 1",
    ),
    rows(
        "journey_has_the_facts_of_its_state",
        "a journey keeps what its state says, and nothing of another state",
        "journeys",
        "select id from journeys where state not in ({journey_states}) \
            or (state in ('planned', 'cancelled')) <> (departed_on is null) \
            or (state = 'away') <> (next_checkin_due is not null) \
            or (state = 'home_visit') <> (home_since is not null) \
            or (state in ('returned', 'transferred')) <> (ended_on is not null) \
            or (state = 'transferred') <> (transferred_to is not null and transfer_letter is not null)",
    ),
    rows(
        "journey_days_are_in_order",
        "nobody returns or comes home before leaving, and nothing of it lies in the future",
        "journeys",
        "select id from journeys where departed_on > {today} or home_since > {today} or ended_on > {today} \
            or home_since < departed_on or ended_on < departed_on",
    ),
    rows(
        "open_journey_is_the_home_branchs",
        "an open journey belongs to the branch that keeps the member's formal relation",
        "journeys",
        "select j.id from journeys j inner join members m on m.id = j.member_id \
            where j.state in ({journey_open}) and j.origin_id <> m.home_branch_id",
    ),
    rows(
        "journey_is_on_the_timeline",
        "every transition of a journey stands on the timeline",
        "journeys",
        "select j.id from journeys j where \
            (j.departed_on is not null and not exists \
                (select 1 from timeline t where t.subject_id = j.id and t.event = 'depart')) \
            or (j.state in ('home_visit', 'returned', 'transferred', 'cancelled', 'out_of_contact') and not exists \
                (select 1 from timeline t where t.subject_id = j.id and t.event = case j.state \
                    when 'home_visit' then 'come_home' when 'returned' then 'return' \
                    when 'transferred' then 'transfer' when 'cancelled' then 'cancel' \
                    else 'confirm_out_of_contact' end))",
    ),
    rows(
        "briefed_on_is_the_last_items_day",
        "a journey is briefed from the day on which the last item of its briefing was done, and not before",
        "journeys",
        "select j.id from journeys j \
            left join journey_lines l on l.journey_id = j.id and l.member_id = j.member_id \
            left join (select member_id, journey_id, max(done_on) as done from briefing_items \
                group by member_id, journey_id having count(*) = count(done_on)) b \
                on b.journey_id = j.id and b.member_id = j.member_id \
            where l.briefed_on is distinct from b.done",
    ),
    rows(
        "out_of_contact_is_confirmed",
        "a member is out of contact by a proposal and its confirmation, and by nothing else",
        "journeys",
        "select j.id from journeys j where j.state = 'out_of_contact' and not exists \
            (select 1 from declarations d where d.id = j.declaration_id and d.journey_id = j.id \
                and d.state = 'confirmed' and d.decided_by is not null and d.decided_at is not null)",
    ),
    rows(
        "declaration_and_journey_agree",
        "a declaration is open just as long as its journey says",
        "declarations",
        "select d.id from declarations d left join journeys j on j.id = d.journey_id \
            where (d.state in ('proposed', 'confirmed')) <> (j.declaration_id is not null and j.declaration_id = d.id) \
            or (d.state = 'proposed' and j.state <> 'away') or (d.state = 'confirmed' and j.state <> 'out_of_contact')",
    ),
    rows(
        "transfer_and_journey_agree",
        "a transfer is under way just as long as its journey says, and received with a receipt",
        "transfers",
        "select t.id from transfers t left join journeys j on j.id = t.journey_id \
            where (t.state = 'under_way') <> \
                (j.state in ({journey_open}) and j.transfer_id is not null and j.transfer_id = t.id) \
            or (t.state = 'received') <> (t.receipt_on is not null) \
            or (t.state = 'under_way') <> (t.ended_at is null) \
            or (t.state = 'received' and j.state <> 'transferred')",
    ),
    rows(
        "closed_journey_has_no_certificate_in_force",
        "whatever ends a journey ends its certificate",
        "certificates",
        "select c.id from certificates c left join journeys j on j.id = c.journey_id \
            where c.state in ('valid', 'lost') and (j.id is null or j.state not in ({journey_open}))",
    ),
    rows(
        "one_certificate_a_journey",
        "a journey has one certificate in force at a time",
        "certificates",
        "select journey_id as id from certificates where state in ('valid', 'lost') \
            group by journey_id having count(*) > 1",
    ),
    rows(
        "certificate_number_is_on_the_journey",
        "the number of the certificate in force is the journey's",
        "certificates",
        "select c.id from certificates c inner join journeys j on j.id = c.journey_id \
            where c.state in ('valid', 'lost') \
            and (j.certificate_number is null or j.certificate_number <> c.number)",
    ),
    rows(
        "certificate_period_is_in_order",
        "a certificate is issued once, and good until no earlier than from",
        "certificates",
        "select id from certificates where valid_until < valid_from or ended_on < issued_on or issued_on > {today}",
    ),
];
