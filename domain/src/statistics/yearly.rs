//! The yearly tables of mobile members 流动党员情况, in the layout of the form: what each column and row counts.
//!
//! The table （一） is of members who have gone out, （二） of those who have come in. Both have the former occupation 原职业
//! down the side; across stand the total, how far, who holds a certificate, and the kind of unit 外出流向. What the form
//! has no place for, because it was never recorded, stands in a column and a row of its own, so that everything adds up.
use super::Shown;
use super::suppression::{Sum, hidden};
use crate::codes::{DestinationUnit as U, FormerOccupation as O, JourneyReason};
use crate::division::{DivisionCode, FlowRange};

crate::words! {
    /// Which of the two tables.
    pub enum YearlyTable {
        /// （一） members who have gone out.
        Outflow = "outflow",
        /// （二） members who have come in.
        Inflow = "inflow",
    }
}

/// What the tables ask about somebody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Traits {
    /// How far from the origin.
    pub range: Option<FlowRange>,
    /// Whether there is a certificate 流动党员活动证.
    pub certified: bool,
    /// The kind of unit there.
    pub unit: Option<U>,
    /// What the member did before.
    pub occupation: Option<O>,
}

/// How far a journey leads, from what is known of both its ends.
pub fn range(
    origin: Option<DivisionCode>,
    (division, country): (Option<DivisionCode>, Option<&str>),
    reason: JourneyReason,
) -> Option<FlowRange> {
    let abroad = reason == JourneyReason::Abroad || division.is_none() && country.is_some();
    if abroad {
        return Some(FlowRange::Abroad);
    }
    FlowRange::of_journey(origin?, division, reason)
}

macro_rules! classes {
    ($(#[$meta:meta])* $name:ident: $($variant:ident = $word:literal, $zh:literal, $en:literal, $within:expr, $counts:expr;)+) => {
        crate::words! {
            $(#[$meta])*
            pub enum $name {
                $(#[doc = $en] $variant = $word,)+
            }
        }

        impl $name {
            /// The Chinese heading.
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh,)+ }
            }

            /// The English heading.
            pub const fn en(self) -> &'static str {
                match self { $(Self::$variant => $en,)+ }
            }

            /// What it is one of 其中, where the form counts it there as well.
            pub const fn within(self) -> Option<Self> {
                match self { $(Self::$variant => $within,)+ }
            }

            /// Whether somebody is counted here.
            pub fn counts(self, of: &Traits) -> bool {
                let counts: fn(&Traits) -> bool = match self { $(Self::$variant => $counts,)+ };
                counts(of)
            }
        }
    };
}

classes! {
    /// A column of the yearly tables.
    YearlyColumn:
    Total = "total", "总计", "Total", None, |_| true;
    CrossProvince = "cross_province", "跨省（区、市）流动", "From one province to another", None,
        |of| of.range == Some(FlowRange::CrossProvince);
    CrossPrefecture = "cross_prefecture", "省（区、市）内跨市（地）流动", "From one city of the province to another", None,
        |of| of.range == Some(FlowRange::CrossPrefecture);
    Certified = "certified", "持有流动党员活动证", "Holding a certificate", None, |of| of.certified;
    GovernmentBody = "government_body", "机关", "Government body", None, |of| of.unit == Some(U::GovernmentBody);
    PublicInstitution = "public_institution", "事业单位", "Public institution", None,
        |of| matches!(of.unit, Some(U::PublicInstitution | U::TalentCentre));
    TalentCentre = "talent_centre", "其中：人才/劳动服务中心", "of which talent or employment service centre",
        Some(Self::PublicInstitution), |of| of.unit == Some(U::TalentCentre);
    PublicHongKongMacaoTaiwan = "public_hk_mo_tw", "港澳台商投资企业", "Hong Kong, Macao or Taiwan invested", None,
        |of| of.unit == Some(U::PublicHongKongMacaoTaiwan);
    PublicForeign = "public_foreign", "外商投资企业", "Foreign invested", None, |of| of.unit == Some(U::PublicForeign);
    PrivateNonEnterprise = "private_non_enterprise", "民办非企业单位", "Private non-enterprise unit", None,
        |of| of.unit == Some(U::PrivateNonEnterprise);
    PrivateEnterprise = "private_enterprise", "私营企业", "Private enterprise", None,
        |of| of.unit == Some(U::PrivateEnterprise);
    HongKongMacaoTaiwan = "hk_mo_tw", "港澳台商投资企业", "Hong Kong, Macao or Taiwan invested", None,
        |of| of.unit == Some(U::HongKongMacaoTaiwan);
    Foreign = "foreign", "外商投资企业", "Foreign invested", None, |of| of.unit == Some(U::Foreign);
    SelfEmployed = "self_employed", "个体工商户", "Self-employed", None, |of| of.unit == Some(U::SelfEmployed);
    UrbanCommunity = "urban_community", "城市社区（居委会）", "Urban community", None,
        |of| of.unit == Some(U::UrbanCommunity);
    TownCommunity = "town_community", "乡镇社区（居委会）", "Town community", None,
        |of| of.unit == Some(U::TownCommunity);
    Village = "village", "建制村", "Village", None, |of| of.unit == Some(U::Village);
    Other = "other", "其他", "Other", None, |of| of.unit == Some(U::Other);
    Unknown = "unknown", "不掌握流向", "Not known", None, |of| of.unit == Some(U::Unknown);
    Unrecorded = "unrecorded", "未填报", "Not recorded", None, |of| of.unit.is_none();
}

classes! {
    /// A row of the yearly tables.
    YearlyRow:
    Total = "total", "总计", "Total", None, |_| true;
    ManagerOrProfessional = "manager_or_professional", "公有经济企事业单位管理人员、专业技术人员",
        "Manager or professional in the public economy", None, |of| of.occupation == Some(O::ManagerOrProfessional);
    SkilledWorker = "skilled_worker", "工勤技能人员", "Worker", None, |of| of.occupation == Some(O::SkilledWorker);
    Farmer = "farmer", "农牧渔民", "Farmer, herder or fisher", None, |of| of.occupation == Some(O::Farmer);
    UnemployedGraduate = "unemployed_graduate", "未就业的高校毕业生", "Graduate not yet employed", None,
        |of| of.occupation == Some(O::UnemployedGraduate);
    Intermediary = "intermediary", "中介组织从业人员", "Works for an intermediary organisation", None,
        |of| matches!(of.occupation, Some(O::Intermediary | O::Lawyer | O::Accountant));
    Lawyer = "lawyer", "其中：执业律师", "of which practising lawyer", Some(Self::Intermediary),
        |of| of.occupation == Some(O::Lawyer);
    Accountant = "accountant", "其中：会计师", "of which accountant", Some(Self::Intermediary),
        |of| of.occupation == Some(O::Accountant);
    Other = "other", "其他", "Other", None, |of| of.occupation == Some(O::Other);
    Unrecorded = "unrecorded", "未填报", "Not recorded", None, |of| of.occupation.is_none();
}

/// The heading above several columns of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
    /// The first and the last column under it.
    pub columns: (YearlyColumn, YearlyColumn),
}

/// The headings above the columns of units.
pub const BANDS: [Band; 2] = [
    Band {
        zh: "公有经济控制单位",
        en: "Under public control",
        columns: (YearlyColumn::GovernmentBody, YearlyColumn::PublicForeign),
    },
    Band {
        zh: "非公有经济控制单位",
        en: "Not under public control",
        columns: (YearlyColumn::PrivateNonEnterprise, YearlyColumn::Foreign),
    },
];

/// Columns that the form does not have, so that what it leaves out is looked at before anything is shown.
const RESTS: usize = 3;

/// What some rows leave of another, column by column.
fn rest(rows: &[Vec<u64>], parts: &[usize], whole: usize) -> Vec<u64> {
    let of = |row: usize, column: usize| {
        rows.get(row)
            .and_then(|row| row.get(column))
            .copied()
            .unwrap_or_default()
    };
    let columns = rows.first().map_or(0, Vec::len);
    let left = |column| of(whole, column).saturating_sub(parts.iter().map(|row| of(*row, column)).sum());
    (0..columns).map(left).collect()
}

impl YearlyTable {
    /// The Chinese title.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Outflow => "流动党员情况（一）",
            Self::Inflow => "流动党员情况（二）",
        }
    }

    /// The English title.
    pub const fn en(self) -> &'static str {
        match self {
            Self::Outflow => "Mobile members (1): gone out",
            Self::Inflow => "Mobile members (2): come in",
        }
    }

    /// Its columns, in order: of who has come in it is known where to.
    pub fn columns(self) -> impl Iterator<Item = YearlyColumn> + Clone {
        let all = YearlyColumn::ALL.iter().copied();
        all.filter(move |column| self == Self::Outflow || *column != YearlyColumn::Unknown)
    }

    /// The table of groups of people who are alike, a row of counts for each row.
    pub fn count(self, groups: &[(Traits, u64)]) -> Vec<Vec<u64>> {
        let cell = |row: YearlyRow, column: YearlyColumn| {
            let meant = groups.iter().filter(|(of, _)| row.counts(of) && self.has(column, of));
            meant.map(|(_, people)| people).sum()
        };
        let row = |row: &YearlyRow| self.columns().map(|column| cell(*row, column)).collect();
        YearlyRow::ALL.iter().map(row).collect()
    }

    /// What is shown of the counts to a caller who may read people's records there, or may not.
    pub fn shown(self, counts: &[Vec<u64>], reads_people: bool) -> Shown {
        let dark = if reads_people { Vec::new() } else { self.dark(counts) };
        let cell = |at: usize, count: u64| (!dark.get(at).copied().unwrap_or(false)).then_some(count);
        let wide = self.columns().count() + RESTS;
        let row = |(row, counts): (usize, &Vec<u64>)| {
            let cells = counts.iter().enumerate();
            cells.map(|(column, count)| cell(row * wide + column, *count)).collect()
        };
        counts.iter().enumerate().map(row).collect()
    }

    /// Which cells are hidden, in one row. What the form leaves out of a total is looked at as well: who is not from
    /// another province or city, has no certificate, and is not among those named 其中.
    fn dark(self, counts: &[Vec<u64>]) -> Vec<bool> {
        use YearlyColumn as C;
        use YearlyRow as R;
        let place = |column: C| self.columns().position(|one| one == column).unwrap_or_default();
        let columns = self.columns().count();
        let units: Vec<_> = self
            .columns()
            .filter(|one| *one >= C::GovernmentBody && one.within().is_none())
            .collect();
        let across = [
            (vec![place(C::CrossProvince), place(C::CrossPrefecture)], C::Total),
            (vec![place(C::Certified)], C::Total),
            (vec![place(C::TalentCentre)], C::PublicInstitution),
        ];
        let mut rows: Vec<Vec<u64>> = counts.to_vec();
        let line = |row: R| R::ALL.iter().position(|one| *one == row).unwrap_or_default();
        let (down, intermediary) = ([R::Lawyer, R::Accountant].map(line), line(R::Intermediary));
        rows.push(rest(&rows, &down, intermediary));
        for row in &mut rows {
            let left_out = across
                .each_ref()
                .map(|(parts, whole)| left_of(row, parts, place(*whole)));
            row.extend(left_out);
        }
        let wide = columns + RESTS;
        let mut sums = Vec::new();
        for row in 0..rows.len() {
            let at = |column: usize| row * wide + column;
            for (n, (parts, whole)) in across.iter().enumerate() {
                sums.push(Sum {
                    parts: parts.iter().copied().chain([columns + n]).map(at).collect(),
                    whole: Some(at(place(*whole))),
                });
            }
            sums.push(Sum {
                parts: units.iter().map(|unit| at(place(*unit))).collect(),
                whole: Some(at(0)),
            });
        }
        let whole_rows: Vec<_> = R::ALL
            .iter()
            .enumerate()
            .skip(1)
            .filter(|(_, row)| row.within().is_none())
            .collect();
        for column in 0..wide {
            sums.push(Sum {
                parts: whole_rows.iter().map(|(row, _)| row * wide + column).collect(),
                whole: Some(column),
            });
            sums.push(Sum {
                parts: down
                    .iter()
                    .copied()
                    .chain([rows.len() - 1])
                    .map(|row| row * wide + column)
                    .collect(),
                whole: Some(intermediary * wide + column),
            });
        }
        hidden(&rows.concat(), &sums)
    }

    /// Whether somebody is counted in a column: where there is none for who is known to be nobody knows where, it was as
    /// good as not recorded.
    pub fn has(self, column: YearlyColumn, of: &Traits) -> bool {
        let unknown = self == Self::Inflow && of.unit == Some(U::Unknown);
        column.counts(of) || unknown && column == YearlyColumn::Unrecorded
    }
}

/// What is left of a cell of a row besides its parts.
fn left_of(row: &[u64], parts: &[usize], whole: usize) -> u64 {
    let of = |at: usize| row.get(at).copied().unwrap_or_default();
    of(whole).saturating_sub(parts.iter().map(|at| of(*at)).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everybody() -> Vec<(Traits, u64)> {
        let units = U::ALL.iter().copied().map(Some).chain([None]);
        let all = units.flat_map(|unit| {
            let occupations = O::ALL.iter().copied().map(Some).chain([None]);
            occupations.map(move |occupation| Traits {
                unit,
                occupation,
                ..Traits::default()
            })
        });
        all.zip(1..).collect()
    }

    #[test]
    fn rows_and_columns_add_up_to_the_totals() {
        let everybody = everybody();
        let total: u64 = everybody.iter().map(|(_, people)| people).sum();
        for table in YearlyTable::ALL {
            let counts = table.count(&everybody);
            assert_eq!(counts[0][0], total);
            let units = |column: &YearlyColumn| *column >= YearlyColumn::GovernmentBody && column.within().is_none();
            for row in &counts {
                let cells = table.columns().zip(row).filter(|(column, _)| units(column));
                assert_eq!(cells.map(|(_, cell)| cell).sum::<u64>(), row[0], "{table}");
            }
            for column in 0..counts[0].len() {
                let rows = YearlyRow::ALL.iter().zip(&counts).skip(1);
                let rows = rows.filter(|(row, _)| row.within().is_none());
                assert_eq!(
                    rows.map(|(_, row)| row[column]).sum::<u64>(),
                    counts[0][column],
                    "{table}"
                );
            }
        }
    }

    #[test]
    fn what_the_form_leaves_out_is_not_found_by_subtraction() {
        let farmers = |range, people| {
            let of = Traits {
                range,
                unit: Some(U::Village),
                occupation: Some(O::Farmer),
                ..Traits::default()
            };
            (of, people)
        };
        // Nine of ten from another province: the tenth is not.
        let groups = [farmers(Some(FlowRange::CrossProvince), 9), farmers(None, 1)];
        let counts = YearlyTable::Outflow.count(&groups);
        let shown = YearlyTable::Outflow.shown(&counts, false);
        assert_eq!((shown[0][0], shown[0][1]), (Some(10), None));
        assert_eq!(YearlyTable::Outflow.shown(&counts, true)[0][1], Some(9));
    }

    #[test]
    fn every_unit_and_occupation_has_its_place() {
        for (of, _) in everybody() {
            let columns = YearlyTable::Outflow
                .columns()
                .skip(4)
                .filter(|column| column.counts(&of));
            assert_eq!(columns.filter(|column| column.within().is_none()).count(), 1, "{of:?}");
        }
        assert_eq!(
            YearlyTable::Inflow.columns().count() + 1,
            YearlyTable::Outflow.columns().count()
        );
    }
}
