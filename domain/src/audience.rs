//! Who is meant when an organisation invites, serves or writes: those whose formal relation is there and those who are
//! admitted there, alike (一体化、同等化). Only the vote differs.
use crate::codes::Standing;
use crate::division::DivisionCode;
use crate::id::{GatheringId, OrganisationId};
use crate::organisation::OrganisationKind;
use crate::words;

words! {
    /// How somebody belongs to an organisation.
    pub enum Belonging {
        /// 正式组织关系: the formal relation is there.
        Local = "local",
        /// 编入: admitted to a home unit there, with the formal relation elsewhere.
        Admitted = "admitted",
    }
}

words! {
    /// Whether somebody votes (表决权、选举权和被选举权) in an organisation.
    pub enum Vote {
        /// Votes.
        Yes = "yes",
        /// Does not.
        No = "no",
        /// As the approval of an organisation of mobile members says.
        AsApproved = "as_approved",
    }
}

words! {
    /// What a clause of an audience goes by.
    pub enum ClauseKind as "AudienceKind" {
        /// Whom an organisation and what is below it mean: members and admitted alike.
        Organisation = "organisation",
        /// Those admitted at a host and below it.
        Host = "host",
        /// Those admitted at a host and below it, and those verified who are to be.
        Stays = "stays",
        /// Everybody away in a division: members of the inviting organisation, and those who are admitted below it there.
        Destination = "destination",
        /// Those who missed a gathering and have not made it up.
        Missed = "missed",
        /// Those of whom an organisation means whose political birthday falls into a month.
        PoliticalBirthday = "political_birthday",
    }
}

/// One clause of an audience: whoever any clause means is meant, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clause {
    /// Whom an organisation and what is below it mean.
    Organisation(OrganisationId),
    /// Those admitted at a host.
    Host(OrganisationId),
    /// Those admitted or verified at a host.
    Stays(OrganisationId),
    /// Everybody away in a division.
    Destination(DivisionCode),
    /// Those who missed a gathering.
    Missed(GatheringId),
    /// Those with a political birthday in a month, 1 to 12.
    PoliticalBirthday(OrganisationId, u8),
}

/// The most clauses of an audience.
pub const MOST_CLAUSES: usize = 20;

impl Clause {
    /// What it goes by.
    pub const fn kind(self) -> ClauseKind {
        match self {
            Self::Organisation(_) => ClauseKind::Organisation,
            Self::Host(_) => ClauseKind::Host,
            Self::Stays(_) => ClauseKind::Stays,
            Self::Destination(_) => ClauseKind::Destination,
            Self::Missed(_) => ClauseKind::Missed,
            Self::PoliticalBirthday(..) => ClauseKind::PoliticalBirthday,
        }
    }
}

impl Belonging {
    /// The vote in a unit of this kind. A probationary member has none anywhere; who is admitted has none in a regular
    /// organisation, and in one of mobile members what its approval says. Of a visitor the standing is not known here.
    pub const fn vote(self, standing: Option<Standing>, unit: OrganisationKind) -> Vote {
        match (self, standing) {
            (_, Some(Standing::Probationary | Standing::Suspended | Standing::Left | Standing::Deceased)) => Vote::No,
            (Self::Local, _) => Vote::Yes,
            (Self::Admitted, _) if unit.is_of_mobile_members() => Vote::AsApproved,
            (Self::Admitted, _) => Vote::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vote_is_at_home_and_elsewhere_only_as_approved() {
        use OrganisationKind::{Branch, TemporaryBranch, Workstation};
        let full = Some(Standing::Full);
        for (belonging, standing, unit, vote) in [
            (Belonging::Local, full, Branch, Vote::Yes),
            (Belonging::Local, Some(Standing::Probationary), Branch, Vote::No),
            (Belonging::Admitted, full, Branch, Vote::No),
            (Belonging::Admitted, full, Workstation, Vote::No),
            (Belonging::Admitted, full, TemporaryBranch, Vote::AsApproved),
            (Belonging::Admitted, None, TemporaryBranch, Vote::AsApproved),
            (
                Belonging::Admitted,
                Some(Standing::Probationary),
                TemporaryBranch,
                Vote::No,
            ),
        ] {
            assert_eq!(belonging.vote(standing, unit), vote, "{belonging} {standing:?} {unit}");
        }
    }
}
