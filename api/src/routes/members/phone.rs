//! A member's telephone number that does not work any more.
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::NaiveDate;
use domain::access::{ManageMembers, ReadMembers};
use domain::contact::PhoneTrouble;
use domain::id::OrganisationId;
use domain::phone::Phone;
use persistence::Store;
use persistence::phones::{self, PhoneRecord};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::MemberPath;
use crate::extract::{Body, Faults, Input, May};
use crate::openapi::Routes;
use crate::problem::Failure;
use crate::routes::kite::{Named, said};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(show).service(mark).service(ask_host);
}

/// What is known of a member's telephone number.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PhoneView {
    /// 手机号码, masked.
    #[schema(example = "199****0001")]
    phone: Option<String>,
    /// That it does not work any more; a new number ends it.
    trouble: Option<PhoneTroubleView>,
    /// Whether the member has named a new number, which waits for the branch.
    new_phone_waits: bool,
    /// The host where the member stays, which can be asked for the new number.
    host: Option<Named<OrganisationId>>,
}

/// A number that does not work any more.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PhoneTroubleView {
    /// How it is known.
    source: PhoneTrouble,
    /// More about it.
    #[schema(example = "提示空号")]
    note: Option<String>,
    /// Since when it is known.
    since_on: NaiveDate,
    /// Who noted it.
    #[schema(example = "李书记")]
    by: String,
}

impl From<PhoneRecord> for PhoneView {
    fn from(record: PhoneRecord) -> Self {
        Self {
            phone: record.phone.as_ref().map(Phone::masked),
            trouble: record.trouble.map(|trouble| PhoneTroubleView {
                source: trouble.source,
                note: trouble.note,
                since_on: trouble.since_on,
                by: trouble.noted_by,
            }),
            new_phone_waits: record.has_asked,
            host: record.host.map(|(id, name)| Named { id, name }),
        }
    }
}

/// How it is known that a number does not work any more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PhoneTroubleBody {
    /// How.
    source: PhoneTrouble,
    /// More about it; the member can read it.
    #[schema(max_length = 500, example = "提示空号")]
    note: Option<String>,
}

impl Input for PhoneTroubleBody {
    type Meaning = (PhoneTrouble, Option<String>);

    fn read(self, _: &mut Faults) -> Option<Self::Meaning> {
        Some((self.source, said(self.note)))
    }
}

/// Show what is known of a member's telephone number.
#[utoipa::path(
    tag = "members",
    security(("token" = ["ReadMembers"])),
    params(MemberPath),
    responses((status = 200, body = PhoneView)),
)]
#[get("/v1/members/{id}/phone")]
pub(crate) async fn show(
    May(scope): May<ReadMembers>,
    store: Data<Store>,
    path: Path<MemberPath>,
) -> Result<HttpResponse, Failure> {
    let record = store.read(move |tx| phones::find(tx, &scope, path.id)).await?;
    Ok(HttpResponse::Ok().json(PhoneView::from(record)))
}

/// Note that a member's telephone number does not work any more: whoever leads the journey, and the contact officer, are
/// shown that the new one is to be asked for. What was noted before stays; a new number ends it.
///
/// A contact or visit whose outcome is `number_not_in_service` notes the same.
#[utoipa::path(
    tag = "members",
    security(("token" = ["ManageMembers"])),
    params(MemberPath),
    request_body = PhoneTroubleBody,
    responses((status = 200, body = PhoneView)),
)]
#[post("/v1/members/{id}/phone/bounced")]
pub(crate) async fn mark(
    May(scope): May<ManageMembers>,
    store: Data<Store>,
    path: Path<MemberPath>,
    Body((source, note)): Body<PhoneTroubleBody>,
) -> Result<HttpResponse, Failure> {
    let record = store
        .write(move |tx| phones::mark(tx, &scope, path.id, source, note.as_deref()))
        .await?;
    Ok(HttpResponse::Ok().json(PhoneView::from(record)))
}

/// Ask the host where the member stays for the new number, once for each number that does not work.
#[utoipa::path(
    tag = "members",
    security(("token" = ["ManageMembers"])),
    params(MemberPath),
    responses(
        (status = 200, body = PhoneView),
        (status = 409, description = "The number works, or the member stays with no host that could be asked"),
    ),
)]
#[post("/v1/members/{id}/phone/ask-host")]
pub(crate) async fn ask_host(
    May(scope): May<ManageMembers>,
    store: Data<Store>,
    path: Path<MemberPath>,
) -> Result<HttpResponse, Failure> {
    let record = store.write(move |tx| phones::ask_host(tx, &scope, path.id)).await?;
    Ok(HttpResponse::Ok().json(PhoneView::from(record)))
}
