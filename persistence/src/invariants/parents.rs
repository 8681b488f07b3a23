//! What belongs to something belongs to something that is there, and of the same person.
use super::{Invariant, rows};

/// Rows of a journey, which name its member too.
macro_rules! of_a_journey {
    ($($table:literal by $id:literal),+ $(,)?) => {
        &[$(rows(
            concat!($table, "_have_a_journey"),
            concat!("whatever stands in ", $table, " belongs to a journey, and to its member"),
            $table,
            concat!(
                "select x.", $id, " as id from ", $table, " x left join journeys j on j.id = x.journey_id \
                 where j.id is null or j.member_id <> x.member_id"
            ),
        )),+]
    };
}

pub(super) const OF_A_JOURNEY: &[Invariant] = of_a_journey![
    "briefing_items" by "journey_id",
    "checkins" by "id",
    "contacts" by "id",
    "journey_lines" by "journey_id",
    "journey_places" by "id",
    "declarations" by "id",
    "transfers" by "id",
    "certificates" by "id",
];

/// Rows that name one other thing.
macro_rules! of_a_thing {
    ($name:literal, $table:literal, $id:literal, $column:literal, $parent:literal) => {
        rows(
            $name,
            concat!("each ", $column, " of ", $table, " is one of ", $parent),
            $table,
            concat!(
                "select x.",
                $id,
                " as id from ",
                $table,
                " x left join ",
                $parent,
                " p on p.id = x.",
                $column,
                " where x.",
                $column,
                " is not null and p.id is null"
            ),
        )
    };
}

/// Rows of somebody whom a host serves in a stay.
macro_rules! of_a_stay {
    ($name:literal, $table:literal) => {
        rows(
            $name,
            concat!("whatever of ", $table, " belongs to a stay is of the person who stays"),
            $table,
            concat!(
                "select x.id from ",
                $table,
                " x left join stays s on s.id = x.stay_id where x.stay_id is not null \
                 and (s.id is null or (s.state <> 'merged' and s.person_id <> x.person_id))"
            ),
        )
    };
}

/// Rows about a person, member or visitor.
macro_rules! of_a_person {
    ($name:literal, $table:literal, $id:literal) => {
        rows(
            $name,
            concat!("whatever stands in ", $table, " is about somebody who is known here"),
            $table,
            concat!(
                "select x.",
                $id,
                " as id from ",
                $table,
                " x where not exists \
                 (select 1 from members m where m.id = x.person_id) and not exists \
                 (select 1 from visitors v where v.id = x.person_id)"
            ),
        )
    };
}

pub(super) const OF_OTHERS: &[Invariant] = &[
    rows(
        "visits_have_a_stay",
        "a visit is to somebody who stays with a host",
        "visits",
        "select v.id from visits v left join stays s on s.id = v.stay_id \
            where s.id is null or s.person_id <> v.person_id",
    ),
    of_a_thing!(
        "entries_have_a_journey",
        "certificate_entries",
        "journey_id",
        "journey_id",
        "journeys"
    ),
    of_a_thing!("reports_have_a_stay", "stay_reports", "id", "stay_id", "stays"),
    of_a_thing!(
        "backgrounds_have_a_stay",
        "stay_backgrounds",
        "stay_id",
        "stay_id",
        "stays"
    ),
    of_a_thing!(
        "messages_have_a_handover",
        "handover_messages",
        "id",
        "handover_id",
        "handovers"
    ),
    of_a_thing!(
        "officers_of_journeys_are_accounts",
        "journeys",
        "id",
        "contact_officer_id",
        "accounts"
    ),
    of_a_thing!(
        "officers_of_stays_are_accounts",
        "stays",
        "id",
        "contact_officer_id",
        "accounts"
    ),
    of_a_thing!(
        "lecturers_of_gatherings_are_known",
        "gatherings",
        "id",
        "lecturer_id",
        "lecturers"
    ),
    of_a_thing!(
        "clauses_have_a_gathering",
        "gathering_audiences",
        "gathering_id",
        "gathering_id",
        "gatherings"
    ),
    of_a_thing!(
        "what_was_missed_is_a_gathering",
        "gathering_audiences",
        "gathering_id",
        "missed_id",
        "gatherings"
    ),
    of_a_thing!(
        "reflections_have_a_gathering",
        "gathering_reflections",
        "gathering_id",
        "gathering_id",
        "gatherings"
    ),
    of_a_thing!("claimers_are_accounts", "wishes", "id", "claimed_by", "accounts"),
    of_a_thing!("claimers_are_members", "wishes", "id", "claimed_by_member", "members"),
    of_a_thing!(
        "officers_of_services_are_accounts",
        "service_requests",
        "id",
        "officer_id",
        "accounts"
    ),
    of_a_thing!("sources_are_campaigns", "campaigns", "id", "copied_from", "campaigns"),
    rows(
        "messages_have_a_subject",
        "whatever is said is said about a wish or a service request",
        "service_messages",
        "select m.subject_id as id from service_messages m \
            where not exists (select 1 from wishes w where w.id = m.subject_id) \
            and not exists (select 1 from service_requests r where r.id = m.subject_id)",
    ),
    of_a_stay!("wishes_have_a_stay", "wishes"),
    of_a_stay!("services_have_a_stay", "service_requests"),
    of_a_stay!("gifts_have_a_stay", "gifts"),
    of_a_person!("stays_have_a_person", "stays", "id"),
    of_a_person!("handovers_have_a_person", "handovers", "id"),
    of_a_person!("attendances_have_a_person", "attendances", "gathering_id"),
    of_a_person!("reflections_have_a_person", "gathering_reflections", "gathering_id"),
    of_a_person!("wishes_have_a_person", "wishes", "id"),
    of_a_person!("services_have_a_person", "service_requests", "id"),
    of_a_person!("gifts_have_a_person", "gifts", "id"),
    // Of a wish without a name the wish stands in the person's place.
    rows(
        "events_have_a_person",
        "whatever stands in timeline is about somebody who is known here, or about a wish",
        "timeline",
        "select t.id from timeline t where not exists (select 1 from members m where m.id = t.person_id) \
            and not exists (select 1 from visitors v where v.id = t.person_id) \
            and not exists (select 1 from wishes w where w.id = t.person_id and w.id = t.subject_id)",
    ),
    of_a_person!("files_have_a_person", "files", "id"),
];
