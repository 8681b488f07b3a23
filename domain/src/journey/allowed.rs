//! What may be done with a journey now.
use super::{Journey, Refused, State, Verb};
use crate::silence::{Missing, Search};

impl Journey {
    /// The transitions that are possible after this search for the member.
    pub fn allowed(&self, search: &Search) -> Vec<Verb> {
        let ready = |verb: &Verb| *verb != Verb::DeclareOutOfContact || self.missing(search).is_empty();
        self.drawn().into_iter().filter(ready).collect()
    }

    /// What is missing before the member may be said to be out of contact.
    pub fn missing(&self, search: &Search) -> Vec<Missing> {
        self.silence.map(|silence| search.missing(silence)).unwrap_or_default()
    }

    /// The transitions that are drawn from here.
    fn drawn(&self) -> Vec<Verb> {
        use Verb as V;
        let drawn: &[V] = match &self.state {
            State::Planned => &[V::Depart, V::Cancel],
            State::Away { .. } => &[
                V::CheckIn,
                V::Contact,
                V::ComeHome,
                V::MoveOn,
                V::RecordSigns,
                V::Return,
                V::Transfer,
            ],
            State::HomeVisit { .. } => &[
                V::CheckIn,
                V::Contact,
                V::DepartAgain,
                V::RecordSigns,
                V::Return,
                V::Transfer,
            ],
            State::OutOfContact { .. } => &[V::CheckIn, V::Contact, V::RestoreContact],
            State::Returned { .. } | State::Transferred { .. } | State::Cancelled => &[],
        };
        let about_silence: &[V] = match (&self.state, self.declaration) {
            (State::Away { .. }, None) => &[V::DeclareOutOfContact],
            (State::Away { .. }, Some(_)) => &[V::WithdrawDeclaration, V::ConfirmOutOfContact, V::TurnDownDeclaration],
            _ => &[],
        };
        let about_transfer: &[V] = match (&self.state, self.transfer) {
            (State::Away { .. } | State::HomeVisit { .. }, None) => &[V::StartTransfer],
            (state, Some(_)) if state.is_open() => &[V::DropTransfer, V::DeclineTransfer],
            _ => &[],
        };
        drawn
            .iter()
            .chain(about_silence)
            .chain(about_transfer)
            .copied()
            .collect()
    }

    /// The refusal of a transition, with what is possible without a search.
    pub fn refused(&self, verb: Verb, missing: Vec<Missing>) -> Refused {
        let declares = |verb: &Verb| *verb == Verb::DeclareOutOfContact;
        Refused {
            state: self.state.name(),
            verb,
            allowed: self.drawn().into_iter().filter(|verb| !declares(verb)).collect(),
            missing,
        }
    }
}
