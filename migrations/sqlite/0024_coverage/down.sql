drop index attendances_unit;
create index attendances_unit on attendances (path, day);
drop index journey_lines_briefed;
alter table journey_lines drop column briefed_on;
