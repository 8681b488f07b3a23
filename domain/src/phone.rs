//! Telephone numbers: read as they are typed, kept in the international form E.164.

use std::fmt;

use crate::spreadsheet::half_width;

/// A telephone number in E.164 (`+8619900000001`). `Debug` and `Display` show it masked.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

/// Why a text is no telephone number. Never holds the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneFault {
    /// Nothing was given.
    #[error("the phone number is missing")]
    Missing,
    /// A letter or a sign that no number has; two numbers in one cell too.
    #[error("a phone number has digits only, this has `{0}`")]
    Character(char),
    /// Fewer digits than a number of this kind has.
    #[error("the phone number has {digits} digits, at least {expected} are needed")]
    TooShort {
        /// Digits given.
        digits: usize,
        /// Digits needed.
        expected: usize,
    },
    /// More digits than a number of this kind has.
    #[error("the phone number has {digits} digits, at most {expected} are possible")]
    TooLong {
        /// Digits given.
        digits: usize,
        /// Digits possible.
        expected: usize,
    },
    /// 7 or 8 digits: a landline without its area code.
    #[error("the landline number needs its area code, such as 0513-88812345")]
    AreaCodeMissing,
    /// The first digits belong to no mobile, landline or foreign number.
    #[error("a mobile number begins with 13 to 19, a landline with 0 and its area code, a foreign number with +")]
    Beginning,
}

impl PhoneFault {
    /// A stable word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "phone_missing",
            Self::Character(_) => "phone_character",
            Self::TooShort { .. } => "phone_too_short",
            Self::TooLong { .. } => "phone_too_long",
            Self::AreaCodeMissing => "phone_area_code_missing",
            Self::Beginning => "phone_beginning",
        }
    }

    /// The fault in Chinese.
    pub fn zh(self) -> String {
        match self {
            Self::Missing => "缺少电话号码".to_owned(),
            Self::Character(c) => format!("电话号码只能是数字，现含有“{c}”"),
            Self::TooShort { digits, expected } => format!("电话号码只有{digits}位，应不少于{expected}位"),
            Self::TooLong { digits, expected } => format!("电话号码有{digits}位，应不超过{expected}位"),
            Self::AreaCodeMissing => "固定电话请加区号，例如0513-88812345".to_owned(),
            Self::Beginning => "手机号应以13至19开头，固定电话以0和区号开头，境外号码以+开头".to_owned(),
        }
    }
}

impl Phone {
    /// Reads a mainland mobile number, a landline with its area code, or a foreign number with `+` or `00`.
    ///
    /// Full-width digits, spaces, dashes, dots, brackets and the prefixes `+86`, `0086`, `86` are accepted.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, PhoneFault> {
        const IGNORED: &str = " -‐‑‒–—―－·.()'’‘";
        let typed: String = half_width(text).chars().filter(|c| !IGNORED.contains(*c)).collect();
        let (international, digits) = match typed.strip_prefix('+').or_else(|| typed.strip_prefix("00")) {
            Some(digits) => (true, digits),
            None => (false, typed.as_str()),
        };
        if let Some(other) = digits.chars().find(|c| !c.is_ascii_digit()) {
            return Err(PhoneFault::Character(other));
        }
        match (international, digits.strip_prefix("86")) {
            (true, Some(national)) => mainland(national, true),
            (true, None) => foreign(digits),
            (false, Some(mobile)) if digits.len() == 13 => mainland(mobile, true),
            (false, _) => mainland(digits, false),
        }
    }

    /// The number in E.164. Sensitive: for sealing, sending and a recorded reveal alone.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as it is dialled in the mainland (`19900000001`, `051388812345`); a foreign one with its `+`.
    pub fn national(&self) -> String {
        match self.0.strip_prefix("+86") {
            Some(mobile) if is_mobile(mobile) => mobile.to_owned(),
            Some(landline) => format!("0{landline}"),
            None => self.0.clone(),
        }
    }

    /// The number with its middle hidden: `199****0001`; of other numbers only the end is shown.
    pub fn masked(&self) -> String {
        let national = self.national();
        let shown = if is_mobile(&national) { 3 } else { 0 };
        let tail = national.len().saturating_sub(4);
        format!(
            "{}****{}",
            national.get(..shown).unwrap_or_default(),
            national.get(tail..).unwrap_or_default()
        )
    }
}

fn is_mobile(national: &str) -> bool {
    national.len() == 11 && national.starts_with('1')
}

/// A number of the mainland; `prefixed` when +86 stood before it, which replaces an area code's 0.
fn mainland(digits: &str, prefixed: bool) -> Result<Phone, PhoneFault> {
    let area_first = digits
        .strip_prefix('0')
        .or_else(|| (prefixed && is_area(digits)).then_some(digits));
    if digits.is_empty() {
        Err(PhoneFault::Missing)
    } else if let Some(number) = area_first {
        landline(number, digits)
    } else if digits.starts_with('1') {
        let mobile = sized(digits, digits.len(), 11, 11)?;
        if matches!(digits.chars().nth(1), Some('3'..='9')) {
            Ok(mobile)
        } else {
            Err(PhoneFault::Beginning)
        }
    } else if (7..=8).contains(&digits.len()) {
        Err(PhoneFault::AreaCodeMissing)
    } else if digits.len() < 7 {
        Err(PhoneFault::TooShort {
            digits: digits.len(),
            expected: 11,
        })
    } else {
        Err(PhoneFault::Beginning)
    }
}

/// A landline by the digits after its 0: area code and number have 9 to 11, in Beijing (010) always 10.
fn landline(number: &str, typed: &str) -> Result<Phone, PhoneFault> {
    let (least, most) = match number.chars().next() {
        Some('1') if number.starts_with("10") => (10, 10),
        Some('2'..='9') => (9, 11),
        _ => return Err(PhoneFault::Beginning),
    };
    let zero = typed.len() - number.len();
    sized(number, typed.len(), least + zero, most + zero)
}

/// Whether these digits can begin with an area code without its 0: 10 is Beijing, 2x and 3 to 9 are elsewhere.
fn is_area(digits: &str) -> bool {
    matches!(digits.chars().next(), Some('2'..='9')) || (digits.starts_with("10") && digits.len() == 10)
}

fn sized(number: &str, digits: usize, least: usize, most: usize) -> Result<Phone, PhoneFault> {
    if digits < least {
        Err(PhoneFault::TooShort {
            digits,
            expected: least,
        })
    } else if digits > most {
        Err(PhoneFault::TooLong { digits, expected: most })
    } else {
        Ok(Phone(format!("+86{number}")))
    }
}

/// A number of another country; E.164 allows at most 15 digits.
fn foreign(digits: &str) -> Result<Phone, PhoneFault> {
    match digits.len() {
        0 => Err(PhoneFault::Missing),
        _ if digits.starts_with('0') => Err(PhoneFault::Beginning),
        length @ 1..=6 => Err(PhoneFault::TooShort {
            digits: length,
            expected: 7,
        }),
        length @ 16.. => Err(PhoneFault::TooLong {
            digits: length,
            expected: 15,
        }),
        _ => Ok(Phone(format!("+{digits}"))),
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<String, PhoneFault> {
        Phone::parse(text).map(|phone| phone.as_str().to_owned())
    }

    #[test]
    fn a_mobile_number_is_read_as_secretaries_type_it() {
        for text in [
            "19900000001",
            "１９９０００００００１",
            "199 0000 0001",
            "199-0000-0001",
            "+86 199 0000 0001",
            "+8619900000001",
            "0086-19900000001",
            "8619900000001",
            "（86）19900000001",
            "\u{3000}19900000001\u{200b}",
        ] {
            assert_eq!(read(text), Ok("+8619900000001".to_owned()), "{text}");
        }
    }

    #[test]
    fn a_landline_keeps_its_area_code_without_the_0() {
        for text in [
            "0513-88812345",
            "(0513)88812345",
            "+86 513 8881 2345",
            "+86-0513-88812345",
        ] {
            assert_eq!(read(text), Ok("+8651388812345".to_owned()), "{text}");
        }
        assert_eq!(read("010-12345678"), Ok("+861012345678".to_owned()));
        assert_eq!(read("+86 10 1234 5678"), Ok("+861012345678".to_owned()));
        assert_eq!(read("0686-2859135"), Ok("+866862859135".to_owned()));
    }

    #[test]
    fn members_abroad_have_foreign_numbers() {
        assert_eq!(read("+1 (202) 555-0143"), Ok("+12025550143".to_owned()));
        assert_eq!(read("00852 2123 4567"), Ok("+85221234567".to_owned()));
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(read(" "), Err(PhoneFault::Missing));
        assert_eq!(
            read("1990000000"),
            Err(PhoneFault::TooShort {
                digits: 10,
                expected: 11
            })
        );
        assert_eq!(
            read("199000000012"),
            Err(PhoneFault::TooLong {
                digits: 12,
                expected: 11
            })
        );
        assert_eq!(read("19900000001/19900000002"), Err(PhoneFault::Character('/')));
        assert_eq!(read("1990000000a"), Err(PhoneFault::Character('a')));
        assert_eq!(read("88812345"), Err(PhoneFault::AreaCodeMissing));
        assert_eq!(read("12345678901"), Err(PhoneFault::Beginning));
        assert_eq!(
            read("010-1234567"),
            Err(PhoneFault::TooShort {
                digits: 10,
                expected: 11
            })
        );
        assert_eq!(
            PhoneFault::TooShort {
                digits: 10,
                expected: 11
            }
            .zh(),
            "电话号码只有10位，应不少于11位"
        );
    }

    #[test]
    fn neither_a_log_nor_a_message_shows_the_number() {
        let mobile = Phone::parse("19900001234").unwrap();
        assert_eq!(format!("{mobile:?} {mobile}"), "Phone(199****1234) 199****1234");
        assert_eq!(Phone::parse("0513-88812345").unwrap().masked(), "****2345");
        assert_eq!(Phone::parse("+12025550143").unwrap().masked(), "****0143");
    }

    #[test]
    fn a_number_is_shown_as_it_is_dialled() {
        let dialled =
            ["+8619900000001", "+8651388812345", "+12025550143"].map(|text| Phone::parse(text).unwrap().national());
        assert_eq!(dialled, ["19900000001", "051388812345", "+12025550143"]);
    }

    proptest! {
        #[test]
        fn the_international_form_reads_back_as_itself(text in "(\\+|00|0|86|1)?[0-9]{0,13}") {
            if let Ok(phone) = Phone::parse(&text) {
                prop_assert_eq!(Phone::parse(phone.as_str()), Ok(phone.clone()));
                prop_assert_eq!(Phone::parse(&phone.national()), Ok(phone));
            }
        }

        #[test]
        fn any_text_is_read_or_refused_without_panic(text in "\\PC{0,24}") {
            let _ = Phone::parse(&text);
        }
    }
}
