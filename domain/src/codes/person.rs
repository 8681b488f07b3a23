//! What a roster says of a person: gender, and standing 人员类别.

super::code_list! {
    /// Gender, with the codes of GB/T 2261.1.
    pub enum Gender ("genders", "性别") {
        Male = "male", "1", "男", "Male" ["男性"];
        Female = "female", "2", "女", "Female" ["女性"];
    }
}

super::code_list! {
    /// A member's standing. Only people change it, never a job.
    pub enum Standing ("standings", "人员类别") {
        Probationary = "probationary", "probationary", "预备党员", "Probationary member" ["预备", "预", "中共预备党员"];
        Full = "full", "full", "正式党员", "Full member" ["正式", "正", "党员", "中共党员"];
        Suspended = "suspended", "suspended", "停止党籍", "Membership suspended" ["已停止党籍"];
        Left = "left", "left", "已出党", "Left" ["出党"];
        Deceased = "deceased", "deceased", "已死亡", "Deceased" ["死亡", "去世", "已去世", "已故"];
    }
}

impl Standing {
    /// Whether the member is greeted and prompted.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Probationary | Self::Full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gender_is_read_as_forms_write_it() {
        for text in ["男", "male", "1", "95_男", " 男性 "] {
            assert_eq!(Gender::parse(text), Ok(Gender::Male), "{text}");
        }
        for text in ["女", "Female", "2", "96_女"] {
            assert_eq!(Gender::parse(text), Ok(Gender::Female), "{text}");
        }
    }

    #[test]
    fn standing_is_read_as_forms_write_it() {
        assert_eq!(Standing::parse("223_正式党员"), Ok(Standing::Full));
        assert_eq!(Standing::parse("正式"), Ok(Standing::Full));
        assert_eq!(Standing::parse("预备"), Ok(Standing::Probationary));
        assert!(Standing::parse("入党积极分子").is_err());
    }

    #[test]
    fn only_full_and_probationary_members_are_written_to() {
        let active: Vec<_> = Standing::ALL.iter().filter(|standing| standing.is_active()).collect();
        assert_eq!(active, [&Standing::Probationary, &Standing::Full]);
    }
}
