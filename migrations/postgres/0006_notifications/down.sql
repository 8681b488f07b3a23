drop table job_runs;
drop table inbox;
drop table channels;
drop table outbox;
