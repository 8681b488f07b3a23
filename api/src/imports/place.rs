//! A destination as typed (江苏省苏州市昆山市建筑工地): the division that it names, and the text itself.

use domain::division::{DivisionCode, find_by_name};

/// Where a journey goes, as the member says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The division that the text begins with, where it names one.
    pub division: Option<DivisionCode>,
    /// What was typed.
    pub text: Option<String>,
}

impl Place {
    /// The place that a text names.
    pub(super) fn of(typed: &str) -> Self {
        Self {
            division: find_by_name(typed),
            text: Some(typed.to_owned()),
        }
    }
}
