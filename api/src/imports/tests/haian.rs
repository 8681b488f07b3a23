//! Hai'an's own files: everything good is taken, and exactly the planted defects are found.

use std::collections::{BTreeMap, BTreeSet};

use domain::codes::JourneyReason;

use super::super::{inbound, members, outbound};
use super::{INBOUND, MEMBERS, OUTBOUND, haian, tally, today};

#[test]
fn every_member_is_taken() {
    let read = members::read(MEMBERS, &haian(), None, today()).unwrap();
    assert_eq!(read.faults, []);
    assert_eq!((read.rows.len(), read.data_rows), (2868, 2868));
    assert_eq!(read.ignored, [], "every column but the number of the row has a purpose");
    let branches: BTreeSet<_> = read.rows.iter().map(|(_, row)| row.branch).collect();
    assert_eq!(branches.len(), 239);
}

#[test]
fn every_inbound_member_is_taken() {
    let read = inbound::read(INBOUND, &haian(), today()).unwrap();
    assert_eq!(read.faults, []);
    assert_eq!((read.rows.len(), read.data_rows), (180, 180));
    let (_, first) = &read.rows[0];
    assert_eq!(
        (first.name.as_str(), first.arrived_on.to_string().as_str()),
        ("卢超平", "2025-07-22")
    );
    assert_eq!(first.phone.as_ref().unwrap().as_str(), "+8619908727103");
    assert_eq!(first.origin_name.as_deref(), Some("河南省信阳市固始县某乡党支部"));
}

#[test]
fn outbound_yields_one_journey_a_person_and_the_planted_defects() {
    let known = haian();
    let read = outbound::read(OUTBOUND, &known, &known, None, today()).unwrap();
    assert_eq!(read.data_rows, 764);
    let expected = BTreeMap::from([
        ("identity_checksum", 6),
        ("identity_missing", 2),
        ("organisation_unknown", 8),
        ("phone_too_short", 1),
        ("repeated", 8),
        ("return_before_departure", 1),
    ]);
    assert_eq!(tally(&read.faults), expected);

    let people: BTreeSet<_> = read.rows.iter().map(|(_, row)| row.identity.as_str()).collect();
    assert_eq!(people.len(), read.rows.len(), "one journey a person");
    let refused: BTreeSet<_> = read.faults.iter().map(|fault| fault.row).collect();
    assert_eq!(
        (read.rows.len(), refused.len()),
        (738, 26),
        "taken or reported, nothing between"
    );
}

#[test]
fn faults_name_row_column_value_and_reason() {
    let known = haian();
    let read = outbound::read(OUTBOUND, &known, &known, None, today()).unwrap();
    let lines: Vec<_> = read
        .faults
        .iter()
        .filter(|fault| [12, 13, 426, 683, 691, 761].contains(&fault.row))
        .map(|fault| {
            format!(
                "{} {} {} [{}] {}",
                fault.sheet,
                fault.row,
                fault.column,
                fault.value,
                fault.reason.zh()
            )
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @"
流出党员 12 所在党支部 [不存在的村党支部] 没有找到这个党组织，请核对名称
流出党员 13 身份证号 [320600199007161660] 公民身份号码校验位不符，请逐位核对
流出党员 426 身份证号 [] 缺少公民身份号码
流出党员 683 预计返回时间 [20261112] 返回时间早于外出时间
流出党员 691 联系电话 [1990781806] 电话号码只有10位，应不少于11位
流出党员 761 身份证号 [320600197301213237] 与第 718 行重复，已采用第 718 行
");
}

#[test]
fn a_log_never_shows_what_was_typed() {
    let known = haian();
    let read = outbound::read(OUTBOUND, &known, &known, None, today()).unwrap();
    let logged = format!("{:?} {:?}", read.faults, read.rows);
    for sensitive in ["320600199007161660", "1990781806", "320600198704011896", "19905972661"] {
        assert!(!logged.contains(sensitive), "{sensitive}");
    }
}

#[test]
fn a_journey_is_read_in_full() {
    let known = haian();
    let read = outbound::read(OUTBOUND, &known, &known, None, today()).unwrap();
    let row = |number| &read.rows.iter().find(|(source, _)| source.row == number).unwrap().1;
    let first = row(4);
    assert_eq!(first.reason, JourneyReason::Work);
    assert_eq!(
        (
            first.departed_on.to_string(),
            first.expected_return_on.unwrap().to_string()
        ),
        ("2025-10-28".to_owned(), "2026-07-16".to_owned())
    );
    assert_eq!(first.destination.division.unwrap().as_str(), "440305");
    assert_eq!(first.certificate_number.as_deref(), Some("HA202600001"));
    assert_eq!(row(6).phone.as_ref().unwrap().as_str(), "+8619906858255");
    let hosted = read.rows.iter().filter(|(_, row)| row.host.is_some()).count();
    assert_eq!(hosted, 79);
    assert!(read.rows.iter().all(|(_, row)| row.destination.division.is_some()));
}
