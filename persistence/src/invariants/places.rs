//! Where things stand in the tree: what is kept twice is the same.
use super::{Invariant, rows};

/// A path that is kept beside the id of the organisation whose it is.
macro_rules! path {
    ($table:literal . $path:literal of $organisation:literal, $id:literal) => {
        rows(
            concat!($table, "_", $path, "_is_the_organisations"),
            concat!("each ", $path, " of ", $table, " is that of its organisation"),
            $table,
            concat!(
                "select x.",
                $id,
                " as id from ",
                $table,
                " x left join organisations o on o.id = x.",
                $organisation,
                " where o.id is null or o.path <> x.",
                $path
            ),
        )
    };
}

pub(super) const ALL: &[Invariant] = &[
    rows(
        "path_is_the_parents_and_the_code",
        "an organisation's path is its parent's and its own code",
        "organisations",
        "select o.id from organisations o left join organisations p on p.id = o.parent_id \
            where o.path <> coalesce(p.path, '/') || o.code || '/'",
    ),
    path!("members"."path" of "home_branch_id", "id"),
    path!("journeys"."path" of "origin_id", "id"),
    path!("stays"."path" of "host_id", "id"),
    path!("handovers"."asking_path" of "asking_id", "id"),
    path!("handovers"."asked_path" of "asked_id", "id"),
    path!("imports"."path" of "organisation_id", "id"),
    path!("webhooks"."path" of "organisation_id", "id"),
    path!("campaigns"."path" of "organisation_id", "id"),
    path!("lecturers"."path" of "organisation_id", "id"),
    path!("gatherings"."path" of "organisation_id", "id"),
    path!("gathering_audiences"."path" of "organisation_id", "gathering_id"),
    path!("attendances"."path" of "unit_id", "person_id"),
    path!("wishes"."path" of "organisation_id", "id"),
    path!("service_requests"."path" of "organisation_id", "id"),
    path!("gifts"."path" of "organisation_id", "id"),
    rows(
        "political_key_is_the_joining_days",
        "the month and day by which political birthdays are found are those on which the member joined",
        "members",
        "select id from members where political_key is not null and (joined_on is null or political_key <> \
            cast(substr(cast(joined_on as text), 6, 2) as integer) * 100 \
            + cast(substr(cast(joined_on as text), 9, 2) as integer))",
    ),
    rows(
        "member_role_is_a_members",
        "only the account of a member holds a member's role",
        "grants",
        "select g.account_id as id from grants g inner join accounts a on a.id = g.account_id \
            where g.role = 'member' and a.member_id is null",
    ),
];
