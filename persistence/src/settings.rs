//! What organisations choose, and what holds for each: the nearest choice on the way up, else the default.
use std::collections::{HashMap, HashSet};
use std::iter::successors;

use diesel::prelude::*;
use domain::access::{ManageSettings, ReadOrganisations, Scope};
use domain::gift::{Present, usual_presents};
use domain::id::{OrgPath, OrganisationId};
use domain::settings::{ALL, Definition, Key, Settings, Value};

use crate::db::each;
use crate::schema::{organisation_settings as chosen, organisations};
use crate::trail::{self, NewAudit};
use crate::types::Id;
use crate::{StoreError, Tx};

/// A key with what holds for an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The key's line in the table.
    pub key: Key,
    /// What holds.
    pub value: Value,
    /// The organisation that chose it, and its name; none for the default.
    pub chosen_by: Option<(OrganisationId, String)>,
}

/// Everything that holds for an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsRecord {
    /// Which.
    pub organisation: OrganisationId,
    /// Its name.
    pub name: String,
    /// Each key, in the order of the table.
    pub settings: Vec<Setting>,
    /// Counts the changes of the organisation and of those above it: what any of them chooses makes it another.
    pub version: i32,
}

/// An organisation on the way up.
struct Above {
    id: Id,
    name: String,
    version: i32,
    chosen: HashMap<Key, Value>,
}

/// What holds for an organisation inside the scope, and who chose it.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn find(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadOrganisations>,
    id: OrganisationId,
) -> Result<SettingsRecord, StoreError> {
    let path = crate::organisations::find(tx, scope, id)?.path;
    show(tx, id, &path)
}

/// Chooses a value for an organisation inside the scope, or, with none, leaves the choice to those above it again.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the organisation or one above it has changed,
/// [`StoreError::Invalid`] when what would hold contradicts itself.
pub fn choose(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageSettings>,
    id: OrganisationId,
    seen: i32,
    key: Key,
    value: Option<&Value>,
) -> Result<SettingsRecord, StoreError> {
    let organisation = crate::organisations::by_id(tx, id)?;
    if !scope.covers(&organisation.path) {
        return Err(StoreError::NotFound("organisation"));
    }
    if version(&above(tx, &organisation.path)?) != seen {
        return Err(StoreError::Stale);
    }
    let unchanged = organisations::table
        .filter(organisations::id.eq(Id::of(id)))
        .filter(organisations::version.eq(organisation.version));
    let counted = (
        organisations::version.eq(organisation.version + 1),
        organisations::updated_at.eq(tx.at()),
    );
    if diesel::update(unchanged).set(counted).execute(tx.db)? == 0 {
        return Err(StoreError::Stale);
    }
    store(tx, Id::of(id), key, value)?;
    if let Some(code) = at(tx, &organisation.path)?.contradiction() {
        let field = if value.is_some() { "/days" } else { "" };
        return Err(StoreError::Invalid { field, code });
    }
    let action = match value {
        Some(_) => "setting_chosen",
        None => "setting_left_to_others",
    };
    let audit = NewAudit {
        action,
        subject: Some(id.0),
        path: Some(&organisation.path),
        detail: Some(serde_json::json!({ "key": key, "value": value })),
        ..NewAudit::default()
    };
    trail::record(tx, scope.who(), audit)?;
    show(tx, id, &organisation.path)
}

/// Writes or takes away what an organisation has chosen for a key.
fn store(tx: &mut Tx<'_>, id: Id, key: Key, value: Option<&Value>) -> Result<(), StoreError> {
    match (key, value) {
        (Key::ContactIntervalDays, value) => {
            let days = match value {
                Some(Value::Days(days)) => Some(i32::from(*days)),
                _ => None,
            };
            diesel::update(organisations::table.filter(organisations::id.eq(id)))
                .set(organisations::contact_interval_days.eq(days))
                .execute(tx.db)?;
        }
        (key, Some(value)) => {
            let text = serde_json::to_string(value).map_err(StoreError::corrupt)?;
            let row = (
                chosen::organisation_id.eq(id),
                chosen::key.eq(key.as_str()),
                chosen::value.eq(&text),
            );
            each!(tx.db, c => diesel::insert_into(chosen::table)
                .values(row)
                .on_conflict((chosen::organisation_id, chosen::key))
                .do_update()
                .set(chosen::value.eq(&text))
                .execute(c))?;
        }
        (key, None) => {
            diesel::delete(chosen::table.find((id, key.as_str()))).execute(tx.db)?;
        }
    }
    Ok(())
}

/// What holds for the organisation at `path`. Two statements.
pub(crate) fn at(tx: &mut Tx<'_>, path: &OrgPath) -> Result<Settings, StoreError> {
    let above = above(tx, path)?;
    Ok(Settings::of(|key| nearest(&above, key).map(|(_, value)| value.clone())))
}

/// What is given on which occasion at each of several places. One statement, whatever their number.
pub(crate) fn presents_at(
    tx: &mut Tx<'_>,
    places: HashSet<OrgPath>,
) -> Result<HashMap<OrgPath, Vec<Present>>, StoreError> {
    let key = Key::GiftOccasions;
    let above: HashSet<String> = places.iter().flat_map(up).map(|path| path.to_string()).collect();
    let rows: Vec<(String, String)> = chosen::table
        .inner_join(organisations::table.on(organisations::id.eq(chosen::organisation_id)))
        .filter(chosen::key.eq(key.as_str()))
        .filter(organisations::path.eq_any(above))
        .select((organisations::path, chosen::value))
        .load(tx.db)?;
    let mut choices = HashMap::new();
    for (path, value) in rows {
        if let Value::Gifts(presents) = read(key, &value)? {
            choices.insert(path, presents);
        }
    }
    let at = |place: OrgPath| {
        let nearest = up(&place).find_map(|path| choices.get(path.as_str()).cloned());
        (place, nearest.unwrap_or_else(usual_presents))
    };
    Ok(places.into_iter().map(at).collect())
}

/// A place and those above it, the nearest first.
fn up(path: &OrgPath) -> impl Iterator<Item = OrgPath> + use<> {
    successors(Some(path.clone()), OrgPath::parent)
}

/// The nearest organisation on the way up that has chosen a value for the key.
fn nearest(above: &[Above], key: Key) -> Option<(&Above, &Value)> {
    above.iter().find_map(|one| Some((one, one.chosen.get(&key)?)))
}

fn version(above: &[Above]) -> i32 {
    above.iter().fold(0, |sum, one| sum.saturating_add(one.version))
}

fn show(tx: &mut Tx<'_>, id: OrganisationId, path: &OrgPath) -> Result<SettingsRecord, StoreError> {
    let above = above(tx, path)?;
    let setting = |line: &Definition| {
        let found = nearest(&above, line.key);
        Setting {
            key: line.key,
            value: found.map_or_else(|| line.default(), |(_, value)| value.clone()),
            chosen_by: found.map(|(one, _)| (one.id.to(), one.name.clone())),
        }
    };
    Ok(SettingsRecord {
        organisation: id,
        name: above.first().map(|one| one.name.clone()).unwrap_or_default(),
        settings: ALL.iter().map(setting).collect(),
        version: version(&above),
    })
}

/// The organisation at `path` and those above it, the nearest first, with what each has chosen.
fn above(tx: &mut Tx<'_>, path: &OrgPath) -> Result<Vec<Above>, StoreError> {
    let paths = up(path).map(|path| path.to_string());
    let rows: Vec<(Id, String, i32, Option<i32>)> = organisations::table
        .filter(organisations::path.eq_any(paths))
        .order(organisations::path.desc())
        .select((
            organisations::id,
            organisations::name,
            organisations::version,
            organisations::contact_interval_days,
        ))
        .load(tx.db)?;
    let choices: Vec<(Id, String, String)> = chosen::table
        .filter(chosen::organisation_id.eq_any(rows.iter().map(|row| row.0)))
        .select((chosen::organisation_id, chosen::key, chosen::value))
        .load(tx.db)?;
    let mut above: Vec<Above> = rows.into_iter().map(Above::from).collect();
    for (id, key, value) in choices {
        let key = key.parse().map_err(StoreError::corrupt)?;
        let value = read(key, &value)?;
        if let Some(one) = above.iter_mut().find(|one| one.id == id) {
            one.chosen.insert(key, value);
        }
    }
    Ok(above)
}

/// A value of a key, as it was stored.
fn read(key: Key, text: &str) -> Result<Value, StoreError> {
    let line = Definition::of(key).ok_or(StoreError::NotFound("setting"))?;
    let mut from = serde_json::Deserializer::from_str(text);
    Value::read(line.kind.of_type(), &mut from).map_err(StoreError::corrupt)
}

impl From<(Id, String, i32, Option<i32>)> for Above {
    fn from((id, name, version, interval): (Id, String, i32, Option<i32>)) -> Self {
        let interval = interval.and_then(|days| u16::try_from(days).ok()).map(Value::Days);
        Self {
            id,
            name,
            version,
            chosen: interval
                .map(|days| (Key::ContactIntervalDays, days))
                .into_iter()
                .collect(),
        }
    }
}
