//! `kiteline openapi`: the contract, as `openapi.yaml` in the repository holds it.
use std::io::Write as _;
use std::process::ExitCode;

use super::trouble::{OrAdvise as _, Trouble};

/// Prints the contract.
pub(super) fn run() -> Result<ExitCode, Trouble> {
    std::io::stdout()
        .write_all(crate::openapi::contract().as_bytes())
        .or_advise("the contract can't be printed", "look at where the output goes")?;
    Ok(ExitCode::SUCCESS)
}
