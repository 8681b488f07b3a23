drop table organisation_settings;
