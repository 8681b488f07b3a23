drop index declarations_proposed;
drop index service_requests_waiting;
drop index stays_waiting;
drop index stays_hosted;
drop index members_cards;
drop index journeys_to_brief;
drop index journeys_due;
drop index handovers_open;
