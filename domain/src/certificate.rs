//! The certificate (流动党员活动证) that a member takes along on a journey, as an electronic proof: its number, its period,
//! its states, and what a host that is shown one is told.
//!
//! The booklet on paper is printed by provinces alone; this one never imitates it.
use std::fmt;

use chrono::{Datelike as _, Months, NaiveDate};

use crate::id::{CertificateId, JourneyId, MemberId, OrganisationId};
use crate::organisation::OrganisationKind;
use crate::words;

/// Where the certificate stands, with the data of that state only. That its period is over is computed, never stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// In force, within its period.
    Valid,
    /// Reported lost: no host takes it any more, and another can be issued in its place.
    Lost {
        /// The day.
        on: NaiveDate,
    },
    /// Another was issued in its place (补发): the old number is void.
    Replaced {
        /// The day.
        on: NaiveDate,
        /// The number in its place.
        by: String,
    },
    /// Taken back by the branch that issued it.
    Revoked {
        /// The day.
        on: NaiveDate,
        /// Why.
        reason: String,
    },
    /// The journey has ended, and the certificate with it.
    Ended {
        /// The day.
        on: NaiveDate,
    },
    /// Handed back on return (交回).
    HandedBack {
        /// The day.
        on: NaiveDate,
    },
}

words! {
    /// A state's word.
    pub enum StateName as "CertificateState" {
        /// In force, within its period.
        Valid = "valid",
        /// Reported lost.
        Lost = "lost",
        /// Another was issued in its place.
        Replaced = "replaced",
        /// Taken back by the branch that issued it.
        Revoked = "revoked",
        /// The journey has ended.
        Ended = "ended",
        /// Handed back on return.
        HandedBack = "handed_back",
    }
}

words! {
    /// A command's word in paths, problems and `allowed`.
    pub enum Verb as "CertificateTransition" {
        /// Make the period longer.
        Extend = "extend",
        /// Take it back.
        Revoke = "revoke",
        /// It was lost.
        ReportLost = "report_lost",
        /// Issue another in its place.
        Reissue = "reissue",
        /// It was handed back.
        Return = "return",
        /// The journey has ended.
        End = "end",
    }
}

words! {
    /// What is entered in a certificate, and by whom.
    pub enum EntryKind as "CertificateEntryKind" {
        /// The host, on admission: where, since when, whom to ask.
        Admission = "admission",
        /// The yearly review (年审), by the formal home or by the host.
        Review = "review",
        /// The host, when the holder leaves: 参加党的活动和交纳党费情况.
        Conduct = "conduct",
    }
}

/// What somebody wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Make the period longer, to this day.
    Extend(NaiveDate),
    /// Take it back.
    Revoke {
        /// The day.
        on: NaiveDate,
        /// Why.
        reason: String,
    },
    /// It was lost on that day.
    ReportLost(NaiveDate),
    /// Issue another in its place.
    Reissue {
        /// The day.
        on: NaiveDate,
        /// The number in its place.
        by: String,
    },
    /// It was handed back on that day.
    Return(NaiveDate),
    /// The journey ended on that day.
    End(NaiveDate),
}

/// What follows from a transition, for the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Note it on the journey's timeline, under the verb's word.
    Note(Verb),
    /// The journey has no certificate any more.
    ForgetNumber,
}

/// A number of a committee's yearly series, counted from 1 without gaps: `QT-2027-0001`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// The code of the committee that counts.
    pub issuer: String,
    /// The year of issue.
    pub year: i32,
    /// The number in that year.
    pub serial: i32,
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{:04}", self.issuer, self.year, self.serial)
    }
}

/// The first and the last day on which a certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
}

/// The longest period at one time, in months; it can be made longer again and again.
pub const LONGEST_MONTHS: Months = Months::new(12);

/// A day that can't be the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPeriod {
    /// It lies before the first day, or is over already.
    #[error("over before it begins")]
    Over,
    /// It lies more than a year ahead.
    #[error("longer than a year")]
    TooLong,
    /// It is not later than the last day up to now.
    #[error("no longer than it is")]
    NotLonger,
}

impl BadPeriod {
    /// The stable word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Over => "period_over",
            Self::TooLong => "period_too_long",
            Self::NotLonger => "period_not_longer",
        }
    }
}

impl Period {
    /// The period of a certificate issued on `today`: to the day that is asked for, else to the expected return, at most
    /// a year.
    ///
    /// # Errors
    /// [`BadPeriod`] for a day that was asked for and can't be.
    pub fn of_issue(
        today: NaiveDate,
        expected_return: Option<NaiveDate>,
        asked: Option<NaiveDate>,
    ) -> Result<Self, BadPeriod> {
        let longest = today + LONGEST_MONTHS;
        let until = match asked {
            Some(until) if until < today => return Err(BadPeriod::Over),
            Some(until) if until > longest => return Err(BadPeriod::TooLong),
            Some(until) => until,
            None => expected_return
                .filter(|day| *day >= today)
                .map_or(longest, |day| day.min(longest)),
        };
        Ok(Self { from: today, until })
    }

    /// Whether the period can be made longer to `until` on `today`.
    ///
    /// # Errors
    /// [`BadPeriod`] when it would not be longer, would be over, or lasts more than a year from today.
    pub fn check_extension(self, today: NaiveDate, until: NaiveDate) -> Result<(), BadPeriod> {
        if until <= self.until {
            Err(BadPeriod::NotLonger)
        } else if until < today {
            Err(BadPeriod::Over)
        } else if until > today + LONGEST_MONTHS {
            Err(BadPeriod::TooLong)
        } else {
            Ok(())
        }
    }
}

/// Who counts the numbers for a branch: the nearest committee above it, else the nearest that is no branch. `above` are
/// the organisations over the branch, the nearest first.
pub fn issuer<I>(above: impl IntoIterator<Item = (I, OrganisationKind)>) -> Option<I> {
    let mut otherwise = None;
    for (id, kind) in above {
        if kind == OrganisationKind::Committee {
            return Some(id);
        }
        if otherwise.is_none() && !kind.keeps_relations() {
            otherwise = Some(id);
        }
    }
    otherwise
}

/// A right that the certificate does not give: the word, and how it is said in Chinese and in English.
pub const NOT_GRANTED: &[(&str, &str, &str)] = &[(
    "vote",
    "持证参加流入地党组织生活、交纳党费，但在流入地正式党组织中没有表决权、选举权和被选举权；在流动党员党组织中按其批准文件执行。",
    "The holder takes part and pays dues at the host, but neither votes nor is elected in the host's regular \
     organisation; in an organisation of mobile members, as its approval says.",
)];

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its id.
    pub id: CertificateId,
    /// Its number.
    pub number: String,
    /// Whose.
    pub member: MemberId,
    /// For which journey.
    pub journey: JourneyId,
    /// The committee that counts the numbers.
    pub issuer: OrganisationId,
    /// The day of issue.
    pub issued_on: NaiveDate,
    /// Who issued it.
    pub issued_by: String,
    /// When it is good.
    pub period: Period,
    /// Where it stands.
    pub state: State,
    /// Counts changes; a stale one is refused.
    pub version: i32,
}

/// The transition is not drawn from this state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{verb} is not possible from {}", state.name())]
pub struct Refused {
    /// Where it stands.
    pub state: State,
    /// What was asked.
    pub verb: Verb,
}

/// Why a certificate that is shown does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub enum Refusal {
    /// It can't be read.
    Malformed,
    /// It is something else that is signed here, such as an access token.
    OtherKind,
    /// It was signed with a key that is not known here.
    UnknownKey,
    /// Its signature is not that of its key.
    Forged,
    /// No certificate of this number was issued here.
    Unknown,
    /// It is good from a later day on.
    NotYet(NaiveDate),
    /// Its period ended on that day.
    Expired(NaiveDate),
    /// It was reported lost on that day.
    Lost(NaiveDate),
    /// Another was issued in its place on that day.
    Replaced(NaiveDate),
    /// It was taken back on that day.
    Revoked(NaiveDate),
    /// The journey ended on that day.
    Ended(NaiveDate),
    /// It was handed back on that day.
    HandedBack(NaiveDate),
    /// It is good, and another person's.
    OtherPerson,
}

impl Refusal {
    /// The stable word.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "certificate_malformed",
            Self::OtherKind => "certificate_other_kind",
            Self::UnknownKey => "certificate_unknown_key",
            Self::Forged => "certificate_forged",
            Self::Unknown => "certificate_unknown",
            Self::NotYet(_) => "certificate_not_yet",
            Self::Expired(_) => "certificate_expired",
            Self::Lost(_) => "certificate_lost",
            Self::Replaced(_) => "certificate_replaced",
            Self::Revoked(_) => "certificate_revoked",
            Self::Ended(_) => "certificate_ended",
            Self::HandedBack(_) => "certificate_handed_back",
            Self::OtherPerson => "certificate_other_person",
        }
    }

    /// Since when, where there is a day.
    pub const fn day(&self) -> Option<NaiveDate> {
        match self {
            Self::NotYet(on)
            | Self::Expired(on)
            | Self::Lost(on)
            | Self::Replaced(on)
            | Self::Revoked(on)
            | Self::Ended(on)
            | Self::HandedBack(on) => Some(*on),
            Self::Malformed | Self::OtherKind | Self::UnknownKey | Self::Forged | Self::Unknown | Self::OtherPerson => {
                None
            }
        }
    }
}

impl Command {
    /// Its word.
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Extend(_) => Verb::Extend,
            Self::Revoke { .. } => Verb::Revoke,
            Self::ReportLost(_) => Verb::ReportLost,
            Self::Reissue { .. } => Verb::Reissue,
            Self::Return(_) => Verb::Return,
            Self::End(_) => Verb::End,
        }
    }
}

impl Verb {
    /// Whether the branch decides it; the end comes with the journey's.
    pub const fn is_branchs(self) -> bool {
        !matches!(self, Self::End)
    }
}

impl State {
    /// Its word.
    pub const fn name(&self) -> StateName {
        match self {
            Self::Valid => StateName::Valid,
            Self::Lost { .. } => StateName::Lost,
            Self::Replaced { .. } => StateName::Replaced,
            Self::Revoked { .. } => StateName::Revoked,
            Self::Ended { .. } => StateName::Ended,
            Self::HandedBack { .. } => StateName::HandedBack,
        }
    }

    /// The transitions that are drawn from here.
    pub const fn allowed(&self) -> &'static [Verb] {
        match self {
            Self::Valid => &[
                Verb::Extend,
                Verb::Revoke,
                Verb::ReportLost,
                Verb::Reissue,
                Verb::Return,
                Verb::End,
            ],
            Self::Lost { .. } => &[Verb::Revoke, Verb::Reissue, Verb::End],
            Self::Ended { .. } => &[Verb::Return],
            Self::Replaced { .. } | Self::Revoked { .. } | Self::HandedBack { .. } => &[],
        }
    }

    /// Since when it has not been valid.
    pub const fn since(&self) -> Option<NaiveDate> {
        match self {
            Self::Valid => None,
            Self::Lost { on }
            | Self::Replaced { on, .. }
            | Self::Revoked { on, .. }
            | Self::Ended { on }
            | Self::HandedBack { on } => Some(*on),
        }
    }

    /// Whether an entry of that kind is taken: the host writes its last one after the journey has ended, too.
    pub const fn takes(&self, kind: EntryKind) -> bool {
        match kind {
            EntryKind::Admission | EntryKind::Review => matches!(self, Self::Valid),
            EntryKind::Conduct => matches!(self, Self::Valid | Self::Lost { .. } | Self::Ended { .. }),
        }
    }
}

impl Certificate {
    /// Applies a command: the certificate after it, and what follows.
    ///
    /// # Errors
    /// [`Refused`] when the transition is not drawn.
    pub fn apply(self, command: Command) -> Result<(Self, Vec<Effect>), Refused> {
        use Command as C;
        use State as S;
        let verb = command.verb();
        let mut period = self.period;
        let state = match (self.state, command) {
            (S::Valid, C::Extend(until)) => {
                period.until = until;
                S::Valid
            }
            (S::Valid | S::Lost { .. }, C::Revoke { on, reason }) => S::Revoked { on, reason },
            (S::Valid, C::ReportLost(on)) => S::Lost { on },
            (S::Valid | S::Lost { .. }, C::Reissue { on, by }) => S::Replaced { on, by },
            (S::Valid | S::Ended { .. }, C::Return(on)) => S::HandedBack { on },
            (S::Valid | S::Lost { .. }, C::End(on)) => S::Ended { on },
            (state, _) => return Err(Refused { state, verb }),
        };
        let forget = matches!(state, S::Revoked { .. }).then_some(Effect::ForgetNumber);
        let effects = [Some(Effect::Note(verb)), forget].into_iter().flatten().collect();
        let after = Self {
            state,
            period,
            version: self.version + 1,
            ..self
        };
        Ok((after, effects))
    }

    /// Whether the period is over on `today`. Computed, never stored.
    pub fn is_expired(&self, today: NaiveDate) -> bool {
        self.period.until < today
    }

    /// Whether a host that is shown it on `today` may rely on it.
    ///
    /// # Errors
    /// [`Refusal`], which says why not, and since when.
    pub fn check(&self, today: NaiveDate) -> Result<(), Refusal> {
        match &self.state {
            State::Lost { on } => Err(Refusal::Lost(*on)),
            State::Replaced { on, .. } => Err(Refusal::Replaced(*on)),
            State::Revoked { on, .. } => Err(Refusal::Revoked(*on)),
            State::Ended { on } => Err(Refusal::Ended(*on)),
            State::HandedBack { on } => Err(Refusal::HandedBack(*on)),
            State::Valid if self.is_expired(today) => Err(Refusal::Expired(self.period.until)),
            State::Valid if today < self.period.from => Err(Refusal::NotYet(self.period.from)),
            State::Valid => Ok(()),
        }
    }

    /// Whether the year can be reviewed on `today`: one in which it was in force, this one at the latest.
    pub fn can_be_reviewed_for(&self, year: i32, today: NaiveDate) -> bool {
        (self.period.from.year()..=today.year()).contains(&year)
    }
}

#[cfg(test)]
pub(crate) mod tests;
