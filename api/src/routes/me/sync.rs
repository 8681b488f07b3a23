//! One call that brings the app up to date, however long it was away.
use actix_web::get;
use actix_web::web::{Data, Json};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::access::ReadOwnRecord;
use domain::id::{EntryId, MemberId};
use persistence::inbox::{self, Owner};
use persistence::journeys::Powers;
use persistence::{Store, StoreError, gatherings, journeys, members, requests, service_requests, stays, wishes};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::inbox::MessageView;
use super::record::OwnView;
use crate::extract::{Clearable, CursorKey, InSession, May, Query};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::gatherings::OwnGatheringView;
use crate::routes::kite::JourneyView;
use crate::routes::magnet::StayView;
use crate::routes::requests::RequestView;
use crate::routes::services::{ServiceRequestView, WishView};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(sync);
}

/// The newest messages that an app keeps; older ones are in the inbox.
const MESSAGES: i64 = 50;
/// The newest requests that an app keeps.
const REQUESTS: i64 = 20;
/// The newest wishes that an app keeps.
const WISHES: i64 = 20;
/// The newest service requests that an app keeps.
const SERVICE_REQUESTS: i64 = 20;
/// The latest gatherings that an app keeps.
const GATHERINGS: i64 = 30;
/// Bytes of a part's digest in the cursor.
const DIGEST_BYTES: usize = 12;

/// Since when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct SyncQuery {
    /// `cursor` of the last answer that the app has taken in; without it, everything.
    since: Option<String>,
}

/// What has changed. A part that is absent is as it was; one that is null is not there.
#[derive(Serialize, ToSchema)]
pub(crate) struct SyncView {
    /// For the next call, once this answer is taken in.
    cursor: String,
    /// My record, with settings and what is pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<OwnView>,
    /// My journey: the open one, else the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<JourneyView>)]
    journey: Clearable<JourneyView>,
    /// My stay with a host: the open one, else the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<StayView>)]
    stay: Clearable<StayView>,
    /// My 20 newest requests, newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    requests: Option<Vec<RequestView>>,
    /// My 20 newest wishes, newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    wishes: Option<Vec<WishView>>,
    /// My 20 newest service requests, newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    service_requests: Option<Vec<ServiceRequestView>>,
    /// My 30 latest gatherings, the latest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    gatherings: Option<Vec<OwnGatheringView>>,
    /// What has changed among my 50 newest messages.
    inbox: InboxChanges,
}

/// What has changed in an inbox.
#[derive(Serialize, ToSchema)]
pub(crate) struct InboxChanges {
    /// Messages that are new, or were read since, oldest first.
    items: Vec<MessageView>,
    /// Messages that are gone, or not among the newest any more.
    removed: Vec<EntryId>,
}

/// What an app has: a digest of each part, and the messages with whether they were read. The cursor says it all, so that
/// the server keeps nothing of the app, and a change can be missed by no order in which things are stored.
#[derive(Serialize, Deserialize)]
struct Seen {
    member: MemberId,
    record: String,
    journey: String,
    stay: String,
    requests: String,
    #[serde(default)]
    wishes: String,
    #[serde(default)]
    service_requests: String,
    #[serde(default)]
    gatherings: String,
    /// 16 bytes of id and one of having been read for each message.
    inbox: String,
}

/// Everything that an app keeps, as it is now.
struct Now {
    record: OwnView,
    journey: Option<JourneyView>,
    stay: Option<StayView>,
    requests: Vec<RequestView>,
    wishes: Vec<WishView>,
    service_requests: Vec<ServiceRequestView>,
    gatherings: Vec<OwnGatheringView>,
    inbox: Vec<MessageView>,
}

/// Bring the app up to date.
///
/// Answers what has changed since the answer whose `cursor` is given, on one snapshot: the app replaces the parts that
/// are there, puts the messages in by their ids, and drops those that were removed.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReadOwnRecord"])),
    params(SyncQuery),
    responses((status = 200, body = SyncView)),
)]
#[get("/v1/me/sync")]
pub(crate) async fn sync(
    May(scope): May<ReadOwnRecord>,
    InSession(actor, _): InSession,
    store: Data<Store>,
    cursors: Data<CursorKey>,
    Query(query): Query<SyncQuery>,
) -> Result<Json<SyncView>, Failure> {
    let me = scope.me()?;
    let foreign = |_: Failure| Failure::invalid("?since", "cursor_foreign");
    let seen: Option<Seen> = query
        .since
        .map(|since| cursors.read(&since))
        .transpose()
        .map_err(foreign)?;
    if seen.as_ref().is_some_and(|seen| seen.member != me) {
        return Err(Failure::invalid("?since", "cursor_foreign"));
    }
    let owner = Owner::of(&actor);
    let now = store
        .read(move |tx| {
            let (today, record) = (tx.today(), members::find_own_whole(tx, &scope)?);
            let said = inbox::newest(tx, &owner, MESSAGES)?;
            let asked = requests::list_own(tx, &scope, None, REQUESTS)?;
            let wished = wishes::list_own(tx, &scope, None, WISHES)?;
            let helped = service_requests::list_own(tx, &scope, None, SERVICE_REQUESTS)?;
            let invited = gatherings::list_own(tx, &scope, None, GATHERINGS)?;
            Ok(Now {
                record: record.into(),
                journey: known(journeys::find_own(tx, &scope))?
                    .map(|one| JourneyView::of(one, today, &Powers::of_the_member())),
                stay: known(stays::find_own(tx, &scope))?.map(|one| StayView::of(one, None)),
                requests: asked.into_iter().map(RequestView::from).collect(),
                wishes: wished.into_iter().map(WishView::to_author).collect(),
                service_requests: helped
                    .into_iter()
                    .map(|one| ServiceRequestView::to_asker(one, today))
                    .collect(),
                gatherings: invited.into_iter().map(OwnGatheringView::from).collect(),
                inbox: said.into_iter().map(MessageView::from).collect(),
            })
        })
        .await?;
    changes(now, seen.as_ref(), me, &cursors).map(Json)
}

/// What there may never have been one of.
fn known<T>(found: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(StoreError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn changes(now: Now, before: Option<&Seen>, me: MemberId, cursors: &CursorKey) -> Result<SyncView, Failure> {
    let next = Seen {
        member: me,
        record: digest(&now.record)?,
        journey: digest(&now.journey)?,
        stay: digest(&now.stay)?,
        requests: digest(&now.requests)?,
        wishes: digest(&now.wishes)?,
        service_requests: digest(&now.service_requests)?,
        gatherings: digest(&now.gatherings)?,
        inbox: written(&now.inbox),
    };
    let differs = |part: fn(&Seen) -> &String| before.is_none_or(|seen| part(seen) != part(&next));
    let had = before.map(|seen| read(&seen.inbox)).unwrap_or_default();
    let removed = had.iter().filter(|(id, _)| now.inbox.iter().all(|one| one.id() != *id));
    Ok(SyncView {
        cursor: cursors.write(&next)?,
        inbox: InboxChanges {
            removed: removed.map(|(id, _)| *id).collect(),
            items: now
                .inbox
                .into_iter()
                .filter(|one| !had.contains(&(one.id(), one.is_read())))
                .collect(),
        },
        record: differs(|seen| &seen.record).then_some(now.record),
        journey: differs(|seen| &seen.journey).then_some(now.journey),
        stay: differs(|seen| &seen.stay).then_some(now.stay),
        requests: differs(|seen| &seen.requests).then_some(now.requests),
        wishes: differs(|seen| &seen.wishes).then_some(now.wishes),
        service_requests: differs(|seen| &seen.service_requests).then_some(now.service_requests),
        gatherings: differs(|seen| &seen.gatherings).then_some(now.gatherings),
    })
}

fn digest(part: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_vec(part).map_err(|error| Failure::Internal(error.to_string()))?;
    let digest = Sha256::digest(&text);
    Ok(URL_SAFE_NO_PAD.encode(digest.get(..DIGEST_BYTES).unwrap_or_default()))
}

fn written(messages: &[MessageView]) -> String {
    let bytes = messages.iter().flat_map(|one| {
        let id = Uuid::from(one.id()).into_bytes();
        id.into_iter().chain([u8::from(one.is_read())])
    });
    URL_SAFE_NO_PAD.encode(bytes.collect::<Vec<_>>())
}

fn read(text: &str) -> Vec<(EntryId, bool)> {
    let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
    let messages = bytes.chunks_exact(17).filter_map(|message| {
        let (read, id) = message.split_last()?;
        Some((EntryId(Uuid::from_slice(id).ok()?), *read == 1))
    });
    messages.collect()
}
