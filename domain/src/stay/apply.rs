//! The machine: what may be done with a stay now, what a command does to it, and what follows.
use super::{Command, Effect, Missing, NextPlace, Refused, State, StateName, Stay, Verb, Verification};
use crate::handover::Inquiry;
use crate::id::OrganisationId;

impl Stay {
    /// The transitions that are drawn from here; only an origin that is here can be asked.
    pub fn allowed(&self) -> Vec<Verb> {
        use Verb as V;
        let drawn: &[Verb] = match self.state.name() {
            StateName::Reported => &[
                V::AskOrigin,
                V::ConfirmByCall,
                V::ConfirmByCertificate,
                V::ConfirmByLetter,
                V::Reject,
                V::Withdraw,
                V::Merge,
            ],
            StateName::Verifying => &[
                V::OriginConfirms,
                V::OriginDenies,
                V::QuestionLapses,
                V::ConfirmByCall,
                V::ConfirmByCertificate,
                V::ConfirmByLetter,
                V::Reject,
                V::Withdraw,
                V::Merge,
            ],
            StateName::Verified => &[V::Admit, V::Reject, V::Withdraw, V::Merge],
            StateName::Admitted => &[V::AskWhereabouts, V::Leave],
            StateName::Left | StateName::Rejected | StateName::Withdrawn | StateName::Merged => &[],
        };
        let here = self.origin.here().is_some();
        drawn
            .iter()
            .copied()
            .filter(|verb| here || !matches!(verb, V::AskOrigin | V::AskWhereabouts))
            .collect()
    }

    /// What is missing for a command that is drawn. A host that hears nothing of a person asks the origin before it
    /// lets go.
    fn missing(&self, command: &Command) -> Vec<Missing> {
        let Command::Leave(leaving, inquiry) = command else {
            return Vec::new();
        };
        let asked = match (self.origin.here(), inquiry) {
            (Some(_), Inquiry::NotAsked) => Some(Missing::Asking),
            (Some(_), Inquiry::Waiting(day)) => Some(Missing::Answer(*day)),
            (Some(_), Inquiry::Over) => None,
            (None, _) => leaving.reason.is_none().then_some(Missing::Reason),
        };
        let unheard = self.state.name() == StateName::Admitted && leaving.next == NextPlace::Unknown;
        asked.into_iter().filter(|_| unheard).collect()
    }

    /// Applies a command: the stay after it, and what follows.
    ///
    /// # Errors
    /// [`Refused`] when the transition is not drawn, or something is missing for it.
    pub fn apply(self, command: Command) -> Result<(Self, Vec<Effect>), Refused> {
        let verb = command.verb();
        let refused = Refused {
            state: self.state.name(),
            verb,
            allowed: self.allowed(),
            missing: self.missing(&command),
        };
        if !refused.missing.is_empty() {
            return Err(refused);
        }
        let next = next(self.state, command, self.origin.here());
        let (state, follow) = next.ok_or(refused)?;
        let effects = [Some(Effect::Note(verb))].into_iter().chain(follow).flatten().collect();
        Ok((
            Self {
                state,
                version: self.version + 1,
                ..self
            },
            effects,
        ))
    }
}

/// The arrows of the diagram, with what follows besides the note; `origin` is the one that is here.
fn next(state: State, command: Command, origin: Option<OrganisationId>) -> Option<(State, [Option<Effect>; 2])> {
    use Command as C;
    use State as S;
    let tell = origin.map(Effect::TellOrigin);
    let drop = matches!(state, S::Verifying).then_some(Effect::DropQuestion);
    Some(match (state, command) {
        (S::Reported, C::AskOrigin) => (S::Verifying, [Some(Effect::Ask(origin?)), None]),
        (S::Verifying, C::OriginConfirms { on, by }) => (S::Verified(Verification::Origin { on, by }), [None, None]),
        (S::Verifying, C::QuestionLapses) => (S::Reported, [None, None]),
        (S::Verifying, C::OriginDenies(reason)) => (S::Rejected { reason }, [None, None]),
        (S::Reported | S::Verifying, C::ConfirmByCall(call)) => (S::Verified(Verification::Call(call)), [drop, None]),
        (S::Reported | S::Verifying, C::ConfirmByCertificate(shown)) => {
            (S::Verified(Verification::Certificate(shown)), [drop, None])
        }
        (S::Reported | S::Verifying, C::ConfirmByLetter(letter)) => {
            (S::Verified(Verification::Letter(letter)), [drop, None])
        }
        (S::Verified(verification), C::Admit(admission)) => (
            S::Admitted {
                verification,
                admission,
            },
            [None, None],
        ),
        (S::Reported | S::Verifying, C::Reject(reason)) => (S::Rejected { reason }, [drop, None]),
        (S::Reported | S::Verifying, C::Withdraw(reason)) => (S::Withdrawn { reason }, [drop, None]),
        (S::Reported | S::Verifying | S::Verified(_), C::Merge { into, reason }) => {
            (S::Merged { into, reason }, [drop, None])
        }
        (S::Verified(_), C::Reject(reason)) => (S::Rejected { reason }, [tell, None]),
        (S::Verified(_), C::Withdraw(reason)) => (S::Withdrawn { reason }, [tell, None]),
        (
            S::Admitted {
                verification,
                admission,
            },
            C::Leave(leaving, _),
        ) => {
            let tell = match leaving.next {
                NextPlace::Home => origin.map(Effect::ProposeReturn),
                NextPlace::Onward | NextPlace::Unknown => tell,
            };
            (
                S::Left {
                    verification,
                    admission,
                    leaving,
                },
                [tell, Some(Effect::DropQuestion)],
            )
        }
        (there @ S::Admitted { .. }, C::AskWhereabouts) => (there, [Some(Effect::AskWhereabouts(origin?)), None]),
        _ => return None,
    })
}
