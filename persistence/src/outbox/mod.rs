//! The outbox: what is to be said, to whom, once an occasion. Its primary key is the occasion's key, so that planning
//! twice, on two servers or after a crash, adds nothing.
mod arrivals;
mod campaigns;
mod claim;
mod facts;
mod gatherings;
mod handings;
mod journeys;
mod list;
mod plan;
mod records;
mod services;
mod stays;
mod webhooks;

pub use arrivals::ArrivalFacts;
pub(crate) use campaigns::prompt_ahead;
pub use campaigns::{CampaignFacts, campaign_prompts};
pub use claim::{Claimed, Outcome, claim, first_due, postpone, settle};
pub use facts::{Branch, Facts, HandoverFacts, Person, Recipient, facts};
pub(crate) use facts::{facts_of, names_of};
pub use gatherings::GatheringFacts;
pub(crate) use gatherings::{gathering_invitations, gathering_reminders, gathering_told_again, make_ups_proposed};
pub use handings::HandingFacts;
pub use journeys::{JourneyFacts, OpenItem};
pub use list::{Notification, list, retry};
pub(crate) use plan::{ACTIVE_STANDINGS, enqueue_mail};
pub use plan::{
    To, birthdays, checkins_due, departures_near, departures_passed, enqueue, handovers_waiting, political_birthdays,
    probations_ending, returns_home, settle_prompts, transfers_expiring,
};
pub use records::RequestFacts;
pub use services::{ServiceFacts, WishFacts, services_due, wish_news};
pub use stays::{Host, StayFacts};
pub use webhooks::WebhookFacts;
