-- Campaigns (节日活动): what an organisation does around a festival. `audience`, `prompts` and `activities` are JSON that
-- no statement looks into.
create table campaigns (
    id uuid primary key not null,
    organisation_id uuid not null references organisations (id),
    path text collate "C" not null,
    festival text not null,
    year integer not null,
    festival_on date not null,
    starts_on date not null,
    ends_on date not null,
    title text not null,
    audience text not null,
    prompts text not null,
    activities text not null,
    state text not null,
    opened_on date,
    settled_on date,
    reason text,
    copied_from uuid,
    created_by text not null,
    version integer not null,
    created_at timestamp not null,
    updated_at timestamp not null
);
create index campaigns_festival on campaigns (festival, year, path);
create index campaigns_path on campaigns (path, id);
create unique index campaigns_one_open on campaigns (organisation_id, festival, year) where state = 'open';

-- What came of a campaign, as it was when it was closed: JSON, never changed.
create table campaign_reports (
    campaign_id uuid primary key not null references campaigns (id),
    report text not null
);
