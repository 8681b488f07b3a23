//! Tells the addresses of what has happened, in the transaction that made it happen: [`crate::trail`] calls here with
//! every entry that is an event.
use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use domain::id::{DeliveryId, OrgPath};
use domain::webhook::{
    CampaignTold, DeliveryState, Event, EventKind, GatheringTold, HandoverTold, JourneyTold, MemberTold,
    OrganisationTold, ServiceRequestTold, StayTold, Subject, Told, WebhookState,
};
use uuid::Uuid;

use super::read;
use crate::db::each;
use crate::schema::{
    campaigns, gatherings, handovers, journeys, members, organisations, service_requests, stays,
    webhook_deliveries as deliveries, webhooks,
};
use crate::types::Id;
use crate::{StoreError, Tx};

/// Something that has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Happening {
    /// What.
    pub(crate) kind: EventKind,
    /// To what.
    pub(crate) subject: Uuid,
    /// Where the subject stood before, where it has moved: there it is told as well.
    pub(crate) left: Option<OrgPath>,
}

/// Rows of one statement: far from the number of values that either engine takes.
const CHUNK: usize = 1_000;

/// An address that listens.
struct Listener {
    id: Id,
    path: OrgPath,
    events: Vec<EventKind>,
}

/// What is said about a subject, and where it stands.
struct Facts {
    told: Told,
    paths: Vec<OrgPath>,
}

/// Tells every address that wants to know. One query when nobody listens; else one a kind of subject, and two more.
pub(crate) fn happened(tx: &mut Tx<'_>, happenings: &[Happening]) -> Result<(), StoreError> {
    if happenings.is_empty() {
        return Ok(());
    }
    let listeners: Vec<Listener> = listeners(tx)?;
    let wanted: Vec<&Happening> = happenings
        .iter()
        .filter(|one| listeners.iter().any(|listener| listener.events.contains(&one.kind)))
        .collect();
    for chunk in wanted.chunks(CHUNK) {
        tell(tx, &listeners, chunk)?;
    }
    Ok(())
}

fn listeners(tx: &mut Tx<'_>) -> Result<Vec<Listener>, StoreError> {
    let rows: Vec<(Id, String, String)> = webhooks::table
        .filter(webhooks::state.eq(WebhookState::Active.as_str()))
        .select((webhooks::id, webhooks::path, webhooks::events))
        .load(tx.db)?;
    let one = |(id, path, events): (Id, String, String)| {
        Ok(Listener {
            id,
            path: path.parse().map_err(StoreError::corrupt)?,
            events: read(&events)?,
        })
    };
    rows.into_iter().map(one).collect()
}

fn tell(tx: &mut Tx<'_>, listeners: &[Listener], happenings: &[&Happening]) -> Result<(), StoreError> {
    let facts = facts(tx, happenings)?;
    let mut told = Vec::new();
    for happening in happenings {
        let Some(facts) = facts.get(&(happening.kind.subject(), happening.subject)) else {
            continue;
        };
        let hears = |listener: &&Listener| {
            let mut places = facts.paths.iter().chain(&happening.left);
            listener.events.contains(&happening.kind) && places.any(|place| listener.path.contains(place))
        };
        let hearing: Vec<Id> = listeners.iter().filter(hears).map(|listener| listener.id).collect();
        if hearing.is_empty() {
            continue;
        }
        let event = Event {
            kind: happening.kind,
            timestamp: tx.now(),
            data: facts.told.clone(),
        };
        let body = serde_json::to_string(&event).map_err(StoreError::corrupt)?;
        told.extend(hearing.into_iter().map(|to| (to, *happening, body.clone())));
    }
    enqueue(tx, &told)
}

/// Writes what is to be sent, each behind what the address has been told about the same subject before.
fn enqueue(tx: &mut Tx<'_>, told: &[(Id, &Happening, String)]) -> Result<(), StoreError> {
    let subjects = told.iter().map(|(_, happening, _)| happening.subject).collect();
    let mut places = places(tx, subjects)?;
    for chunk in told.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|(to, happening, body)| {
                let place = places.entry((*to, Id(happening.subject))).or_default();
                *place += 1;
                row(tx, *to, (happening.kind, happening.subject), *place, body)
            })
            .collect();
        each!(tx.db, c => diesel::insert_into(deliveries::table).values(&rows).execute(c))?;
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = deliveries)]
pub(super) struct NewRow {
    pub(super) id: Id,
    webhook_id: Id,
    event: &'static str,
    subject_id: Id,
    place: i32,
    body: String,
    state: &'static str,
    attempts: i32,
    not_before: chrono::NaiveDateTime,
    created_at: chrono::NaiveDateTime,
}

pub(super) fn row(tx: &Tx<'_>, to: Id, (kind, subject): (EventKind, Uuid), place: i32, body: &str) -> NewRow {
    NewRow {
        id: Id::of(tx.fresh::<DeliveryId>()),
        webhook_id: to,
        event: kind.as_str(),
        subject_id: Id(subject),
        place,
        body: body.to_owned(),
        state: DeliveryState::Waiting.as_str(),
        attempts: 0,
        not_before: tx.at(),
        created_at: tx.at(),
    }
}

/// The last place of each of these subjects with each address.
fn places(tx: &mut Tx<'_>, subjects: Vec<Uuid>) -> Result<HashMap<(Id, Id), i32>, StoreError> {
    let rows: Vec<(Id, Id, Option<i32>)> = deliveries::table
        .filter(deliveries::webhook_id.eq_any(webhooks::table.select(webhooks::id)))
        .filter(deliveries::subject_id.eq_any(subjects.into_iter().map(Id)))
        .group_by((deliveries::webhook_id, deliveries::subject_id))
        .select((
            deliveries::webhook_id,
            deliveries::subject_id,
            diesel::dsl::max(deliveries::place),
        ))
        .load(tx.db)?;
    let one = |(to, subject, place): (Id, Id, Option<i32>)| ((to, subject), place.unwrap_or_default());
    Ok(rows.into_iter().map(one).collect())
}

type Found = HashMap<(Subject, Uuid), Facts>;

/// What there is to be said about the subjects now. One query a kind of subject.
fn facts(tx: &mut Tx<'_>, happenings: &[&Happening]) -> Result<Found, StoreError> {
    let mut subjects = BTreeMap::<Subject, Vec<Id>>::new();
    for happening in happenings {
        subjects
            .entry(happening.kind.subject())
            .or_default()
            .push(Id(happening.subject));
    }
    let mut found = Found::new();
    for (kind, ids) in subjects {
        let facts = match kind {
            // A ping is told where it is asked for.
            Subject::Webhook => Vec::new(),
            Subject::Member => of_members(tx, ids)?,
            Subject::Journey => of_journeys(tx, ids)?,
            Subject::Stay => of_stays(tx, ids)?,
            Subject::Handover => of_handovers(tx, ids)?,
            Subject::ServiceRequest => of_service_requests(tx, ids)?,
            Subject::Gathering => of_gatherings(tx, ids)?,
            Subject::Campaign => of_campaigns(tx, ids)?,
            Subject::Organisation => of_organisations(tx, ids)?,
        };
        found.extend(facts.into_iter().map(|(id, facts)| ((kind, id.0), facts)));
    }
    Ok(found)
}

fn at(path: &str) -> Result<OrgPath, StoreError> {
    path.parse().map_err(StoreError::corrupt)
}

fn of_members(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<Vec<(Id, Facts)>, StoreError> {
    let rows: Vec<(Id, Id, String)> = members::table
        .filter(members::id.eq_any(ids))
        .select((members::id, members::home_branch_id, members::path))
        .load(tx.db)?;
    let one = |(id, home, path): (Id, Id, String)| {
        let told = Told::Member(MemberTold {
            member_id: id.to(),
            organisation_id: home.to(),
        });
        let paths = vec![at(&path)?];
        Ok((id, Facts { told, paths }))
    };
    rows.into_iter().map(one).collect()
}

/// What is said of things that are one organisation's and stand somewhere: which, whose and where.
macro_rules! standing {
    ($($of:ident: $table:ident, $organisation:ident => $variant:ident($told:ident { $id:ident });)+) => {$(
        fn $of(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<Vec<(Id, Facts)>, StoreError> {
            let rows: Vec<(Id, Id, String, String)> = $table::table
                .filter($table::id.eq_any(ids))
                .select(($table::id, $table::$organisation, $table::path, $table::state))
                .load(tx.db)?;
            let one = |(id, organisation, path, state): (Id, Id, String, String)| {
                let told = Told::$variant($told {
                    $id: id.to(),
                    organisation_id: organisation.to(),
                    state: state.parse().map_err(StoreError::corrupt)?,
                });
                let paths = vec![at(&path)?];
                Ok((id, Facts { told, paths }))
            };
            rows.into_iter().map(one).collect()
        }
    )+};
}

standing! {
    of_journeys: journeys, origin_id => Journey(JourneyTold { journey_id });
    of_stays: stays, host_id => Stay(StayTold { stay_id });
    of_service_requests: service_requests, organisation_id => ServiceRequest(ServiceRequestTold { service_request_id });
    of_gatherings: gatherings, organisation_id => Gathering(GatheringTold { gathering_id });
    of_campaigns: campaigns, organisation_id => Campaign(CampaignTold { campaign_id });
}

fn of_handovers(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<Vec<(Id, Facts)>, StoreError> {
    let rows: Vec<(Id, String, String, Id, String, Id, String)> = handovers::table
        .filter(handovers::id.eq_any(ids))
        .select((
            handovers::id,
            handovers::kind,
            handovers::state,
            handovers::asking_id,
            handovers::asking_path,
            handovers::asked_id,
            handovers::asked_path,
        ))
        .load(tx.db)?;
    let one = |row: (Id, String, String, Id, String, Id, String)| {
        let (id, kind, state, asking, asking_path, asked, asked_path) = row;
        let told = Told::Handover(HandoverTold {
            handover_id: id.to(),
            kind: kind.parse().map_err(StoreError::corrupt)?,
            asking_organisation_id: asking.to(),
            asked_organisation_id: asked.to(),
            state: state.parse().map_err(StoreError::corrupt)?,
        });
        let paths = vec![at(&asking_path)?, at(&asked_path)?];
        Ok((id, Facts { told, paths }))
    };
    rows.into_iter().map(one).collect()
}

fn of_organisations(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<Vec<(Id, Facts)>, StoreError> {
    let rows: Vec<(Id, Option<Id>, String, bool)> = organisations::table
        .filter(organisations::id.eq_any(ids))
        .select((
            organisations::id,
            organisations::parent_id,
            organisations::path,
            organisations::active,
        ))
        .load(tx.db)?;
    let one = |(id, parent, path, active): (Id, Option<Id>, String, bool)| {
        let told = Told::Organisation(OrganisationTold {
            organisation_id: id.to(),
            parent_id: parent.map(Id::to),
            active,
        });
        let paths = vec![at(&path)?];
        Ok((id, Facts { told, paths }))
    };
    rows.into_iter().map(one).collect()
}
