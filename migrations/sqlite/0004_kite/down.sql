drop table checkins;
drop table briefing_items;
drop table journeys;
