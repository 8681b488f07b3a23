//! Kiteline.
fn main() {}
