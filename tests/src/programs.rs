//! Where PostgreSQL's programs are, and how they get there.

use std::env;
use std::fs;
use std::io::{Write, stderr};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// What to do when the programs are missing and may not be installed from here.
const HOW_TO_INSTALL: &str = "PostgreSQL's programs (initdb, postgres) are neither on PATH nor in /usr/lib/postgresql/*/bin. \
    The tests make a private cluster of their own with them; no running server is needed. \
    Install them and try again: `apt-get install postgresql` on Debian and Ubuntu, `dnf install postgresql-server` on Fedora, \
    `brew install postgresql@17` on macOS (and put its bin folder on PATH).";

/// The folder that holds `initdb` and `postgres`; Debian's package is installed when it is missing and we are root.
///
/// # Errors
/// A sentence that says what to install.
pub(crate) fn postgres() -> Result<PathBuf, String> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = find() {
        return Ok(found);
    }
    if !may_install() {
        return Err(HOW_TO_INSTALL.to_owned());
    }
    writeln!(
        stderr(),
        "PostgreSQL is missing: installing Debian's package `postgresql` for the tests …"
    )
    .ok();
    install()?;
    find().ok_or_else(|| format!("apt-get installed postgresql, yet the programs are not found. {HOW_TO_INSTALL}"))
}

fn find() -> Option<PathBuf> {
    let on_path = env::var_os("PATH")
        .into_iter()
        .flat_map(|path| env::split_paths(&path).collect::<Vec<_>>());
    on_path.chain(debian_folders()).find_map(|folder| {
        // A link on PATH stands for the folder that it points to: the server looks for its files beside itself.
        let initdb = folder.join("initdb").canonicalize().ok()?;
        let folder = initdb.parent()?;
        folder.join("postgres").is_file().then(|| folder.to_owned())
    })
}

/// `/usr/lib/postgresql/<version>/bin`, the newest version first.
fn debian_folders() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    folders.sort_unstable_by(|a, b| b.cmp(a));
    folders.into_iter().map(|(_, folder)| folder).collect()
}

fn may_install() -> bool {
    let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    root && ["/usr/bin/apt-get", "/bin/apt-get"]
        .iter()
        .any(|program| Path::new(program).exists())
}

fn install() -> Result<(), String> {
    for arguments in [
        &["update"][..],
        &["install", "-y", "--no-install-recommends", "postgresql"][..],
    ] {
        let output = Command::new("apt-get")
            .args(["-q", "-o", "DPkg::Lock::Timeout=300"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null())
            .output()
            .map_err(|e| format!("apt-get cannot be started: {e}. {HOW_TO_INSTALL}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!(
                "`apt-get {}` failed: {said}\n{HOW_TO_INSTALL}",
                arguments.join(" ")
            ));
        }
    }
    Ok(())
}
