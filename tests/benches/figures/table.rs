//! The table that is printed, in Markdown, so that the README can hold it as it is.
use std::fmt::Write as _;

/// What a ratio should be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Aim {
    AtLeast(f64),
    AtMost(f64),
}

impl Aim {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

/// A line: what was done how fast, beside what.
pub(crate) struct Line {
    pub(crate) work: String,
    pub(crate) engine: &'static str,
    pub(crate) figure: String,
    pub(crate) yardstick: String,
    pub(crate) ratio: Option<f64>,
    pub(crate) aim: Option<Aim>,
}

/// The lines so far; each is printed as it comes, too.
#[derive(Default)]
pub(crate) struct Table {
    lines: Vec<String>,
    notes: Vec<String>,
}

impl Table {
    /// Adds a line.
    pub(crate) fn add(&mut self, line: &Line) {
        let ratio = line.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let (aim, mark) = match (line.aim, line.ratio) {
            (Some(aim), Some(ratio)) => (told(aim), if aim.holds(ratio) { "yes" } else { "no" }),
            (Some(aim), None) => (told(aim), ""),
            _ => (String::new(), ""),
        };
        let text = format!(
            "| {} | {} | {} | {} | {ratio} | {aim} | {mark} |",
            line.work, line.engine, line.figure, line.yardstick
        );
        eprintln!("{text}");
        self.lines.push(text);
    }

    /// Adds a sentence below the table.
    pub(crate) fn note(&mut self, sentence: String) {
        eprintln!("{sentence}");
        self.notes.push(sentence);
    }

    /// The whole.
    pub(crate) fn text(&self) -> String {
        let mut text = String::from(
            "| work | engine | measured | yardstick | ratio | aim | met |\n| --- | --- | --- | --- | --- | --- | --- |\n",
        );
        for line in &self.lines {
            writeln!(text, "{line}").ok();
        }
        for note in &self.notes {
            write!(text, "\n{note}\n").ok();
        }
        text
    }
}

fn told(aim: Aim) -> String {
    match aim {
        Aim::AtLeast(least) => format!("≥ {least}"),
        Aim::AtMost(most) => format!("≤ {most}"),
    }
}
