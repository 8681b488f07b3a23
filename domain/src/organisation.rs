//! Organisations (组织): the tree that members, grants and rosters hang on.
use crate::words;

words! {
    /// What an organisation is.
    pub enum OrganisationKind {
        /// 组织部门.
        RegionalOffice = "regional_office",
        /// 党委/党工委.
        Committee = "committee",
        /// 党总支.
        GeneralBranch = "general_branch",
        /// 党支部.
        Branch = "branch",
        /// 临时党支部.
        TemporaryBranch = "temporary_branch",
        /// 流动党员党支部.
        MobileBranch = "mobile_branch",
        /// 流动党员工作站.
        Workstation = "workstation",
        /// 驻外办事处党委.
        ResidenceCommittee = "residence_committee",
        /// 流动党员联合党委.
        JointCommittee = "joint_committee",
    }
}

impl OrganisationKind {
    /// Whether a member's formal relation (正式组织关系) can be with it: only with a branch. Any kind can host.
    pub const fn keeps_relations(self) -> bool {
        matches!(self, Self::Branch | Self::TemporaryBranch | Self::MobileBranch)
    }

    /// Whether it was set up for members who are on the move, with an approval that says what they may do in it.
    pub const fn is_of_mobile_members(self) -> bool {
        matches!(self, Self::TemporaryBranch | Self::MobileBranch)
    }
}

/// How deep the tree may grow.
pub const DEEPEST: usize = 10;

/// Days between contacts where no organisation above has chosen otherwise: a local rule, for no central one names an interval.
pub const DEFAULT_CONTACT_INTERVAL_DAYS: u16 = 30;

/// Whether an organisation's code can stand in a path: 1 to 32 ASCII letters, digits, dashes or underscores.
pub fn is_code(code: &str) -> bool {
    (1..=32).contains(&code.len())
        && code
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
