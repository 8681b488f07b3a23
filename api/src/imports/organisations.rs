//! The tree of organisations 组织机构.

use std::collections::{HashMap, HashSet};

use domain::organisation::{DEEPEST, OrganisationKind, is_code};
use domain::spreadsheet::{Column, ImportKind, OrganisationRow, organisation_key};

use super::fault::Reason;
use super::line::{Line, Source};
use super::lookup::{Found, KnownOrganisation, Organisations};
use super::reader::Unreadable;
use super::reading::{Reading, read_rows};

/// Reads a tree of organisations; rows without one above stand below `given`, or are the top when nothing is given.
///
/// The rows come out with parents before children. An organisation is known by its code. One whose parent cannot be taken cannot
/// be taken either.
///
/// # Errors
/// [`Unreadable`] when no row can be read at all.
pub fn read(
    bytes: &[u8],
    known: &Organisations,
    given: Option<&KnownOrganisation>,
) -> Result<Reading<OrganisationRow>, Unreadable> {
    let key = |row: &OrganisationRow| (row.code.clone(), Column::Code);
    let mut reading = read_rows(bytes, ImportKind::Organisations, take, key)?;
    let rows = std::mem::take(&mut reading.rows);
    let (rows, refused) = stand(name_parents(rows), known, given);
    reading.rows = rows;
    reading.faults.extend(
        refused
            .into_iter()
            .map(|(source, row, reason)| source.fault(Column::ParentCode, row.parent.unwrap_or_default(), reason)),
    );
    Ok(reading)
}

fn take(line: &mut Line<'_>) -> Option<OrganisationRow> {
    let code = line.needed(Column::Code).filter(|code| !code.is_empty());
    if code.as_deref().is_some_and(|code| !is_code(code)) {
        line.fault(Column::Code, Reason::CodeMalformed);
    }
    let kind = line.needed(Column::Kind).and_then(|typed| {
        let kind = read_kind(&typed);
        if kind.is_none() {
            line.fault(Column::Kind, Reason::KindUnknown);
        }
        kind
    });
    let name = line.needed(Column::OrganisationName);
    let parent = line.text(Column::ParentCode);
    let division = line.division();
    let phone = line.phone(Column::Phone);
    Some(OrganisationRow {
        code: code?,
        kind: kind?,
        name: name?,
        parent,
        division,
        phone,
    })
}

/// The kind by its word, or by its Chinese name in any of the usual forms.
fn read_kind(typed: &str) -> Option<OrganisationKind> {
    typed.parse().ok().or_else(|| {
        Some(match domain::spreadsheet::label(typed) {
            "组织部门" | "组织部" | "党委组织部" => OrganisationKind::RegionalOffice,
            "党委" | "党工委" | "基层党委" | "党的基层委员会" | "委员会" => {
                OrganisationKind::Committee
            }
            "党总支" | "党总支部" | "总支" | "总支部" => OrganisationKind::GeneralBranch,
            "党支部" | "支部" | "联合党支部" => OrganisationKind::Branch,
            "临时党支部" | "临时支部" | "流动党员临时党支部" => OrganisationKind::TemporaryBranch,
            "流动党员党支部" | "流动党支部" => OrganisationKind::MobileBranch,
            "流动党员工作站" | "工作站" => OrganisationKind::Workstation,
            "驻外办事处党委" | "办事处党委" => OrganisationKind::ResidenceCommittee,
            "流动党员联合党委" | "联合党委" => OrganisationKind::JointCommittee,
            _ => return None,
        })
    })
}

type Rows = Vec<(Source, OrganisationRow)>;
type Refused = Vec<(Source, OrganisationRow, Reason)>;

/// Parents that are given by name become codes, where the file has the name once.
fn name_parents(mut rows: Rows) -> Rows {
    let codes: HashSet<String> = rows.iter().map(|(_, row)| row.code.clone()).collect();
    let mut names: HashMap<String, Option<String>> = HashMap::new();
    for (_, row) in &rows {
        let code = Some(row.code.clone());
        names
            .entry(organisation_key(&row.name))
            .and_modify(|several| *several = None)
            .or_insert(code);
    }
    for (_, row) in &mut rows {
        let Some(parent) = row.parent.as_ref().filter(|parent| !codes.contains(*parent)) else {
            continue;
        };
        if let Some(Some(code)) = names.get(&organisation_key(parent)) {
            row.parent = Some(code.clone());
        }
    }
    rows
}

/// Puts parents before children, level by level; what never finds its parent is refused.
fn stand(mut waiting: Rows, known: &Organisations, given: Option<&KnownOrganisation>) -> (Rows, Refused) {
    let mut in_file: HashSet<String> = waiting.iter().map(|(_, row)| row.code.clone()).collect();
    let mut depths: HashMap<String, usize> = HashMap::new();
    let mut standing: Rows = Vec::new();
    let mut refused: Refused = Vec::new();
    loop {
        let before = waiting.len();
        let mut rest: Rows = Vec::new();
        for (source, mut row) in waiting {
            let reason = match above(&mut row, &in_file, &depths, known, given) {
                Above::At(depth) if depth < DEEPEST => {
                    depths.insert(row.code.clone(), depth + 1);
                    standing.push((source, row));
                    continue;
                }
                Above::Later => {
                    rest.push((source, row));
                    continue;
                }
                Above::At(_) => Reason::ParentImpossible,
                Above::Unknown => Reason::ParentUnknown,
            };
            in_file.remove(&row.code);
            refused.push((source, row, reason));
        }
        waiting = rest;
        if waiting.len() == before {
            break;
        }
    }
    refused.extend(
        waiting
            .into_iter()
            .map(|(source, row)| (source, row, Reason::ParentImpossible)),
    );
    refused.sort_by_key(|(source, ..)| source.row);
    (standing, refused)
}

enum Above {
    /// The parent stands this deep.
    At(usize),
    /// The parent is in the file and does not stand yet.
    Later,
    Unknown,
}

fn above(
    row: &mut OrganisationRow,
    in_file: &HashSet<String>,
    depths: &HashMap<String, usize>,
    known: &Organisations,
    given: Option<&KnownOrganisation>,
) -> Above {
    let Some(parent) = row.parent.clone() else {
        let given = given.filter(|given| given.code != row.code);
        row.parent = given.map(|given| given.code.clone());
        return Above::At(given.map_or(0, |given| given.path.depth()));
    };
    if in_file.contains(&parent) {
        return depths.get(&parent).map_or(Above::Later, |depth| Above::At(*depth));
    }
    match known.find(&parent) {
        Found::One(organisation) => {
            row.parent = Some(organisation.code.clone());
            Above::At(organisation.path.depth())
        }
        Found::Several | Found::None => Above::Unknown,
    }
}
