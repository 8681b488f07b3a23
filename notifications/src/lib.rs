//! Kiteline's jobs, templates and channels: what is said, when, and how it gets there.
//!
//! Jobs write into the outbox, the dispatcher empties it. Both may run on any number of servers at once.
pub mod channels;
mod content;
mod dispatcher;
pub mod inspection;
pub mod jobs;
mod notifier;
pub mod planner;
mod retry;
mod scheduler;
pub mod templates;
pub mod webhooks;

pub use channels::email::{MailSettings, MailSettingsError, Mailer, Outlet, Smtp, Tls};
pub use content::text_of;
pub use dispatcher::Tally;
pub use notifier::{Notifier, SetupError};
pub use scheduler::{Clockwork, Rhythm};
