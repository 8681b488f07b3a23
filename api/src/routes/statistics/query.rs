//! What is asked of statistics.
use actix_web::HttpRequest;
use chrono::NaiveDate;
use domain::access::{ReadMembers, ReadStatistics, Scope};
use domain::id::OrganisationId;
use domain::statistics::{Figure, Grain, LONGEST_DAYS, Period, PeriodFault, Statistic};
use persistence::rosters;
use persistence::statistics::{self, Asked, Counted, Flows, Origins};
use persistence::{Store, StoreError, Tx};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::extract::caller_of;
use crate::problem::{Failure, Fault};
use crate::statistics::Theme;

/// In which form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StatisticFormat {
    /// With every cell by itself, and the address of its list.
    #[default]
    Json,
    /// UTF-8 with a byte-order mark, so that Excel opens it.
    Csv,
    /// An Excel workbook with a chart.
    Xlsx,
}

/// What stands for where people come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FlowsBy {
    /// The origin's division, at the grain.
    #[default]
    Division,
    /// The organisations one level down.
    Organisation,
}

/// Of whom, and when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableQuery {
    /// Of this organisation and those below it.
    organisation_id: OrganisationId,
    /// The period's first day; that of the year in which it ends unless said.
    #[param(example = "2026-01-01")]
    from: Option<NaiveDate>,
    /// Its last day; today at the latest, and unless said.
    #[param(example = "2026-12-31")]
    to: Option<NaiveDate>,
    /// `json` unless said.
    #[param(inline)]
    pub(super) format: Option<StatisticFormat>,
}

/// Of whom, when, and how finely.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlowsQuery {
    /// Of this organisation and those below it.
    organisation_id: OrganisationId,
    /// The period's first day; that of the year in which it ends unless said.
    #[param(example = "2026-01-01")]
    from: Option<NaiveDate>,
    /// Its last day; today at the latest, and unless said.
    #[param(example = "2026-12-31")]
    to: Option<NaiveDate>,
    /// `json` unless said.
    #[param(inline)]
    pub(super) format: Option<StatisticFormat>,
    /// How finely divisions are told apart; `city` unless said.
    #[param(inline)]
    grain: Option<Grain>,
    /// What stands for where people come from; `division` unless said.
    #[param(inline)]
    by: Option<FlowsBy>,
}

/// Of whom and when, and how it is drawn.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PictureQuery {
    /// Of this organisation and those below it.
    organisation_id: OrganisationId,
    /// The period's first day; that of the year in which it ends unless said.
    #[param(example = "2026-01-01")]
    from: Option<NaiveDate>,
    /// Its last day; today at the latest, and unless said.
    #[param(example = "2026-12-31")]
    to: Option<NaiveDate>,
    /// `light` unless said.
    #[param(inline)]
    pub(super) theme: Option<Theme>,
}

/// Of whom, when and how finely, and how it is drawn.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlowsPictureQuery {
    /// Of this organisation and those below it.
    organisation_id: OrganisationId,
    /// The period's first day; that of the year in which it ends unless said.
    #[param(example = "2026-01-01")]
    from: Option<NaiveDate>,
    /// Its last day; today at the latest, and unless said.
    #[param(example = "2026-12-31")]
    to: Option<NaiveDate>,
    /// `light` unless said.
    #[param(inline)]
    pub(super) theme: Option<Theme>,
    /// How finely divisions are told apart; `city` unless said.
    #[param(inline)]
    grain: Option<Grain>,
}

/// A statistic that somebody asks for.
pub(super) struct Wanted {
    pub(super) statistic: Statistic,
    pub(super) asked: Asked,
    flows: Flows,
}

const USUAL: Flows = Flows {
    grain: Grain::City,
    origins: Origins::Divisions,
};

impl Wanted {
    fn new(
        statistic: Statistic,
        store: &Store,
        (organisation, from, to): (OrganisationId, Option<NaiveDate>, Option<NaiveDate>),
        flows: Flows,
    ) -> Result<Self, Failure> {
        let period =
            Period::asked(from, to, store.today()).map_err(|fault| Failure::Invalid(vec![fault_of_period(fault)]))?;
        Ok(Self {
            statistic,
            asked: Asked { organisation, period },
            flows,
        })
    }

    pub(super) fn table(statistic: Statistic, store: &Store, query: &TableQuery) -> Result<Self, Failure> {
        Self::new(statistic, store, (query.organisation_id, query.from, query.to), USUAL)
    }

    pub(super) fn flows(store: &Store, query: &FlowsQuery) -> Result<Self, Failure> {
        let flows = Flows {
            grain: query.grain.unwrap_or(USUAL.grain),
            origins: match query.by.unwrap_or_default() {
                FlowsBy::Division => Origins::Divisions,
                FlowsBy::Organisation => Origins::Organisations,
            },
        };
        Self::new(
            Statistic::Flows,
            store,
            (query.organisation_id, query.from, query.to),
            flows,
        )
    }

    pub(super) fn picture(statistic: Statistic, store: &Store, query: &PictureQuery) -> Result<Self, Failure> {
        Self::new(statistic, store, (query.organisation_id, query.from, query.to), USUAL)
    }

    pub(super) fn flows_picture(store: &Store, query: &FlowsPictureQuery) -> Result<Self, Failure> {
        let flows = Flows {
            grain: query.grain.unwrap_or(USUAL.grain),
            ..USUAL
        };
        Self::new(
            Statistic::Flows,
            store,
            (query.organisation_id, query.from, query.to),
            flows,
        )
    }

    /// The counts, as the caller may see them.
    pub(super) fn count(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope<ReadStatistics>,
        reader: Option<&Scope<ReadMembers>>,
    ) -> Result<Counted, StoreError> {
        match self.statistic {
            Statistic::Overview => statistics::overview(tx, scope, reader, self.asked),
            Statistic::Flows => statistics::flows(tx, scope, reader, self.asked, self.flows),
            Statistic::Trend => statistics::trend(tx, scope, reader, self.asked),
            Statistic::Coverage | Statistic::Behind => statistics::coverage(tx, scope, reader, self.asked),
        }
    }

    pub(super) const fn grain(&self) -> Grain {
        self.flows.grain
    }
}

/// How a list is asked for what a figure counts.
pub(crate) struct CountedQuery {
    pub(crate) organisation: Option<OrganisationId>,
    pub(crate) itself: Option<bool>,
    pub(crate) figure: Option<Figure>,
    pub(crate) missing: Option<bool>,
    pub(crate) from: Option<NaiveDate>,
    pub(crate) to: Option<NaiveDate>,
}

impl CountedQuery {
    /// What is meant by it in a list of what the figures are that are `here`, and of which nothing else can be asked wrongly.
    pub(crate) fn meant(
        &self,
        here: impl Fn(Figure) -> bool,
        today: NaiveDate,
    ) -> Result<Option<rosters::Counted>, Failure> {
        let mut faults = Vec::new();
        let counted = self.read(here, today, &mut faults);
        if faults.is_empty() {
            Ok(counted)
        } else {
            Err(Failure::Invalid(faults))
        }
    }

    /// The same, with what is wrong about asking so.
    pub(crate) fn read(
        &self,
        here: impl Fn(Figure) -> bool,
        today: NaiveDate,
        faults: &mut Vec<Fault>,
    ) -> Option<rosters::Counted> {
        if self.itself.is_some() && self.organisation.is_none() {
            faults.push(Fault::new("?itself", "not_a_filter", ""));
        }
        let Some(figure) = self.figure else {
            let given = [
                ("?missing", self.missing.is_some()),
                ("?from", self.from.is_some()),
                ("?to", self.to.is_some()),
            ];
            let given = given.into_iter().filter(|(_, is)| *is);
            faults.extend(given.map(|(name, _)| Fault::new(name, "not_a_filter", "")));
            return None;
        };
        if !here(figure) {
            faults.push(Fault::new("?figure", "not_a_filter", ""));
        }
        let missing = self.missing.unwrap_or(false);
        if missing && figure.of().is_none() {
            faults.push(Fault::new("?missing", "not_a_filter", ""));
        }
        match Period::asked(self.from, self.to, today) {
            Ok(period) => Some(rosters::Counted {
                figure,
                period,
                missing,
            }),
            Err(fault) => {
                faults.push(fault_of_period(fault));
                None
            }
        }
    }
}

/// What is wrong with a period.
fn fault_of_period(fault: PeriodFault) -> Fault {
    match fault {
        PeriodFault::Backwards(from) => Fault::new("?to", "period_backwards", from.to_string()),
        PeriodFault::Future(today) => Fault::new("?from", "period_future", today.to_string()),
        PeriodFault::TooLong => Fault::new("?from", "span_too_long", LONGEST_DAYS.to_string()),
    }
}

/// Where the caller may read people's records.
pub(super) fn reader(request: &HttpRequest) -> Result<Option<Scope<ReadMembers>>, Failure> {
    Ok(caller_of(request)?.0.scope().ok())
}
