-- A host that hears nothing of somebody asks the origin; where the person is, as the origin says.
alter table handovers add column whereabouts text;
