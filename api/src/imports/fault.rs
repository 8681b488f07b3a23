//! What cannot be taken, in the secretary's language: where it stands, what was typed, why it is not taken.

use std::fmt;

use domain::codes::UnknownLabel;
use domain::identity::IdentityFault;
use domain::phone::PhoneFault;

/// Why a cell or a row is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A fact without which the row means nothing is not there.
    Missing,
    /// A spreadsheet's own error (`#REF!`, `#VALUE!`).
    BrokenFormula,
    /// The identity number is missing or wrong.
    Identity(IdentityFault),
    /// The identity number was typed as a number: the spreadsheet has rounded its last digits away.
    IdentityRounded,
    /// The birth date is another than the identity number's.
    BirthDiffers,
    /// The gender is another than the identity number's.
    GenderDiffers,
    /// No known way of writing a date.
    DateUnreadable,
    /// There is no such day.
    NoSuchDay,
    /// A number `2025.1`: January, or an October that lost its zero.
    MonthAmbiguous,
    /// After today.
    InTheFuture,
    /// The return is before the departure.
    ReturnBeforeDeparture,
    /// Leaving is before arrival.
    LeftBeforeArrival,
    /// Full membership before joining.
    FullBeforeJoined,
    /// The phone number is wrong.
    Phone(PhoneFault),
    /// Not an e-mail address.
    EmailMalformed,
    /// Not on the list of values that the column may have.
    NotOnList(UnknownLabel),
    /// No organisation of this name among those that may be written.
    OrganisationUnknown,
    /// Several organisations have this name.
    OrganisationAmbiguous,
    /// The organisation is no branch, so that it has no members of its own.
    NotABranch,
    /// No kind of organisation.
    KindUnknown,
    /// No division of this name or code.
    DivisionUnknown,
    /// The same person, or the same organisation, stands in an earlier row that is taken.
    Repeated {
        /// The earlier row's sheet, where it is another one.
        sheet: Option<String>,
        /// The earlier row.
        row: u32,
    },
    /// The code cannot stand in a path.
    CodeMalformed,
    /// The organisation above is neither in the file nor known.
    ParentUnknown,
    /// The code is that of an organisation outside the caller's scope.
    OrganisationElsewhere,
    /// The organisation stands under another one; an import does not move it.
    ParentDiffers,
    /// The tree would be deeper than ten, or an organisation would stand below itself.
    ParentImpossible,
    /// No member with this identity number in the branches that may be written.
    MemberUnknown,
    /// The member with this identity number belongs to another branch.
    MemberElsewhere,
    /// The member with this identity number has another name.
    NameDiffers,
    /// The member's standing allows no journey (deceased, left, suspended).
    StandingForbids,
    /// The member has another open journey.
    JourneyOpen,
    /// The person has another open stay.
    StayOpen,
}

impl Reason {
    /// The stable word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::BrokenFormula => "broken_formula",
            Self::Identity(fault) => fault.as_str(),
            Self::IdentityRounded => "identity_rounded",
            Self::BirthDiffers => "birth_differs",
            Self::GenderDiffers => "gender_differs",
            Self::DateUnreadable => "date_unreadable",
            Self::NoSuchDay => "no_such_day",
            Self::MonthAmbiguous => "month_ambiguous",
            Self::InTheFuture => "in_the_future",
            Self::ReturnBeforeDeparture => "return_before_departure",
            Self::LeftBeforeArrival => "left_before_arrival",
            Self::FullBeforeJoined => "full_before_joined",
            Self::Phone(fault) => fault.as_str(),
            Self::EmailMalformed => "email_malformed",
            Self::NotOnList(_) => "not_on_list",
            Self::OrganisationUnknown => "organisation_unknown",
            Self::OrganisationAmbiguous => "organisation_ambiguous",
            Self::NotABranch => "not_a_branch",
            Self::KindUnknown => "kind_unknown",
            Self::DivisionUnknown => "division_unknown",
            Self::Repeated { .. } => "repeated",
            Self::CodeMalformed => "code_malformed",
            Self::ParentUnknown => "parent_unknown",
            Self::OrganisationElsewhere => "organisation_elsewhere",
            Self::ParentDiffers => "parent_differs",
            Self::ParentImpossible => "parent_impossible",
            Self::MemberUnknown => "member_unknown",
            Self::MemberElsewhere => "member_elsewhere",
            Self::NameDiffers => "name_differs",
            Self::StandingForbids => "standing_forbids",
            Self::JourneyOpen => "journey_open",
            Self::StayOpen => "stay_open",
        }
    }

    /// The sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Missing => "必填项没有填写",
            Self::BrokenFormula => "单元格公式出错，请改为填写内容",
            Self::Identity(fault) => return fault.zh(),
            Self::IdentityRounded => "公民身份号码被当作数值，末几位已丢失，请将单元格设为文本后重新填写",
            Self::BirthDiffers => "出生日期与公民身份号码不一致",
            Self::GenderDiffers => "性别与公民身份号码不一致",
            Self::DateUnreadable => "无法识别的日期，请写成 2025-03-07 的形式",
            Self::NoSuchDay => "没有这一天，请核对日期",
            Self::MonthAmbiguous => "无法区分 1 月和 10 月（数值单元格会丢掉末尾的 0），请写成 2025-01 或 2025-10",
            Self::InTheFuture => "日期在今天之后",
            Self::ReturnBeforeDeparture => "返回时间早于外出时间",
            Self::LeftBeforeArrival => "离开时间早于流入时间",
            Self::FullBeforeJoined => "转正时间早于入党时间",
            Self::Phone(fault) => return fault.zh(),
            Self::EmailMalformed => "不是有效的电子邮箱",
            Self::NotOnList(fault) => return fault.zh(),
            Self::OrganisationUnknown => "没有找到这个党组织，请核对名称",
            Self::OrganisationAmbiguous => "有多个同名的党组织，请在名称前加上乡镇，或填写组织代码",
            Self::NotABranch => "这个党组织不是党支部，请填写党员所在的党支部",
            Self::KindUnknown => "没有这种组织类别，可填：党委、党总支、党支部、临时党支部、流动党员党支部、流动党员工作站、驻外办事处党委、流动党员联合党委、组织部门",
            Self::DivisionUnknown => "没有这个行政区划，请填写到省、市、县（区）",
            Self::Repeated { sheet: None, row } => return format!("与第 {row} 行重复，已采用第 {row} 行"),
            Self::Repeated { sheet: Some(sheet), row } => {
                return format!("与工作表“{sheet}”第 {row} 行重复，已采用该行");
            }
            Self::CodeMalformed => "代码只能用字母、数字、短横和下划线，最多 32 位",
            Self::ParentUnknown => "没有找到上级组织",
            Self::OrganisationElsewhere => "这个代码的组织不在您的管理范围内",
            Self::ParentDiffers => "此组织已在另一上级之下；调整隶属请用“移动组织”",
            Self::ParentImpossible => "上级组织关系成环，或层级超过 10 级",
            Self::MemberUnknown => "没有此公民身份号码的党员，请先导入党员名册或核对号码",
            Self::MemberElsewhere => "此人的组织关系在其他党支部，请核对所在党支部",
            Self::NameDiffers => "姓名与此公民身份号码已登记的姓名不一致",
            Self::StandingForbids => "此人已去世、出党或停止党籍，不能登记",
            Self::JourneyOpen => "此人已有一次未结束的流动，请先办理返回",
            Self::StayOpen => "此人已在本地登记，且与本行不一致",
        }
        .to_owned()
    }

    /// The sentence in English.
    pub fn en(&self) -> String {
        match self {
            Self::Missing => "this must be filled in",
            Self::BrokenFormula => "the cell's formula fails; type the value instead",
            Self::Identity(fault) => return fault.to_string(),
            Self::IdentityRounded => "the identity number was kept as a number and has lost its last digits; format the cell as text and type it again",
            Self::BirthDiffers => "the birth date is not that of the identity number",
            Self::GenderDiffers => "the gender is not that of the identity number",
            Self::DateUnreadable => "not a date; write it like 2025-03-07",
            Self::NoSuchDay => "there is no such day",
            Self::MonthAmbiguous => "January or October (a number cell loses its last 0); write 2025-01 or 2025-10",
            Self::InTheFuture => "the date is after today",
            Self::ReturnBeforeDeparture => "the return is before the departure",
            Self::LeftBeforeArrival => "leaving is before arrival",
            Self::FullBeforeJoined => "full membership is before joining",
            Self::Phone(fault) => return fault.to_string(),
            Self::EmailMalformed => "not an e-mail address",
            Self::NotOnList(fault) => return fault.to_string(),
            Self::OrganisationUnknown => "no organisation of this name; check the name",
            Self::OrganisationAmbiguous => "several organisations have this name; put the township before it, or write its code",
            Self::NotABranch => "this organisation is no branch; name the branch that the member belongs to",
            Self::KindUnknown => "no such kind of organisation; write committee, general_branch, branch, temporary_branch, mobile_branch, workstation, residence_committee, joint_committee or regional_office",
            Self::DivisionUnknown => "no such division; name the province, city and county",
            Self::Repeated { sheet: None, row } => return format!("repeats row {row}, which is taken"),
            Self::Repeated { sheet: Some(sheet), row } => {
                return format!("repeats row {row} of sheet {sheet}, which is taken");
            }
            Self::CodeMalformed => "a code has at most 32 letters, digits, dashes or underscores",
            Self::ParentUnknown => "the organisation above is not known",
            Self::OrganisationElsewhere => "the organisation with this code is outside your scope",
            Self::ParentDiffers => "the organisation stands under another one; use “move” to change that",
            Self::ParentImpossible => "the organisations stand in a circle, or deeper than ten",
            Self::MemberUnknown => "no member with this identity number; import the members first, or check the number",
            Self::MemberElsewhere => "this person belongs to another branch; check the branch",
            Self::NameDiffers => "the name is not the one on record for this identity number",
            Self::StandingForbids => "this person is deceased, has left or is suspended",
            Self::JourneyOpen => "this person has another open journey; record the return first",
            Self::StayOpen => "this person has another open stay here, which differs",
        }
        .to_owned()
    }
}

/// One thing in one row that cannot be taken.
///
/// `value` is what the secretary typed, perhaps an identity number: it is shown to whoever uploaded the file and never
/// logged, which is why `Debug` leaves it out.
#[derive(Clone, PartialEq, Eq)]
pub struct Fault {
    /// The sheet's name; empty for a CSV file.
    pub sheet: String,
    /// The row as the spreadsheet numbers it, from 1.
    pub row: u32,
    /// The header of the column as typed; empty when the file has no such column.
    pub column: String,
    /// The cell as typed.
    pub value: String,
    /// Why.
    pub reason: Reason,
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("sheet", &self.sheet)
            .field("row", &self.row)
            .field("column", &self.column)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}
