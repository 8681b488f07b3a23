drop table stay_reports;
