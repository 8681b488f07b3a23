//! The form of a journey (流出).
use chrono::{DateTime, Utc};
use domain::codes::{DestinationUnit, Education, Ethnicity, FormerOccupation};
use domain::spreadsheet::{PartialDate, Precision};
use persistence::forms::{JourneyForm, Numbers};
use persistence::journeys::{BriefingItem, JourneyRecord, Place};
use persistence::members::Member;
use persistence::transfers::TransferLine;

use super::paper::Form;
use super::row::Row;
use super::{foot, notes, of_certificate};
use crate::rosters::{Said, place};

/// The form of a member's journey, drawn up at `at`.
pub(crate) fn of_journey(form: &JourneyForm, at: DateTime<Utc>, said: Said) -> Form {
    let record = &form.journey;
    let mut rows = of_member(record, form.member.as_ref(), &form.numbers, said);
    rows.extend(of_absence(record, said));
    rows.extend(of_line(record, said));
    rows.extend(
        record
            .beside
            .transfer
            .as_ref()
            .map(|transfer| of_transfer(transfer, said))
            .into_iter()
            .flatten(),
    );
    rows.extend(of_certificate(form.certificate.as_ref(), |_| true, said));
    let boxes = [
        (said.pick("流出地党组织\n意见", "Origin"), None),
        (said.pick("流入地党组织\n意见", "Host"), None),
    ];
    rows.extend(Row::statements(said, boxes));
    let number = record.journey.certificate_number.as_deref().unwrap_or("—");
    Form {
        title: said.pick("流动党员登记表（流出）", "Registration form: a member away"),
        number: said.pick(format!("活动证编号：{number}"), format!("Certificate number: {number}")),
        rows,
        notes: notes(&form.numbers, said),
        foot: foot(&form.by, at, said),
        at,
        said,
        wide: false,
    }
}

fn of_member(record: &JourneyRecord, member: Option<&Member>, numbers: &Numbers, said: Said) -> Vec<Row> {
    let facts = member.map(|member| &member.facts);
    let ethnicity = facts.and_then(|facts| facts.ethnicity);
    let education = facts.and_then(|facts| facts.education);
    vec![
        Row::section(said.pick("党员基本情况", "The member")),
        Row::pair(
            (said.pick("姓名", "Name"), Some(record.member_name.clone())),
            (
                said.pick("性别", "Gender"),
                facts.map(|facts| said.pick(facts.gender.zh(), facts.gender.en()).to_owned()),
            ),
        ),
        Row::pair(
            (
                said.pick("民族", "Ethnicity"),
                ethnicity.map(|one| said.pick(Ethnicity::zh(one), Ethnicity::en(one)).to_owned()),
            ),
            (
                said.pick("出生日期", "Born"),
                facts.and_then(|facts| partial(facts.birth, said)),
            ),
        ),
        Row::pair(
            (said.pick("公民身份号码", "Identity number"), numbers.identity.clone()),
            (said.pick("手机号码", "Phone"), numbers.phone.clone()),
        ),
        Row::pair(
            (
                said.pick("学历", "Education"),
                education.map(|one| said.pick(Education::zh(one), Education::en(one)).to_owned()),
            ),
            (
                said.pick("人员类别", "Standing"),
                facts.map(|facts| said.pick(facts.standing.zh(), facts.standing.en()).to_owned()),
            ),
        ),
        Row::pair(
            (
                said.pick("入党日期", "Joined"),
                facts.and_then(|facts| partial(facts.joined, said)),
            ),
            (
                said.pick("转正日期", "Full member since"),
                facts.and_then(|facts| facts.full_member_on).map(|day| said.day(day)),
            ),
        ),
        Row::whole((said.pick("所在党支部", "Branch"), Some(record.origin_name.clone()))),
        Row::whole((
            said.pick("家庭住址", "Home address"),
            facts.and_then(|facts| facts.address.clone()),
        )),
    ]
}

fn of_absence(record: &JourneyRecord, said: Said) -> Vec<Row> {
    let (journey, to) = (&record.journey, &record.journey.destination);
    let left = journey.state.departed_on();
    let mut rows = vec![
        Row::section(said.pick("外出情况", "The absence")),
        Row::pair(
            (
                said.pick("外出原因", "Reason"),
                Some(said.pick(journey.reason.zh(), journey.reason.en()).to_owned()),
            ),
            (
                said.pick("原职业", "Former occupation"),
                journey.former_occupation.map(|one| {
                    said.pick(FormerOccupation::zh(one), FormerOccupation::en(one))
                        .to_owned()
                }),
            ),
        ),
        Row::whole((
            said.pick("外出地点", "Destination"),
            Some(place(to)).filter(|text| !text.is_empty()),
        )),
        Row::pair(
            (said.pick("单位或学校", "Employer or school"), to.employer.clone()),
            (
                said.pick("外出流向", "Kind of unit"),
                to.unit
                    .map(|one| said.pick(DestinationUnit::zh(one), DestinationUnit::en(one)).to_owned()),
            ),
        ),
        Row::pair(
            match left {
                Some(day) => (said.pick("外出日期", "Left on"), Some(said.day(day))),
                None => (
                    said.pick("计划外出日期", "Means to leave on"),
                    journey.planned_departure_on.map(|day| said.day(day)),
                ),
            },
            (
                said.pick("预计返回日期", "Expected back on"),
                journey.expected_return_on.map(|day| said.day(day)),
            ),
        ),
        Row::pair(
            (said.pick("流入地党组织", "Host"), record.host_name.clone()),
            (
                said.pick("状态", "State"),
                Some(said.word(journey.state.name().as_str())),
            ),
        ),
    ];
    rows.extend(of_places(&record.beside.places, said));
    rows
}

/// Where the member was before, on the same journey.
fn of_places(places: &[Place], said: Said) -> Vec<Row> {
    let columns = [
        (said.pick("此前时间", "Before"), 0.37),
        (said.pick("地点", "Place"), 0.38),
        (said.pick("流入地党组织", "Host"), 0.25),
    ];
    let line = |before: &Place| {
        let when = said.period(before.since_on, Some(before.until_on));
        [Some(when), Some(place(&before.destination)), before.host_name.clone()]
    };
    if places.is_empty() {
        return Vec::new();
    }
    Row::list(columns, places.iter().map(line))
}

fn of_line(record: &JourneyRecord, said: Said) -> Vec<Row> {
    let (journey, officer) = (&record.journey, record.beside.officer.as_ref());
    let mut rows = vec![
        Row::section(said.pick("联系和行前教育", "Contact and briefing")),
        Row::pair(
            (
                said.pick("联系干部", "Contact officer"),
                officer.map(|officer| officer.name.clone()),
            ),
            (
                said.pick("联系干部电话", "Officer's phone"),
                officer.and_then(|officer| officer.phone.clone()),
            ),
        ),
        Row::pair(
            (
                said.pick("最近联系", "Last contact"),
                journey.last_contact_at.map(|at| said.moment(at)),
            ),
            (
                said.pick("下次联系", "Next contact"),
                journey.state.due().map(|day| said.day(day)),
            ),
        ),
    ];
    if !record.briefing.is_empty() {
        let columns = [
            (said.pick("行前教育事项", "Briefing"), 0.5),
            (said.pick("完成日期", "Done on"), 0.25),
            (said.pick("办理人", "By"), 0.25),
        ];
        let line = |item: &BriefingItem| {
            let title = said.pick(&item.zh, &item.en).clone();
            [Some(title), item.done_on.map(|day| said.day(day)), item.done_by.clone()]
        };
        rows.extend(Row::list(columns, record.briefing.iter().map(line)));
    }
    rows
}

fn of_transfer(transfer: &TransferLine, said: Said) -> Vec<Row> {
    vec![
        Row::section(said.pick("组织关系转接", "Transfer of the formal relation")),
        Row::pair(
            (said.pick("介绍信编号", "Letter"), Some(transfer.letter.clone())),
            (
                said.pick("有效期", "Valid"),
                Some(said.period(Some(transfer.issued_on), Some(transfer.valid_until))),
            ),
        ),
        Row::pair(
            (
                said.pick("接收党组织", "Receiving side"),
                Some(transfer.receiving_name.clone()),
            ),
            (said.pick("状态", "State"), Some(said.word(transfer.state.as_str()))),
        ),
        Row::whole((
            said.pick("回执日期", "Receipt of"),
            transfer.receipt_on.map(|day| said.day(day)),
        )),
    ]
}

/// A date, or the month of which alone is known.
fn partial(date: Option<PartialDate>, said: Said) -> Option<String> {
    date.map(|known| match known.precision {
        Precision::Day => said.day(known.date),
        Precision::Month => said
            .pick(known.date.format("%Y年%-m月"), known.date.format("%Y-%m"))
            .to_string(),
    })
}
