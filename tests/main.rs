//! All of the suite's tests in one program, so that one PostgreSQL cluster serves them.

#[cfg(test)]
mod contract {
    mod access;
    mod conventions;
    mod document;
    mod schema;
}

#[cfg(test)]
mod scenarios {
    mod advice;
    mod app;
    mod arrivals;
    mod attendance;
    mod auth;
    mod briefings;
    mod calendars;
    mod campaigns;
    mod certificates;
    mod checkin;
    mod commands;
    mod conversations;
    mod delivery;
    mod equal_treatment;
    mod first_look;
    mod gatherings;
    mod gifts;
    mod handovers;
    mod imports;
    mod invariants;
    mod jobs;
    mod kite;
    mod leaving;
    mod lecturers_tour;
    mod line;
    mod magnet;
    mod moves;
    mod neighbours;
    mod officers;
    mod out_of_contact;
    mod papers;
    mod people;
    mod political_birthdays;
    mod post;
    mod probation;
    mod proofs;
    mod rosters;
    mod service_requests;
    mod settings;
    mod shaky_network;
    mod simulation;
    mod statistics;
    mod transfers;
    mod webhooks;
    mod wishes;
    mod worklist;
    mod yearly;
}

#[cfg(test)]
mod properties {
    mod pages;
    mod sync;
}

#[cfg(test)]
mod faults {
    mod database;
}
