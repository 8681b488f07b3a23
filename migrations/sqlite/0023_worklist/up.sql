-- What somebody should do next is asked for many times a day: each kind of task is a range of an index of its own, small
-- because it holds only what waits.
create index handovers_open on handovers (asked_path, due_on) where state in ('offered', 'asked');
create index journeys_due on journeys (path, next_checkin_due, id, member_id, state) where state = 'away';
create index journeys_to_brief on journeys (path, planned_departure_on, id, member_id, state) where state = 'planned';
create index members_cards on members (political_key, path);
create index stays_hosted on stays (path, member_id) where state = 'admitted';
create index stays_waiting on stays (path, arrived_on) where state in ('reported', 'verified');
create index service_requests_waiting on service_requests (path, due_on) where state in ('open', 'assigned');
create index declarations_proposed on declarations (proposed_at) where state = 'proposed';
