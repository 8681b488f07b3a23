//! Political birthdays (政治生日) of a month and place, and the gathering at which they are kept together.
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::{ManageGatherings, ReadGatherings};
use domain::audience::{Belonging, Clause};
use domain::gathering::{Appointment, GatheringKind};
use domain::gift::GiftItem;
use domain::id::{GatheringId, MemberId, OrganisationId};
use persistence::gatherings::{self, Birthday, BirthdayFilter, NewGathering};
use persistence::{Position, Store};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::{Planned, check};
use super::list::whole;
use super::view::GatheringView;
use crate::answer::Tagged;
use crate::extract::{Body, CursorKey, Faults, Input, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::{Failure, Fault};
use crate::routes::kite::{Named, said};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(celebrate);
}

/// Years that a list can be asked for.
const YEARS: std::ops::RangeInclusive<i32> = 1950..=2200;

/// Whose political birthdays.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct BirthdayQuery {
    /// Of whom this organisation and those below it mean: its own members and those admitted there.
    organisation_id: OrganisationId,
    /// In this month, 1 to 12.
    #[param(minimum = 1, maximum = 12, example = 7)]
    month: u8,
    /// In this year; the present one unless said.
    #[param(minimum = 1950, maximum = 2200, example = 2027)]
    year: Option<i32>,
    /// Items on the page, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500, example = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Somebody whose political birthday falls into the month.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PoliticalBirthdayView {
    /// Who.
    member: Named<MemberId>,
    /// The branch or home unit.
    unit: Named<OrganisationId>,
    /// How the person belongs to it.
    belonging: Belonging,
    /// 入党日期; the first of the month when only that is known.
    #[schema(example = "1992-07-01")]
    joined_on: NaiveDate,
    /// Whether the day of joining is known.
    #[schema(example = true)]
    joined_day_known: bool,
    /// The birthday in the year; the first of the month when only that is known.
    #[schema(example = "2027-07-01")]
    on: NaiveDate,
    /// How many years.
    #[schema(example = 35)]
    years: i32,
    /// The collective birthday of the year to whose list the person belongs.
    #[schema(example = json!(null))]
    gathering_id: Option<GatheringId>,
    /// What the person was given on the occasion in the year.
    given: Vec<GiftItem>,
}

impl From<Birthday> for PoliticalBirthdayView {
    fn from(birthday: Birthday) -> Self {
        Self {
            member: Named {
                id: birthday.member,
                name: birthday.name,
            },
            unit: Named {
                id: birthday.unit,
                name: birthday.unit_name,
            },
            belonging: birthday.belonging,
            joined_on: birthday.joined_on,
            joined_day_known: birthday.day_known,
            on: birthday.on,
            years: birthday.years,
            gathering_id: birthday.gathering,
            given: birthday.given,
        }
    }
}

/// List whose political birthday (政治生日) falls into a month, in the order of the tree: members and admitted alike, with
/// the cards and gifts that they were given. Who joined in that year has none yet.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["ReadGatherings"])),
    params(BirthdayQuery),
    responses((status = 200, body = Page<PoliticalBirthdayView>)),
)]
#[get("/v1/political-birthdays")]
pub(crate) async fn list(
    May(scope): May<ReadGatherings>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(wanted): Query<BirthdayQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let page = PageQuery {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let (limit, after) = (page.limit()?, page.position::<Position>(&cursors)?);
    let this_year = chrono::Datelike::year(&store.today());
    let filter = BirthdayFilter {
        organisation: wanted.organisation_id,
        year: within("?year", wanted.year.unwrap_or(this_year), YEARS)?,
        month: within("?month", wanted.month, 1..=12)?,
    };
    let rows = store
        .read(move |tx| gatherings::list_birthdays(tx, &scope, filter, after.as_ref(), limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |row| row.position.clone())?;
    let items: Vec<PoliticalBirthdayView> = rows.into_iter().map(PoliticalBirthdayView::from).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}

fn within<N: PartialOrd + ToString + Copy>(
    name: &str,
    number: N,
    range: std::ops::RangeInclusive<N>,
) -> Result<N, Failure> {
    let fault = |code, limit: &N| Failure::Invalid(vec![Fault::new(name, code, limit.to_string())]);
    if number < *range.start() {
        Err(fault("too_small", range.start()))
    } else if number > *range.end() {
        Err(fault("too_big", range.end()))
    } else {
        Ok(number)
    }
}

/// A political birthday that is kept together, for those of one to three months.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "organisation_id": "01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f", "months": [7], "place": "三塘村党群服务中心",
    "starts_at": "2027-07-01T01:00:00Z", "ends_at": "2027-07-01T03:00:00Z",
}))]
struct CelebrationBody {
    /// The gathering's id, chosen by the client so that a repeated request is known; else the server's choice.
    id: Option<GatheringId>,
    /// Who invites, and those of whom it means.
    organisation_id: OrganisationId,
    /// Whose birthdays: those of these months, one or a quarter.
    #[schema(min_items = 1, max_items = 3)]
    months: Vec<Month>,
    /// What it is called; the months' collective political birthday unless said.
    #[schema(min_length = 1, max_length = 100)]
    title: Option<String>,
    /// What it is about.
    #[schema(max_length = 2000)]
    description: Option<String>,
    /// Where; this or `link` is needed.
    #[schema(max_length = 200)]
    place: Option<String>,
    /// An `https` address to join from afar; this or `place` is needed.
    #[schema(max_length = 500)]
    link: Option<String>,
    /// When it begins.
    starts_at: DateTime<Utc>,
    /// When it ends: at most 72 hours later.
    ends_at: DateTime<Utc>,
}

/// A month, 1 to 12.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[schema(value_type = u8, minimum = 1, maximum = 12, example = 7)]
struct Month(u8);

impl Input for CelebrationBody {
    type Meaning = Planned;

    fn read(self, faults: &mut Faults) -> Option<Planned> {
        let appointment = Appointment {
            begins: self.starts_at,
            ends: self.ends_at,
            place: said(self.place),
            link: said(self.link),
        };
        check(&appointment, faults);
        let months: Vec<u8> = self.months.iter().map(|month| month.0).collect();
        for (at, month) in months.iter().enumerate() {
            if months.iter().take(at).any(|other| other == month) {
                faults.add(&format!("/months/{at}"), "item_twice");
            }
        }
        let title = said(self.title).unwrap_or_else(|| {
            let names: Vec<_> = months.iter().map(ToString::to_string).collect();
            format!("{}月集体政治生日", names.join("、"))
        });
        let organisation = self.organisation_id;
        let clauses = months
            .into_iter()
            .map(|month| Clause::PoliticalBirthday(organisation, month));
        let new = NewGathering {
            id: GatheringId(uuid::Uuid::nil()),
            organisation,
            kind: GatheringKind::CollectiveBirthday,
            title,
            description: said(self.description),
            appointment,
            learning_minutes: None,
            lecturer: None,
            audience: clauses.collect(),
            rule: None,
        };
        Some((self.id, new))
    }
}

/// Make one gathering of the list of one to three months (集体政治生日), in one step: it means exactly those on it.
///
/// They are invited as to any gathering. The same `id` again answers the gathering and changes nothing.
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["ManageGatherings"])),
    request_body = CelebrationBody,
    responses((status = 201, body = GatheringView)),
)]
#[post("/v1/political-birthdays")]
pub(crate) async fn celebrate(
    May(scope): May<ManageGatherings>,
    store: Data<Store>,
    Body(planned): Body<CelebrationBody>,
) -> Result<Tagged<GatheringView>, Failure> {
    let record = store
        .write(move |tx| {
            let new = whole(tx, planned);
            gatherings::plan(tx, &scope, &new)
        })
        .await?;
    Ok(Tagged::created(GatheringView::of(record, store.now())))
}
