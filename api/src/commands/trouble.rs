//! Why a command failed, in a sentence, and what to do next, in another.
use std::error::Error;
use std::fmt;

/// A failed command.
#[derive(Debug)]
pub(crate) struct Trouble {
    what: String,
    next: String,
}

impl Trouble {
    pub(crate) fn new(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            next: next.into(),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}\n  next: {}", self.what, self.next)
    }
}

impl Error for Trouble {}

/// Turns a failure into words for the person at the terminal.
pub(crate) trait OrAdvise<T> {
    /// Says what could not be done, why, and what to do next.
    fn or_advise(self, what: impl fmt::Display, next: impl Into<String>) -> Result<T, Trouble>;
}

impl<T, E: Error> OrAdvise<T> for Result<T, E> {
    fn or_advise(self, what: impl fmt::Display, next: impl Into<String>) -> Result<T, Trouble> {
        self.map_err(|error| Trouble::new(format!("{what}: {}", chain(&error)), next))
    }
}

/// An error with its causes; a cause that repeats the sentence before it is left out.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        if !text.ends_with(said.trim_end()) {
            text = format!("{text}: {}", said.trim_end());
        }
        next = cause.source();
    }
    text
}
