//! Ids as SQL types: `uuid` on PostgreSQL, sixteen bytes on SQLite.
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{HasSqlType, SqlType};
use diesel::sqlite::Sqlite;
use uuid::Uuid;

use crate::db::Engine;

/// A uuid column.
#[derive(Debug, Clone, Copy, SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct UuidSql;

/// A uuid in a row; the domain's ids turn into it and back by `into`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = UuidSql)]
pub struct Id(pub Uuid);

impl Id {
    /// The id of a domain type.
    pub fn of(id: impl Into<Uuid>) -> Self {
        Self(id.into())
    }

    /// As an id of the domain.
    pub fn to<T: From<Uuid>>(self) -> T {
        T::from(self.0)
    }
}

impl HasSqlType<UuidSql> for Engine {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<UuidSql>(lookup)
    }
}

impl ToSql<UuidSql, Engine> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Engine>) -> serialize::Result {
        out.set_value((UuidSql, self));
        Ok(IsNull::No)
    }
}

impl FromSql<UuidSql, Engine> for Id {
    fn from_sql(value: <Engine as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        value.from_sql::<Self, UuidSql>()
    }
}

impl ToSql<UuidSql, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        std::io::Write::write_all(out, self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<UuidSql, Pg> for Id {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.as_bytes())?))
    }
}

impl ToSql<UuidSql, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<UuidSql, Sqlite> for Id {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<diesel::sql_types::Binary, Sqlite>>::from_sql(value)?;
        Ok(Self(Uuid::from_slice(&bytes)?))
    }
}
