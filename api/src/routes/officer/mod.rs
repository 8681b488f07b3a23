//! A contact officer (联系干部): an account, or somebody by name and telephone; whom an officer looks after.
mod hand_over;
mod list;

use domain::id::AccountId;
use domain::phone::Phone;
use domain::stay::Officer;
use persistence::journeys::OfficerLine;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::extract::Faults;
use crate::openapi::Routes;
use crate::routes::kite::said;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.configure(list::configure).configure(hand_over::configure);
}

/// A contact officer who has no account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfficerBody {
    /// The name.
    #[schema(min_length = 1, max_length = 64, example = "周干事")]
    name: String,
    /// The telephone.
    #[schema(max_length = 40, example = "19900000077")]
    phone: String,
}

/// Reads an officer who is given in one of two ways.
pub(crate) fn read_officer(
    account: Option<AccountId>,
    named: Option<OfficerBody>,
    faults: &mut Faults,
) -> Option<Officer> {
    match (account, named) {
        (Some(id), None) => Some(Officer::Account(id)),
        (None, Some(officer)) => {
            let name = said(Some(officer.name));
            if name.is_none() {
                faults.add("/contact_officer/name", "not_a_name");
            }
            let phone = needed_phone("/contact_officer/phone", officer.phone, faults);
            name.zip(phone).map(|(name, phone)| Officer::Named { name, phone })
        }
        _ => {
            faults.add("/contact_officer", "one_of");
            None
        }
    }
}

/// Reads a telephone number that must be there.
pub(crate) fn needed_phone(pointer: &str, text: String, faults: &mut Faults) -> Option<String> {
    if text.trim().is_empty() {
        faults.add(pointer, "required");
    }
    read_phone(pointer, Some(text), faults).map(|phone| phone.national())
}

/// Reads a telephone number that may be missing.
pub(super) fn read_phone(pointer: &str, text: Option<String>, faults: &mut Faults) -> Option<Phone> {
    said(text).and_then(|text| faults.take(pointer, Phone::parse(&text), |_| "phone_malformed"))
}

/// A contact officer (联系干部).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OfficerView {
    /// The account, if there is one.
    pub(super) account_id: Option<AccountId>,
    /// The name.
    #[schema(example = "周书记")]
    pub(super) name: Option<String>,
    /// The telephone of an officer without account.
    #[schema(example = json!(null))]
    pub(super) phone: Option<String>,
}

impl From<OfficerLine> for OfficerView {
    fn from(line: OfficerLine) -> Self {
        Self {
            account_id: line.account,
            name: Some(line.name),
            phone: line.phone,
        }
    }
}
