//! What a file is, whose, and who handed it in.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::access::{ReadOwnRecord, Scope, Who};
use domain::file::{FilePurpose, FileType, MOST_ATTACHMENTS};
use domain::id::{FileId, PersonId};
use domain::wish::stands_for;
use uuid::Uuid;

use crate::db::{Engine, each};
use crate::schema::files;
use crate::types::Id;
use crate::{StoreError, Tx};

/// A file that was stored, and is about to get its row.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// Its id, under which it was stored.
    pub id: FileId,
    /// What its bytes are.
    pub file_type: FileType,
    /// How many bytes.
    pub size: usize,
    /// Their SHA-256.
    pub digest: Vec<u8>,
}

/// What is known of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRecord {
    /// Its id.
    pub id: FileId,
    /// What it belongs to: a stay, a wish, a service request.
    pub subject: Uuid,
    /// What it is for.
    pub purpose: FilePurpose,
    /// What it is.
    pub file_type: FileType,
    /// How many bytes.
    pub size: i32,
    /// Who handed it in; empty where nobody is to know.
    pub uploaded_by: String,
    /// When.
    pub uploaded_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = files, check_for_backend(Engine))]
struct Row {
    id: Id,
    person_id: Id,
    subject_id: Id,
    purpose: String,
    file_type: String,
    size: i32,
    digest: Vec<u8>,
    uploaded_by: String,
    uploaded_at: NaiveDateTime,
}

impl TryFrom<Row> for FileRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.to(),
            subject: row.subject_id.0,
            purpose: row.purpose.parse().map_err(StoreError::corrupt)?,
            file_type: row.file_type.parse().map_err(StoreError::corrupt)?,
            size: row.size,
            uploaded_by: row.uploaded_by,
            uploaded_at: row.uploaded_at.and_utc(),
        })
    }
}

/// Writes the row of a file that was stored.
pub(crate) fn attach(
    tx: &mut Tx<'_>,
    who: &Who,
    file: NewFile,
    (person, subject, purpose): (PersonId, Uuid, FilePurpose),
) -> Result<(), StoreError> {
    let row = Row {
        id: Id::of(file.id),
        person_id: Id::of(person),
        subject_id: Id(subject),
        purpose: purpose.to_string(),
        file_type: file.file_type.to_string(),
        size: i32::try_from(file.size).map_err(StoreError::corrupt)?,
        digest: file.digest,
        uploaded_by: who.name.clone(),
        uploaded_at: tx.at(),
    };
    each!(tx.db, c => diesel::insert_into(files::table).values(&row).execute(c))?;
    Ok(())
}

/// Attaches a file to one of the things that take several; whose it is stays unsaid where nobody is to know, and then
/// the day stands for the instant.
///
/// # Errors
/// [`StoreError::Invalid`] when there are as many as there may be.
pub(crate) fn attach_one_more(
    tx: &mut Tx<'_>,
    who: Option<&Who>,
    file: NewFile,
    about: (PersonId, Uuid, FilePurpose),
) -> Result<(), StoreError> {
    let (person, subject, purpose) = about;
    let there: i64 = files::table
        .filter(files::subject_id.eq(Id(subject)))
        .filter(files::purpose.eq(purpose.as_str()))
        .count()
        .get_result(tx.db)?;
    if usize::try_from(there).unwrap_or(usize::MAX) >= MOST_ATTACHMENTS {
        return Err(StoreError::Invalid {
            field: "/file",
            code: "too_many_files",
        });
    }
    let row = Row {
        id: Id::of(file.id),
        person_id: Id::of(person),
        subject_id: Id(subject),
        purpose: purpose.to_string(),
        file_type: file.file_type.to_string(),
        size: i32::try_from(file.size).map_err(StoreError::corrupt)?,
        digest: file.digest,
        uploaded_by: who.map(|who| who.name.clone()).unwrap_or_default(),
        uploaded_at: who.map_or_else(|| stands_for(tx.today()).naive_utc(), |_| tx.at()),
    };
    each!(tx.db, c => diesel::insert_into(files::table).values(&row).execute(c))?;
    Ok(())
}

/// What is attached to each of these things, which the caller was let through to.
pub(crate) fn attached(
    tx: &mut Tx<'_>,
    subjects: Vec<Id>,
    purpose: FilePurpose,
) -> Result<HashMap<Id, Vec<FileRecord>>, StoreError> {
    let rows: Vec<Row> = files::table
        .filter(files::subject_id.eq_any(subjects))
        .filter(files::purpose.eq(purpose.as_str()))
        .order(files::id)
        .select(Row::as_select())
        .load(tx.db)?;
    let mut attached = HashMap::<Id, Vec<FileRecord>>::new();
    for row in rows {
        attached.entry(row.subject_id).or_default().push(row.try_into()?);
    }
    Ok(attached)
}

/// A file of a thing that the caller was let through to.
///
/// # Errors
/// [`StoreError::NotFound`] when the thing has no such file.
pub(crate) fn of_subject(tx: &mut Tx<'_>, subject: Uuid, id: FileId) -> Result<FileRecord, StoreError> {
    let found = by_id(tx, id)?.filter(|file| file.subject == subject);
    found.ok_or(StoreError::NotFound("file"))
}

/// A file by its id, which something that the caller was let through to names.
pub(crate) fn by_id(tx: &mut Tx<'_>, id: FileId) -> Result<Option<FileRecord>, StoreError> {
    let row: Option<Row> = files::table
        .find(Id::of(id))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    row.map(FileRecord::try_from).transpose()
}

/// The newest file for a purpose that belongs to one of these subjects which the caller was let through to.
pub(crate) fn newest(
    tx: &mut Tx<'_>,
    subjects: Vec<Id>,
    purpose: FilePurpose,
) -> Result<Option<FileRecord>, StoreError> {
    let row: Option<Row> = files::table
        .filter(files::subject_id.eq_any(subjects))
        .filter(files::purpose.eq(purpose.as_str()))
        .order(files::id.desc())
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    row.map(FileRecord::try_from).transpose()
}

/// The files of these subjects turn out to be about this person.
pub(crate) fn are_about(tx: &mut Tx<'_>, subjects: Vec<Id>, person: PersonId) -> Result<(), StoreError> {
    diesel::update(files::table.filter(files::subject_id.eq_any(subjects)))
        .set(files::person_id.eq(Id::of(person)))
        .execute(tx.db)?;
    Ok(())
}

/// Every file about the caller, oldest first. O(files of one person).
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn all_own(tx: &mut Tx<'_>, scope: &Scope<ReadOwnRecord>) -> Result<Vec<FileRecord>, StoreError> {
    let rows: Vec<Row> = files::table
        .filter(files::person_id.eq(Id::of(scope.me()?)))
        .order(files::id)
        .select(Row::as_select())
        .load(tx.db)?;
    rows.into_iter().map(FileRecord::try_from).collect()
}

/// Which of these files have a row. It tells of nobody.
///
/// # Errors
/// When the store fails.
pub fn known(tx: &mut Tx<'_>, ids: &[FileId]) -> Result<HashSet<FileId>, StoreError> {
    let rows: Vec<Id> = files::table
        .filter(files::id.eq_any(ids.iter().map(|id| Id::of(*id)).collect::<Vec<_>>()))
        .select(files::id)
        .load(tx.db)?;
    Ok(rows.into_iter().map(Id::to).collect())
}

/// Every file that has a row. It tells of nobody. O(files).
///
/// # Errors
/// When the store fails.
pub(crate) fn all(tx: &mut Tx<'_>) -> Result<Vec<FileId>, StoreError> {
    let rows: Vec<Id> = files::table.select(files::id).order(files::id).load(tx.db)?;
    Ok(rows.into_iter().map(Id::to).collect())
}
