//! The yearly tables of mobile members 流动党员情况, in the layout of the form: what each column and row counts.
//!
//! The table （一） is of members who have gone out, （二） of those who have come in. Both ask of each former occupation 原职业
//! for the total, how far, who holds a certificate, and the kind of unit 外出流向 with its two subtotals. What the form has
//! no place for, because it was never recorded, stands by itself, so that everything adds up. In the contract a row is a
//! former occupation; on the sheet they stand across, as in the form.
//!
//! Everybody on a registered journey on the day is counted. 流动党员 are usually those who are away for six months or
//! more; whom of the others an organisation reports is for it to say.
use super::Shown;
use super::suppression::{Sum, hidden};
use crate::codes::{DestinationUnit as U, FormerOccupation as O, JourneyReason};
use crate::division::{DivisionCode, FlowRange, Level};
use crate::stay::Background;

crate::words! {
    /// The level of a service centre 党员服务中心（站、点）, as the form's supplement has them.
    pub enum CentreLevel {
        /// 省（区、市）级.
        Province = "province",
        /// 市（地）级.
        City = "city",
        /// 县（市、区）级.
        County = "county",
        /// 乡镇.
        Township = "township",
        /// 街道.
        Street = "street",
        /// 社区.
        Community = "community",
        /// 建制村.
        Village = "village",
        /// Not known.
        Unknown = "unknown",
    }
}

impl CentreLevel {
    /// The Chinese heading.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Province => "省（区、市）级",
            Self::City => "市（地）级",
            Self::County => "县（市、区）级",
            Self::Township => "乡镇",
            Self::Street => "街道",
            Self::Community => "社区（居委会）",
            Self::Village => "建制村",
            Self::Unknown => "所在地未登记",
        }
    }

    /// The English heading.
    pub const fn en(self) -> &'static str {
        match self {
            Self::Province => "Of the province",
            Self::City => "Of the city",
            Self::County => "Of the county",
            Self::Township => "Of a township",
            Self::Street => "Of a street",
            Self::Community => "Of a community",
            Self::Village => "Of a village",
            Self::Unknown => "Place not recorded",
        }
    }

    /// The level that the names of an organisation and of the one above it tell, the own first; else that of its division,
    /// whose code tells of none below the county.
    ///
    /// ```
    /// use domain::division::Level;
    /// use domain::statistics::yearly::CentreLevel as L;
    /// assert_eq!(L::of(["党员服务站", "曲塘镇党委"], Some(Level::County)), L::Township);
    /// assert_eq!(L::of(["中关村街道党员服务中心", "海淀区委"], None), L::Street);
    /// assert_eq!(L::of(["党员服务中心", "海安市委组织部"], Some(Level::County)), L::County);
    /// ```
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>, division: Option<Level>) -> Self {
        const WORDS: [(&str, CentreLevel); 7] = [
            ("街道", CentreLevel::Street),
            ("社区", CentreLevel::Community),
            ("居委会", CentreLevel::Community),
            ("村", CentreLevel::Village),
            ("镇", CentreLevel::Township),
            ("乡党", CentreLevel::Township),
            ("乡流动", CentreLevel::Township),
        ];
        let told = |name: &str| {
            let found = WORDS
                .iter()
                .filter_map(|(word, level)| Some((name.rfind(word)?, *level)));
            found.max_by_key(|(at, _)| *at).map(|(_, level)| level)
        };
        let told = names.into_iter().find_map(told);
        told.unwrap_or(match division {
            Some(Level::Province) => Self::Province,
            Some(Level::Prefecture) => Self::City,
            Some(Level::County) => Self::County,
            None => Self::Unknown,
        })
    }
}

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

impl Traits {
    /// Of somebody who has come in, from the divisions of both sides: that of an origin here counts before what was said.
    pub fn of_stay(
        origin: Option<DivisionCode>,
        host: Option<DivisionCode>,
        said: Background,
        certified: bool,
    ) -> Self {
        let ends = origin.or(said.origin_division).zip(host);
        Self {
            range: ends.and_then(|(origin, host)| FlowRange::between(origin, host)),
            certified,
            unit: said.unit,
            occupation: said.former_occupation,
        }
    }
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

            /// What it is one of, where the form counts it there as well: a subtotal, or what it is 其中.
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
    Public = "public", "公有经济控制单位", "Under public control", None, |of| matches!(of.unit,
        Some(U::GovernmentBody | U::PublicInstitution | U::TalentCentre | U::PublicHongKongMacaoTaiwan | U::PublicForeign));
    GovernmentBody = "government_body", "机关", "Government body", Some(Self::Public), |of| of.unit == Some(U::GovernmentBody);
    PublicInstitution = "public_institution", "事业单位", "Public institution", Some(Self::Public),
        |of| matches!(of.unit, Some(U::PublicInstitution | U::TalentCentre));
    TalentCentre = "talent_centre", "其中：人才/劳动服务中心", "of which talent or employment service centre",
        Some(Self::PublicInstitution), |of| of.unit == Some(U::TalentCentre);
    PublicHongKongMacaoTaiwan = "public_hk_mo_tw", "港澳台商投资企业", "Hong Kong, Macao or Taiwan invested",
        Some(Self::Public),
        |of| of.unit == Some(U::PublicHongKongMacaoTaiwan);
    PublicForeign = "public_foreign", "外商投资企业", "Foreign invested", Some(Self::Public),
        |of| of.unit == Some(U::PublicForeign);
    NonPublic = "non_public", "非公有经济控制单位", "Not under public control", None, |of| matches!(of.unit,
        Some(U::PrivateNonEnterprise | U::PrivateEnterprise | U::HongKongMacaoTaiwan | U::Foreign));
    PrivateNonEnterprise = "private_non_enterprise", "民办非企业单位", "Private non-enterprise unit", Some(Self::NonPublic),
        |of| of.unit == Some(U::PrivateNonEnterprise);
    PrivateEnterprise = "private_enterprise", "私营企业", "Private enterprise", Some(Self::NonPublic),
        |of| of.unit == Some(U::PrivateEnterprise);
    HongKongMacaoTaiwan = "hk_mo_tw", "港澳台商投资企业", "Hong Kong, Macao or Taiwan invested", Some(Self::NonPublic),
        |of| of.unit == Some(U::HongKongMacaoTaiwan);
    Foreign = "foreign", "外商投资企业", "Foreign invested", Some(Self::NonPublic), |of| of.unit == Some(U::Foreign);
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

/// What the form names of a whole and leaves the rest of, which is looked at before anything is shown.
const LEFT_OUT: [(&[YearlyColumn], YearlyColumn); RESTS] = [
    (
        &[YearlyColumn::CrossProvince, YearlyColumn::CrossPrefecture],
        YearlyColumn::Total,
    ),
    (&[YearlyColumn::Certified], YearlyColumn::Total),
    (&[YearlyColumn::TalentCentre], YearlyColumn::PublicInstitution),
];
const RESTS: usize = 3;
/// The same down the side.
const WITHIN_INTERMEDIARY: ([YearlyRow; 2], YearlyRow) =
    ([YearlyRow::Lawyer, YearlyRow::Accountant], YearlyRow::Intermediary);

fn line(row: YearlyRow) -> usize {
    YearlyRow::ALL.iter().position(|one| *one == row).unwrap_or_default()
}

/// The places of those that are.
fn places_of(dark: &[bool]) -> impl Iterator<Item = usize> {
    dark.iter().enumerate().filter(|(_, is)| **is).map(|(at, _)| at)
}

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

    /// What is shown of the counts where so much is in the dark; everything where nothing is.
    pub fn shown(self, counts: &[Vec<u64>], dark: &[bool]) -> Shown {
        let cell = |at: usize, count: u64| (!dark.get(at).copied().unwrap_or(false)).then_some(count);
        let wide = self.columns().count() + RESTS;
        let row = |(row, counts): (usize, &Vec<u64>)| {
            let cells = counts.iter().enumerate();
            cells.map(|(column, count)| cell(row * wide + column, *count)).collect()
        };
        counts.iter().enumerate().map(row).collect()
    }

    /// Which cells are in the dark for who may not read people's records, in one row, where some of them are already. What
    /// the form leaves out of a total is looked at as well: who is not from another province or city, has no certificate,
    /// and is not among those named 其中.
    pub fn dark(self, counts: &[Vec<u64>], already: &[bool]) -> Vec<bool> {
        hidden(&self.cells(counts), places_of(already), &self.sums(0))
    }

    /// What of the table of one of several organisations is in the dark, where the tables of all of them, that of the
    /// whole first, can be asked for, and some of the whole's cells are in the dark already.
    pub fn dark_of_part(self, whole_and_parts: &[Vec<Vec<u64>>], already: &[bool], part: usize) -> Vec<bool> {
        let tables: Vec<Vec<u64>> = whole_and_parts.iter().map(|one| self.cells(one)).collect();
        let size = tables.first().map_or(0, Vec::len);
        let mut sums: Vec<Sum> = (0..tables.len()).flat_map(|table| self.sums(table * size)).collect();
        sums.extend((0..size).map(|cell| Sum {
            parts: (1..tables.len()).map(|table| table * size + cell).collect(),
            whole: Some(cell),
        }));
        let dark = hidden(&tables.concat(), places_of(already), &sums);
        dark.chunks(size.max(1))
            .nth(part)
            .map(<[bool]>::to_vec)
            .unwrap_or_default()
    }

    /// The cells in one row, with what the form leaves out.
    fn cells(self, counts: &[Vec<u64>]) -> Vec<u64> {
        let mut rows: Vec<Vec<u64>> = counts.to_vec();
        let (down, whole) = WITHIN_INTERMEDIARY;
        rows.push(rest(&rows, &down.map(line), line(whole)));
        for row in &mut rows {
            let left_out = LEFT_OUT
                .iter()
                .map(|(parts, whole)| left_of(row, &self.places(parts), self.place(*whole)));
            let left_out: Vec<_> = left_out.collect();
            row.extend(left_out);
        }
        rows.concat()
    }

    fn place(self, column: YearlyColumn) -> usize {
        self.columns().position(|one| one == column).unwrap_or_default()
    }

    fn places(self, columns: &[YearlyColumn]) -> Vec<usize> {
        columns.iter().map(|column| self.place(*column)).collect()
    }

    /// Which of the cells add up, where the first stands at `from`.
    fn sums(self, from: usize) -> Vec<Sum> {
        use YearlyColumn as C;
        let columns = self.columns().count();
        let (wide, rows) = (columns + RESTS, YearlyRow::ALL.len() + 1);
        let mut sums = Vec::new();
        for row in 0..rows {
            let at = |column: usize| from + row * wide + column;
            for (n, (parts, whole)) in LEFT_OUT.iter().enumerate() {
                sums.push(Sum {
                    parts: self.places(parts).into_iter().chain([columns + n]).map(at).collect(),
                    whole: Some(at(self.place(*whole))),
                });
            }
            for (whole, within) in [
                (C::Total, None),
                (C::Public, Some(C::Public)),
                (C::NonPublic, Some(C::NonPublic)),
            ] {
                let units = self.columns().filter(|one| *one >= C::Public && one.within() == within);
                sums.push(Sum {
                    parts: units.map(|unit| at(self.place(unit))).collect(),
                    whole: Some(at(self.place(whole))),
                });
            }
        }
        let whole_rows: Vec<_> = YearlyRow::ALL
            .iter()
            .enumerate()
            .skip(1)
            .filter(|(_, row)| row.within().is_none())
            .map(|(at, _)| at)
            .collect();
        let (down, whole) = WITHIN_INTERMEDIARY;
        let down: Vec<_> = down.map(line).into_iter().chain([rows - 1]).collect();
        for column in 0..wide {
            let at = |row: usize| from + row * wide + column;
            sums.push(Sum {
                parts: whole_rows.iter().copied().map(at).collect(),
                whole: Some(at(0)),
            });
            sums.push(Sum {
                parts: down.iter().copied().map(at).collect(),
                whole: Some(at(line(whole))),
            });
        }
        sums
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
            let units = |column: &YearlyColumn| *column >= YearlyColumn::Public && column.within().is_none();
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
        let table = YearlyTable::Outflow;
        let shown = table.shown(&counts, &table.dark(&counts, &[]));
        assert_eq!((shown[0][0], shown[0][1]), (Some(10), None));
        assert_eq!(table.shown(&counts, &[])[0][1], Some(9));
        // Beside a sister with one, the same table shows less: the whole less the rest would tell of her.
        let here = table.count(&[farmers(None, 5)]);
        let sister = table.count(&[farmers(None, 1)]);
        let whole = table.count(&[farmers(None, 6)]);
        assert_eq!(table.shown(&here, &table.dark(&here, &[]))[0][0], Some(5));
        let above = table.dark_of_part(&[whole, here.clone(), sister], &[], 1);
        assert_eq!(table.shown(&here, &table.dark(&here, &above))[0][0], None);
    }

    #[test]
    fn subtotals_are_what_is_within_them() {
        let counts = YearlyTable::Outflow.count(&everybody());
        for subtotal in [YearlyColumn::Public, YearlyColumn::NonPublic] {
            let within = |column: &YearlyColumn| column.within() == Some(subtotal);
            for row in &counts {
                let cells = YearlyTable::Outflow.columns().zip(row);
                let sum: u64 = cells
                    .clone()
                    .filter(|(column, _)| within(column))
                    .map(|(_, cell)| cell)
                    .sum();
                assert!(
                    cells.clone().any(|(column, cell)| column == subtotal && *cell == sum),
                    "{subtotal}"
                );
            }
        }
        let units = YearlyColumn::ALL.iter().filter(|one| **one >= YearlyColumn::Public);
        assert_eq!(units.count(), 17 + 1, "the form's, and those not recorded");
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
