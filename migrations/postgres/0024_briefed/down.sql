drop index journey_lines_briefed;
alter table journey_lines drop column briefed_on;
