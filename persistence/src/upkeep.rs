//! What the program's own commands ask of a database: its engine, whether keys fit it, and whether it is a demo's.
use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::access::{Operate, Scope};
use uuid::Uuid;

use crate::db::{Db, each};
use crate::schema::{accounts, audit, members, organisations, visitors};
use crate::trail::{self, NewAudit};
use crate::types::Id;
use crate::vault::Sealed;
use crate::{StoreError, Tx};

/// A sealed value with what it is bound to: opens with the keys that sealed it, and no others.
#[derive(Debug, Clone)]
pub struct Sample {
    owner: Uuid,
    field: &'static str,
    sealed: Vec<u8>,
}

impl Sample {
    /// Whether it opens with the keys at hand; what it says is told to nobody.
    ///
    /// # Errors
    /// [`Sealed`] when it does not.
    pub fn open(&self, tx: &Tx<'_>) -> Result<(), Sealed> {
        tx.vault.open(self.owner, self.field, &self.sealed).map(drop)
    }
}

/// One sealed value, if there is any. Reads up to the first one.
///
/// # Errors
/// When the store fails.
pub fn sample(tx: &mut Tx<'_>, _: &Scope<Operate>) -> Result<Option<Sample>, StoreError> {
    macro_rules! first {
        ($($table:ident . $column:ident as $field:literal),+) => {$(
            let row: Option<(Id, Option<Vec<u8>>)> = $table::table
                .filter($table::$column.is_not_null())
                .select(($table::id, $table::$column))
                .first(tx.db)
                .optional()?;
            if let Some((owner, Some(sealed))) = row {
                return Ok(Some(Sample { owner: owner.0, field: $field, sealed }));
            }
        )+};
    }
    first!(
        members.phone_sealed as "phone",
        members.identity_sealed as "identity",
        visitors.phone_sealed as "phone",
        visitors.identity_sealed as "identity"
    );
    Ok(None)
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// The engine and its version, such as `PostgreSQL 15.6` or `SQLite 3.46.1`.
///
/// # Errors
/// When the store fails.
pub fn engine(tx: &mut Tx<'_>) -> Result<String, StoreError> {
    let (name, ask) = match &tx.db {
        Db::Pg(_) => ("PostgreSQL", "select current_setting('server_version') as version"),
        Db::Lite(_) => ("SQLite", "select sqlite_version() as version"),
    };
    let found: Version = each!(tx.db, c => diesel::sql_query(ask).get_result(c))?;
    Ok(format!("{name} {}", found.version))
}

/// What a database holds, in the eyes of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tenant {
    /// Nothing.
    Nobody,
    /// A demo, which may begin anew.
    Demo,
    /// Somebody's work.
    Somebody,
}

/// The word in the audit trail by which a demo's database is known.
const MARK: &str = "demo_created";

/// Who lives in the database.
///
/// # Errors
/// When the store fails.
pub fn tenant(tx: &mut Tx<'_>, _: &Scope<Operate>) -> Result<Tenant, StoreError> {
    let marks: i64 = audit::table.filter(audit::action.eq(MARK)).count().get_result(tx.db)?;
    if marks > 0 {
        return Ok(Tenant::Demo);
    }
    let units: i64 = organisations::table.count().get_result(tx.db)?;
    let people: i64 = accounts::table.count().get_result(tx.db)?;
    Ok(if units + people == 0 {
        Tenant::Nobody
    } else {
        Tenant::Somebody
    })
}

/// Marks the database as a demo's.
///
/// # Errors
/// When the store fails.
pub fn mark_demo(tx: &mut Tx<'_>, scope: &Scope<Operate>) -> Result<(), StoreError> {
    let audit = NewAudit {
        action: MARK,
        ..NewAudit::default()
    };
    trail::record(tx, scope.who(), audit)
}
