-- What happened: to a person, readable by both sides; and in the system, readable by the auditor.
create table timeline (
    person_id uuid not null,
    id uuid not null,
    subject_id uuid not null,
    at timestamp not null,
    account_id uuid,
    who text not null,
    event text not null,
    reason text,
    detail text,
    primary key (person_id, id)
);
create index timeline_subject on timeline (subject_id, id);

create table audit (
    id uuid primary key not null,
    at timestamp not null,
    account_id uuid,
    who text not null,
    action text not null,
    person_id uuid,
    subject_id uuid,
    path text collate "C",
    detail text
);
create index audit_person on audit (person_id, id);
