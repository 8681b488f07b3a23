//! `kiteline import`: takes over a spreadsheet, or tells what it would take over.
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use domain::access::{ReadOrganisations, Scope};
use domain::id::OrganisationId;
use domain::spreadsheet::ImportKind;
use persistence::{Store, StoreError, organisations};

use super::house::{self, NAME, OrTroubled as _};
use super::trouble::{OrAdvise as _, Trouble};
use crate::config::Settings;
use crate::imports::report::Report;
use crate::imports::table::Ignored;
use crate::imports::taking::{Scopes, examine, take_over};

#[derive(Args)]
pub(super) struct Import {
    /// What the file tells about: organisations, members, outbound or inbound
    kind: ImportKind,
    /// The spreadsheet: .xlsx, or .csv in UTF-8 or GB18030
    file: PathBuf,
    /// The code of the organisation that the file is for; rows may name it and what is below it
    #[arg(long, value_name = "CODE")]
    organisation: String,
    /// Tell what would be taken over, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// Reads, compares and takes over; fails only when nothing can be read.
pub(super) async fn run(settings: &Settings, import: Import) -> Result<ExitCode, Trouble> {
    let (kind, dry_run) = (import.kind, import.dry_run);
    let bytes = std::fs::read(&import.file).or_advise(
        format_args!("{} can't be read", import.file.display()),
        "see how the file's name is written and whether this user may read it",
    )?;
    let store = house::open(settings).await?.store;
    let organisation = organisation(&store, kind, import.organisation).await?;
    let scopes = Scopes::of_the_machine(NAME);
    let scope = scopes.import().clone();
    let file = store
        .read(move |tx| examine(tx, &scope, kind, organisation, &bytes))
        .await;
    let file = file.or_troubled("the organisations can't be read")?.map_err(|error| {
        let what = format!("{}: {}", import.file.display(), error.zh());
        Trouble::new(what, error.to_string())
    })?;
    let report = store.write(move |tx| take_over(tx, &scopes, file, dry_run)).await;
    print!(
        "{}",
        told(&report.or_troubled("the file can't be taken over")?, dry_run)
    );
    Ok(ExitCode::SUCCESS)
}

/// The organisation with this code; the first tree of a deployment brings its own.
async fn organisation(store: &Store, kind: ImportKind, code: String) -> Result<Option<OrganisationId>, Trouble> {
    let what = format!("there is no organisation {code}");
    let scope: Scope<ReadOrganisations> = Scope::of_the_machine(NAME);
    let found = store
        .read(move |tx| organisations::find_by_code(tx, &scope, &code))
        .await;
    match found {
        Ok(organisation) => Ok(Some(organisation.id)),
        Err(StoreError::NotFound(_)) if kind == ImportKind::Organisations => Ok(None),
        other => other.map(|organisation| Some(organisation.id)).or_troubled(&what),
    }
}

/// Counts, columns that are not taken, and a line a fault.
fn told(report: &Report, dry_run: bool) -> String {
    let mut lines = vec![format!(
        "{} {} 行 rows: 新增 created {} · 更新 changed {} · 不变 unchanged {} · 未采用 refused {}",
        if dry_run {
            "试运行 dry run,"
        } else {
            "已导入 imported,"
        },
        report.data_rows,
        report.created,
        report.changed,
        report.unchanged,
        report.refused
    )];
    for column in &report.ignored_columns {
        let why = match column.reason {
            Ignored::NoPurpose => "没有采集依据，不予采集 / no purpose, never taken",
            Ignored::NotNeeded => "不需要 / not needed",
            Ignored::Unknown => "无法识别的列 / unknown header",
        };
        lines.push(format!("  列 column “{}”: {why}", column.header));
    }
    for sheet in &report.passed_over_sheets {
        lines.push(format!(
            "  工作表 sheet “{sheet}”: 没有表头，已跳过 / no headers, passed over"
        ));
    }
    for fault in &report.faults {
        let sheet = if fault.sheet.is_empty() {
            String::new()
        } else {
            format!("{} ", fault.sheet)
        };
        lines.push(format!(
            "  {sheet}第 {} 行 row · {} [{}]",
            fault.row, fault.column, fault.value
        ));
        lines.push(format!("      {}", fault.reason_zh));
        lines.push(format!("      {}", fault.reason_en));
    }
    lines.push(String::new());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::report::FaultView;

    #[test]
    fn a_fault_is_told_in_both_languages() {
        let fault = FaultView {
            sheet: "流出党员".to_owned(),
            row: 12,
            column: "所在党支部".to_owned(),
            value: "不存在的村党支部".to_owned(),
            code: "organisation_unknown".to_owned(),
            reason_zh: "没有找到这个党组织，请核对名称".to_owned(),
            reason_en: "no organisation of this name; check the name".to_owned(),
        };
        let report = Report {
            data_rows: 764,
            created: 738,
            changed: 0,
            unchanged: 0,
            refused: 26,
            faults: vec![fault],
            ignored_columns: Vec::new(),
            passed_over_sheets: Vec::new(),
        };
        let expected =
            "试运行 dry run, 764 行 rows: 新增 created 738 · 更新 changed 0 · 不变 unchanged 0 · 未采用 refused 26
  流出党员 第 12 行 row · 所在党支部 [不存在的村党支部]
      没有找到这个党组织，请核对名称
      no organisation of this name; check the name
";
        assert_eq!(told(&report, true), expected);
    }
}
