drop table stays_apart;
drop table stay_merges;
drop table stay_reports;
