-- A host that hears nothing of somebody asks the origin; where the person is, as the origin says.
alter table handovers add column whereabouts text;

-- Visits (走访) of hosts to people who stay with them: members or visitors.
create table visits (
    person_id uuid not null,
    id uuid not null,
    stay_id uuid not null,
    means text not null,
    outcome text not null,
    summary text,
    next_step text,
    visited_at timestamp not null,
    recorded_by uuid,
    recorded_by_name text not null,
    received_at timestamp not null,
    primary key (person_id, id)
);
create index visits_stay on visits (stay_id, visited_at, id);

-- Whom somebody looks after.
create index journeys_officer on journeys (contact_officer_id) where contact_officer_id is not null;
create index stays_officer on stays (contact_officer_id) where contact_officer_id is not null;
-- Who is admitted to a home unit.
create index stays_home_unit on stays (home_unit_id) where home_unit_id is not null;

-- Contact officers who handed their lists over, in one step each.
create table officer_handings (
    id uuid primary key not null,
    organisation_id uuid references organisations (id),
    from_id uuid not null references accounts (id),
    from_name text not null,
    to_id uuid not null references accounts (id),
    to_name text not null,
    reason text not null,
    people integer not null,
    journeys integer not null,
    stays integer not null,
    outside integer not null,
    handed_by uuid,
    handed_by_name text not null,
    handed_at timestamp not null
);

-- Members whose telephone number does not work any more; a new number ends it.
create table phone_troubles (
    member_id uuid primary key not null references members (id),
    id uuid not null,
    source text not null,
    note text,
    since_on date not null,
    noted_by text not null,
    noted_at timestamp not null
);

-- What committees made of the suggestion to set up a temporary branch where several members of one branch have gone.
create table cluster_answers (
    id uuid primary key not null,
    organisation_id uuid not null references organisations (id),
    division_code text not null,
    kind text not null,
    members integer not null,
    reason text,
    approved_by text,
    approved_on date,
    valid_until date,
    answered_by text not null,
    answered_at timestamp not null
);
create index cluster_answers_organisation on cluster_answers (organisation_id, division_code, id);
