//! Members (党员): which of their fields are sensitive, and which dates of a life can follow which.
use chrono::NaiveDate;

use crate::spreadsheet::PartialDate;
use crate::words;

words! {
    /// A field that is shown masked, and in full only for a reason.
    pub enum SensitiveField {
        /// 公民身份号码.
        IdentityNumber = "identity_number",
        /// 手机号码.
        Phone = "phone",
        /// 新手机号码: the one that the member has asked for, before it is confirmed.
        NewPhone = "new_phone",
    }
}

/// The dates of a member's life, as a record tells them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LifeDates {
    /// Day of birth.
    pub birth: Option<PartialDate>,
    /// 入党日期.
    pub joined: Option<PartialDate>,
    /// 转正日期.
    pub full_member: Option<NaiveDate>,
}

impl LifeDates {
    /// What can't be: field and word of each fault. Nobody joins before birth, becomes a full member before joining, or
    /// did either later than `today`; the day of becoming a full member may be ahead.
    pub fn faults(self, today: NaiveDate) -> Vec<(&'static str, &'static str)> {
        let mut faults = Vec::new();
        if self.birth.is_some_and(|birth| birth.date > today) {
            faults.push(("/birth_date", "in_the_future"));
        }
        if self.joined.is_some_and(|joined| joined.date > today) {
            faults.push(("/joined_on", "in_the_future"));
        }
        if self
            .birth
            .zip(self.joined)
            .is_some_and(|(birth, joined)| joined.is_before(birth))
        {
            faults.push(("/joined_on", "before_birth"));
        }
        let full_member = self.full_member.map(PartialDate::day);
        if self
            .joined
            .zip(full_member)
            .is_some_and(|(joined, full)| full.is_before(joined))
        {
            faults.push(("/full_member_on", "before_joining"));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(year: i32, month: u32, day: u32) -> PartialDate {
        PartialDate::day(NaiveDate::from_ymd_opt(year, month, day).unwrap())
    }

    #[test]
    fn a_life_goes_forward() {
        let today = on(2026, 11, 23).date;
        let good = LifeDates {
            birth: Some(on(1971, 6, 4)),
            joined: Some(on(1992, 7, 1)),
            full_member: Some(on(1993, 7, 1).date),
        };
        assert_eq!(good.faults(today), []);
        let same_day = LifeDates {
            full_member: Some(on(1992, 7, 1).date),
            ..good
        };
        assert_eq!(same_day.faults(today), []);
        let backwards = LifeDates {
            birth: Some(on(1995, 1, 1)),
            full_member: Some(on(1990, 1, 1).date),
            ..good
        };
        assert_eq!(
            backwards.faults(today),
            [("/joined_on", "before_birth"), ("/full_member_on", "before_joining")]
        );
        let ahead = LifeDates {
            birth: Some(on(2027, 1, 1)),
            joined: Some(on(2027, 2, 1)),
            full_member: None,
        };
        assert_eq!(
            ahead.faults(today),
            [("/birth_date", "in_the_future"), ("/joined_on", "in_the_future")]
        );
    }
}
