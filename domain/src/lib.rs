//! Kiteline's rules: states and transitions, who may do what, calendars, identity numbers, divisions.
//!
//! No I/O, no clock of its own, no SQL, no HTTP: everything here is a function of its arguments.
pub mod access;
pub mod advice;
pub mod audience;
pub mod briefing;
pub mod calendar;
pub mod care;
pub mod certificate;
pub mod checkin;
pub mod clock;
pub mod cluster;
pub mod codes;
pub mod contact;
pub mod conversation;
pub mod declaration;
pub mod division;
pub mod email;
pub mod file;
pub mod gathering;
pub mod gift;
pub mod handover;
pub mod id;
pub mod identity;
pub mod journey;
pub mod login;
pub mod member;
pub mod notification;
pub mod organisation;
pub mod phone;
pub mod probation;
pub mod request;
pub mod roster;
pub mod service;
pub mod settings;
pub mod silence;
pub mod spreadsheet;
pub mod stay;
pub mod transfer;
#[cfg(test)]
mod transitions;
pub mod wish;
pub mod words;
