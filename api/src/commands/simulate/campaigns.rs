//! Campaigns around the Spring Festival: opened by committees weeks before, closed with a report, or called off.
use chrono::{Datelike as _, Days, NaiveDate};
use domain::access::{ManageCampaigns, ReadCampaigns, Scope};
use domain::calendar::Festival;
use domain::campaign::{Command, Feast, StateName};
use domain::id::CampaignId;
use persistence::campaigns::{self, NewCampaign};
use persistence::{StoreError, Tx};

use super::cast::{Committee, may};
use super::life::{Deed, Hour, Life};

#[derive(Debug, Clone, Copy)]
pub(super) enum Campaign {
    /// A committee plans one for the next Spring Festival, and opens it; the place is the committee's.
    Open,
    /// It is over.
    Close,
    CallOff,
}

/// A campaign, and the place of the committee whose it is.
pub(super) type Opened = (CampaignId, usize);

/// Plans the openings, forty days before each Spring Festival.
pub(super) fn begin(life: &mut Life) {
    for festival in (life.today.year()..=life.until.year() + 1).filter_map(spring) {
        let day = festival - Days::new(40);
        for committee in 0..life.cast.committees.len() {
            if day > life.today {
                life.on(day, Hour::Office, Deed::Campaign(Campaign::Open, committee));
            }
        }
    }
}

fn spring(year: i32) -> Option<NaiveDate> {
    Festival::SpringFestival.date_in(year)
}

pub(super) fn happens(life: &mut Life, tx: &mut Tx<'_>, deed: Campaign, of: usize) -> Result<(), StoreError> {
    match deed {
        Campaign::Open => open(life, tx, of),
        Campaign::Close => settle(life, tx, of, Command::Close),
        Campaign::CallOff => settle(life, tx, of, |on| Command::Cancel {
            on,
            reason: "与上级活动合并".to_owned(),
        }),
    }
}

fn committee(life: &Life, at: usize) -> Result<Committee, StoreError> {
    let found = life.cast.committees.get(at).cloned();
    found.ok_or(StoreError::NotFound("committee"))
}

fn open(life: &mut Life, tx: &mut Tx<'_>, of: usize) -> Result<(), StoreError> {
    let committee = committee(life, of)?;
    let year = (life.today + Days::new(40)).year();
    let feast = Feast::of(Festival::SpringFestival, year).ok_or(StoreError::NotFound("festival"))?;
    let new = NewCampaign {
        id: tx.fresh(),
        organisation: committee.id,
        feast,
        title: None,
        window: None,
        audience: None,
        prompts: None,
        activities: None,
    };
    let scope: Scope<ManageCampaigns> = may(&committee.office)?;
    let planned = campaigns::create(tx, &scope, new)?.campaign;
    let opened = campaigns::apply(tx, &scope, (planned.id, planned.version), |_, today| {
        Command::Open(today)
    })?;
    life.count("campaigns opened");
    let at = life.campaigns.len();
    life.campaigns.push((planned.id, of));
    if life.dice.chance(100) {
        life.within((3, 30), Hour::Office, Deed::Campaign(Campaign::CallOff, at));
    }
    let over = opened.campaign.plan.window.until + life.dice.days(1, 10);
    life.on(over, Hour::Office, Deed::Campaign(Campaign::Close, at));
    Ok(())
}

fn settle(
    life: &mut Life,
    tx: &mut Tx<'_>,
    of: usize,
    command: impl FnOnce(NaiveDate) -> Command,
) -> Result<(), StoreError> {
    let (id, at) = life
        .campaigns
        .get(of)
        .copied()
        .ok_or(StoreError::NotFound("campaign"))?;
    let committee = committee(life, at)?;
    let (reads, scope): (Scope<ReadCampaigns>, Scope<ManageCampaigns>) =
        (may(&committee.office)?, may(&committee.office)?);
    let campaign = campaigns::find(tx, &reads, id)?.campaign;
    if campaign.state.name() != StateName::Open {
        return Ok(());
    }
    let settled = campaigns::apply(tx, &scope, (id, campaign.version), |_, today| command(today))?;
    life.count(if settled.campaign.state.name() == StateName::Closed {
        "campaigns closed"
    } else {
        "campaigns called off"
    });
    Ok(())
}
