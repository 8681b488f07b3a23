//! A letter of the origin (介绍信), handed in as a picture or document, verifies a stay.
use domain::access::{ManageStays, ReadStays, Scope};
use domain::file::FilePurpose;
use domain::id::StayId;
use domain::stay::{Command, Letter, Verb, Verification};
use serde_json::json;

use super::change::{found_for, transition};
use super::record::StayRecord;
use super::{inside, show, with_merged};
use crate::files::{self, FileRecord, NewFile};
use crate::trail::{self, NewAudit};
use crate::{StoreError, Tx};

/// Whether a letter may be handed in for a stay, before its bytes are taken.
///
/// # Errors
/// As [`confirm_by_letter`].
pub fn takes_letter(tx: &mut Tx<'_>, scope: &Scope<ManageStays>, id: StayId, seen: i32) -> Result<(), StoreError> {
    found_for(tx, scope, (id, seen), Verb::ConfirmByLetter).map(drop)
}

/// The origin has confirmed by a letter, whose file was stored.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Refused`] by the domain, [`StoreError::Stale`] when the
/// version moved otherwise.
pub fn confirm_by_letter(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageStays>,
    id: StayId,
    seen: i32,
    file: NewFile,
) -> Result<StayRecord, StoreError> {
    let before = found_for(tx, scope, (id, seen), Verb::ConfirmByLetter)?;
    let letter = Letter {
        file: file.id,
        on: tx.today(),
        by: scope.who().name.clone(),
    };
    let subject = (before.0.person, id.0, FilePurpose::Letter);
    transition(tx, scope.who(), before, Command::ConfirmByLetter(letter))?;
    files::attach(tx, scope.who(), file, subject)?;
    show(tx, id)
}

/// The letter that verified a stay inside the scope, else the newest of those that were merged into it. The person can see who looked.
///
/// # Errors
/// [`StoreError::NotFound`] when the stay is unknown or outside, or has none.
pub fn look_at_letter(tx: &mut Tx<'_>, scope: &Scope<ReadStays>, id: StayId) -> Result<FileRecord, StoreError> {
    let (stay, path, _) = inside(tx, scope, id)?;
    let letter = if let Some(Verification::Letter(letter)) = stay.state.verification() {
        files::by_id(tx, letter.file)?
    } else {
        let subjects = with_merged(tx, id)?;
        files::newest(tx, subjects, FilePurpose::Letter)?
    };
    let letter = letter.ok_or(StoreError::NotFound("letter"))?;
    let audit = NewAudit {
        action: "letter_viewed",
        person: Some(stay.person.0),
        subject: Some(id.0),
        path: Some(&path),
        detail: Some(json!({ "file_id": letter.id })),
    };
    trail::record(tx, scope.who(), audit)?;
    Ok(letter)
}
