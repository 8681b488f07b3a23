//! Statistics as JSON.
use chrono::NaiveDate;
use domain::division::DivisionCode;
use domain::id::OrganisationId;
use domain::roster::Roster;
use domain::statistics::{Figure, Grain, Place, Statistic, Unit};
use persistence::statistics::{About, Counted, Part};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::Language;
use crate::routes::kite::Named;
use crate::statistics::{Behind, percent};

/// A statistic: what is counted, and a line for each thing that it is counted of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatisticView {
    /// Which.
    statistic: Statistic,
    /// Of whom.
    organisation: Named<OrganisationId>,
    /// The period's first day.
    #[schema(example = "2026-01-01")]
    from: NaiveDate,
    /// Its last day.
    #[schema(example = "2026-12-31")]
    to: NaiveDate,
    /// The day that figures of today are of.
    #[schema(example = "2026-12-31")]
    today: NaiveDate,
    /// Whether small cells are hidden from this caller.
    suppressed: bool,
    /// What is counted, in the order of the cells.
    figures: Vec<FigureView>,
    /// The lines; what they add up to is among them, marked `total`.
    lines: Vec<LineView>,
}

/// Something that is counted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FigureView {
    /// Its word.
    figure: Figure,
    /// Its name, in the caller's language.
    #[schema(example = "按时联系")]
    label: &'static str,
    /// In what it is counted.
    unit: Unit,
    /// What it counts.
    #[schema(example = "目前在外、未过应联系日期的党员")]
    counts: &'static str,
    /// What it is a share of.
    of: Option<Figure>,
}

/// A line of a statistic: counted of an organisation, a month, two places, as they are there.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineView {
    /// Of one organisation.
    organisation: Option<PartView>,
    /// Of one month.
    #[schema(example = json!(null))]
    month: Option<String>,
    /// Of who comes from there.
    origin: Option<FlowPlaceView>,
    /// Of who has gone there.
    destination: Option<FlowPlaceView>,
    /// Whether other lines add up to it.
    total: bool,
    /// A cell for each figure.
    cells: Vec<CellView>,
}

/// An organisation in a statistic.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartView {
    /// Its id.
    id: OrganisationId,
    /// Its name.
    #[schema(example = "曲塘镇党委")]
    name: String,
    /// Whether it is the organisation that was asked about, without those below it.
    itself: bool,
}

/// A place in a statistic.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FlowPlaceView {
    /// GB/T 2260 code; none for what is abroad or not recorded.
    #[schema(example = "310000")]
    division_code: Option<String>,
    /// Its full name.
    #[schema(example = "上海市")]
    name: String,
}

/// A cell.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CellView {
    /// What it counts.
    figure: Figure,
    /// How many; nothing where it is hidden.
    #[schema(example = 12)]
    value: Option<u64>,
    /// Whether it is hidden: it tells of fewer than three people, or helps to find a cell that does.
    suppressed: bool,
    /// In percent of what it is a share of.
    #[schema(example = 85.7)]
    percent: Option<f64>,
    /// Where the same people are listed, for who may read their records.
    #[schema(example = "/v1/rosters/outbound?organisation_id=01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f&figure=away")]
    list: Option<String>,
}

impl FigureView {
    fn of(figure: Figure, language: Language) -> Self {
        Self {
            figure,
            label: language.pick(figure.zh(), figure.en()),
            unit: figure.unit(),
            counts: language.pick(figure.counts_zh(), figure.counts_en()),
            of: figure.of(),
        }
    }
}

impl From<Part> for PartView {
    fn from(part: Part) -> Self {
        Self {
            id: part.id,
            name: part.name,
            itself: part.itself,
        }
    }
}

impl FlowPlaceView {
    fn of(place: Place, language: Language) -> Self {
        Self {
            division_code: place.code().map(|code| code.to_string()),
            name: language.pick(place.zh(), place.en()),
        }
    }
}

impl StatisticView {
    pub(super) fn of(
        counted: &Counted,
        (statistic, grain): (Statistic, Grain),
        today: NaiveDate,
        language: Language,
    ) -> Self {
        let figures = counted.figures;
        let lines = counted.about.iter().zip(&counted.shown);
        let line = |(about, cells): (&About, &Vec<Option<u64>>)| LineView {
            organisation: about.part.clone().map(PartView::from),
            month: about.month.map(|month| month.to_string()),
            origin: about.origin.map(|place| FlowPlaceView::of(place, language)),
            destination: about.destination.map(|place| FlowPlaceView::of(place, language)),
            total: about.part.is_none() && about.origin.is_none(),
            cells: figures
                .iter()
                .zip(cells)
                .map(|(figure, value)| CellView {
                    figure: *figure,
                    value: *value,
                    suppressed: value.is_none(),
                    percent: share(figures, cells, *figure),
                    list: counted
                        .reads_people
                        .then(|| list(counted, about, (*figure, false), grain))
                        .flatten(),
                })
                .collect(),
        };
        Self {
            statistic,
            organisation: named(counted),
            from: counted.period.from,
            to: counted.period.to,
            today,
            suppressed: !counted.reads_people,
            figures: figures.iter().map(|figure| FigureView::of(*figure, language)).collect(),
            lines: lines.map(line).collect(),
        }
    }
}

fn named(counted: &Counted) -> Named<OrganisationId> {
    let (id, name) = counted.organisation.clone();
    Named { id, name }
}

fn share(figures: &[Figure], cells: &[Option<u64>], figure: Figure) -> Option<f64> {
    let value = |wanted: Figure| {
        let at = figures.iter().position(|one| *one == wanted)?;
        cells.get(at).copied().flatten()
    };
    percent(value(figure)?, value(figure.of()?)?)
}

/// The roster that lists whom a figure counts; what is no journey and no stay stands in other lists, or in none.
pub(crate) const fn roster_of(figure: Figure) -> Option<Roster> {
    match figure {
        Figure::Members => Some(Roster::Members),
        Figure::Waiting | Figure::Staying | Figure::Arrivals | Figure::Leavings => Some(Roster::Inbound),
        Figure::Expected
        | Figure::Attended
        | Figure::LearningMinutes
        | Figure::Wishes
        | Figure::WishesFulfilled
        | Figure::RequestsDue
        | Figure::AnsweredInTime => None,
        _ => Some(Roster::Outbound),
    }
}

/// The address of the list of those whom a figure counts on a line, or of those who are missing from it. Where people come
/// from is no filter: of a line that says it there is no list.
fn list(counted: &Counted, about: &About, (figure, missing): (Figure, bool), grain: Grain) -> Option<String> {
    if about.origin.is_some() {
        return None;
    }
    let from = match figure {
        Figure::RequestsDue | Figure::AnsweredInTime => "service-requests".to_owned(),
        Figure::Wishes | Figure::WishesFulfilled => "wishes".to_owned(),
        Figure::Attended if missing => "make-ups".to_owned(),
        _ => format!("rosters/{}", roster_of(figure)?),
    };
    let organisation = about.part.as_ref().map_or(counted.organisation.0, |part| part.id);
    let period = about.month.map_or(counted.period, |month| month.within(counted.period));
    let days = format!("from={}&to={}", period.from, period.to);
    let mut list = format!("/v1/{from}?organisation_id={organisation}&figure={figure}&{days}");
    if about.part.as_ref().is_some_and(|part| part.itself) {
        list.push_str("&itself=true");
    }
    if missing {
        list.push_str("&missing=true");
    }
    match about.destination {
        Some(Place::Division(code)) => {
            list.push_str("&division=");
            list.push_str(prefix(code, grain).as_str());
        }
        Some(Place::Abroad) => list.push_str("&destination=abroad"),
        Some(Place::Unknown) => list.push_str("&destination=unrecorded"),
        None => {}
    }
    Some(list)
}

/// The digits with which all codes of a division begin that are told apart from it no further at the grain.
fn prefix(code: DivisionCode, grain: Grain) -> String {
    let digits = code.to_string();
    let significant = match grain {
        Grain::Province => 2,
        Grain::City if code == code.province() && code.city().is_some() => 2,
        Grain::City if digits.ends_with("00") && code != code.province() => 4,
        Grain::City | Grain::County => 6,
    };
    digits.get(..significant).map(str::to_owned).unwrap_or(digits)
}

/// Which organisations have done less than the whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BehindListView {
    /// Of whom.
    organisation: Named<OrganisationId>,
    /// The period's first day.
    #[schema(example = "2026-01-01")]
    from: NaiveDate,
    /// Its last day.
    #[schema(example = "2026-12-31")]
    to: NaiveDate,
    /// The day that figures of today are of.
    #[schema(example = "2026-12-31")]
    today: NaiveDate,
    /// Whether small cells are hidden from this caller; what is hidden is not compared.
    suppressed: bool,
    /// What is counted.
    figures: Vec<FigureView>,
    /// The organisations, figure by figure, in the order of the tree.
    lines: Vec<BehindView>,
}

/// An organisation that has done less of something than the whole has.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BehindView {
    /// Of what.
    figure: Figure,
    /// The organisation.
    organisation: PartView,
    /// How much was to be done.
    #[schema(example = 20)]
    of: u64,
    /// How much was done.
    #[schema(example = 14)]
    done: u64,
    /// How much is left.
    #[schema(example = 6)]
    missing: u64,
    /// What was done, in percent.
    #[schema(example = 70.0)]
    percent: Option<f64>,
    /// The same in the whole.
    #[schema(example = 85.7)]
    percent_of_whole: Option<f64>,
    /// Where those are listed for whom it is left to do, for who may read their records: of lessons what was missed and is
    /// not made up, of wishes all with their states.
    #[schema(
        example = "/v1/rosters/outbound?organisation_id=01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f&figure=on_time&missing=true"
    )]
    list: Option<String>,
}

impl BehindListView {
    pub(super) fn of(behind: Vec<Behind>, counted: &Counted, today: NaiveDate, language: Language) -> Self {
        let line = |one: Behind| {
            let about = About {
                part: Some(one.part.clone()),
                ..About::default()
            };
            let list = list(counted, &about, (one.figure, true), Grain::City);
            BehindView {
                figure: one.figure,
                of: one.of,
                done: one.done,
                missing: one.missing(),
                percent: percent(one.done, one.of),
                percent_of_whole: percent(one.whole.0, one.whole.1),
                list: list.filter(|_| counted.reads_people),
                organisation: one.part.into(),
            }
        };
        Self {
            organisation: named(counted),
            from: counted.period.from,
            to: counted.period.to,
            today,
            suppressed: !counted.reads_people,
            figures: counted
                .figures
                .iter()
                .map(|figure| FigureView::of(*figure, language))
                .collect(),
            lines: behind.into_iter().map(line).collect(),
        }
    }
}
