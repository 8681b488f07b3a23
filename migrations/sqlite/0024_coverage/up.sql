-- What the coverage counts. The day on which the last item of a briefing was done: whoever counts who was briefed reads a
-- day, not a list; hours of learning are added up from an index alone.
alter table journey_lines add column briefed_on date;
insert into journey_lines (member_id, journey_id, briefed_on)
select member_id, journey_id, max(done_on) from briefing_items
where true group by member_id, journey_id having count(*) = count(done_on)
on conflict (member_id, journey_id) do update set briefed_on = excluded.briefed_on;
create index journey_lines_briefed on journey_lines (journey_id, briefed_on) where briefed_on IS NOT NULL;
drop index attendances_unit;
create index attendances_unit on attendances (path, day, state, minutes);
