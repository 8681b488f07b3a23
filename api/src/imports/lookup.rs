//! Organisations by the names that secretaries type: aliases, codes, a township put in front.

use std::collections::HashMap;

use domain::id::{OrgPath, OrganisationId};
use domain::organisation::OrganisationKind;
use domain::spreadsheet::{organisation_key, place_of_organisation};

/// An organisation that rows may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownOrganisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its code.
    pub code: String,
    /// What it is.
    pub kind: OrganisationKind,
    /// Its full name.
    pub name: String,
    /// Where it stands in the tree.
    pub path: OrgPath,
}

/// What a typed name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// Exactly one organisation.
    One(&'a KnownOrganisation),
    /// Several of this name.
    Several,
    /// None.
    None,
}

/// The organisations that an import may write, or name as hosts.
#[derive(Debug, Default)]
pub struct Organisations {
    all: Vec<KnownOrganisation>,
    by_code: HashMap<String, usize>,
    by_key: HashMap<String, Vec<usize>>,
    places: HashMap<OrgPath, String>,
}

impl Organisations {
    /// The organisations inside the caller's scope; nothing else is ever found, so that a name outside it is unknown.
    pub fn new(all: Vec<KnownOrganisation>) -> Self {
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, organisation) in all.iter().enumerate() {
            by_key.entry(organisation_key(&organisation.name)).or_default().push(at);
        }
        let by_code = all
            .iter()
            .enumerate()
            .map(|(at, organisation)| (organisation.code.clone(), at))
            .collect();
        let places = all
            .iter()
            .map(|each| (each.path.clone(), place_of_organisation(&each.name)))
            .collect();
        Self {
            all,
            by_code,
            by_key,
            places,
        }
    }

    /// The name of an organisation.
    pub fn name(&self, id: OrganisationId) -> Option<&str> {
        self.all.iter().find(|one| one.id == id).map(|one| one.name.as_str())
    }

    /// The organisation with this code.
    pub fn with_code(&self, code: &str) -> Option<&KnownOrganisation> {
        self.all.get(*self.by_code.get(code)?)
    }

    /// The organisation that a cell names: by its code, by its name or an alias, or by its name after its township's.
    pub fn find(&self, typed: &str) -> Found<'_> {
        if let Some(organisation) = self.with_code(typed.trim()) {
            return Found::One(organisation);
        }
        let key = organisation_key(typed);
        if let Some(found) = self.by_key.get(&key) {
            return self.only(found);
        }
        let longer = key.char_indices().skip(1).find_map(|(at, _)| {
            let (place, name) = key.split_at(at);
            let below: Vec<usize> = self
                .by_key
                .get(name)?
                .iter()
                .copied()
                .filter(|at| self.is_below(*at, place))
                .collect();
            (!below.is_empty()).then_some(below)
        });
        longer.map_or(Found::None, |found| self.only(&found))
    }

    /// Whether an organisation stands below one of this place: 海安镇 is the place of 中共海安市海安镇委员会.
    fn is_below(&self, at: usize, place: &str) -> bool {
        let Some(organisation) = self.all.get(at) else {
            return false;
        };
        let mut above = organisation.path.parent();
        while let Some(path) = above {
            if self
                .places
                .get(&path)
                .is_some_and(|known| known.ends_with(place) || place.ends_with(known.as_str()))
            {
                return true;
            }
            above = path.parent();
        }
        false
    }

    fn only(&self, found: &[usize]) -> Found<'_> {
        match found {
            [one] => self.all.get(*one).map_or(Found::None, Found::One),
            [] => Found::None,
            _ => Found::Several,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn organisations(lines: &[(&str, &str, &str)]) -> Organisations {
        let all = lines
            .iter()
            .enumerate()
            .map(|(at, (code, name, path))| KnownOrganisation {
                id: OrganisationId(Uuid::from_u128(u128::try_from(at).unwrap())),
                code: (*code).to_owned(),
                kind: OrganisationKind::Branch,
                name: (*name).to_owned(),
                path: path.parse().unwrap(),
            });
        Organisations::new(all.collect())
    }

    fn code(found: Found<'_>) -> Option<&str> {
        match found {
            Found::One(organisation) => Some(&organisation.code),
            Found::Several | Found::None => None,
        }
    }

    #[test]
    fn a_branch_is_found_by_alias_code_and_township() {
        let known = organisations(&[
            ("t1", "中共海安市海安镇委员会", "/c/t1/"),
            ("t2", "中共海安市城东镇委员会", "/c/t2/"),
            ("v1", "谭港社区党支部", "/c/t1/v1/"),
            ("v2", "新庄村党支部", "/c/t1/v2/"),
            ("v3", "新庄村党支部", "/c/t2/v3/"),
        ]);
        assert_eq!(code(known.find("谭港社区支部")), Some("v1"));
        assert_eq!(code(known.find("v1")), Some("v1"));
        assert_eq!(code(known.find("海安镇谭港社区党支部")), Some("v1"));
        assert_eq!(known.find("新庄村党支部"), Found::Several);
        assert_eq!(code(known.find("城东镇新庄村支部")), Some("v3"));
        assert_eq!(known.find("城东镇谭港社区党支部"), Found::None);
        assert_eq!(known.find("不存在的村党支部"), Found::None);
    }
}
