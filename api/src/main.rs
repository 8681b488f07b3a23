//! The `kiteline` program.
use std::process::ExitCode;

fn main() -> ExitCode {
    api::commands::run()
}
