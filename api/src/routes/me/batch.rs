//! The member's check-ins of a time without a network, sent at once.
use actix_web::post;
use actix_web::web::{Data, Json};
use domain::access::ReportOwnMoves;
use domain::checkin::CheckIn;
use persistence::{Store, StoreError, checkins};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::extract::{Body, Faults, Input, Language, May, TraceId, body};
use crate::openapi::Routes;
use crate::problem::{Failure, Problem};
use crate::routes::kite::{CheckInBody, ReceiptView};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(check_in_many);
}

/// Check-ins of a time without a network, in any order.
#[derive(ToSchema, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read by the contract only: each item is judged by itself")]
pub(crate) struct CheckInBatch {
    /// The check-ins; the same one may be among them more than once.
    #[schema(min_items = 1, max_items = 100)]
    items: Vec<CheckInBody>,
}

/// The same, as it is read: an item with a fault refuses no other.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnyItems {
    #[schema(min_items = 1, max_items = 100)]
    items: Vec<Value>,
}

impl Input for AnyItems {
    type Meaning = Vec<Value>;

    fn read(self, _: &mut Faults) -> Option<Vec<Value>> {
        Some(self.items)
    }
}

/// What became of the items, in their order.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchView {
    /// One result an item.
    results: Vec<ItemView>,
}

/// What became of one item.
#[derive(Serialize, ToSchema)]
pub(crate) struct ItemView {
    /// The item's id; null where it has none that can be read.
    id: Option<Uuid>,
    /// 201 recorded, 200 it was here before, 409 there is no journey to check in for, 422 it has faults.
    #[schema(minimum = 200, maximum = 422, example = 201)]
    status: u16,
    /// As a single check-in is answered.
    receipt: Option<ReceiptView>,
    /// As a single check-in is refused; pointers are those into the item.
    #[schema(example = json!(null))]
    problem: Option<Problem>,
}

/// An item that was read, or what is wrong with it.
struct Item {
    id: Option<Uuid>,
    read: Result<CheckIn, Failure>,
}

impl Item {
    fn of(value: Value) -> Self {
        let id = value.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let read = body::read::<CheckInBody>(value);
        Self { id, read }
    }
}

/// Send many check-ins (报到) at once.
///
/// For a phone that was without a network. Each item is taken or refused by itself, as if it had been sent alone, in the
/// order of `recorded_at` whatever the order of the items; one that is older than the newest known contact moves no due
/// date back. The whole may be sent again: what is here already answers 200 and changes nothing. A clock that is ahead,
/// or behind by more than a year, is not believed: the check-in counts as of now, and is marked `clock_doubtful`.
#[utoipa::path(
    tag = "me",
    security(("token" = ["ReportOwnMoves"])),
    request_body = CheckInBatch,
    responses((status = 200, description = "A result for each item", body = BatchView)),
)]
#[post("/v1/me/checkins/batch")]
pub(crate) async fn check_in_many(
    May(scope): May<ReportOwnMoves>,
    store: Data<Store>,
    language: Language,
    trace: TraceId,
    Body(items): Body<AnyItems>,
) -> Result<Json<BatchView>, Failure> {
    let items: Vec<_> = items.into_iter().map(Item::of).collect();
    let good: Vec<_> = items
        .iter()
        .filter_map(|item| item.read.as_ref().ok().cloned())
        .collect();
    let outcomes = store.write(move |tx| checkins::record_many(tx, &scope, &good)).await?;
    let mut outcomes = outcomes.into_iter();
    let view = |Item { id, read }: Item| {
        let outcome = match read {
            Ok(_) => outcomes.next().unwrap_or(Err(StoreError::Stale)).map_err(Failure::from),
            Err(failure) => Err(failure),
        };
        match outcome.map(ReceiptView::from) {
            Ok(receipt) => ItemView {
                id,
                status: receipt.status().as_u16(),
                receipt: Some(receipt),
                problem: None,
            },
            Err(failure) => ItemView {
                id,
                status: failure.status().as_u16(),
                receipt: None,
                problem: Some(failure.problem(language, &trace.0)),
            },
        }
    };
    Ok(Json(BatchView {
        results: items.into_iter().map(view).collect(),
    }))
}
