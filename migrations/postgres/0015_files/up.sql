-- Files that belong to something. Their bytes lie sealed in the object store under the file's id.
create table files (
    id uuid primary key not null,
    person_id uuid not null,
    subject_id uuid not null,
    purpose text not null,
    file_type text not null,
    size integer not null,
    digest bytea not null,
    uploaded_by text not null,
    uploaded_at timestamp not null
);
create index files_subject on files (subject_id, purpose, id);
create index files_person on files (person_id, id);
