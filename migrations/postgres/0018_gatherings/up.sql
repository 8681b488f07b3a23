-- Lecturers (党课名师), and the villages that each is paired with.
create table lecturers (
    id uuid primary key not null,
    organisation_id uuid not null references organisations (id),
    path text collate "C" not null,
    name text not null,
    topic text,
    active boolean not null,
    version integer not null,
    created_at timestamp not null,
    updated_at timestamp not null
);
create index lecturers_list on lecturers (path, id);

create table lecturer_villages (
    lecturer_id uuid not null references lecturers (id),
    organisation_id uuid not null references organisations (id),
    primary key (lecturer_id, organisation_id)
);
create index lecturer_villages_organisation on lecturer_villages (organisation_id);

-- Gatherings (活动). Those of a series share its id and rule. `day` is that of the beginning in the deployment's zone.
create table gatherings (
    id uuid primary key not null,
    organisation_id uuid not null references organisations (id),
    path text collate "C" not null,
    kind text not null,
    title text not null,
    description text,
    place text,
    link text,
    starts_at timestamp not null,
    ends_at timestamp not null,
    day date not null,
    learning_minutes integer not null,
    lecturer_id uuid references lecturers (id),
    series_id uuid,
    series_rule text,
    state text not null,
    reason text,
    organised_by text not null,
    invited_on date,
    version integer not null,
    created_at timestamp not null,
    updated_at timestamp not null
);
create index gatherings_time on gatherings (starts_at, id);
create index gatherings_organisation on gatherings (path, starts_at);
create index gatherings_series on gatherings (series_id, starts_at) where series_id is not null;

-- Who is meant: whoever any of the clauses means. Divisions are those from `division_code` to `division_until`.
create table gathering_audiences (
    gathering_id uuid not null references gatherings (id),
    position smallint not null,
    kind text not null,
    organisation_id uuid not null references organisations (id),
    path text collate "C" not null,
    division_code text,
    division_until text,
    month smallint,
    missed_id uuid,
    primary key (gathering_id, position)
);
create index gathering_audiences_path on gathering_audiences (path);

-- Who is on the list of a gathering, and whether the person was there. The unit is that by which the person was meant;
-- `day` and `minutes` are the gathering's, so that hours are added up without it; minutes count where attended.
create table attendances (
    gathering_id uuid not null references gatherings (id),
    person_id uuid not null,
    member_id uuid references members (id),
    unit_id uuid not null references organisations (id),
    path text collate "C" not null,
    state text not null,
    day date not null,
    minutes integer not null,
    means text,
    reason text,
    made_up_by uuid,
    recorded_by text,
    recorded_at timestamp,
    received_at timestamp,
    listed_at timestamp not null,
    primary key (gathering_id, person_id)
);
create index attendances_person on attendances (person_id, day);
create index attendances_unit on attendances (path, day);
create index attendances_missed on attendances (path, day) where state = 'missed';

-- What people write about a gathering, sealed; the branch reads what they share.
create table gathering_reflections (
    gathering_id uuid not null references gatherings (id),
    person_id uuid not null,
    text_sealed bytea not null,
    shared boolean not null,
    written_at timestamp not null,
    primary key (gathering_id, person_id)
);
create index gathering_reflections_person on gathering_reflections (person_id);

-- The address under which a member's phone fetches the own calendar: one a member, known by its hash.
create table calendar_feeds (
    member_id uuid primary key not null references members (id),
    token_hash bytea not null,
    created_at timestamp not null
);
create unique index calendar_feeds_token on calendar_feeds (token_hash);
