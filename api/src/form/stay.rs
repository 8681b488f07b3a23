//! The form of a stay (流入).
use chrono::{DateTime, Utc};
use domain::certificate::EntryKind;
use domain::stay::{Officer, Origin, StateName, Verification};
use persistence::certificates::{CertificateRecord, Entry};
use persistence::forms::{Numbers, StayForm};
use persistence::stays::StayRecord;

use super::paper::Form;
use super::row::Row;
use super::{foot, notes, of_certificate};
use crate::rosters::{Said, register};

/// The form of somebody's stay with a host, drawn up at `at`.
pub(crate) fn of_stay(form: &StayForm, at: DateTime<Utc>, said: Said) -> Form {
    let record = &form.stay;
    let mut rows = of_person(record, &form.numbers, said);
    rows.extend(of_arrival(record, said));
    rows.extend(of_admission(record, said));
    // What this host said on leaving has a box of its own.
    let others = |entry: &Entry| !is_conduct(record, entry);
    rows.extend(of_certificate(form.certificate.as_ref(), others, said));
    rows.extend(of_leaving(record, said));
    let boxes = [
        (
            said.pick("参加党的活动\n和交纳党费\n情况", "Activities and dues"),
            conduct(record, form.certificate.as_ref()),
        ),
        (said.pick("流入地党组织\n意见", "Host"), None),
    ];
    rows.extend(Row::statements(said, boxes));
    let number = number(record).unwrap_or_else(|| "—".to_owned());
    Form {
        title: said.pick("流动党员登记表（流入）", "Registration form: a member from elsewhere"),
        number: said.pick(format!("登记册编号：{number}"), format!("Register number: {number}")),
        rows,
        notes: notes(&form.numbers, said),
        foot: foot(&form.by, at, said),
        at,
        said,
        wide: false,
    }
}

fn number(record: &StayRecord) -> Option<String> {
    let admission = record.stay.state.admission();
    register(admission.map(|admission| (admission.register.year, admission.register.number)))
}

fn of_person(record: &StayRecord, numbers: &Numbers, said: Said) -> Vec<Row> {
    let person = &record.person;
    vec![
        Row::section(said.pick("党员基本情况", "The person")),
        Row::pair(
            (said.pick("姓名", "Name"), Some(person.name.clone())),
            (
                said.pick("性别", "Gender"),
                person.gender.map(|one| said.pick(one.zh(), one.en()).to_owned()),
            ),
        ),
        Row::pair(
            (said.pick("公民身份号码", "Identity number"), numbers.identity.clone()),
            (said.pick("手机号码", "Phone"), numbers.phone.clone()),
        ),
        Row::whole((said.pick("流出地党组织", "Origin"), record.origin_name.clone())),
        Row::pair(
            (
                said.pick("流出地电话", "Origin's phone"),
                match &record.stay.origin {
                    Origin::Elsewhere { phone, .. } => phone.clone(),
                    Origin::Here(_) => None,
                },
            ),
            (
                said.pick("身份核实", "Verified"),
                record.stay.state.verification().map(|how| verified(how, said)),
            ),
        ),
    ]
}

fn of_arrival(record: &StayRecord, said: Said) -> Vec<Row> {
    let stay = &record.stay;
    vec![
        Row::section(said.pick("流入情况", "The arrival")),
        Row::whole((said.pick("流入地党组织", "Host"), Some(record.host_name.clone()))),
        Row::pair(
            (said.pick("流入日期", "Arrived on"), Some(said.day(stay.arrived_on))),
            (said.pick("登记来源", "Source"), Some(said.word(stay.source.as_str()))),
        ),
        Row::pair(
            (said.pick("单位或学校", "Employer or school"), stay.employer.clone()),
            (said.pick("状态", "State"), Some(said.word(stay.state.name().as_str()))),
        ),
        Row::whole((said.pick("现居住地址", "Address"), stay.address.clone())),
    ]
}

fn of_admission(record: &StayRecord, said: Said) -> Vec<Row> {
    let admission = record.stay.state.admission();
    let phone = match admission.map(|admission| &admission.officer) {
        Some(Officer::Named { phone, .. }) => Some(phone.clone()),
        Some(Officer::Account(_)) | None => None,
    };
    vec![
        Row::section(said.pick("编入管理", "The admission")),
        Row::pair(
            (said.pick("登记册编号", "Register number"), number(record)),
            (
                said.pick("编入日期", "Admitted on"),
                admission.map(|admission| said.day(admission.on)),
            ),
        ),
        Row::whole((said.pick("编入党组织", "Home unit"), record.home_unit_name.clone())),
        Row::pair(
            (said.pick("联系干部", "Contact officer"), record.officer_name.clone()),
            (said.pick("联系干部电话", "Officer's phone"), phone),
        ),
    ]
}

/// When and where to somebody has left; or why the stay never came to be.
fn of_leaving(record: &StayRecord, said: Said) -> Vec<Row> {
    let state = &record.stay.state;
    let why = state.reason().map(ToOwned::to_owned);
    if matches!(state.name(), StateName::Rejected | StateName::Withdrawn) {
        return vec![Row::whole((said.pick("未接收原因", "Why not taken"), why))];
    }
    let leaving = state.leaving();
    vec![
        Row::section(said.pick("离开注销", "The leaving")),
        Row::pair(
            (
                said.pick("离开日期", "Left on"),
                leaving.map(|leaving| said.day(leaving.on)),
            ),
            (
                said.pick("去向", "Left for"),
                leaving.map(|leaving| said.next_place(Some(leaving.next.as_str()), leaving.division)),
            ),
        ),
        Row::whole((said.pick("离开原因", "Reason"), why)),
    ]
}

/// What the host entered in the certificate on leaving.
fn conduct(record: &StayRecord, certificate: Option<&CertificateRecord>) -> Option<String> {
    let mut entries = certificate?.entries.iter().rev();
    entries.find(|entry| is_conduct(record, entry))?.said.clone()
}

fn is_conduct(record: &StayRecord, entry: &Entry) -> bool {
    entry.kind == EntryKind::Conduct && entry.organisation == record.stay.host
}

fn verified(how: &Verification, said: Said) -> String {
    let (by, on) = match how {
        Verification::Handover { on } => (said.pick("组织对接", "Hand-over").to_owned(), *on),
        Verification::Origin { on, by } => (
            said.pick(
                format!("流出地党组织确认（{by}）"),
                format!("Confirmed by the origin ({by})"),
            ),
            *on,
        ),
        Verification::Call(call) => {
            let with = &call.spoke_with;
            (
                said.pick(format!("电话核实（{with}）"), format!("By telephone ({with})")),
                call.on,
            )
        }
        Verification::Letter(letter) => (said.pick("介绍信", "A letter of the origin").to_owned(), letter.on),
        Verification::Certificate(shown) => {
            let number = &shown.number;
            (
                said.pick(format!("查验活动证 {number}"), format!("Certificate {number}")),
                shown.on,
            )
        }
    };
    said.pick(format!("{by}，{}", said.day(on)), format!("{by}, {}", said.day(on)))
}
