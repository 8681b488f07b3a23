//! Ids and paths: newtypes, so that a member's id never lands where a journey's belongs.
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        #[cfg(feature = "contract")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                schema()
            }
        }
        #[cfg(feature = "contract")]
        impl utoipa::ToSchema for $name {}

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

ids! {
    /// An organisation (组织).
    OrganisationId;
    /// A person whose formal relation is with a branch of this deployment (党员).
    MemberId;
    /// Whoever stays with a host: a member of this deployment, by the member's id, or a visitor.
    PersonId;
    /// A member's journey (流动), the kite.
    JourneyId;
    /// A stay with a host (流入), the magnet.
    StayId;
    /// A certificate (流动党员活动证) for a journey.
    CertificateId;
    /// A hand-over between two organisations (对接).
    HandoverId;
    /// What one side of a hand-over writes to the other.
    MessageId;
    /// A check-in (报到), made by the phone.
    CheckInId;
    /// A contact (联系记录) with a member who is away.
    ContactId;
    /// What a committee made of a suggested temporary branch.
    ClusterAnswerId;
    /// A list that one contact officer hands over to another.
    HandingId;
    /// A declaration that a member is out of contact (失联).
    DeclarationId;
    /// A transfer of the formal relation (组织关系转接).
    TransferId;
    /// A gathering (活动).
    GatheringId;
    /// A series of gatherings.
    SeriesId;
    /// A lecturer (党课名师).
    LecturerId;
    /// An account that can log in.
    AccountId;
    /// A login: one family of refresh tokens.
    SessionId;
    /// What a member asks the branch to do about the own record (申请).
    RequestId;
    /// A wish (微心愿).
    WishId;
    /// A service request (服务事项).
    ServiceRequestId;
    /// A gift (红色书包、生日贺卡).
    GiftId;
    /// A file that was handed in.
    FileId;
    /// An uploaded spreadsheet.
    ImportId;
    /// An entry of a timeline, an inbox or the audit trail.
    EntryId;
}

/// The schema of an id: a UUID as text.
#[cfg(feature = "contract")]
fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    use utoipa::openapi::schema::{KnownFormat, SchemaFormat, Type};
    let format = SchemaFormat::KnownFormat(KnownFormat::Uuid);
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(format))
        .into()
}

impl From<MemberId> for PersonId {
    fn from(id: MemberId) -> Self {
        Self(id.0)
    }
}

/// Where an organisation stands in the tree: the codes from the root down, each closed by a slash (`/320685/320685100/`).
///
/// Everything below an organisation begins with its path, so that under the C collation a subtree is the range from
/// the path to [`OrgPath::end`], and `(path, id)` is the order of every roster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrgPath(String);

/// The text is no path of organisation codes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an organisation's path looks like /320685/320685100/")]
pub struct NotAPath;

impl OrgPath {
    /// What stands above every organisation.
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// The path of an organisation with this code below this one.
    #[must_use]
    pub fn child(&self, code: &str) -> Self {
        Self(format!("{}{code}/", self.0))
    }

    /// Whether `other` is this organisation or stands below it.
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }

    /// Whether one of the two stands at or below the other.
    pub fn is_near(&self, other: &Self) -> bool {
        self.contains(other) || other.contains(self)
    }

    /// The end of the subtree's range, exclusive: codes hold no character as high as `~`.
    pub fn end(&self) -> String {
        format!("{}~", self.0)
    }

    /// The path above, if there is one.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let inner = self.0.strip_suffix('/')?;
        let at = inner.rfind('/')?;
        inner.get(..=at).map(|above| Self(above.to_owned()))
    }

    /// How many organisations stand on the path.
    pub fn depth(&self) -> usize {
        self.0.split('/').filter(|code| !code.is_empty()).count()
    }

    /// The lowest organisation's path that contains both.
    #[must_use]
    pub fn common_with(&self, other: &Self) -> Self {
        let mut common = Self::root();
        for (a, b) in self.codes().zip(other.codes()) {
            if a != b {
                break;
            }
            common = common.child(a);
        }
        common
    }

    /// The codes on the path, from the root down.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|code| !code.is_empty())
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrgPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for OrgPath {
    type Err = NotAPath;
    fn from_str(text: &str) -> Result<Self, NotAPath> {
        let closed = text.starts_with('/') && text.ends_with('/') && !text.contains("//");
        if closed && text.bytes().all(|b| b.is_ascii_graphic() && b != b'~') {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAPath)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> OrgPath {
        text.parse().unwrap()
    }

    #[test]
    fn a_subtree_is_a_range_of_paths() {
        let town = path("/320685/320685100/");
        let village = town.child("320685100201");
        assert!(town.contains(&village) && !village.contains(&town));
        assert!(village.as_str() >= town.as_str() && village.as_str() < town.end().as_str());
        let neighbour = path("/320685/3206851000/");
        assert!(!town.contains(&neighbour) && neighbour.as_str() > town.end().as_str());
    }

    #[test]
    fn two_towns_meet_in_their_county() {
        let one = path("/320685/320685100/320685100201/");
        let two = path("/320685/320685101/");
        assert_eq!(one.common_with(&two), path("/320685/"));
        assert_eq!(one.parent(), Some(path("/320685/320685100/")));
        assert_eq!(path("/320685/").parent(), Some(OrgPath::root()));
        assert_eq!(OrgPath::root().parent(), None);
    }

    #[test]
    fn a_path_is_closed_by_slashes() {
        for wrong in ["", "320685", "/320685", "/a//b/", "/村/", "/a~/"] {
            assert!(wrong.parse::<OrgPath>().is_err(), "{wrong}");
        }
    }
}
