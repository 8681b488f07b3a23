drop table calendar_feeds;
drop table gathering_reflections;
drop table attendances;
drop table gathering_audiences;
drop table gatherings;
drop table lecturer_villages;
drop table lecturers;
