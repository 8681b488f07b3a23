drop table cluster_answers;
drop table phone_troubles;
drop table officer_handings;
drop index stays_home_unit;
drop index stays_officer;
drop index journeys_officer;
drop table visits;
alter table handovers drop column whereabouts;
