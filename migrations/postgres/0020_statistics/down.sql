drop index handovers_journey;
drop index stays_statistics;
drop index journeys_statistics;
drop index members_statistics;
