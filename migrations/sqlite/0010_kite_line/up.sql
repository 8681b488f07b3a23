-- The line that is held: contacts with members who are away, who looks after them from home, how long they have been
-- silent, who was declared out of contact, where they were before, and the transfer of the formal relation.
create table contacts (
    member_id blob not null references members (id),
    id blob not null,
    journey_id blob not null,
    means text not null,
    outcome text not null,
    summary text,
    next_step text,
    contacted_at timestamp not null,
    recorded_by blob,
    recorded_by_name text not null,
    received_at timestamp not null,
    primary key (member_id, id)
);
create index contacts_journey on contacts (journey_id, contacted_at, id);

alter table journeys add column silence_since date;
alter table journeys add column silence_source text;
alter table journeys add column declaration_id blob;
drop index journeys_one_open_per_member;
create unique index journeys_one_open_per_member on journeys (member_id) where state in ('planned', 'away', 'home_visit', 'out_of_contact');

create table journey_lines (
    member_id blob not null,
    journey_id blob not null,
    officer_name text,
    officer_phone text,
    attended_on date,
    dues_paid_on date,
    primary key (member_id, journey_id)
);

create table declarations (
    id blob primary key not null,
    member_id blob not null references members (id),
    journey_id blob not null,
    reason text not null,
    note text,
    silent_since date not null,
    silence_source text not null,
    state text not null,
    proposed_by text not null,
    proposed_at timestamp not null,
    decided_by text,
    decided_at timestamp,
    decision_reason text,
    ended_by text,
    ended_at timestamp,
    outcome text,
    outcome_note text
);
create index declarations_journey on declarations (journey_id, id);
create unique index declarations_one_open_per_journey on declarations (journey_id) where state in ('proposed', 'confirmed');

create table journey_places (
    member_id blob not null references members (id),
    id blob not null,
    journey_id blob not null,
    division_code text,
    country text,
    place text,
    employer text,
    unit_kind text,
    host_id blob references organisations (id),
    since_on date,
    until_on date not null,
    primary key (member_id, id)
);
create index journey_places_journey on journey_places (journey_id, id);

alter table journeys add column transfer_id blob;

create table transfers (
    id blob primary key not null,
    member_id blob not null references members (id),
    journey_id blob not null,
    origin_id blob not null references organisations (id),
    letter text not null,
    issued_on date not null,
    valid_until date not null,
    receiving_id blob references organisations (id),
    receiving_name text not null,
    state text not null,
    started_by text not null,
    started_at timestamp not null,
    ended_by text,
    ended_at timestamp,
    reason text,
    receipt_on date
);
create index transfers_journey on transfers (journey_id, id);
create index transfers_receiving on transfers (receiving_id, id);
create index transfers_expiring on transfers (valid_until) where state = 'under_way';
