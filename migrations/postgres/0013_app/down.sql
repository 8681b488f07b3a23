drop table answers;
alter table checkins drop column clock_doubtful;
