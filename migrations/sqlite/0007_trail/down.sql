drop table audit;
drop table timeline;
