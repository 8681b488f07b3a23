-- What an organisation does for people besides keeping in touch: wishes (微心愿), service requests (服务事项), gifts.
-- A person is served at home or, with a stay, by the host that admitted the person. Days are kept, not instants: of an
-- anonymous wish nothing shall tell at which minute its author used the app.
create table wishes (
    id blob primary key not null,
    person_id blob not null,
    stay_id blob,
    organisation_id blob not null references organisations (id),
    path text not null,
    said text not null,
    anonymous boolean not null,
    state text not null,
    written_on date not null,
    published_on date,
    published_by text,
    claimed_on date,
    claimed_by blob,
    claimed_by_member blob,
    claimed_by_name text,
    fulfilled_on date,
    fulfilled_by text,
    thanked_on date,
    ended_on date,
    reason text,
    author_acted_on date not null,
    version integer not null
);
create index wishes_place on wishes (path, id);
create index wishes_person on wishes (person_id, id);
create index wishes_stay on wishes (stay_id) where stay_id IS NOT NULL;
create index wishes_claimer on wishes (claimed_by_member) where claimed_by_member IS NOT NULL;
create index wishes_published on wishes (organisation_id, id) where state = 'published';
create index wishes_written_on on wishes (path, written_on);
create index wishes_fulfilled_on on wishes (path, fulfilled_on) where fulfilled_on IS NOT NULL;
create index wishes_author_acted on wishes (author_acted_on);

create table service_requests (
    id blob primary key not null,
    person_id blob not null,
    stay_id blob,
    organisation_id blob not null references organisations (id),
    path text not null,
    kind text not null,
    said text not null,
    state text not null,
    asked_on date not null,
    asked_by text,
    term_days integer not null,
    due_on date not null,
    officer_id blob,
    officer_name text,
    assigned_on date,
    answered_on date,
    answered_by text,
    answered_from_id blob,
    resolved_on date,
    rating text,
    rated_on date,
    withdrawn_on date,
    escalations smallint not null,
    escalated_id blob,
    escalated_on date,
    escalates_on date,
    version integer not null,
    created_at timestamp not null
);
create index service_requests_place on service_requests (path, id);
create index service_requests_person on service_requests (person_id, id);
create index service_requests_stay on service_requests (stay_id) where stay_id IS NOT NULL;
create index service_requests_officer on service_requests (officer_id, id) where officer_id IS NOT NULL;
create index service_requests_asked_on on service_requests (path, asked_on);
create index service_requests_unanswered on service_requests (due_on) where state in ('open', 'assigned');

-- What is said about a wish or a service request, in order. Of an anonymous author there is no name.
create table service_messages (
    subject_id blob not null,
    place integer not null,
    side text not null,
    who text,
    body text not null,
    said_on date not null,
    primary key (subject_id, place)
);

create table gifts (
    id blob primary key not null,
    person_id blob not null,
    stay_id blob,
    organisation_id blob not null references organisations (id),
    path text not null,
    occasion text not null,
    item text not null,
    name text,
    given_on date not null,
    given_by text not null,
    note text,
    state text not null,
    reason text,
    recorded_by blob,
    recorded_by_name text not null,
    version integer not null,
    created_at timestamp not null
);
create index gifts_place on gifts (path, id);
create index gifts_person on gifts (person_id, id);
create index gifts_stay on gifts (stay_id) where stay_id IS NOT NULL;
create index gifts_given_on on gifts (path, given_on);
