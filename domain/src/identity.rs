//! Citizen identity numbers, GB 11643: read as they are typed, checked, and never shown whole by accident.

use std::fmt;

use chrono::NaiveDate;

pub use crate::codes::Gender;
use crate::spreadsheet::half_width;

/// The factors of the first 17 digits (GB 11643, from ISO 7064 MOD 11-2).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The check character for each remainder.
const CHECK: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

/// A well-formed identity number. `Debug` and `Display` show it masked.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdentityNumber {
    number: String,
    birth_date: NaiveDate,
    gender: Gender,
}

/// Why a text is no identity number. Never holds the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityFault {
    /// Nothing was given.
    #[error("the identity number is missing")]
    Missing,
    /// 15 digits, as issued until 1999.
    #[error("this is an old number of 15 digits; the number of 18 from the present card is needed")]
    OldNumber,
    /// Not 18 characters.
    #[error("an identity number has 18 characters, this has {0}")]
    Length(usize),
    /// A character other than a digit, or an X that is not the last.
    #[error("an identity number has digits only, the last may be X")]
    Character,
    /// Characters 7 to 14 are no day.
    #[error("characters 7 to 14 of the identity number are no real date of birth")]
    BirthDate,
    /// The last character does not fit the others: probably a digit is mistyped.
    #[error("the identity number's last character does not fit the others; please check every digit")]
    Checksum,
}

impl IdentityFault {
    /// A stable word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "identity_missing",
            Self::OldNumber => "identity_old_number",
            Self::Length(_) => "identity_length",
            Self::Character => "identity_character",
            Self::BirthDate => "identity_birth_date",
            Self::Checksum => "identity_checksum",
        }
    }

    /// The fault in Chinese.
    pub fn zh(self) -> String {
        match self {
            Self::Missing => "缺少公民身份号码".to_owned(),
            Self::OldNumber => "这是15位旧号码，请填写现身份证上的18位号码".to_owned(),
            Self::Length(length) => format!("公民身份号码应为18位，现为{length}位"),
            Self::Character => "公民身份号码只能是数字，末位可以是X".to_owned(),
            Self::BirthDate => "公民身份号码第7至14位不是真实的出生日期".to_owned(),
            Self::Checksum => "公民身份号码校验位不符，请逐位核对".to_owned(),
        }
    }
}

impl IdentityNumber {
    /// Completes the first 17 characters with their check character: for made-up people.
    ///
    /// # Errors
    /// As [`IdentityNumber::parse`].
    pub fn complete(first: &str) -> Result<Self, IdentityFault> {
        let digits: Vec<u32> = first.chars().map_while(|c| c.to_digit(10)).collect();
        let check = check_character(&digits).ok_or(IdentityFault::Character)?;
        Self::parse(&format!("{first}{check}"))
    }

    /// Reads a number with spaces of any kind, full-width digits, a lower-case x, or Excel's leading apostrophe.
    ///
    /// The division code is not checked against today's list: it is the one at first issue, and may be abolished.
    ///
    /// # Errors
    /// The first fault found, in the order of [`IdentityFault`].
    pub fn parse(text: &str) -> Result<Self, IdentityFault> {
        let number: String = half_width(text)
            .to_uppercase()
            .chars()
            .filter(|c| !matches!(c, ' ' | '\'' | '’' | '‘'))
            .collect();
        let length = number.chars().count();
        let digits: Vec<u32> = number.chars().map_while(|c| c.to_digit(10)).collect();
        match length {
            0 => return Err(IdentityFault::Missing),
            15 if digits.len() == 15 => return Err(IdentityFault::OldNumber),
            18 => {}
            _ => return Err(IdentityFault::Length(length)),
        }
        if digits.len() < 17 || !number.ends_with(|c: char| c.is_ascii_digit() || c == 'X') {
            return Err(IdentityFault::Character);
        }
        let born = number.get(6..14).unwrap_or_default();
        let birth_date = NaiveDate::parse_from_str(born, "%Y%m%d").map_err(|_not_a_day| IdentityFault::BirthDate)?;
        if check_character(&digits) != number.chars().last() {
            return Err(IdentityFault::Checksum);
        }
        let odd = digits.get(16).is_some_and(|digit| digit % 2 == 1);
        Ok(Self {
            number,
            birth_date,
            gender: if odd { Gender::Male } else { Gender::Female },
        })
    }

    /// The whole number. Sensitive: for sealing and for a recorded reveal alone.
    pub fn as_str(&self) -> &str {
        &self.number
    }

    /// The date of birth, always by the solar calendar.
    pub const fn birth_date(&self) -> NaiveDate {
        self.birth_date
    }

    /// The gender by the 17th digit.
    pub const fn gender(&self) -> Gender {
        self.gender
    }

    /// The six digits of the division at first issue.
    pub fn division_code(&self) -> &str {
        self.number.get(..6).unwrap_or_default()
    }

    /// The division at first issue, and nothing else: `320600************`. With the birth date, which stands beside it
    /// on most screens, four more digits would be the whole number.
    pub fn masked(&self) -> String {
        format!("{}************", self.division_code())
    }
}

/// The check character for the first 17 digits.
fn check_character(digits: &[u32]) -> Option<char> {
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    CHECK.get(usize::try_from(sum % 11).ok()?).copied()
}

impl fmt::Debug for IdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentityNumber({})", self.masked())
    }
}

impl fmt::Display for IdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NUMBER: &str = "32060019710604049X";

    fn fault(text: &str) -> IdentityFault {
        IdentityNumber::parse(text).unwrap_err()
    }

    #[test]
    fn a_number_is_read_as_secretaries_type_it() {
        for text in [
            "32060019710604049X",
            "32060019710604049x",
            " 320600 19710604 049x",
            "320600\u{3000}19710604\u{a0}049X",
            "３２０６００１９７１０６０４０４９Ｘ",
            "'32060019710604049X",
        ] {
            assert_eq!(IdentityNumber::parse(text).unwrap().as_str(), NUMBER, "{text}");
        }
    }

    #[test]
    fn a_number_tells_birth_date_gender_and_division() {
        let number = IdentityNumber::parse(NUMBER).unwrap();
        assert_eq!(number.birth_date(), NaiveDate::from_ymd_opt(1971, 6, 4).unwrap());
        assert_eq!((number.gender(), number.division_code()), (Gender::Male, "320600"));
        assert_eq!(
            IdentityNumber::parse("320600199512013023").unwrap().gender(),
            Gender::Female
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(fault(" "), IdentityFault::Missing);
        assert_eq!(fault("320600710604049"), IdentityFault::OldNumber);
        assert_eq!(fault("3206001971060404"), IdentityFault::Length(16));
        assert_eq!(fault("32060019710604X491"), IdentityFault::Character);
        assert_eq!(fault("32060019710604049A"), IdentityFault::Character);
        assert_eq!(fault("320600197102300494"), IdentityFault::BirthDate);
        assert_eq!(fault("320600197106040491"), IdentityFault::Checksum);
        assert_eq!(fault("320600197106040491").zh(), "公民身份号码校验位不符，请逐位核对");
    }

    #[test]
    fn neither_a_log_nor_a_message_shows_the_number() {
        let number = IdentityNumber::parse(NUMBER).unwrap();
        assert_eq!(number.masked(), "320600************");
        assert_eq!(
            format!("{number:?} {number}"),
            "IdentityNumber(320600************) 320600************"
        );
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_noticed(at in 0..17usize, by in 1..10u8) {
            let mut typed = NUMBER.as_bytes().to_vec();
            typed[at] = b'0' + (typed[at] - b'0' + by) % 10;
            prop_assert!(IdentityNumber::parse(&String::from_utf8(typed).unwrap()).is_err());
        }

        #[test]
        fn any_text_is_read_or_refused_without_panic(text in "\\PC{0,24}") {
            if let Ok(number) = IdentityNumber::parse(&text) {
                prop_assert_eq!(IdentityNumber::parse(number.as_str()), Ok(number));
            }
        }
    }
}
