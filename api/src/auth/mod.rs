//! Who is calling: passwords and codes in, tokens out; tokens in, actors out.
mod certificate;
pub mod code;
mod desk;
mod door;
mod gate;
mod gathering;
pub mod keys;
pub mod password;
pub mod token;

pub(crate) use certificate::Proof;
pub(crate) use desk::{Attempt, Choice, Desk, Pass};
pub(crate) use door::door_until;
pub(crate) use gate::Gate;
