//! Education 学历, GB/T 4658-2006.

super::code_list! {
    /// Education by GB/T 4658-2006.
    ///
    /// Labels in daily use stand for the group (大专 is 30), or for having finished where the group would lose what
    /// was said (博士 is 11, 中专 is 41).
    pub enum Education ("levels of education", "学历") {
        Postgraduate = "postgraduate", "10", "研究生", "Postgraduate" ["研究生教育", "研究生学历"];
        Doctor = "doctor", "11", "博士研究生毕业", "Doctorate" ["博士", "博士研究生", "博士毕业"];
        DoctorCompleted = "doctor_completed", "12", "博士研究生结业", "Doctoral studies, completed" ["博士结业"];
        DoctorLeft = "doctor_left", "13", "博士研究生肄业", "Doctoral studies, left" ["博士肄业"];
        Master = "master", "14", "硕士研究生毕业", "Master's degree" ["硕士", "硕士研究生", "硕士毕业"];
        MasterCompleted = "master_completed", "15", "硕士研究生结业", "Master's studies, completed" ["硕士结业"];
        MasterLeft = "master_left", "16", "硕士研究生肄业", "Master's studies, left" ["硕士肄业"];
        PostgraduateClass = "postgraduate_class", "17", "研究生班毕业", "Postgraduate class" ["研究生班"];
        PostgraduateClassCompleted = "postgraduate_class_completed", "18", "研究生班结业",
            "Postgraduate class, completed";
        PostgraduateClassLeft = "postgraduate_class_left", "19", "研究生班肄业", "Postgraduate class, left";
        Bachelor = "bachelor", "20", "大学本科", "University" ["本科", "大学", "大学本科教育", "本科学历"];
        BachelorGraduate = "bachelor_graduate", "21", "大学本科毕业", "University, graduated" ["本科毕业", "大学毕业"];
        BachelorCompleted = "bachelor_completed", "22", "大学本科结业", "University, completed" ["本科结业"];
        BachelorLeft = "bachelor_left", "23", "大学本科肄业", "University, left" ["本科肄业"];
        OrdinaryClass = "ordinary_class", "28", "大学普通班毕业", "University, ordinary class" ["大学普通班"];
        College = "college", "30", "大学专科", "College" ["大专", "专科", "高职", "大学专科教育", "大专学历"];
        CollegeGraduate = "college_graduate", "31", "大学专科毕业", "College, graduated" ["专科毕业", "大专毕业"];
        CollegeCompleted = "college_completed", "32", "大学专科结业", "College, completed" ["专科结业", "大专结业"];
        CollegeLeft = "college_left", "33", "大学专科肄业", "College, left" ["专科肄业", "大专肄业"];
        Vocational = "vocational", "40", "中等职业教育", "Vocational school" ["中职"];
        Technical = "technical", "41", "中等专科毕业", "Technical school" ["中专", "中等专科", "中专毕业", "中等专科学校"];
        TechnicalCompleted = "technical_completed", "42", "中等专科结业", "Technical school, completed" ["中专结业"];
        TechnicalLeft = "technical_left", "43", "中等专科肄业", "Technical school, left" ["中专肄业"];
        VocationalHigh = "vocational_high", "44", "职业高中毕业", "Vocational high school"
            ["职高", "职业高中", "职高毕业"];
        VocationalHighCompleted = "vocational_high_completed", "45", "职业高中结业",
            "Vocational high school, completed" ["职高结业"];
        VocationalHighLeft = "vocational_high_left", "46", "职业高中肄业", "Vocational high school, left" ["职高肄业"];
        Skilled = "skilled", "47", "技工学校毕业", "Skilled workers' school" ["技校", "技工学校", "技工", "技校毕业"];
        SkilledCompleted = "skilled_completed", "48", "技工学校结业", "Skilled workers' school, completed" ["技校结业"];
        SkilledLeft = "skilled_left", "49", "技工学校肄业", "Skilled workers' school, left" ["技校肄业"];
        High = "high", "60", "普通高级中学", "High school" ["高中", "普通高中", "高级中学"];
        HighGraduate = "high_graduate", "61", "普通高中毕业", "High school, graduated" ["高中毕业"];
        HighCompleted = "high_completed", "62", "普通高中结业", "High school, completed" ["高中结业"];
        HighLeft = "high_left", "63", "普通高中肄业", "High school, left" ["高中肄业"];
        Middle = "middle", "70", "初级中学", "Middle school" ["初中"];
        MiddleGraduate = "middle_graduate", "71", "初中毕业", "Middle school, graduated";
        MiddleLeft = "middle_left", "73", "初中肄业", "Middle school, left" ["72"];
        Primary = "primary", "80", "小学", "Primary school" ["小学教育"];
        PrimaryGraduate = "primary_graduate", "81", "小学毕业", "Primary school, graduated";
        PrimaryLeft = "primary_left", "83", "小学肄业", "Primary school, left";
        Other = "other", "90", "其他", "Other" ["其它", "文盲", "文盲或半文盲"];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn education_is_read_as_people_say_it() {
        let group = [
            ("大专", "30"),
            ("本科", "20"),
            ("大学本科", "20"),
            ("高中", "60"),
            ("初中", "70"),
            ("小学", "80"),
        ];
        let finished = [
            ("中专", "41"),
            ("博士", "11"),
            ("硕士", "14"),
            ("硕士研究生", "14"),
            ("研究生", "10"),
            ("21", "21"),
        ];
        for (said, code) in group.into_iter().chain(finished) {
            assert_eq!(Education::parse(said).map(Education::code), Ok(code), "{said}");
        }
    }
}
