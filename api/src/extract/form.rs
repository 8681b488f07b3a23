//! Forms with a file: its bytes read within limits, what it is told by the bytes and never by the header or the name.
use actix_multipart::{Field, Multipart, MultipartError};
use domain::file::FileType;
use futures_util::TryStreamExt as _;
use persistence::files::NewFile;
use sha2::{Digest, Sha256};

use crate::problem::{Failure, Fault};

/// A form with more faults is not read to its end.
const MOST_FAULTS: usize = 20;

/// A file that was handed in.
pub(crate) struct HandedIn {
    /// What its bytes are.
    pub(crate) file_type: FileType,
    /// The bytes.
    pub(crate) bytes: Vec<u8>,
}

impl HandedIn {
    /// The only part of a form, `name`: a picture or document of at most `limit` bytes.
    ///
    /// # Errors
    /// Every fault of the form, each with its part.
    pub(crate) async fn read(mut form: Multipart, name: &str, limit: usize) -> Result<Self, Failure> {
        let (mut found, mut faults) = (None, Vec::new());
        while let Some(mut field) = form.try_next().await.map_err(|error| broken(&error))? {
            let part = field.name().unwrap_or_default().to_owned();
            if part != name || found.is_some() {
                faults.push(Fault::new(format!("/{part}"), "unknown_field", part));
                if faults.len() == MOST_FAULTS {
                    return Err(Failure::Invalid(faults));
                }
                continue;
            }
            found = bytes(&mut field, limit).await?;
            if found.is_none() {
                let mebibytes = format!("{} MiB", limit / (1024 * 1024));
                return Err(Failure::Invalid(vec![Fault::new(
                    format!("/{name}"),
                    "file_too_big",
                    mebibytes,
                )]));
            }
        }
        let file = match found {
            None => Err(Fault::new(format!("/{name}"), "required", name)),
            Some(bytes) => match told_by(&bytes) {
                Some(file_type) => Ok(Self { file_type, bytes }),
                None => Err(Fault::new(format!("/{name}"), "not_a_picture", "PNG, JPEG, WebP, PDF")),
            },
        };
        match file {
            Ok(file) if faults.is_empty() => Ok(file),
            Ok(_) => Err(Failure::Invalid(faults)),
            Err(fault) => Err(Failure::Invalid(faults.into_iter().chain([fault]).collect())),
        }
    }

    /// What its row is to say, under this id.
    pub(crate) fn row(&self, id: domain::id::FileId) -> NewFile {
        NewFile {
            id,
            file_type: self.file_type,
            size: self.bytes.len(),
            digest: Sha256::digest(&self.bytes).to_vec(),
        }
    }
}

/// What a file is by its bytes, where it is one that is taken.
fn told_by(bytes: &[u8]) -> Option<FileType> {
    infer::get(bytes)?.mime_type().parse().ok()
}

/// The bytes of a part; none when they are more than `limit`.
///
/// # Errors
/// When the form can't be read.
pub(crate) async fn bytes(field: &mut Field, limit: usize) -> Result<Option<Vec<u8>>, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.try_next().await.map_err(|error| broken(&error))? {
        if bytes.len() + chunk.len() > limit {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

/// What is wrong with a form that can't be read.
pub(crate) fn broken(error: &MultipartError) -> Failure {
    match error {
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeIncompatible
        | MultipartError::ContentTypeParse => Failure::UnsupportedMediaType("multipart/form-data"),
        other => Failure::Unreadable(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_are() {
        assert_eq!(told_by(b"%PDF-1.7\n"), Some(FileType::Pdf));
        assert_eq!(told_by(b"\x89PNG\r\n\x1a\n"), Some(FileType::Png));
        assert_eq!(told_by(b"\xff\xd8\xff\xe0"), Some(FileType::Jpeg));
        assert_eq!(told_by(b"RIFF\x24\0\0\0WEBPVP8 "), Some(FileType::WebP));
        for other in [&b"MZ\x90\0"[..], b"<!DOCTYPE html>", b"PK\x03\x04", b"GIF89a", b""] {
            assert_eq!(told_by(other), None, "{other:?}");
        }
    }
}
