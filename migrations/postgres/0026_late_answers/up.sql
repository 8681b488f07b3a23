-- The first day that passed without the answer that was due on it: asked again, a request is due anew, and was late still.
alter table service_requests add column late_on date;
update service_requests set late_on = due_on where answered_on > due_on;
