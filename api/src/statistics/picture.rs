//! What is drawn of a statistic: the same for the picture and for the workbook's chart.
use std::collections::BTreeMap;

use domain::statistics::{Figure as F, Place, Statistic};
use persistence::statistics::{About, Counted};

use super::sheet::{hidden_note, part};
use super::{Behind, Said, height, percent};
use crate::extract::Language;

/// Bars that a person can still take in; the rest is drawn as one.
const MOST_BARS: usize = 40;
/// Destinations that are named; the rest is drawn as one.
const MOST_PLACES: usize = 20;

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Picture {
    /// What it is about.
    pub(crate) title: String,
    /// Of whom and when, and what is not drawn.
    pub(crate) notes: Vec<String>,
    /// How.
    pub(crate) shape: Shape,
    /// What the bars or points stand for.
    pub(crate) categories: Vec<String>,
    /// What each series counts, and how much of it there is at each category.
    pub(crate) series: Vec<(String, Vec<Option<f64>>)>,
    /// In what it is counted.
    pub(crate) unit: String,
    /// In which language it speaks.
    pub(crate) language: Language,
}

/// How something is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Bars from the left, series after series.
    Bars,
    /// The same, of at most 100 percent.
    Percent,
    /// Columns month by month, the first series as a line with an axis of its own.
    Months,
}

impl Picture {
    /// What is drawn of a statistic.
    pub(crate) fn of(counted: &Counted, said: Said) -> Self {
        match said.statistic {
            Statistic::Overview => organisations(counted, said),
            Statistic::Flows => places(counted, said),
            Statistic::Trend => months(counted, said),
            Statistic::Coverage | Statistic::Behind => shares(counted, said),
        }
    }

    /// What is drawn of what lies behind: how many are missing, by organisation.
    pub(crate) fn of_behind(behind: &[Behind], counted: &Counted, said: Said) -> Self {
        let language = said.language;
        let lags = |name: &String| behind.iter().any(|one| one.name(language) == *name);
        let parts = counted.about.iter().filter(|about| about.part.is_some());
        let names: Vec<String> = parts.map(|about| part(about, language)).filter(lags).collect();
        let figures: Vec<F> = counted
            .figures
            .iter()
            .copied()
            .filter(|figure| behind.iter().any(|one| one.figure == *figure))
            .collect();
        let column = |figure: F| counted.figures.iter().position(|one| *one == figure);
        let missing = |figure: F, name: &String| {
            let of_part = |about: &About| about.part.is_some() && part(about, language) == *name;
            let cells = counted.shown.get(counted.about.iter().position(of_part)?)?;
            let count = |figure: F| cells.get(column(figure)?).copied().flatten();
            Some(height(count(figure.of()?)?.saturating_sub(count(figure)?)))
        };
        let series = figures.iter().map(|figure| {
            let label = language.pick(figure.zh(), figure.en());
            let label = language.pick(format!("未{label}"), format!("not: {label}"));
            (label, names.iter().map(|name| missing(*figure, name)).collect())
        });
        Self {
            series: series.collect(),
            shape: Shape::Bars,
            unit: language.pick("人", "people").to_owned(),
            categories: names,
            ..head(counted, said)
        }
        .shortened()
    }

    /// As much as a person can take in: what is left over is drawn as one bar.
    fn shortened(mut self) -> Self {
        let over = self.categories.len().saturating_sub(MOST_BARS);
        if over == 0 {
            return self;
        }
        self.categories.truncate(MOST_BARS);
        self.categories.push(
            self.language
                .pick(format!("其余{over}个组织"), format!("{over} others")),
        );
        for (_, values) in &mut self.series {
            // Of a sum with a hidden part too little would be shown.
            let rest: Option<f64> = values.iter().skip(MOST_BARS).copied().sum();
            values.truncate(MOST_BARS);
            values.push(rest);
        }
        self
    }

    /// Whether the series of a bar add up to something.
    pub(super) fn stacks(&self) -> bool {
        self.series.len() != 2
    }

    /// In words, for who cannot see it: each series with its values.
    pub(crate) fn words(&self) -> String {
        let language = self.language;
        let series = self.series.iter().map(|(name, values)| {
            let values = self.categories.iter().zip(values).map(|(category, value)| match value {
                Some(value) => format!("{category} {value}"),
                None => format!("{category} {}", super::sheet::hidden(language)),
            });
            let values: Vec<_> = values.collect();
            let values = values.join(language.pick("，", ", "));
            format!("{name}{}{values}", language.pick("：", ": "))
        });
        series.collect::<Vec<_>>().join(language.pick("；", "; "))
    }
}

fn head(counted: &Counted, said: Said) -> Picture {
    let language = said.language;
    let (from, to) = (counted.period.from, counted.period.to);
    let period = language.pick(format!("{from} 至 {to}"), format!("{from} to {to}"));
    let hidden = (!counted.reads_people).then(|| hidden_note(language).to_owned());
    Picture {
        title: language.pick(
            format!("{}{}", counted.organisation.1, said.statistic.zh()),
            format!("{}: {}", said.statistic.en(), counted.organisation.1),
        ),
        notes: [period].into_iter().chain(hidden).collect(),
        shape: Shape::Bars,
        categories: Vec::new(),
        series: Vec::new(),
        unit: String::new(),
        language,
    }
}

fn value(counted: &Counted, line: usize, figure: F) -> Option<u64> {
    let at = counted.figures.iter().position(|one| *one == figure)?;
    counted.shown.get(line)?.get(at).copied()?
}

/// Who is away, home for a visit and out of contact, by organisation.
fn organisations(counted: &Counted, said: Said) -> Picture {
    let language = said.language;
    let lines = counted.about.iter().enumerate().filter(|(_, of)| of.part.is_some());
    let lines: Vec<_> = lines.collect();
    let series = [F::Away, F::HomeVisit, F::OutOfContact].map(|figure| {
        let values = lines.iter().map(|(line, _)| value(counted, *line, figure).map(height));
        (language.pick(figure.zh(), figure.en()).to_owned(), values.collect())
    });
    Picture {
        categories: lines.iter().map(|(_, of)| part(of, language)).collect(),
        series: series.to_vec(),
        unit: language.pick("人", "people").to_owned(),
        ..head(counted, said)
    }
    .shortened()
}

/// Two pairs of counts together: unknown where one is.
fn both([a, b]: [Option<u64>; 2], [c, d]: [Option<u64>; 2]) -> [Option<u64>; 2] {
    let sum = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a + b);
    [sum(a, c), sum(b, d)]
}

/// Where people are and have gone, the places with the most first.
fn places(counted: &Counted, said: Said) -> Picture {
    let language = said.language;
    // Of a sum with a hidden part too little would be shown: it is hidden, too.
    let mut places: BTreeMap<Place, [Option<u64>; 2]> = BTreeMap::new();
    for (line, of) in counted.about.iter().enumerate() {
        let Some(place) = of.destination else { continue };
        let more = [F::OnJourney, F::Departures].map(|figure| value(counted, line, figure));
        let sums = places.entry(place).or_insert([Some(0); 2]);
        *sums = both(*sums, more);
    }
    let mut places: Vec<_> = places.into_iter().filter(|(_, sums)| *sums != [Some(0); 2]).collect();
    places.sort_by_key(|(place, [there, _])| (std::cmp::Reverse(*there), *place));
    let rest = places.split_off(places.len().min(MOST_PLACES));
    let mut categories: Vec<_> = places
        .iter()
        .map(|(place, _)| language.pick(place.zh(), place.en()))
        .collect();
    let mut values: Vec<[Option<u64>; 2]> = places.into_iter().map(|(_, values)| values).collect();
    if !rest.is_empty() {
        let over = rest.len();
        categories.push(language.pick(format!("其余{over}地"), format!("{over} other places")));
        values.push(rest.iter().fold([Some(0); 2], |sums, (_, more)| both(sums, *more)));
    }
    let series = [F::OnJourney, F::Departures]
        .into_iter()
        .enumerate()
        .map(|(at, figure)| {
            let values = values.iter().map(|sums| sums.get(at).copied().flatten().map(height));
            (language.pick(figure.zh(), figure.en()).to_owned(), values.collect())
        });
    Picture {
        series: series.collect(),
        categories,
        unit: language.pick("人、人次", "people, cases").to_owned(),
        ..head(counted, said)
    }
}

/// What happened month by month, and how many were away at each month's end.
fn months(counted: &Counted, said: Said) -> Picture {
    let language = said.language;
    let lines = counted.about.iter().enumerate().filter(|(_, of)| of.part.is_none());
    let lines: Vec<_> = lines.collect();
    let figures = [F::OnJourney, F::Departures, F::Returns, F::Arrivals, F::Leavings];
    let series = figures.map(|figure| {
        let values = lines.iter().map(|(line, _)| value(counted, *line, figure).map(height));
        let label = match figure {
            F::OnJourney => language.pick("月末流动（人，右轴）", "Mobile at the month's end (people, right)"),
            F::Departures => language.pick("外出", "Departures"),
            F::Returns => language.pick("返回", "Returns"),
            F::Arrivals => language.pick("流入", "Arrivals"),
            _ => language.pick("离开", "Leavings"),
        };
        (label.to_owned(), values.collect())
    });
    let months = lines.iter().map(|(_, of)| of.month.map(|month| month.to_string()));
    Picture {
        categories: months.map(Option::unwrap_or_default).collect(),
        series: series.to_vec(),
        unit: language.pick("人次", "cases").to_owned(),
        shape: Shape::Months,
        ..head(counted, said)
    }
}

/// What was done of what was to be done, of the whole.
fn shares(counted: &Counted, said: Said) -> Picture {
    let language = said.language;
    let total = counted
        .about
        .iter()
        .position(|of| of.part.is_none())
        .unwrap_or_default();
    let figures: Vec<_> = counted
        .figures
        .iter()
        .filter_map(|figure| Some((*figure, figure.of()?)))
        .collect();
    let share = |(figure, whole): &(F, F)| {
        let (done, of) = (value(counted, total, *figure)?, value(counted, total, *whole)?);
        percent(done, of)
    };
    Picture {
        categories: figures
            .iter()
            .map(|(figure, _)| language.pick(figure.zh(), figure.en()).to_owned())
            .collect(),
        series: vec![(
            language.pick("完成比例", "Share done").to_owned(),
            figures.iter().map(share).collect(),
        )],
        unit: "%".to_owned(),
        shape: Shape::Percent,
        ..head(counted, said)
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use domain::id::OrganisationId;
    use domain::statistics::Period;
    use persistence::statistics::About;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_sum_with_a_hidden_part_is_hidden() {
        let to = |code: &str| About {
            origin: Some(Place::Unknown),
            destination: Some(Place::Division(code.parse().unwrap())),
            ..About::default()
        };
        let day = NaiveDate::from_ymd_opt(2027, 1, 31).unwrap();
        let counted = Counted {
            organisation: (OrganisationId(Uuid::nil()), "海安市委组织部".to_owned()),
            period: Period { from: day, to: day },
            reads_people: false,
            figures: Statistic::Flows.figures(),
            about: vec![to("310000"), to("310000"), to("320000")],
            shown: vec![vec![Some(7), Some(4)], vec![None, Some(3)], vec![Some(5), Some(5)]],
        };
        let said = Said {
            statistic: Statistic::Flows,
            language: Language::English,
        };
        let picture = Picture::of(&counted, said);
        assert_eq!(picture.categories, ["江苏省", "上海市"]);
        assert_eq!(picture.series[0].1, [Some(5.0), None]);
        assert_eq!(picture.series[1].1, [Some(5.0), Some(7.0)]);
        assert!(picture.words().contains("上海市 hidden"), "{}", picture.words());
    }
}
