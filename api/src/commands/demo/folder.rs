//! The folder in which a demo lives.
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::accounts::AccountsFile;
use crate::commands::trouble::{OrAdvise as _, Trouble};

/// What to look at when the folder makes trouble.
const ADVICE: &str = "see whether this user may write there, or choose another with --data DIR";

/// The folder, which exists.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder where there is none.
    pub(super) fn make(path: &Path) -> Result<Self, Trouble> {
        std::fs::create_dir_all(path).or_advise(format_args!("{} can't be made", path.display()), ADVICE)?;
        let whole = path
            .canonicalize()
            .or_advise(format_args!("{} can't be used", path.display()), ADVICE)?;
        Ok(Self(whole))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The embedded database.
    pub(super) fn database(&self) -> PathBuf {
        self.0.join("kiteline.db")
    }

    /// The key file.
    pub(super) fn keys(&self) -> PathBuf {
        self.0.join("kiteline.keys")
    }

    /// Where mail is written.
    pub(super) fn mail(&self) -> PathBuf {
        self.0.join("mail")
    }

    /// Where files lie that people hand in.
    pub(super) fn files(&self) -> PathBuf {
        self.0.join("kiteline.files")
    }

    /// The accounts with their passwords.
    pub(super) fn accounts_file(&self) -> PathBuf {
        self.0.join("accounts.json")
    }

    /// The accounts, once the demo was built.
    pub(super) fn accounts(&self) -> Result<Option<AccountsFile>, Trouble> {
        let file = self.accounts_file();
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).or_advise(format_args!("{} can't be read", file.display()), ADVICE),
        };
        let accounts = serde_json::from_str(&text).or_advise(
            format_args!("{} can't be understood", file.display()),
            "begin anew with `kiteline demo --fresh`",
        )?;
        Ok(Some(accounts))
    }

    /// Writes the accounts, readable by their owner only; the old file stays whole until the new one is.
    pub(super) fn keep(&self, accounts: &AccountsFile) -> Result<(), Trouble> {
        let (file, new) = (self.accounts_file(), self.0.join("accounts.json.new"));
        let text = serde_json::to_string_pretty(accounts).or_advise("the accounts can't be written", ADVICE)?;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(&new)
            .and_then(|mut to| to.write_all(text.as_bytes()))
            .and_then(|()| std::fs::rename(&new, &file))
            .or_advise(format_args!("{} can't be written", file.display()), ADVICE)
    }

    /// Takes away what demos put here, and nothing else.
    pub(super) fn clear(&self) -> Result<(), Trouble> {
        let names = [
            "kiteline.db",
            "kiteline.db-wal",
            "kiteline.db-shm",
            "kiteline.keys",
            "accounts.json",
        ];
        let files = names.iter().map(|name| self.0.join(name));
        let mails = std::fs::read_dir(self.mail())
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path());
        let mails = mails.filter(|path| path.extension().is_some_and(|end| end == "eml"));
        let handed_in = std::fs::read_dir(self.files()).into_iter().flatten().flatten();
        let handed_in = handed_in
            .map(|entry| entry.path())
            .filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_id));
        for file in files.chain(mails).chain(handed_in).filter(|file| file.exists()) {
            std::fs::remove_file(&file).or_advise(format_args!("{} can't be removed", file.display()), ADVICE)?;
        }
        Ok(())
    }
}

/// Whether it is a name under which the store keeps a file.
fn is_id(name: &str) -> bool {
    name.parse::<domain::id::FileId>().is_ok()
}
