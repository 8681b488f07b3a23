//! The columns that an import takes, and all the headers under which secretaries write them.
//!
//! The synonyms are the union of the real headers collected in the county's forms, the national template of 2017, university and
//! city systems, and township ledgers.

use serde::{Deserialize, Serialize};

use super::ImportKind;
use super::header::normalise_header;

/// A fact that a column may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// 姓名, of a person.
    Name,
    /// 性别
    Gender,
    /// 民族
    Ethnicity,
    /// 身份证号
    Identity,
    /// 出生日期
    BirthDate,
    /// Whether the birthday is kept by the solar or the lunar calendar.
    BirthdayCalendar,
    /// 手机号码
    Phone,
    /// 固定电话
    Landline,
    /// 电子邮箱
    Email,
    /// 家庭住址
    Address,
    /// 学历
    Education,
    /// 人员类别
    Standing,
    /// 入党时间
    JoinedOn,
    /// 转正时间
    FullMemberOn,
    /// 所在党支部
    Branch,
    /// 备注
    Note,
    /// 工作单位
    Employer,
    /// 外出时间
    DepartedOn,
    /// 外出地点
    Destination,
    /// 外出流向: the kind of unit at the destination, in some forms the place itself.
    DestinationClass,
    /// 外出原因, 流入原因
    Reason,
    /// 原职业
    FormerOccupation,
    /// 流入地党组织, of a journey.
    Host,
    /// 流动党员活动证号
    Certificate,
    /// 支部联系人, 联系干部
    ContactOfficer,
    /// 预计返回时间
    ExpectedReturnOn,
    /// 返回时间
    ReturnedOn,
    /// 联系干部's phone: a plain 联系电话 right of the officer's name, where the person's own phone has a column too.
    ContactOfficerPhone,
    /// 流入时间
    ArrivedOn,
    /// 组织关系所在地, of an inbound member.
    Origin,
    /// 流出地党组织联系电话
    OriginPhone,
    /// 编入党支部
    HomeUnit,
    /// 组织代码
    Code,
    /// 组织类别
    Kind,
    /// 组织名称
    OrganisationName,
    /// 上级组织代码
    ParentCode,
    /// 行政区划代码, of an organisation; 流入前所在省份, of an inbound member.
    Division,
}

/// What a header stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    /// A fact that is taken.
    Take(Column),
    /// The number of the row; it is passed over without a word.
    Number,
    /// A fact that is known otherwise or derived, such as the age; it is passed over.
    NotNeeded,
    /// A fact for which there is no purpose (income, state of mind, family); it is never taken, and the report says so.
    NoPurpose,
}

/// Headers of a column, separated by spaces.
type Synonyms = &'static [(Column, &'static str)];

const PERSON: Synonyms = &[
    (Column::Name, "姓名 党员姓名 用户 name"),
    (Column::Gender, "性别 gender"),
    (Column::Ethnicity, "民族 ethnicity"),
    (
        Column::Identity,
        "身份证号 身份证号码 身份证 公民身份证号 公民身份证号码 公民身份号码 居民身份证号 居民身份证号码 identity_number",
    ),
    (
        Column::BirthDate,
        "出生日期 出生年月 出生年月日 出生时间 生日 birth_date",
    ),
    (
        Column::BirthdayCalendar,
        "生日历法 生日类型 公历/农历 农历/公历 birthday_calendar",
    ),
    (
        Column::Phone,
        "手机号 手机号码 手机 联系电话 联系方式 与党组织联系方式 本人联系电话 本人联系方式 电话 电话号码 移动电话 phone",
    ),
    (Column::Landline, "固定电话 座机 landline"),
    (Column::Email, "电子邮箱 邮箱 电子邮件 e-mail email"),
    (
        Column::Address,
        "家庭住址 家庭地址 住址 现居住地址 现居住地 居住地址 现住址 居住地 address",
    ),
    (Column::Education, "学历 文化程度 学历情况 education"),
    (
        Column::Standing,
        "人员类别 党员类别 正式/预备党员 正式/预备 预/正 党内状态 党员状态 standing",
    ),
    (
        Column::JoinedOn,
        "入党时间 入党日期 入党年月 加入党组织日期 加入党组织时间 加入中共组织日期 加入中共组织时间 joined_on",
    ),
    (
        Column::FullMemberOn,
        "转正时间 转正日期 转为正式党员日期 转为正式党员时间 full_member_on",
    ),
    (Column::Note, "备注 说明 note"),
    (
        Column::Employer,
        "工作单位 单位 工作/学习单位 务工单位 工作岗位 单位及职务 employer",
    ),
    (
        Column::Certificate,
        "流动党员活动证号 流动党员活动证编号 流动证号 活动证号 活动证号码 流动党员活动证号码 活动证编号 certificate_number",
    ),
];

const BRANCH: Synonyms = &[(
    Column::Branch,
    "所在党支部 所属党支部 所在支部 所属支部 党支部 党支部名称 支部名称 支部信息 所在组织 所在党组织 所属党组织 组织关系所在党支部 党组织关系所在党支部名称 正式组织关系所在党支部 branch",
)];

const OUTBOUND: Synonyms = &[
    (
        Column::DepartedOn,
        "外出时间 外出日期 何时外出 流出时间 流出日期 外出务工时间 departed_on",
    ),
    (
        Column::Destination,
        "外出地点 外出地址 地点 流向 流动去向 去向 流出省份 流出地行政区划 流入地 流入地址 流入地点 外出去向 外出地 destination",
    ),
    (Column::DestinationClass, "外出流向"),
    (Column::Reason, "外出原因 流出原因 流动原因 流出理由 外出事由 reason"),
    (
        Column::Employer,
        "务工单位及职业 外出务工单位 现工作单位 工作情况 外出从事职业 从事职业",
    ),
    (Column::FormerOccupation, "原职业 former_occupation"),
    (
        Column::Host,
        "流入地党组织 流入地党支部 流入党支部 流入组织名称 接收党组织 流入地党组织名称 挂靠组织 host",
    ),
    (
        Column::ContactOfficer,
        "支部联系人 党支部联系人 结对联系人 结对人员 联系专员 联系人 联系干部 contact_officer",
    ),
    (
        Column::ExpectedReturnOn,
        "预计返回时间 预计返回日期 预计返乡时间 计划返回时间 拟返回时间 expected_return_on",
    ),
    (
        Column::ReturnedOn,
        "回归时间 返回时间 返回日期 返乡时间 结束流动日期 returned_on",
    ),
];

const INBOUND: Synonyms = &[
    (
        Column::ArrivedOn,
        "流入时间 流入日期 何时流入 来本地时间 到达时间 arrived_on",
    ),
    (
        Column::Origin,
        "组织关系所在地 正式组织关系所在党支部 组织关系所在党支部 党组织关系所在党支部名称 原党组织 原组织名称 流出地党组织 流出地党支部 流出组织名称 origin",
    ),
    (
        Column::OriginPhone,
        "流出地党组织联系电话 流出地党组织联系方式 原党组织联系电话 原联系方式 流出组织联系电话 流出地党支部联系电话 origin_phone",
    ),
    (
        Column::HomeUnit,
        "编入党支部 编入支部 编入党组织 流入地党支部 流入地党组织 流入党支部 流入组织名称 接收党组织 挂靠组织 所在党支部 所属党支部 党支部 党支部名称 所在组织 所在支部 home_unit",
    ),
    (Column::Address, "流入地址 流入地 地点"),
    (Column::Division, "流入前所在省份 流入前所在地 来源省份"),
    (Column::Reason, "流入原因 流动原因 reason"),
    (Column::FormerOccupation, "原职业"),
    (
        Column::ContactOfficer,
        "联系干部 联系人 支部联系人 党支部联系人 流入党支部联系人 结对联系人 联系专员 contact_officer",
    ),
];

const ORGANISATION: Synonyms = &[
    (Column::Code, "code 组织代码 党组织代码 组织编码 党组织编码 代码 编码"),
    (Column::Kind, "kind 组织类别 党组织类别 类别 组织类型 类型"),
    (
        Column::OrganisationName,
        "name 组织名称 党组织名称 组织全称 党组织全称 名称",
    ),
    (
        Column::ParentCode,
        "parent_code 上级组织代码 上级党组织代码 上级代码 上级编码 上级组织编码 上级组织 上级党组织 隶属基层党委",
    ),
    (
        Column::Division,
        "division_code 行政区划代码 行政区划 区划代码 所在区划",
    ),
    (Column::Phone, "phone contact_phone 联系电话 电话 负责人电话"),
];

const NOT_NEEDED: &str = "年龄 党龄 流动类型 流出范围 流动范围 是否为流动党员 是否为失联党员 失去联系日期 党籍状态 是否持有中国共产党流动党员活动证 组织关系状态 分党委名称 所在分党委 学工号 状态 联系情况";

/// Headers that contain one of these are never taken: the law on personal data asks for a purpose, and there is none.
const NO_PURPOSE: &str = "收入 思想 家庭人口 家庭成员 家庭情况 子女情况 宗教 信仰 健康 病史 血型 婚姻 配偶 籍贯 户籍 银行 qq 微信 经济 资产 表现";

impl Column {
    /// What the header of a column means in a file of this kind; `None` when it is not known.
    pub fn from_header(kind: ImportKind, header: &str) -> Option<Heading> {
        let header = normalise_header(header);
        let lists: &[Synonyms] = match kind {
            ImportKind::Organisations => &[ORGANISATION],
            ImportKind::Members => &[PERSON, BRANCH],
            ImportKind::Outbound => &[OUTBOUND, PERSON, BRANCH],
            ImportKind::Inbound => &[INBOUND, PERSON],
        };
        let column = lists.iter().copied().flatten().find(|(_, names)| holds(names, &header));
        if let Some((column, _)) = column {
            Some(Heading::Take(*column))
        } else if NO_PURPOSE.split(' ').any(|word| header.contains(word)) {
            Some(Heading::NoPurpose)
        } else if matches!(header.as_str(), "序号" | "编号" | "no." | "no") {
            Some(Heading::Number)
        } else if holds(NOT_NEEDED, &header) {
            Some(Heading::NotNeeded)
        } else {
            None
        }
    }
}

fn holds(names: &str, header: &str) -> bool {
    names.split(' ').any(|name| name == header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(kind: ImportKind, header: &str) -> Option<Heading> {
        Column::from_header(kind, header)
    }

    #[test]
    fn synonyms_lead_to_one_column() {
        for header in ["身份证号", "公民身份号码", "身份证\n号码", "公民身份证号 *"] {
            assert_eq!(
                meant(ImportKind::Members, header),
                Some(Heading::Take(Column::Identity)),
                "{header}"
            );
        }
        for header in ["外出时间", "何时外出", "流出日期"] {
            assert_eq!(
                meant(ImportKind::Outbound, header),
                Some(Heading::Take(Column::DepartedOn)),
                "{header}"
            );
        }
    }

    #[test]
    fn a_header_means_what_its_file_is_about() {
        let header = "流入地党支部";
        assert_eq!(meant(ImportKind::Outbound, header), Some(Heading::Take(Column::Host)));
        assert_eq!(
            meant(ImportKind::Inbound, header),
            Some(Heading::Take(Column::HomeUnit))
        );
        let header = "正式组织关系所在党支部";
        assert_eq!(meant(ImportKind::Members, header), Some(Heading::Take(Column::Branch)));
        assert_eq!(meant(ImportKind::Inbound, header), Some(Heading::Take(Column::Origin)));
    }

    #[test]
    fn what_has_no_purpose_is_never_taken() {
        for header in [
            "从事职业及年收入",
            "思想状况",
            "家庭人口",
            "年收入（万元）",
            "QQ号",
            "宗教信仰",
        ] {
            assert_eq!(
                meant(ImportKind::Outbound, header),
                Some(Heading::NoPurpose),
                "{header}"
            );
        }
        assert_eq!(meant(ImportKind::Outbound, "年龄"), Some(Heading::NotNeeded));
        assert_eq!(meant(ImportKind::Outbound, "星座"), None);
    }

    #[test]
    fn no_header_stands_for_two_columns_of_one_list() {
        for list in [PERSON, BRANCH, OUTBOUND, INBOUND, ORGANISATION] {
            let mut names: Vec<&str> = list.iter().flat_map(|(_, names)| names.split(' ')).collect();
            for name in &names {
                assert_eq!(normalise_header(name), *name, "a synonym is written as it is compared");
            }
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count);
        }
    }
}
