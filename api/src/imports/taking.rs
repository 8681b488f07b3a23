//! A whole import: the file read under the organisations that the caller reaches, compared with what is stored, taken over.
use domain::access::{
    Actor, Denied, ImportSpreadsheets, ManageJourneys, ManageMembers, ManageOrganisations, ManageStays, Permission,
    Scope,
};
use domain::id::OrganisationId;
use domain::spreadsheet::{Column, ImportKind, InboundRow, MemberRow, OrganisationRow, OutboundRow};
use persistence::imports::{self, Outcome, Refusal};
use persistence::organisations::Organisation;
use persistence::{StoreError, Tx};

use super::fault::Reason;
use super::lookup::{KnownOrganisation, Organisations};
use super::reader::Unreadable;
use super::report::Report;
use super::{Reading, inbound, members, organisations, outbound};

/// What the caller may write: the right to import, and the right to change what the file tells about.
pub struct Scopes {
    import: Scope<ImportSpreadsheets>,
    organisations: Result<Scope<ManageOrganisations>, Denied>,
    members: Result<Scope<ManageMembers>, Denied>,
}

impl Scopes {
    /// What an account may import of this kind.
    ///
    /// # Errors
    /// [`Denied`] when it may not import, or may not change what such files tell about.
    pub fn of(actor: &Actor, kind: ImportKind) -> Result<Self, Denied> {
        let actor = match kind {
            ImportKind::Organisations => holding::<ManageOrganisations>(actor),
            ImportKind::Members => holding::<ManageMembers>(actor),
            ImportKind::Outbound => holding::<ManageJourneys>(actor),
            ImportKind::Inbound => holding::<ManageStays>(actor),
        };
        Ok(Self {
            import: actor.scope()?,
            organisations: actor.scope(),
            members: actor.scope(),
        })
    }

    /// Everything, for a command that `name` tells.
    #[must_use]
    pub fn of_the_machine(name: &str) -> Self {
        Self {
            import: Scope::of_the_machine(name),
            organisations: Ok(Scope::of_the_machine(name)),
            members: Ok(Scope::of_the_machine(name)),
        }
    }

    /// The right to import, and where.
    pub const fn import(&self) -> &Scope<ImportSpreadsheets> {
        &self.import
    }
}

/// The actor with only those grants that carry `P`: who administers a county and keeps one village's members imports
/// members into the village alone.
fn holding<P: Permission>(actor: &Actor) -> Actor {
    let mut actor = actor.clone();
    actor.grants.retain(|grant| P::ROLES.contains(&grant.role));
    actor
}

/// A file that was read: rows, faults, and the organisations that rows may name.
pub struct Examined {
    rows: Rows,
    known: Organisations,
}

enum Rows {
    Organisations(Reading<OrganisationRow>),
    Members(Reading<MemberRow>),
    Outbound(Reading<OutboundRow>),
    Inbound(Reading<InboundRow>),
}

/// Reads a file that was handed in for an organisation; none for the first tree of a deployment. O(rows + organisations).
///
/// # Errors
/// [`StoreError::NotFound`] when the organisation is outside the scope; the inner error when no row can be read.
pub fn examine(
    tx: &mut Tx<'_>,
    scope: &Scope<ImportSpreadsheets>,
    kind: ImportKind,
    organisation: Option<OrganisationId>,
    bytes: &[u8],
) -> Result<Result<Examined, Unreadable>, StoreError> {
    let (given, reach) = match organisation {
        Some(id) => {
            let (given, narrowed) = imports::narrowed(tx, scope, id)?;
            (Some(known(given)), narrowed)
        }
        None => (None, scope.clone()),
    };
    let reach = if kind == ImportKind::Organisations {
        scope
    } else {
        &reach
    };
    let known = listed(imports::organisations_within(tx, reach)?);
    let given = given.as_ref();
    let today = tx.today();
    let rows = match kind {
        ImportKind::Organisations => organisations::read(bytes, &known, given).map(Rows::Organisations),
        ImportKind::Members => members::read(bytes, &known, given, today).map(Rows::Members),
        ImportKind::Outbound => {
            let hosts = listed(imports::hosts(tx, scope)?);
            outbound::read(bytes, &known, &hosts, given, today).map(Rows::Outbound)
        }
        ImportKind::Inbound => inbound::read(bytes, &known, today).map(Rows::Inbound),
    };
    Ok(rows.map(|rows| Examined { rows, known }))
}

/// Compares the rows with what is stored and, unless it is a dry run, takes them over.
///
/// # Errors
/// [`StoreError::Denied`] when the caller may not change what the file tells about; when the store fails.
pub fn take_over(tx: &mut Tx<'_>, scopes: &Scopes, file: Examined, dry_run: bool) -> Result<Report, StoreError> {
    let known = file.known;
    if !dry_run {
        imports::hold(tx, &scopes.import)?;
    }
    match file.rows {
        Rows::Organisations(reading) => {
            let scope = scopes.organisations.as_ref().map_err(|denied| *denied)?;
            settle(
                reading,
                |_, _| None,
                |rows| imports::organisations::take_over(tx, scope, rows, dry_run),
            )
        }
        Rows::Members(reading) => {
            let manage = scopes.members.as_ref().map_err(|denied| *denied)?;
            let said = |row: &MemberRow, column| shown(column, &row.name, row.identity.as_str(), &known, row.branch);
            settle(reading, said, |rows| {
                imports::members::take_over(tx, (&scopes.import, manage), rows, dry_run)
            })
        }
        Rows::Outbound(reading) => {
            let said = |row: &OutboundRow, column| match column {
                Column::DepartedOn => Some(row.departed_on.to_string()),
                _ => shown(column, &row.name, row.identity.as_str(), &known, row.branch),
            };
            settle(reading, said, |rows| {
                imports::journeys::take_over(tx, &scopes.import, rows, dry_run)
            })
        }
        Rows::Inbound(reading) => {
            let said = |row: &InboundRow, column| match column {
                Column::ArrivedOn => Some(row.arrived_on.to_string()),
                _ => shown(column, &row.name, row.identity.as_str(), &known, row.home_unit),
            };
            settle(reading, said, |rows| {
                imports::stays::take_over(tx, &scopes.import, rows, dry_run)
            })
        }
    }
}

/// Takes the rows over and adds what the store refused to the faults.
fn settle<T>(
    mut reading: Reading<T>,
    said: impl Fn(&T, Column) -> Option<String>,
    work: impl FnOnce(&[T]) -> Result<Outcome, StoreError>,
) -> Result<Report, StoreError> {
    let (sources, rows): (Vec<_>, Vec<_>) = std::mem::take(&mut reading.rows).into_iter().unzip();
    let outcome = work(&rows)?;
    for (at, refusal) in &outcome.refused {
        if let Some((source, row)) = sources.get(*at).zip(rows.get(*at)) {
            let (column, reason) = told(*refusal);
            let value = said(row, column).unwrap_or_default();
            reading.faults.push(source.fault(column, value, reason));
        }
    }
    Ok(Report::of(reading, &outcome))
}

/// The column and the reason of what the store refused.
fn told(refusal: Refusal) -> (Column, Reason) {
    match refusal {
        Refusal::OrganisationElsewhere => (Column::Code, Reason::OrganisationElsewhere),
        Refusal::ParentDiffers => (Column::ParentCode, Reason::ParentDiffers),
        Refusal::MemberUnknown => (Column::Identity, Reason::MemberUnknown),
        Refusal::MemberElsewhere => (Column::Branch, Reason::MemberElsewhere),
        Refusal::NameDiffers => (Column::Name, Reason::NameDiffers),
        Refusal::StandingForbids => (Column::Name, Reason::StandingForbids),
        Refusal::JourneyOpen => (Column::DepartedOn, Reason::JourneyOpen),
        Refusal::StayOpen => (Column::ArrivedOn, Reason::StayOpen),
    }
}

/// What the row says in a column, for the fault's line.
fn shown(
    column: Column,
    name: &str,
    identity: &str,
    known: &Organisations,
    organisation: OrganisationId,
) -> Option<String> {
    match column {
        Column::Name => Some(name.to_owned()),
        Column::Identity => Some(identity.to_owned()),
        Column::Branch | Column::HomeUnit => known.name(organisation).map(str::to_owned),
        _ => None,
    }
}

fn listed(organisations: Vec<Organisation>) -> Organisations {
    Organisations::new(organisations.into_iter().filter(|one| one.active).map(known).collect())
}

fn known(organisation: Organisation) -> KnownOrganisation {
    KnownOrganisation {
        id: organisation.id,
        code: organisation.code,
        kind: organisation.kind,
        name: organisation.name,
        path: organisation.path,
    }
}
