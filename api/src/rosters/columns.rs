//! The columns of each roster: a stable key, a heading in each language, and what a cell says.
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::codes::Gender;
use domain::division::{DivisionCode, full_name};
use domain::journey::Destination;
use domain::phone::Phone;
use persistence::rosters::{JourneyPart, KiteLine, MagnetLine};

use crate::extract::Language;

/// For whom a cell is written, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said {
    /// In which language.
    pub(crate) language: Language,
    /// Today in the deployment's zone.
    pub(crate) today: NaiveDate,
    /// The deployment's zone.
    pub(crate) zone: Tz,
}

/// A column of lines `L`.
pub(crate) struct Column<L: 'static> {
    /// The key, as in the JSON form.
    pub(crate) key: &'static str,
    zh: &'static str,
    en: &'static str,
    cell: fn(&L, Said) -> String,
}

impl<L> Column<L> {
    /// The heading.
    pub(crate) const fn heading(&self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.zh,
            Language::English => self.en,
        }
    }

    /// What a line's cell says.
    pub(crate) fn cell(&self, line: &L, said: Said) -> String {
        (self.cell)(line, said)
    }
}

macro_rules! columns {
    ($($key:literal $zh:literal $en:literal $cell:expr;)+) => {
        &[$(Column { key: $key, zh: $zh, en: $en, cell: $cell }),+]
    };
}

/// Of the members', outbound and overdue rosters.
pub(crate) const KITE: &[Column<KiteLine>] = columns! {
    "member_id" "党员编号" "Member id" |line, _| line.person.id.to_string();
    "name" "姓名" "Name" |line, _| line.person.name.clone();
    "gender" "性别" "Gender" |line, said| gender(line.person.gender, said);
    "phone" "联系电话" "Phone" |line, _| phone(line.person.phone.as_ref());
    "standing" "人员类别" "Standing" |line, said| said.pick(line.standing.zh(), line.standing.en()).to_owned();
    "organisation" "所在党支部" "Organisation" |line, _| line.organisation.clone();
    "organisation_path" "组织路径" "Organisation path" |line, _| line.path().to_string();
    "state" "状态" "State" |line, said| journey(line, |one| said.word(one.state.as_str()));
    "destination" "流向" "Destination" |line, _| journey(line, |one| place(&one.destination));
    "departed_on" "外出日期" "Departed on" |line, _| journey(line, |one| date(one.departed_on));
    "expected_return_on" "预计返回日期" "Expected return on" |line, _| journey(line, |one| date(one.expected_return_on));
    "host" "流入地党组织" "Host" |line, _| journey(line, |one| one.host.clone().unwrap_or_default());
    "last_contact_at" "最近联系时间" "Last contact at" |line, said| journey(line, |one| said.instant(one.last_contact_at));
    "next_checkin_due" "下次联系日期" "Next contact due" |line, _| journey(line, |one| date(one.next_checkin_due));
    "overdue" "是否逾期" "Overdue" |line, said| journey(line, |one| said.yes(one.is_overdue(said.today)));
    "journey_id" "流出登记编号" "Journey id" |line, _| journey(line, |one| one.id.to_string());
    "version" "版本" "Version" |line, _| version(line).to_string();
};

/// Of the inbound roster.
pub(crate) const MAGNET: &[Column<MagnetLine>] = columns! {
    "stay_id" "流入登记编号" "Stay id" |line, _| line.id.to_string();
    "person_id" "人员编号" "Person id" |line, _| line.person.id.to_string();
    "name" "姓名" "Name" |line, _| line.person.name.clone();
    "gender" "性别" "Gender" |line, said| gender(line.person.gender, said);
    "phone" "联系电话" "Phone" |line, _| phone(line.person.phone.as_ref());
    "organisation" "流入地党组织" "Host" |line, _| line.organisation.clone();
    "organisation_path" "组织路径" "Organisation path" |line, _| line.position.path.to_string();
    "state" "状态" "State" |line, said| said.word(&line.state);
    "source" "来源" "Source" |line, said| said.word(&line.source);
    "origin" "流出地党组织" "Origin" |line, _| line.origin.clone().unwrap_or_default();
    "arrived_on" "流入日期" "Arrived on" |line, _| line.arrived_on.to_string();
    "address" "现居住地址" "Address" |line, _| line.address.clone().unwrap_or_default();
    "employer" "工作单位" "Employer" |line, _| line.employer.clone().unwrap_or_default();
    "home_unit" "编入党组织" "Home unit" |line, _| line.home_unit.clone().unwrap_or_default();
    "contact_officer" "联系干部" "Contact officer" |line, _| line.contact_officer.clone().unwrap_or_default();
    "register_number" "登记册编号" "Register number" |line, _| register(line.register).unwrap_or_default();
    "left_on" "离开日期" "Left on" |line, _| date(line.left_on);
    "version" "版本" "Version" |line, _| line.version.to_string();
};

/// Of a host's register of a year (登记册).
pub(crate) const REGISTER: &[Column<MagnetLine>] = columns! {
    "register_number" "登记册编号" "Register number" |line, _| register(line.register).unwrap_or_default();
    "name" "姓名" "Name" |line, _| line.person.name.clone();
    "gender" "性别" "Gender" |line, said| gender(line.person.gender, said);
    "phone" "联系电话" "Phone" |line, _| phone(line.person.phone.as_ref());
    "origin" "流出地党组织" "Origin" |line, _| line.origin.clone().unwrap_or_default();
    "arrived_on" "流入日期" "Arrived on" |line, _| line.arrived_on.to_string();
    "address" "现居住地址" "Address" |line, _| line.address.clone().unwrap_or_default();
    "employer" "工作单位" "Employer" |line, _| line.employer.clone().unwrap_or_default();
    "admitted_on" "编入日期" "Admitted on" |line, _| date(line.admitted_on);
    "home_unit" "编入党组织" "Home unit" |line, _| line.home_unit.clone().unwrap_or_default();
    "contact_officer" "联系干部" "Contact officer" |line, _| line.contact_officer.clone().unwrap_or_default();
    "state" "状态" "State" |line, said| said.word(&line.state);
    "left_on" "离开日期" "Left on" |line, _| date(line.left_on);
    "left_for" "去向" "Left for" |line, said| said.next_place(line.leaving.next.as_deref(), line.leaving.division);
    "leaving_reason" "离开原因" "Reason for leaving" |line, _| line.leaving.reason.clone().unwrap_or_default();
};

/// Words of states and sources, as spreadsheets and forms say them.
const WORDS: &[(&str, &str)] = &[
    ("planned", "计划外出"),
    ("away", "在外"),
    ("home_visit", "返乡"),
    ("returned", "已返回"),
    ("transferred", "已转接"),
    ("cancelled", "已取消"),
    ("out_of_contact", "失联"),
    ("reported", "已登记"),
    ("verifying", "核实中"),
    ("verified", "已核实"),
    ("admitted", "已编入"),
    ("rejected", "不予接收"),
    ("withdrawn", "已撤回"),
    ("merged", "已合并"),
    ("left", "已离开"),
    ("handover", "对接"),
    ("self_report", "本人报到"),
    ("survey", "排查"),
    ("home", "返回流出地"),
    ("onward", "前往他处"),
    ("unknown", "去向不明"),
    ("valid", "有效"),
    ("lost", "已挂失"),
    ("replaced", "已补发新证"),
    ("revoked", "已收回"),
    ("ended", "已终止"),
    ("handed_back", "已交回"),
    ("under_way", "转接中"),
    ("received", "已接收"),
    ("declined", "未接收"),
    ("dropped", "已取消转接"),
];

impl Said {
    /// What is said in the caller's language.
    pub(crate) fn pick<T>(self, zh: T, en: T) -> T {
        self.language.pick(zh, en)
    }

    /// A state, a source or the like in words.
    pub(crate) fn word(self, word: &str) -> String {
        let zh = WORDS
            .iter()
            .find(|(known, _)| *known == word)
            .map_or(word, |(_, zh)| zh);
        match self.language {
            Language::Chinese => zh.to_owned(),
            Language::English => word.replace('_', " "),
        }
    }

    /// Where somebody who has left is going.
    pub(crate) fn next_place(self, next: Option<&str>, division: Option<DivisionCode>) -> String {
        let parts = [next.map(|word| self.word(word)), division.map(full_name)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn yes(self, is: bool) -> String {
        let (yes, no) = (self.pick("是", "yes"), self.pick("否", "no"));
        (if is { yes } else { no }).to_owned()
    }

    fn instant(self, at: Option<DateTime<Utc>>) -> String {
        at.map(|at| at.with_timezone(&self.zone).format("%Y-%m-%d %H:%M").to_string())
            .unwrap_or_default()
    }
}

/// Of what a line's version is: the journey's, or the member's when there is none.
pub(crate) fn version(line: &KiteLine) -> i32 {
    line.journey
        .as_ref()
        .map_or(line.member_version, |journey| journey.version)
}

/// Year and number in a host's register: `2027-0012`.
pub(crate) fn register(number: Option<(i32, i32)>) -> Option<String> {
    number.map(|(year, number)| format!("{year}-{number:04}"))
}

/// A destination in one text.
pub(crate) fn place(destination: &Destination) -> String {
    let division = destination.division.map(full_name);
    let parts = [&destination.country, &division, &destination.place];
    let said: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
    said.join(" ")
}

fn journey(line: &KiteLine, cell: impl FnOnce(&JourneyPart) -> String) -> String {
    line.journey.as_ref().map(cell).unwrap_or_default()
}

fn gender(gender: Option<Gender>, said: Said) -> String {
    gender
        .map(|gender| said.pick(gender.zh(), gender.en()).to_owned())
        .unwrap_or_default()
}

fn phone(phone: Option<&Phone>) -> String {
    phone.map(Phone::masked).unwrap_or_default()
}

fn date(day: Option<NaiveDate>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use domain::stay::{NextPlace, Source};
    use domain::transfer::TransferState;
    use domain::{certificate, journey, stay};

    use super::WORDS;

    #[test]
    fn every_word_that_is_said_has_its_chinese() {
        let words = journey::StateName::ALL.iter().map(|one| one.as_str());
        let words = words.chain(stay::StateName::ALL.iter().map(|one| one.as_str()));
        let words = words.chain(certificate::StateName::ALL.iter().map(|one| one.as_str()));
        let words = words.chain(TransferState::ALL.iter().map(|one| one.as_str()));
        let words = words.chain(Source::ALL.iter().map(|one| one.as_str()));
        for word in words.chain(NextPlace::ALL.iter().map(|one| one.as_str())) {
            assert_eq!(WORDS.iter().filter(|(known, _)| *known == word).count(), 1, "{word}");
        }
    }
}
