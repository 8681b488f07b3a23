//! Small cells: what is not shown to who may not read people's records, because it would tell about one or two of them.
//!
//! A cell with one or two people is not shown. Where cells add up to one another, what can be found by subtraction is not
//! shown either: another cell of the sum stays in the dark with it. It holds within one table; nought tells about nobody.

/// The fewest people in a cell that everybody may see.
pub const FEWEST: u64 = 3;

/// Cells that add up to another, by their places in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// What is added.
    pub parts: Vec<usize>,
    /// What it comes to, where the table has it.
    pub whole: Option<usize>,
}

/// Whether a cell tells about one or two people.
pub const fn is_small(people: u64) -> bool {
    people > 0 && people < FEWEST
}

/// Which cells are not shown.
pub fn hidden(cells: &[u64], sums: &[Sum]) -> Vec<bool> {
    let mut hidden: Vec<bool> = cells.iter().copied().map(is_small).collect();
    loop {
        let found = sums.iter().find_map(|sum| another(cells, &hidden, sum));
        let Some(place) = found.and_then(|at| hidden.get_mut(at)) else {
            return hidden;
        };
        *place = true;
    }
}

/// The cell that must be hidden besides, where what is hidden of a sum can be found by subtraction.
fn another(cells: &[u64], hidden: &[bool], sum: &Sum) -> Option<usize> {
    let is_hidden = |at: usize| hidden.get(at).copied().unwrap_or(false);
    let people = |at: usize| cells.get(at).copied().unwrap_or_default();
    let dark: Vec<usize> = sum.parts.iter().copied().filter(|at| is_hidden(*at)).collect();
    let whole_is_shown = sum.whole.is_none_or(|whole| !is_hidden(whole));
    let told = match (dark.as_slice(), whole_is_shown) {
        // The whole alone is hidden, and its parts add up to it; or one part alone.
        ([], false) | ([_], true) => true,
        // Each is one or two: if they make no more than one each, they are one each.
        (several, true) if !several.is_empty() => {
            let together: u64 = several.iter().map(|at| people(*at)).sum();
            u64::try_from(several.len()).is_ok_and(|count| together <= count)
        }
        _ => false,
    };
    if !told {
        return None;
    }
    let shown = sum
        .parts
        .iter()
        .copied()
        .filter(|at| !is_hidden(*at) && people(*at) > 0);
    let smallest = shown.min_by_key(|at| (people(*at), *at));
    smallest.or(sum.whole.filter(|_| whole_is_shown && !dark.is_empty()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(cells: &[u64], sums: &[Sum]) -> Vec<Option<u64>> {
        let hidden = hidden(cells, sums);
        let pairs = cells.iter().zip(hidden);
        pairs.map(|(people, hidden)| (!hidden).then_some(*people)).collect()
    }

    fn row(cells: usize) -> Sum {
        Sum {
            parts: (0..cells - 1).collect(),
            whole: Some(cells - 1),
        }
    }

    #[test]
    fn a_small_cell_takes_another_along() {
        assert_eq!(shown(&[7, 1, 4, 12], &[row(4)]), [Some(7), None, None, Some(12)]);
        assert_eq!(shown(&[7, 0, 4, 11], &[row(4)]), [Some(7), Some(0), Some(4), Some(11)]);
        // Nothing but the total is left.
        assert_eq!(shown(&[0, 1, 0, 1], &[row(4)]), [Some(0), None, Some(0), None]);
        // One and one of two would be told by the total.
        assert_eq!(shown(&[1, 1, 5, 7], &[row(4)]), [None, None, None, Some(7)]);
        assert_eq!(shown(&[1, 2, 5, 8], &[row(4)]), [None, None, Some(5), Some(8)]);
    }

    #[test]
    fn rows_and_columns_are_looked_at_until_nothing_can_be_found() {
        // Two rows and their total; away and home make mobile.
        let cells = [1, 9, 10, 8, 6, 14, 9, 15, 24];
        let rows = (0..3).map(|row| Sum {
            parts: vec![3 * row, 3 * row + 1],
            whole: Some(3 * row + 2),
        });
        let columns = (0..3).map(|column| Sum {
            parts: vec![column, 3 + column],
            whole: Some(6 + column),
        });
        let sums: Vec<_> = rows.chain(columns).collect();
        let shown = shown(&cells, &sums);
        assert_eq!(&shown[..2], [None, None]);
        assert_eq!(&shown[3..5], [None, None]);
        assert_eq!(shown[8], Some(24));
    }

    proptest! {
        /// What is shown never leaves one hidden cell of a sum alone, and never shows a small one.
        #[test]
        fn nothing_small_is_found_by_one_subtraction(parts in prop::collection::vec(0_u64..9, 1..9)) {
            let total = parts.iter().sum();
            let cells: Vec<_> = parts.iter().copied().chain([total]).collect();
            let shown = shown(&cells, &[row(cells.len())]);
            prop_assert!(shown.iter().flatten().all(|people| !is_small(*people)));
            let dark = shown.iter().filter(|cell| cell.is_none()).count();
            prop_assert!(dark != 1, "{shown:?} of {cells:?}");
        }
    }
}
