-- Certificates (流动党员活动证), the counters of their yearly series, and what is entered in them.
create table certificates (
    id blob primary key not null,
    number text not null,
    member_id blob not null references members (id),
    journey_id blob not null,
    issuer_id blob not null references organisations (id),
    issued_on date not null,
    issued_by text not null,
    valid_from date not null,
    valid_until date not null,
    state text not null,
    ended_on date,
    reason text,
    replaced_by text,
    version integer not null,
    created_at timestamp not null,
    updated_at timestamp not null
);
create unique index certificates_number on certificates (number);
create unique index certificates_one_open_per_journey on certificates (journey_id) where state in ('valid', 'lost');
create index certificates_journey on certificates (journey_id, id);
create index certificates_member on certificates (member_id, id);
create index certificates_void on certificates (valid_until, number) where state <> 'valid';

create table certificate_counters (
    issuer_id blob not null references organisations (id),
    year integer not null,
    last_number integer not null,
    primary key (issuer_id, year)
);

create table certificate_entries (
    journey_id blob not null,
    kind text not null,
    subject text not null,
    organisation_id blob not null references organisations (id),
    entered_on date not null,
    contact text,
    said text,
    entered_by text not null,
    entered_at timestamp not null,
    primary key (journey_id, kind, subject)
);

-- The telephone that was called, or the number of the certificate that was shown.
alter table stays rename column confirmed_phone to confirmed_number;
