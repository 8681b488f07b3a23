-- Files that belong to something. Their bytes lie sealed in the object store under the file's id.
create table files (
    id blob primary key not null,
    person_id blob not null,
    subject_id blob not null,
    purpose text not null,
    file_type text not null,
    size integer not null,
    digest blob not null,
    uploaded_by text not null,
    uploaded_at timestamp not null
);
create index files_subject on files (subject_id, purpose, id);
create index files_person on files (person_id, id);
