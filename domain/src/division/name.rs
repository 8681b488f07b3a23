//! Finding a division in a place as people type it: 上海浦东新区, 江苏海安, 苏州, 北京市朝阳区建筑工地.

use std::collections::HashMap;

use super::table::TABLE;
use super::{Division, DivisionCode, Level, lookup};
use crate::codes::Ethnicity;
use crate::spreadsheet::half_width;

/// Names by their first two characters, so that a place is compared with few of them.
#[derive(Default)]
pub(super) struct NameIndex(HashMap<(char, char), Vec<Name>>);

struct Name {
    text: String,
    of: DivisionCode,
    level: Level,
    kind: Kind,
}

/// How much a name says by itself; the better comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// 浦东新区.
    Full,
    /// 海安, short for 海安市.
    Short,
    /// 浦东: districts are shortened only after the city's name.
    ShortDistrict,
    /// 海安县, until 2018.
    Former,
}

impl Name {
    /// Whether it may begin a place: a short county's name only when nothing follows (和平, but not 和平建筑公司).
    fn may_begin(&self, rest: &str) -> bool {
        match self.kind {
            Kind::Full | Kind::Former => true,
            Kind::Short => self.level != Level::County || rest.is_empty(),
            Kind::ShortDistrict => false,
        }
    }
}

impl NameIndex {
    pub(super) fn add(&mut self, division: &Division) {
        let district = division.level == Level::County && division.name.ends_with('区');
        if let Some(short) = short(&division.name) {
            let kind = if district { Kind::ShortDistrict } else { Kind::Short };
            self.insert(Name {
                text: short.to_owned(),
                of: division.code,
                level: division.level,
                kind,
            });
        }
        self.insert(Name {
            text: division.name.clone(),
            of: division.code,
            level: division.level,
            kind: Kind::Full,
        });
    }

    /// Adds a county's earlier name; one that says nothing by itself (郊区) is left out.
    pub(super) fn add_former(&mut self, name: &str, of: DivisionCode) {
        if short(name).is_some() {
            self.insert(Name {
                text: name.to_owned(),
                of,
                level: Level::County,
                kind: Kind::Former,
            });
        }
    }

    fn insert(&mut self, name: Name) {
        if let Some(key) = key(&name.text) {
            self.0.entry(key).or_default().push(name);
        }
    }

    /// The names that `text` begins with, each with what follows.
    fn beginning<'n, 't>(&'n self, text: &'t str) -> impl Iterator<Item = (&'n Name, &'t str)> {
        let names = key(text)
            .and_then(|key| self.0.get(&key))
            .map(Vec::as_slice)
            .unwrap_or_default();
        names
            .iter()
            .filter_map(move |name| Some((name, text.strip_prefix(name.text.as_str())?)))
    }
}

fn key(text: &str) -> Option<(char, char)> {
    let mut chars = text.chars();
    Some((chars.next()?, chars.next()?))
}

/// A name without its kind of division and its ethnicities: 恩施 for 恩施土家族苗族自治州; `None` when too little is left.
fn short(name: &str) -> Option<&str> {
    const KINDS: &[&str] = &[
        "特别行政区",
        "自治区",
        "自治州",
        "自治县",
        "自治旗",
        "新区",
        "林区",
        "矿区",
        "特区",
        "地区",
        "省",
        "市",
        "县",
        "区",
        "盟",
        "旗",
    ];
    let long_enough = |short: &str| short.chars().nth(1).is_some();
    let mut short = KINDS
        .iter()
        .find_map(|kind| name.strip_suffix(kind))
        .filter(|short| long_enough(short))?;
    if name.contains("自治") {
        let shorter = |short: &'_ str| {
            let ethnicities = Ethnicity::ALL.iter().map(|ethnicity| ethnicity.zh());
            let suffixes = ethnicities.flat_map(|name| [name, name.trim_end_matches('族')]);
            let left = suffixes
                .filter_map(|suffix| short.strip_suffix(suffix))
                .find(|left| long_enough(left));
            left.map(str::len)
        };
        while let Some(left) = shorter(short).and_then(|length| short.get(..length)) {
            short = left;
        }
    }
    Some(short)
}

/// What a place may mean: the division reached, and how much of the text is still unread.
struct Reading<'a> {
    name: &'a Name,
    unread: usize,
}

/// The division that a place names at its beginning; `None` when it names none, or several alike (朝阳区).
///
/// Names may be shortened (江苏海安), levels left out (江苏省昆山市), earlier names used (南通市海安县). What follows the
/// division is not read: the free text is kept beside the code. Costs a few comparisons for each level named.
pub fn find_by_name(place: &str) -> Option<DivisionCode> {
    let plain: String = half_width(place).chars().filter(|c| c.is_alphanumeric()).collect();
    let plain = plain
        .trim_start_matches("中华人民共和国")
        .trim_start_matches("中国")
        .replace("市辖区", "");
    let readings = readings(&plain, None);
    let merit = |reading: &Reading<'_>| {
        let former = reading.name.kind == Kind::Former;
        (reading.unread, former, reading.name.level)
    };
    let best = readings.iter().map(merit).min()?;
    let mut found = readings
        .iter()
        .filter(|reading| merit(reading) == best)
        .map(|reading| reading.name.of);
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// Every way to read `text` from its beginning, as deep as it goes; `above` is the division that stood before it.
fn readings(text: &str, above: Option<DivisionCode>) -> Vec<Reading<'static>> {
    let mut found = Vec::new();
    // The index lives as long as the program; only the text is borrowed.
    let index: &'static NameIndex = &TABLE.names;
    for (name, rest) in index.beginning(text) {
        let fits = above.map_or_else(|| name.may_begin(rest), |above| is_below(name.of, above));
        if fits {
            let deeper = readings(rest, Some(name.of));
            if deeper.is_empty() {
                found.push(Reading {
                    name,
                    unread: rest.len(),
                });
            }
            found.extend(deeper);
        }
    }
    found
}

/// Whether `code` is a division inside `above`.
fn is_below(code: DivisionCode, above: DivisionCode) -> bool {
    let digits = match lookup(above).map(|division| division.level) {
        Some(Level::Province) => 2,
        Some(Level::Prefecture) => 4,
        _ => 6,
    };
    code != above && above.as_str().get(..digits).is_some_and(|prefix| code.is_under(prefix))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::full_name;
    use super::*;

    fn found(place: &str) -> String {
        find_by_name(place).map(full_name).unwrap_or_default()
    }

    #[test]
    fn places_are_found_as_secretaries_type_them() {
        let places = [
            ("上海浦东新区", "上海市浦东新区"),
            ("上海浦东", "上海市浦东新区"),
            ("上海市浦东新区建筑工地", "上海市浦东新区"),
            ("江苏省苏州市", "江苏省苏州市"),
            ("苏州", "江苏省苏州市"),
            ("苏州工业园区", "江苏省苏州市"),
            ("江苏省苏州市昆山市某街道", "江苏省苏州市昆山市"),
            ("江苏省昆山市", "江苏省苏州市昆山市"),
            ("昆山", "江苏省苏州市昆山市"),
            ("江苏海安", "江苏省南通市海安市"),
            ("北京市朝阳区", "北京市朝阳区"),
            ("北京 朝阳", "北京市朝阳区"),
            ("北京市市辖区朝阳区", "北京市朝阳区"),
            ("天津市和平区工业园", "天津市和平区"),
            ("浙江省杭州市西湖区某街道", "浙江省杭州市西湖区"),
            ("陕西省西安市雁塔区", "陕西省西安市雁塔区"),
            ("西安", "陕西省西安市"),
            ("新疆乌鲁木齐天山区", "新疆维吾尔自治区乌鲁木齐市天山区"),
            (
                "新疆维吾尔自治区乌鲁木齐市天山区工业园",
                "新疆维吾尔自治区乌鲁木齐市天山区",
            ),
            ("广东深圳南山", "广东省深圳市南山区"),
            ("济南市中区", "山东省济南市市中区"),
            ("吉林", "吉林省"),
            ("吉林市", "吉林省吉林市"),
            ("湖北恩施", "湖北省恩施土家族苗族自治州"),
            ("湖北仙桃", "湖北省仙桃市"),
            ("东莞长安镇", "广东省东莞市"),
            ("内蒙古呼和浩特", "内蒙古自治区呼和浩特市"),
            ("广西南宁", "广西壮族自治区南宁市"),
            ("香港", "香港特别行政区"),
        ];
        for (typed, meant) in places {
            assert_eq!(found(typed), meant, "{typed}");
        }
    }

    #[test]
    fn earlier_names_lead_to_todays_division() {
        assert_eq!(found("江苏省南通市海安县"), "江苏省南通市海安市");
        assert_eq!(found("江苏省南通市通州市"), "江苏省南通市通州区");
        assert_eq!(found("上海市南汇区"), "上海市浦东新区");
    }

    #[test]
    fn a_place_that_could_be_two_is_not_guessed() {
        for place in ["朝阳区", "鼓楼区", "和平建筑公司", "某地", "", "电子厂", "美国纽约"] {
            assert_eq!(find_by_name(place), None, "{place}");
        }
    }

    #[test]
    fn every_division_is_found_by_its_full_name() {
        for division in TABLE.current.values() {
            assert_eq!(
                find_by_name(&full_name(division.code)),
                Some(division.code),
                "{division:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "[省市县区中国上海南通北京新一a \\PC]{0,24}") {
            let _ = find_by_name(&text);
        }
    }
}
