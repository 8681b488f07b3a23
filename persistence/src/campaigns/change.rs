//! A campaign is planned, led through its states, and copied for another year.
use chrono::NaiveDate;
use diesel::prelude::*;
use domain::access::{ManageCampaigns, Scope, Who};
use domain::calendar::Festival;
use domain::campaign::{
    Activity, Audience, Campaign, Command, Effect, Feast, Plan, Prompt, State, Verb, Window, usual_prompts,
};
use domain::id::{CampaignId, OrganisationId};
use serde_json::json;

use super::row::{Changed, Row};
use super::{CampaignRecord, by_id, led, report};
use crate::db::each;
use crate::organisations;
use crate::schema::campaigns;
use crate::settings;
use crate::trail::{self, NewAudit};
use crate::types::Id;
use crate::{StoreError, Tx};

/// A campaign to be planned; what is absent is as usual for the festival and the organisation.
#[derive(Debug, Clone)]
pub struct NewCampaign {
    /// Its id.
    pub id: CampaignId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Around which festival.
    pub feast: Feast,
    /// Its name.
    pub title: Option<String>,
    /// Its days.
    pub window: Option<Window>,
    /// Whom it means.
    pub audience: Option<Audience>,
    /// When they are asked.
    pub prompts: Option<Vec<Prompt>>,
    /// What is to be done.
    pub activities: Option<Vec<Activity>>,
}

/// Plans a campaign for an organisation of the scope. An id that is there already answers that campaign and changes
/// nothing.
///
/// # Errors
/// [`StoreError::Invalid`] for an organisation outside, or an id that is another's; [`StoreError::Faults`] with every fault
/// of the plan.
pub fn create(tx: &mut Tx<'_>, scope: &Scope<ManageCampaigns>, new: NewCampaign) -> Result<CampaignRecord, StoreError> {
    let organisation = inside(tx, scope, new.organisation)?;
    if let Some(known) = known(tx, scope, new.id)? {
        return Ok(known);
    }
    let activities = match (new.activities, new.feast.festival) {
        (Some(activities), _) => activities,
        (None, Festival::SpringFestival) => settings::at(tx, &organisation.path)?.campaign_activities,
        (None, _) => Vec::new(),
    };
    let usual = new.feast.window().unwrap_or(Window {
        from: new.feast.on,
        until: new.feast.on,
    });
    let Feast { festival, year, .. } = new.feast;
    let (window, audience) = (new.window.unwrap_or(usual), new.audience.unwrap_or_default());
    let plan = Plan {
        title: new.title.unwrap_or_else(|| format!("{year}年{}", festival.zh())),
        prompts: new
            .prompts
            .unwrap_or_else(|| usual_prompts(new.feast, window, &audience)),
        window,
        audience,
        activities,
    };
    check(&plan, new.feast)?;
    let campaign = Campaign {
        id: new.id,
        organisation: organisation.id,
        feast: new.feast,
        plan,
        state: State::Draft,
        copied_from: None,
        version: 1,
    };
    insert(tx, scope, organisation, campaign)
}

/// Plans a campaign anew for another year.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Invalid`] for a year that the calendar does not know, or an id
/// that is another's.
pub fn copy(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageCampaigns>,
    id: CampaignId,
    (new, year): (CampaignId, Option<i32>),
) -> Result<CampaignRecord, StoreError> {
    let source = led(tx, scope, id)?.campaign;
    let organisation = inside(tx, scope, source.organisation)?;
    if let Some(known) = known(tx, scope, new)? {
        return Ok(known);
    }
    let copied = source.copied(new, year.unwrap_or(source.feast.year + 1));
    let campaign = copied.ok_or(StoreError::Invalid {
        field: "/year",
        code: "no_such_year",
    })?;
    insert(tx, scope, organisation, campaign)
}

/// The organisation, which stays where it is until the transaction ends.
fn inside(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageCampaigns>,
    id: OrganisationId,
) -> Result<organisations::Organisation, StoreError> {
    let unknown = StoreError::Invalid {
        field: "/organisation_id",
        code: "unknown_organisation",
    };
    match organisations::held(tx, id) {
        Ok(found) if scope.covers(&found.path) => Ok(found),
        Ok(_) | Err(StoreError::NotFound(_)) => Err(unknown),
        Err(error) => Err(error),
    }
}

/// The campaign that has this id already.
fn known(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageCampaigns>,
    id: CampaignId,
) -> Result<Option<CampaignRecord>, StoreError> {
    match by_id(tx, id) {
        Ok(known) if scope.covers(&known.path) => Ok(Some(known)),
        Ok(_) => Err(StoreError::Invalid {
            field: "/id",
            code: "taken",
        }),
        Err(StoreError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn check(plan: &Plan, feast: Feast) -> Result<(), StoreError> {
    StoreError::unless_none(plan.faults(feast))
}

fn insert(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageCampaigns>,
    organisation: organisations::Organisation,
    campaign: Campaign,
) -> Result<CampaignRecord, StoreError> {
    let record = CampaignRecord {
        campaign,
        organisation_name: organisation.name,
        path: organisation.path,
        created_by: scope.who().name.clone(),
        created_at: tx.now(),
    };
    let row = Row::of(&record)?;
    each!(tx.db, c => diesel::insert_into(campaigns::table).values(&row).execute(c))?;
    note(tx, scope.who(), &record, "campaign_planned")?;
    Ok(record)
}

/// Applies a command to a campaign of the scope; what `command` answers may depend on the campaign and on today.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when its version moved, [`StoreError::Refused`] and
/// [`StoreError::Incomplete`] by the domain, [`StoreError::Faults`] with every fault of a changed plan,
/// [`StoreError::Invalid`] when the organisation has another campaign open for the festival.
pub fn apply(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageCampaigns>,
    (id, seen): (CampaignId, i32),
    command: impl FnOnce(&Campaign, NaiveDate) -> Command,
) -> Result<CampaignRecord, StoreError> {
    let before = led(tx, scope, id)?;
    if before.campaign.version != seen {
        return Err(StoreError::Stale);
    }
    let command = command(&before.campaign, tx.today());
    if let Command::Change(plan) = &command {
        check(plan, before.campaign.feast)?;
    }
    let allowed = verbs(&before.campaign.state);
    let (after, effects) = before.campaign.apply(command).map_err(|refused| {
        let over = refused.over_since.map(|day| ("window_over", day.to_string()));
        StoreError::not_possible(
            (refused.state.as_str(), refused.verb.as_str()),
            over.into_iter(),
            allowed,
        )
    })?;
    let changed = Changed::of(&after, tx.at())?;
    let one = campaigns::table
        .filter(campaigns::id.eq(Id::of(id)))
        .filter(campaigns::version.eq(seen));
    if each!(tx.db, c => diesel::update(one).set(&changed).execute(c))? == 0 {
        return Err(StoreError::Stale);
    }
    let record = CampaignRecord {
        campaign: after,
        ..by_id(tx, id)?
    };
    for effect in effects {
        match effect {
            Effect::Note(verb) => note(tx, scope.who(), &record, action(verb))?,
            Effect::FreezeReport => report::freeze(tx, scope.who(), &record)?,
        }
    }
    Ok(record)
}

fn verbs(state: &State) -> Vec<&'static str> {
    state.allowed().iter().map(|verb| verb.as_str()).collect()
}

/// The word under which a transition stands in the audit trail.
const fn action(verb: Verb) -> &'static str {
    match verb {
        Verb::Change => "campaign_changed",
        Verb::Open => "campaign_opened",
        Verb::Close => "campaign_closed",
        Verb::Cancel => "campaign_cancelled",
    }
}

fn note(tx: &mut Tx<'_>, who: &Who, record: &CampaignRecord, action: &str) -> Result<(), StoreError> {
    let Campaign { feast, plan, state, .. } = &record.campaign;
    let detail = json!({
        "festival": feast.festival, "year": feast.year, "title": plan.title, "reason": state.reason(),
        "copied_from": record.campaign.copied_from,
    });
    let audit = NewAudit {
        action,
        subject: Some(record.campaign.id.0),
        path: Some(&record.path),
        detail: Some(detail),
        ..NewAudit::default()
    };
    trail::record(tx, who, audit)
}
