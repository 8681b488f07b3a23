-- Addresses of other systems that are told what happens in an organisation's subtree.
create table webhooks (
    id blob primary key not null,
    organisation_id blob not null references organisations (id),
    path text not null,
    url text not null,
    description text,
    events text not null,
    state text not null,
    secret_sealed blob not null,
    old_secret_sealed blob,
    old_secret_until timestamp,
    failing_since timestamp,
    owner_id blob,
    version integer not null,
    created_at timestamp not null,
    updated_at timestamp not null
);
create index webhooks_path on webhooks (path, id);

-- What each of them is told, in the order of what happened to each subject: `place` counts the subject's own.
create table webhook_deliveries (
    id blob primary key not null,
    webhook_id blob not null references webhooks (id) on delete cascade,
    event text not null,
    subject_id blob not null,
    place integer not null,
    body text not null,
    state text not null,
    attempts integer not null,
    not_before timestamp not null,
    first_tried_at timestamp,
    created_at timestamp not null,
    settled_at timestamp
);
create index webhook_deliveries_webhook on webhook_deliveries (webhook_id, id);
create index webhook_deliveries_state on webhook_deliveries (webhook_id, state, id);
create index webhook_deliveries_subject on webhook_deliveries (webhook_id, subject_id, place, id);
create index webhook_deliveries_due on webhook_deliveries (webhook_id, not_before) where state = 'waiting';
create index webhook_deliveries_settled on webhook_deliveries (settled_at) where settled_at IS NOT NULL;

-- Each time that it was tried.
create table webhook_attempts (
    delivery_id blob not null references webhook_deliveries (id) on delete cascade,
    id blob not null,
    at timestamp not null,
    took_ms integer not null,
    status integer,
    answer text,
    primary key (delivery_id, id)
);
