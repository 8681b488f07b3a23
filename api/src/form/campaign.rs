//! The report of a campaign (节日活动) that was closed: what was done, by the organisations one level down.
use domain::campaign::{Activity, Figure, Line, Report};

use super::paper::Form;
use super::row::Row;
use crate::rosters::Said;

/// Activities that stand side by side; more go into another table.
const SIDE_BY_SIDE: usize = 8;
/// Of the width: the names, and each of the three columns about members.
const SHARES: (f32, f32) = (0.19, 0.07);

/// The report, as it was when the campaign was closed.
pub(crate) fn of_campaign(report: &Report, said: Said) -> Form {
    let mut rows = about(report, said);
    let count = report.activities.len();
    let tables = count.div_ceil(SIDE_BY_SIDE).max(1);
    for table in 0..tables {
        let first = table * SIDE_BY_SIDE;
        rows.extend(figures(report, first..count.min(first + SIDE_BY_SIDE), said));
    }
    let by = &report.drawn_up_by;
    let at = said.moment(report.drawn_up_at);
    Form {
        title: said.pick("节日活动报告", "Report of a campaign"),
        number: report.title.clone(),
        rows,
        notes: notes(report, said),
        foot: said.pick(format!("{by} 于 {at} 定稿"), format!("Frozen by {by} at {at}")),
        at: report.drawn_up_at,
        said,
        wide: true,
    }
}

fn about(report: &Report, said: Said) -> Vec<Row> {
    let festival = said.pick(report.festival.zh(), report.festival.en());
    let day = said.day(report.festival_on);
    let window = said.period(Some(report.window.from), Some(report.window.until));
    vec![
        Row::pair(
            (
                said.pick("组织", "Organisation"),
                Some(report.organisation.name.clone()),
            ),
            (said.pick("活动", "Campaign"), Some(report.title.clone())),
        ),
        Row::pair(
            (said.pick("节日", "Festival"), Some(format!("{festival} {day}"))),
            (said.pick("活动期间", "Days"), Some(window)),
        ),
    ]
}

/// A table of some of the activities.
fn figures(report: &Report, which: std::ops::Range<usize>, said: Said) -> Vec<Row> {
    let activities = report.activities.get(which.clone()).unwrap_or_default();
    let each = u16::try_from(activities.len()).unwrap_or(1).max(1);
    let left = 1.0 - SHARES.0 - 3.0 * SHARES.1;
    let width = left / f32::from(each);
    let fixed = [
        (said.pick("组织", "Organisation").to_owned(), SHARES.0),
        (said.pick("对象", "Meant").to_owned(), SHARES.1),
        (said.pick("已询问", "Asked").to_owned(), SHARES.1),
        (said.pick("已返乡", "Came home").to_owned(), SHARES.1),
    ];
    let name = |activity: &Activity| said.pick(&activity.zh, &activity.en).clone();
    let named = activities.iter().map(|activity| (name(activity), width));
    let columns: Vec<_> = fixed.into_iter().chain(named).collect();
    let cells = |name: &str, line: &Line| {
        let counts = [line.members, line.asked, line.home].map(|count| count.to_string());
        let figures = line
            .activities
            .get(which.clone())
            .unwrap_or_default()
            .iter()
            .map(figure);
        let cells = [name.to_owned()].into_iter().chain(counts).chain(figures);
        cells.collect::<Vec<_>>()
    };
    let mut lines: Vec<_> = report
        .lines
        .iter()
        .map(|(place, line)| cells(&place.name, line))
        .collect();
    lines.push(cells(said.pick("合计", "Total"), &report.total));
    Row::table(&columns, lines)
}

/// How far an activity has come: `12/15`.
fn figure(figure: &Figure) -> String {
    match figure.wanted {
        Some(wanted) => format!("{}/{wanted}", figure.done),
        None => figure.done.to_string(),
    }
}

fn notes(report: &Report, said: Said) -> Vec<String> {
    let counted: Vec<_> = report
        .activities
        .iter()
        .map(|activity| said.pick(activity.kind.counted_zh(), activity.kind.counted_en()))
        .collect();
    let how = said.pick(
        "说明：“完成/目标”按活动期间内的记录统计，只计活动对象；按人的目标统计人数，按支部的目标统计支部数。",
        "Figures are done/target, counted from what was recorded within the days, of the members meant: members where the \
         target is one each, branches where it is one a branch.",
    );
    let listed = said.pick(
        format!("统计口径——{}。", counted.join("；")),
        format!("Counted from — {}.", counted.join("; ")),
    );
    let end = said.pick(
        "本报告于活动结束时定稿，此后补录的内容不改变本报告；只按组织统计，不对个人排名。",
        "The report was frozen when the campaign was closed; what was recorded later does not change it. It counts by \
         organisation and ranks nobody.",
    );
    vec![how.to_owned(), listed, end.to_owned()]
}
