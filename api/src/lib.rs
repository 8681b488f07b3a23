//! Kiteline.
