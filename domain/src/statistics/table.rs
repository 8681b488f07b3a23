//! A statistic as a table: its figures, a line for each thing they are counted of, and which lines add up.
use super::suppression::{Sum, hidden};
use super::{Figure, Unit};

/// Lines of figures, before it is known who reads them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// What is counted, column by column.
    pub figures: &'static [Figure],
    /// A count for each figure, line by line.
    pub lines: Vec<Vec<u64>>,
    /// Lines that add up to another line, by their places: the last may be in no line.
    pub sums: Vec<Sum>,
    /// Cells that tell of each other: if all but one of them are known, so is that one. Each is (line, figure).
    pub ties: Vec<Vec<(usize, Figure)>>,
}

/// What is shown of a table: nothing where a cell is hidden.
pub type Shown = Vec<Vec<Option<u64>>>;

/// What is in the dark on a line: the cell of each figure, then what is left to it of the figure that it is a share of.
pub type DarkLine = Vec<bool>;

impl Table {
    /// What is in the dark on each line for who may not read people's records there, where some lines are in the dark
    /// already: (line, what is dark on it).
    pub fn dark(&self, already: &[(usize, DarkLine)]) -> Vec<DarkLine> {
        let cells = Cells::of(self);
        let wide = 2 * self.figures.len();
        let already = already.iter().flat_map(|(line, dark)| {
            let dark = dark.iter().enumerate().filter(|(_, is_dark)| **is_dark);
            dark.map(move |(at, _)| line * wide + at)
        });
        let dark = hidden(&cells.people, already, &cells.sums);
        dark.chunks(wide.max(1)).map(<[bool]>::to_vec).collect()
    }

    /// What is shown where so much is in the dark; everything where nothing is.
    pub fn shown(&self, dark: &[DarkLine]) -> Shown {
        let mut shown: Shown = self
            .lines
            .iter()
            .map(|line| line.iter().copied().map(Some).collect())
            .collect();
        for (cells, dark) in shown.iter_mut().zip(dark) {
            for (column, cell) in cells.iter_mut().enumerate() {
                // Time is hidden with those who spent it.
                let told_by = match self.figures.get(column) {
                    Some(figure) if figure.unit() == Unit::Minutes => self.column(Figure::Attended),
                    _ => None,
                };
                if dark.get(told_by.unwrap_or(column)).copied().unwrap_or(true) {
                    *cell = None;
                }
            }
        }
        shown
    }

    fn column(&self, figure: Figure) -> Option<usize> {
        self.figures.iter().position(|one| *one == figure)
    }
}

/// All cells in one row, and how they hang together: beside each figure stands what is left to it of the one that it is a
/// share of, for nine of ten tells of the tenth.
struct Cells {
    people: Vec<u64>,
    sums: Vec<Sum>,
}

impl Cells {
    fn of(table: &Table) -> Self {
        let columns = table.figures.len();
        let at = |line: usize, column: usize| line * 2 * columns + column;
        let (mut people, mut sums) = (Vec::new(), Vec::new());
        for (line, counts) in table.lines.iter().enumerate() {
            let count = |figure| table.column(figure).and_then(|column| counts.get(column)).copied();
            let people_of = |figure: &Figure| count(*figure).filter(|_| figure.unit() != Unit::Minutes);
            let counted = table.figures.iter().map(|figure| people_of(figure).unwrap_or_default());
            people.extend(counted);
            for (column, figure) in table.figures.iter().enumerate() {
                let whole = figure.of().and_then(|whole| table.column(whole));
                let of = whole.and_then(|whole| counts.get(whole)).copied().unwrap_or_default();
                let done = counts.get(column).copied().unwrap_or_default();
                people.push(if whole.is_some() { of.saturating_sub(done) } else { 0 });
                sums.extend(whole.map(|whole| Sum {
                    parts: vec![at(line, column), at(line, columns + column)],
                    whole: Some(at(line, whole)),
                }));
            }
            sums.extend(Figure::ADDS_UP.iter().filter_map(|(parts, whole)| {
                let parts: Option<Vec<_>> = parts.iter().map(|part| table.column(*part)).collect();
                Some(Sum {
                    parts: parts?.into_iter().map(|column| at(line, column)).collect(),
                    whole: Some(at(line, table.column(*whole)?)),
                })
            }));
        }
        for sum in &table.sums {
            sums.extend((0..2 * columns).map(|column| Sum {
                parts: sum.parts.iter().map(|line| at(*line, column)).collect(),
                whole: sum.whole.map(|line| at(line, column)),
            }));
        }
        sums.extend(table.ties.iter().map(|tie| {
            Sum {
                parts: tie
                    .iter()
                    .filter_map(|(line, figure)| Some(at(*line, table.column(*figure)?)))
                    .collect(),
                whole: None,
            }
        }));
        Self { people, sums }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIGURES: &[Figure] = &[Figure::Away, Figure::OnTime];

    fn table(lines: Vec<Vec<u64>>) -> Table {
        let parts = (0..lines.len() - 1).collect();
        Table {
            figures: FIGURES,
            sums: vec![Sum {
                parts,
                whole: Some(lines.len() - 1),
            }],
            lines,
            ties: Vec::new(),
        }
    }

    #[test]
    fn who_reads_people_sees_everything() {
        let table = table(vec![vec![1, 0], vec![1, 0]]);
        assert_eq!(table.shown(&[]), [[Some(1), Some(0)], [Some(1), Some(0)]]);
        assert_eq!(table.shown(&table.dark(&[])), [[None, Some(0)], [None, Some(0)]]);
    }

    #[test]
    fn nine_of_ten_tells_of_the_tenth() {
        let table = table(vec![vec![10, 9], vec![10, 10], vec![20, 19]]);
        let shown = table.shown(&table.dark(&[]));
        assert_eq!(shown[0], [Some(10), None]);
        assert_eq!(shown[2], [Some(20), None]);
    }

    #[test]
    fn of_large_numbers_nothing_is_hidden() {
        let table = table(vec![vec![10, 6], vec![10, 5], vec![20, 11]]);
        assert_eq!(table.shown(&table.dark(&[])), table.shown(&[]));
    }

    #[test]
    fn what_is_dark_above_is_dark_below() {
        // One in a sister organisation hides the four here, on the line of the table above.
        let above = table(vec![vec![1, 0], vec![4, 4], vec![9, 9], vec![14, 13]]);
        let dark = above.dark(&[]);
        assert_eq!(above.shown(&dark)[1], [None, None]);
        let here = table(vec![vec![4, 4], vec![0, 0], vec![4, 4]]);
        assert_eq!(here.shown(&here.dark(&[]))[2], [Some(4), Some(4)]);
        let shown = here.shown(&here.dark(&[(2, dark[1].clone())]));
        assert_eq!(shown, [[None, None], [Some(0), Some(0)], [None, None]]);
    }
}
