//! Activities of a campaign as they come in and go out: also as an organisation's template among its settings.
use domain::campaign::{Activity, ActivityKind, Target};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Per what a target is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Per {
    /// Once for each member whom the campaign means.
    Member,
    /// Once for each branch with such members.
    Branch,
    /// So often in all, as `number` says.
    Total,
}

/// Something that is to be done.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActivityBody {
    /// What, which says from which facts it is counted; each kind stands once.
    ///
    /// `visit`: contacts and hosts' visits in person that reached the member. `letter`: contacts by letter. `talk`: contacts
    /// and hosts' visits by telephone or video that reached the member. `lesson`: lessons and make-up lessons attended.
    /// `meeting`: branch meetings attended. `help`: service requests about hardship resolved, and gifts in hardship.
    /// `report`: study sessions attended. `gift`: gifts given. `service`: service requests resolved.
    kind: ActivityKind,
    /// Its Chinese name.
    #[schema(min_length = 1, max_length = 100, example = "一次走访")]
    zh: String,
    /// Its English name.
    #[schema(min_length = 1, max_length = 100, example = "One visit")]
    en: String,
    /// Per what it is meant.
    per: Per,
    /// How often in all; with `total` alone, 1 unless said.
    #[schema(minimum = 1, maximum = 1_000_000, example = json!(null))]
    number: Option<u32>,
}

impl From<ActivityBody> for Activity {
    fn from(body: ActivityBody) -> Self {
        Self {
            kind: body.kind,
            zh: body.zh,
            en: body.en,
            target: match body.per {
                Per::Member => Target::Member,
                Per::Branch => Target::Branch,
                Per::Total => Target::Total {
                    number: body.number.unwrap_or(1),
                },
            },
        }
    }
}

impl From<Activity> for ActivityBody {
    fn from(activity: Activity) -> Self {
        let (per, number) = match activity.target {
            Target::Member => (Per::Member, None),
            Target::Branch => (Per::Branch, None),
            Target::Total { number } => (Per::Total, Some(number)),
        };
        Self {
            kind: activity.kind,
            zh: activity.zh,
            en: activity.en,
            per,
            number,
        }
    }
}
