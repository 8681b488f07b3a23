//! A synthetic county as rows, the same for both engines: a tree of branches with a thousand members each, every fifth
//! of them away from home.
use std::borrow::Cow;

use chrono::{Days, NaiveDate};
use domain::calendar::{BirthdayCalendar, BirthdayKey};
use persistence::vault::Vault;
use uuid::Uuid;

use crate::ground::Size;

/// Counted up when the rows change, so that a database kept from an earlier run is not taken.
pub(crate) const EDITION: u32 = 3;
/// Members of a branch.
const BRANCH: u64 = 1_000;
/// Branches of a town.
const TOWN: u64 = 50;
/// One member in so many is away.
pub(crate) const AWAY: u64 = 5;
/// The number of the county itself.
const COUNTY: u64 = 0xF_FFFF_FFFF;
/// The county office's account, session and so on.
pub(crate) const OFFICE: u64 = 0xE_EEEE_EEEE;
/// When everything was written.
const THEN: &str = "2026-01-05 08:00:00";
/// When everything ends.
const LATER: &str = "2099-12-31 00:00:00";

/// What an id names: the fourth group of the UUID, so that ids can be told apart and made by SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Organisation,
    Member,
    Account,
    Session,
    Journey,
}

impl Kind {
    /// The kinds whose number is a member's.
    pub(crate) const OF_A_MEMBER: [Self; 4] = [Self::Member, Self::Account, Self::Session, Self::Journey];

    /// What the ids of this kind begin with; twelve hexadecimal digits of the number follow.
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Organisation => "019b8000-0000-7000-8001-",
            Self::Member => "019b8000-0000-7000-8002-",
            Self::Account => "019b8000-0000-7000-8003-",
            Self::Session => "019b8000-0000-7000-8004-",
            Self::Journey => "019b8000-0000-7000-8005-",
        }
    }

    /// The id with this number.
    pub(crate) fn id(self, number: u64) -> Uuid {
        format!("{}{number:012x}", self.prefix()).parse().expect("a UUID")
    }
}

/// The organisation that is the whole county.
pub(crate) fn county() -> Uuid {
    Kind::Organisation.id(COUNTY)
}

/// The numbers of the members who can log in, all over the county: in big steps, as people check in, and so that no
/// engine is spared a page. Server and yardstick walk alike.
pub(crate) fn at_random(size: Size) -> impl Iterator<Item = u64> {
    let logins = size.logins();
    (0..logins).map(move |n| n * 7_919 % logins * AWAY)
}

/// The numbers of the members who can log in: the first of those who are away.
pub(crate) fn checking_in(size: Size) -> impl Iterator<Item = u64> {
    (0..size.logins()).map(|n| n * AWAY)
}

/// A value of a row.
#[derive(Debug, Clone)]
pub(crate) enum Cell<'a> {
    Null,
    Int(i64),
    Bool(bool),
    Text(Cow<'a, str>),
    Bytes(Vec<u8>),
    Id(Uuid),
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl From<Uuid> for Cell<'_> {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

/// Where rows go.
pub(crate) trait Sink {
    /// Writes a table's rows.
    fn fill(&mut self, table: &str, columns: &str, rows: &mut dyn Iterator<Item = Vec<Cell<'_>>>);
}

/// Writes the whole county.
pub(crate) fn write(size: Size, vault: &Vault, sink: &mut dyn Sink) {
    organisations(size, sink);
    members(size, vault, sink);
    accounts(size, sink);
    journeys(size, sink);
}

fn path_of(branch: u64) -> String {
    format!("/320685/T{:03}/B{branch:05}/", branch / TOWN)
}

fn organisations(size: Size, sink: &mut dyn Sink) {
    let columns = "id, code, kind, name, parent_id, path, active, version, created_at, updated_at";
    let branches = size.members() / BRANCH;
    let one = |id: u64, code: String, kind: &'static str, name: String, parent: Option<u64>, path: String| {
        let parent = parent.map_or(Cell::Null, |parent| Kind::Organisation.id(parent).into());
        vec![
            Kind::Organisation.id(id).into(),
            code.into(),
            kind.into(),
            name.into(),
            parent,
            path.into(),
            Cell::Bool(true),
            Cell::Int(1),
            THEN.into(),
            THEN.into(),
        ]
    };
    let county = one(
        COUNTY,
        "320685".to_owned(),
        "regional_office",
        "海安市委组织部".to_owned(),
        None,
        "/320685/".to_owned(),
    );
    let towns = (0..branches.div_ceil(TOWN)).map(|town| {
        let (code, path) = (format!("T{town:03}"), format!("/320685/T{town:03}/"));
        one(
            COUNTY - 1 - town,
            code,
            "committee",
            format!("第{town}镇党委"),
            Some(COUNTY),
            path,
        )
    });
    let villages = (0..branches).map(|branch| {
        let parent = COUNTY - 1 - branch / TOWN;
        let (code, name) = (format!("B{branch:05}"), format!("第{branch}村党支部"));
        one(branch, code, "branch", name, Some(parent), path_of(branch))
    });
    sink.fill(
        "organisations",
        columns,
        &mut std::iter::once(county).chain(towns).chain(villages),
    );
}

fn members(size: Size, vault: &Vault, sink: &mut dyn Sink) {
    let columns = "id, home_branch_id, path, name, gender, identity_sealed, identity_hash, birth_date, \
         birthday_calendar, birthday_key, phone_sealed, phone_hash, email, address, standing, \
         joined_on, political_key, language, by_email, quiet_from, quiet_until, version, created_at, \
         updated_at";
    let births = births();
    let mut rows = (0..size.members()).map(|n| {
        let id = Kind::Member.id(n);
        let (birth, solar, lunar) = births
            .get(index(n * 7_919) % births.len())
            .cloned()
            .expect("a day of birth");
        let (calendar, key) = if n % 10 < 7 { ("solar", solar) } else { ("lunar", lunar) };
        let (identity, phone) = (identity_number(n), format!("+86199{n:08}"));
        let sealed = |field, text: &str| vault.seal(id, field, text.as_bytes()).expect("a key").into();
        let hashed = |field, text: &str| vault.hash(field, text).expect("a key").into();
        let by_email = n % 5 < 2;
        vec![
            id.into(),
            Kind::Organisation.id(n / BRANCH).into(),
            path_of(n / BRANCH).into(),
            format!("党员{n:07}").into(),
            if n % 3 == 0 { "female" } else { "male" }.into(),
            sealed("identity", &identity),
            hashed("identity", &identity),
            birth.into(),
            calendar.into(),
            Cell::Int(key.into()),
            sealed("phone", &phone),
            hashed("phone", &phone),
            if by_email {
                format!("m{n}@example.org").into()
            } else {
                Cell::Null
            },
            format!("第{}村{}号", n / BRANCH, n % BRANCH).into(),
            "full".into(),
            "2010-07-01".into(),
            Cell::Int(701),
            "zh-CN".into(),
            Cell::Bool(by_email),
            "22:00:00".into(),
            "07:00:00".into(),
            Cell::Int(1),
            THEN.into(),
            THEN.into(),
        ]
    });
    sink.fill("members", columns, &mut rows);
}

impl From<Vec<u8>> for Cell<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

/// Days of birth over forty years, with their keys in both calendars.
fn births() -> Vec<(String, i16, i16)> {
    let first = NaiveDate::from_ymd_opt(1950, 1, 1).expect("a day");
    let key = |calendar, day| BirthdayKey::by(calendar, day).expect("a year in the tables").value();
    (0..14_600)
        .map(|n| {
            let day = first + Days::new(n);
            (
                day.to_string(),
                key(BirthdayCalendar::Solar, day),
                key(BirthdayCalendar::Lunar, day),
            )
        })
        .collect()
}

/// An identity number of a person who does not exist, with its check character (GB 11643).
fn identity_number(n: u64) -> String {
    const WEIGHTS: [u64; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let (year, month, day) = (1950 + n / 336_000, 1 + n / 28_000 % 12, 1 + n / 1_000 % 28);
    let body = format!("320600{year}{month:02}{day:02}{:03}", n % 1_000);
    let digits = body.bytes().map(|b| u64::from(b - b'0'));
    let sum: u64 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let check = "10X98765432".chars().nth(index(sum % 11)).expect("one of eleven");
    format!("{body}{check}")
}

fn accounts(size: Size, sink: &mut dyn Sink) {
    let holders = || checking_in(size).chain(std::iter::once(OFFICE));
    let place = |n: u64| if n == OFFICE { COUNTY } else { n / BRANCH };
    let columns = "id, login, member_id, name, language, active, version, created_at, updated_at";
    let mut rows = holders().map(|n| {
        let member = if n == OFFICE {
            Cell::Null
        } else {
            Kind::Member.id(n).into()
        };
        vec![
            Kind::Account.id(n).into(),
            format!("bench{n}").into(),
            member,
            format!("党员{n:07}").into(),
            "zh-CN".into(),
            Cell::Bool(true),
            Cell::Int(1),
            THEN.into(),
            THEN.into(),
        ]
    });
    sink.fill("accounts", columns, &mut rows);
    let mut rows = holders().map(|n| {
        let role = if n == OFFICE { "office" } else { "member" };
        let at = Kind::Organisation.id(place(n));
        vec![Kind::Account.id(n).into(), role.into(), at.into(), THEN.into()]
    });
    sink.fill("grants", "account_id, role, organisation_id, granted_at", &mut rows);
    let mut rows = holders().map(|n| {
        vec![
            Kind::Session.id(n).into(),
            Kind::Account.id(n).into(),
            THEN.into(),
            LATER.into(),
        ]
    });
    sink.fill("sessions", "id, account_id, started_at, expires_at", &mut rows);
}

fn journeys(size: Size, sink: &mut dyn Sink) {
    let columns = "member_id, id, origin_id, path, reason, division_code, place, employer, departed_on, state, \
         contact_interval_days, next_checkin_due, version, created_at, updated_at";
    let mut rows = (0..size.members() / AWAY).map(|n| {
        let n = n * AWAY;
        vec![
            Kind::Member.id(n).into(),
            Kind::Journey.id(n).into(),
            Kind::Organisation.id(n / BRANCH).into(),
            path_of(n / BRANCH).into(),
            "work".into(),
            "310115".into(),
            "浦东工地宿舍".into(),
            "海安建工".into(),
            "2026-02-20".into(),
            "away".into(),
            Cell::Int(30),
            // Within a month after the day that planning is measured on.
            format!("2090-03-{:02}", 1 + n / AWAY % 30).into(),
            Cell::Int(1),
            THEN.into(),
            THEN.into(),
        ]
    });
    sink.fill("journeys", columns, &mut rows);
}

fn index(n: u64) -> usize {
    usize::try_from(n).expect("64 bits")
}
