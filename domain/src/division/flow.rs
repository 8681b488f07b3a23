//! How far a member has gone 流动类型: derived from two divisions, never asked.

use super::{DivisionCode, Level, lookup};
use crate::codes::JourneyReason;

crate::words! {
    /// The range of a journey, as the yearly statistics count it.
    pub enum FlowRange {
        /// 跨省流动.
        CrossProvince = "cross_province",
        /// 省内跨市流动.
        CrossPrefecture = "cross_prefecture",
        /// 市内流动.
        WithinPrefecture = "within_prefecture",
        /// 县内流动.
        WithinCounty = "within_county",
        /// 出国（境）, Hong Kong, Macao and Taiwan included.
        Abroad = "abroad",
    }
}

/// 台湾, 香港, 澳门: beyond the border 境 in the statistics' sense.
const BEYOND_THE_BORDER: [&str; 3] = ["71", "81", "82"];
/// 北京, 天津, 上海, 重庆: the whole city counts as one prefecture.
const MUNICIPALITIES: [&str; 4] = ["11", "12", "31", "50"];

impl FlowRange {
    /// The range from the origin branch's division to the destination's.
    ///
    /// `None` when the destination is too coarse to tell (江苏省, for someone from 南通).
    pub fn between(origin: DivisionCode, destination: DivisionCode) -> Option<Self> {
        if BEYOND_THE_BORDER.iter().any(|border| destination.is_under(border)) {
            Some(Self::Abroad)
        } else if origin.province() != destination.province() {
            Some(Self::CrossProvince)
        } else if city(origin)? != city(destination)? {
            Some(Self::CrossPrefecture)
        } else if origin == destination && is_county(origin) {
            Some(Self::WithinCounty)
        } else {
            Some(Self::WithinPrefecture)
        }
    }

    /// The range of a journey: abroad by its reason, or by its destination where that is known.
    pub fn of_journey(origin: DivisionCode, destination: Option<DivisionCode>, reason: JourneyReason) -> Option<Self> {
        match (reason, destination) {
            (JourneyReason::Abroad, _) => Some(Self::Abroad),
            (_, Some(destination)) => Self::between(origin, destination),
            (_, None) => None,
        }
    }

    /// The Chinese label.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::CrossProvince => "跨省流动",
            Self::CrossPrefecture => "省内跨市流动",
            Self::WithinPrefecture => "市内流动",
            Self::WithinCounty => "县内流动",
            Self::Abroad => "出国（境）",
        }
    }

    /// The English label.
    pub const fn en(self) -> &'static str {
        match self {
            Self::CrossProvince => "Another province",
            Self::CrossPrefecture => "Another city of the province",
            Self::WithinPrefecture => "Another county of the city",
            Self::WithinCounty => "Within the county",
            Self::Abroad => "Abroad",
        }
    }
}

fn is_county(code: DivisionCode) -> bool {
    lookup(code).is_some_and(|division| division.level == Level::County)
}

/// What counts as the city: the prefecture, a municipality as a whole, or a county right under its province.
pub(super) fn city(code: DivisionCode) -> Option<DivisionCode> {
    let division = lookup(code)?;
    if MUNICIPALITIES.iter().any(|municipality| code.is_under(municipality)) {
        return Some(code.province());
    }
    match division.level {
        Level::Province => None,
        Level::Prefecture => Some(code),
        Level::County => division
            .parent
            .filter(|parent| *parent != code.province())
            .or(Some(code)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(origin: &str, destination: &str) -> Option<FlowRange> {
        FlowRange::between(origin.parse().unwrap(), destination.parse().unwrap())
    }

    #[test]
    fn the_range_follows_from_the_two_divisions() {
        assert_eq!(range("320685", "310115"), Some(FlowRange::CrossProvince));
        assert_eq!(range("320685", "320583"), Some(FlowRange::CrossPrefecture));
        assert_eq!(range("320685", "320500"), Some(FlowRange::CrossPrefecture));
        assert_eq!(range("320685", "320612"), Some(FlowRange::WithinPrefecture));
        assert_eq!(range("320685", "320600"), Some(FlowRange::WithinPrefecture));
        assert_eq!(range("320685", "320621"), Some(FlowRange::WithinCounty));
        assert_eq!(range("320685", "810000"), Some(FlowRange::Abroad));
        assert_eq!(range("320685", "320000"), None);
    }

    #[test]
    fn a_municipality_is_one_city_and_a_county_under_its_province_its_own() {
        assert_eq!(range("500101", "500235"), Some(FlowRange::WithinPrefecture));
        assert_eq!(range("310115", "310000"), Some(FlowRange::WithinPrefecture));
        assert_eq!(range("429004", "429005"), Some(FlowRange::CrossPrefecture));
        assert_eq!(range("429004", "429004"), Some(FlowRange::WithinCounty));
    }

    #[test]
    fn going_abroad_needs_no_division() {
        let origin = "320685".parse().unwrap();
        assert_eq!(
            FlowRange::of_journey(origin, None, JourneyReason::Abroad),
            Some(FlowRange::Abroad)
        );
        assert_eq!(FlowRange::of_journey(origin, None, JourneyReason::Work), None);
    }
}
