//! All of the suite's tests in one program, so that one PostgreSQL cluster serves them.

#[cfg(test)]
mod contract {
    mod access;
    mod document;
    mod schema;
}

#[cfg(test)]
mod scenarios {
    mod auth;
    mod checkin;
    mod commands;
    mod delivery;
    mod first_look;
    mod handovers;
    mod imports;
    mod jobs;
    mod kite;
    mod line;
    mod magnet;
    mod neighbours;
    mod out_of_contact;
    mod people;
    mod post;
    mod rosters;
    mod transfers;
}

#[cfg(test)]
mod properties {
    mod pages;
}

#[cfg(test)]
mod faults {
    mod database;
}
