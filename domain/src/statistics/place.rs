//! Divisions at a grain: the province, the city, the county.
use crate::codes::JourneyReason;
use crate::division::{DivisionCode, FlowRange, full_name};

crate::words! {
    /// How finely divisions are told apart.
    pub enum Grain {
        /// By provinces 省.
        Province = "province",
        /// By cities 市: a municipality 直辖市 is one.
        City = "city",
        /// By counties 县.
        County = "county",
    }
}

/// Where somebody comes from or has gone, at a grain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A division; a coarser one where no more is known.
    Division(DivisionCode),
    /// Beyond the border 出国（境）.
    Abroad,
    /// Not known.
    Unknown,
}

impl Place {
    /// The place of a division.
    pub fn of(division: Option<DivisionCode>, grain: Grain) -> Self {
        division.map_or(Self::Unknown, |code| Self::Division(code.at(grain)))
    }

    /// The same at a coarser grain.
    #[must_use]
    pub fn at(self, grain: Grain) -> Self {
        match self {
            Self::Division(code) => Self::Division(code.at(grain)),
            Self::Abroad | Self::Unknown => self,
        }
    }

    /// Where a journey leads to.
    pub fn of_journey(
        division: Option<DivisionCode>,
        country: Option<&str>,
        reason: JourneyReason,
        grain: Grain,
    ) -> Self {
        match division {
            Some(code) => Self::Division(code.at(grain)),
            None if country.is_some() || reason == JourneyReason::Abroad => Self::Abroad,
            None => Self::Unknown,
        }
    }

    /// The code of its division.
    pub const fn code(&self) -> Option<DivisionCode> {
        match self {
            Self::Division(code) => Some(*code),
            Self::Abroad | Self::Unknown => None,
        }
    }

    /// The Chinese name.
    pub fn zh(&self) -> String {
        match self {
            Self::Division(code) => full_name(*code),
            Self::Abroad => FlowRange::Abroad.zh().to_owned(),
            Self::Unknown => "未登记".to_owned(),
        }
    }

    /// The English name; divisions keep their own.
    pub fn en(&self) -> String {
        match self {
            Self::Division(code) => full_name(*code),
            Self::Abroad => FlowRange::Abroad.en().to_owned(),
            Self::Unknown => "Not recorded".to_owned(),
        }
    }
}

impl DivisionCode {
    /// The division of this grain that it belongs to: itself where it is coarser already.
    #[must_use]
    pub fn at(self, grain: Grain) -> Self {
        match grain {
            Grain::Province => self.province(),
            Grain::City => self.city().unwrap_or(self),
            Grain::County => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_division_is_seen_at_three_grains() {
        let at = |code: &str, grain| code.parse::<DivisionCode>().unwrap().at(grain).to_string();
        let grains = [Grain::Province, Grain::City, Grain::County];
        let all = |code: &str| grains.map(|grain| at(code, grain));
        assert_eq!(all("320685"), ["320000", "320600", "320685"]);
        assert_eq!(all("310115"), ["310000", "310000", "310115"]);
        assert_eq!(all("500235"), ["500000", "500000", "500235"]);
        assert_eq!(all("429004"), ["420000", "429004", "429004"]);
        assert_eq!(all("320000"), ["320000", "320000", "320000"]);
    }

    #[test]
    fn a_journey_leads_to_a_division_abroad_or_who_knows_where() {
        let place = |division: Option<&str>, country, reason| {
            Place::of_journey(division.map(|code| code.parse().unwrap()), country, reason, Grain::City)
        };
        assert_eq!(place(Some("310115"), None, JourneyReason::Work).zh(), "上海市");
        assert_eq!(place(None, Some("日本"), JourneyReason::Work), Place::Abroad);
        assert_eq!(place(None, None, JourneyReason::Abroad), Place::Abroad);
        assert_eq!(place(None, None, JourneyReason::Work).en(), "Not recorded");
    }
}
