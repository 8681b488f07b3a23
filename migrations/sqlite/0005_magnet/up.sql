-- Stays (流入), the numbers of their registers, and hand-overs (对接) between organisations.
create table stays (
    person_id blob not null,
    id blob not null,
    member_id blob references members (id),
    host_id blob not null references organisations (id),
    path text not null,
    source text not null,
    state text not null,
    origin_id blob references organisations (id),
    origin_name text,
    origin_phone text,
    journey_id blob,
    arrived_on date not null,
    address text,
    employer text,
    home_unit_id blob references organisations (id),
    contact_officer_id blob,
    contact_officer_name text,
    contact_officer_phone text,
    register_year integer,
    register_number integer,
    verified_by text,
    verified_on date,
    confirmed_by text,
    confirmed_phone text,
    admitted_on date,
    reason text,
    left_on date,
    next_place text,
    next_division_code text,
    version integer not null,
    created_at timestamp not null,
    updated_at timestamp not null,
    primary key (person_id, id)
);
create unique index stays_id on stays (id);
create unique index stays_one_admitted_per_person on stays (person_id) where state = 'admitted';
create unique index stays_one_open_per_host on stays (person_id, host_id) where state in ('reported', 'verifying', 'verified', 'admitted');
create unique index stays_register on stays (host_id, register_year, register_number);
create index stays_roster on stays (path, id);
create index stays_journey on stays (journey_id);

create table register_counters (
    host_id blob not null references organisations (id),
    year integer not null,
    last_number integer not null,
    primary key (host_id, year)
);

create table handovers (
    id blob primary key not null,
    kind text not null,
    person_id blob not null,
    journey_id blob,
    stay_id blob,
    asking_id blob not null references organisations (id),
    asking_path text not null,
    asked_id blob not null references organisations (id),
    asked_path text not null,
    state text not null,
    reason text,
    asked_by text not null,
    answered_by text,
    answered_at timestamp,
    due_on date not null,
    version integer not null,
    created_at timestamp not null,
    updated_at timestamp not null
);
create unique index handovers_one_open_per_journey on handovers (journey_id, asked_id) where state = 'offered';
create unique index handovers_one_open_per_stay on handovers (stay_id) where state = 'asked';
create index handovers_stay on handovers (stay_id);
create index handovers_incoming on handovers (asked_path, id);
create index handovers_outgoing on handovers (asking_path, id);
