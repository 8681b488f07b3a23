//! The county in which every story plays, as a tree of (parent's code, code, kind, name, division).

use std::collections::BTreeMap;

use domain::access::Scope;
use domain::id::OrganisationId;
use domain::organisation::OrganisationKind as K;
use persistence::organisations::{self, NewOrganisation};
use persistence::{Store, StoreError};
use uuid::Uuid;

type Line = (Option<&'static str>, &'static str, K, &'static str, &'static str);

/// Two towns with their villages, and, far away, where the county's members are looked after.
const TREE: &[Line] = &[
    (None, "HA", K::RegionalOffice, "海安市委组织部", "320685"),
    (Some("HA"), "QT", K::Committee, "曲塘镇党委", "320685"),
    (Some("QT"), "ST", K::Branch, "三塘村党支部", "320685"),
    (Some("QT"), "XC", K::Branch, "西场村党支部", "320685"),
    (Some("HA"), "YZ", K::Committee, "雅周镇党委", "320685"),
    (Some("YZ"), "WD", K::Branch, "王垛村党支部", "320685"),
    (Some("HA"), "SH", K::JointCommittee, "驻沪流动党员联合党委", "310100"),
    (Some("SH"), "PD", K::Workstation, "浦东流动党员工作站", "310115"),
    (Some("SH"), "PDL", K::TemporaryBranch, "浦东临时党支部", "310115"),
];

/// An organisation of the county.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its id.
    pub id: OrganisationId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// The organisations of the county, by code.
#[derive(Debug)]
pub struct County(BTreeMap<&'static str, Place>);

impl County {
    /// Writes the tree into an empty database.
    ///
    /// # Panics
    /// When the store fails.
    pub(crate) async fn found(store: &Store) -> Self {
        let created = store.write(|tx| {
            let scope = Scope::of_the_machine("tests");
            let mut places = BTreeMap::<&'static str, Place>::new();
            for &(parent, code, kind, name, division) in TREE {
                let new = NewOrganisation {
                    id: OrganisationId(Uuid::now_v7()),
                    code: code.to_owned(),
                    kind,
                    name: name.to_owned(),
                    parent: parent.and_then(|parent| places.get(parent)).map(|parent| parent.id),
                    division_code: Some(division.to_owned()),
                    phone: Some("0513-88810000".to_owned()),
                    contact_interval_days: None,
                };
                let made = organisations::create(tx, &scope, new)?;
                places.insert(
                    code,
                    Place {
                        id: made.id,
                        code: made.code,
                        name: made.name,
                    },
                );
            }
            Ok::<_, StoreError>(places)
        });
        Self(created.await.expect("the county's tree"))
    }

    /// The organisation whose name begins so: `三塘村` is 三塘村党支部.
    ///
    /// # Panics
    /// When there is none.
    pub fn place(&self, name: &str) -> &Place {
        let found = self.0.values().find(|place| place.name.starts_with(name));
        found.unwrap_or_else(|| panic!("nothing in the county is called {name}: see {}", file!()))
    }
}
