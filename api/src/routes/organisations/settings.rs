//! What an organisation chooses for itself and for those below it.
use actix_web::web::{Data, Path};
use actix_web::{delete, get, put};
use domain::access::{ManageSettings, ReadOrganisations};
use domain::briefing;
use domain::campaign::Activity;
use domain::gift::{GiftItem, GiftOccasion, Present};
use domain::id::OrganisationId;
use domain::settings::{Definition, Key, Type, Value, Wrong};
use persistence::settings::{self, Setting, SettingsRecord};
use persistence::{Store, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::OrganisationPath;
use crate::answer::{Tagged, Versioned};
use crate::extract::{Body, Faults, IfMatch, IfMatchHeader, Input, Language, May};
use crate::openapi::Routes;
use crate::problem::{Failure, Fault};
use crate::routes::campaigns::activity::ActivityBody;
use crate::routes::kite::{Named, said};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(show).service(choose).service(leave);
}

/// Which setting of which organisation.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct SettingPath {
    /// The organisation's id.
    id: OrganisationId,
    /// The setting's key.
    #[param(example = "handover_due_days")]
    key: String,
}

impl SettingPath {
    /// The line of the key.
    fn line(&self) -> Result<&'static Definition, StoreError> {
        let key = self.key.parse().ok();
        key.and_then(Definition::of).ok_or(StoreError::NotFound("setting"))
    }
}

/// An item of a briefing list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ItemBody {
    /// Its stable word, unique in the list.
    #[schema(pattern = "^[a-z0-9_]{1,32}$", example = "talk")]
    item: String,
    /// Its Chinese name.
    #[schema(min_length = 1, max_length = 100, example = "行前谈话")]
    zh: String,
    /// Its English name.
    #[schema(min_length = 1, max_length = 100, example = "A talk before leaving")]
    en: String,
    /// Whether the member can tick it without the branch.
    #[schema(example = false)]
    by_member: bool,
}

impl From<briefing::Item> for ItemBody {
    fn from(item: briefing::Item) -> Self {
        let briefing::Item {
            item,
            zh,
            en,
            by_member,
        } = item;
        Self {
            item,
            zh,
            en,
            by_member,
        }
    }
}

impl From<ItemBody> for briefing::Item {
    fn from(item: ItemBody) -> Self {
        let ItemBody {
            item,
            zh,
            en,
            by_member,
        } = item;
        Self {
            item,
            zh,
            en,
            by_member,
        }
    }
}

/// What is given on an occasion.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PresentBody {
    /// On which.
    occasion: GiftOccasion,
    /// What; each stands once for an occasion.
    item: GiftItem,
    /// What, where it is something else, and needed there.
    #[schema(max_length = 100, example = json!(null))]
    name: Option<String>,
    /// Of a political birthday: the years since joining at which it is given, each from 1 to 100; every year unless said.
    #[serde(default)]
    #[schema(max_items = 20, example = json!([]))]
    years: Vec<YearsSince>,
}

/// Years since joining, 1 to 100.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(value_type = u16, minimum = 1, maximum = 100, example = 50)]
struct YearsSince(u16);

impl From<Present> for PresentBody {
    fn from(present: Present) -> Self {
        let Present {
            occasion,
            item,
            name,
            years,
        } = present;
        Self {
            occasion,
            item,
            name,
            years: years.into_iter().map(YearsSince).collect(),
        }
    }
}

impl From<PresentBody> for Present {
    fn from(body: PresentBody) -> Self {
        Self {
            occasion: body.occasion,
            item: body.item,
            name: said(body.name),
            years: body.years.into_iter().map(|years| years.0).collect(),
        }
    }
}

/// A choice: `days`, `items`, `activities` or `gifts`, as the key takes it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingBody {
    /// A number of days.
    #[schema(minimum = 1, maximum = 366, example = 15)]
    days: Option<u16>,
    /// A list of briefing items, in its order.
    #[schema(min_items = 1, max_items = 30, example = json!(null))]
    items: Option<Vec<ItemBody>>,
    /// A list of activities of a campaign, in its order.
    #[schema(min_items = 1, max_items = 20, example = json!(null))]
    activities: Option<Vec<ActivityBody>>,
    /// A list of what is given on which occasion, in its order; empty where nothing is.
    #[schema(max_items = 20, example = json!(null))]
    gifts: Option<Vec<PresentBody>>,
}

impl Input for SettingBody {
    type Meaning = Value;

    fn read(self, faults: &mut Faults) -> Option<Value> {
        match (self.days, self.items, self.activities, self.gifts) {
            (Some(days), None, None, None) => Some(Value::Days(days)),
            (None, Some(items), None, None) => {
                Some(Value::Items(items.into_iter().map(briefing::Item::from).collect()))
            }
            (None, None, Some(list), None) => Some(Value::Activities(list.into_iter().map(Activity::from).collect())),
            (None, None, None, Some(list)) => Some(Value::Gifts(list.into_iter().map(Present::from).collect())),
            _ => {
                faults.add("/days", "one_of");
                None
            }
        }
    }
}

/// A value: one of the fields, as the setting's type says.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct SettingValueView {
    /// A number of days; null for another type.
    #[schema(example = 10)]
    days: Option<u16>,
    /// A list of briefing items; null for another type.
    #[schema(example = json!(null))]
    items: Option<Vec<ItemBody>>,
    /// A list of activities; null for another type.
    #[schema(example = json!(null))]
    activities: Option<Vec<ActivityBody>>,
    /// A list of what is given on which occasion; null for another type.
    #[schema(example = json!(null))]
    gifts: Option<Vec<PresentBody>>,
}

impl From<Value> for SettingValueView {
    fn from(value: Value) -> Self {
        let mut view = Self::default();
        match value {
            Value::Days(days) => view.days = Some(days),
            Value::Items(list) => view.items = Some(list.into_iter().map(ItemBody::from).collect()),
            Value::Activities(list) => view.activities = Some(list.into_iter().map(ActivityBody::from).collect()),
            Value::Gifts(list) => view.gifts = Some(list.into_iter().map(PresentBody::from).collect()),
        }
        view
    }
}

/// A setting with what holds for the organisation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingView {
    /// Its key.
    key: Key,
    /// What it is for.
    #[schema(example = "对接须在几天内答复，逾期告知双方共同的上级")]
    description: &'static str,
    /// Of which type its value is, which is also the name of the field in which it stands.
    #[serde(rename = "type")]
    of_type: Type,
    /// What holds.
    #[serde(flatten)]
    value: SettingValueView,
    /// What holds where nobody has chosen.
    default: SettingValueView,
    /// The organisation that chose it: this one or one above it; null where the default holds.
    chosen_by: Option<Named<OrganisationId>>,
    /// Whether this organisation chose it itself.
    #[schema(example = false)]
    own: bool,
    /// At least so many days, or entries of a list.
    #[schema(example = 1)]
    minimum: u16,
    /// At most so many days, or entries of a list.
    #[schema(example = 60)]
    maximum: u16,
}

/// Everything that can be chosen, and what holds for an organisation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingsView {
    /// Which.
    organisation: Named<OrganisationId>,
    /// Each key.
    settings: Vec<SettingView>,
    /// Counts the changes of the organisation and of those above it; goes into `If-Match`.
    #[schema(example = 3)]
    version: i32,
}

impl Versioned for SettingsView {
    fn version(&self) -> i32 {
        self.version
    }
}

impl SettingsView {
    fn of(record: SettingsRecord, language: Language) -> Self {
        let id = record.organisation;
        let settings = record.settings.into_iter();
        Self {
            organisation: Named { id, name: record.name },
            settings: settings.filter_map(|one| SettingView::of(one, id, language)).collect(),
            version: record.version,
        }
    }
}

impl SettingView {
    fn of(setting: Setting, here: OrganisationId, language: Language) -> Option<Self> {
        let line = Definition::of(setting.key)?;
        let (minimum, maximum) = line.kind.range();
        Some(Self {
            key: setting.key,
            description: match language {
                Language::Chinese => line.zh,
                Language::English => line.en,
            },
            of_type: line.kind.of_type(),
            value: setting.value.into(),
            default: line.default().into(),
            own: setting.chosen_by.as_ref().is_some_and(|(id, _)| *id == here),
            chosen_by: setting.chosen_by.map(|(id, name)| Named { id, name }),
            minimum,
            maximum,
        })
    }
}

impl From<Wrong> for Failure {
    fn from(wrong: Wrong) -> Self {
        Self::Invalid(vec![Fault::new(wrong.at, wrong.code, wrong.expected)])
    }
}

/// What holds for an organisation, and who chose it.
#[utoipa::path(
    tag = "organisations",
    security(("token" = ["ReadOrganisations"])),
    params(OrganisationPath),
    responses((status = 200, body = SettingsView)),
)]
#[get("/v1/organisations/{id}/settings")]
pub(crate) async fn show(
    May(scope): May<ReadOrganisations>,
    store: Data<Store>,
    language: Language,
    path: Path<OrganisationPath>,
) -> Result<Tagged<SettingsView>, Failure> {
    let record = store.read(move |tx| settings::find(tx, &scope, path.id)).await?;
    Ok(Tagged::ok(SettingsView::of(record, language)))
}

/// Choose a value; it holds for those below too, unless they choose otherwise.
#[utoipa::path(
    tag = "organisations",
    security(("token" = ["ManageSettings"])),
    params(SettingPath, IfMatchHeader),
    request_body = SettingBody,
    responses((status = 200, body = SettingsView)),
)]
#[put("/v1/organisations/{id}/settings/{key}")]
pub(crate) async fn choose(
    May(scope): May<ManageSettings>,
    store: Data<Store>,
    language: Language,
    path: Path<SettingPath>,
    IfMatch(seen): IfMatch,
    Body(value): Body<SettingBody>,
) -> Result<Tagged<SettingsView>, Failure> {
    let line = path.line()?;
    line.check(&value)?;
    let record = store
        .write(move |tx| settings::choose(tx, &scope, path.id, seen, line.key, Some(&value)))
        .await?;
    Ok(Tagged::ok(SettingsView::of(record, language)))
}

/// Leave the choice to the organisations above again.
#[utoipa::path(
    tag = "organisations",
    security(("token" = ["ManageSettings"])),
    params(SettingPath, IfMatchHeader),
    responses((status = 200, body = SettingsView)),
)]
#[delete("/v1/organisations/{id}/settings/{key}")]
pub(crate) async fn leave(
    May(scope): May<ManageSettings>,
    store: Data<Store>,
    language: Language,
    path: Path<SettingPath>,
    IfMatch(seen): IfMatch,
) -> Result<Tagged<SettingsView>, Failure> {
    let line = path.line()?;
    let record = store
        .write(move |tx| settings::choose(tx, &scope, path.id, seen, line.key, None))
        .await?;
    Ok(Tagged::ok(SettingsView::of(record, language)))
}
