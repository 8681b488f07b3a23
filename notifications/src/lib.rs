//! Kiteline's jobs, templates and channels: what is said, when, and how it gets there.
//!
//! Jobs write into the outbox, the dispatcher empties it. Both may run on any number of servers at once.
pub mod jobs;
pub mod planner;
