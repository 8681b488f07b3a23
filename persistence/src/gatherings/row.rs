//! A gathering's row.
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::gathering::{Appointment, Gathering, Series, State, StateName};

use crate::StoreError;
use crate::db::Engine;
use crate::schema::gatherings;
use crate::types::Id;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = gatherings, check_for_backend(Engine), treat_none_as_default_value = false)]
pub(super) struct Row {
    pub(super) id: Id,
    pub(super) organisation_id: Id,
    pub(super) path: String,
    pub(super) kind: String,
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) place: Option<String>,
    pub(super) link: Option<String>,
    pub(super) starts_at: NaiveDateTime,
    pub(super) ends_at: NaiveDateTime,
    pub(super) day: NaiveDate,
    pub(super) learning_minutes: i32,
    pub(super) lecturer_id: Option<Id>,
    pub(super) series_id: Option<Id>,
    pub(super) series_rule: Option<String>,
    pub(super) state: String,
    pub(super) reason: Option<String>,
    pub(super) organised_by: String,
    pub(super) invited_on: Option<NaiveDate>,
    pub(super) version: i32,
    pub(super) created_at: NaiveDateTime,
    pub(super) updated_at: NaiveDateTime,
}

impl Row {
    /// When it begins.
    pub(super) const fn begins(&self) -> DateTime<Utc> {
        self.starts_at.and_utc()
    }

    /// Where it stands.
    pub(super) fn state(&self) -> Result<StateName, StoreError> {
        self.state.parse().map_err(StoreError::corrupt)
    }
}

impl TryFrom<Row> for Gathering {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let state = match row.state()? {
            StateName::Planned => State::Planned,
            StateName::Held => State::Held,
            StateName::Cancelled => State::Cancelled {
                reason: row.reason.unwrap_or_default(),
            },
        };
        let series = row.series_id.zip(row.series_rule);
        Ok(Self {
            id: row.id.to(),
            organisation: row.organisation_id.to(),
            kind: row.kind.parse().map_err(StoreError::corrupt)?,
            title: row.title,
            description: row.description,
            appointment: Appointment {
                begins: row.starts_at.and_utc(),
                ends: row.ends_at.and_utc(),
                place: row.place,
                link: row.link,
            },
            learning_minutes: u16::try_from(row.learning_minutes).map_err(StoreError::corrupt)?,
            lecturer: row.lecturer_id.map(Id::to),
            series: series.map(|(id, rule)| Series { id: id.to(), rule }),
            state,
            organised_by: row.organised_by,
            invited_on: row.invited_on,
            version: row.version,
        })
    }
}
