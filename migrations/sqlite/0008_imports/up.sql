-- Spreadsheets on their way in: sealed until they are committed or discarded.
create table imports (
    id blob primary key not null,
    kind text not null,
    organisation_id blob not null references organisations (id),
    path text not null,
    account_id blob,
    file_name text not null,
    file_sealed blob,
    state text not null,
    report text not null,
    created_at timestamp not null,
    settled_at timestamp
);
create index imports_organisation on imports (path, id);
