//! Several full members of one branch with open journeys to one division: suggests a temporary branch (临时党支部) or group to
//! the committee above. A suggestion, computed; what comes of it people decide.
use chrono::NaiveDate;

use crate::words;

/// Full members of one branch at one destination from whom on a temporary branch is suggested: a branch has at least three
/// full members (《中国共产党支部工作条例（试行）》, 2018).
pub const SMALLEST: i64 = 3;

words! {
    /// What has come of the suggestion.
    pub enum ClusterState {
        /// It stands.
        Suggested = "suggested",
        /// The committee has dismissed it, and it has not grown since.
        Dismissed = "dismissed",
        /// A temporary branch is approved, and its approval is good.
        Approved = "approved",
    }
}

words! {
    /// What a committee has made of a suggestion.
    pub enum ClusterAnswerKind {
        /// Dismissed.
        Dismissed = "dismissed",
        /// Approved.
        Approved = "approved",
    }
}

/// The newest answer of the committee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// What.
    pub kind: ClusterAnswerKind,
    /// How many members there were then.
    pub members: i64,
    /// The last day of an approval.
    pub valid_until: Option<NaiveDate>,
}

impl Answered {
    /// What has come of the suggestion by `today`, with so many members now. One that was dismissed comes back once there
    /// are more members than then; one that was approved, once the approval has run out.
    pub fn state(self, members: i64, today: NaiveDate) -> ClusterState {
        match self.kind {
            ClusterAnswerKind::Dismissed if members <= self.members => ClusterState::Dismissed,
            ClusterAnswerKind::Approved if self.valid_until.is_none_or(|last| today <= last) => ClusterState::Approved,
            ClusterAnswerKind::Dismissed | ClusterAnswerKind::Approved => ClusterState::Suggested,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dismissed_suggestion_comes_back_when_the_group_has_grown_and_an_approved_one_when_it_runs_out() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let dismissed = Answered {
            kind: ClusterAnswerKind::Dismissed,
            members: 4,
            valid_until: None,
        };
        let today = day("2027-03-01");
        assert_eq!(dismissed.state(4, today), ClusterState::Dismissed);
        assert_eq!(dismissed.state(3, today), ClusterState::Dismissed);
        assert_eq!(dismissed.state(5, today), ClusterState::Suggested);
        let approved = Answered {
            kind: ClusterAnswerKind::Approved,
            valid_until: Some(day("2027-12-31")),
            ..dismissed
        };
        assert_eq!(approved.state(9, day("2027-12-31")), ClusterState::Approved);
        assert_eq!(approved.state(9, day("2028-01-01")), ClusterState::Suggested);
    }
}
