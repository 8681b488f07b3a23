//! Out of contact (失联): why a member can't be reached, and what came of it when the member was found again.

super::code_list! {
    /// Why a member can't be reached 失去联系情形, with the codes of the national check of 2016.
    pub enum AbsenceReason ("reasons for being out of contact", "失去联系情形") {
        AwayForWork = "away_for_work", "1", "外出务工经商", "Away for work or business" ["务工经商"];
        EmployerClosed = "employer_closed", "2", "单位改制或破产", "Employer restructured or closed"
            ["单位改制", "单位破产"];
        LeftSchool = "left_school", "3", "毕业后去向不明", "Left school, whereabouts unknown" ["毕业去向不明"];
        ChangedEmployer = "changed_employer", "4", "工作单位改变", "Changed employer" ["换工作单位"];
        Abroad = "abroad", "5", "出国（境）", "Abroad" ["出国", "出境"];
        Moved = "moved", "6", "居住地改变", "Moved" ["搬迁", "搬家"];
        Other = "other", "7", "其他", "Other" ["其它"];
    }
}

super::code_list! {
    /// What came of a member who was found again 经查找取得联系. No codes are published.
    pub enum FoundOutcome ("outcomes of a search", "查找结果") {
        ObjectiveCause = "objective_cause", "objective_cause", "因客观原因失联，愿意恢复，纳入正常管理",
            "An objective cause; back into normal management" ["客观原因"];
        SubjectiveCause = "subjective_cause", "subjective_cause", "因主观原因失联，承认错误，限期改正",
            "A subjective cause, admitted; to be corrected within a time" ["主观原因"];
        SettledAbroad = "settled_abroad", "settled_abroad", "已在国（境）外定居", "Settled abroad" ["出国定居", "国外定居"];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reasons_have_the_seven_codes_of_the_check() {
        let codes: Vec<_> = AbsenceReason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes, ["1", "2", "3", "4", "5", "6", "7"]);
        assert_eq!(AbsenceReason::parse("5_出国(境)"), Ok(AbsenceReason::Abroad));
    }
}
