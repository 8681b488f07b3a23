-- Journeys (流出) and what belongs to them; the member comes first in every key.
create table journeys (
    member_id uuid not null references members (id),
    id uuid not null,
    origin_id uuid not null references organisations (id),
    path text collate "C" not null,
    reason text not null,
    division_code text collate "C",
    country text,
    place text,
    employer text,
    unit_kind text,
    former_occupation text,
    host_id uuid references organisations (id),
    contact_officer_id uuid,
    certificate_number text,
    planned_departure_on date,
    expected_return_on date,
    departed_on date,
    state text not null,
    home_since date,
    ended_on date,
    transferred_to text,
    transfer_letter text,
    contact_interval_days integer not null,
    next_checkin_due date,
    last_contact_at timestamp,
    version integer not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    primary key (member_id, id)
);
create unique index journeys_id on journeys (id);
create unique index journeys_one_open_per_member on journeys (member_id) where state in ('planned', 'away', 'home_visit');
create index journeys_roster on journeys (path, id);
create index journeys_planned on journeys (planned_departure_on) where state = 'planned';

create table briefing_items (
    member_id uuid not null,
    journey_id uuid not null,
    item text not null,
    position smallint not null,
    done_on date,
    done_by text,
    primary key (member_id, journey_id, item)
);

create table checkins (
    member_id uuid not null references members (id),
    id uuid not null,
    journey_id uuid not null,
    kind text not null,
    division_code text,
    place text,
    wellbeing text not null,
    note text,
    means text not null,
    recorded_by uuid,
    recorded_at timestamp not null,
    received_at timestamp not null,
    primary key (member_id, id)
);
create index checkins_journey on checkins (journey_id, recorded_at);
