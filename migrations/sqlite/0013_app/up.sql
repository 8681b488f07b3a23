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
