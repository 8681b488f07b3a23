//! Wishes (微心愿): a member writes one, the branch publishes it, an officer or another member claims it (认领) and
//! fulfils it, the member thanks.
//!
//! Who wrote an anonymous wish nobody is told: neither the branch that publishes it nor whoever claims it. What is handed
//! over is left where the messages say, and given to whoever names the wish's code. Days are kept and no instants, for the
//! minute at which a wish was written would tell who was using the app.
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::id::{AccountId, MemberId, OrganisationId, PersonId, WishId};
use crate::words;

words! {
    /// Where a wish stands.
    pub enum StateName as "WishState" {
        /// Waits for the branch.
        Written = "written",
        /// 已发布: may be claimed.
        Published = "published",
        /// 已认领: somebody has taken it on.
        Claimed = "claimed",
        /// 已实现.
        Fulfilled = "fulfilled",
        /// 已致谢.
        Thanked = "thanked",
        /// Taken back by the member.
        Withdrawn = "withdrawn",
        /// Not published, or no longer, for a reason.
        Declined = "declined",
    }
}

words! {
    /// A command's word in paths, problems and `allowed`.
    pub enum Verb as "WishTransition" {
        /// 发布: the branch shows it to those who belong to it.
        Publish = "publish",
        /// Do not publish it, or no longer.
        Decline = "decline",
        /// 认领: take it on.
        Claim = "claim",
        /// Give a claim back.
        Release = "release",
        /// It is done.
        Fulfil = "fulfil",
        /// 致谢.
        Thank = "thank",
        /// Take it back.
        Withdraw = "withdraw",
    }
}

words! {
    /// What somebody is to a wish.
    pub enum Party as "WishParty" {
        /// Who wrote it.
        Author = "author",
        /// The organisation's people.
        Branch = "branch",
        /// Another member, who has claimed it.
        Claimer = "claimer",
        /// Another member who belongs to the organisation.
        Neighbour = "neighbour",
    }
}

/// Who has taken a wish on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimer {
    /// The account.
    pub account: AccountId,
    /// The member, where it is not an officer.
    pub member: Option<MemberId>,
    /// The name to show.
    pub name: String,
}

/// Where a wish stands, with what goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Waits for the branch.
    Written,
    /// May be claimed.
    Published,
    /// Somebody has taken it on.
    Claimed(Claimer),
    /// Done.
    Fulfilled(Claimer),
    /// Done, and thanked for.
    Thanked(Claimer),
    /// Taken back.
    Withdrawn,
    /// Not published, for this reason.
    Declined(String),
}

/// What somebody wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Show it to those who belong to the organisation.
    Publish,
    /// Do not, for a reason.
    Decline(String),
    /// Take it on.
    Claim(Claimer),
    /// Give the claim back.
    Release,
    /// It is done.
    Fulfil,
    /// Thank.
    Thank,
    /// Take it back.
    Withdraw,
}

/// What follows from a transition, for the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Note it in the history of the wish, under the verb's word.
    Note(Verb),
    /// The author is told at once.
    TellAuthor,
    /// The organisation's people are told at once: a member has done something.
    TellBranch,
    /// Who had claimed it is told at once, unless it was the same one: the branch has done something.
    TellClaimer(Claimer),
    /// The author has acted: whom it concerns is told on the next morning, together with all others' news.
    NewsTomorrow,
}

/// A wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Its id.
    pub id: WishId,
    /// Who wrote it. Of an anonymous one nobody is told.
    pub author: PersonId,
    /// To whom it is addressed: the home branch, or a host.
    pub organisation: OrganisationId,
    /// Whether the author stays unnamed.
    pub anonymous: bool,
    /// Where it stands.
    pub state: State,
    /// Counts changes; a stale one is refused.
    pub version: i32,
}

/// The transition is not drawn from this state, or is another party's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{verb} is not possible from {state} for the {by}")]
pub struct Refused {
    /// Where it stands.
    pub state: StateName,
    /// What was asked.
    pub verb: Verb,
    /// By whom.
    pub by: Party,
}

/// Why a wish can't be changed so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAmended {
    /// Only a wish that waits for the branch is written anew.
    #[error("it was published before, or has ended")]
    NotWritten,
    /// The branch has seen the name.
    #[error("who was named can't become unnamed")]
    WasNamed,
}

impl Command {
    /// Its word.
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Publish => Verb::Publish,
            Self::Decline(_) => Verb::Decline,
            Self::Claim(_) => Verb::Claim,
            Self::Release => Verb::Release,
            Self::Fulfil => Verb::Fulfil,
            Self::Thank => Verb::Thank,
            Self::Withdraw => Verb::Withdraw,
        }
    }
}

impl State {
    /// Its word.
    pub const fn name(&self) -> StateName {
        match self {
            Self::Written => StateName::Written,
            Self::Published => StateName::Published,
            Self::Claimed(_) => StateName::Claimed,
            Self::Fulfilled(_) => StateName::Fulfilled,
            Self::Thanked(_) => StateName::Thanked,
            Self::Withdrawn => StateName::Withdrawn,
            Self::Declined(_) => StateName::Declined,
        }
    }

    /// Who has taken it on.
    pub const fn claimer(&self) -> Option<&Claimer> {
        match self {
            Self::Claimed(claimer) | Self::Fulfilled(claimer) | Self::Thanked(claimer) => Some(claimer),
            Self::Written | Self::Published | Self::Withdrawn | Self::Declined(_) => None,
        }
    }

    /// Why it was declined.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Declined(reason) => Some(reason),
            _ => None,
        }
    }

    /// The transitions that are drawn from here for somebody.
    pub const fn allowed(&self, by: Party) -> &'static [Verb] {
        use Party as P;
        match (self, by) {
            (Self::Written, P::Branch) => &[Verb::Publish, Verb::Decline],
            (Self::Published, P::Branch) => &[Verb::Decline, Verb::Claim],
            (Self::Published, P::Neighbour) => &[Verb::Claim],
            (Self::Claimed(_), P::Branch | P::Claimer) => &[Verb::Release, Verb::Fulfil],
            (Self::Fulfilled(_), P::Author) => &[Verb::Thank],
            (Self::Written | Self::Published | Self::Claimed(_), P::Author) => &[Verb::Withdraw],
            _ => &[],
        }
    }

    /// Whether somebody may write about it: the author and the branch while it has not ended, whoever has claimed it
    /// until it was thanked for.
    pub const fn may_be_spoken_of(&self, by: Party) -> bool {
        match by {
            Party::Author | Party::Branch => {
                matches!(
                    self,
                    Self::Written | Self::Published | Self::Claimed(_) | Self::Fulfilled(_)
                )
            }
            Party::Claimer => matches!(self, Self::Claimed(_) | Self::Fulfilled(_)),
            Party::Neighbour => false,
        }
    }
}

impl Wish {
    /// Applies a command: the wish after it, and what follows.
    ///
    /// # Errors
    /// [`Refused`] when the transition is not drawn for whoever wants it.
    pub fn apply(self, command: Command, by: Party) -> Result<(Self, Vec<Effect>), Refused> {
        use Command as C;
        use Effect as E;
        use State as S;
        let verb = command.verb();
        let refused = Refused {
            state: self.state.name(),
            verb,
            by,
        };
        if !self.state.allowed(by).contains(&verb) {
            return Err(refused);
        }
        let others = |claimer: &Claimer| match by {
            Party::Branch => vec![E::TellClaimer(claimer.clone())],
            Party::Claimer | Party::Neighbour => vec![E::TellBranch],
            Party::Author => vec![],
        };
        let (state, mut follow) = match (self.state, command) {
            (S::Written, C::Publish) => (S::Published, vec![]),
            (S::Written | S::Published, C::Decline(reason)) => (S::Declined(reason), vec![]),
            (S::Published, C::Claim(claimer)) => {
                let told = others(&claimer);
                (S::Claimed(claimer), told)
            }
            (S::Claimed(claimer), C::Release) => (S::Published, others(&claimer)),
            (S::Claimed(claimer), C::Fulfil) => {
                let told = others(&claimer);
                (S::Fulfilled(claimer), told)
            }
            (S::Fulfilled(claimer), C::Thank) => (S::Thanked(claimer), vec![]),
            (S::Written | S::Published | S::Claimed(_), C::Withdraw) => (S::Withdrawn, vec![]),
            _ => return Err(refused),
        };
        follow.insert(
            0,
            if by == Party::Author {
                E::NewsTomorrow
            } else {
                E::TellAuthor
            },
        );
        follow.insert(0, E::Note(verb));
        Ok((
            Self {
                state,
                version: self.version + 1,
                ..self
            },
            follow,
        ))
    }

    /// Whether the author may write it anew, and be named or not.
    ///
    /// # Errors
    /// [`NotAmended`] once it was published, and for an author who was named and shall be so no more.
    pub fn check_amendment(&self, anonymous: bool) -> Result<(), NotAmended> {
        if self.state != State::Written {
            Err(NotAmended::NotWritten)
        } else if anonymous && !self.anonymous {
            Err(NotAmended::WasNamed)
        } else {
            Ok(())
        }
    }
}

/// The instant that stands for a day wherever one is needed, in ids above all: of an author's act no other is kept.
pub fn stands_for(day: NaiveDate) -> DateTime<Utc> {
    (day.and_time(NaiveTime::MIN) + TimeDelta::hours(12)).and_utc()
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::transitions::Step;

    fn claimer(member: bool) -> Claimer {
        Claimer {
            account: AccountId(Uuid::nil()),
            member: member.then_some(MemberId(Uuid::nil())),
            name: "陈邻居".to_owned(),
        }
    }

    fn wish(state: State) -> Wish {
        Wish {
            id: WishId(Uuid::nil()),
            author: PersonId(Uuid::nil()),
            organisation: OrganisationId(Uuid::nil()),
            anonymous: true,
            state,
            version: 1,
        }
    }

    fn states() -> [State; 8] {
        [
            State::Written,
            State::Published,
            State::Claimed(claimer(true)),
            State::Claimed(claimer(false)),
            State::Fulfilled(claimer(true)),
            State::Thanked(claimer(true)),
            State::Withdrawn,
            State::Declined("重复".to_owned()),
        ]
    }

    fn commands() -> [Command; 7] {
        [
            Command::Publish,
            Command::Decline("重复".to_owned()),
            Command::Claim(claimer(true)),
            Command::Release,
            Command::Fulfil,
            Command::Thank,
            Command::Withdraw,
        ]
    }

    /// Every sample told every command by whoever may, for the tables of transitions.
    pub(crate) fn steps() -> Vec<Step> {
        let told = states()
            .into_iter()
            .map(wish)
            .flat_map(|before| commands().map(|command| (before.clone(), command)));
        told.map(|(before, command)| {
            let after = Party::ALL.iter().find_map(|by| {
                let applied = before.clone().apply(command.clone(), *by);
                applied.ok().map(|(after, _)| after.state.name().as_str())
            });
            (before.state.name().as_str(), command.verb().as_str(), after)
        })
        .collect()
    }

    #[test]
    fn what_allowed_promises_apply_keeps() {
        for state in states() {
            for command in commands() {
                for by in Party::ALL.iter().copied() {
                    let promised = state.allowed(by).contains(&command.verb());
                    let applied = wish(state.clone()).apply(command.clone(), by);
                    assert_eq!(applied.is_ok(), promised, "{state:?} {command:?} {by}");
                }
            }
        }
    }

    #[test]
    fn what_the_author_does_is_told_to_nobody_at_once() {
        for state in states() {
            for command in commands() {
                for by in Party::ALL.iter().copied() {
                    let Ok((_, effects)) = wish(state.clone()).apply(command.clone(), by) else {
                        continue;
                    };
                    let tomorrow = effects.contains(&Effect::NewsTomorrow);
                    assert_eq!(tomorrow, by == Party::Author, "{state:?} {command:?}");
                    if tomorrow {
                        assert_eq!(effects, [Effect::Note(command.verb()), Effect::NewsTomorrow]);
                    } else {
                        assert!(effects.contains(&Effect::TellAuthor), "{state:?} {command:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn whoever_has_been_named_stays_named_and_what_is_published_stays_as_it_is() {
        let named = Wish {
            anonymous: false,
            ..wish(State::Written)
        };
        assert_eq!(named.check_amendment(true), Err(NotAmended::WasNamed));
        assert_eq!(named.check_amendment(false), Ok(()));
        assert_eq!(wish(State::Written).check_amendment(false), Ok(()));
        assert_eq!(
            wish(State::Published).check_amendment(true),
            Err(NotAmended::NotWritten)
        );
    }

    #[test]
    fn a_neighbour_writes_nothing_before_the_claim() {
        for state in states() {
            assert!(!state.may_be_spoken_of(Party::Neighbour));
            let open = !matches!(state, State::Thanked(_) | State::Withdrawn | State::Declined(_));
            assert_eq!(state.may_be_spoken_of(Party::Author), open, "{state:?}");
        }
    }

    proptest! {
        #[test]
        fn no_sequence_of_commands_leaves_the_diagram(picks in prop::collection::vec((0..7_usize, 0..4_usize), 0..40)) {
            let mut now = wish(State::Written);
            for (pick, by) in picks {
                let before = now.clone();
                match now.apply(commands()[pick].clone(), Party::ALL[by]) {
                    Ok((after, _)) => {
                        prop_assert_eq!(after.version, before.version + 1);
                        prop_assert_eq!(after.anonymous, before.anonymous);
                        now = after;
                    }
                    Err(refused) => {
                        prop_assert_eq!(refused.state, before.state.name());
                        now = before;
                    }
                }
            }
        }
    }
}
