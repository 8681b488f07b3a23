//! Festivals at which members come home, and the days on which they are asked about it.

use chrono::{Datelike, Days, NaiveDate};
use tyme4rs::tyme::solar::SolarTerm;

use super::lunar::{self, LunarDate};

crate::words! {
    /// A festival that the house knows the day of.
    pub enum Festival {
        /// 春节, the first day of the lunar year.
        SpringFestival = "spring_festival",
        /// 清明, a solar term.
        Qingming = "qingming",
        /// 端午, the fifth of the fifth lunar month.
        DragonBoat = "dragon_boat",
        /// 中秋, the fifteenth of the eighth lunar month.
        MidAutumn = "mid_autumn",
        /// 国庆, 1 October.
        NationalDay = "national_day",
        /// 七一, 1 July.
        PartyFoundingDay = "party_founding_day",
    }
}

/// Days before a festival on which members away are asked whether they come home: before and as tickets go on sale
/// (15 days ahead), and shortly before (field-notes 5).
pub const RETURN_PROMPT_DAYS: [u8; 3] = [30, 16, 3];

/// The festivals with return prompts unless an organisation chooses others.
pub const RETURN_FESTIVALS: &[Festival] = &[Festival::SpringFestival];

/// 清明 is the eighth of the 24 solar terms counted from the winter solstice.
const QINGMING: isize = 7;

impl Festival {
    /// The Chinese name.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::SpringFestival => "春节",
            Self::Qingming => "清明",
            Self::DragonBoat => "端午",
            Self::MidAutumn => "中秋",
            Self::NationalDay => "国庆",
            Self::PartyFoundingDay => "七一",
        }
    }

    /// The English name.
    pub const fn en(self) -> &'static str {
        match self {
            Self::SpringFestival => "Spring Festival",
            Self::Qingming => "Qingming",
            Self::DragonBoat => "Dragon Boat Festival",
            Self::MidAutumn => "Mid-Autumn Festival",
            Self::NationalDay => "National Day",
            Self::PartyFoundingDay => "Party Founding Day",
        }
    }

    /// The day in a solar year; `None` outside [`lunar::YEARS`].
    pub fn date_in(self, year: i32) -> Option<NaiveDate> {
        if !lunar::YEARS.contains(&year) {
            return None;
        }
        let lunar_day = |month, day| {
            LunarDate {
                year,
                month,
                leap: false,
                day,
            }
            .to_solar()
        };
        match self {
            Self::SpringFestival => lunar_day(1, 1),
            Self::DragonBoat => lunar_day(5, 5),
            Self::MidAutumn => lunar_day(8, 15),
            Self::Qingming => {
                lunar::to_chrono(&SolarTerm::from_index(isize::try_from(year).ok()?, QINGMING).get_solar_day())
            }
            Self::NationalDay => NaiveDate::from_ymd_opt(year, 10, 1),
            Self::PartyFoundingDay => NaiveDate::from_ymd_opt(year, 7, 1),
        }
    }
}

/// The first day of `festival` on or after `from`.
pub fn next(festival: Festival, from: NaiveDate) -> Option<NaiveDate> {
    [from.year(), from.year() + 1]
        .into_iter()
        .filter_map(|year| festival.date_in(year))
        .find(|day| *day >= from)
}

/// The weeks around a festival in which members come home and leave again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The festival.
    pub festival: Festival,
    /// The solar year of the festival's day; the window of a Spring Festival in January opens in the year before.
    pub year: i32,
    /// The festival's day.
    pub day: NaiveDate,
    /// 30 days before: the first prompt.
    pub opens_on: NaiveDate,
    /// 20 days after: by then those who go away again have left (field-notes 5).
    pub closes_on: NaiveDate,
}

impl Window {
    /// The window of a festival in a solar year.
    pub fn of(festival: Festival, year: i32) -> Option<Self> {
        let day = festival.date_in(year)?;
        let (opens_on, closes_on) = (
            day.checked_sub_days(Days::new(30))?,
            day.checked_add_days(Days::new(20))?,
        );
        Some(Self {
            festival,
            year,
            day,
            opens_on,
            closes_on,
        })
    }

    /// The window that `day` lies in, if any.
    pub fn around(festival: Festival, day: NaiveDate) -> Option<Self> {
        let years = [day.year(), day.year() + 1];
        years
            .into_iter()
            .filter_map(|year| Self::of(festival, year))
            .find(|window| window.contains(day))
    }

    /// Whether `day` lies in the window, its first and last days included.
    pub fn contains(&self, day: NaiveDate) -> bool {
        (self.opens_on..=self.closes_on).contains(&day)
    }

    /// Days before the festival on which members away are asked whether they come home.
    pub const fn return_prompt_days(&self) -> [u8; 3] {
        RETURN_PROMPT_DAYS
    }
}

/// A prompt that falls on a day: "the festival is so many days ahead, are you coming home?"
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReturnPrompt {
    /// The festival.
    pub festival: Festival,
    /// The solar year of the festival's day.
    pub year: i32,
    /// The festival's day.
    pub festival_on: NaiveDate,
    /// One of [`RETURN_PROMPT_DAYS`].
    pub days_before: u8,
}

/// The return prompts that fall on `day`, of the festivals asked about.
pub fn return_prompts_on(day: NaiveDate, festivals: &[Festival]) -> Vec<ReturnPrompt> {
    let upcoming = festivals
        .iter()
        .filter_map(|festival| Some((*festival, next(*festival, day)?)));
    upcoming
        .filter_map(|(festival, festival_on)| {
            let days_before = u8::try_from((festival_on - day).num_days()).ok()?;
            let due = RETURN_PROMPT_DAYS.contains(&days_before);
            due.then_some(ReturnPrompt {
                festival,
                year: festival_on.year(),
                festival_on,
                days_before,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::day;
    use super::*;

    #[test]
    fn festivals_fall_where_the_almanac_says() {
        let table = [
            (2026, (2, 17), (6, 19), (9, 25)),
            (2027, (2, 6), (6, 9), (9, 15)),
            (2028, (1, 26), (5, 28), (10, 3)),
            (2029, (2, 13), (6, 16), (9, 22)),
            (2030, (2, 3), (6, 5), (9, 12)),
            (2031, (1, 23), (6, 24), (10, 1)),
            (2032, (2, 11), (6, 12), (9, 19)),
        ];
        for (year, spring, dragon_boat, mid_autumn) in table {
            let expected = [spring, dragon_boat, mid_autumn].map(|(month, date)| Some(day(year, month, date)));
            let festivals = [Festival::SpringFestival, Festival::DragonBoat, Festival::MidAutumn];
            assert_eq!(festivals.map(|festival| festival.date_in(year)), expected, "{year}");
        }
        let qingming = [2024, 2025, 2026, 2027, 2028].map(|year| Festival::Qingming.date_in(year));
        assert_eq!(
            qingming.map(|found| found.map_or(0, |found| found.day())),
            [4, 4, 5, 5, 4]
        );
        assert_eq!(Festival::NationalDay.date_in(2026), Some(day(2026, 10, 1)));
        assert_eq!(Festival::PartyFoundingDay.date_in(2026), Some(day(2026, 7, 1)));
    }

    #[test]
    fn every_festival_has_a_day_in_every_year_that_the_calendar_knows_and_none_outside() {
        for festival in Festival::ALL {
            assert!(
                lunar::YEARS.step_by(7).all(|year| festival.date_in(year).is_some()),
                "{festival}"
            );
            assert_eq!(festival.date_in(i32::MAX), None);
            assert_eq!(next(*festival, NaiveDate::MAX), None);
        }
    }

    #[test]
    fn the_next_festival_may_be_today() {
        assert_eq!(next(Festival::SpringFestival, day(2027, 2, 6)), Some(day(2027, 2, 6)));
        assert_eq!(next(Festival::SpringFestival, day(2027, 2, 7)), Some(day(2028, 1, 26)));
    }

    #[test]
    fn a_window_reaches_back_into_the_year_before() {
        let window = Window::around(Festival::SpringFestival, day(2027, 12, 27)).unwrap();
        assert_eq!(
            (window.year, window.opens_on, window.closes_on),
            (2028, day(2027, 12, 27), day(2028, 2, 15))
        );
        assert_eq!(Window::around(Festival::SpringFestival, day(2027, 12, 26)), None);
        assert_eq!(window.return_prompt_days(), [30, 16, 3]);
    }

    #[test]
    fn members_away_are_asked_30_16_and_3_days_before() {
        let year = day(2027, 3, 1).iter_days().take(365);
        let asked = year.flat_map(|today| {
            return_prompts_on(today, RETURN_FESTIVALS)
                .into_iter()
                .map(move |p| (today, p))
        });
        let asked: Vec<_> = asked
            .map(|(today, prompt)| (today, prompt.year, prompt.days_before))
            .collect();
        assert_eq!(
            asked,
            [
                (day(2027, 12, 27), 2028, 30),
                (day(2028, 1, 10), 2028, 16),
                (day(2028, 1, 23), 2028, 3)
            ]
        );
    }

    #[test]
    fn an_organisation_may_ask_at_other_festivals_too() {
        let festivals = [Festival::SpringFestival, Festival::MidAutumn, Festival::NationalDay];
        let asked = return_prompts_on(day(2026, 9, 22), &festivals);
        assert_eq!(asked.len(), 1);
        assert_eq!((asked[0].festival, asked[0].days_before), (Festival::MidAutumn, 3));
    }
}
