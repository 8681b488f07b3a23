//! Where the bytes of files lie: a folder, behind an interface that other stores of objects have as well.
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::FileId;
use futures_util::TryStreamExt as _;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Name;
use object_store::{Error, ObjectStore, ObjectStoreExt as _};
use uuid::Uuid;

use crate::vault::Vault;
use crate::{Store, StoreError};

/// What a file's bytes are sealed as.
const FIELD: &str = "file";
/// How long a file may wait for its row: far longer than any request.
const ORPHAN_AFTER: TimeDelta = TimeDelta::days(1);
/// Files that are compared with their rows at once.
const CHUNK: usize = 500;

/// The object store. Names are ids, never what a user called a file.
#[derive(Clone)]
pub struct Files {
    folder: PathBuf,
    vault: Arc<Vault>,
    objects: Arc<OnceLock<Arc<dyn ObjectStore>>>,
}

impl Files {
    /// In a folder, which is made when the first file comes.
    pub fn in_folder(folder: PathBuf, vault: Arc<Vault>) -> Self {
        Self {
            folder,
            vault,
            objects: Arc::default(),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn objects(&self) -> Result<&Arc<dyn ObjectStore>, StoreError> {
        if let Some(open) = self.objects.get() {
            return Ok(open);
        }
        std::fs::create_dir_all(&self.folder).map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        let folder = LocalFileSystem::new_with_prefix(&self.folder).map_err(away)?;
        // What was acknowledged survives a loss of power.
        let folder = folder.with_fsync(true);
        Ok(self.objects.get_or_init(|| Arc::new(folder)))
    }

    /// Stores a file, sealed; when this answers, it is on the disk. O(size).
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it can't be written.
    pub async fn put(&self, id: FileId, bytes: &[u8]) -> Result<(), StoreError> {
        let sealed = self.vault.seal(id, FIELD, bytes)?;
        let stored = self.objects()?.put(&name(id), sealed.into()).await;
        stored.map(drop).map_err(away)
    }

    /// The bytes of a file, after the caller was let through to its row. O(size).
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it can't be read.
    pub async fn get(&self, id: FileId) -> Result<Vec<u8>, StoreError> {
        let found = self.objects()?.get(&name(id)).await.map_err(away)?;
        let sealed = found.bytes().await.map_err(away)?;
        Ok(self.vault.open(id, FIELD, &sealed)?)
    }

    /// Takes a file away; one that is not there is no fault.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it can't be removed.
    pub async fn remove(&self, id: FileId) -> Result<(), StoreError> {
        match self.objects()?.delete(&name(id)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(away(error)),
        }
    }

    /// Writes a file, reads it and takes it away again.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn check(&self) -> Result<(), StoreError> {
        let (id, objects) = (FileId(Uuid::now_v7()), self.objects()?);
        let written = objects.put(&name(id), "kiteline".into()).await;
        written.map(drop).map_err(away)?;
        let read = objects.get(&name(id)).await;
        self.remove(id).await?;
        read.map(drop).map_err(away)
    }

    /// The files that were begun before `instant`. O(files).
    async fn before(&self, instant: DateTime<Utc>) -> Result<Vec<FileId>, StoreError> {
        let all: Vec<_> = self.objects()?.list(None).try_collect().await.map_err(away)?;
        let ids = all.iter().filter_map(|object| object.location.as_ref().parse().ok());
        Ok(ids
            .filter(|id: &FileId| begun(*id).is_some_and(|at| at < instant))
            .collect())
    }
}

/// When an id was made, which it tells.
fn begun(id: FileId) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = id.0.get_timestamp()?.to_unix();
    DateTime::from_timestamp(seconds.try_into().ok()?, nanos)
}

fn name(id: FileId) -> Name {
    Name::from(id.to_string())
}

fn away(error: Error) -> StoreError {
    StoreError::Unavailable(Box::new(error))
}

/// What does not fit between the folder of files and their rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unfitting {
    /// How many files have a row.
    pub rows: usize,
    /// Those whose bytes are not there.
    pub missing: Vec<FileId>,
    /// Those without a row that a day's sweeping should have taken away.
    pub orphans: Vec<FileId>,
}

impl Store {
    /// Holds the folder of files against their rows. O(files).
    ///
    /// # Errors
    /// When the store fails, or the folder can't be read.
    pub async fn compare_files(&self) -> Result<Unfitting, StoreError> {
        let rows = self.read(super::all).await?;
        if rows.is_empty() && !self.files().folder().exists() {
            return Ok(Unfitting::default());
        }
        let here: HashSet<_> = self
            .files()
            .before(DateTime::<Utc>::MAX_UTC)
            .await?
            .into_iter()
            .collect();
        let long_ago = self.now() - ORPHAN_AFTER * 2;
        let known: HashSet<_> = rows.iter().copied().collect();
        let is_old = |id: &FileId| begun(*id).is_some_and(|at| at < long_ago);
        Ok(Unfitting {
            rows: rows.len(),
            missing: rows.into_iter().filter(|id| !here.contains(id)).collect(),
            orphans: here
                .into_iter()
                .filter(|id| !known.contains(id) && is_old(id))
                .collect(),
        })
    }

    /// Takes away the files whose row never came, older than a day; says how many. O(files).
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep_files(&self) -> Result<usize, StoreError> {
        let old = self.files().before(self.now() - ORPHAN_AFTER).await?;
        let mut swept = 0;
        for chunk in old.chunks(CHUNK) {
            let asked = chunk.to_vec();
            let known = self.glance(move |tx| super::known(tx, &asked)).await?;
            for orphan in chunk.iter().filter(|id| !known.contains(id)) {
                self.files().remove(*orphan).await?;
                swept += 1;
            }
        }
        Ok(swept)
    }
}
