-- Somebody is reported by the code on a host's door, or again by another way: what was said, for the stay that it is.
-- A report by the code has the id of the stay that it began, where it began one.
create table stay_reports (
    id uuid primary key not null,
    stay_id uuid not null,
    person_id uuid not null,
    source text not null,
    name text not null,
    phone_sealed bytea,
    received_at timestamp not null
);
create index stay_reports_stay on stay_reports (stay_id, id);
create index stay_reports_person on stay_reports (person_id, id);

-- Of two stays of one person, which was merged into which; and which are of two people, because somebody said so.
create table stay_merges (
    stay_id uuid primary key not null,
    into_id uuid not null,
    merged_by text not null,
    merged_at timestamp not null
);
create index stay_merges_into on stay_merges (into_id);

create table stays_apart (
    one_id uuid not null,
    other_id uuid not null,
    reason text not null,
    said_by text not null,
    said_at timestamp not null,
    primary key (one_id, other_id)
);
