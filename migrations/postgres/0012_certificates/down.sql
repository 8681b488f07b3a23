alter table stays rename column confirmed_number to confirmed_phone;
drop table certificate_entries;
drop table certificate_counters;
drop table certificates;
