-- Members (党员) and visitors: identity numbers and phones sealed, found again by a keyed hash.
-- A member carries the path of the home branch, so that a roster in the order (path, id) is one index range.
-- A key (month and day) is absent where the day of the date is not known.
create table members (
    id blob primary key not null,
    home_branch_id blob not null references organisations (id),
    path text not null,
    name text not null,
    gender text not null,
    ethnicity text,
    identity_sealed blob,
    identity_hash blob,
    birth_date date,
    birthday_calendar text not null,
    birthday_key smallint,
    phone_sealed blob,
    phone_hash blob,
    email text,
    education text,
    address text,
    standing text not null,
    joined_on date,
    political_key smallint,
    full_member_on date,
    language text not null,
    by_email boolean not null,
    quiet_from time not null,
    quiet_until time not null,
    consent_version text,
    consented_at timestamp,
    version integer not null,
    created_at timestamp not null,
    updated_at timestamp not null
);
create unique index members_identity on members (identity_hash);
create index members_roster on members (path, id);
create index members_phone on members (phone_hash);
create index members_birthday on members (birthday_calendar, birthday_key);
create index members_political_birthday on members (political_key);

create table visitors (
    id blob primary key not null,
    name text not null,
    gender text,
    ethnicity text,
    identity_sealed blob,
    identity_hash blob,
    phone_sealed blob,
    phone_hash blob,
    created_at timestamp not null
);
create unique index visitors_identity on visitors (identity_hash);
