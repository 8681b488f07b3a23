drop table visitors;
drop table members;
