//! The register of members of other places who live here 流入党员登记表.

use chrono::NaiveDate;
use domain::codes::{Ethnicity, Gender};
use domain::id::OrganisationId;
use domain::identity::IdentityNumber;
use domain::phone::Phone;
use domain::spreadsheet::{Column, ImportKind};

use super::line::Line;
use super::lookup::Organisations;
use super::reader::Unreadable;
use super::reading::{Reading, read_rows};

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
    /// 联系干部
    pub contact_officer: Option<String>,
    /// The contact officer's phone, where the form has one.
    pub contact_officer_phone: Option<Phone>,
}

/// Reads a register of inbound members; a second row with the same identity number is a repeat.
///
/// # Errors
/// [`Unreadable`] when no row can be read at all.
pub fn read(bytes: &[u8], known: &Organisations, today: NaiveDate) -> Result<Reading<InboundRow>, Unreadable> {
    let key = |row: &InboundRow| (row.identity.as_str().to_owned(), Column::Identity);
    read_rows(bytes, ImportKind::Inbound, |line| take(line, known, today), key)
}

fn take(line: &mut Line<'_>, known: &Organisations, today: NaiveDate) -> Option<InboundRow> {
    let name = line.name();
    let identity = line.identity();
    line.agree_with(identity.as_ref());
    let ethnicity = line.listed(Column::Ethnicity, Ethnicity::parse);
    let phone = line.phone(Column::Phone);
    let origin_name = line.text(Column::Origin);
    let origin_phone = line.phone(Column::OriginPhone);
    let arrived = line.needed_past_date(Column::ArrivedOn, today);
    let address = line.text(Column::Address);
    let employer = line.text(Column::Employer);
    let home_unit = line.organisation(Column::HomeUnit, known);
    let contact_officer = line.text(Column::ContactOfficer);
    let contact_officer_phone = line.phone(Column::ContactOfficerPhone);
    let identity = identity?;
    Some(InboundRow {
        home_unit: home_unit?.id,
        name: name?,
        gender: identity.gender(),
        ethnicity,
        identity,
        phone,
        origin_name,
        origin_phone,
        arrived_on: arrived?.date,
        address,
        employer,
        contact_officer,
        contact_officer_phone,
    })
}
