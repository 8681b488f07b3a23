drop table declarations;
drop table journey_lines;
drop index journeys_one_open_per_member;
alter table journeys drop column declaration_id;
alter table journeys drop column silence_source;
alter table journeys drop column silence_since;
create unique index journeys_one_open_per_member on journeys (member_id) where state in ('planned', 'away', 'home_visit');
drop table contacts;
