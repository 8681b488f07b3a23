-- What statistics read from an index alone. The day on which contact is due is in none of them: it changes with each
-- contact, and a check-in is not to write an index more for it.
create index members_statistics on members (path, standing);
create index journeys_statistics on journeys (path, state, departed_on, ended_on);
create index stays_statistics on stays (path, state, arrived_on, admitted_on, left_on);
create index handovers_journey on handovers (journey_id);
