//! Gatherings for calendars (RFC 5545): instants in UTC, an id that stays, a sequence that grows with each change.
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use chrono::{DateTime, Utc};
use domain::access::ReadGatherings;
use domain::gathering::{Gathering, State};
use icalendar::{Calendar, CalendarDateTime, Component as _, Event, EventLike as _, EventStatus, Property};
use persistence::{Store, gatherings};

use super::GatheringPath;
use crate::extract::{Language, May};
use crate::openapi::Routes;
use crate::problem::Failure;

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(show);
}

/// The media type of calendars.
const CALENDAR: &str = "text/calendar; charset=utf-8";

/// What a calendar needs of a gathering.
pub(crate) struct Entry<'a> {
    pub(crate) gathering: &'a Gathering,
    pub(crate) organisation: &'a str,
    pub(crate) lecturer: Option<&'a str>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// The calendar of these gatherings, in the reader's language.
pub(crate) fn calendar<'a>(entries: impl Iterator<Item = Entry<'a>>, language: Language) -> String {
    let mut calendar = Calendar::empty();
    for (key, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Kiteline//Gatherings//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
    ] {
        calendar.append_property(Property::new(key, value));
    }
    calendar.name(match language {
        Language::Chinese => "流动党员活动",
        Language::English => "Gatherings",
    });
    for entry in entries {
        calendar.push(event(&entry, language));
    }
    calendar.to_string()
}

fn event(entry: &Entry<'_>, language: Language) -> Event {
    let gathering = entry.gathering;
    let appointment = &gathering.appointment;
    let mut event = Event::with_uid(&format!("gathering-{}@kiteline", gathering.id));
    event
        .summary(&gathering.title)
        .starts(CalendarDateTime::Utc(appointment.begins))
        .ends(CalendarDateTime::Utc(appointment.ends))
        .timestamp(entry.updated_at)
        .last_modified(entry.updated_at)
        .sequence(u32::try_from(gathering.version - 1).unwrap_or(0))
        .description(&description(entry, language));
    if let Some(place) = appointment.place.as_deref().or(appointment.link.as_deref()) {
        event.location(place);
    }
    if let Some(link) = &appointment.link {
        event.url(link);
    }
    let status = match gathering.state {
        State::Cancelled { .. } => EventStatus::Cancelled,
        State::Planned | State::Held => EventStatus::Confirmed,
    };
    event.status(status).done()
}

fn description(entry: &Entry<'_>, language: Language) -> String {
    let gathering = entry.gathering;
    let chinese = language == Language::Chinese;
    let kind = if chinese {
        gathering.kind.zh()
    } else {
        gathering.kind.en()
    };
    let lecturer = entry.lecturer.map(|name| {
        if chinese {
            format!("主讲：{name}")
        } else {
            format!("Lecturer: {name}")
        }
    });
    let reason = match &gathering.state {
        State::Cancelled { reason } => Some(reason.clone()),
        State::Planned | State::Held => None,
    };
    let lines = [
        Some(format!("{kind} · {}", entry.organisation)),
        reason,
        lecturer,
        gathering.description.clone(),
    ];
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// A calendar as an answer.
pub(crate) fn written(calendar: String) -> HttpResponse {
    HttpResponse::Ok().content_type(CALENDAR).body(calendar)
}

/// A gathering for a calendar (`.ics`).
#[utoipa::path(
    tag = "gatherings",
    security(("token" = ["ReadGatherings"])),
    params(GatheringPath),
    responses((status = 200, body = String, content_type = "text/calendar")),
)]
#[get("/v1/gatherings/{id}/calendar.ics")]
pub(crate) async fn show(
    May(scope): May<ReadGatherings>,
    store: Data<Store>,
    language: Language,
    path: Path<GatheringPath>,
) -> Result<HttpResponse, Failure> {
    let record = store.read(move |tx| gatherings::find(tx, &scope, path.id)).await?;
    let entry = Entry {
        gathering: &record.gathering,
        organisation: &record.organisation_name,
        lecturer: record.lecturer_name.as_deref(),
        updated_at: record.updated_at,
    };
    Ok(written(calendar([entry].into_iter(), language)))
}
