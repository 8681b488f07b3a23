-- What an organisation has chosen; it holds for those below it unless they choose otherwise. One row a key, the value
-- as JSON. How often contact is made stays where it is, in organisations.contact_interval_days.
create table organisation_settings (
    organisation_id blob not null references organisations (id),
    key text not null,
    value text not null,
    primary key (organisation_id, key)
);
