-- The line that is held: contacts with members who are away, who looks after them from home, how long they have been
-- silent, who was declared out of contact, where they were before, and the transfer of the formal relation.
create table contacts (
    member_id uuid not null references members (id),
    id uuid not null,
    journey_id uuid not null,
    means text not null,
    outcome text not null,
    summary text,
    next_step text,
    contacted_at timestamp not null,
    recorded_by uuid,
    recorded_by_name text not null,
    received_at timestamp not null,
    primary key (member_id, id)
);
create index contacts_journey on contacts (journey_id, contacted_at, id);
