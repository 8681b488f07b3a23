alter table handovers drop column whereabouts;
