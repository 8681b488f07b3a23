//! The divisions as data: two files in `domain/data`, read once.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::name::NameIndex;
use super::{Division, DivisionCode, Level};

const HISTORY: &str = include_str!("../../data/division-history.csv");
const IN_LISTS: &str = include_str!("../../data/divisions.csv");

/// The longest chain of successors is far shorter; a circle in the data ends here.
const MOST_STEPS: u8 = 16;

pub(super) static TABLE: LazyLock<Table> = LazyLock::new(Table::read);

pub(super) struct Table {
    /// Divisions in use.
    pub(super) current: BTreeMap<DivisionCode, Division>,
    /// What a code that is no longer, or never was, a division's code stands for today.
    replaced: HashMap<DivisionCode, DivisionCode>,
    pub(super) names: NameIndex,
}

/// A line of `division-history.csv`.
#[derive(Deserialize)]
struct Past {
    code: String,
    name: String,
    level: Level,
    status: String,
    until: Option<u16>,
    successors: String,
}

/// A line of `divisions.csv`.
#[derive(Deserialize)]
struct Listed {
    code: String,
    parent: String,
}

impl Table {
    fn read() -> Self {
        let lines: Vec<(DivisionCode, Past)> = rows(HISTORY, |past: &Past| &past.code);
        let (in_use, past): (Vec<_>, Vec<_>) = lines.into_iter().partition(|(_, line)| line.status == "current");
        let current = divisions(in_use);
        let mut replaced = replacements(&current, &past);
        for (code, listed) in rows(IN_LISTS, |listed: &Listed| &listed.code) {
            let above = [DivisionCode::read(&listed.parent), Some(code.province())]
                .into_iter()
                .flatten();
            if let Some(known) = above.into_iter().find(|code| current.contains_key(code)) {
                replaced.entry(code).or_insert(known);
            }
        }
        let mut names = NameIndex::default();
        for division in current.values() {
            names.add(division);
        }
        for (code, line) in past.iter().filter(|(_, line)| line.level == Level::County) {
            let today = if current.contains_key(code) {
                Some(code)
            } else {
                replaced.get(code)
            };
            if let Some(today) = today {
                names.add_former(&line.name, *today);
            }
        }
        Self {
            current,
            replaced,
            names,
        }
    }

    /// The code in use that `code` is, or stands for.
    pub(super) fn in_use(&self, code: DivisionCode) -> Option<DivisionCode> {
        if self.current.contains_key(&code) {
            Some(code)
        } else {
            self.replaced.get(&code).copied()
        }
    }
}

/// The lines of an embedded file by code. A test reads every line, so none is lost here.
fn rows<T: DeserializeOwned>(file: &'static str, code: fn(&T) -> &String) -> Vec<(DivisionCode, T)> {
    let lines = csv::Reader::from_reader(file.as_bytes())
        .into_deserialize()
        .filter_map(Result::ok);
    lines
        .filter_map(|line: T| Some((DivisionCode::read(code(&line))?, line)))
        .collect()
}

fn divisions(in_use: Vec<(DivisionCode, Past)>) -> BTreeMap<DivisionCode, Division> {
    let levels: BTreeMap<DivisionCode, Level> = in_use.iter().map(|(code, line)| (*code, line.level)).collect();
    let division = |(code, line): (DivisionCode, Past)| {
        let above = [code.prefecture(), code.province()];
        let parent = above
            .into_iter()
            .find(|above| levels.get(above).is_some_and(|level| *level < line.level));
        (
            code,
            Division {
                code,
                name: line.name,
                level: line.level,
                parent,
            },
        )
    };
    in_use.into_iter().map(division).collect()
}

/// The code in use that stands for each abolished one.
fn replacements(
    current: &BTreeMap<DivisionCode, Division>,
    past: &[(DivisionCode, Past)],
) -> HashMap<DivisionCode, DivisionCode> {
    let mut last: HashMap<DivisionCode, &Past> = HashMap::new();
    for (code, line) in past {
        let latest = last.entry(*code).or_insert(line);
        if line.until > latest.until {
            *latest = line;
        }
    }
    let today = |code: &DivisionCode| {
        follow(*code, current, &last, MOST_STEPS)
            .or_else(|| current.contains_key(&code.province()).then(|| code.province()))
    };
    last.keys().filter_map(|code| Some((*code, today(code)?))).collect()
}

fn follow(
    code: DivisionCode,
    current: &BTreeMap<DivisionCode, Division>,
    past: &HashMap<DivisionCode, &Past>,
    steps: u8,
) -> Option<DivisionCode> {
    if current.contains_key(&code) {
        return Some(code);
    }
    let left = steps.checked_sub(1)?;
    successors(code, &past.get(&code)?.successors)
        .into_iter()
        .find_map(|next| follow(next, current, past, left))
}

/// The successors, best first: those of the whole before those of a part (with a year), the same province before others.
fn successors(code: DivisionCode, written: &str) -> Vec<DivisionCode> {
    let mut found: Vec<(bool, bool, DivisionCode)> = written
        .split(';')
        .filter_map(|successor| {
            let next = DivisionCode::read(successor.get(..6)?)?;
            Some((successor.contains('['), next.province() != code.province(), next))
        })
        .collect();
    found.sort_by_key(|(part, elsewhere, _)| (*part, *elsewhere));
    found.into_iter().map(|(_, _, next)| next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_both_files_is_read() {
        assert_eq!(
            rows(HISTORY, |past: &Past| &past.code).len(),
            HISTORY.lines().count() - 1
        );
        assert_eq!(
            rows(IN_LISTS, |listed: &Listed| &listed.code).len(),
            IN_LISTS.lines().count() - 1
        );
        assert_eq!(TABLE.current.len(), 3_213);
    }

    #[test]
    fn every_code_of_both_files_stands_for_a_division_in_use() {
        let past = rows(HISTORY, |past: &Past| &past.code)
            .into_iter()
            .map(|(code, _)| code);
        let listed = rows(IN_LISTS, |listed: &Listed| &listed.code)
            .into_iter()
            .map(|(code, _)| code);
        for code in past.chain(listed) {
            let today = TABLE.in_use(code);
            assert!(today.is_some_and(|today| TABLE.current.contains_key(&today)), "{code}");
        }
    }

    #[test]
    fn every_division_but_a_province_belongs_to_a_greater_one() {
        for division in TABLE.current.values() {
            let parent = division.parent.and_then(|parent| TABLE.current.get(&parent));
            assert_eq!(parent.is_none(), division.level == Level::Province, "{division:?}");
            assert!(
                parent.is_none_or(|parent| parent.level < division.level),
                "{division:?}"
            );
        }
    }
}
