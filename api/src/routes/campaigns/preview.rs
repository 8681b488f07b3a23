//! Who gets what and when, before anything is planned.
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::NaiveDate;
use domain::access::ManageCampaigns;
use domain::campaign::Due;
use domain::id::{JourneyId, MemberId, OrganisationId};
use domain::notification::Channel;
use domain::phone::Phone;
use notifications::templates::Templates;
use notifications::text_of;
use persistence::campaigns::{self, Ahead, Invited, Totals};
use persistence::{Position, Store};
use serde::Serialize;
use utoipa::ToSchema;

use super::plan::CampaignPath;
use crate::extract::{CursorKey, May, Page, PageQuery, Query, cut};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::rosters::place;
use crate::routes::kite::Named;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(count);
}

/// A prompt that is to be said.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PromptAhead {
    /// The day.
    #[schema(example = "2027-01-07")]
    on: NaiveDate,
    /// So many days before the festival.
    #[schema(example = 30)]
    days_before: u16,
    /// What is said, in one line, in the language in which the member is written to.
    #[schema(example = "春节快到了，今年回家吗？")]
    title: String,
    /// What is said, with the campaign's own words where it has some, as it would be sent now.
    #[schema(example = "王芳同志：\n\n距春节（2027年2月6日）还有30天，三塘村党支部盼着您回家看看。")]
    body: String,
}

impl PromptAhead {
    fn of(ahead: &Ahead, templates: &Templates) -> Result<Self, Failure> {
        let text = text_of(templates, &ahead.claimed, &ahead.facts, ahead.on);
        let text = text.map_err(|error| Failure::Internal(error.to_string()))?;
        Ok(Self {
            on: ahead.on,
            days_before: ahead.days_before,
            title: text.subject,
            body: text.body,
        })
    }
}

/// Somebody whom the prompts of a campaign reach.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitedView {
    /// The member.
    member_id: MemberId,
    /// 姓名.
    #[schema(example = "王芳")]
    name: String,
    /// 手机号码, masked.
    #[schema(example = "199****0001")]
    phone: Option<String>,
    /// The branch from which the member is away.
    organisation: Named<OrganisationId>,
    /// The journey.
    journey_id: JourneyId,
    /// Where the member is, in words.
    #[schema(example = "上海市浦东新区 建筑工地")]
    destination: String,
    /// The language in which the member is written to.
    #[schema(example = "zh-CN")]
    language: String,
    /// How.
    channels: Vec<Channel>,
    /// When, and what is said.
    prompts: Vec<PromptAhead>,
}

impl InvitedView {
    fn of(invited: Invited, templates: &Templates) -> Result<Self, Failure> {
        let prompts = invited.prompts.iter().map(|one| PromptAhead::of(one, templates));
        let prompts = prompts.collect::<Result<_, _>>()?;
        let email = invited.by_email.then_some(Channel::Email);
        Ok(Self {
            member_id: invited.member,
            name: invited.name,
            phone: invited.phone.as_ref().map(Phone::masked),
            organisation: Named {
                id: invited.organisation.0,
                name: invited.organisation.1,
            },
            journey_id: invited.journey,
            destination: place(&invited.destination),
            language: invited.language,
            channels: [Some(Channel::Inbox), email].into_iter().flatten().collect(),
            prompts,
        })
    }
}

/// List whom the prompts reach that a campaign has still to say, as things are now, in the order of the tree: by which
/// channels, on which days, and in which words. A draft is looked at as if it were opened today.
///
/// Members of organisations below that have opened a campaign of their own for the festival are not among them.
#[utoipa::path(
    tag = "campaigns",
    security(("token" = ["ManageCampaigns"])),
    params(CampaignPath, PageQuery),
    responses((status = 200, body = Page<InvitedView>)),
)]
#[get("/v1/campaigns/{id}/preview")]
pub(crate) async fn list(
    May(scope): May<ManageCampaigns>,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    templates: Data<Templates>,
    path: Path<CampaignPath>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (limit, after) = (page.limit()?, page.position::<Position>(&cursors)?);
    let rows = store
        .read(move |tx| campaigns::preview(tx, &scope, path.id, after.as_ref(), limit + 1))
        .await?;
    let (rows, next_cursor) = cut(rows, limit, &cursors, |one: &Invited| one.position.clone())?;
    let items = rows.into_iter().map(|one| InvitedView::of(one, &templates));
    let items = items.collect::<Result<_, _>>()?;
    Ok(Page::<InvitedView> { items, next_cursor }.answer(&request))
}

/// A day of a preview.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewDay {
    /// The day.
    #[schema(example = "2027-01-07")]
    on: NaiveDate,
    /// So many days before the festival.
    #[schema(example = 30)]
    days_before: u16,
    /// Members who are asked.
    #[schema(example = 756)]
    members: i64,
    /// Of them, those who get an e-mail besides the message in the app.
    #[schema(example = 320)]
    by_email: i64,
}

/// An organisation of a preview, with those below it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewOrganisation {
    /// Which.
    organisation: Named<OrganisationId>,
    /// Members who are asked, each time.
    #[schema(example = 64)]
    members: i64,
    /// Of them, those who get an e-mail besides the message in the app.
    #[schema(example = 20)]
    by_email: i64,
}

/// How many a campaign's prompts reach, by day and by organisation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewTotals {
    /// Each day with a prompt, the earliest first.
    days: Vec<PreviewDay>,
    /// Each organisation one level down, and the campaign's own where it has members itself.
    organisations: Vec<PreviewOrganisation>,
}

impl PreviewTotals {
    fn of(totals: Totals, today: NaiveDate) -> Self {
        let (members, by_email) = (totals.members, totals.by_email);
        let day = |due: Due<'_>| PreviewDay {
            on: due.on,
            days_before: due.prompt.days_before,
            members,
            by_email,
        };
        let days = totals.record.campaign.prompts_ahead(today).into_iter();
        let organisations = totals.organisations.into_iter();
        Self {
            days: days.map(day).collect(),
            organisations: organisations
                .map(|(place, members, by_email)| PreviewOrganisation {
                    organisation: Named {
                        id: place.id,
                        name: place.name,
                    },
                    members,
                    by_email,
                })
                .collect(),
        }
    }
}

/// Count whom the prompts reach that a campaign has still to say, by day and by organisation one level down.
#[utoipa::path(
    tag = "campaigns",
    security(("token" = ["ManageCampaigns"])),
    params(CampaignPath),
    responses((status = 200, body = PreviewTotals)),
)]
#[get("/v1/campaigns/{id}/preview/totals")]
pub(crate) async fn count(
    May(scope): May<ManageCampaigns>,
    store: Data<Store>,
    path: Path<CampaignPath>,
) -> Result<HttpResponse, Failure> {
    let totals = store.read(move |tx| campaigns::totals(tx, &scope, path.id)).await?;
    Ok(HttpResponse::Ok().json(PreviewTotals::of(totals, store.today())))
}
