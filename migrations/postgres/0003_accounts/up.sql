-- Accounts, what they may do where, and how they log in.
-- Failed logins are counted by the keyed hash of what was typed, so that an unknown login is slowed down like a known one.
create table accounts (
    id uuid primary key not null,
    login text collate "C" not null,
    password_hash text,
    member_id uuid references members (id),
    name text not null,
    email text,
    language text not null,
    active boolean not null,
    version integer not null,
    created_at timestamp not null,
    updated_at timestamp not null
);
create unique index accounts_login on accounts (login);
create unique index accounts_member on accounts (member_id);

create table grants (
    account_id uuid not null references accounts (id),
    role text not null,
    organisation_id uuid not null references organisations (id),
    granted_by uuid,
    granted_at timestamp not null,
    primary key (account_id, role, organisation_id)
);
create index grants_organisation on grants (organisation_id, role);

create table activations (
    code_hash bytea primary key not null,
    member_id uuid not null references members (id),
    issued_by uuid,
    issued_at timestamp not null,
    expires_at timestamp not null,
    used_at timestamp
);
create index activations_member on activations (member_id);

create table sessions (
    id uuid primary key not null,
    account_id uuid not null references accounts (id),
    device text,
    started_at timestamp not null,
    expires_at timestamp not null,
    ended_at timestamp,
    end_reason text
);
create index sessions_account on sessions (account_id);

create table refresh_tokens (
    token_hash bytea primary key not null,
    session_id uuid not null references sessions (id),
    issued_at timestamp not null,
    used_at timestamp
);
create index refresh_tokens_session on refresh_tokens (session_id);

create table login_failures (
    login_hash bytea primary key not null,
    failures integer not null,
    last_at timestamp not null,
    locked_until timestamp
);
create index login_failures_last on login_failures (last_at);
