//! Keyset pages in the order (path, id): each subtree of a scope is one range of the index, walked one after the other.
use domain::access::Scope;
use domain::id::OrgPath;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::StoreError;
use crate::scoped::subtrees;

/// The last line of a page: where the next one begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Its path.
    pub path: OrgPath,
    /// Its id.
    pub id: Uuid,
}

/// What is left of one subtree: `path >= low and path < end`, and, after a line, `path > low or id > after`.
///
/// One lower bound only: with the subtree's own beside the cursor's, SQLite walks from the wrong one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Range<'a> {
    pub(crate) low: &'a str,
    pub(crate) end: &'a str,
    pub(crate) after: Option<Uuid>,
}

/// Everything at an organisation itself lies before its path with this sign, everything below it after: codes hold none as
/// low.
pub(crate) const ITSELF: &str = "!";

impl Range<'_> {
    /// The end, exclusive, of what is at the organisation itself, where the range begins at one.
    pub(crate) fn end_of_itself(&self) -> String {
        format!("{}{ITSELF}", self.low)
    }
}

/// Calls `walk` with what is left of each subtree of the scope, in order, until it says that it has enough.
pub(crate) fn each_range<P, E>(
    scope: &Scope<P>,
    after: Option<&Position>,
    mut walk: impl FnMut(Range<'_>) -> Result<bool, E>,
) -> Result<(), E> {
    for subtree in subtrees(scope) {
        let end = subtree.end();
        let range = match after {
            Some(seen) if seen.path.as_str() >= end.as_str() => continue,
            Some(seen) if seen.path >= *subtree => Range {
                low: seen.path.as_str(),
                end: &end,
                after: Some(seen.id),
            },
            _ => Range {
                low: subtree.as_str(),
                end: &end,
                after: None,
            },
        };
        if !walk(range)? {
            break;
        }
    }
    Ok(())
}

/// Fills a page of at most `limit` lines, range by range; `load` gets the range and how many lines are still wanted.
pub(crate) fn fill<P, T>(
    scope: &Scope<P>,
    after: Option<&Position>,
    limit: i64,
    mut load: impl FnMut(Range<'_>, i64) -> Result<Vec<T>, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut lines = Vec::new();
    let mut left = limit;
    each_range(scope, after, |range| {
        let more = load(range, left)?;
        left -= i64::try_from(more.len()).unwrap_or(left);
        lines.extend(more);
        Ok::<_, StoreError>(left > 0)
    })?;
    Ok(lines)
}

diesel::define_sql_function! {
    /// The text without any of the parts that equal `part`: differs from the text where the text contains it. Means the
    /// same on both engines, where `like` does not, and takes any character as it is.
    fn replace(text: diesel::sql_types::Text, part: diesel::sql_types::Text, by: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

#[cfg(test)]
mod tests {
    use domain::access::{Actor, Grant, ReadRosters, Role};
    use domain::id::AccountId;

    use super::*;

    fn scope(paths: &[&str]) -> Scope<ReadRosters> {
        let grants = paths.iter().map(|path| Grant {
            role: Role::Office,
            path: path.parse().unwrap(),
        });
        let actor = Actor {
            account: AccountId(Uuid::nil()),
            name: "组织部".to_owned(),
            member: None,
            grants: grants.collect(),
        };
        actor.scope().unwrap()
    }

    fn ranges(paths: &[&str], after: Option<(&str, u128)>) -> Vec<(String, Option<u128>)> {
        let after = after.map(|(path, id)| Position {
            path: path.parse().unwrap(),
            id: Uuid::from_u128(id),
        });
        let mut found = Vec::new();
        each_range(&scope(paths), after.as_ref(), |range| {
            found.push((range.low.to_owned(), range.after.map(|id| id.as_u128())));
            Ok::<_, ()>(true)
        })
        .unwrap();
        found
    }

    #[test]
    fn the_cursor_replaces_the_lower_bound_of_its_subtree_and_skips_those_before() {
        let paths = ["/c/a/", "/c/b/", "/c/d/"];
        let whole = |path: &str| (path.to_owned(), None);
        assert_eq!(ranges(&paths, None), paths.map(whole));
        let (here, rest) = (("/c/b/x/".to_owned(), Some(7)), whole("/c/d/"));
        assert_eq!(ranges(&paths, Some(("/c/b/x/", 7))), [here, rest.clone()]);
        assert_eq!(ranges(&paths, Some(("/c/c/", 7))), [rest]);
        assert_eq!(ranges(&paths, Some(("/c/e/", 7))), []);
    }
}
