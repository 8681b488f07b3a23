-- What the app needs on bad networks.
-- A check-in from a phone whose clock is wrong by years counts as of when it was received, and says so.
alter table checkins add column clock_doubtful boolean not null default false;

-- Requests that create, under the key that the caller chose: what was answered, sealed, for a week.
create table answers (
    account_id blob not null references accounts (id),
    key text not null,
    request_hash blob not null,
    claimed_at timestamp not null,
    answer_sealed blob,
    primary key (account_id, key)
);
create index answers_claimed on answers (claimed_at);

-- What members ask the branch to do about their records; of a phone change the new number, sealed for the member.
create table requests (
    id blob primary key not null,
    member_id blob not null references members (id),
    kind text not null,
    said text,
    phone_sealed blob,
    state text not null,
    reason text,
    answered_by text,
    answered_at timestamp,
    version integer not null,
    created_at timestamp not null
);
create index requests_member on requests (member_id, id);
create index requests_open on requests (id) where state = 'open';

-- A new e-mail address that waits for the code which was mailed to it; the code is derived from the id and not kept.
create table email_changes (
    member_id blob primary key not null references members (id),
    id blob not null,
    email text not null,
    sent integer not null,
    failures integer not null,
    created_at timestamp not null
);
create unique index email_changes_id on email_changes (id);
