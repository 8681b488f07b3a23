-- What the yearly tables ask about somebody who has come in, where no journey from here and no origin here tells it.
create table stay_backgrounds (
    stay_id blob primary key not null,
    origin_division_code text,
    unit_kind text,
    former_occupation text
);
