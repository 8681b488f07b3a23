//! The ways out of the house. The inbox needs none of its own: its messages are stored with the outbox's settling.
pub mod email;
mod smtp;
