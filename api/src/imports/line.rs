//! One row under its headers: reads its cells as what they should be and collects every fault.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::codes::{FormerOccupation, Gender, UnknownLabel};
use domain::division::{DivisionCode, find_by_name};
use domain::identity::{IdentityFault, IdentityNumber};
use domain::phone::Phone;
use domain::spreadsheet::{
    Column, DateFault, PartialDate, half_width, parse_date, parse_date_number, person_name, value,
};

use super::fault::{Fault, Reason};
use super::lookup::{Found, KnownOrganisation, Organisations};
use super::reader::{Cell, Row};
use super::table::Table;

/// Number cells keep 15 digits.
const EXACT_DIGITS: usize = 15;

/// Where a row stands, for faults that show only against the database.
#[derive(Clone, Debug)]
pub struct Source {
    table: Arc<Labels>,
    /// The row as the spreadsheet numbers it, from 1.
    pub row: u32,
}

/// A sheet's name and the headers that later faults may name.
#[derive(Debug)]
pub(super) struct Labels {
    sheet: String,
    headers: Vec<(Column, String)>,
}

impl Labels {
    pub(super) fn of(table: &Table) -> Arc<Self> {
        let headers = [
            Column::Name,
            Column::Identity,
            Column::Branch,
            Column::DepartedOn,
            Column::ArrivedOn,
        ]
        .into_iter()
        .chain([Column::Code, Column::ParentCode, Column::HomeUnit])
        .map(|column| (column, table.header(column).to_owned()))
        .collect();
        Arc::new(Self {
            sheet: table.sheet.clone(),
            headers,
        })
    }
}

impl Source {
    /// The sheet's name, if it is another than `sheet`.
    pub(super) fn sheet_unless(&self, sheet: &str) -> Option<String> {
        (self.table.sheet != sheet).then(|| self.table.sheet.clone())
    }

    /// A fault of this row.
    pub fn fault(&self, column: Column, value: impl Into<String>, reason: Reason) -> Fault {
        let header = self.table.headers.iter().find(|(known, _)| *known == column);
        Fault {
            sheet: self.table.sheet.clone(),
            row: self.row,
            column: header.map(|(_, header)| header.clone()).unwrap_or_default(),
            value: value.into(),
            reason,
        }
    }
}

/// One row being read.
pub(super) struct Line<'t> {
    table: &'t Table,
    row: &'t Row,
    labels: &'t Arc<Labels>,
    pub(super) faults: Vec<Fault>,
}

impl<'t> Line<'t> {
    pub(super) fn new(table: &'t Table, row: &'t Row, labels: &'t Arc<Labels>) -> Self {
        Self {
            table,
            row,
            labels,
            faults: Vec::new(),
        }
    }

    pub(super) fn source(&self) -> Source {
        Source {
            table: Arc::clone(self.labels),
            row: self.row.number,
        }
    }

    /// Notes that the cell under `column` cannot be taken.
    pub(super) fn fault(&mut self, column: Column, reason: Reason) {
        let (header, value) = match self.table.cell(self.row, column) {
            Some((header, cell)) => (header.to_owned(), cell.shown()),
            None => (self.table.header(column).to_owned(), String::new()),
        };
        self.faults.push(Fault {
            sheet: self.table.sheet.clone(),
            row: self.row.number,
            column: header,
            value,
            reason,
        });
    }

    fn cell(&mut self, column: Column) -> Option<&'t Cell> {
        let (_, cell) = self.table.cell(self.row, column)?;
        self.sound(column, cell)
    }

    /// The cell, unless a formula failed in it.
    fn sound(&mut self, column: Column, cell: &'t Cell) -> Option<&'t Cell> {
        const FAILURES: [&str; 7] = ["#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#N/A"];
        if matches!(cell, Cell::Text(text) if FAILURES.contains(&text.trim())) {
            self.fault(column, Reason::BrokenFormula);
            return None;
        }
        Some(cell)
    }

    /// The text as typed, without space around it.
    pub(super) fn text(&mut self, column: Column) -> Option<String> {
        self.cell(column).map(Cell::shown)
    }

    /// The text; its absence is a fault.
    pub(super) fn needed(&mut self, column: Column) -> Option<String> {
        self.present(column).then(|| self.text(column)).flatten()
    }

    fn present(&mut self, column: Column) -> bool {
        let present = self.table.cell(self.row, column).is_some();
        if !present {
            self.fault(column, Reason::Missing);
        }
        present
    }

    /// The person's name.
    pub(super) fn name(&mut self) -> Option<String> {
        self.needed(Column::Name).map(|name| person_name(&name))
    }

    /// A value of a code list, if there is one.
    pub(super) fn listed<T>(&mut self, column: Column, parse: impl Fn(&str) -> Result<T, UnknownLabel>) -> Option<T> {
        let typed = self.text(column)?;
        parse(&typed)
            .map_err(|unknown| self.fault(column, Reason::NotOnList(unknown)))
            .ok()
    }

    /// The former occupation, if there is one: what is on no list is another.
    pub(super) fn former_occupation(&mut self) -> Option<FormerOccupation> {
        let typed = self.text(Column::FormerOccupation)?;
        Some(FormerOccupation::parse(&typed).unwrap_or(FormerOccupation::Other))
    }

    /// A date in any of the ways of writing one.
    pub(super) fn date(&mut self, column: Column) -> Option<PartialDate> {
        let read = match self.cell(column)? {
            Cell::Date(date) => Ok(PartialDate::day(*date)),
            Cell::Number(number) => parse_date_number(*number),
            Cell::Text(text) => parse_date(text),
            Cell::Empty => return None,
        };
        read.map_err(|fault| self.fault(column, date_reason(fault))).ok()
    }

    /// A date that may not be after `today`.
    pub(super) fn past_date(&mut self, column: Column, today: NaiveDate) -> Option<PartialDate> {
        let date = self.date(column)?;
        if date.date > today {
            self.fault(column, Reason::InTheFuture);
        }
        Some(date)
    }

    /// A date that may not be after `today`; its absence is a fault.
    pub(super) fn needed_past_date(&mut self, column: Column, today: NaiveDate) -> Option<PartialDate> {
        self.present(column).then(|| self.past_date(column, today)).flatten()
    }

    /// A date; its absence is a fault.
    pub(super) fn needed_date(&mut self, column: Column) -> Option<PartialDate> {
        self.present(column).then(|| self.date(column)).flatten()
    }

    /// The identity number, which must be there.
    pub(super) fn identity(&mut self) -> Option<IdentityNumber> {
        let Some(cell) = self.table.cell(self.row, Column::Identity) else {
            self.fault(Column::Identity, Reason::Identity(IdentityFault::Missing));
            return None;
        };
        let cell = self.sound(Column::Identity, cell.1)?;
        let typed = cell.shown();
        if is_rounded(cell, &typed) {
            self.fault(Column::Identity, Reason::IdentityRounded);
            return None;
        }
        IdentityNumber::parse(&typed)
            .map_err(|fault| self.fault(Column::Identity, Reason::Identity(fault)))
            .ok()
    }

    /// A phone number, if there is one; 0 means none.
    pub(super) fn phone(&mut self, column: Column) -> Option<Phone> {
        let typed = self.text(column).filter(|typed| typed != "0")?;
        Phone::parse(&typed)
            .map_err(|fault| self.fault(column, Reason::Phone(fault)))
            .ok()
    }

    /// An e-mail address, if there is one.
    pub(super) fn email(&mut self) -> Option<String> {
        let typed = half_width(&self.text(Column::Email)?).trim().to_lowercase();
        let shaped = typed
            .split_once('@')
            .is_some_and(|(local, host)| !local.is_empty() && host.contains('.'));
        if !shaped || typed.contains(char::is_whitespace) || !typed.is_ascii() {
            self.fault(Column::Email, Reason::EmailMalformed);
            return None;
        }
        Some(typed)
    }

    /// The division, if there is one: a code, also one no longer in use, or a name.
    pub(super) fn division(&mut self) -> Option<DivisionCode> {
        let typed = self.text(Column::Division)?;
        let found = DivisionCode::parse(&typed).ok().or_else(|| find_by_name(&typed));
        if found.is_none() {
            self.fault(Column::Division, Reason::DivisionUnknown);
        }
        found
    }

    /// The branch that the row belongs to: by its column, else by the sheet's name (a workbook with a sheet a village),
    /// else the one that the file was handed in for.
    pub(super) fn branch<'o>(
        &mut self,
        known: &'o Organisations,
        given: Option<&'o KnownOrganisation>,
    ) -> Option<&'o KnownOrganisation> {
        let found = if self.table.has(Column::Branch) {
            self.organisation(Column::Branch, known)?
        } else {
            let named = match known.find(&self.table.sheet) {
                Found::One(organisation) => Some(organisation),
                Found::Several | Found::None => self.village(known),
            };
            let Some(found) = named.or(given) else {
                self.fault(Column::Branch, Reason::Missing);
                return None;
            };
            found
        };
        if found.kind.keeps_relations() {
            return Some(found);
        }
        self.fault(Column::Branch, Reason::NotABranch);
        None
    }

    /// A sheet named after the village alone (谭港社区) stands for its branch.
    fn village<'o>(&self, known: &'o Organisations) -> Option<&'o KnownOrganisation> {
        match known.find(&format!("{}党支部", value(&self.table.sheet)?)) {
            Found::One(organisation) => Some(organisation),
            Found::Several | Found::None => None,
        }
    }

    /// The organisation that a column must name.
    pub(super) fn organisation<'o>(
        &mut self,
        column: Column,
        known: &'o Organisations,
    ) -> Option<&'o KnownOrganisation> {
        let typed = self.needed(column)?;
        let reason = match known.find(&typed) {
            Found::One(organisation) => return Some(organisation),
            Found::Several => Reason::OrganisationAmbiguous,
            Found::None => Reason::OrganisationUnknown,
        };
        self.fault(column, reason);
        None
    }

    /// What the row says of the person's birth and gender must not contradict the identity number.
    pub(super) fn agree_with(&mut self, identity: Option<&IdentityNumber>) {
        let birth = self.date(Column::BirthDate);
        let gender = self.listed(Column::Gender, Gender::parse);
        let Some(identity) = identity else { return };
        if birth.is_some_and(|birth| !birth.agrees_with(identity.birth_date())) {
            self.fault(Column::BirthDate, Reason::BirthDiffers);
        }
        if gender.is_some_and(|gender| gender != identity.gender()) {
            self.fault(Column::Gender, Reason::GenderDiffers);
        }
    }
}

fn date_reason(fault: DateFault) -> Reason {
    match fault {
        DateFault::Unreadable => Reason::DateUnreadable,
        DateFault::NoSuchDay => Reason::NoSuchDay,
        DateFault::Ambiguous => Reason::MonthAmbiguous,
    }
}

/// A number cell, or the text of one (`3.206E+17`), that can no longer hold all eighteen digits.
fn is_rounded(cell: &Cell, typed: &str) -> bool {
    matches!(cell, Cell::Number(_)) && typed.len() > EXACT_DIGITS || typed.contains("E+") || typed.contains("e+")
}
