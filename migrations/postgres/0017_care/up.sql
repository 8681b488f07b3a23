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
