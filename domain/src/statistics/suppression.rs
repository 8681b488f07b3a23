//! Small cells: what is not shown to who may not read people's records, because it would tell about one or two of them.
//!
//! A cell with one or two people is not shown. Where cells add up to one another, what can be found by subtraction is not
//! shown either: another cell of the sum stays in the dark with it. What is in the dark on an organisation's line in the
//! table of the one above is in the dark when the organisation is asked about, too. Nought tells about nobody.

use std::collections::VecDeque;

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

/// Which cells are not shown: those that are `dark` already, those that tell about one or two people, and those by which
/// they could be found. Each new one is looked for in the sums that it stands in: O(places in sums), for sums of which
/// few are in the dark.
pub fn hidden(cells: &[u64], dark: impl IntoIterator<Item = usize>, sums: &[Sum]) -> Vec<bool> {
    let mut hidden: Vec<bool> = cells.iter().copied().map(is_small).collect();
    for at in dark {
        if let Some(place) = hidden.get_mut(at) {
            *place = true;
        }
    }
    let mut holding: Vec<Vec<usize>> = vec![Vec::new(); cells.len()];
    for (number, sum) in sums.iter().enumerate() {
        for at in sum.parts.iter().chain(&sum.whole) {
            if let Some(sums) = holding.get_mut(*at) {
                sums.push(number);
            }
        }
    }
    let mut waiting: VecDeque<usize> = (0..sums.len()).collect();
    let mut waits = vec![true; sums.len()];
    while let Some(number) = waiting.pop_front() {
        if let Some(waits) = waits.get_mut(number) {
            *waits = false;
        }
        while let Some(at) = sums.get(number).and_then(|sum| another(cells, &hidden, sum)) {
            let Some(place) = hidden.get_mut(at) else { break };
            *place = true;
            for other in holding.get(at).into_iter().flatten().copied() {
                let waits = waits.get_mut(other).filter(|waits| other != number && !**waits);
                if let Some(waits) = waits {
                    *waits = true;
                    waiting.push_back(other);
                }
            }
        }
    }
    hidden
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
        let hidden = hidden(cells, [], sums);
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

    #[test]
    fn what_is_dark_already_takes_others_along() {
        // The total of four is not shown above: its parts would tell it.
        let hidden = hidden(&[4, 7, 11], [2], &[row(3)]);
        assert_eq!(hidden, [true, false, true]);
    }

    #[test]
    fn what_a_sum_hides_is_looked_for_in_the_others() {
        // A chain of sums, each of which shares a cell with the next.
        let cells = [1, 5, 5, 5, 5, 5];
        let sums = (0..5).map(|at| Sum {
            parts: vec![at, at + 1],
            whole: None,
        });
        let mut sums: Vec<_> = sums.collect();
        sums.reverse();
        assert_eq!(hidden(&cells, [], &sums), [true; 6]);
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
