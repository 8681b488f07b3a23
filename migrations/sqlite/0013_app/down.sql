drop table email_changes;
drop table requests;
drop table answers;
alter table checkins drop column clock_doubtful;
