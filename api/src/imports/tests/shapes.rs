//! Shapes of spreadsheets that other places use: header rows, drop-downs, sheets, gaps, footers.

use domain::codes::{Ethnicity, Standing};
use rust_xlsxwriter::{Format, Workbook};

use super::super::reader::Unreadable;
use super::super::table::{Ignored, IgnoredColumn};
use super::super::{members, outbound};
use super::{haian, tally, today, workbook};

const ID_1: &str = "320600198704011896";
const ID_2: &str = "32060019710604049X";
const ID_3: &str = "320600199512013023";

#[test]
fn two_merged_header_rows_are_read_as_one() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = Format::new();
    sheet.merge_range(0, 0, 0, 9, "流出党员名册", &plain).unwrap();
    for (column, header) in [
        (0, "序号"),
        (1, "姓名"),
        (2, "身份证号"),
        (3, "所在党支部"),
        (7, "与党组织联系方式"),
        (8, "思想状况"),
        (9, "备注"),
    ] {
        sheet.merge_range(1, column, 2, column, header, &plain).unwrap();
    }
    sheet.merge_range(1, 4, 1, 6, "外出务工情况", &plain).unwrap();
    for (column, header) in [(4, "何时外出"), (5, "地点"), (6, "从事职业及年收入")] {
        sheet.write(2, column, header).unwrap();
    }
    sheet.write(3, 0, 1).unwrap();
    for (column, text) in [
        (1, "郭\u{3000}磊"),
        (2, ID_1),
        (3, "谭港社区支部"),
        (4, "2025年3月"),
        (5, "上海市浦东新区工地"),
        (6, "瓦工 8万"),
        (8, "好"),
    ] {
        sheet.write(3, column, text).unwrap();
    }
    sheet.write(3, 7, 19_905_972_661_u64).unwrap();
    let known = haian();
    let read = outbound::read(&book.save_to_buffer().unwrap(), &known, &known, None, today()).unwrap();
    assert_eq!(read.faults, []);
    let (source, row) = &read.rows[0];
    assert_eq!(
        (source.row, row.name.as_str(), row.departed_on.to_string().as_str()),
        (4, "郭磊", "2025-03-01")
    );
    assert_eq!(row.phone.as_ref().unwrap().as_str(), "+8619905972661");
    assert_eq!(row.employer, None, "the column that tells the income is not taken");
    let no_purpose = |header: &str| IgnoredColumn {
        header: header.to_owned(),
        reason: Ignored::NoPurpose,
    };
    assert_eq!(read.ignored, [no_purpose("从事职业及年收入"), no_purpose("思想状况")]);
}

#[test]
fn headers_have_line_breaks_and_hints_and_cells_are_drop_downs() {
    let rows = "党员花名册
时间：2026年11月
姓 名|公民身份号码*|所在组织（请不要输入特殊符号）|出生¶年月(2019/10/24)|民族|性别|人员类别|加入党组织日期|入党时间|学历|星座
郭磊|320600 19870401 1896|12_谭港社区党支部|1987.4|868_汉族|95_男|223_正式党员|—|2014.04.10|无|白羊";
    let bytes = workbook(&[("党员", rows)]);
    let read = members::read(&bytes, &haian(), None, today()).unwrap();
    assert_eq!(read.faults, []);
    let (_, row) = &read.rows[0];
    assert_eq!(
        (row.ethnicity, row.standing, row.education),
        (Some(Ethnicity::Han), Some(Standing::Full), None)
    );
    assert_eq!(
        row.joined_on.unwrap().date.to_string(),
        "2014-04-10",
        "of two columns for one fact the filled one counts"
    );
    assert_eq!(
        read.ignored,
        [IgnoredColumn {
            header: "星座".to_owned(),
            reason: Ignored::Unknown
        }]
    );
}

#[test]
fn a_sheet_a_village_gaps_and_footers() {
    let first = "花名册
序号|姓名|身份证号码|联系电话
1|郭磊|320600198704011896|１９９０５９７２６６１

2
3|何浩春|32060019710604049x|—
填表人：张三||审核：李四";
    let second = "序号|姓名|身份证号码|联系电话
1|邓敏霞|320600199512013023
序号|姓名|身份证号码|联系电话
2|何浩春|32060019710604049X
合计|2";
    let bytes = workbook(&[
        ("说明", "请各村按表填写"),
        ("谭港社区", first),
        ("田庄社区党支部", second),
    ]);
    let read = members::read(&bytes, &haian(), None, today()).unwrap();
    assert_eq!((read.rows.len(), read.data_rows), (3, 4));
    assert_eq!(read.passed_over, ["说明"]);
    assert_eq!(
        read.rows.iter().map(|(source, _)| source.row).collect::<Vec<_>>(),
        [3, 6, 2]
    );
    assert_ne!(read.rows[0].1.branch, read.rows[2].1.branch);
    let [fault] = read.faults.as_slice() else {
        panic!("{:?}", read.faults)
    };
    assert_eq!((fault.sheet.as_str(), fault.row), ("田庄社区党支部", 4));
    assert_eq!(fault.reason.zh(), "与工作表“谭港社区”第 6 行重复，已采用该行");
}

#[test]
fn a_branch_may_be_merged_down_the_column() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in [(0, "所在党支部"), (1, "姓名"), (2, "身份证号")] {
        sheet.write(0, column, header).unwrap();
    }
    sheet.merge_range(1, 0, 3, 0, "谭港社区党支部", &Format::new()).unwrap();
    for (row, (name, id)) in [(1, ("郭磊", ID_1)), (2, ("何浩春", ID_2)), (3, ("邓敏霞", ID_3))] {
        sheet.write(row, 1, name).unwrap();
        sheet.write(row, 2, id).unwrap();
    }
    let read = members::read(&book.save_to_buffer().unwrap(), &haian(), None, today()).unwrap();
    assert_eq!((read.rows.len(), read.faults.len()), (3, 0));
}

const EVERY_CELL_WRONG: [&str; 9] = [
    "missing",
    "organisation_unknown",
    "birth_differs",
    "gender_differs",
    "not_on_list",
    "phone_too_short",
    "email_malformed",
    "date_unreadable",
    "no_such_day",
];

#[test]
fn all_faults_of_a_row_are_reported_and_the_others_are_taken() {
    let rows = "姓名|性别|身份证号|所在党支部|出生日期|入党时间|转正时间|手机号|邮箱|民族
|女|320600198704011896|某村支部|1988-01-01|昨天|2025-02-30|1990000|nobody|火星族
何浩春|男|32060019710604049X|谭港社区党支部|1971-06-04|2002.08.10|2001.08.10
邓敏霞|女|320600199512013023|中共海安市海安镇委员会||2030-01-01||#REF!
韩洋|女|3.20600199512013E+17|谭港社区党支部
郭磊|男|320600198704011896|谭港社区党支部";
    let bytes = workbook(&[("党员", rows)]);
    let read = members::read(&bytes, &haian(), None, today()).unwrap();
    assert_eq!(read.rows.len(), 1);
    let of = |row: u32| {
        read.faults
            .iter()
            .filter(|fault| fault.row == row)
            .map(|fault| fault.reason.code())
            .collect::<Vec<_>>()
    };
    assert_eq!(of(2), EVERY_CELL_WRONG);
    assert_eq!(of(3), ["full_before_joined"]);
    assert_eq!(of(4), ["not_a_branch", "broken_formula", "in_the_future"]);
    assert_eq!(of(5), ["identity_rounded"]);
    assert_eq!(tally(&read.faults).len(), 14);
}

#[test]
fn a_number_that_lost_its_digits_is_told_from_a_wrong_one() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in [(0, "姓名"), (1, "身份证号"), (2, "所在党支部")] {
        sheet.write(0, column, header).unwrap();
    }
    sheet.write(1, 0, "郭磊").unwrap();
    sheet.write(1, 1, 320_600_198_704_011_896_f64).unwrap();
    sheet.write(1, 2, "谭港社区党支部").unwrap();
    let read = members::read(&book.save_to_buffer().unwrap(), &haian(), None, today()).unwrap();
    assert_eq!(
        tally(&read.faults).into_iter().collect::<Vec<_>>(),
        [("identity_rounded", 1)]
    );
}

#[test]
fn a_file_of_another_kind_is_told() {
    let bytes = workbook(&[("Sheet1", "商品|价格\n苹果|3")]);
    let error = members::read(&bytes, &haian(), None, today()).unwrap_err();
    assert!(matches!(error, Unreadable::NoHeader(_)));
    assert_eq!(
        error.zh(),
        "没有找到表头（姓名、公民身份号码、所在党支部），请核对所选的导入种类"
    );
}
