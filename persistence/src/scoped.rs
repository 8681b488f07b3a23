//! A scope's reach as a condition on a path column: an index range for each subtree.
use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use domain::access::{Reach, Scope};
use domain::id::OrgPath;

use crate::db::Engine;
use crate::verbatim::Verbatim;

/// A condition on the rows of `QS`.
pub(crate) type Condition<QS> = Box<dyn BoxableExpression<QS, Engine, SqlType = Bool>>;

/// Whether `column` lies in one of the subtrees that the scope reaches; false for a reach of one's own record.
macro_rules! within {
    ($scope:expr, $column:expr) => {
        crate::scoped::any_of(crate::scoped::subtrees($scope), |path: &domain::id::OrgPath| {
            Box::new($column.ge(path.as_str().to_owned()).and($column.lt(path.end())))
        })
    };
}
pub(crate) use within;

/// The subtrees that the scope reaches.
pub(crate) fn subtrees<P>(scope: &Scope<P>) -> &[OrgPath] {
    match scope.reach() {
        Reach::Subtrees(paths) => paths,
        Reach::Own(_) => &[],
    }
}

/// Any of the ranges that `range` makes; never true when there is none.
pub(crate) fn any_of<QS: 'static>(paths: &[OrgPath], range: impl Fn(&OrgPath) -> Condition<QS>) -> Condition<QS> {
    let mut ranges = paths.iter().map(range);
    let Some(first) = ranges.next() else {
        return Box::new(Verbatim("1 = 0"));
    };
    ranges.fold(first, |all, one| Box::new(all.or(one)))
}

/// The paths of everything above the subtrees that the scope reaches.
pub(crate) fn above<P>(scope: &Scope<P>) -> Vec<String> {
    let mut paths = Vec::new();
    for subtree in subtrees(scope) {
        let mut path = subtree.parent();
        while let Some(above) = path.filter(|above| *above != OrgPath::root()) {
            path = above.parent();
            paths.push(above.to_string());
        }
    }
    paths.sort();
    paths.dedup();
    paths
}
