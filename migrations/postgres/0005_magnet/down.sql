drop table handovers;
drop table register_counters;
drop table stays;
