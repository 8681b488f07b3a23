//! Code lists that forms and statistics use, each a table: one row has the value's word, code, label and synonyms.
//!
//! Sources: GB/T 3304, GB/T 4658, GB/T 2261.1, and the yearly statistics of mobile members.

mod absence;
mod education;
mod ethnicity;
mod journey;
mod person;

pub use absence::{AbsenceReason, FoundOutcome};
pub use education::Education;
pub use ethnicity::Ethnicity;
pub use journey::{DestinationUnit, FormerOccupation, JourneyReason};
pub use person::{Gender, Standing};

use crate::spreadsheet::{half_width, label};

/// A text is on none of a list's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not on the list of {list}")]
pub struct UnknownLabel {
    /// The list's English name.
    pub list: &'static str,
    /// The list's Chinese name.
    pub list_zh: &'static str,
}

impl UnknownLabel {
    /// The fault in Chinese.
    pub fn zh(&self) -> String {
        format!("不在“{}”的选项中", self.list_zh)
    }
}

/// One value of a list, as people write it.
pub(crate) struct Row {
    pub(crate) code: &'static str,
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
    pub(crate) synonyms: &'static [&'static str],
}

impl Row {
    /// Whether `folded` is this value's code or one of its labels, or an ethnicity without its 族.
    fn is_written(&self, word: &str, folded: &str) -> bool {
        let labels = [word, self.zh, self.en]
            .into_iter()
            .chain(self.synonyms.iter().copied())
            .map(fold);
        let is_code = !folded.is_empty() && folded.trim_start_matches('0') == self.code.trim_start_matches('0');
        is_code
            || labels
                .into_iter()
                .any(|label| label == folded || label.strip_suffix('族') == Some(folded))
    }
}

/// What remains of a label when width, case, spaces and punctuation don't matter.
fn fold(text: &str) -> String {
    const IGNORED: &str = "()、,，.。/-_";
    let plain = half_width(label(text.trim()));
    plain
        .chars()
        .filter(|c| !c.is_whitespace() && !IGNORED.contains(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The value among `all` that a cell or a request means by `text`.
pub(crate) fn find<T: Copy>(all: &[T], describe: fn(T) -> (&'static str, &'static Row), text: &str) -> Option<T> {
    let folded = fold(text);
    all.iter().copied().find(|value| {
        let (word, row) = describe(*value);
        row.is_written(word, &folded)
    })
}

/// Declares a code list: an enumeration of [`words!`](crate::words) whose rows also have a code and labels.
macro_rules! code_list {
    (
        $(#[$meta:meta])*
        pub enum $name:ident ($list:literal, $list_zh:literal) {
            $($variant:ident = $word:literal, $code:literal, $zh:literal, $en:literal $([$($synonym:literal),+])?;)+
        }
    ) => {
        $crate::words! {
            $(#[$meta])*
            pub enum $name {
                $(#[doc = $zh] $variant = $word,)+
            }
        }

        impl $name {
            pub(crate) fn row(self) -> &'static $crate::codes::Row {
                match self {
                    $(Self::$variant => &$crate::codes::Row {
                        code: $code, zh: $zh, en: $en, synonyms: &[$($($synonym),+)?],
                    },)+
                }
            }

            /// The code of the standard; the word itself when the list has no published codes.
            pub fn code(self) -> &'static str {
                self.row().code
            }

            /// The Chinese label.
            pub fn zh(self) -> &'static str {
                self.row().zh
            }

            /// The English label.
            pub fn en(self) -> &'static str {
                self.row().en
            }

            /// Reads a code, a word, a label in either language, a synonym, or a drop-down's `code_label`.
            ///
            /// # Errors
            /// The text is none of them.
            pub fn parse(text: &str) -> Result<Self, $crate::codes::UnknownLabel> {
                $crate::codes::find(Self::ALL, |value| (value.as_str(), value.row()), text)
                    .ok_or($crate::codes::UnknownLabel { list: $list, list_zh: $list_zh })
            }
        }
    };
}
pub(crate) use code_list;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every row is found by each of its own texts, so no synonym stands on two rows.
    macro_rules! every_row_reads_back {
        ($($list:ident),+) => {$(
            let codes: BTreeSet<_> = $list::ALL.iter().map(|value| value.code()).collect();
            assert_eq!(codes.len(), $list::ALL.len(), "codes of {}", stringify!($list));
            for value in $list::ALL.iter().copied() {
                let row = value.row();
                for text in [value.as_str(), row.code, row.zh, row.en].into_iter().chain(row.synonyms.iter().copied()) {
                    assert_eq!($list::parse(text), Ok(value), "{text}");
                    assert_eq!($list::parse(&format!("868_{text}")), Ok(value), "868_{text}");
                    assert_eq!($list::parse(&format!("\u{3000}{text} ")), Ok(value), "{text} with spaces");
                }
            }
        )+};
    }

    #[test]
    fn every_row_of_every_list_is_found_by_each_of_its_texts() {
        every_row_reads_back!(
            AbsenceReason,
            FoundOutcome,
            Education,
            Ethnicity,
            DestinationUnit,
            FormerOccupation,
            JourneyReason,
            Gender,
            Standing
        );
    }

    #[test]
    fn a_text_that_is_on_no_row_is_refused_with_the_lists_name() {
        let fault = Ethnicity::parse("火星族").unwrap_err();
        assert_eq!(fault.to_string(), "not on the list of ethnicities");
        assert_eq!(fault.zh(), "不在“民族”的选项中");
        assert!(Ethnicity::parse("").is_err() && Ethnicity::parse("族").is_err());
    }
}
