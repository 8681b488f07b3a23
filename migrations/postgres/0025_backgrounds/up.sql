-- What the yearly tables ask about somebody who has come in, where no journey from here and no origin here tells it.
create table stay_backgrounds (
    stay_id uuid primary key not null,
    origin_division_code text collate "C",
    unit_kind text,
    former_occupation text
);
