-- What happened: to a person, readable by both sides; and in the system, readable by the auditor.
create table timeline (
    person_id blob not null,
    id blob not null,
    subject_id blob not null,
    at timestamp not null,
    account_id blob,
    who text not null,
    event text not null,
    reason text,
    detail text,
    primary key (person_id, id)
);
create index timeline_subject on timeline (subject_id, id);

create table audit (
    id blob primary key not null,
    at timestamp not null,
    account_id blob,
    who text not null,
    action text not null,
    person_id blob,
    subject_id blob,
    path text,
    detail text
);
create index audit_person on audit (person_id, id);
