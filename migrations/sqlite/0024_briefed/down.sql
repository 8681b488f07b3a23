alter table journey_lines drop column briefed_on;
