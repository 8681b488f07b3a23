-- The tree of organisations (组织). A path is the codes from the root down: a subtree is a range of paths.
create table organisations (
    id uuid primary key not null,
    code text collate "C" not null,
    kind text not null,
    name text not null,
    parent_id uuid references organisations (id),
    path text collate "C" not null,
    division_code text,
    phone text,
    contact_interval_days integer,
    active boolean not null,
    version integer not null,
    created_at timestamp not null,
    updated_at timestamp not null
);
create unique index organisations_code on organisations (code);
create unique index organisations_path on organisations (path);
create index organisations_parent on organisations (parent_id);
