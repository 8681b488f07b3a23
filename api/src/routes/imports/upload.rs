//! The form with a spreadsheet: its parts read within limits, every fault told at once.
use actix_multipart::{Field, Multipart};
use domain::id::OrganisationId;
use domain::spreadsheet::ImportKind;
use futures_util::TryStreamExt as _;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::extract::form::{self, broken};
use crate::imports::reader::FILE_BYTES;
use crate::problem::{Failure, Fault};

/// Longest part other than the file, bytes.
const WORD_BYTES: usize = 1024;

/// A spreadsheet and what it is.
#[derive(ToSchema, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the form for the contract")]
pub(crate) struct UploadBody {
    /// The spreadsheet, at most 50 MiB.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
    /// What it tells about.
    kind: ImportKind,
    /// The organisation that it is handed in for: rows may name it and what is below it.
    organisation_id: OrganisationId,
    /// `false` takes the rows over at once.
    #[schema(default = true, nullable = false)]
    dry_run: Option<bool>,
}

/// The form, read.
pub(super) struct Upload {
    pub(super) bytes: Vec<u8>,
    pub(super) file_name: String,
    pub(super) kind: ImportKind,
    pub(super) organisation: OrganisationId,
    pub(super) dry_run: bool,
}

impl Upload {
    /// Reads the form.
    pub(super) async fn read(mut form: Multipart) -> Result<Self, Failure> {
        let (mut file, mut kind, mut organisation, mut dry_run) = (None, None, None, true);
        let mut faults = Vec::new();
        while let Some(mut field) = form.try_next().await.map_err(|error| broken(&error))? {
            let name = field.name().unwrap_or_default().to_owned();
            if name == "file" {
                let disposition = field.content_disposition().and_then(|part| part.get_filename());
                let file_name = disposition.unwrap_or("file").chars().take(200).collect::<String>();
                file = Some((bytes(&mut field, FILE_BYTES).await?, file_name));
                continue;
            }
            let word = String::from_utf8_lossy(&bytes(&mut field, WORD_BYTES).await?)
                .trim()
                .to_owned();
            match name.as_str() {
                "kind" => kind = parsed(&word, "/kind", "organisations, members, outbound, inbound", &mut faults),
                "organisation_id" => organisation = parsed(&word, "/organisation_id", "UUID", &mut faults),
                "dry_run" => dry_run = parsed(&word, "/dry_run", "true, false", &mut faults).unwrap_or(true),
                other => faults.push(Fault::new(format!("/{other}"), "unknown_field", other)),
            }
        }
        for (missing, pointer) in [
            (file.is_none(), "/file"),
            (kind.is_none(), "/kind"),
            (organisation.is_none(), "/organisation_id"),
        ] {
            if missing && !faults.iter().any(|fault| fault.pointer == pointer) {
                faults.push(Fault::new(pointer, "required", ""));
            }
        }
        match (file, kind, organisation) {
            (Some((bytes, file_name)), Some(kind), Some(organisation)) if faults.is_empty() => Ok(Self {
                bytes,
                file_name,
                kind,
                organisation,
                dry_run,
            }),
            _ => Err(Failure::Invalid(faults)),
        }
    }
}

async fn bytes(field: &mut Field, limit: usize) -> Result<Vec<u8>, Failure> {
    form::bytes(field, limit).await?.ok_or(Failure::TooLarge(limit))
}

fn parsed<T: std::str::FromStr>(word: &str, pointer: &str, expected: &str, faults: &mut Vec<Fault>) -> Option<T> {
    let read = word.parse().ok();
    if read.is_none() {
        faults.push(Fault::new(pointer, "malformed", expected));
    }
    read
}
