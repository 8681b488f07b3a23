//! Whom the caller looks after as a contact officer, and who is due.
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::LookAfterMembers;
use domain::advice::Advice;
use domain::id::{JourneyId, OrganisationId, StayId};
use domain::phone::Phone;
use persistence::officers::{Charge, ChargePosition};
use persistence::{Store, officers};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::{CursorKey, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::Named;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list);
}

/// Somebody whom the caller looks after.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChargeView {
    /// The journey, of a member who is away; contacts are recorded there.
    journey_id: Option<JourneyId>,
    /// The stay, of somebody who stays with a host; visits are recorded there.
    stay_id: Option<StayId>,
    /// 姓名.
    #[schema(example = "王芳")]
    name: String,
    /// 手机号码, masked.
    #[schema(example = "199****0001")]
    phone: Option<String>,
    /// The origin of the journey, or the host.
    organisation: Named<OrganisationId>,
    /// The journey's or stay's state.
    #[schema(example = "away")]
    state: String,
    /// Where the person is, in the person's words.
    #[schema(example = "浦东工地宿舍")]
    place: Option<String>,
    /// When somebody last heard of the person.
    last_contact_at: Option<DateTime<Utc>>,
    /// The day by which somebody should hear again; none for who is at home, or out of contact.
    #[schema(example = "2027-03-24")]
    due_on: Option<NaiveDate>,
    /// Whether that day has passed.
    overdue: bool,
    /// What is advised about the person.
    advice: Vec<Advice>,
}

impl ChargeView {
    fn of(charge: Charge, today: NaiveDate) -> Self {
        let overdue = charge.is_overdue(today);
        let (id, name) = charge.organisation;
        Self {
            journey_id: charge.journey,
            stay_id: charge.stay,
            name: charge.person.name,
            phone: charge.person.phone.as_ref().map(Phone::masked),
            organisation: Named { id, name },
            state: charge.state,
            place: charge.place,
            last_contact_at: charge.last_contact_at,
            due_on: charge.due_on,
            overdue,
            advice: charge
                .asks_for_phone
                .then_some(Advice::AskForPhone)
                .into_iter()
                .collect(),
        }
    }
}

/// Those whom I look after as a contact officer: members who are away, and people who stay with a host, by the day on
/// which they are due.
///
/// A member who is away is due as the journey says. Who stays with a host is due so many days (`stay_contact_days` of the
/// host) after the admission, the last visit that reached the person, or the last that was heard at home.
#[utoipa::path(
    tag = "officer",
    security(("token" = ["LookAfterMembers"])),
    params(PageQuery),
    responses((status = 200, body = Page<ChargeView>)),
)]
#[get("/v1/officer/members")]
pub(crate) async fn list(
    May(scope): May<LookAfterMembers>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<ChargePosition>(&cursors)?);
    let rows = store
        .read(move |tx| officers::list_own(tx, &scope, after, limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, Charge::position)?;
    let today = store.today();
    let items: Vec<ChargeView> = rows.into_iter().map(|row| ChargeView::of(row, today)).collect();
    Ok(Page { items, next_cursor }.answer(&request))
}
