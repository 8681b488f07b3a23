//! Service requests (服务事项): a member asks the home branch, or the host where the member is admitted, for help with work,
//! a school, a rule, hardship or the law; somebody is put in charge, answers, and the member says whether that settles it.
//!
//! Each kind has its term. What nobody answers in time goes to the organisation above, and after as long again to the one
//! above that: two steps, each once. Those above may answer in the place of the one that was asked.
//!
//! What the member says of an answer is one of three words about the answer. There are no stars to be averaged, no list is
//! put in order by them, and nothing counts them by person: members and officers are not scored.
use chrono::{Days, NaiveDate};

use crate::id::{AccountId, OrganisationId, PersonId, ServiceRequestId};
use crate::words;

words! {
    /// What is asked for.
    pub enum Kind as "ServiceKind" {
        /// 就业指导.
        Employment = "employment",
        /// 子女入学.
        Schooling = "schooling",
        /// 政策咨询.
        Policy = "policy",
        /// 困难帮扶.
        Hardship = "hardship",
        /// 法律援助.
        Legal = "legal",
        /// Something else.
        Other = "other",
    }
}

words! {
    /// Where a request stands.
    pub enum StateName as "ServiceState" {
        /// Nobody is in charge yet.
        Open = "open",
        /// 已交办: somebody is in charge.
        Assigned = "assigned",
        /// 已答复.
        Answered = "answered",
        /// 已办结: the member says that it is settled.
        Resolved = "resolved",
        /// 已评价: the member has said what the answer was worth.
        Rated = "rated",
        /// Taken back by the member.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// A command's word in paths, problems and `allowed`.
    pub enum Verb as "ServiceTransition" {
        /// 交办: put somebody in charge.
        Assign = "assign",
        /// 答复.
        Answer = "answer",
        /// 办结: it is settled.
        Resolve = "resolve",
        /// It is not settled: it is asked again, and is due anew.
        Reopen = "reopen",
        /// 评价: say what the answer was worth.
        Rate = "rate",
        /// Take it back.
        Withdraw = "withdraw",
    }
}

words! {
    /// What an answer was worth to the member: a word about the answer, never about whoever gave it.
    pub enum Rating as "ServiceRating" {
        /// 解决了问题.
        Helped = "helped",
        /// 部分解决.
        Partly = "partly",
        /// 没有解决.
        NotHelped = "not_helped",
    }
}

words! {
    /// What somebody is to a request.
    pub enum Party as "ServiceParty" {
        /// Who asks.
        Asker = "asker",
        /// The people of the organisation that is asked, and of those above it.
        Staff = "staff",
    }
}

words! {
    /// For whom somebody speaks about a wish or a request.
    pub enum Side as "ServiceSide" {
        /// Whose wish or request it is.
        Person = "person",
        /// The organisation.
        Staff = "staff",
        /// Another member, who has claimed a wish.
        Claimer = "claimer",
    }
}

/// Who is in charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    /// The account.
    pub account: AccountId,
    /// The name to show.
    pub name: String,
}

/// Days within which each kind is answered: the choice of the organisation that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// For [`Kind::Employment`].
    pub employment: u16,
    /// For [`Kind::Schooling`].
    pub schooling: u16,
    /// For [`Kind::Policy`].
    pub policy: u16,
    /// For [`Kind::Hardship`].
    pub hardship: u16,
    /// For [`Kind::Legal`].
    pub legal: u16,
    /// For [`Kind::Other`].
    pub other: u16,
}

impl Terms {
    /// What holds where nobody has chosen: local rules, for no central one sets a term.
    pub const DEFAULT: Self = Self {
        employment: 15,
        schooling: 10,
        policy: 5,
        hardship: 3,
        legal: 10,
        other: 10,
    };

    /// The term of a kind.
    pub const fn of(&self, kind: Kind) -> u16 {
        match kind {
            Kind::Employment => self.employment,
            Kind::Schooling => self.schooling,
            Kind::Policy => self.policy,
            Kind::Hardship => self.hardship,
            Kind::Legal => self.legal,
            Kind::Other => self.other,
        }
    }
}

/// How often a request goes one organisation up: to the parent, and to the one above that.
pub const MOST_ESCALATIONS: u8 = 2;

/// Days before an answer is due on which whoever is in charge is reminded.
pub const DUE_SOON_DAYS: u16 = 2;

/// When an answer is due, and how far up the request has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Days within which an answer is due.
    pub term: u16,
    /// The last day on which an answer is in time.
    pub due_on: NaiveDate,
    /// How often it has gone up.
    pub escalations: u8,
    /// The day on which it goes up next, unless it is answered.
    pub escalates_on: Option<NaiveDate>,
}

impl Clock {
    /// What is asked on `today` is due at the end of its term, and goes up on the day after.
    pub fn start(term: u16, today: NaiveDate) -> Self {
        let due_on = today + Days::new(term.into());
        Self {
            term,
            due_on,
            escalations: 0,
            escalates_on: Some(due_on + Days::new(1)),
        }
    }

    /// The day on which the answer was due that comes on `today`; none where it comes in time.
    pub fn missed(self, today: NaiveDate) -> Option<NaiveDate> {
        (today > self.due_on).then_some(self.due_on)
    }

    /// After it turned out, on `today`, to be of a kind with another term: due as if it had been asked so, but not before
    /// today. What has gone up stays where it is.
    #[must_use]
    pub fn with_term(self, term: u16, asked_on: NaiveDate, today: NaiveDate) -> Self {
        let due_on = Self::start(term, asked_on).due_on.max(today);
        let next = if self.escalations == 0 {
            Some(due_on + Days::new(1))
        } else {
            self.escalates_on
        };
        Self {
            term,
            due_on,
            escalates_on: next,
            ..self
        }
    }

    /// After it went up on `today`: whoever was told has as long again, however late the telling was.
    #[must_use]
    pub fn escalated(self, today: NaiveDate) -> Self {
        let escalations = self.escalations.saturating_add(1);
        let again = today + Days::new(u64::from(self.term) + 1);
        Self {
            escalations,
            escalates_on: (escalations < MOST_ESCALATIONS).then_some(again),
            ..self
        }
    }
}

/// What somebody wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Put somebody in charge.
    Assign(Officer),
    /// Answer.
    Answer,
    /// It is settled.
    Resolve,
    /// It is not: asked again today, with this term.
    Reopen {
        /// The day.
        today: NaiveDate,
        /// Days within which an answer is due.
        term: u16,
    },
    /// Say what the answer was worth.
    Rate(Rating),
    /// Take it back.
    Withdraw,
}

/// What follows from a transition, for the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Note it on the timeline, under the verb's word.
    Note(Verb),
    /// Who asks is told.
    TellAsker,
    /// Who has been put in charge is told.
    TellOfficer(AccountId),
    /// Who is in charge is told, else the organisation's people: it was asked again.
    TellStaff,
}

/// A service request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRequest {
    /// Its id.
    pub id: ServiceRequestId,
    /// Who asks.
    pub asker: PersonId,
    /// Who is asked: the home branch, or a host.
    pub organisation: OrganisationId,
    /// What is asked for.
    pub kind: Kind,
    /// Where it stands.
    pub state: StateName,
    /// Who is in charge.
    pub officer: Option<Officer>,
    /// What the answer was worth.
    pub rating: Option<Rating>,
    /// When an answer is due.
    pub clock: Clock,
    /// Counts changes; a stale one is refused.
    pub version: i32,
}

/// The transition is not drawn from this state, or is the other party's.
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

impl Command {
    /// Its word.
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Assign(_) => Verb::Assign,
            Self::Answer => Verb::Answer,
            Self::Resolve => Verb::Resolve,
            Self::Reopen { .. } => Verb::Reopen,
            Self::Rate(_) => Verb::Rate,
            Self::Withdraw => Verb::Withdraw,
        }
    }
}

impl StateName {
    /// The states in which an answer is awaited.
    pub const UNANSWERED: [Self; 2] = [Self::Open, Self::Assigned];

    /// Whether an answer is awaited.
    pub const fn is_unanswered(self) -> bool {
        matches!(self, Self::Open | Self::Assigned)
    }

    /// The transitions that are drawn from here for somebody. Staff settle or reopen for those who have no app; only who
    /// asks says what the answer was worth.
    pub const fn allowed(self, by: Party) -> &'static [Verb] {
        match (self, by) {
            (Self::Open | Self::Assigned, Party::Staff) => &[Verb::Assign, Verb::Answer],
            (Self::Open | Self::Assigned, Party::Asker) => &[Verb::Withdraw],
            (Self::Answered, _) => &[Verb::Resolve, Verb::Reopen],
            (Self::Resolved, Party::Asker) => &[Verb::Rate, Verb::Reopen],
            (Self::Resolved, Party::Staff) => &[Verb::Reopen],
            (Self::Rated | Self::Withdrawn, _) => &[],
        }
    }
}

impl ServiceRequest {
    /// Whether an answer is awaited that should have come before `today`.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.state.is_unanswered() && self.clock.due_on < today
    }

    /// Applies a command: the request after it, and what follows.
    ///
    /// # Errors
    /// [`Refused`] when the transition is not drawn for whoever wants it.
    pub fn apply(self, command: Command, by: Party) -> Result<(Self, Vec<Effect>), Refused> {
        use Command as C;
        use Effect as E;
        use StateName as S;
        let verb = command.verb();
        if !self.state.allowed(by).contains(&verb) {
            let state = self.state;
            return Err(Refused { state, verb, by });
        }
        let mut after = Self {
            version: self.version + 1,
            ..self
        };
        let mut effects = vec![E::Note(verb)];
        match command {
            C::Assign(officer) => {
                effects.extend([E::TellAsker, E::TellOfficer(officer.account)]);
                after.state = S::Assigned;
                after.officer = Some(officer);
            }
            C::Answer => {
                effects.push(E::TellAsker);
                after.state = S::Answered;
                after.clock.escalates_on = None;
            }
            C::Resolve => after.state = S::Resolved,
            C::Reopen { today, term } => {
                effects.push(E::TellStaff);
                after.state = if after.officer.is_some() { S::Assigned } else { S::Open };
                after.clock = Clock::start(term, today);
            }
            C::Rate(rating) => {
                after.state = S::Rated;
                after.rating = Some(rating);
            }
            C::Withdraw => {
                after.state = S::Withdrawn;
                after.clock.escalates_on = None;
            }
        }
        Ok((after, effects))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::transitions::Step;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn officer() -> Officer {
        Officer {
            account: AccountId(Uuid::nil()),
            name: "王干部".to_owned(),
        }
    }

    fn request(state: StateName, officer: Option<Officer>) -> ServiceRequest {
        ServiceRequest {
            id: ServiceRequestId(Uuid::nil()),
            asker: PersonId(Uuid::nil()),
            organisation: OrganisationId(Uuid::nil()),
            kind: Kind::Schooling,
            state,
            officer,
            rating: None,
            clock: Clock::start(10, day("2027-03-01")),
            version: 1,
        }
    }

    fn samples() -> Vec<ServiceRequest> {
        let of = |state: &StateName| match state {
            StateName::Assigned => vec![request(*state, Some(officer()))],
            _ => vec![request(*state, None)],
        };
        StateName::ALL.iter().flat_map(of).collect()
    }

    fn commands() -> [Command; 6] {
        [
            Command::Assign(officer()),
            Command::Answer,
            Command::Resolve,
            Command::Reopen {
                today: day("2027-04-01"),
                term: 10,
            },
            Command::Rate(Rating::Helped),
            Command::Withdraw,
        ]
    }

    /// Every sample told every command by whoever may, for the tables of transitions.
    pub(crate) fn steps() -> Vec<Step> {
        let with_officer = StateName::ALL
            .iter()
            .filter(|state| **state != StateName::Open)
            .map(|state| request(*state, Some(officer())));
        let told = samples()
            .into_iter()
            .chain(with_officer)
            .flat_map(|before| commands().map(|command| (before.clone(), command)));
        told.map(|(before, command)| {
            let after = Party::ALL.iter().find_map(|by| {
                let applied = before.clone().apply(command.clone(), *by);
                applied.ok().map(|(after, _)| after.state.as_str())
            });
            (before.state.as_str(), command.verb().as_str(), after)
        })
        .collect()
    }

    #[test]
    fn what_allowed_promises_apply_keeps() {
        for before in samples() {
            for command in commands() {
                for by in Party::ALL.iter().copied() {
                    let promised = before.state.allowed(by).contains(&command.verb());
                    let applied = before.clone().apply(command.clone(), by);
                    assert_eq!(applied.is_ok(), promised, "{before:?} {command:?} {by}");
                }
            }
        }
    }

    #[test]
    fn nobody_but_the_asker_says_what_the_answer_was_worth() {
        for state in StateName::ALL.iter().copied() {
            assert!(!state.allowed(Party::Staff).contains(&Verb::Rate));
            assert!(!state.allowed(Party::Staff).contains(&Verb::Withdraw));
        }
    }

    #[test]
    fn what_nobody_answers_goes_up_twice_and_a_late_step_leaves_as_long_again() {
        let clock = Clock::start(10, day("2027-03-01"));
        assert_eq!(
            (clock.due_on, clock.escalates_on),
            (day("2027-03-11"), Some(day("2027-03-12")))
        );
        let once = clock.escalated(day("2027-03-20"));
        assert_eq!((once.escalations, once.escalates_on), (1, Some(day("2027-03-31"))));
        assert_eq!(once.due_on, clock.due_on);
        let twice = once.escalated(day("2027-03-31"));
        assert_eq!((twice.escalations, twice.escalates_on), (2, None));
    }

    #[test]
    fn another_kind_is_due_as_if_it_had_been_asked_so_but_not_in_the_past() {
        let clock = Clock::start(10, day("2027-03-01"));
        let longer = clock.with_term(15, day("2027-03-01"), day("2027-03-05"));
        assert_eq!(
            (longer.due_on, longer.escalates_on),
            (day("2027-03-16"), Some(day("2027-03-17")))
        );
        let shorter = clock.with_term(3, day("2027-03-01"), day("2027-03-05"));
        assert_eq!(
            (shorter.due_on, shorter.escalates_on),
            (day("2027-03-05"), Some(day("2027-03-06")))
        );
        let gone_up = clock.escalated(day("2027-03-12"));
        let after = gone_up.with_term(3, day("2027-03-01"), day("2027-03-12"));
        assert_eq!(after.escalates_on, gone_up.escalates_on);
    }

    #[test]
    fn a_day_is_in_time_until_it_is_over_and_an_answer_stops_the_clock() {
        let waiting = request(StateName::Open, None);
        assert!(!waiting.is_overdue(day("2027-03-11")));
        assert!(waiting.is_overdue(day("2027-03-12")));
        let (answered, _) = waiting.apply(Command::Answer, Party::Staff).unwrap();
        assert!(!answered.is_overdue(day("2027-03-12")));
        assert_eq!(answered.clock.escalates_on, None);
    }

    #[test]
    fn what_is_asked_again_is_due_anew_and_stays_with_whoever_is_in_charge() {
        let answered = request(StateName::Answered, Some(officer()));
        let again = Command::Reopen {
            today: day("2027-04-01"),
            term: 5,
        };
        let (after, effects) = answered.apply(again, Party::Asker).unwrap();
        assert_eq!(after.state, StateName::Assigned);
        assert_eq!(after.clock, Clock::start(5, day("2027-04-01")));
        assert!(effects.contains(&Effect::TellStaff));
    }

    proptest! {
        #[test]
        fn no_sequence_of_commands_leaves_the_diagram(picks in prop::collection::vec((0..6_usize, 0..2_usize), 0..40)) {
            let mut now = request(StateName::Open, None);
            for (pick, by) in picks {
                let before = now.clone();
                match now.apply(commands()[pick].clone(), Party::ALL[by]) {
                    Ok((after, _)) => {
                        prop_assert_eq!(after.version, before.version + 1);
                        prop_assert_eq!(after.state == StateName::Rated, after.rating.is_some());
                        prop_assert_eq!(after.clock.escalates_on.is_some(), after.state.is_unanswered());
                        now = after;
                    }
                    Err(_) => now = before,
                }
            }
        }
    }
}
