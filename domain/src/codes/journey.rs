//! What the yearly statistics ask about a journey: reason, kind of unit at the destination, former occupation.

super::code_list! {
    /// Why a member is away 外出原因. No codes are published.
    pub enum JourneyReason ("reasons for being away", "外出原因") {
        Work = "work", "work", "务工经商", "Work or business"
            ["务工", "经商", "打工", "外出务工", "外出经商", "工作", "就业", "创业", "做生意", "务工或经商"];
        Study = "study", "study", "求学", "Study" ["上学", "读书", "升学", "学习", "留学", "就读"];
        Family = "family", "family", "随亲属居住", "Living with family"
            ["随子女居住", "随子女（亲属）居住", "随子女", "投亲", "投靠子女", "投靠亲属", "照顾子女", "带孩子", "照看孙辈",
             "随迁", "随军", "婚嫁"];
        Retirement = "retirement", "retirement", "离退休异地居住", "Retired, living elsewhere"
            ["离退休", "退休", "养老", "异地养老", "退休异地居住", "离退休后异地居住"];
        JobSeeking = "job_seeking", "job_seeking", "自主择业", "Looking for work" ["择业", "求职", "找工作", "待业"];
        Abroad = "abroad", "abroad", "出国（境）", "Abroad" ["出国", "出境", "境外", "国外"];
        Other = "other", "other", "其他", "Other" ["其它", "其他原因"];
    }
}

super::code_list! {
    /// The kind of unit at the destination 外出流向: the 15 classes of the yearly table. No codes are published.
    ///
    /// Two names stand in both halves of the table; without more they mean the unit not under public control.
    pub enum DestinationUnit ("kinds of unit at the destination", "外出流向") {
        GovernmentBody = "government_body", "government_body", "机关", "Government body" ["党政机关", "国家机关"];
        PublicInstitution = "public_institution", "public_institution", "事业单位", "Public institution";
        TalentCentre = "talent_centre", "talent_centre", "人才/劳动服务中心", "Talent or employment service centre"
            ["人才服务中心", "劳动服务中心", "人才、劳动服务中心", "人才中心", "人才市场"];
        PublicHongKongMacaoTaiwan = "public_hk_mo_tw", "public_hk_mo_tw", "港澳台商投资企业（公有经济控制）",
            "Hong Kong, Macao or Taiwan invested, under public control" ["公有港澳台商投资企业"];
        PublicForeign = "public_foreign", "public_foreign", "外商投资企业（公有经济控制）",
            "Foreign invested, under public control" ["公有外商投资企业"];
        PrivateNonEnterprise = "private_non_enterprise", "private_non_enterprise", "民办非企业单位",
            "Private non-enterprise unit" ["民非", "社会服务机构"];
        PrivateEnterprise = "private_enterprise", "private_enterprise", "私营企业", "Private enterprise"
            ["私企", "民营企业", "民企"];
        HongKongMacaoTaiwan = "hk_mo_tw", "hk_mo_tw", "港澳台商投资企业（非公有经济控制）",
            "Hong Kong, Macao or Taiwan invested" ["港澳台商投资企业", "港澳台企业"];
        Foreign = "foreign", "foreign", "外商投资企业（非公有经济控制）", "Foreign invested"
            ["外商投资企业", "外企", "外资企业"];
        SelfEmployed = "self_employed", "self_employed", "个体工商户", "Self-employed" ["个体", "个体户"];
        UrbanCommunity = "urban_community", "urban_community", "城市社区（居委会）", "Urban community"
            ["城市社区", "城市居委会", "社区"];
        TownCommunity = "town_community", "town_community", "乡镇社区（居委会）", "Town community"
            ["乡镇社区", "乡镇居委会"];
        Village = "village", "village", "建制村", "Village" ["行政村", "村"];
        Other = "other", "other", "其他", "Other" ["其它"];
        Unknown = "unknown", "unknown", "不掌握流向", "Not known" ["不掌握", "流向不明", "不明"];
    }
}

super::code_list! {
    /// What a mobile member did before leaving 原职业: the 8 classes of the yearly table. No codes are published.
    pub enum FormerOccupation ("former occupations", "原职业") {
        ManagerOrProfessional = "manager_or_professional", "manager_or_professional",
            "公有经济企事业单位管理人员、专业技术人员", "Manager or professional in the public economy"
            ["管理人员、专业技术人员", "管理人员", "专业技术人员"];
        SkilledWorker = "skilled_worker", "skilled_worker", "工勤技能人员", "Worker" ["工人", "工勤人员"];
        Farmer = "farmer", "farmer", "农牧渔民", "Farmer, herder or fisher" ["农民", "牧民", "渔民", "务农"];
        UnemployedGraduate = "unemployed_graduate", "unemployed_graduate", "未就业的高校毕业生",
            "Graduate not yet employed" ["未就业高校毕业生", "未就业大学生", "高校毕业生"];
        Intermediary = "intermediary", "intermediary", "中介组织从业人员", "Works for an intermediary organisation";
        Lawyer = "lawyer", "lawyer", "执业律师", "Practising lawyer" ["律师"];
        Accountant = "accountant", "accountant", "会计师", "Accountant" ["注册会计师"];
        Other = "other", "other", "其他", "Other" ["其它"];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_read_as_secretaries_type_them() {
        for text in ["务工经商", "务工", "经商", "打工"] {
            assert_eq!(JourneyReason::parse(text), Ok(JourneyReason::Work), "{text}");
        }
        assert_eq!(JourneyReason::parse("随子女居住"), Ok(JourneyReason::Family));
        assert_eq!(JourneyReason::parse("随子女(亲属)居住"), Ok(JourneyReason::Family));
        assert_eq!(JourneyReason::parse("出国(境)"), Ok(JourneyReason::Abroad));
        assert_eq!(JourneyReason::parse("求学"), Ok(JourneyReason::Study));
    }

    #[test]
    fn the_yearly_table_has_15_kinds_of_unit_and_8_former_occupations() {
        assert_eq!((DestinationUnit::ALL.len(), FormerOccupation::ALL.len()), (15, 8));
        assert_eq!(DestinationUnit::parse("外商投资企业"), Ok(DestinationUnit::Foreign));
        assert_eq!(FormerOccupation::parse("农民"), Ok(FormerOccupation::Farmer));
    }
}
