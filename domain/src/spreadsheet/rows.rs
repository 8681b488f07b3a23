//! What the rows of spreadsheets tell, once they are read and without fault.
use chrono::NaiveDate;

use super::PartialDate;
use crate::codes::{DestinationUnit, Education, Ethnicity, FormerOccupation, Gender, JourneyReason, Standing};
use crate::division::{DivisionCode, find_by_name};
use crate::id::OrganisationId;
use crate::identity::IdentityNumber;
use crate::organisation::OrganisationKind;
use crate::phone::Phone;
use crate::stay::Background;

/// An organisation as a row tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganisationRow {
    /// 组织代码, unique in the deployment.
    pub code: String,
    /// 组织类别
    pub kind: OrganisationKind,
    /// 组织名称
    pub name: String,
    /// The code of the organisation above, in the file or known; `None` for the top of the tree.
    pub parent: Option<String>,
    /// 行政区划
    pub division: Option<DivisionCode>,
    /// 联系电话
    pub phone: Option<Phone>,
}

/// A member as a row tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// The branch that the formal relation is with.
    pub branch: OrganisationId,
    /// 姓名
    pub name: String,
    /// By the identity number.
    pub gender: Gender,
    /// 民族
    pub ethnicity: Option<Ethnicity>,
    /// 公民身份号码
    pub identity: IdentityNumber,
    /// Whether the birthday is kept by the lunar calendar.
    pub lunar_birthday: bool,
    /// 手机号码, else 固定电话
    pub phone: Option<Phone>,
    /// 电子邮箱
    pub email: Option<String>,
    /// 家庭住址
    pub address: Option<String>,
    /// 学历
    pub education: Option<Education>,
    /// 人员类别
    pub standing: Option<Standing>,
    /// 入党时间
    pub joined_on: Option<PartialDate>,
    /// 转正时间; the first of the month where only that is known.
    pub full_member_on: Option<NaiveDate>,
}

/// Where a journey goes, as the member says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The division that the text begins with, where it names one.
    pub division: Option<DivisionCode>,
    /// What was typed.
    pub text: Option<String>,
}

impl Place {
    /// The place that a text names (江苏省苏州市昆山市建筑工地).
    pub fn of(typed: &str) -> Self {
        Self {
            division: find_by_name(typed),
            text: Some(typed.to_owned()),
        }
    }
}

/// A journey as a row tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboundRow {
    /// The origin branch.
    pub branch: OrganisationId,
    /// 姓名
    pub name: String,
    /// 公民身份号码
    pub identity: IdentityNumber,
    /// 联系电话
    pub phone: Option<Phone>,
    /// 外出时间; the first of the month where only that is known.
    pub departed_on: NaiveDate,
    /// 外出地点
    pub destination: Place,
    /// 外出原因; `other` where the text is on no list.
    pub reason: JourneyReason,
    /// 务工单位及职业
    pub employer: Option<String>,
    /// 外出流向
    pub unit: Option<DestinationUnit>,
    /// 原职业
    pub former_occupation: Option<FormerOccupation>,
    /// 流入地党组织, where it is an organisation of this deployment.
    pub host: Option<OrganisationId>,
    /// 流动党员活动证号
    pub certificate_number: Option<String>,
    /// 支部联系人
    pub contact_officer: Option<String>,
    /// 预计返回时间
    pub expected_return_on: Option<NaiveDate>,
    /// 返回时间: the journey is over.
    pub returned_on: Option<NaiveDate>,
}

/// A stay as a row tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundRow {
    /// 编入党支部: the host's unit that takes the person in.
    pub home_unit: OrganisationId,
    /// 姓名
    pub name: String,
    /// By the identity number.
    pub gender: Gender,
    /// 民族
    pub ethnicity: Option<Ethnicity>,
    /// 身份证号
    pub identity: IdentityNumber,
    /// 联系电话
    pub phone: Option<Phone>,
    /// 正式组织关系所在党支部, as declared.
    pub origin_name: Option<String>,
    /// 流出地党组织联系电话
    pub origin_phone: Option<Phone>,
    /// 流入时间; the first of the month where only that is known.
    pub arrived_on: NaiveDate,
    /// 现居住地址
    pub address: Option<String>,
    /// 工作单位
    pub employer: Option<String>,
    /// 流入前所在地, where the origin's name begins with it; 原职业.
    pub background: Background,
    /// 联系干部
    pub contact_officer: Option<String>,
    /// The contact officer's phone, where the form has one.
    pub contact_officer_phone: Option<Phone>,
}
