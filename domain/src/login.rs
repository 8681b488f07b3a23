//! What a login may look like, and how long the next attempt waits after failed ones.
use std::fmt;
use std::str::FromStr;

use chrono::Duration;

use crate::phone::Phone;

/// What an account is called at the door: 3 to 64 letters, digits, `.`, `_`, `-` or `@`, compared in lower case.
///
/// A phone or identity number is none: those are sensitive and kept sealed. Members who type their phone are found by
/// its hash instead, see [`phone_typed`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Login(String);

/// The text cannot be a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotALogin {
    /// Too short, too long, or a character that a login has not.
    #[error("a login has 3 to 64 letters, digits, dots, dashes, underscores or @")]
    Malformed,
    /// It is a phone or identity number.
    #[error("a phone or identity number cannot be a login")]
    Sensitive,
}

impl NotALogin {
    /// The stable word for problems.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "login_malformed",
            Self::Sensitive => "login_sensitive",
        }
    }
}

impl Login {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Login {
    type Err = NotALogin;
    fn from_str(text: &str) -> Result<Self, NotALogin> {
        let text = as_typed(text);
        let fits = (3..=64).contains(&text.chars().count());
        if !fits || !text.chars().all(|c| c.is_alphanumeric() || ".-_@".contains(c)) {
            return Err(NotALogin::Malformed);
        }
        if phone_typed(&text).is_some() || is_identity_shaped(&text) {
            return Err(NotALogin::Sensitive);
        }
        Ok(Self(text))
    }
}

/// What somebody typed at the door, so that two ways of writing the same are compared alike.
pub fn as_typed(text: &str) -> String {
    text.trim().to_lowercase()
}

/// The phone that somebody typed in place of a login.
pub fn phone_typed(text: &str) -> Option<Phone> {
    Phone::parse(text).ok()
}

fn is_identity_shaped(text: &str) -> bool {
    text.len() == 18
        && text
            .strip_suffix(|c: char| c == 'x' || c.is_ascii_digit())
            .is_some_and(|head| head.bytes().all(|b| b.is_ascii_digit()))
}

/// Failed attempts that cost nothing, so that a slip of the finger is not punished.
pub const FREE_FAILURES: i32 = 4;
/// The longest pause.
pub const LONGEST_PAUSE: Duration = Duration::minutes(15);
/// How long a failed attempt is remembered.
pub const FAILURES_KEPT: Duration = Duration::hours(24);

/// How long the next attempt waits after so many failed ones: from the fifth on 5 seconds, doubled each time, at most
/// [`LONGEST_PAUSE`].
pub fn pause_after(failures: i32) -> Option<Duration> {
    let beyond = u32::try_from(failures - FREE_FAILURES).ok()?.checked_sub(1)?;
    let seconds = 5_i64.saturating_mul(2_i64.saturating_pow(beyond));
    Some(LONGEST_PAUSE.min(Duration::try_seconds(seconds).unwrap_or(LONGEST_PAUSE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_a_name_and_no_number_of_a_person() {
        assert_eq!(" Li.Secretary ".parse::<Login>().unwrap().as_str(), "li.secretary");
        assert_eq!("李书记01".parse::<Login>().unwrap().as_str(), "李书记01");
        assert!("320685100201".parse::<Login>().is_ok());
        assert_eq!("li".parse::<Login>(), Err(NotALogin::Malformed));
        assert_eq!("li shuji".parse::<Login>(), Err(NotALogin::Malformed));
        assert_eq!("19900000001".parse::<Login>(), Err(NotALogin::Sensitive));
        assert_eq!("32060019620304001X".parse::<Login>(), Err(NotALogin::Sensitive));
    }

    #[test]
    fn a_phone_is_read_in_the_ways_people_type_it() {
        for typed in ["19900000001", "199 0000 0001", "+8619900000001", "199-0000-0001"] {
            assert_eq!(phone_typed(typed).unwrap().as_str(), "+8619900000001", "{typed}");
        }
        assert_eq!(phone_typed("320685100201"), None);
        assert_eq!(phone_typed("li.secretary"), None);
    }

    #[test]
    fn pauses_grow_and_end() {
        let pauses = [0, 4, 5, 6, 12, 13, 1_000, i32::MAX].map(|n| pause_after(n).map(|p| p.num_seconds()));
        assert_eq!(
            pauses,
            [
                None,
                None,
                Some(5),
                Some(10),
                Some(640),
                Some(900),
                Some(900),
                Some(900)
            ]
        );
    }
}
