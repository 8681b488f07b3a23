//! A contact (联系记录): somebody tried to reach a member who is away, and did or did not.
use chrono::{DateTime, NaiveDate, Utc};

use crate::id::ContactId;
use crate::journey::Command;
use crate::words;

words! {
    /// How somebody tried to reach the member.
    pub enum ContactMeans {
        /// By telephone.
        Phone = "phone",
        /// By a message.
        Message = "message",
        /// By video.
        Video = "video",
        /// Face to face.
        InPerson = "in_person",
        /// By a letter that was sent.
        Letter = "letter",
    }
}

words! {
    /// What came of it.
    pub enum ContactOutcome {
        /// The member was reached: it counts like a check-in.
        Reached = "reached",
        /// The member was not: it moves nothing.
        NotReached = "not_reached",
        /// The number is not in service: it moves nothing, and the new number is to be asked for.
        NumberNotInService = "number_not_in_service",
    }
}

words! {
    /// How it is known that a member's telephone number does not work any more.
    pub enum PhoneTrouble {
        /// Whoever called heard that it is not in service 空号、停机.
        NotInService = "not_in_service",
        /// Another person answers, or somebody says that the member has another number 换号.
        Changed = "changed",
    }
}

/// A contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Chosen by whoever records it, so that a repeated one is known.
    pub id: ContactId,
    /// How.
    pub means: ContactMeans,
    /// What came of it.
    pub outcome: ContactOutcome,
    /// What was spoken of, or tried.
    pub summary: Option<String>,
    /// What is to be done next.
    pub next_step: Option<String>,
    /// When.
    pub contacted_at: DateTime<Utc>,
}

impl Contact {
    /// Which command it is for the journey, on the day that counts: none when the member was not reached.
    pub fn command(&self, on: NaiveDate) -> Option<Command> {
        match self.outcome {
            ContactOutcome::Reached => Some(Command::Contact(on)),
            ContactOutcome::NotReached | ContactOutcome::NumberNotInService => None,
        }
    }
}
