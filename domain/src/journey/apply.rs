//! The machine: what a command does to a journey, and what follows.
use chrono::{Days, NaiveDate};

use super::{Command, Effect, Journey, Move, Refused, State, Verb};
use crate::declaration::DeclarationState;
use crate::id::DeclarationId;
use crate::notification::Occasion;
use crate::silence::{Silence, SilenceSource};
use crate::transfer::TransferState;

/// Nobody is asked about a departure that has happened, or will not.
pub(super) const LEFT: Effect = Effect::StopPrompts(&[Occasion::PreDeparture, Occasion::DepartureCheck]);
/// Nobody is asked to report who has just reported.
pub(super) const IN_CONTACT: Effect = Effect::StopPrompts(&[Occasion::CheckinDue, Occasion::CheckinOverdue]);
/// Nobody at home is asked anything about being away.
pub(super) const HOME: Effect = Effect::StopPrompts(Occasion::PROMPTS);

/// Where a command leads: the state, the open declaration, and what follows.
type Step = (State, Option<DeclarationId>, Vec<Effect>);

/// What a transfer under way comes to by a command, if it does not go on.
const fn ended_by(verb: Verb) -> Option<TransferState> {
    match verb {
        Verb::Transfer => Some(TransferState::Received),
        Verb::DeclineTransfer => Some(TransferState::Declined),
        Verb::DropTransfer | Verb::Return => Some(TransferState::Dropped),
        _ => None,
    }
}

impl Journey {
    /// Applies a command: the journey after it, and what follows.
    ///
    /// A contact never moves the due date back, so that a late one from a phone without network does no harm. Whatever
    /// shows that the member is there ends a proposal to declare the contact lost.
    ///
    /// # Errors
    /// [`Refused`] when the transition is not drawn, or something is missing for it.
    pub fn apply(self, command: Command) -> Result<(Self, Vec<Effect>), Refused> {
        let verb = command.verb();
        let (heard, silence) = self.hears(&command);
        let moved = match &command {
            Command::MoveOn(moved) => Some(moved.clone()),
            _ => None,
        };
        let started = match &command {
            Command::StartTransfer(id) => Some(*id),
            _ => None,
        };
        let (state, mut declaration, follow) = match command {
            Command::Declare(..)
            | Command::WithdrawDeclaration
            | Command::ConfirmOutOfContact
            | Command::TurnDownDeclaration
            | Command::RestoreContact(_) => self.declares(command)?,
            Command::StartTransfer(_) | Command::DropTransfer | Command::DeclineTransfer => self.transfers(&command)?,
            other => self.moves(other)?,
        };
        let mut effects = vec![Effect::Note(verb)];
        effects.extend(follow);
        if let (Some(id), Some(outcome)) = (self.transfer, ended_by(verb)) {
            effects.push(Effect::SettleTransfer(id, outcome));
        }
        if heard {
            let dropped = |id| Effect::SettleDeclaration(id, DeclarationState::Dropped);
            effects.extend(declaration.take().map(dropped));
        }
        effects.extend((!state.is_open()).then_some(Effect::EndCertificate));
        let transfer = match verb {
            Verb::StartTransfer => started,
            Verb::DropTransfer | Verb::DeclineTransfer => None,
            _ => self.transfer.filter(|_| state.is_open()),
        };
        let mut after = Self {
            state,
            silence,
            declaration,
            transfer,
            version: self.version + 1,
            ..self
        };
        if let Some(moved) = moved {
            after.interval_days = after.interval_days.min(moved.to.longest_interval());
            (after.destination, after.host) = (moved.to, moved.host);
        }
        Ok((after, effects))
    }

    fn due(&self, day: NaiveDate) -> NaiveDate {
        day + Days::new(u64::from(self.interval_days))
    }

    /// What a move to another place leaves behind: the place is kept, the old host told, the new one offered the member.
    fn leaves(&self, moved: &Move) -> Vec<Effect> {
        let left = Move {
            to: self.destination.clone(),
            host: self.host,
            on: moved.on,
        };
        let mut effects = vec![Effect::KeepPlace(left)];
        if self.host != moved.host {
            effects.push(Effect::LeaveHost);
            effects.extend(moved.host.map(Effect::OfferHandover));
        }
        effects
    }

    /// Where the member goes.
    fn moves(&self, command: Command) -> Result<Step, Refused> {
        use Command as C;
        use State as S;
        let verb = command.verb();
        let (state, follow) = match (&self.state, command) {
            (S::Planned, C::Depart(on)) => {
                let offer = self.host.map(Effect::OfferHandover);
                let away = S::Away {
                    since: on,
                    due: self.due(on),
                };
                (away, [Some(LEFT), offer])
            }
            (S::Planned, C::Cancel) => (S::Cancelled, [Some(LEFT), Some(Effect::WithdrawHandover)]),
            (S::Away { since, due }, C::CheckIn(on) | C::Contact(on)) => {
                let (since, due) = (*since, self.due(on).max(*due));
                (S::Away { since, due }, [Some(IN_CONTACT), None])
            }
            (S::OutOfContact { .. }, C::CheckIn(on) | C::Contact(on)) => return Ok(self.found(on)),
            (there @ S::Away { .. }, C::MoveOn(moved)) => {
                return Ok((there.clone(), self.declaration, self.leaves(&moved)));
            }
            (S::Away { since, .. }, C::ComeHome(on)) => {
                let (since, home_since) = (*since, on);
                (S::HomeVisit { since, home_since }, [Some(HOME), None])
            }
            (home @ S::HomeVisit { .. }, C::CheckIn(_) | C::Contact(_)) => (home.clone(), [None, None]),
            (S::HomeVisit { since, .. }, C::DepartAgain(on)) => {
                let (since, due) = (*since, self.due(on));
                (S::Away { since, due }, [None, None])
            }
            (S::Away { since, .. } | S::HomeVisit { since, .. }, C::Return(on)) => {
                (S::Returned { since: *since, on }, [Some(HOME), Some(Effect::TellHost)])
            }
            (S::Away { since, .. } | S::HomeVisit { since, .. }, C::Transfer(transfer)) => {
                let since = *since;
                (S::Transferred { since, transfer }, [Some(HOME), Some(Effect::TellHost)])
            }
            (there @ (S::Away { .. } | S::HomeVisit { .. }), C::RecordSigns(_)) => (there.clone(), [None, None]),
            _ => return Err(self.refused(verb, Vec::new())),
        };
        Ok((state, self.declaration, follow.into_iter().flatten().collect()))
    }

    /// Whether the formal relation is on its way.
    fn transfers(&self, command: &Command) -> Result<Step, Refused> {
        use Command as C;
        use State as S;
        let same = || (self.state.clone(), self.declaration, Vec::new());
        match (&self.state, self.transfer, command) {
            (S::Away { .. } | S::HomeVisit { .. }, None, C::StartTransfer(_)) => Ok(same()),
            (state, Some(_), C::DropTransfer | C::DeclineTransfer) if state.is_open() => Ok(same()),
            _ => Err(self.refused(command.verb(), Vec::new())),
        }
    }

    /// Whether the member is out of contact.
    fn declares(&self, command: Command) -> Result<Step, Refused> {
        use Command as C;
        use DeclarationState as D;
        use State as S;
        let verb = command.verb();
        match (&self.state, self.declaration, command) {
            (S::Away { .. }, None, C::Declare(id, search)) => {
                let missing = self.missing(&search);
                if missing.is_empty() {
                    Ok((self.state.clone(), Some(id), Vec::new()))
                } else {
                    Err(self.refused(verb, missing))
                }
            }
            (S::Away { since, .. }, Some(id), C::ConfirmOutOfContact) => {
                let confirmed = Effect::SettleDeclaration(id, D::Confirmed);
                Ok((S::OutOfContact { since: *since }, Some(id), vec![HOME, confirmed]))
            }
            (S::Away { .. }, Some(id), C::WithdrawDeclaration) => {
                let withdrawn = Effect::SettleDeclaration(id, D::Withdrawn);
                Ok((self.state.clone(), None, vec![withdrawn]))
            }
            (S::Away { .. }, Some(id), C::TurnDownDeclaration) => {
                let turned_down = Effect::SettleDeclaration(id, D::TurnedDown);
                Ok((self.state.clone(), None, vec![turned_down]))
            }
            (S::OutOfContact { .. }, _, C::RestoreContact(on)) => Ok(self.found(on)),
            _ => Err(self.refused(verb, Vec::new())),
        }
    }

    /// Away again, in contact, after having been out of contact.
    fn found(&self, on: NaiveDate) -> Step {
        let since = self.state.departed_on().unwrap_or(on);
        let found = |id| Effect::SettleDeclaration(id, DeclarationState::Found);
        let away = State::Away {
            since,
            due: self.due(on),
        };
        (away, None, self.declaration.map(found).into_iter().collect())
    }

    /// Whether the command shows that the member is there, and the silence after it.
    fn hears(&self, command: &Command) -> (bool, Option<Silence>) {
        use SilenceSource as From;
        let heard = |source, on| {
            let fresh = Silence { since: on, source };
            Some(self.silence.map_or(fresh, |old| old.heard(source, on)))
        };
        match command {
            Command::Depart(on) => (false, heard(From::Departure, *on)),
            Command::CheckIn(on) => (true, heard(From::CheckIn, *on)),
            Command::Contact(on)
            | Command::ComeHome(on)
            | Command::DepartAgain(on)
            | Command::Return(on)
            | Command::RestoreContact(on) => (true, heard(From::Contact, *on)),
            Command::Transfer(_) | Command::MoveOn(_) => (true, self.silence),
            Command::RecordSigns(signs) => {
                let attended = signs.attended_on.map(|on| (From::Attended, on));
                let paid = signs.dues_paid_on.map(|on| (From::DuesPaid, on));
                let signs = attended.into_iter().chain(paid);
                let later = self
                    .silence
                    .map(|old| signs.fold(old, |old, (source, on)| old.heard(source, on)));
                (later != self.silence, later)
            }
            Command::Cancel
            | Command::Declare(..)
            | Command::WithdrawDeclaration
            | Command::ConfirmOutOfContact
            | Command::TurnDownDeclaration
            | Command::StartTransfer(_)
            | Command::DropTransfer
            | Command::DeclineTransfer => (false, self.silence),
        }
    }
}
