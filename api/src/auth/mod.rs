//! Who is calling: tokens in, actors out.
mod gate;

pub(crate) use gate::Gate;
