-- What is to be said, to whom, once an occasion; what was said inside the app; which job has run for which day.
-- A row that is being sent has its `not_before` moved to the end of the lease: if the sender dies, it is due again.
create table outbox (
    recipient_id blob not null,
    occasion text not null,
    subject_id blob not null,
    period text not null,
    channel text not null,
    recipient_kind text not null,
    state text not null,
    attempts integer not null,
    not_before timestamp not null,
    first_tried_at timestamp,
    expires_on date,
    last_error text,
    day date not null,
    planned_at timestamp not null,
    settled_at timestamp,
    primary key (recipient_id, occasion, subject_id, period, channel)
);
create index outbox_waiting on outbox (channel, not_before) where state = 'waiting';
create index outbox_failed on outbox (recipient_id) where state = 'failed';

create table channels (
    channel text primary key not null
);
insert into channels (channel) values ('inbox'), ('email');

create table inbox (
    recipient_id blob not null,
    id blob not null,
    occasion text not null,
    subject_id blob not null,
    title text not null,
    body text not null,
    created_at timestamp not null,
    read_at timestamp,
    primary key (recipient_id, id)
);

create table job_runs (
    job text not null,
    day date not null,
    planned integer not null,
    failure text,
    started_at timestamp not null,
    finished_at timestamp,
    primary key (job, day)
);
