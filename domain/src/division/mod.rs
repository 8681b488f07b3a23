//! Administrative divisions of GB/T 2260: codes, names, and which code follows an abolished one.

mod flow;
mod name;
mod table;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use flow::FlowRange;
pub use name::find_by_name;

use crate::spreadsheet::half_width;
use table::TABLE;

crate::words! {
    /// The level of a division; a municipality 直辖市 counts as a province.
    pub enum Level {
        /// 省级.
        Province = "province",
        /// 地级.
        Prefecture = "prefecture",
        /// 县级.
        County = "county",
    }
}

/// The code of a division in use: six digits.
///
/// ```
/// use domain::division::{DivisionCode, full_name};
///
/// let old = DivisionCode::parse("320621")?; // Hai'an was a county until 2018
/// assert_eq!(old.as_str(), "320685");
/// assert_eq!(full_name(old), "江苏省南通市海安市");
/// assert!(old.is_under("3206"));
/// # Ok::<(), domain::division::DivisionFault>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DivisionCode([u8; 6]);

/// Why a text is no division code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DivisionFault {
    /// Not six digits.
    #[error("a division code has six digits")]
    Form,
    /// Six digits that no division has, or ever had since 1981.
    #[error("there is no division with this code")]
    Unknown,
}

impl DivisionFault {
    /// A stable word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Form => "division_form",
            Self::Unknown => "division_unknown",
        }
    }

    /// The fault in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Form => "行政区划代码应为6位数字",
            Self::Unknown => "没有这个行政区划代码",
        }
    }
}

impl DivisionCode {
    /// Reads a code, and puts its successor in place of one that is no longer in use.
    ///
    /// Of several successors the first of the same province is taken; an abolished prefecture without any becomes its
    /// province, and a development zone, which is no division, its prefecture.
    ///
    /// # Errors
    /// The text is not six digits, or nothing has or had this code.
    pub fn parse(text: &str) -> Result<Self, DivisionFault> {
        let typed = Self::read(half_width(text).trim()).ok_or(DivisionFault::Form)?;
        TABLE.in_use(typed).ok_or(DivisionFault::Unknown)
    }

    /// Six digits, whatever they mean.
    fn read(digits: &str) -> Option<Self> {
        let digits = <[u8; 6]>::try_from(digits.as_bytes()).ok()?;
        digits.iter().all(u8::is_ascii_digit).then_some(Self(digits))
    }

    /// The six digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether the code begins with `prefix`: 2 digits for a province, 4 for a prefecture, 6 for itself.
    pub fn is_under(self, prefix: &str) -> bool {
        self.as_str().starts_with(prefix)
    }

    /// The highest code that anything at or below this division can have: of a province `31xxxx` it is 319999. With the
    /// code itself it makes a range, also where texts are not put in order by their bytes.
    #[must_use]
    pub fn last_below(self) -> String {
        let text = self.as_str();
        let own = match text {
            _ if text.ends_with("0000") => 2,
            _ if text.ends_with("00") => 4,
            _ => 6,
        };
        format!("{:9<6}", text.get(..own).unwrap_or(text))
    }

    /// The code of the province.
    #[must_use]
    pub fn province(self) -> Self {
        let [a, b, ..] = self.0;
        Self([a, b, b'0', b'0', b'0', b'0'])
    }

    /// The city 市: the prefecture, a municipality as a whole, or a county right under its province; none for what is
    /// coarser.
    pub fn city(self) -> Option<Self> {
        flow::city(self)
    }

    /// The code that the prefecture has by the digits; in municipalities and for counties under a province it has none.
    fn prefecture(self) -> Self {
        let [a, b, c, d, ..] = self.0;
        Self([a, b, c, d, b'0', b'0'])
    }
}

/// Whether `text` may select divisions by the beginning of their codes: 2, 4 or 6 digits.
pub fn is_prefix(text: &str) -> bool {
    matches!(text.len(), 2 | 4 | 6) && text.bytes().all(|digit| digit.is_ascii_digit())
}

impl fmt::Debug for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DivisionCode({self})")
    }
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DivisionCode {
    type Err = DivisionFault;

    fn from_str(text: &str) -> Result<Self, DivisionFault> {
        Self::parse(text)
    }
}

impl Serialize for DivisionCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for DivisionCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A division in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    /// Its code.
    pub code: DivisionCode,
    /// Its own name: 浦东新区.
    pub name: String,
    /// Its level.
    pub level: Level,
    /// The division that it belongs to; a province belongs to none.
    pub parent: Option<DivisionCode>,
}

/// The division of a code.
pub fn lookup(code: DivisionCode) -> Option<&'static Division> {
    TABLE.current.get(&code)
}

/// The name with those of the divisions above it: 上海市浦东新区.
pub fn full_name(code: DivisionCode) -> String {
    lookup(code).map_or_else(String::new, |division| {
        division.parent.map(full_name).unwrap_or_default() + &division.name
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<String, DivisionFault> {
        DivisionCode::parse(text).map(|code| code.to_string())
    }

    #[test]
    fn a_code_in_use_is_itself() {
        for text in ["310115", " 310115 ", "３１０１１５"] {
            assert_eq!(parsed(text), Ok("310115".to_owned()));
        }
    }

    #[test]
    fn an_abolished_code_becomes_its_successor() {
        let successors = [
            ("320621", "320685"), // 海安县 → 海安市, 2018
            ("322521", "320685"), // 海安县 of 南通地区 → 320621 → 320685
            ("320683", "320612"), // 通州市 → 通州区, 2009
            ("320602", "320613"), // 崇川区, 2020
            ("130124", "130111"), // 栾城县: an earlier loss of a part does not count
            ("110103", "110101"), // 崇文区 → 东城区, 2010
        ];
        for (old, new) in successors {
            assert_eq!(parsed(old), Ok(new.to_owned()), "{old}");
        }
    }

    #[test]
    fn a_development_zone_counts_as_its_prefecture() {
        assert_eq!(parsed("320671"), Ok("320600".to_owned()));
        assert_eq!(parsed("310100"), Ok("310000".to_owned()));
    }

    #[test]
    fn a_code_that_nobody_ever_had_is_refused() {
        assert_eq!(parsed("999999"), Err(DivisionFault::Unknown));
        assert_eq!(parsed("32068"), Err(DivisionFault::Form));
        assert_eq!(parsed("32068a"), Err(DivisionFault::Form));
        assert_eq!(parsed(""), Err(DivisionFault::Form));
    }

    #[test]
    fn names_are_written_with_those_above() {
        let names =
            ["310115", "320685", "429004", "441900", "650102", "710000"].map(|code| full_name(code.parse().unwrap()));
        assert_eq!(
            names,
            [
                "上海市浦东新区",
                "江苏省南通市海安市",
                "湖北省仙桃市",
                "广东省东莞市",
                "新疆维吾尔自治区乌鲁木齐市天山区",
                "台湾省"
            ]
        );
    }

    #[test]
    fn a_division_is_a_range_of_codes() {
        let last = |code: &str| DivisionCode::parse(code).unwrap().last_below();
        assert_eq!(
            [last("310000"), last("320600"), last("320685")],
            ["319999", "320699", "320685"]
        );
    }

    #[test]
    fn filters_take_2_4_or_6_digits() {
        let code: DivisionCode = "320685".parse().unwrap();
        assert!(code.is_under("32") && code.is_under("3206") && code.is_under("320685") && !code.is_under("31"));
        assert!(["32", "3206", "320685"].into_iter().all(is_prefix));
        assert!(!["", "3", "320", "3206855", "3x"].into_iter().any(is_prefix));
    }

    #[test]
    fn a_code_travels_as_a_string() {
        let code: DivisionCode = serde_json::from_str("\"320621\"").unwrap();
        assert_eq!(serde_json::to_string(&code).unwrap(), "\"320685\"");
        assert!(serde_json::from_str::<DivisionCode>("\"999999\"").is_err());
    }
}
