drop table stay_backgrounds;
