//! The program itself, as operators run it: built once beside the tests with the same profile.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// Where it is.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let test = std::env::current_exe().expect("the test's own path");
        let folder = test.parent().and_then(Path::parent).expect("the profile's folder");
        let profile = if folder.ends_with("release") { "release" } else { "dev" };
        let built = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "--package",
                "api",
                "--bin",
                "kiteline",
                "--profile",
                profile,
            ])
            .arg("--target-dir")
            .arg(folder.parent().expect("the target's folder"))
            .status();
        let built = built.is_ok_and(|status| status.success());
        assert!(built, "the program does not build");
        folder.join("kiteline")
    })
}

/// The program in a folder, with no environment but what is given.
pub fn kiteline(folder: &Path, line: &[&str]) -> Command {
    let mut command = Command::new(program());
    command
        .args(line)
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/bin:/bin");
    command
}

/// Runs it to its end.
///
/// # Panics
/// When it cannot be started.
pub fn run(folder: &Path, line: &[&str]) -> Output {
    kiteline(folder, line).output().expect("the program starts")
}

/// What it said, on both ways.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
