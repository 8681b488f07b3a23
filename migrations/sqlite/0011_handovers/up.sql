-- A hand-over keeps the days on which it is spoken of and lapses, who answered in the asked one's place, and what the
-- two sides write to each other. The defaults are for the rows that are here already, which the next statement fills.
alter table handovers add column remind_on date not null default '1970-01-01';
alter table handovers add column lapses_on date not null default '1970-01-01';
alter table handovers add column escalated_on date;
alter table handovers add column answered_from_id blob references organisations (id);
alter table handovers add column settled_at timestamp;
update handovers set remind_on = date(due_on, '-5 days'), lapses_on = date(due_on, '+20 days');
update handovers set settled_at = updated_at where state not in ('offered', 'asked');
create index handovers_waiting on handovers (remind_on) where state in ('offered', 'asked');

create table handover_messages (
    handover_id blob not null references handovers (id),
    id blob not null,
    at timestamp not null,
    account_id blob,
    who text not null,
    side text not null,
    body text not null,
    primary key (handover_id, id)
);
create unique index handover_messages_id on handover_messages (id);

-- An item of a briefing keeps the names that it had on the organisation's list.
alter table briefing_items add column zh text;
alter table briefing_items add column en text;
alter table briefing_items add column by_member boolean not null default false;
update briefing_items set by_member = true where item in ('contact_details', 'family_contact');
