//! A wish as its author, the organisation and neighbours see it.
use chrono::NaiveDate;
use domain::access::{Actor, LeadServices, Scope, ServePeople};
use domain::id::{AccountId, MemberId, OrganisationId, PersonId, WishId};
use domain::wish::{Party, StateName, Verb};
use persistence::wishes::WishRecord;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{AttachmentView, ServiceMessageView};
use crate::answer::Versioned;
use crate::routes::kite::Named;

/// Which wish.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct WishPath {
    /// The wish's id.
    pub(crate) id: WishId,
}

/// Who wrote a wish.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WishAuthorView {
    /// The person; not for neighbours.
    id: Option<PersonId>,
    /// The name.
    #[schema(example = "王芳")]
    name: String,
}

/// A wish (微心愿).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WishView {
    /// Its id; it tells the day on which the wish was written, and no more.
    id: WishId,
    /// Who wrote it; nobody is told of an anonymous one.
    author: Option<WishAuthorView>,
    /// Whether the author stays unnamed.
    anonymous: bool,
    /// To whom it is addressed.
    organisation: Named<OrganisationId>,
    /// The wish.
    #[schema(example = "想要一副老花镜")]
    said: String,
    /// Where it stands.
    state: StateName,
    /// The day on which it was written.
    written_on: NaiveDate,
    /// The day on which it was published.
    published_on: Option<NaiveDate>,
    /// Who published it.
    #[schema(example = json!(null))]
    published_by: Option<String>,
    /// The day on which it was taken on.
    claimed_on: Option<NaiveDate>,
    /// Who has taken it on.
    #[schema(example = json!(null))]
    claimed_by: Option<String>,
    /// The day on which it came true.
    fulfilled_on: Option<NaiveDate>,
    /// The day on which the author thanked.
    thanked_on: Option<NaiveDate>,
    /// The day on which it was withdrawn or declined.
    ended_on: Option<NaiveDate>,
    /// Why it was declined.
    #[schema(example = json!(null))]
    reason: Option<String>,
    /// What is named, instead of a name, to get what was wished for: for the author, the organisation and whoever has
    /// taken the wish on.
    #[schema(example = "042731")]
    code: Option<String>,
    /// What was said about it, in order: for the same.
    messages: Vec<ServiceMessageView>,
    /// What is attached.
    pictures: Vec<AttachmentView>,
    /// Counts changes; goes into `If-Match`.
    #[schema(example = 1)]
    version: i32,
    /// What I may do now.
    allowed: Vec<Verb>,
}

impl Versioned for WishView {
    fn version(&self) -> i32 {
        self.version
    }
}

/// What a member of staff may do with wishes and requests, and where.
pub(crate) struct Hands {
    account: AccountId,
    leads: Option<Scope<LeadServices>>,
    serves: Option<Scope<ServePeople>>,
}

impl Hands {
    pub(crate) fn of(actor: &Actor) -> Self {
        Self {
            account: actor.account,
            leads: actor.scope().ok(),
            serves: actor.scope().ok(),
        }
    }

    /// Whether the caller is that account.
    pub(super) fn is(&self, account: AccountId) -> bool {
        self.account == account
    }

    /// Whether the caller leads services at a place.
    pub(super) fn lead(&self, path: &domain::id::OrgPath) -> bool {
        self.leads.as_ref().is_some_and(|scope| scope.covers(path))
    }

    /// Whether the caller serves people at a place.
    pub(super) fn serve(&self, path: &domain::id::OrgPath) -> bool {
        self.serves.as_ref().is_some_and(|scope| scope.covers(path))
    }

    /// Whether the caller serves people near a place.
    pub(super) fn serve_near(&self, path: &domain::id::OrgPath) -> bool {
        self.serves.as_ref().is_some_and(|scope| scope.is_near(path))
    }
}

impl WishView {
    /// For the author, who sees all of it.
    pub(crate) fn to_author(record: WishRecord) -> Self {
        let allowed = record.state.allowed(Party::Author).to_vec();
        Self::whole(record, allowed)
    }

    /// For the organisation's people.
    pub(crate) fn to_staff(record: WishRecord, hands: &Hands) -> Self {
        let may = |verb: &Verb| match verb {
            Verb::Publish | Verb::Decline => hands.lead(&record.path),
            _ => hands.serve(&record.path),
        };
        let allowed = record
            .state
            .allowed(Party::Branch)
            .iter()
            .copied()
            .filter(may)
            .collect();
        Self::whole(record, allowed)
    }

    /// For another member of the organisation: what was said is for whoever has taken the wish on.
    pub(crate) fn to_neighbour(record: WishRecord, me: MemberId) -> Self {
        let party = record.party_of(me);
        let allowed = record.state.allowed(party).to_vec();
        let mut view = Self::whole(record, allowed);
        if let Some(author) = &mut view.author {
            author.id = None;
        }
        if party != Party::Claimer {
            view.code = None;
            view.messages.clear();
        }
        view
    }

    fn whole(record: WishRecord, allowed: Vec<Verb>) -> Self {
        let is_claimed = record.state.claimer().is_some();
        Self {
            id: record.id,
            author: record.author.map(|(id, name)| WishAuthorView { id: Some(id), name }),
            anonymous: record.anonymous,
            organisation: Named {
                id: record.organisation,
                name: record.organisation_name,
            },
            said: record.said,
            state: record.state.name(),
            written_on: record.written_on,
            published_on: record.published_on,
            published_by: record.published_by,
            claimed_on: record.claimed_on,
            claimed_by: record.state.claimer().map(|claimer| claimer.name.clone()),
            fulfilled_on: record.fulfilled_on,
            thanked_on: record.thanked_on,
            ended_on: record.ended_on,
            reason: record.state.reason().map(ToOwned::to_owned),
            code: is_claimed.then_some(record.code),
            messages: record.messages.into_iter().map(ServiceMessageView::from).collect(),
            pictures: record.attachments.into_iter().map(AttachmentView::from).collect(),
            version: record.version,
            allowed,
        }
    }
}
